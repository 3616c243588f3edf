"""The rules of the house: who may import whom, what may stand in a file, what an import costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_corridor_has_one_direction_and_each_library_one_owner():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_importing_the_package_imports_nothing_else():
    code = "import sys; before = set(sys.modules); import pipeline; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['pipeline']"


def test_asking_for_help_loads_no_room():
    code = ("import sys; from pipeline.cli.main import main; main.main(['--help'], standalone_mode=False); "
            "print([name for name in ('pandas', 'pydantic', 'weasyprint', 'docx', 'matplotlib', 'pyhanko', 'sqlite3') if name in sys.modules],"
            " file=sys.stderr)")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_lock_files_name_no_address():
    for lock in ROOT.glob("*.lock"):
        assert "://" not in lock.read_text("utf-8"), lock.name
