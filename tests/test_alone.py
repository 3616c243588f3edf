"""Signing and sending keep other runs out, and say so where a drive cannot."""

import errno
import os
import subprocess
import sys

import pytest

from pipeline.alone import Unlockable
from pipeline.mail import outbox
from pipeline.signing import alone as signing
from pipeline.workspace import Workspace
from tests import makers

DOORS = {"signing": (signing.alone, signing.SignersBusy), "sending": (outbox.alone, outbox.AlreadySending)}


@pytest.fixture(params=DOORS)
def door(request, tmp_path, monkeypatch):
    monkeypatch.setattr(signing, "PATIENCE", 0.1)
    alone, busy = DOORS[request.param]
    return alone, busy, Workspace(tmp_path, makers.settings())


def test_a_second_run_is_turned_away_while_the_first_goes_on(door):
    alone, busy, workspace = door
    with alone(workspace), pytest.raises(busy), alone(workspace):
        pass
    with alone(workspace):
        pass


def test_a_run_that_was_killed_holds_nobody_up(door):
    alone, _, workspace = door
    code = (f"import os, sys; from pathlib import Path; from {alone.__module__} import alone\n"
            "from pipeline.workspace import Workspace; from tests import makers\n"
            "with alone(Workspace(Path(sys.argv[1]), makers.settings())): print('holds', flush=True); os.kill(os.getpid(), 9)")
    killed = subprocess.run([sys.executable, "-c", code, str(workspace.root)], capture_output=True, text=True, check=False)
    assert (killed.stdout, killed.returncode) == ("holds\n", -9)
    with alone(workspace):
        pass


@pytest.mark.skipif(os.name == "nt", reason="Windows locks by other means")
@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_drive_that_knows_no_locks_is_named_and_nothing_is_done_there(door, monkeypatch, number):
    import fcntl
    alone, _, workspace = door

    def unknown(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", unknown)
    for _ in range(2):
        with pytest.raises(Unlockable, match="kennt keine Sperren") as told, alone(workspace):
            pytest.fail("went on without a lock")
        assert told.value.exit_code == 2
