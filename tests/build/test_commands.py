"""build, why, status and ledger as people call them, on a small workspace."""

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import docx
import pytest

from tests.office import gremium, small

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small workspace with its invitations built; copied for whoever changes it."""
    folder = small(tmp_path_factory.mktemp("made"))
    done = gremium(folder, "-q", "build", "invitation", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return folder


@pytest.fixture
def changed(made: Path, tmp_path: Path) -> Path:
    """The same after somebody changed a sentence in Word."""
    folder = tmp_path / "changed"
    shutil.copytree(made, folder)
    path = folder / "templates/invitation.docx"
    document = docx.Document(str(path))
    paragraph = next(paragraph for paragraph in document.paragraphs if "herzlich" in paragraph.text)
    run = next(run for run in paragraph.runs if "herzlich" in run.text)
    run.text = run.text.replace("herzlich", "freundlich")
    document.save(str(path))
    return folder


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"") for path in sorted(folder.rglob("*"))}


def test_a_plan_lists_every_paper_with_the_paragraph_and_writes_nothing_at_all(changed):
    before = everything(changed)
    done = gremium(changed, "build", "invitation", "-n")
    assert done.returncode == 0
    assert all("Vorlage, Absatz" in line and "freundlich" in line for line in done.stdout.splitlines())
    plan = json.loads(gremium(changed, "build", "invitation", "-n", "--json").stdout)
    assert plan["fresh"] == 0
    assert everything(changed) == before


def test_why_names_old_and_new(changed):
    key = json.loads(gremium(changed, "build", "invitation", "-n", "--json").stdout)["due"][0]["key"]
    given = json.loads(gremium(changed, "why", key, "--json").stdout)
    [reason] = given["reasons"]
    assert reason["path"].startswith("@template.Absatz ")
    assert ("herzlich" in reason["old"], "freundlich" in reason["new"]) == (True, True)


def test_status_counts_and_checks(made):
    given = json.loads(gremium(made, "status", "--json").stdout)
    assert sum(given["counts"].values()) == len(given["documents"])
    assert given["counts"]["fresh"] == sum(document["kind"] == "invitation" for document in given["documents"])
    missing = next(document for document in given["documents"] if document["state"] == "missing")
    assert missing["reasons"] == ["noch nicht gebaut"]
    assert gremium(made, "status").returncode == 0
    assert gremium(made, "status", "--check").returncode == 1


def test_the_audit_finds_nothing_and_a_copy_is_made_once(made, tmp_path):
    done = gremium(made, "status", "--audit")
    assert (done.returncode, "lückenlos" in done.stdout) == (0, True)
    assert gremium(made, "ledger", "backup", str(tmp_path / "copy.sqlite")).returncode == 0
    again = gremium(made, "ledger", "backup", str(tmp_path / "copy.sqlite"))
    assert (again.returncode, "gibt es schon" in again.stderr) == (2, True)


def test_only_what_failed_is_made_again(made, tmp_path):
    folder = tmp_path / "failing"
    shutil.copytree(made, folder)
    shutil.rmtree(folder / "outputs/invitation")
    (folder / "outputs/invitation").write_text("no folder", "utf-8")
    full = gremium(folder, "build", "invitation", "--jobs", "1")
    assert full.returncode == 1
    assert "lässt sich nicht schreiben" in full.stderr
    assert "Traceback" not in full.stderr
    (folder / "outputs/invitation").unlink()
    nothing = gremium(folder, "build", "--failed", "--json")      # the disk was to blame, and no paper
    assert (nothing.returncode, json.loads(nothing.stdout)["built"]) == (0, [])


def test_whoever_stops_a_quiet_build_reads_how_much_is_left(made, tmp_path):
    folder = tmp_path / "stopped"
    shutil.copytree(made, folder)
    process = subprocess.Popen([sys.executable, "-m", "pipeline", "-C", str(folder), "-q", "build", "memorandum", "handout", "talks", "--jobs", "1"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list(folder.glob("outputs/memorandum/*.docx")) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said, wrong = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    assert re.fullmatch(r"Noch zu erstellen: [1-9]\. Derselbe Befehl macht damit weiter\.\n", wrong)


def test_nobody_needs_to_accept_what_is_fresh(made):
    done = gremium(made, "build", "invitation", "--accept", "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"accepted": [], "left": []})
