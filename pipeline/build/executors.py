"""Where jobs run: in this process, or in a pool of warm ones. Both give back outcomes as they come, and lose no job's error."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection
from typing import Protocol, TypeAlias

from pipeline.build.produce import Artefact, File, Job, opened, produce, styled
from pipeline.errors import GremiumError

AHEAD = 2       # jobs a process holds: one under way, one waiting


class WorkerLost(GremiumError):
    """A process of the pool died."""

    def __init__(self) -> None:
        super().__init__("ein Arbeitsprozess wurde vom System beendet",
                         hint="Was fertig war, ist gesichert; mit --jobs 1 braucht der Lauf weniger Speicher.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One paper that could not be made. Plain, as exceptions do not travel well between processes."""

    key: str
    error: str          # one line
    hint: str
    exit_code: int
    trace: str          # for --debug


Outcome: TypeAlias = Artefact | Failure
Take: TypeAlias = Callable[[], Job | None]


class Executor(Protocol):
    """Runs jobs somewhere. It takes one only when it has room for it, and None when there is none now: so the giver may
    end early, or give one more after an outcome.
    """

    def outcomes(self, take: Take) -> Iterator[Outcome]:
        """The outcome of every job taken, in the order they end. Raises WorkerLost."""


class Here:
    """In the process itself, one job after the other."""

    def outcomes(self, take: Take) -> Iterator[Outcome]:
        """The outcome of every job."""
        while (job := take()) is not None:
            yield attempt(job)


class Pool:
    """Several processes on this machine, each with the templates open."""

    def __init__(self, processes: int, files: Collection[File], style: File) -> None:
        self._processes = processes
        self._files = tuple(files)
        self._style = style

    def outcomes(self, take: Take) -> Iterator[Outcome]:
        """The outcome of every job, as they end. Raises WorkerLost."""
        pool = ProcessPoolExecutor(self._processes, multiprocessing.get_context("spawn"), _prepare, (self._files, self._style))
        running: set[Future[Outcome]] = set()
        try:
            while True:
                while len(running) < self._processes * AHEAD and (job := take()) is not None:
                    with _uninterrupted():
                        running.add(pool.submit(attempt, job))
                if not running:
                    return
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    yield future.result()
        except BrokenProcessPool as error:
            raise WorkerLost from error
        finally:
            pool.shutdown(cancel_futures=True)


def attempt(job: Job, make: Callable[[Job], Artefact] = produce) -> Outcome:
    """One job, its error as data: a fault in one paper, or in the program, leaves the others alone."""
    try:
        return make(job)
    except GremiumError as error:
        return Failure(key=job.draft.key, error=str(error), hint=error.hint, exit_code=error.exit_code, trace=traceback.format_exc())
    except Exception as error:
        return Failure(key=job.draft.key, error=f"unerwarteter Fehler: {type(error).__name__}: {error}",
                       hint="Mit --debug folgt die Stelle.", exit_code=GremiumError.exit_code, trace=traceback.format_exc())


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A process started in here never sees Ctrl-C, not even while it still imports: it inherits the mask."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare(files: Collection[File], style: File) -> None:
    threading.Thread(target=_follow, daemon=True).start()
    styled(style)
    for file in files:
        opened(file)


def _follow() -> None:
    """Ends this process with its parent, which a killed parent cannot do any more."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
