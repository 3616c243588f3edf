"""Finished papers on their way to disk and into the ledger, in that order."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.build.lock import Unwritable
from pipeline.build.plan import Entry, Plan
from pipeline.ledger import DocumentRow, Ledger
from pipeline.workspace import Workspace, place

if TYPE_CHECKING:
    from pipeline.build.produce import Artefact

BATCH, SECONDS = 20, 1.0    # papers, and time, between two entries in the ledger


@dataclass
class Shelf:
    """Finished papers on their way to disk and into the ledger, in that order."""

    workspace: Workspace
    plan: Plan
    ledger: Ledger
    by: str
    now: Callable[[], dt.datetime]
    rows: list[DocumentRow] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)       # paths of former revisions under another name
    noted: float = field(default_factory=time.monotonic)

    def put(self, entry: Entry, revision: int, made: Artefact) -> None:
        """Writes both files; the ledger hears of them with the next batch. Raises Unwritable, LedgerError."""
        draft = entry.draft
        assert draft is not None
        stem = f"outputs/{draft.kind}/{draft.stem}"
        docx_sha256, pdf_sha256 = hashes(made)
        row = DocumentRow(key=draft.key, kind=draft.kind, subject=draft.stem, docx=f"{stem}.docx", pdf=f"{stem}.pdf", revision=revision,
                          fingerprint=entry.fingerprint, inputs=self.plan.inputs(draft),
                          docx_sha256=docx_sha256, pdf_sha256=pdf_sha256, seconds=round(made.seconds, 4), built_by=self.by,
                          built_at=self.now().astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
        for path, data in ((row.docx, made.docx), (row.pdf, made.pdf)):
            try:
                place(self.workspace.root / path, data)
            except OSError as error:
                raise Unwritable(path, error.strerror or str(error)) from error
        self.rows.append(row)
        if entry.row:
            self.replaced += [path for path in (entry.row.docx, entry.row.pdf) if path.lower() not in (row.docx.lower(), row.pdf.lower())]
        if len(self.rows) >= BATCH or time.monotonic() - self.noted > SECONDS:
            self.note()

    def note(self) -> None:
        """Tells the ledger what is on disk. Files under a former name go first: killed in between, the paper is missing and made again."""
        try:
            for folder in {(self.workspace.root / row.docx).parent for row in self.rows}:
                _sync(folder)
            for path in self.replaced:
                (self.workspace.root / path).unlink(missing_ok=True)
        except OSError as error:
            raise Unwritable("outputs", error.strerror or str(error)) from error
        if self.rows:
            self.ledger.built(self.rows, self.now())
        self.rows.clear()
        self.replaced.clear()
        self.noted = time.monotonic()


def hashes(made: Artefact) -> tuple[str, str]:
    """The sha-256 of the Word file and of the PDF."""
    return hashlib.sha256(made.docx).hexdigest(), hashlib.sha256(made.pdf).hexdigest()


def sweep(workspace: Workspace, kinds: Collection[str]) -> None:
    """What a killed build left half written; nobody else writes here while we hold the lock."""
    for kind in kinds:
        for part in (workspace.outputs / kind).glob(".*.part"):
            part.unlink(missing_ok=True)


def _sync(folder: os.PathLike[str]) -> None:
    """Brings renames in a folder to disk, which syncing the files alone does not promise."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
