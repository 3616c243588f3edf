"""A bar on a terminal, a plain line now and then elsewhere, nothing when told to be quiet."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import TYPE_CHECKING, Protocol

from pipeline.cli.tongue import tr

if TYPE_CHECKING:
    from rich.console import RenderableType

LINES = 10          # plain lines for one long job, at most
PAUSE = 30.0        # seconds without a plain line, at most
SHOWN = 3           # failures under the bar
TOLD = 10           # failures in plain lines; the end of the command counts them all
MINUTE = 60


class Step(Protocol):
    """To be called as often as one likes."""

    def __call__(self, done: int, total: int, trouble: str = "") -> None:
        """So much of so much is done; `trouble` is what just failed, in a line."""


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Step]:
    """Gives a function to call with what is done."""
    if quiet:
        yield _silent
    elif sys.stderr.isatty():
        with _bar(title) as step:
            yield step
    else:
        yield _lines(title, time.monotonic)


@contextmanager
def patience(words: str, *, quiet: bool = False) -> Iterator[None]:
    """On a terminal says after a second what is being done, for work whose end cannot be counted; elsewhere nothing."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    timer = Timer(1.0, print, args=(f"{words} …",), kwargs={"file": sys.stderr, "flush": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _silent(done: int, total: int, trouble: str = "") -> None:
    """Says nothing."""


@contextmanager
def _bar(title: str) -> Iterator[Step]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text
    troubles: deque[str] = deque(maxlen=SHOWN)

    class Bars(Progress):
        """A bar, and under it what failed last."""

        def get_renderables(self) -> Iterator[RenderableType]:
            """The bar, then the failures, each on one line."""
            yield from super().get_renderables()
            yield from (Text(f"  {trouble}", style="red", overflow="ellipsis", no_wrap=True) for trouble in troubles)

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=32), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
               TimeRemainingColumn(compact=True))
    with Bars(*columns, console=Console(stderr=True), transient=False) as bars:
        task = bars.add_task(tr(title), total=None, rate="")
        began = time.monotonic()

        def step(done: int, total: int, trouble: str = "") -> None:
            if trouble:
                troubles.append(trouble)
            bars.update(task, completed=done, total=total, rate=f"{_number(done / max(time.monotonic() - began, 1e-6))}/s" if done else "")
        yield step


def _lines(title: str, clock: Callable[[], float]) -> Step:
    began = said_at = clock()
    said, told = -1, 0

    def step(done: int, total: int, trouble: str = "") -> None:
        nonlocal said, said_at, told
        if trouble and told < TOLD:
            told += 1
            print(f"Gescheitert: {trouble}", file=sys.stderr, flush=True)
        tenth, now = (LINES if done == total else done * LINES // max(total, 1)), clock()
        if (tenth > said or now - said_at > PAUSE) and (done or not total):
            said, said_at = tenth, now
            print(f"{tr(title)}: {done} {tr('von')} {total}{tr(_pace(done, total, now - began))}", file=sys.stderr, flush=True)
    return step


def _pace(done: int, total: int, seconds: float) -> str:
    """The rate, and the time left at this rate."""
    if not done or done == total or seconds < 1:
        return ""
    left = seconds / done * (total - done)
    return f", {_number(done / seconds)} je Sekunde, noch etwa {f'{left / MINUTE:.0f} min' if left > 2 * MINUTE else f'{left:.0f} s'}"


def _number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
