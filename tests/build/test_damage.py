"""A ledger that was emptied or damaged, and what the commands say to it."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.build.test_commands import changed, made
from tests.office import gremium

__all__ = ["changed", "made"]      # the fixtures
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("emptied", [b"", None])
def test_an_emptied_ledger_is_a_lost_one_like_a_ledger_that_is_gone(made, tmp_path, emptied):
    folder = tmp_path / "emptied"
    shutil.copytree(made, folder)
    (folder / "outputs/signed/memorandum").mkdir(parents=True)
    (folder / "outputs/signed/memorandum/memorandum-P-001.pdf").write_bytes(b"%PDF-")
    ledger = folder / "outputs/ledger.sqlite"
    if emptied is None:
        ledger.unlink()
    else:
        ledger.write_bytes(emptied)
    for words in (("status", "--audit"), ("status",), ("next",), ("build", "-n"), ("build", "invitation", "--jobs", "1")):
        done = gremium(folder, *words)
        assert (done.returncode, "das Verzeichnis ledger.sqlite" in done.stderr) == (1, True), (words, done.stderr)
        assert ("ist leer" if emptied == b"" else "fehlt") in done.stderr
    assert (ledger.read_bytes() if ledger.exists() else None) == emptied


def damaged(made: Path, folder: Path, statement: str) -> Path:
    """The workspace, after somebody did this to its ledger."""
    shutil.copytree(made, folder)
    with closing(sqlite3.connect(folder / "outputs/ledger.sqlite", isolation_level=None)) as db:
        db.execute("DROP TRIGGER events_stay")
        assert db.execute(statement).rowcount
    return folder


@pytest.mark.parametrize("words", [("build", "-n"), ("status",), ("why", "invitation/M-001/P-001"), ("status", "--audit")])
def test_text_that_is_none_in_the_ledger_ends_a_command_with_a_sentence(made, tmp_path, words):
    folder = damaged(made, tmp_path / "damaged", "UPDATE documents SET built_by = CAST(x'ff41c3' AS TEXT)")
    done = gremium(folder, *words)
    assert (done.returncode, "ledger.sqlite kann nicht benutzt werden: die Datei ist beschädigt" in done.stderr) == (1, True), done.stderr


def test_an_event_without_sense_is_what_the_audit_is_for(made, tmp_path):
    done = gremium(damaged(made, tmp_path / "damaged", "UPDATE events SET detail = 'x'"), "status", "--audit")
    assert (done.returncode, "ist beschädigt: seine Angaben lassen sich nicht lesen" in done.stderr) == (8, True), done.stderr


def test_a_paper_that_is_stale_from_something_damaged_is_made_anew(changed, tmp_path):
    key = json.loads(gremium(changed, "build", "invitation", "-n", "--json").stdout)["due"][0]["key"]
    folder = damaged(changed, tmp_path / "damaged", f"UPDATE documents SET inputs = x'00' WHERE key = '{key}'")
    words = "anders als zuletzt gebaut; woraus damals, ist im Verzeichnis beschädigt"
    why, plan = gremium(folder, "why", key), gremium(folder, "build", "invitation", "-n")
    assert (why.returncode, words in why.stdout, plan.returncode, plan.stdout.count(words)) == (0, True, 0, 1), why.stderr + plan.stderr
    assert gremium(folder, "build", "invitation", "--only", key, "--jobs", "1").returncode == 0
    assert "aktuell" in gremium(folder, "why", key).stdout


def test_a_fresh_paper_of_which_the_ledger_cannot_tell_from_what_is_not_released_until_it_is_made_anew(made, tmp_path):
    key = "invitation/M-002/P-001"
    folder = damaged(made, tmp_path / "damaged", f"UPDATE documents SET inputs = x'00' WHERE key = '{key}'")
    assert gremium(folder, "status").returncode == 0
    refused = gremium(folder, "approve", "invitation", "--by", "Muster")
    assert (refused.returncode, f"beschädigt, was zu {key} gehört" in refused.stderr) == (1, True), refused.stderr
    assert gremium(folder, "build", "--force", "--only", key, "--jobs", "1").returncode == 0
    assert gremium(folder, "approve", "invitation", "--by", "Muster").returncode == 0
    assert gremium(folder, "status", "--audit").returncode == 0
