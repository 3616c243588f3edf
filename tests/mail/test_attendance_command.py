"""`gremium attendance` and `gremium erase`, as somebody at the keyboard meets them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from pipeline.cli.attendance import UnknownMeeting
from pipeline.cli.attendance import command as attendance
from pipeline.cli.desk import Desk
from pipeline.cli.erase import command as erase
from pipeline.mail.erasure import StillThere

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    shutil.copytree(ROOT / "tests/workspaces/small", tmp_path / "inputs")
    shutil.copytree(ROOT / "templates", tmp_path / "templates")

    def call(command: click.Command, *words: str) -> Any:
        return CliRunner().invoke(command, list(words), obj=Desk(folder=tmp_path, date=None, quiet=False), standalone_mode=False)
    return call


def test_everybody_invited_is_named_before_anything_was_sent(run: Run):
    result = run(attendance, "M-002")
    assert result.exception is None
    assert "Eingeladen: 3 – 3 noch nicht eingeladen oder ohne die Änderung" in result.stdout
    assert "P-001      Frau Dr. Mia Muster, Brückner & Söhne GmbH" in result.stdout


def test_an_answer_by_telephone_is_noted_and_counted(run: Run):
    run(attendance, "M-002", "--answer", "P-001=ja")
    run(attendance, "M-002", "--answer", "P-002=nein")
    found = json.loads(run(attendance, "M-002", "--json").stdout)
    assert (found["counts"]["accepted"], found["counts"]["declined"], found["counts"]["untold"]) == (1, 1, 1)
    assert [guest["stand"] for guest in found["guests"]] == ["accepted", "declined", "untold"]


def test_what_cannot_be_meant_is_said_so(run: Run):
    assert isinstance(run(attendance, "M-020").exception, UnknownMeeting)
    assert "gehören zu --remind" in str(run(attendance, "M-002", "--really").exception)
    assert "P-017" not in str(run(attendance, "M-002", "--answer", "P-001=jein").exception)
    assert "PERSON=ja" in str(run(attendance, "M-002", "--answer", "P-001=jein").exception)
    assert "ist zu M-002 nicht eingeladen" in str(run(attendance, "M-002", "--answer", "P-004=ja").exception)


def test_reminders_are_shown_first_and_nobody_is_reminded_of_what_was_not_sent(run: Run, tmp_path: Path):
    result = run(attendance, "M-002", "--remind")
    assert "Zu versenden: 0 Nachrichten" in result.stdout
    assert not (tmp_path / "outputs" / "ledger.sqlite").exists()


def test_a_cancelled_meeting_is_called_so(run: Run, tmp_path: Path):
    path = tmp_path / "inputs" / "meetings.csv"
    lines = path.read_text("utf-8").splitlines()
    changed = [f"{lines[0]};Status", *(f"{line};abgesagt" if line.startswith("M-003") else line for line in lines[1:])]
    path.write_text("\n".join(changed), "utf-8")
    assert "Das Treffen ist abgesagt; niemand ist eingeladen." in run(attendance, "M-003").stdout


def test_erase_shows_what_would_go_and_asks_before_it_does(run: Run, tmp_path: Path):
    assert isinstance(run(erase, "P-001", "--dry-run").exception, StillThere)
    path = tmp_path / "inputs" / "partners.csv"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([f"{lines[0]};Kontakt", f"{lines[1]};gelöscht", *lines[2:]]), "utf-8")
    assert "Nichts wurde gelöscht." in run(erase, "P-001", "--dry-run").stderr
    assert "--yes angeben" in str(run(erase, "P-001").exception)
    done = json.loads(run(erase, "P-001", "--yes", "--json").stdout)
    assert (done["person"], done["erased"], done["addresses"]) == ("P-001", True, 1)
