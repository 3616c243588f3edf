"""The submission as one folder and one zip: papers, a list of what is still open, hashes, and the OParl tree."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.alliance import Alliance
from pipeline.council import oparl
from pipeline.council.points import open_points
from pipeline.errors import DocumentError, GremiumError, SigningError, VerificationError, WorkspaceError
from pipeline.ledger import DocumentRow, Ledger
from pipeline.papers.draft import Draft
from pipeline.papers.kinds import KINDS
from pipeline.pdf.bind import bind
from pipeline.release import Standing, standing
from pipeline.settings import CouncilSettings
from pipeline.workspace import Workspace, place

CLOSED = "nichtoeffentlich"     # folder of the parts that are not for everybody
WHOLE = "vorlage-mit-anlagen"
SHOWN = 3


class NoCouncil(WorkspaceError):
    """The settings name no council."""

    def __init__(self) -> None:
        super().__init__("in inputs/alliance.toml fehlt der Abschnitt [council]", hint="Gremium, Sitzung und Beratungsfolge dort eintragen.")


class NotBuilt(DocumentError):
    """Parts of the submission were never built."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(f"noch nicht gebaut: {_listed(keys)}", hint="Erst „gremium build“, dann „gremium council“.")


class NotReleased(SigningError):
    """Parts of the submission are not released in these bytes."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(f"nicht freigegeben: {_listed(keys)}", hint="Erst „gremium approve“; --draft stellt einen Entwurf der Mappe zusammen.")


class Stale(DocumentError):
    """Tables, templates or settings have changed since parts of the submission were built."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(f"veraltet: {_listed(keys)}",
                         hint="Erst „gremium build“ und „gremium approve“; --draft stellt einen Entwurf der Mappe zusammen.")


