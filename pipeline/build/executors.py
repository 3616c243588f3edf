"""Where jobs run: in this process, or in a pool of warm ones. Both give back outcomes as they come, and lose no job's error."""

from __future__ import annotations

import os
import signal
import traceback
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from pipeline.build.produce import Artefact, File, Job, opened, produce, styled
from pipeline.errors import DocumentError, GremiumError
from pipeline.pdf.render import ready
from pipeline.processes import MOST, forking, settled

AHEAD = 2           # chunks a process holds: one under way, one waiting
CHUNK = 0.5         # seconds of work handed over at a time; more would keep waiting whoever says stop
LOSSES = 5          # processes lost before the machine, and not a paper, is to blame


class WorkerLost(GremiumError):
    """The processes of the pool die again and again."""

    def __init__(self) -> None:
        super().__init__("Arbeitsprozesse werden immer wieder vom System beendet",
                         hint="Was fertig war, ist gesichert; mit --jobs 1 braucht der Lauf weniger Speicher.")


class KillsItsProcess(DocumentError):
    """A paper took its process down twice."""

    def __init__(self) -> None:
        super().__init__("der Arbeitsprozess wurde beim Erstellen zweimal beendet", hint="Meist fehlt Speicher: mit --jobs 1 wiederholen.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One paper that could not be made. Plain, as exceptions do not travel well between processes."""

    key: str
    error: str          # one line
    hint: str
    exit_code: int
    trace: str          # for --debug


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Nothing has ended, as there is nobody to work: a moment in which whoever gave the jobs may turn away."""

    message: str = ""       # what to say of it, the first time


Made: TypeAlias = Artefact | Failure
Outcome: TypeAlias = Made | Waiting
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

    def __init__(self, processes: int, files: Collection[File], style: File, *, papers: int) -> None:
        self._processes = min(processes, MOST) if os.name == "nt" else processes
        self._files = tuple(files)
        self._style = style
        self._most = fair(papers, self._processes)

    def outcomes(self, take: Take) -> Iterator[Outcome]:
        """The outcome of every job, as they end; what a lost process had is made again. Raises WorkerLost."""
        ready()
        suspects: deque[Job] = deque()
        for _ in range(LOSSES):
            running: dict[Future[list[Outcome]], tuple[Job, ...]] = {}
            pool = ProcessPoolExecutor(self._processes, forking(__name__), _prepare, (self._files, self._style))
            try:
                while suspects:     # one by one, so that the one to blame is known
                    yield from _submitted(pool, (suspects[0],)).result()
                    suspects.popleft()
                yield from self._course(pool, running, take)
                return
            except BrokenProcessPool:
                if suspects:
                    yield failure(suspects.popleft(), KillsItsProcess())
                suspects.extend(job for jobs in running.values() for job in jobs)
            finally:
                pool.shutdown(cancel_futures=True)
        raise WorkerLost

    def _course(self, pool: ProcessPoolExecutor, running: dict[Future[list[Outcome]], tuple[Job, ...]], take: Take) -> Iterator[Outcome]:
        while True:
            while len(running) < self._processes * AHEAD and (jobs := chunk(take, self._most)):
                try:
                    running[_submitted(pool, jobs)] = jobs
                except BrokenProcessPool:
                    running[Future()] = jobs        # taken, and to be made all the same
                    raise
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield from future.result()
                del running[future]


def fair(papers: int, processes: int) -> int:
    """How many papers a chunk may hold at most, so that all processes end at about the same time."""
    return max(1, papers // (processes * AHEAD * 4))


def chunk(take: Take, most: int) -> tuple[Job, ...]:
    """Jobs worth handing over together, by what they will cost; none when there are none now."""
    jobs: list[Job] = []
    while len(jobs) < most and sum(job.cost for job in jobs) < CHUNK and (job := take()) is not None:
        jobs.append(job)
    return tuple(jobs)


def attempts(jobs: Sequence[Job]) -> list[Outcome]:
    """Several jobs, one after the other."""
    return [attempt(job) for job in jobs]


def attempt(job: Job, make: Callable[[Job], Artefact] = produce) -> Made:
    """One job, its error as data: a fault in one paper, or in the program, leaves the others alone."""
    try:
        return make(job)
    except GremiumError as error:
        return failure(job, error)
    except Exception as error:
        return unforeseen(job, error)


def failure(job: Job, error: GremiumError) -> Failure:
    """A known error as the outcome of a job."""
    return failure_of(job.draft.key, error)


def unforeseen(job: Job, error: Exception) -> Failure:
    """A fault of the program or of the machine it ran on, as the outcome of a job."""
    return Failure(key=job.draft.key, error=f"unerwarteter Fehler: {type(error).__name__}: {error}", hint="Mit --debug folgt die Stelle.",
                   exit_code=GremiumError.exit_code, trace="".join(traceback.format_exception(error)))


def failure_of(key: str, error: GremiumError) -> Failure:
    """A known error, plain; no key when it was none of the papers' fault."""
    return Failure(key=key, error=str(error), hint=error.hint, exit_code=error.exit_code,
                   trace="".join(traceback.format_exception(error)))


def _submitted(pool: ProcessPoolExecutor, jobs: Sequence[Job]) -> Future[list[Outcome]]:
    with _uninterrupted():
        return pool.submit(attempts, jobs)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A process started in here never sees Ctrl-C, not even while it still imports: it inherits the mask. Windows has none, and the
    server that forks may have begun for somebody else; see `_prepare`.
    """
    if os.name == "nt":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare(files: Collection[File], style: File) -> None:
    settled()
    signal.signal(signal.SIGINT, signal.SIG_IGN)     # Ctrl-C reaches every process of the console
    styled(style)
    for file in files:
        opened(file)
