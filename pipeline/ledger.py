"""The ledger: what was made, released, signed and sent, in one SQLite file that any tool can read.

It holds personal data, as papers do: the inputs of a paper are the very values it prints, names and telephone numbers
among them, because `why` has to tell old from new. Papers and messages go by their keys, and who approved or signed by the
name they act under in their office. Times are UTC, and come in as arguments. `docs/ledger.md` describes every table.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.errors import LedgerError
from pipeline.migrations import MIGRATIONS


class LedgerTooNew(LedgerError):
    """The ledger was written by a newer version of the tool."""

    def __init__(self, path: Path, version: int) -> None:
        super().__init__(f"{path.name} stammt von einer neueren Fassung des Programms (Stand {version}, bekannt {len(MIGRATIONS)})",
                         hint="gremium aktualisieren; die Datei wurde nicht verändert.")


class LedgerUnreadable(LedgerError):
    """The ledger's file is damaged or locked."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path.name} kann nicht benutzt werden: {reason}",
                         hint="Läuft ein anderer Befehl, ist die Platte voll, der Ordner schreibgeschützt? Sonst die letzte Sicherung zurückspielen.")


class NoBackup(LedgerError):
    """A copy of the ledger could not be written."""

    def __init__(self, target: Path, reason: str) -> None:
        super().__init__(f"die Sicherung {target} lässt sich nicht schreiben: {reason}", hint="Ordner, Rechte und freien Platz prüfen.")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """One paper's present revision."""

    key: str
    kind: str
    subject: str
    docx: str
    pdf: str
    revision: int
    fingerprint: str
    inputs: Mapping[str, str]
    docx_sha256: str
    pdf_sha256: str
    seconds: float
    built_by: str
    built_at: str
    docx_seen: str = ""     # what the file system said of the file when its bytes were last compared; "" for never
    pdf_seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRow:
    """One revision a paper has or had."""

    key: str
    revision: int
    fingerprint: str
    docx_sha256: str
    pdf_sha256: str
    built_by: str
    built_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRow:
    """A template as papers were made from it."""

    file: str                       # sha-256 of its bytes
    reading: int                    # number of the rules by which it was read
    essence: str                    # sha-256 of what it says and looks like
    fonts: frozenset[str]
    pieces: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, as the log has it."""

    id: int
    at: str
    what: str
    key: str
    detail: str                     # JSON
    chain: str

    def follows(self, link: str) -> bool:
        """The event was noted after this link, and word for word as it stands."""
        return self.chain == chained(link, self.at, self.what, self.key, self.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    """One release, or one rejection."""

    key: str
    revision: int
    docx_sha256: str
    pdf_sha256: str
    approved_by: str
    approved_at: str
    envelope: str = ""             # sha-256 of recipient and mail text it covers; "" for papers not mailed
    reason: str = ""               # why it was rejected; "" for a release
    login: str = ""                # who sat at the machine
    inputs: Mapping[str, str] = field(default_factory=dict, repr=False)   # what that revision was made from
    proof: bytes = field(default=b"", repr=False)                         # the approver's signature (CMS); empty without a key

    @property
    def released(self) -> bool:
        """A release, not a rejection."""
        return not self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRow:
    """A revision that left the house."""

    id: int = 0                    # 0 before it stands in the ledger
    key: str
    revision: int
    base_sha256: str
    sha256: str
    path: str
    way: str                       # hand, post, mail
    issued_at: str
    reminded: int = 0
    withdrawn_at: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRow:
    """One signature."""

    key: str
    revision: int
    field: str
    signer: str
    path: str
    base_sha256: str
    sha256: str
    signed_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One message of the journal."""

    id: str
    key: str
    kind: str
    pdf_sha256: str
    path: str
    sha256: str
    state: str
    attempts: int
    reply: str
    changed_at: str


MESSAGE_STATES = ("frozen", "claimed", "sending", "sent", "deferred", "failed", "unknown", "printed", "withdrawn")


class _Packed(Mapping[str, str]):
    """A mapping fetched and unpacked when somebody asks: a plan of 100,000 papers looks at the inputs of few."""

    def __init__(self, fetch: Callable[[], bytes]) -> None:
        self._fetch = fetch
        self._fields: dict[str, str] | None = None

    def _unpacked(self) -> dict[str, str]:
        if self._fields is None:
            self._fields = json.loads(zlib.decompress(self._fetch()))
        return self._fields

    def __getitem__(self, path: str) -> str:
        return self._unpacked()[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._unpacked())

    def __len__(self) -> int:
        return len(self._unpacked())


