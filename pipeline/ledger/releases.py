"""The ledger's pages on releases and signatures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import partial

from pipeline.ledger.rows import ApprovalRow, Packed, SignatureRow, packed
from pipeline.ledger.store import Store


class Releases(Store):
    """Who released or signed which bytes."""

    def approvals(self) -> dict[str, list[ApprovalRow]]:
        """Every release and rejection, by key, the latest last; whether a release still holds is `release`'s to say.

        What the revisions were made from can be asked while the ledger is open.
        """
        found: dict[str, list[ApprovalRow]] = {}
        for row in self._read("SELECT key, revision, docx_sha256, pdf_sha256, approved_by, approved_at, envelope, reason, login, proof,"
                              " inputs IS NOT NULL, id FROM approvals ORDER BY id"):
            found.setdefault(row[0], []).append(ApprovalRow(
                key=row[0], revision=row[1], docx_sha256=row[2], pdf_sha256=row[3], approved_by=row[4], approved_at=row[5], envelope=row[6],
                reason=row[7], login=row[8], proof=row[9] or b"", inputs=Packed(partial(self._released, row[11]), row[0]) if row[10] else {}))
        return found

    def _released(self, number: int) -> bytes:
        found: bytes = self._read("SELECT inputs FROM approvals WHERE id = ?", number)[0][0]
        return found

    def approve(self, rows: Iterable[ApprovalRow], at: dt.datetime) -> None:
        """Notes releases or rejections, all of them or none."""
        with self._writing() as db:
            for row in rows:
                db.execute("INSERT INTO approvals (key, revision, docx_sha256, pdf_sha256, approved_by, approved_at, envelope, reason, login,"
                           " inputs, proof) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           (row.key, row.revision, row.docx_sha256, row.pdf_sha256, row.approved_by, row.approved_at, row.envelope, row.reason,
                            row.login, packed(row.inputs), row.proof or None))
                self._event(at, "approved" if row.released else "rejected", row.key, revision=row.revision, by=row.approved_by,
                            docx=row.docx_sha256, pdf=row.pdf_sha256)

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
