"""The commands of release, signature and giving out, as the office starts them."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.office import gremium, living, small

PAPER = "memorandum/P-001"

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    """A workspace of one's own after the whole main job."""
    return Path(shutil.copytree(finished, tmp_path / "office"))


def state(folder: Path, key: str = PAPER) -> str:
    documents = json.loads(gremium(folder, "status", "--json").stdout)["documents"]
    return next(document["state"] for document in documents if document["key"] == key)


def test_a_paper_is_given_out_looked_at_and_taken_back(folder: Path) -> None:
    given = gremium(folder, "issue", "memorandum", "--only", PAPER, "--by", "post", "--json")
    assert json.loads(given.stdout)["issued"] == [PAPER]
    assert state(folder) == "issued"
    assert "Zu erinnern: 0." in gremium(folder, "remind").stderr
    [file] = (folder / "outputs" / "signed" / "memorandum").glob("*P-001*.pdf")
    seen = gremium(folder, "verify", str(file))
    assert (seen.returncode, seen.stdout.splitlines()[-1]) == (0, "Ergebnis: unverändert; wer unterzeichnet hat, ist nicht bestätigt")
    assert "Revision 1 freigegeben von Prüfung, ohne Nachweis durch einen Schlüssel" in seen.stdout
    assert gremium(folder, "withdraw", PAPER, "--reason", "Partner umbenannt").returncode == 0
    again = gremium(folder, "verify", str(file))
    assert (again.returncode, again.stdout.splitlines()[-1]) == (8, "Ergebnis: zurückgenommen")
    assert gremium(folder, "withdraw", PAPER, "--reason", "noch einmal").returncode == 6


def test_a_rejected_letter_is_not_sent_and_a_changed_text_voids_the_release(folder: Path) -> None:
    shown = json.loads(gremium(folder, "approve", "invitation", "--show", "--json").stdout)
    key = shown["samples"][0]
    assert gremium(folder, "reject", key, "--by", "Recht", "--reason", "Ort falsch").returncode == 0
    assert state(folder, key) == "rejected"
    text = folder / "templates" / "mail" / "invitation.txt"
    text.write_text(text.read_text("utf-8").replace("Betreff: ", "Betreff: Neu: "), "utf-8")
    left = json.loads(gremium(folder, "send", "invitation", "--json").stdout)["held"]
    assert sorted(left) == sorted(document["key"] for document in shown["documents"])
    assert state(folder, shown["samples"][1]) == "outdated"


def test_a_release_needs_a_name(folder: Path) -> None:
    refused = gremium(folder, "approve", "memorandum")
    assert (refused.returncode, refused.stderr.splitlines()[0]) == (6, "Fehler: eine Freigabe braucht einen Namen")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_whoever_ends_the_signing_ends_all_that_hold_keys(tmp_path: Path, how: signal.Signals) -> None:
    folder = small(tmp_path / "office")
    for words in (("build", "memorandum"), ("approve", "memorandum", "--by", "Leitung")):
        assert gremium(folder, *words).returncode == 0
    process = subprocess.Popen([sys.executable, "-m", "pipeline", "-C", str(folder), "sign", "memorandum", "--jobs", "2"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    while len(living(process.pid)) < 3:
        assert process.poll() is None
    process.send_signal(how)
    process.wait()
    deadline = time.monotonic() + 20
    while living(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert living(process.pid) == []
    assert gremium(folder, "sign", "memorandum").returncode == 0
    assert gremium(folder, "status", "--audit").returncode == 0


def test_nothing_leaves_on_a_release_whose_proof_was_tampered_with(folder: Path) -> None:
    with sqlite3.connect(folder / "outputs" / "ledger.sqlite") as db:
        db.execute("UPDATE approvals SET proof = x'00'")
    db.close()
    refused = gremium(folder, "issue", "memorandum", "--only", PAPER, "--unsigned")
    assert refused.returncode == 6 and "der Nachweis ist beschädigt" in refused.stderr
    for kind in ("invitation", "memorandum"):
        shown = json.loads(gremium(folder, "send", kind, "--json").stdout)
        assert (shown["due"], bool(shown["held"])) == ([], True), kind
    [file] = (folder / "outputs" / "signed" / "memorandum").glob("*P-001*.pdf")
    seen = gremium(folder, "verify", str(file)).stdout
    assert "Freigabe         total-failed   Revision 1 freigegeben von Prüfung: der Nachweis ist beschädigt" in seen


def test_who_sits_here_is_what_the_system_says_and_not_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = folder / "inputs" / "alliance.toml"
    settings.write_text(settings.read_text("utf-8") + "\n[release]\nfour_eyes = true\n", "utf-8")
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "karla")
    refused = gremium(folder, "approve", "memorandum", "--by", "Karla")
    assert refused.returncode == 6 and "selbst gebaut und darf nicht freigeben" in refused.stderr
