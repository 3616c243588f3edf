"""The ledger's pages on papers: revisions, failures, and the templates they were made from."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from pipeline.ledger.rows import DocumentRow, LedgerDamaged, Packed, RevisionRow, TemplateRow, packed, parsed, unpacked
from pipeline.ledger.store import Store, stamp


def _template(row: tuple[Any, ...]) -> TemplateRow | None:
    """A template; one whose row is damaged counts as unknown, and is read and kept anew."""
    try:
        return TemplateRow(file=row[0], reading=row[1], essence=row[2], fonts=frozenset(parsed(row[3], list, row[0])),
                           pieces=unpacked(row[4], row[0]))
    except LedgerDamaged:
        return None


class Papers(Store):
    """What was built, from what, and what could not be."""

    def documents(self) -> dict[str, DocumentRow]:
        """Every paper that was ever built, by key, in its present revision; the inputs can be asked while the ledger is open."""
        rows = self._read("SELECT key, kind, subject, docx, pdf, revision, fingerprint, docx_sha256, pdf_sha256,"
                          " seconds, built_by, built_at, docx_seen, pdf_seen FROM documents ORDER BY key")
        return {row[0]: DocumentRow(key=row[0], kind=row[1], subject=row[2], docx=row[3], pdf=row[4], revision=row[5], fingerprint=row[6],
                                    inputs=Packed(partial(self._inputs, row[0]), row[0]), docx_sha256=row[7], pdf_sha256=row[8], seconds=row[9],
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
                self._event(at, "built", row.key, revision=row.revision, docx=row.docx_sha256, pdf=row.pdf_sha256, by=row.built_by)

    def accepted(self, rows: Sequence[DocumentRow], by: str, at: dt.datetime) -> None:
        """Notes that somebody takes papers as they are for what would be made now; their files stay untouched."""
        with self._writing():
            for row in rows:
                self._put(row)
                self._event(at, "accepted", row.key, revision=row.revision, by=by, fingerprint=row.fingerprint)

    def _put(self, row: DocumentRow) -> None:
        self._db.execute("INSERT OR REPLACE INTO documents (key, kind, subject, docx, pdf, revision, fingerprint, inputs, docx_sha256,"
                         " pdf_sha256, seconds, built_by, built_at, docx_seen, pdf_seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         (row.key, row.kind, row.subject, row.docx, row.pdf, row.revision, row.fingerprint, packed(row.inputs),
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
                db.execute("INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", (key, error, stamp(at)))
                self._event(at, "not built", key, error=hashlib.sha256(error.encode()).hexdigest())   # the words may name people

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
                           (row.file, row.reading, row.essence, json.dumps(sorted(row.fonts)), packed(row.pieces)))
