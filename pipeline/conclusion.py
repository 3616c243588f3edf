"""How far each memorandum has come, and what proves it: the register of all, and for each concluded one a certificate.

A memorandum is concluded when the revision that was given out came back signed by the partner, was accepted or confirmed, and
every initiator with proven power to sign has signed it too – in the file, or on the paper that was confirmed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.issue import WAYS, present
from pipeline.ledger import CAME_BACK, COUNTERSIGNED, ApprovalRow, DocumentRow, IssueRow, Ledger, ReturnRow, SignatureRow
from pipeline.papers.kinds import KINDS
from pipeline.release import standing
from pipeline.settings import PARTNER, Initiator, Settings

ACCEPTED = "accepted"
STATES: Mapping[str, str] = {
    "built": "erstellt", "approved": "freigegeben", "issued": "ausgegeben", "returned": "zurück", "concluded": "abgeschlossen",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The way of one memorandum's present revision, as the ledger knows it."""

    row: DocumentRow
    partner: str                            # its name
    approvals: tuple[ApprovalRow, ...]      # releases of these very bytes
    issue: IssueRow | None                  # what is out and counts
    signatures: tuple[SignatureRow, ...]    # in the file
    returns: tuple[ReturnRow, ...]          # what came back of this revision, the latest last
    countersigned: str                      # when the initiators' signatures on paper were confirmed, UTC; "" for never
    initiators: tuple[Initiator, ...]       # who stands on the alliance's side of it
    waiting: tuple[Initiator, ...]          # of these, who has still to sign

    @property
    def back(self) -> ReturnRow | None:
        """The return that counts: accepted by its signature, or confirmed by a person."""
        return next((given for given in reversed(self.returns) if given.state == ACCEPTED), None)

    @property
    def backs(self) -> tuple[ReturnRow, ...]:
        """All files of the return that counts, as they came: paper scanned sheet by sheet is confirmed in one go."""
        back = self.back
        if back is None or not back.confirmed_by:
            return () if back is None else (back,)
        return tuple(given for given in self.returns if given.state == ACCEPTED
                     and (given.confirmed_by, given.confirmed_at) == (back.confirmed_by, back.confirmed_at))

    @property
    def shown(self) -> ReturnRow | None:
        """What the register says came back: what counts, whatever came after it; before that the latest."""
        return self.back or (self.returns[-1] if self.returns else None)

    @property
    def on_paper(self) -> bool:
        """The partner signed on paper."""
        return self.back is not None and not any(made.field == PARTNER for made in self.signatures)

    @property
    def state(self) -> str:
        """One of `STATES`."""
        if self.issue is not None and self.returns:
            return "concluded" if self.back and not self.waiting else "returned"
        return "issued" if self.issue else "approved" if self.approvals else "built"

    @property
    def concluded_at(self) -> str:
        """When the last thing that was needed happened, UTC; "" before."""
        if self.state != "concluded" or self.back is None:
            return ""
        return max(self.back.confirmed_at or self.back.received_at, self.countersigned, *(made.signed_at for made in self.signatures), "")


def courses(settings: Settings, ledger: Ledger, names: Mapping[str, str]) -> tuple[Course, ...]:
    """The way of every paper that is signed, by key; `names` are the partners' by their keys. Only reads."""
    signed = [row for row in ledger.documents().values() if row.kind in KINDS and KINDS[row.kind].signed]
    approvals, issues, signatures, returns = ledger.approvals(), ledger.issues(), ledger.signatures(), ledger.returns()
    counter = dict(ledger.noted(COUNTERSIGNED))
    return tuple(_course(settings, row, names.get(row.key.rpartition("/")[2], row.subject), approvals.get(row.key, ()), issues.get(row.key, ()),
                         signatures.get(row.key, ()), returns.get(row.key, ()), counter.get(row.key, {}))
                 for row in sorted(signed, key=lambda row: row.key))


def state(settings: Settings, row: DocumentRow, issues: Sequence[IssueRow], signatures: Sequence[SignatureRow],  # noqa: PLR0913, PLR0917
          returns: Sequence[ReturnRow], countersigned: Mapping[str, object]) -> str:
    """How far a paper that was given out has come: issued, returned or concluded; "" for one that is not out."""
    if present(issues, row) is None:
        return ""
    return _course(settings, row, "", (), issues, signatures, returns, countersigned).state


def _course(settings: Settings, row: DocumentRow, partner: str, approvals: Sequence[ApprovalRow], issues: Sequence[IssueRow],  # noqa: PLR0913, PLR0917
            signatures: Sequence[SignatureRow], returns: Sequence[ReturnRow], countersigned: Mapping[str, object]) -> Course:
    made = tuple(given for given in signatures if given.base_sha256 == row.pdf_sha256)
    on_paper = str(countersigned.get("seen_at", "")) if countersigned.get("pdf_sha256") == row.pdf_sha256 else ""
    stands = standing(row, approvals, settings.release)
    return Course(
        row=row, partner=partner, issue=present(issues, row), signatures=made, countersigned=on_paper, initiators=settings.initiators,
        approvals=tuple(given for given in approvals if given.released and given.pdf_sha256 == row.pdf_sha256) if stands.approved else (),
        returns=tuple(given for given in returns if given.revision == row.revision and given.state in CAME_BACK),
        waiting=() if on_paper else tuple(initiator for initiator in settings.initiators
                                          if initiator.signatories and not {given.field for given in made}.issuperset(initiator.fields)))


def note_countersigned(ledger: Ledger, row: DocumentRow, by: str, now: dt.datetime) -> None:
    """Keeps that somebody has seen the initiators' signatures on the paper itself."""
    at = now.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    ledger.note(COUNTERSIGNED, row.key, now, by=by, seen_at=at, revision=row.revision, pdf_sha256=row.pdf_sha256)


def way(course: Course) -> str:
    """By which way a paper went out, in German."""
    return WAYS.get(course.issue.way, course.issue.way) if course.issue else ""
