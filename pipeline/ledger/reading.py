"""Reading the ledger: nothing is written for it, not even beside the file, and nothing half-written is taken for true."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
Stamp = tuple[int, ...]

PAUSES = (0.0, 0.02, 0.1, 0.3, None)    # seconds before a read is tried again; None: that was the last time
TICK = 0.02                             # seconds; no clock of a file system that the office uses ticks slower (Linux: 1 to 10 ms)
BUSY = "database is locked"


def begun(path: Path) -> bool:
    """Whether the ledger knows of anything: a file that is gone, empty or without an event does not. Raises what sqlite3 raises."""
    def noted(db: sqlite3.Connection) -> bool:
        tables = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'events'"
        return bool(version(db) and db.execute(tables).fetchone() and db.execute("SELECT 1 FROM events LIMIT 1").fetchone())
    with closing(Reading(path)) as reading:
        return reading.ask(noted)


def version(db: sqlite3.Connection) -> int:
    """The version of the tables; 0 for a file that is none of ours, or not finished."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


class Reading:
    """A connection for reading alone, opened when first asked, and anew when a write went on underneath.

    Beside a ledger at rest SQLite would put a -shm and a -wal file for a reader, and fail where the folder is read-only, unless
    told that nobody writes (`immutable`). Then it does not notice a write either, and may mix pages of before and after. So each
    answer counts only if the file system says the same of the file as when it was opened, and no -wal lies beside it: a ledger
    in WAL mode is written to under no other circumstances. Otherwise the file is opened and asked again, now with its -wal and
    SQLite's own locks, while a writer is at work.

    Chosen over a copy in memory, of which a ledger of 450,000 papers would take 1.7 GB. And the file is never opened but by
    SQLite: closing any other handle on it would drop the locks of this process (POSIX), those of a writer among them.
    """

    def __init__(self, path: Path, current: int = 0, prepare: Callable[[sqlite3.Connection], None] = lambda _: None) -> None:
        """`prepare` makes the connection ready; of a ledger older than version `current` it gets a copy in memory, which it may raise."""
        self._path = path
        self._current = current
        self._prepare = prepare
        self._db: sqlite3.Connection | None = None
        self._stamp: Stamp | None = None

    def ask(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        """The answer to one question, from one state of the ledger. Raises what sqlite3 raises, after trying again."""
        for pause in PAUSES:
            try:
                found = ask(self._opened())
                if self._stands():
                    return found
                failure: Exception = sqlite3.OperationalError(BUSY)
            except (sqlite3.Error, UnicodeDecodeError) as error:
                failure = error
            if pause is None or getattr(failure, "sqlite_errorcode", 0) == sqlite3.SQLITE_BUSY:
                raise failure
            self.close()
            time.sleep(pause)
        raise AssertionError

    def at_once(self, work: Callable[[], T]) -> T:
        """What comes of several questions, all answered from one and the same state of the ledger."""
        for pause in PAUSES:
            db = self.ask(lambda opened: opened)
            if self._stamp is None:
                db.execute("BEGIN")      # SQLite keeps the state for us
            try:
                found = work()
                if self._db is db and self._stands():
                    return found
            finally:
                if self._db is db and db.in_transaction:
                    db.execute("ROLLBACK")
            time.sleep(pause or 0)
        raise sqlite3.OperationalError(BUSY)

    def close(self) -> None:
        """Closes the file; the next question opens it again."""
        if self._db is not None:
            self._db.close()
        self._db = None

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            db, self._stamp = self._open()
            try:
                self._prepare(db)
            except BaseException:
                db.close()
                raise
            db.isolation_level = None
            self._db = db
        return self._db

    def _open(self) -> tuple[sqlite3.Connection, Stamp | None]:
        """A connection, and what the file system said of the file; None where SQLite itself sees to it that an answer is whole."""
        if not self._path.exists() or not self._path.stat().st_size:
            return sqlite3.connect(":memory:"), None
        stamp = self._settled()
        db = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro{'&immutable=1' if stamp else ''}", uri=True, timeout=30)
        try:
            found = version(db)
            if found >= self._current:
                return db, stamp
            copy = sqlite3.connect(":memory:")
            if found:       # 0: killed while it was made
                db.backup(copy)
        except BaseException:
            db.close()
            raise
        db.close()
        if stamp not in (None, self._at_rest()):
            copy.close()
            raise sqlite3.OperationalError("the ledger was written while it was copied")
        return copy, None

    def _stands(self) -> bool:
        return self._stamp is None or self._at_rest() == self._stamp

    def _settled(self) -> Stamp | None:
        """The stamp, once the clock has ticked since the last write: another one right after it might not be told from it."""
        stamp = self._at_rest()
        if stamp is None or not 0 <= time.time() - stamp[1] / 1e9 < TICK:
            return stamp
        time.sleep(TICK)
        return self._at_rest()

    def _at_rest(self) -> Stamp | None:
        """What the file system says of the file; None while somebody writes, or left a write unfinished."""
        if any(self._path.with_name(f"{self._path.name}{end}").exists() for end in ("-wal", "-journal")):
            return None
        found = self._path.stat()
        return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
