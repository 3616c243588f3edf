"""Releases: somebody answers for exactly these bytes, and for no others.

A release is bound to the hashes of a paper's Word file and PDF. It dies with them: a paper built anew is
"approved in an older revision" until somebody has looked at it again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pipeline.errors import SigningError
from pipeline.ledger import ApprovalRow, DocumentRow, Ledger
from pipeline.workspace import ReleaseSettings, Workspace

SHOWN = 3    # keys a sentence names before it counts the rest


class State(StrEnum):
    """Whether a paper's present bytes are released."""

    APPROVED = "approved"
    OUTDATED = "outdated"    # an older revision was released, these bytes were not
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a paper stands with those who release it."""

    state: State
    by: tuple[str, ...] = ()         # who released it, in order; of the older revision when outdated
    revision: int = 0                # the revision that was released; 0 when none ever was
    present: int                     # the paper's present revision

    @property
    def approved(self) -> bool:
        """These very bytes are released."""
        return self.state is State.APPROVED

    def __str__(self) -> str:
        names = ", ".join(self.by)
        return {
            State.APPROVED: f"freigegeben von {names}",
            State.OUTDATED: f"freigegeben wurde Revision {self.revision}, vorliegend ist Revision {self.present}",
            State.OPEN: "nicht freigegeben",
        }[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What one release did, by the papers' keys."""

    approved: tuple[str, ...] = ()
    already: tuple[str, ...] = ()    # released by the same person before, in these very bytes


class NotAnApprover(SigningError):
    """Somebody releases a kind of paper the settings leave to others."""

    def __init__(self, by: str, kind: str, approvers: Sequence[str]) -> None:
        super().__init__(f"„{by}“ darf die Art „{kind}“ nicht freigeben",
                         hint=f"Zur Freigabe berechtigt: {', '.join(approvers) or 'niemand'}.")


class NoApprover(SigningError):
    """A release without a name."""

    def __init__(self) -> None:
        super().__init__("eine Freigabe braucht einen Namen", hint="Mit --by NAME angeben, wer freigibt.")


class BuilderMayNotApprove(SigningError):
    """Whoever built a paper releases it, although the settings ask for four eyes."""

    def __init__(self, by: str, keys: Sequence[str]) -> None:
        super().__init__(f"„{by}“ hat {_listed(keys)} selbst gebaut und darf nicht freigeben (Vier-Augen-Prinzip)",
                         hint="Eine andere Person freigeben lassen; nichts wurde freigegeben.")


class ChangedAfterBuilding(SigningError):
    """Files on disk are not the bytes that were built."""

    def __init__(self, files: Sequence[str]) -> None:
        super().__init__(f"nach dem Bauen verändert: {_listed(files)}",
                         hint="Änderungen gehören in die Tabellen oder die Vorlage; danach neu bauen (gremium build --force).")


class FileMissing(SigningError):
    """A built file is gone."""

    def __init__(self, files: Sequence[str]) -> None:
        super().__init__(f"fehlt: {_listed(files)}", hint="Mit „gremium build“ neu bauen.")


def standing(row: DocumentRow, approvals: Sequence[ApprovalRow], rules: ReleaseSettings) -> Standing:
    """How a paper stands: released in these bytes, in an older revision only, or not at all.

    A release counts while its giver may still give it: approvers struck from the settings, and builders where four
    eyes are asked for, count for nothing.
    """
    counting = [given for given in approvals if _may_approve(given.approved_by, row.kind, rules)]
    present = [given for given in counting
               if (given.docx_sha256, given.pdf_sha256) == (row.docx_sha256, row.pdf_sha256)
               and not (rules.four_eyes and _same(given.approved_by, row.built_by))]
    if present:
        return Standing(state=State.APPROVED, by=_names(present), revision=row.revision, present=row.revision)
    older = [given for given in counting if given.pdf_sha256 != row.pdf_sha256 or given.docx_sha256 != row.docx_sha256]
    if older:
        last = older[-1].revision
        names = _names([given for given in older if given.revision == last])
        return Standing(state=State.OUTDATED, by=names, revision=last, present=row.revision)
    return Standing(state=State.OPEN, present=row.revision)


def approve(workspace: Workspace, ledger: Ledger, rows: Sequence[DocumentRow], by: str, now: dt.datetime) -> Approved:
    """Releases the files of `rows` as they lie on disk, all of them or none; releasing the same bytes again changes nothing.

    Raises SigningError: not allowed to release, or a file is missing or not what was built.
    """
    by = by.strip()
    _check_person(by, rows, workspace.settings.release)
    _check_files(workspace, rows)
    given = ledger.approvals()
    already = [row for row in rows if any(
        approval.approved_by == by and (approval.docx_sha256, approval.pdf_sha256) == (row.docx_sha256, row.pdf_sha256)
        for approval in given.get(row.key, ()))]
    known = {row.key for row in already}
    fresh = [row for row in rows if row.key not in known]
    if fresh:
        ledger.approve(fresh, by, now)
    return Approved(approved=tuple(row.key for row in fresh), already=tuple(row.key for row in already))


def built_pdf(workspace: Workspace, row: DocumentRow) -> bytes:
    """The built PDF of a paper, as the ledger knows it. Raises SigningError when it is missing or was changed."""
    path = workspace.root / row.pdf
    if not path.is_file():
        raise FileMissing([row.pdf])
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != row.pdf_sha256:
        raise ChangedAfterBuilding([row.pdf])
    return data


def _check_person(by: str, rows: Sequence[DocumentRow], rules: ReleaseSettings) -> None:
    if not by:
        raise NoApprover
    for kind in dict.fromkeys(row.kind for row in rows):
        if not _may_approve(by, kind, rules):
            raise NotAnApprover(by, kind, rules.approvers[kind])
    own = [row.key for row in rows if rules.four_eyes and _same(by, row.built_by)]
    if own:
        raise BuilderMayNotApprove(by, own)


def _check_files(workspace: Workspace, rows: Sequence[DocumentRow]) -> None:
    files = [pair for row in rows for pair in _files(row)]
    missing = [name for name, _ in files if not (workspace.root / name).is_file()]
    if missing:
        raise FileMissing(missing)
    changed = [name for name, sha256 in files if hashlib.sha256((workspace.root / name).read_bytes()).hexdigest() != sha256]
    if changed:
        raise ChangedAfterBuilding(changed)


def _files(row: DocumentRow) -> Iterator[tuple[str, str]]:
    yield row.docx, row.docx_sha256
    yield row.pdf, row.pdf_sha256


def _may_approve(by: str, kind: str, rules: ReleaseSettings) -> bool:
    return kind not in rules.approvers or any(_same(by, name) for name in rules.approvers[kind])


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _names(approvals: Sequence[ApprovalRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(approval.approved_by for approval in approvals))


def _listed(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" und {more} weitere" if more > 0 else "")
