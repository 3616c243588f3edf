"""Finished papers on their way to disk and into the ledger, in that order."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pipeline.build.inputs import seen, sha256_of
from pipeline.build.lock import HOLDER, Unwritable
from pipeline.build.plan import Entry, Plan
from pipeline.ledger import DocumentRow, Ledger
from pipeline.workspace import Workspace, place

if TYPE_CHECKING:
    from pipeline.build.produce import Artefact

MAKING = ".making"          # what a build has begun to write, a sha-256 a line
ASIDE = "outputs/aside"      # what somebody altered by hand, and a build would have overwritten
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
    aside: list[str] = field(default_factory=list)          # paths of what was set aside
    _ours: set[str] = field(default_factory=set)            # sha-256 of every file a build made

    def __post_init__(self) -> None:
        for row in (entry.row for entry in self.plan.entries if entry.row):
            self._ours.update((row.docx_sha256, row.pdf_sha256))
        with suppress(OSError):         # a killed build's; what of it cannot be read names no file
            self._ours.update(self._making.read_bytes().decode("ascii", "replace").split())

    @property
    def _making(self) -> Path:
        return self.workspace.outputs / MAKING

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
        self._intend(docx_sha256, pdf_sha256)
        for path, data, digest in ((row.docx, made.docx, docx_sha256), (row.pdf, made.pdf, pdf_sha256)):
            try:
                self._set_aside(path, digest)
                place(self.workspace.root / path, data)
            except OSError as error:
                raise Unwritable(path, error.strerror or str(error)) from error
        self.rows.append(replace(row, docx_seen=seen(self.workspace.root / row.docx), pdf_seen=seen(self.workspace.root / row.pdf)))
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
                self._set_aside(path)
                (self.workspace.root / path).unlink(missing_ok=True)
        except OSError as error:
            raise Unwritable("outputs", error.strerror or str(error)) from error
        if self.rows:
            self.ledger.built(self.rows, self.now())
        self.rows.clear()
        self.replaced.clear()
        self.noted = time.monotonic()

    def done(self) -> None:
        """After a build that ended in order: the ledger knows of everything."""
        self._making.unlink(missing_ok=True)

    def _intend(self, *digests: str) -> None:
        """Says what is about to be written, so that after a kill nobody takes it for somebody's work; a line more, not a new file."""
        try:
            with self._making.open("a", encoding="ascii") as file:
                file.write("".join(f"{digest}\n" for digest in digests))
        except OSError as error:
            raise Unwritable("outputs", error.strerror or str(error)) from error

    def _set_aside(self, path: str, coming: str = "") -> None:
        """Keeps a copy of a file that no build made, before another takes its place: what somebody wrote by hand is never lost."""
        there = self.workspace.root / path
        digest = sha256_of(there)
        if digest is None or digest == coming or digest in self._ours:
            return
        name = PurePosixPath(path)
        copy = f"{ASIDE}/{name.parent.name}/{name.stem}-{digest[:8]}{name.suffix}"
        place(self.workspace.root / copy, there.read_bytes())
        self.aside.append(copy)


def hashes(made: Artefact) -> tuple[str, str]:
    """The sha-256 of the Word file and of the PDF."""
    return hashlib.sha256(made.docx).hexdigest(), hashlib.sha256(made.pdf).hexdigest()


def sweep(workspace: Workspace, kinds: Collection[str]) -> None:
    """What a killed build left half written; nobody else writes here while we hold the lock."""
    for folder, begun in ((workspace.outputs, HOLDER), *((workspace.outputs / kind, "*") for kind in kinds)):
        for part in folder.glob(f".{begun}.*.part"):
            part.unlink(missing_ok=True)


def _sync(folder: os.PathLike[str]) -> None:
    """Brings renames in a folder to disk, which syncing the files alone does not promise.

    Windows opens no folder for it; NTFS keeps renames in its own journal.
    """
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
