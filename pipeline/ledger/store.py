"""The ledger's file: opened, raised to the present tables, copied, written in whole transactions, each event chained to the last."""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Self

from pipeline.errors import LedgerError
from pipeline.ledger.migrations import MIGRATIONS
from pipeline.ledger.rows import chained

# What SQLite says of a file → the same in the office's words.
SAID: Mapping[str, str] = {
    "unable to open database file": "die Datei lässt sich nicht öffnen oder anlegen",
    "file is not a database": "die Datei ist keine Datenbank",
    "database disk image is malformed": "die Datei ist beschädigt",
    "database or disk is full": "der Datenträger ist voll",
    "attempt to write a readonly database": "die Datei ist schreibgeschützt",
    "database is locked": "ein anderer Befehl schreibt gerade",
}


class LedgerTooNew(LedgerError):
    """The ledger was written by a newer version of the tool."""

    def __init__(self, path: Path, version: int) -> None:
        super().__init__(f"{path.name} stammt von einer neueren Fassung des Programms (Stand {version}, bekannt {len(MIGRATIONS)})",
                         hint="gremium aktualisieren; die Datei wurde nicht verändert.")


class LedgerUnreadable(LedgerError):
    """The ledger's file is damaged or locked."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name} kann nicht benutzt werden: {SAID.get(reason, reason)}",
                         hint="Läuft ein anderer Befehl, ist die Platte voll, der Ordner schreibgeschützt? Sonst die letzte Sicherung zurückspielen.")


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


def _free(path: Path) -> Path:
    """The path itself, or with a number where there is something already."""
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, 1000))
    return next(name for name in (path, *names) if not name.exists())


def stamp(at: dt.datetime) -> str:
    """A time as the ledger keeps it: UTC, to the second."""
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _reading(path: Path) -> sqlite3.Connection:
    """The ledger to read from, and nothing written for it: an empty one in memory where none was begun yet."""
    if path.exists() and path.stat().st_size:
        # Beside a ledger at rest, SQLite would put a -shm file for the reader, unless told that nobody writes.
        at_rest = not path.with_name(f"{path.name}-wal").exists()
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if at_rest else ''}", uri=True, timeout=30)
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version >= len(MIGRATIONS):
            return db
        if version:
            copy = sqlite3.connect(":memory:")      # an older ledger is raised in memory alone
            db.backup(copy)
            db.close()
            return copy
        db.close()      # killed while it was made
    return sqlite3.connect(":memory:")


class Store:
    """The open file. Each writing method is one transaction that is on disk when it returns."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Opens, and unless `read_only` makes or migrates, the file. Raises LedgerError."""
        self.path = path
        try:
            if read_only:
                self._db = _reading(path)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._db = sqlite3.connect(path, timeout=30)
                self._choose_wal()
                self._db.execute("PRAGMA synchronous = FULL")
            self._db.isolation_level = None
            self._migrate(backup=not read_only)
        except (sqlite3.Error, OSError) as error:
            raise LedgerUnreadable(path, str(error)) from error

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

    def _version(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def _migrate(self, *, backup: bool) -> None:
        version = self._version()
        if version > len(MIGRATIONS):
            raise LedgerTooNew(self.path, version)
        self._db.create_function("chained", 5, chained, deterministic=True)
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            with self._writing() as db:
                if self._version() >= number:
                    continue        # another command, started at the same moment, was faster
                if backup and version:          # a new ledger has nothing to lose
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
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise LedgerUnreadable(self.path, str(error)) from error

    def _read(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise LedgerUnreadable(self.path, str(error)) from error

    def _event(self, at: dt.datetime, what: str, key: str, **detail: object) -> None:
        last = self._db.execute("SELECT chain FROM events ORDER BY id DESC LIMIT 1").fetchone()
        said = (stamp(at), what, key, json.dumps(detail, ensure_ascii=False, sort_keys=True))
        self._db.execute("INSERT INTO events (at, what, key, detail, chain) VALUES (?, ?, ?, ?, ?)", (*said, chained(last[0] if last else "", *said)))
