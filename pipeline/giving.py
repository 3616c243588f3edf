"""Giving out by mail: which papers go to whom in which file, who is reminded of them, and who is told that one counts no more.

Each is a mailing like any other: looked at first, confirmed by number, frozen, noted, sent. What the ledger keeps of a
paper as given out it notes in the write that notes the message as sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace

from pipeline.errors import SigningError
from pipeline.issue import HERE, RETURNED, NotReady, ready, remindable, reminders
from pipeline.ledger import IssueRow, Ledger, SignatureRow
from pipeline.mail.mailing import Mailing, Purpose
from pipeline.mail.paper import Paper
from pipeline.settings import Settings

OVERTAKEN = "die ausgegebene Fassung ist überholt; erst die neue ausgeben (gremium send memorandum)"


class NotWithdrawn(SigningError):
    """A paper of which nothing was taken back."""

    def __init__(self, key: str) -> None:
        super().__init__(f"von {key} ist keine Fassung zurückgenommen", hint='Erst „gremium withdraw SCHLÜSSEL --reason "…"“.')


def by_mail(mailing: Mailing, ledger: Ledger, now: dt.datetime, *, unsigned: bool = False, again: Collection[str] = ()) -> Mailing:
    """A mailing that gives papers out: each in the file that may leave, once, and noted when it has left.

    `again` are the keys of papers whose revision goes out once more though somebody has it already.
    """
    workspace = mailing.workspace
    found = ready(workspace, ledger, list(mailing.released.values()), "mail", now, unsigned=unsigned)
    before, signatures = ledger.issues(), ledger.signatures()
    out = {key: why for key, why in found.already.items() if key not in again or why == RETURNED}
    going = {row.key: row for row in found.going}
    return replace(
        mailing, released={key: replace(mailing.released[key], pdf=row.path, pdf_sha256=row.sha256) for key, row in going.items()},
        held={**mailing.held, **{key: why.reason if isinstance(why, NotReady) else str(why) for key, why in found.held.items()}}, out=out,
        papers={key: _paper(workspace.settings, row, signatures.get(key, ()), now,
                            number=sum(given.base_sha256 == row.base_sha256 for given in before.get(key, ()))) for key, row in going.items()})


def reminding(mailing: Mailing, ledger: Ledger, now: dt.datetime) -> Mailing:
    """A mailing that reminds all to whom a reminder is due to send back what they have."""
    documents, signatures = ledger.documents(), ledger.signatures()
    papers: dict[str, Paper] = {}
    for due in reminders(mailing.workspace, ledger, now, remindable(mailing.drafts, mailing.silent, mailing.hushed)):
        key, present = due.row.key, documents.get(due.row.key)
        if key.partition("/")[0] != mailing.kind:
            continue
        newer = present is not None and present.pdf_sha256 != due.row.base_sha256
        papers[key] = _paper(mailing.workspace.settings, due.row, signatures.get(key, ()), now, number=due.number,
                             stop=OVERTAKEN if newer else "")
    return replace(mailing, about=Purpose.RETURN, papers=papers)


def recalling(mailing: Mailing, ledger: Ledger, keys: Collection[str], now: dt.datetime) -> Mailing:
    """A mailing that tells who has a paper taken back that it counts no more. Raises NotWithdrawn."""
    issues, signatures = ledger.issues(), ledger.signatures()
    papers: dict[str, Paper] = {}
    for key in keys:
        taken = [row for row in issues.get(key, ()) if row.withdrawn_at]
        if not taken:
            raise NotWithdrawn(key)
        papers[key] = _paper(mailing.workspace.settings, taken[-1], signatures.get(key, ()), now, reason=taken[-1].reason)
    return replace(mailing, about=Purpose.WITHDRAWAL, papers=papers)


def _paper(settings: Settings, row: IssueRow, made: Sequence[SignatureRow], now: dt.datetime, *, number: int = 0,  # noqa: PLR0913
           reason: str = "", stop: str = "") -> Paper:
    fields = {given.field for given in made if given.base_sha256 == row.base_sha256}
    return Paper(issue=row, number=number, reason=reason, stop=stop,
                 signed=tuple(initiator.name for initiator in settings.initiators if fields.issuperset(initiator.fields)),
                 after=tuple(initiator.name for initiator in settings.initiators
                             if initiator.signatories and not fields.issuperset(initiator.fields)),
                 return_by=now.astimezone(HERE).date() + dt.timedelta(days=settings.release.return_within))
