"""A list that may be long: its first slice stands in the page, all of it beside as data, from which the script shows slices."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from markupsafe import Markup

SLICE = 25
Row = TypeVar("Row")
_BLANKS = re.compile(r"[ \n]+")      # no-break spaces stay


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One selection above a list: what it is called, and its options as (mark, word)."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The rows of one list, each written once, by the same lines of the template, whoever shows it."""

    name: str
    items: Sequence[Markup]
    marks: Sequence[str]            # of each row, what the selections ask for: "kind-memorandum state-fresh"
    slice: int = SLICE

    @property
    def first(self) -> Sequence[Markup]:
        """What stands in the page from the start."""
        return self.items[:self.slice]

    @property
    def data(self) -> Markup:
        """All rows as JSON that no text in it can break out of."""
        return _json({"slice": self.slice, "items": self.items, "marks": self.marks})


def listing(name: str, rows: Iterable[Row], drawn: Callable[[Row], str], marks: Callable[[Row], Sequence[str]], *, slice_: int = SLICE) -> Listing:
    """A list of these rows; `drawn` writes one, `marks` says by what it is found."""
    kept = list(rows)
    return Listing(name=name, items=[Markup(_BLANKS.sub(" ", drawn(row)).strip()) for row in kept], marks=[" ".join(marks(row)) for row in kept],
                   slice=slice_)


def _json(value: object) -> Markup:
    """JSON for a script element: nothing in it may end the element or open a comment (HTML, 4.12.1.3)."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("</", "<\\/").replace("<!", "\\u003c!"))
