"""The machine's own store of passwords, filled as the manual says and asked as the command does."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
ASK = "from pipeline.cli.passwords import kept; print(kept('büro@post.example'))"


def run(*words: str, backend: str, stdin: str = "", **environ: str) -> str:
    done = subprocess.run([sys.executable, *words], cwd=ROOT, input=stdin, capture_output=True, text=True, check=True, timeout=60,
                          env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHON_KEYRING_BACKEND": backend, "PYTHONUTF8": "1"} | environ)
    return done.stdout.strip()


def test_a_password_put_into_the_machines_store_is_found_there(tmp_path: Path):
    store = {"backend": "tests.mail.store.FileStore", "GREMIUM_TEST_STORE": str(tmp_path / "bund.json")}
    assert run("-c", ASK, **store) == "None"
    run("-m", "keyring", "set", "gremium", "büro@post.example", stdin="Größe&Co", **store)
    assert run("-c", ASK, **store) == "Größe&Co"


def test_a_locked_store_or_none_at_all_leaves_the_next_way_open():
    for backend in ("tests.mail.store.FileStore", "keyring.backends.fail.Keyring", "keyring.backends.null.Keyring"):
        assert run("-c", ASK, backend=backend, GREMIUM_TEST_STORE="") == "None"
