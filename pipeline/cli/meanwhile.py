"""Work on which nothing else waits, done meanwhile."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, TypeVar

from pipeline.processes import processors

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext  # Windows has none

T = TypeVar("T")


@contextmanager
def meanwhile(work: Callable[[], T], *, long: bool) -> Iterator[Callable[[], T]]:
    """Gives a function that returns what `work` returns, or raises what it raises.

    While the block goes on, `work` is done in a process of its own if the block is long enough to pay for it; else in a thread.
    """
    forking = _forking() if long else None
    with _process(forking, work) if forking else _thread(work) as taken:
        yield taken


def _forking() -> ForkContext | None:
    """How this process is doubled; None where that is unsafe, elsewhere than on Linux or beside threads, or there is no second processor."""
    if sys.platform == "linux" and threading.active_count() == 1 and processors() > 1:
        return get_context("fork")
    return None


@contextmanager
def _thread(work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    with ThreadPoolExecutor(max_workers=1) as beside:
        yield beside.submit(work).result


@contextmanager
def _process(forking: ForkContext, work: Callable[[], T]) -> Iterator[Callable[[], T]]:
    receiving, sending = Pipe(duplex=False)
    process = forking.Process(target=_done, args=(work, sending), daemon=True)
    process.start()
    sending.close()      # so that the end of the process ends the waiting for it
    try:
        yield lambda: _received(receiving, work)
    finally:
        receiving.close()
        process.kill()
        process.join()


def _done(work: Callable[[], T], sending: Connection) -> None:
    """Sends what the work returns, and nothing where it fails: the first process then tries itself and has the error at hand."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)      # Ctrl-C is for the first process, which ends this one
    with suppress(Exception):
        sending.send(work())


def _received(receiving: Connection, work: Callable[[], T]) -> T:
    try:
        found: T = receiving.recv()
    except EOFError:
        return work()
    return found
