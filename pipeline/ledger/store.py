"""The ledger's file: opened, raised to the present tables, copied, written in whole transactions, each event chained to the last."""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from pipeline.errors import LedgerError
from pipeline.ledger import reading
from pipeline.ledger.migrations import MIGRATIONS
from pipeline.ledger.reading import BUSY, Reading, T, version
from pipeline.ledger.rows import chained

# What SQLite says of a file → the same in the office's words.
SAID: Mapping[str, str] = {
    "unable to open database file": "die Datei lässt sich nicht öffnen oder anlegen",
    "file is not a database": "die Datei ist keine Datenbank",
    "database disk image is malformed": "die Datei ist beschädigt",
    "database or disk is full": "der Datenträger ist voll",
    "attempt to write a readonly database": "die Datei ist schreibgeschützt",
    BUSY: "ein anderer Befehl schreibt gerade",
}
NO_TEXT = "die Datei ist beschädigt: wo Text stehen müsste, steht keiner"
DAMAGED = (SAID["file is not a database"], SAID["database disk image is malformed"], NO_TEXT)


def _worded(error: Exception) -> str:
    """What went wrong in the office's words; without the text that is none, which may name people."""
    if isinstance(error, UnicodeDecodeError) or str(error).startswith("Could not decode to UTF-8"):
        return NO_TEXT
    return SAID.get(str(error), str(error))


class LedgerTooNew(LedgerError):
    """The ledger was written by a newer version of the tool."""

    def __init__(self, path: Path, version: int) -> None:
        super().__init__(f"{path.name} stammt von einer neueren Fassung des Programms (Stand {version}, bekannt {len(MIGRATIONS)})",
                         hint="gremium aktualisieren; die Datei wurde nicht verändert.")


class LedgerUnreadable(LedgerError):
    """The ledger's file is damaged or locked; reading was tried more than once."""

    def __init__(self, path: Path, error: Exception) -> None:
        reason = _worded(error)
        super().__init__(f"{path.name} kann nicht benutzt werden: {reason}", hint=(
            "Denselben Befehl noch einmal geben, während kein anderer läuft; erst wenn die Meldung bleibt, die letzte Sicherung zurückspielen."
            if reason in DAMAGED else
            "Läuft ein anderer Befehl, ist die Platte voll, der Ordner schreibgeschützt? Danach denselben Befehl wiederholen."))


class NoBackup(LedgerError):
    """A copy of the ledger could not be written."""

    def __init__(self, target: Path, reason: str) -> None:
        super().__init__(f"die Sicherung {target} lässt sich nicht schreiben: {SAID.get(reason, reason)}",
                         hint="Ordner, Rechte und freien Platz prüfen.")


