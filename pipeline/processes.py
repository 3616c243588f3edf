"""Processes that work beside this one: how many, and how they begin, on any system."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing import connection
from multiprocessing.context import BaseContext

MOST = 61    # processes Windows lets one wait for (WaitForMultipleObjects)


def beginning(*preloaded: str) -> BaseContext:
    """How a process begins: from a server that reads these modules once and forks where no threads are; on Windows anew each time."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(list(preloaded))
    return forking


def forking(*preloaded: str) -> BaseContext:
    """As `beginning`; but where this process has no second thread it is forked itself, and what it has read is not read again."""
    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    return beginning(*preloaded)


def settled() -> None:
    """Called first in a new process, which ends with the one that began it, whatever ended that.

    What it was born with is no rubbish of its own: looking through it again and again would copy page after page of what it shares
    with the process it was forked from (a build with two: 224 → 203 MB).
    """
    gc.freeze()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)    # a forked one would only ask itself to stop
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
