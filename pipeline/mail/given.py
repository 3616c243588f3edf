"""Messages about papers that are out: reminders to send them back, and notices that they count no more. They carry no paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.ledger import MessageRow
from pipeline.mail.address import usable
from pipeline.mail.mailing import Due, Mailing, Note
from pipeline.mail.paper import Paper
from pipeline.mail.reminding import barred, earlier_message
from pipeline.papers.draft import Draft


def about(mailing: Mailing, messages: Mapping[str, Sequence[MessageRow]]) -> list[tuple[str, Note | Due]]:
    """For each paper somebody is to be told of the list it belongs to, and its entry there; `messages` are all, by key."""
    drafts = {draft.key: draft for draft in mailing.drafts}
    return [_told(mailing, key, paper, drafts.get(key), messages.get(key, ())) for key, paper in mailing.papers.items()]


def _told(mailing: Mailing, key: str, paper: Paper, draft: Draft | None, messages: Sequence[MessageRow]) -> tuple[str, Note | Due]:
    recipient = draft.recipient if draft else None
    if paper.stop:
        return "held", Note(key=key, reason=paper.stop)
    if draft is None or recipient is None:
        return "held", Note(key=key, reason="steht nicht mehr im Register; bitte von Hand benachrichtigen")
    own = usable(recipient.email)
    if own is None:
        why = "keine E-Mail-Adresse" if not recipient.email else "E-Mail-Adresse nicht verwendbar"
        return ("paper" if recipient.postable else "impossible"), Note(key=key, reason=why)
    reason = barred(mailing, recipient, own)
    if reason:
        return "held", Note(key=key, reason=reason)
    address = usable(mailing.redirect) or own
    marks = (str(mailing.about).upper(), str(paper.issue.id), str(paper.number))
    message_id, waiting, settled = earlier_message(mailing, draft, address, messages, marks)
    if settled is not None:
        return settled
    return "due", Due(draft=draft, row=None, recipient=recipient, address=address, id=message_id, purpose=mailing.about, paper=paper,
                      number=paper.number, waiting=waiting)