def _statements(script: str) -> Iterator[str]:
    """The statements of a migration one by one, so that they run inside one transaction (executescript would end it)."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def _transaction(db: sqlite3.Connection, sort: str = "IMMEDIATE") -> Iterator[sqlite3.Connection]:
    """All of it or nothing."""
    db.execute(f"BEGIN {sort}")
    try:
        yield db
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _free(path: Path) -> Path:
    """The path itself, or with a number where there is something already."""
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, 1000))
    return next(name for name in (path, *names) if not name.exists())


def stamp(at: dt.datetime) -> str:
    """A time as the ledger keeps it: UTC, to the second."""
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def begun(path: Path) -> bool:
    """Whether the ledger knows of anything: a file that is gone, empty or without an event does not. Raises LedgerError."""
    try:
        return reading.begun(path)
    except (sqlite3.Error, UnicodeDecodeError, OSError) as error:
        raise LedgerUnreadable(path, error) from error


class Store:
    """The open file. Each writing method is one transaction that is on disk when it returns."""

    _db: sqlite3.Connection             # to write with

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Opens, and unless `read_only` makes or migrates, the file. Raises LedgerError."""
        self.path = path
        self._reading = Reading(path, len(MIGRATIONS), self._prepared)
        self._writable = False
        try:
            if read_only:
                self._reading.ask(version)
            else:
                self._open()
        except (sqlite3.Error, UnicodeDecodeError, OSError) as error:
            self.close()
            raise LedgerUnreadable(path, error) from error
        except LedgerError:
            self.close()
            raise

    def _open(self) -> None:
        with closing(Reading(self.path)) as peek:       # opening to write may itself change the file, which a newer tool's must not be
            self._refuse_newer(peek.ask(version))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(self.path, timeout=30)
        self._writable = True
        self._choose_wal()
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.isolation_level = None
        self._migrate(self._db, backup=True)

    def _choose_wal(self) -> None:
        """SQLite does not wait here by itself when another command opens or closes the ledger at the same moment."""
        for pause in (*(0.02 * step for step in range(1, 25)), None):
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if pause is None or error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    raise
                time.sleep(pause)

    def _refuse_newer(self, found: int) -> None:
        if found > len(MIGRATIONS):
            raise LedgerTooNew(self.path, found)

    def _prepared(self, db: sqlite3.Connection) -> None:
        """Makes a connection for reading ready; an older ledger's, which is a copy in memory, is raised."""
        db.isolation_level = None
        self._migrate(db, backup=False)

    def _migrate(self, db: sqlite3.Connection, *, backup: bool) -> None:
        found = version(db)
        self._refuse_newer(found)
        db.create_function("chained", 5, chained, deterministic=True)
        for number, script in enumerate(MIGRATIONS[found:], found + 1):
            with _transaction(db):
                if version(db) >= number:
                    continue        # another command, started at the same moment, was faster
                if backup and found:            # a new ledger has nothing to lose
                    self._copy(_free(self.path.with_name(f"{self.path.stem}.v{number - 1}.sqlite")))
                for statement in _statements(script):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number}")

    def backup(self, target: Path) -> None:
        """Writes a whole, consistent copy, whatever is being written meanwhile. Raises LedgerError."""
        if not self.path.exists():
            raise NoBackup(target, f"{self.path.name} gibt es noch nicht")
        try:
            self._copy(target)
        except (sqlite3.Error, OSError) as error:
            raise NoBackup(target, str(error)) from error

    def _copy(self, target: Path) -> None:
        """A copy of what is safely in the file: over a connection of its own, which sees nothing unfinished."""
        beside = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            # Not read-only: then SQLite would leave its -wal and -shm files behind.
            with closing(sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=rw", uri=True, timeout=30)) as source, \
                    closing(sqlite3.connect(beside)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")        # one file, to be carried anywhere
            with beside.open("rb") as file:
                os.fsync(file.fileno())
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)

    def close(self) -> None:
        """Closes the file."""
        self._reading.close()
        if self._writable:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def at_once(self, work: Callable[[], T]) -> T:
        """What comes of several reads, all from one and the same state of the ledger, whatever is written meanwhile. Raises LedgerError."""
        try:
            if not self._writable:
                return self._reading.at_once(work)
            with _transaction(self._db, "DEFERRED"):
                return work()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise LedgerUnreadable(self.path, error) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        if not self._writable:
            raise LedgerUnreadable(self.path, sqlite3.OperationalError("attempt to write a readonly database"))
        try:
            with _transaction(self._db) as db:
                yield db
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise LedgerUnreadable(self.path, error) from error

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        def ask(db: sqlite3.Connection) -> list[tuple[Any, ...]]:
            return db.execute(query, values).fetchall()
        try:
            return ask(self._db) if self._writable else self._reading.ask(ask)
        except (sqlite3.Error, UnicodeDecodeError, OSError) as error:
            raise LedgerUnreadable(self.path, error) from error

    def _event(self, at: dt.datetime, what: str, key: str, **detail: object) -> None:
        last = self._db.execute("SELECT chain FROM events ORDER BY id DESC LIMIT 1").fetchone()
        said = (stamp(at), what, key, json.dumps(detail, ensure_ascii=False, sort_keys=True))
        self._db.execute("INSERT INTO events (at, what, key, detail, chain) VALUES (?, ?, ?, ?, ?)", (*said, chained(last[0] if last else "", *said)))
