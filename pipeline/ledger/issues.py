"""The ledger's pages on what left the house."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable

from pipeline.ledger.rows import ConsignmentRow, IssueRow
from pipeline.ledger.store import Store, stamp

AWAY = ("sent", "posted")      # states of a message or letter that has left for sure
UNDELIVERED = "E-Mail nicht zustellbar"


class Issues(Store):
    """Which revision was given out, reminded of, taken back."""

    def issues(self) -> dict[str, list[IssueRow]]:
        """Every revision that left the house, by key, the latest last."""
        found: dict[str, list[IssueRow]] = {}
        for row in self._read("SELECT id, key, revision, base_sha256, sha256, path, way, issued_at, reminded, withdrawn_at, reason, reminded_at"
                              " FROM issues ORDER BY id"):
            found.setdefault(row[1], []).append(IssueRow(
                id=row[0], key=row[1], revision=row[2], base_sha256=row[3], sha256=row[4], path=row[5], way=row[6], issued_at=row[7],
                reminded=row[8], withdrawn_at=row[9], reason=row[10], reminded_at=row[11]))
        return found

    def issue(self, rows: Iterable[IssueRow], at: dt.datetime) -> None:
        """Notes papers that leave the house, all of them or none."""
        with self._writing() as db:
            for row in rows:
                self._issue(db, row, at)

    def withdraw(self, row: IssueRow, reason: str, at: dt.datetime) -> None:
        """Notes that a revision given out counts no more."""
        with self._writing() as db:
            db.execute("UPDATE issues SET withdrawn_at = ?, reason = ? WHERE id = ?", (stamp(at), reason, row.id))
            self._event(at, "recalled", row.key, revision=row.revision, sha256=row.sha256)

    def reminded(self, rows: Iterable[IssueRow], at: dt.datetime) -> None:
        """Notes one reminder more for each of these."""
        with self._writing() as db:
            for row in rows:
                self._remind(db, row, at)

    def consign(self, rows: Iterable[ConsignmentRow]) -> None:
        """Keeps what messages and letters are to the papers they are about, before they leave; one already known is left as it is."""
        with self._writing() as db:
            db.executemany("INSERT OR IGNORE INTO consignments (message, purpose, issue, key, revision, base_sha256, sha256, path, way)"
                           " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           [(row.message, row.purpose, row.issue.id or None, row.issue.key, row.issue.revision, row.issue.base_sha256,
                             row.issue.sha256, row.issue.path, row.issue.way) for row in rows])

    def consignments(self) -> dict[str, ConsignmentRow]:
        """By message what it is to a paper that is given out."""
        return {row[0]: ConsignmentRow(message=row[0], purpose=row[1], done=bool(row[9]), issue=IssueRow(
            id=row[2] or 0, key=row[3], revision=row[4], base_sha256=row[5], sha256=row[6], path=row[7], way=row[8], issued_at=""))
            for row in self._read("SELECT message, purpose, issue, key, revision, base_sha256, sha256, path, way, done FROM consignments")}

    def _moved(self, db: sqlite3.Connection, message: str, state: str, at: dt.datetime) -> None:
        """Notes of a paper what the new state of a message about it comes to, within the write that notes the state."""
        if state in AWAY:
            self._left(db, message, at)
        elif state == "failed":
            self._came_to_nobody(db, message, at)

    def _came_to_nobody(self, db: sqlite3.Connection, message: str, at: dt.datetime) -> None:
        """What bounced is with nobody: the paper may go out again, by another way."""
        for number, key, revision, sha256 in db.execute(
                "SELECT issues.id, issues.key, issues.revision, issues.sha256 FROM issues JOIN consignments ON consignments.issue = issues.id"
                " WHERE message = ? AND purpose = 'issue' AND withdrawn_at = ''", (message,)).fetchall():
            db.execute("UPDATE issues SET withdrawn_at = ?, reason = ? WHERE id = ?", (stamp(at), UNDELIVERED, number))
            self._event(at, "recalled", key, revision=revision, sha256=sha256)

    def _left(self, db: sqlite3.Connection, message: str, at: dt.datetime) -> None:
        """Notes of a paper that a message or letter about it has left, once; within the write that notes the message itself."""
        row = db.execute("SELECT purpose, issue, key, revision, base_sha256, sha256, path, way FROM consignments WHERE message = ? AND NOT done",
                         (message,)).fetchone()
        if row is None:
            return
        issue = IssueRow(id=row[1] or 0, key=row[2], revision=row[3], base_sha256=row[4], sha256=row[5], path=row[6], way=row[7], issued_at=stamp(at))
        number = issue.id
        if row[0] == "issue":
            number = self._issue(db, issue, at)
        elif row[0] == "reminder":
            self._remind(db, issue, at)
        else:
            self._event(at, "notified", issue.key, revision=issue.revision, sha256=issue.sha256)
        db.execute("UPDATE consignments SET done = 1, issue = ? WHERE message = ?", (number, message))

    def _issue(self, db: sqlite3.Connection, row: IssueRow, at: dt.datetime) -> int:
        made = db.execute("INSERT INTO issues (key, revision, base_sha256, sha256, path, way, issued_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                          (row.key, row.revision, row.base_sha256, row.sha256, row.path, row.way, row.issued_at))
        self._event(at, "issued", row.key, revision=row.revision, sha256=row.sha256, way=row.way)
        return made.lastrowid or 0

    def _remind(self, db: sqlite3.Connection, row: IssueRow, at: dt.datetime) -> None:
        db.execute("UPDATE issues SET reminded = reminded + 1, reminded_at = ? WHERE id = ?", (stamp(at), row.id))
        number = db.execute("SELECT reminded FROM issues WHERE id = ?", (row.id,)).fetchone()
        self._event(at, "reminded", row.key, number=number[0] if number else 0)
