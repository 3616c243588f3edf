"""Who is reminded that an answer is awaited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.ledger import MessageRow, personal
from pipeline.mail.address import allowed, domain, office_address, usable
from pipeline.mail.holding import Holdings, same
from pipeline.mail.mailing import WAITING, Due, Mailing, Note, Purpose
from pipeline.mail.message import identify
from pipeline.papers.draft import Draft, Recipient


def reminders(mailing: Mailing, holdings: Holdings, messages: Mapping[str, Sequence[MessageRow]]) -> list[tuple[str, Note | Due]]:
    """For each paper whose recipient is to be reminded the list it belongs to, and its entry there.

    Only those are reminded who hold the entry of the meeting as it is now: nobody is asked about a day they were never told.
    """
    return [found for draft in mailing.drafts if (found := _reminder(mailing, holdings, draft, messages.get(draft.key, ())))]


def _reminder(mailing: Mailing, holdings: Holdings, draft: Draft, messages: Sequence[MessageRow]) -> tuple[str, Note | Due] | None:
    number = mailing.reminding(draft) if mailing.reminding else 0
    recipient = draft.recipient
    if not number or recipient is None:
        return None
    meeting, own = mailing.meetings[draft.meeting], usable(recipient.email)
    row = holdings.of(draft.key, recipient.name, own or "")
    if row is None or row.method != "REQUEST" or (row.said and not same(row.said, meeting)):
        return "held", Note(key=draft.key, reason="kennt den jetzigen Stand der Einladung noch nicht; erst „gremium send invitation“")
    reason = barred(mailing, recipient, own)
    address = usable(mailing.redirect) if mailing.redirect else own
    if reason or address is None:
        return "held", Note(key=draft.key, reason=reason or "E-Mail-Adresse nicht verwendbar")
    message_id, waiting, settled = earlier_message(mailing, draft, address, messages, ("REMINDER", str(row.sequence), str(number)))
    if settled is not None:
        return settled
    return "due", Due(draft=draft, row=None, recipient=recipient, address=address, id=message_id, sequence=row.sequence, uid=row.uid,
                      meeting=meeting, before=row, purpose=Purpose.REMINDER, number=number, waiting=waiting)


def earlier_message(mailing: Mailing, draft: Draft, address: str, messages: Sequence[MessageRow],
                    marks: Sequence[str]) -> tuple[str, MessageRow | None, tuple[str, Note] | None]:
    """The id of a message that carries no paper, the same one where it waits to be sent, or the list it stands in when it was sent before."""
    office = domain(office_address(mailing.workspace.settings.office.email))
    message_id = identify(draft, "", address, office, *marks)
    earlier = next((message for message in messages if message.id == message_id), None) if not mailing.redirect else None
    if earlier is not None and earlier.state not in WAITING:
        where = {"failed": "failed", "sent": "already"}.get(earlier.state, "unknown")
        return message_id, None, (where, Note(key=draft.key, reason=earlier.reply))
    return message_id, earlier, None


def barred(mailing: Mailing, recipient: Recipient, own: str | None) -> str:
    """Why nothing may go there; "" when it may."""
    if recipient.key in mailing.silent or any(personal(address) in mailing.hushed for address in (recipient.email, own) if address):
        return "darf nicht angeschrieben werden (Widerspruch oder Löschung)"
    address = mailing.redirect or own
    if address and allowed(address, mailing.workspace.settings.mail.only):
        return ""
    return "Empfänger steht nicht auf der Liste der erlaubten (mail.only)"
