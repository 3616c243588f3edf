"""The ledger's book of events, only ever added to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from pipeline.ledger.rows import Event, parsed
from pipeline.ledger.store import Store

PART = 10_000           # events read at a time
_FIRST = -(2**63)       # before any id


class Book(Store):
    """What happened, in order."""

    def note(self, what: str, key: str, at: dt.datetime, **detail: object) -> None:
        """Keeps a fact of the office's in the book of events: a decision of the council, a count."""
        with self._writing():
            self._event(at, what, key, **detail)

    def noted(self, what: str) -> list[tuple[str, Mapping[str, object]]]:
        """Every fact of one sort, the oldest first: key and detail. Raises LedgerError."""
        return [(row[0], _detail(row[1], row[2])) for row in self._read("SELECT key, detail, id FROM events WHERE what = ? ORDER BY id", what)]

    def events(self, *, limit: int = 200) -> list[tuple[str, str, str, Mapping[str, object]]]:
        """The latest events, newest first: when, what, key, detail. Raises LedgerError."""
        return [(row[0], row[1], row[2], _detail(row[3], row[4]))
                for row in self._read("SELECT at, what, key, detail, id FROM events ORDER BY id DESC LIMIT ?", limit)]

    def log(self) -> Iterator[Event]:
        """Every event from the first to the last, with its link; read in parts, as there may be millions. Raises LedgerError."""
        last = _FIRST
        while rows := self._read("SELECT id, at, what, key, detail, chain FROM events WHERE id > ? ORDER BY id LIMIT ?", last, PART):
            for row in rows:
                yield Event(id=row[0], at=row[1], what=row[2], key=row[3], detail=row[4], chain=row[5])
            last = rows[-1][0]


def _detail(text: str, number: int) -> Mapping[str, object]:
    found: Mapping[str, object] = parsed(text, dict, f"Ereignis {number}")
    return found
