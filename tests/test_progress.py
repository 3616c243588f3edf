"""What somebody who waits is told."""

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.cli import progress as showing

ROOT = Path(__file__).parent.parent
PROGRAM = """
from pipeline.cli.progress import progress
with progress("Papiere") as step:
    for done in range(51):
        step(done, 50, *(["memorandum/P-007: kein Platz"] if done == 7 else []))
"""


def test_elsewhere_than_on_a_terminal_a_few_plain_lines_say_it(capsys):
    with showing.progress("Papiere") as step:
        for done in range(1001):
            step(done, 1000)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) <= showing.LINES + 1
    assert lines[-1] == "Papiere: 1000 von 1000"


def test_plain_lines_say_rate_and_time_left(capsys):
    clock = iter(range(0, 10_000, 10))
    step = showing._lines("Papiere", lambda: next(clock))
    step(10, 100)
    step(50, 100)
    assert capsys.readouterr().err.splitlines() == ["Papiere: 10 von 100, 1,0 je Sekunde, noch etwa 90 s",
                                                    "Papiere: 50 von 100, 2,5 je Sekunde, noch etwa 20 s"]


def test_a_long_run_says_something_now_and_then_even_when_little_is_done(capsys):
    clock = iter([0, 1, 40, 41, 80])
    step = showing._lines("Papiere", lambda: next(clock))
    for done in (1, 2, 3, 4):
        step(done, 100_000)
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_a_failure_is_told_at_once_and_many_are_not_told_for_ever(capsys):
    with showing.progress("Papiere") as step:
        for done in range(1, 31):
            step(done, 100, f"memorandum/P-{done:03}: kein Platz")
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Gescheitert: memorandum/")]
    assert len(told) == showing.TOLD


def test_told_to_be_quiet_it_is(capsys):
    with showing.progress("Papiere", quiet=True) as step:
        step(1, 1, "memorandum/P-001: kein Platz")
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_a_terminal_shows_a_bar_and_under_it_what_failed_last():
    ours, theirs = pty.openpty()
    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=ROOT, stderr=theirs, env=os.environ | {"TERM": "xterm", "COLUMNS": "100"}) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                more = os.read(ours, 4096)
            except OSError:     # the other end is closed
                break
            if not more:
                break
            shown += more
    os.close(ours)
    text = shown.decode()
    assert process.returncode == 0
    assert "50/50" in text
    assert "/s" in text
    assert "memorandum/P-007: kein Platz" in text


def test_work_without_a_count_says_what_it_is_after_a_second_on_a_terminal_alone(capsys, monkeypatch):
    with showing.patience("Die Tabellen werden gelesen"):
        time.sleep(1.2)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with showing.patience("Die Tabellen werden gelesen"):
        pass
    with showing.patience("Die Tabellen werden gelesen"):
        time.sleep(1.2)
    assert capsys.readouterr().err == "Die Tabellen werden gelesen …\n"