def _template(row: tuple[Any, ...]) -> TemplateRow:
    return TemplateRow(file=row[0], reading=row[1], essence=row[2], fonts=frozenset(json.loads(row[3])), pieces=_Packed(lambda: row[4]))


def _packed(inputs: Mapping[str, str]) -> bytes:
    return zlib.compress(json.dumps(dict(inputs), ensure_ascii=False).encode())


def chained(link: str, at: str, what: str, key: str, detail: str) -> str:
    """The link of one event: sha-256 over the link before it and the event, as a JSON list of strings."""
    return hashlib.sha256(json.dumps([link, at, what, key, detail], ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


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


def _stamp(at: dt.datetime) -> str:
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


class Ledger:
    """The open ledger. Each writing method is one transaction that is on disk when it returns."""

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

    def __enter__(self) -> Ledger:
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
        said = (_stamp(at), what, key, json.dumps(detail, ensure_ascii=False, sort_keys=True))
        self._db.execute("INSERT INTO events (at, what, key, detail, chain) VALUES (?, ?, ?, ?, ?)", (*said, chained(last[0] if last else "", *said)))

    # papers

    def documents(self) -> dict[str, DocumentRow]:
        """Every paper that was ever built, by key, in its present revision; the inputs can be asked while the ledger is open."""
        rows = self._read("SELECT key, kind, subject, docx, pdf, revision, fingerprint, docx_sha256, pdf_sha256,"
                          " seconds, built_by, built_at, docx_seen, pdf_seen FROM documents ORDER BY key")
        return {row[0]: DocumentRow(key=row[0], kind=row[1], subject=row[2], docx=row[3], pdf=row[4], revision=row[5], fingerprint=row[6],
                                    inputs=_Packed(partial(self._inputs, row[0])), docx_sha256=row[7], pdf_sha256=row[8], seconds=row[9],
                                    built_by=row[10], built_at=row[11], docx_seen=row[12], pdf_seen=row[13]) for row in rows}

    def _inputs(self, key: str) -> bytes:
        found: bytes = self._read("SELECT inputs FROM documents WHERE key = ?", key)[0][0]
        return found

    def built(self, rows: Sequence[DocumentRow], at: dt.datetime) -> None:
        """Notes papers whose files are on disk; replaces their former revision, of which the hashes stay."""
        with self._writing() as db:
            for row in rows:
                self._put(row)
                db.execute("INSERT OR IGNORE INTO revisions (key, revision, fingerprint, docx_sha256, pdf_sha256, built_by, built_at)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?)", (row.key, row.revision, row.fingerprint, row.docx_sha256, row.pdf_sha256,
                                                             row.built_by, row.built_at))
                db.execute("DELETE FROM failures WHERE key = ?", (row.key,))
                self._event(at, "built", row.key, revision=row.revision, docx=row.docx_sha256, pdf=row.pdf_sha256)

    def accepted(self, rows: Sequence[DocumentRow], by: str, at: dt.datetime) -> None:
        """Notes that somebody takes papers as they are for what would be made now; their files stay untouched."""
        with self._writing():
            for row in rows:
                self._put(row)
                self._event(at, "accepted", row.key, revision=row.revision, by=by, fingerprint=row.fingerprint)

    def _put(self, row: DocumentRow) -> None:
        self._db.execute("INSERT OR REPLACE INTO documents (key, kind, subject, docx, pdf, revision, fingerprint, inputs, docx_sha256,"
                         " pdf_sha256, seconds, built_by, built_at, docx_seen, pdf_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         (row.key, row.kind, row.subject, row.docx, row.pdf, row.revision, row.fingerprint, _packed(row.inputs),
                          row.docx_sha256, row.pdf_sha256, row.seconds, row.built_by, row.built_at, row.docx_seen, row.pdf_seen))

    def seen(self, rows: Iterable[DocumentRow]) -> None:
        """Notes that the files of these papers were compared; nothing happened to them, so no event tells of it."""
        with self._writing() as db:
            db.executemany("UPDATE documents SET docx_seen = ?, pdf_seen = ? WHERE key = ? AND docx_sha256 = ? AND pdf_sha256 = ?",
                           ((row.docx_seen, row.pdf_seen, row.key, row.docx_sha256, row.pdf_sha256) for row in rows))

    def revisions(self) -> dict[str, list[RevisionRow]]:
        """Every revision of every paper, by key, the latest last."""
        found: dict[str, list[RevisionRow]] = {}
        for row in self._read("SELECT key, revision, fingerprint, docx_sha256, pdf_sha256, built_by, built_at FROM revisions"
                              " ORDER BY key, revision"):
            found.setdefault(row[0], []).append(RevisionRow(key=row[0], revision=row[1], fingerprint=row[2], docx_sha256=row[3],
                                                            pdf_sha256=row[4], built_by=row[5], built_at=row[6]))
        return found

    def failures(self) -> dict[str, str]:
        """The papers the last build of them could not make, by key, with the reason."""
        return dict(self._read("SELECT key, error FROM failures ORDER BY key"))

    def failed(self, errors: Mapping[str, str], at: dt.datetime) -> None:
        """Notes papers that could not be made; forgotten when they are built."""
        with self._writing() as db:
            for key, error in errors.items():
                db.execute("INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", (key, error, _stamp(at)))
                self._event(at, "not built", key, error=error)

    # templates

    def template(self, file: str, reading: int) -> TemplateRow | None:
        """What a template file of this sha-256 is, where somebody has read it by these rules before."""
        for row in self._read("SELECT file, reading, essence, fonts, pieces FROM templates WHERE file = ? AND reading = ?", file, reading):
            return _template(row)
        return None

    def template_like(self, essence: str) -> TemplateRow | None:
        """A template by what it says, whatever file it stood in."""
        for row in self._read("SELECT file, reading, essence, fonts, pieces FROM templates WHERE essence = ? LIMIT 1", essence):
            return _template(row)
        return None

    def know(self, templates: Iterable[TemplateRow]) -> None:
        """Keeps what these templates are, so that a change can be named later."""
        with self._writing() as db:
            for row in templates:
                db.execute("INSERT OR REPLACE INTO templates (file, reading, essence, fonts, pieces) VALUES (?, ?, ?, ?, ?)",
                           (row.file, row.reading, row.essence, json.dumps(sorted(row.fonts)), _packed(row.pieces)))

    # releases

    def approvals(self) -> dict[str, list[ApprovalRow]]:
        """Every release and rejection, by key, the latest last; whether a release still holds is `release`'s to say."""
        found: dict[str, list[ApprovalRow]] = {}
        for row in self._read("SELECT key, revision, docx_sha256, pdf_sha256, approved_by, approved_at, envelope, reason, login, inputs, proof"
                              " FROM approvals ORDER BY id"):
            found.setdefault(row[0], []).append(ApprovalRow(
                key=row[0], revision=row[1], docx_sha256=row[2], pdf_sha256=row[3], approved_by=row[4], approved_at=row[5], envelope=row[6],
                reason=row[7], login=row[8], inputs=_Packed(partial(bytes, row[9])) if row[9] else {}, proof=row[10] or b""))
        return found

    def approve(self, rows: Iterable[ApprovalRow], at: dt.datetime) -> None:
        """Notes releases or rejections, all of them or none."""
        with self._writing() as db:
            for row in rows:
                db.execute("INSERT INTO approvals (key, revision, docx_sha256, pdf_sha256, approved_by, approved_at, envelope, reason, login,"
                           " inputs, proof) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           (row.key, row.revision, row.docx_sha256, row.pdf_sha256, row.approved_by, row.approved_at, row.envelope, row.reason,
                            row.login, _packed(row.inputs), row.proof or None))
                self._event(at, "approved" if row.released else "rejected", row.key, revision=row.revision, by=row.approved_by,
                            docx=row.docx_sha256, pdf=row.pdf_sha256)

    # giving out

    def issues(self) -> dict[str, list[IssueRow]]:
        """Every revision that left the house, by key, the latest last."""
        found: dict[str, list[IssueRow]] = {}
        for row in self._read("SELECT id, key, revision, base_sha256, sha256, path, way, issued_at, reminded, withdrawn_at, reason"
                              " FROM issues ORDER BY id"):
            found.setdefault(row[1], []).append(IssueRow(
                id=row[0], key=row[1], revision=row[2], base_sha256=row[3], sha256=row[4], path=row[5], way=row[6], issued_at=row[7],
                reminded=row[8], withdrawn_at=row[9], reason=row[10]))
        return found

    def issue(self, rows: Iterable[IssueRow], at: dt.datetime) -> None:
        """Notes papers that leave the house, all of them or none."""
        with self._writing() as db:
            for row in rows:
                db.execute("INSERT INTO issues (key, revision, base_sha256, sha256, path, way, issued_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                           (row.key, row.revision, row.base_sha256, row.sha256, row.path, row.way, row.issued_at))
                self._event(at, "issued", row.key, revision=row.revision, sha256=row.sha256, way=row.way)

    def withdraw(self, row: IssueRow, reason: str, at: dt.datetime) -> None:
        """Notes that a revision given out counts no more."""
        with self._writing() as db:
            db.execute("UPDATE issues SET withdrawn_at = ?, reason = ? WHERE id = ?", (_stamp(at), reason, row.id))
            self._event(at, "recalled", row.key, revision=row.revision, sha256=row.sha256)

    def reminded(self, rows: Iterable[IssueRow], at: dt.datetime) -> None:
        """Notes one reminder more for each of these."""
        with self._writing() as db:
            for row in rows:
                db.execute("UPDATE issues SET reminded = reminded + 1 WHERE id = ?", (row.id,))
                self._event(at, "reminded", row.key, number=row.reminded + 1)

    # signatures

    def signatures(self) -> dict[str, list[SignatureRow]]:
        """Every signature, by key, in the order they were made."""
        found: dict[str, list[SignatureRow]] = {}
        for row in self._read("SELECT key, revision, field, signer, path, base_sha256, sha256, signed_at FROM signatures ORDER BY id"):
            found.setdefault(row[0], []).append(SignatureRow(key=row[0], revision=row[1], field=row[2], signer=row[3], path=row[4],
                                                             base_sha256=row[5], sha256=row[6], signed_at=row[7]))
        return found

    def signed(self, row: SignatureRow, at: dt.datetime) -> None:
        """Notes one signature whose file is on disk."""
        with self._writing() as db:
            db.execute("INSERT INTO signatures (key, revision, field, signer, path, base_sha256, sha256, signed_at)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                       (row.key, row.revision, row.field, row.signer, row.path, row.base_sha256, row.sha256, row.signed_at))
            self._event(at, "signed", row.key, field=row.field, sha256=row.sha256)

    # messages

    def messages(self) -> list[MessageRow]:
        """Every message, in the order they were frozen."""
        return [MessageRow(id=row[0], key=row[1], kind=row[2], pdf_sha256=row[3], path=row[4], sha256=row[5], state=row[6],
                           attempts=row[7], reply=row[8], changed_at=row[9])
                for row in self._read("SELECT id, key, kind, pdf_sha256, path, sha256, state, attempts, reply, changed_at"
                                      " FROM messages ORDER BY rowid")]

    def frozen(self, rows: Sequence[MessageRow], at: dt.datetime) -> None:
        """Notes messages whose frozen files are on disk; one already known is left as it is."""
        with self._writing() as db:
            for row in rows:
                added = db.execute("INSERT OR IGNORE INTO messages (id, key, kind, pdf_sha256, path, sha256, state, changed_at)"
                                   " VALUES (?, ?, ?, ?, ?, ?, 'frozen', ?)",
                                   (row.id, row.key, row.kind, row.pdf_sha256, row.path, row.sha256, _stamp(at)))
                if added.rowcount:
                    self._event(at, "frozen", row.key, message=row.id, sha256=row.sha256)

    def claim(self, message: str, at: dt.datetime) -> bool:
        """Takes a frozen or deferred message for this run; False when another run has it, or it is past that."""
        with self._writing() as db:
            taken = db.execute("UPDATE messages SET state = 'claimed', changed_at = ? WHERE id = ? AND state IN ('frozen', 'deferred')",
                               (_stamp(at), message)).rowcount == 1
        return taken

    def step(self, ended: Sequence[tuple[str, str, str]], begun: Sequence[str], at: dt.datetime) -> frozenset[str]:
        """One write for what became of some messages (id, state, reply) and for those claimed and about to be handed over.

        Gives back which of those this run may send: another run has the others, or they are past that.
        """
        taken = set()
        with self._writing() as db:
            for message, state, reply in ended:
                assert state in MESSAGE_STATES, state
                db.execute("UPDATE messages SET state = ?, reply = ?, changed_at = ? WHERE id = ?", (state, reply, _stamp(at), message))
                self._message_event(at, state, message)
            for message in begun:
                if db.execute("UPDATE messages SET state = 'sending', reply = '', changed_at = ?, attempts = attempts + 1"
                              " WHERE id = ? AND state IN ('frozen', 'deferred')", (_stamp(at), message)).rowcount == 1:
                    self._message_event(at, "sending", message)
                    taken.add(message)
        return frozenset(taken)

    def _message_event(self, at: dt.datetime, state: str, message: str) -> None:
        key = self._db.execute("SELECT key FROM messages WHERE id = ?", (message,)).fetchone()
        self._event(at, state, key[0] if key else "", message=message)

    def settle(self, message: str, state: str, at: dt.datetime, *, reply: str = "") -> None:
        """Moves a message to `state`, with the server's words."""
        assert state in MESSAGE_STATES, state
        with self._writing() as db:
            db.execute("UPDATE messages SET state = ?, reply = ?, changed_at = ?, attempts = attempts + (? = 'sending') WHERE id = ?",
                       (state, reply, _stamp(at), state, message))
            self._message_event(at, state, message)

    # what happened

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
