"""A bar on a terminal, a plain line now and then elsewhere, nothing when told to be quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LINES = 10   # plain lines for one long job, at most


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """Gives a function to call with (done, total) as often as one likes."""
    if quiet:
        yield lambda done, total: None
    elif sys.stderr.isatty():
        with _bar(title) as step:
            yield step
    else:
        yield _lines(title)


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=32), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
               TimeRemainingColumn(compact=True))
    with Progress(*columns, console=Console(stderr=True), transient=False) as bars:
        task = bars.add_task(title, total=None, rate="")
        began = time.perf_counter()

        def step(done: int, total: int) -> None:
            rate = done / max(time.perf_counter() - began, 1e-6)
            bars.update(task, completed=done, total=total, rate=f"{rate:.1f}/s" if done else "")
        yield step


def _lines(title: str) -> Callable[[int, int], None]:
    said = -1

    def step(done: int, total: int) -> None:
        nonlocal said
        tenth = LINES if done == total else done * LINES // max(total, 1)
        if tenth > said and (done or not total):
            said = tenth
            print(f"{title}: {done} von {total}", file=sys.stderr, flush=True)
    return step
