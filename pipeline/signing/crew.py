"""Who does the signing: this process alone, or several that each hold the keys."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import TypeAlias

from pipeline.errors import SigningError
from pipeline.processes import MOST, forking, settled
from pipeline.signing.key import Key
from pipeline.signing.pen import Pen, Stroke
from pipeline.signing.private import Software
from pipeline.signing.services import Level
from pipeline.signing.timeservice import ClockWrong, TimeServiceDown
from pipeline.signing.tokens import KeyLost

AHEAD = 3    # papers read ahead for each process


@dataclass(frozen=True, slots=True)
class Task:
    """One paper and the signatures it gets, each with the owner of the key."""

    pdf: bytes = field(repr=False)
    strokes: tuple[tuple[str, Stroke], ...]


Outcome: TypeAlias = "tuple[bytes, ...] | SigningError | None"
"""The paper after each signature, or why there is none; None where nothing was to be done."""


class WorkerLost(SigningError):
    """A process that signed was ended from outside."""

    def __init__(self) -> None:
        super().__init__("ein Arbeitsprozess wurde von außen beendet", hint="Denselben Befehl wiederholen; er macht weiter, wo er aufhörte.")


ENDS = (KeyLost, TimeServiceDown, ClockWrong, WorkerLost)


def outcomes(level: Level, opened: Sequence[Key], tasks: Iterable[Task | SigningError | None], jobs: int = 1) -> Iterator[Outcome]:
    """Carries out tasks, in their order; with several `jobs` where the keys allow it.

    Keys go to the other processes through a pipe. A token has one user and one session: with one, a single process does it
    all. A time-stamp service is asked by each process for its own papers, with what was found out about it at the beginning.
    """
    if jobs > 1 and all(isinstance(key.private, Software) for key in opened):
        yield from _together(level, opened, tasks, jobs)
        return
    yield from _alone(level, opened, tasks)


def _alone(level: Level, opened: Sequence[Key], tasks: Iterable[Task | SigningError | None]) -> Iterator[Outcome]:
    pens = {key.owner: Pen(key) for key in opened}
    for task in tasks:
        yield _attempt(level, pens, task) if isinstance(task, Task) else task


def _together(level: Level, opened: Sequence[Key], tasks: Iterable[Task | SigningError | None], jobs: int) -> Iterator[Outcome]:
    """The first paper is signed here: the look of each signature, and the room that draws it, are then there for processes that are forked.
    Otherwise each would read and draw them anew: a second of computing, and 40 MB.
    """
    tasks = iter(tasks)
    for task in tasks:
        yield from _alone(level, opened, [task])
        if isinstance(task, Task):
            break
    pool = ProcessPoolExecutor(min(jobs, MOST), forking(__name__), initializer=_begin, initargs=(level, tuple(opened)))
    waiting: deque[Future[Outcome] | SigningError | None] = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(_work, task) if isinstance(task, Task) else task)
            if len(waiting) > jobs * AHEAD:
                yield _result(waiting.popleft())
        while waiting:
            yield _result(waiting.popleft())
    except BrokenProcessPool:
        while True:
            yield WorkerLost()
    finally:
        pool.shutdown(cancel_futures=True)


def _result(waiting: Future[Outcome] | SigningError | None) -> Outcome:
    return waiting.result() if isinstance(waiting, Future) else waiting


def _attempt(level: Level, pens: dict[str, Pen], task: Task) -> Outcome:
    try:
        return level.sign(task.pdf, [(pens[owner], stroke) for owner, stroke in task.strokes])
    except SigningError as error:
        return error


_HERE: list[tuple[Level, dict[str, Pen]]] = []    # in a process of the crew: what it signs with


def _begin(level: Level, opened: tuple[Key, ...]) -> None:
    settled()
    _HERE.append((level, {key.owner: Pen(key) for key in opened}))


def _work(task: Task) -> Outcome:
    level, pens = _HERE[-1]
    found = _attempt(level, pens, task)
    # a sentence's class is built from facts and would not survive the way back
    return Told(str(found), found.hint, isinstance(found, ENDS)) if isinstance(found, SigningError) else found


class Told(SigningError):
    """What another process of the crew reported."""

    def __init__(self, sentence: str, hint: str, ends: bool) -> None:
        super().__init__(sentence, hint=hint)
        self.ends = ends      # no further paper can be signed either

    def __reduce__(self) -> tuple[object, ...]:
        return Told, (str(self), self.hint, self.ends)


def ends(error: Exception) -> bool:
    """Whether after this no further paper can be signed either."""
    return isinstance(error, ENDS) or (isinstance(error, Told) and error.ends)
