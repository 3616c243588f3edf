"""The ledger's book of events, only ever added to."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator, Mapping

from pipeline.ledger.rows import Event
from pipeline.ledger.store import LedgerUnreadable, Store


class Book(Store):
    """What happened, in order."""

    def note(self, what: str, key: str, at: dt.datetime, **detail: object) -> None:
        """Keeps a fact of the office's in the book of events: a decision of the council, a count."""
        with self._writing():
            self._event(at, what, key, **detail)

    def noted(self, what: str) -> list[tuple[str, Mapping[str, object]]]:
        """Every fact of one sort, the oldest first: key and detail."""
        return [(row[0], json.loads(row[1])) for row in self._read("SELECT key, detail FROM events WHERE what = ? ORDER BY id", what)]

    def events(self, *, limit: int = 200) -> list[tuple[str, str, str, Mapping[str, object]]]:
        """The latest events, newest first: when, what, key, detail."""
        return [(row[0], row[1], row[2], json.loads(row[3]))
                for row in self._read("SELECT at, what, key, detail FROM events ORDER BY id DESC LIMIT ?", limit)]

    def log(self) -> Iterator[Event]:
        """Every event from the first to the last, with its link."""
        try:
            for row in self._db.execute("SELECT id, at, what, key, detail, chain FROM events ORDER BY id"):
                yield Event(id=row[0], at=row[1], what=row[2], key=row[3], detail=row[4], chain=row[5])
        except sqlite3.Error as error:
            raise LedgerUnreadable(self.path, str(error)) from error
