import multiprocessing
import os
import signal
import sys
import time

import pytest

from pipeline.cli import meanwhile as room
from pipeline.cli.meanwhile import meanwhile

HERE = os.getpid()
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the work is done in a thread")


@pytest.fixture(autouse=True)
def doubled(monkeypatch):
    monkeypatch.setattr(room, "_forking", lambda: multiprocessing.get_context("fork"))      # whatever other tests left running
    yield
    assert not multiprocessing.active_children()


def test_long_work_is_done_in_a_process_of_its_own_and_short_work_in_this_one():
    with meanwhile(os.getpid, long=True) as there, meanwhile(os.getpid, long=False) as here:
        assert there() != HERE == here()


def test_an_error_is_raised_where_the_work_was_asked_for():
    for long in (True, False):
        with meanwhile(lambda: 1 // 0, long=long) as work, pytest.raises(ZeroDivisionError):
            work()


def test_work_whose_process_is_lost_is_done_here():
    def work():
        if os.getpid() != HERE:
            os.kill(os.getpid(), signal.SIGKILL)
        return "done"
    with meanwhile(work, long=True) as taken:
        assert taken() == "done"


def test_whoever_stops_waits_for_nobody(capfd):
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt), meanwhile(lambda: time.sleep(60), long=True):
        [process] = multiprocessing.active_children()
        time.sleep(0.2)
        os.kill(process.pid, signal.SIGINT)      # as the terminal does it to both
        raise KeyboardInterrupt
    assert time.monotonic() - began < 10
    assert capfd.readouterr().err == ""


def test_one_processor_or_a_second_thread_leaves_the_process_alone(monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(room, "processors", lambda: 1)
    with meanwhile(os.getpid, long=True) as work:
        assert work() == HERE