class Altered(VerificationError):
    """A file is not the one that was built."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} ist nicht die Datei, die gebaut wurde", hint="„gremium build“ stellt sie wieder her.")


class NotWritten(GremiumError):
    """The dossier's folder cannot be written."""

    def __init__(self, session: str, reason: str) -> None:
        super().__init__(f"die Mappe outputs/council/{session} lässt sich nicht schreiben: {reason}",
                         hint="Offene Dateien der Mappe schließen und den Befehl wiederholen.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """One paper of the submission."""

    draft: Draft
    row: DocumentRow
    standing: Standing
    stale: bool = False     # the tables say something else by now

    @property
    def annex(self) -> bool:
        """Belongs to another paper."""
        return bool(KINDS[self.draft.kind].annex_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What lies ready for the council."""

    folder: Path
    files: tuple[str, ...]          # paths within the folder
    open_points: tuple[str, ...]    # German sentences
    changed: bool                   # False: the folder held these very bytes already


def submitted(workspace: Workspace, drafts: Sequence[Draft], ledger: Ledger, stale: Collection[str] = ()) -> tuple[Submitted, ...]:
    """The papers of the submission with their releases, the council paper first, annexes in their order.

    `stale` are the keys of papers that would be built differently now. Raises NotBuilt.
    """
    of_council = [draft for draft in drafts if KINDS[draft.kind].council]
    rows, approvals = ledger.documents(), ledger.approvals()
    missing = [draft.key for draft in of_council if draft.key not in rows]
    if missing:
        raise NotBuilt(missing)
    papers = [Submitted(draft=draft, row=rows[draft.key], stale=draft.key in stale,
                        standing=standing(rows[draft.key], approvals.get(draft.key, ()), workspace.settings.release)) for draft in of_council]
    return tuple(sorted(papers, key=lambda paper: paper.annex))


def dossier(workspace: Workspace, alliance: Alliance, papers: Sequence[Submitted], *, draft: bool = False) -> Dossier:
    """Writes outputs/council/<session>/ whole, or not at all; the same papers give the same bytes.

    Only released papers that are up to date go in, unless it is a draft. Raises NoCouncil, Stale, NotReleased, Altered, NotWritten.
    """
    council = workspace.settings.council
    if council is None or not papers:
        raise NoCouncil
    stale = [paper.draft.key for paper in papers if paper.stale]
    waiting = [paper.draft.key for paper in papers if not paper.standing.approved]
    if stale and not draft:
        raise Stale(stale)
    if waiting and not draft:
        raise NotReleased(waiting)
    points = open_points(alliance, council, waiting, stale)
    files = _files(workspace, alliance, papers, points, draft=draft)
    folder = workspace.outputs / "council" / council.session.isoformat()
    changed = _present(folder) != files
    if changed:
        _swap(folder, files)
    return Dossier(folder=folder, files=tuple(sorted(files)), open_points=points, changed=changed)


def _files(workspace: Workspace, alliance: Alliance, papers: Sequence[Submitted], points: Sequence[str], *, draft: bool) -> dict[str, bytes]:
    council = workspace.settings.council
    assert council is not None
    documents = {paper.draft.key: _document(workspace, paper) for paper in papers}
    files: dict[str, bytes] = {}
    for paper in papers:
        at = "" if paper.draft.public else f"{CLOSED}/"
        document = documents[paper.draft.key]
        files |= {f"{at}{document.stem}.docx": document.docx, f"{at}{document.stem}.pdf": document.pdf}
    open_papers = [paper for paper in papers if paper.draft.public]
    files[f"{WHOLE}.pdf"] = _whole(open_papers, documents, workspace.settings.alliance.name)
    if len(open_papers) < len(papers):
        files[f"{CLOSED}/{WHOLE}-nichtoeffentlich.pdf"] = _whole(papers, documents, workspace.settings.alliance.name)
    public = [documents[paper.draft.key] for paper in open_papers]
    if papers[0].draft.public and not papers[0].annex:
        decision = next((decision for decision in alliance.decisions if decision.session == council.session), None)
        files |= {f"oparl/{path}": data for path, data in oparl.tree(workspace.settings, public[0], public[1:], decision).items()}
    files["checkliste.txt"] = _checklist(council, points)
    files["manifest.json"] = _manifest(council, papers, files, draft=draft)
    files[f"mappe-{council.session}.zip"] = _zip(files, papers[0].draft.date)
    return files


def _whole(papers: Sequence[Submitted], documents: Mapping[str, oparl.Document], name: str) -> bytes:
    """All papers in one file to leaf through: bookmarks by title, pages numbered within each annex ("A2-5")."""
    numbers = {kind: f"A{number}-" for number, kind in enumerate((kind.name for kind in KINDS.values() if kind.annex_of), 1)}
    return bind([documents[paper.draft.key].pdf for paper in papers], title=f"{name}: Vorlage mit Anlagen",
                bookmarks=[paper.draft.subject for paper in papers], labels=[numbers.get(paper.draft.kind, "") for paper in papers]).pdf


def _document(workspace: Workspace, paper: Submitted) -> oparl.Document:
    row = paper.row
    return oparl.Document(title=paper.draft.subject, stem=Path(row.docx).stem, date=paper.draft.date,
                          docx=_built(workspace, row.docx, row.docx_sha256), pdf=_built(workspace, row.pdf, row.pdf_sha256))


def _built(workspace: Workspace, path: str, sha256: str) -> bytes:
    try:
        data = (workspace.root / path).read_bytes()
    except FileNotFoundError:
        data = b""
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Altered(path)
    return data


def _checklist(council: CouncilSettings, points: Sequence[str]) -> bytes:
    head = f"Noch offen vor der Sitzung – {council.body}, {council.session:%d.%m.%Y}"
    lines = [f"[ ] {point}" for point in points] or ["Nichts ist offen."]
    return ("\n".join([head, "=" * len(head), "", *lines]) + "\n").encode()


def _manifest(council: CouncilSettings, papers: Sequence[Submitted], files: Mapping[str, bytes], *, draft: bool) -> bytes:
    listed = [{"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for path, data in sorted(files.items())]
    made = [{"key": paper.draft.key, "title": paper.draft.subject, "public": paper.draft.public, "revision": paper.row.revision,
             "fingerprint": paper.row.fingerprint, "approved_by": list(paper.standing.by) if paper.standing.approved else []}
            for paper in papers]
    manifest = {"body": council.body, "session": council.session.isoformat(), "reference": council.reference or None, "draft": draft,
                "papers": made, "files": listed}
    return (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode()


def _zip(files: Mapping[str, bytes], date: dt.date) -> bytes:
    """Always the same bytes of the same files: sorted, dated as the paper, without this machine's rights."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for path, data in sorted(files.items()):
            member = zipfile.ZipInfo(path, (date.year, date.month, date.day, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system, member.external_attr = 3, 0o644 << 16
            archive.writestr(member, data)
    return target.getvalue()


def _present(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _swap(folder: Path, files: Mapping[str, bytes]) -> None:
    """Puts a whole folder in the place of another; killed in between, no half one stands there, and the next run tidies up."""
    fresh, former = folder.with_name(f".{folder.name}.part"), folder.with_name(f".{folder.name}.old")
    try:
        for path in (fresh, former):
            if path.exists():
                shutil.rmtree(path)
        for name, data in files.items():
            place(fresh / name, data)
        if folder.exists():
            folder.replace(former)
        fresh.replace(folder)
        if former.exists():
            shutil.rmtree(former)
    except OSError as error:
        raise NotWritten(folder.name, error.strerror or str(error)) from error


def _listed(keys: Sequence[str]) -> str:
    more = f" und {len(keys) - SHOWN} weitere" if len(keys) > SHOWN else ""
    return ", ".join(keys[:SHOWN]) + more
