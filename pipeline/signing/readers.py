"""Who reads the stacks: this process alone, or several that share the pages.

First every page is looked at for its mark; then, paper by paper, each page is compared with the one that was given out. So a
paper is made ready once, in whatever order its pages lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import starmap
from pathlib import Path
from typing import Any, TypeVar

from pipeline.errors import SigningError, VerificationError
from pipeline.pdf.overlay import Difference
from pipeline.processes import MOST, beginning, settled

PAGES = 8           # read at a time
WORTH = 12          # pages from which further processes are worth their start
T = TypeVar("T")


class ReaderLost(SigningError):
    """A process that read scans was ended from outside."""

    def __init__(self) -> None:
        super().__init__("ein Arbeitsprozess wurde beim Lesen der Scans von außen beendet",
                         hint="Den Stapel noch einmal annehmen; meist fehlte Speicher, dann in kleineren Dateien.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One page of one file."""

    file: int                                   # which of the files
    page: int                                   # of the file, from 1
    marks: tuple[tuple[str, int], ...] = ()     # paper and revision, as often as they stand on it
    empty: bool = False
    fault: str = ""                             # why it cannot be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A leaf that was compared with its paper."""

    leaf: Leaf
    page: int                                   # of the paper, from 1; 0 when it looks like none of them
    differences: tuple[Difference, ...] = ()
    signed: frozenset[str] = frozenset()        # fields with ink in them
    coarse: bool = False                        # scanned in black and white


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The leaves of one paper, compared."""

    pages: int                                  # that the paper has
    fields: frozenset[str]                      # in which somebody signs
    seen: tuple[Seen, ...]


@dataclass(slots=True)
class Readers:
    """Reads files; a context manager, as it may hold processes."""

    files: Sequence[bytes] = field(repr=False)
    jobs: int = 1
    _pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Readers:
        _begin(tuple(self.files))
        return self

    def __exit__(self, *error: object) -> None:
        _HERE.clear()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def leaves(self) -> tuple[Leaf, ...]:
        """Every page of every file, with its marks; a file that cannot be read is one leaf that says why."""
        counts = [_count(number) for number in range(len(self.files))]
        faults = tuple(found for found in counts if isinstance(found, Leaf))
        ranges = [(number, first, min(first + PAGES, pages)) for number, pages in enumerate(counts) if isinstance(pages, int)
                  for first in range(0, pages, PAGES)]
        self._prepare(sum(last - first for _, first, last in ranges))
        return faults + tuple(leaf for leaves in self._all(_leaves, ranges) for leaf in leaves)

    def compared(self, papers: Sequence[tuple[Path, tuple[Leaf, ...]]]) -> Iterator[Compared]:
        """Each paper's leaves compared with the PDF it was printed from, in their order."""
        return self._all(_compared, papers)

    def _prepare(self, pages: int) -> None:
        if self.jobs > 1 and pages >= WORTH:
            processes = beginning("pipeline.pdf.scan", __name__)
            self._pool = ProcessPoolExecutor(min(self.jobs, MOST), processes, initializer=_join, initargs=(tuple(self.files),))

    def _all(self, work: Callable[..., T], tasks: Sequence[tuple[Any, ...]]) -> Iterator[T]:
        if self._pool is None:
            yield from starmap(work, tasks)
            return
        try:
            for waiting in [self._pool.submit(work, *task) for task in tasks]:
                yield waiting.result()
        except BrokenProcessPool as error:
            raise ReaderLost from error


_HERE: list[tuple[bytes, ...]] = []     # in each process: the files


def _join(files: tuple[bytes, ...]) -> None:
    settled()
    _begin(files)


def _begin(files: tuple[bytes, ...]) -> None:
    _HERE.append(files)


def _count(number: int) -> int | Leaf:
    """How many pages a file has, or why it cannot be read."""
    from pipeline.pdf.pictures import opened
    try:
        with opened(_HERE[-1][number]) as pictures:
            return len(pictures)
    except VerificationError as error:
        return Leaf(file=number, page=0, fault=f"{error}. {error.hint}")


def _leaves(number: int, first: int, last: int) -> list[Leaf]:
    from pipeline.pdf.pictures import opened
    with opened(_HERE[-1][number]) as pictures:
        return [_leaf(pictures, number, page) for page in range(first, last)]


def _leaf(pictures: Any, number: int, page: int) -> Leaf:
    from pipeline.pdf.scan import scanned
    try:
        scan = scanned(pictures, page)
    except VerificationError as error:
        return Leaf(file=number, page=page + 1, fault=str(error))
    return Leaf(file=number, page=page + 1, marks=tuple((mark.key, mark.revision) for mark in scan.marks), empty=scan.empty)


def _compared(built: Path, leaves: tuple[Leaf, ...]) -> Compared:
    from pipeline.pdf.pictures import opened
    from pipeline.pdf.scan import pages, scanned, sighted
    known = pages(built.read_bytes())
    seen = []
    for leaf in leaves:
        with opened(_HERE[-1][leaf.file]) as pictures:
            scan = scanned(pictures, leaf.page - 1)
            sighting = sighted(scan, scan.marks[0], known)
        seen.append(Seen(leaf=leaf, page=sighting.number, differences=sighting.differences, signed=sighting.signed, coarse=scan.coarse))
    return Compared(pages=len(known), fields=frozenset(field.name for page in known for field in page.fields), seen=tuple(seen))
