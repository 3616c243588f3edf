"""The ledger's pages on what left the house."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from pipeline.ledger.rows import IssueRow
from pipeline.ledger.store import Store, stamp


class Issues(Store):
    """Which revision was given out, reminded of, taken back."""

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
            db.execute("UPDATE issues SET withdrawn_at = ?, reason = ? WHERE id = ?", (stamp(at), reason, row.id))
            self._event(at, "recalled", row.key, revision=row.revision, sha256=row.sha256)

    def reminded(self, rows: Iterable[IssueRow], at: dt.datetime) -> None:
        """Notes one reminder more for each of these."""
        with self._writing() as db:
            for row in rows:
                db.execute("UPDATE issues SET reminded = reminded + 1 WHERE id = ?", (row.id,))
                self._event(at, "reminded", row.key, number=row.reminded + 1)
