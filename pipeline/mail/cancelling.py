"""Whose invitation is taken back: the meeting was cancelled, or the person is invited no more.

A cancellation says nothing new: it takes back what was released and sent, in the words of that entry. So the release of the
invitation covers it; it is shown on the sheet, counted, and sent only with `--really`, like every message.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import AddressHeader
from email.parser import BytesHeaderParser
from email.policy import default

from pipeline.ledger import EntryRow, MessageRow, personal
from pipeline.mail.address import allowed, domain, office_address, usable
from pipeline.mail.holding import Holdings, recalled
from pipeline.mail.mailing import WAITING, Due, Mailing, Note, Purpose
from pipeline.mail.message import identify
from pipeline.papers.draft import Draft, Recipient
from pipeline.records import Meeting

_ON_PAPER = ("printed", "posted")


@dataclass(frozen=True, slots=True)
class _Case:
    """One entry that somebody holds and is not to hold any more."""

    row: EntryRow
    meeting: Meeting      # as the holder knows it
    off: bool             # it is not held at all


def cancellations(mailing: Mailing, holdings: Holdings, messages: Mapping[str, Sequence[MessageRow]]) -> Iterator[tuple[str, Note | Due]]:
    """For each entry that is to be taken back the list it belongs to, and its entry there; `messages` are all, by key."""
    invited = {draft.key: draft.recipient for draft in mailing.drafts if draft.recipient}
    for key in holdings.keys:
        recipient = invited.get(key)
        rows = holdings.others(key, recipient.name, usable(recipient.email) or "") if recipient else holdings.others(key)
        for row in rows:
            if key.startswith(f"{mailing.kind}/") and row.person not in mailing.silent and row.address_sha256 not in mailing.hushed:
                yield from _case(mailing, row, messages.get(key, ()), replaced=recipient is not None)
    for key, earlier in messages.items():
        if key.startswith(f"{mailing.kind}/") and key not in invited:
            yield from _on_paper(mailing, key, earlier)


def _case(mailing: Mailing, row: EntryRow, messages: Sequence[MessageRow], *, replaced: bool) -> Iterator[tuple[str, Note | Due]]:
    now = mailing.meetings.get(row.meeting)
    told = recalled(row.meeting, row.said) if row.said else now
    today = mailing.workspace.settings.alliance.date
    if told is None or told.date < today:
        return      # over, or before the ledger kept what entries say: nothing to take back
    off = now is None or now.cancelled
    if now is not None and not off and not replaced and now.date < today:
        yield "held", Note(key=row.key, reason="das Treffen liegt jetzt vor dem Datum der Papiere; das Datum prüfen oder das Treffen absagen")
    elif mailing.doubt and not (now is not None and now.cancelled):
        yield "held", Note(key=row.key, reason=mailing.doubt)
    else:
        yield _due(mailing, _Case(row, told, off), messages)


def _due(mailing: Mailing, case: _Case, messages: Sequence[MessageRow]) -> tuple[str, Note | Due]:
    row = case.row
    recipient = holder(mailing, row, messages)
    if recipient is None:
        return "by_hand", Note(key=row.key, reason="Absage nötig, die versandte Nachricht liegt aber nicht mehr in outputs/outbox")
    address = usable(mailing.redirect or recipient.email)
    if address is None or not allowed(address, mailing.workspace.settings.mail.only):
        return "held", Note(key=row.key, reason="Absage: Empfänger steht nicht auf der Liste der erlaubten (mail.only)")
    sequence = row.sequence + 1
    stem = f"absage-{row.key.partition('/')[2].replace('/', '-')}"
    draft = Draft(key=row.key, kind=mailing.kind, subject=case.meeting.title, template="", stem=stem, date=mailing.workspace.settings.alliance.date,
                  context={}, recipient=recipient, meeting=row.meeting)
    office = domain(office_address(mailing.workspace.settings.office.email))
    number = identify(draft, "", address, office, "CANCEL", str(sequence))
    sent = next((message for message in messages if message.id == number), None) if not mailing.redirect else None
    if sent is not None and sent.state == "failed":
        return "by_hand", Note(key=row.key, reason=f"Absage nicht zugestellt, bitte anrufen: {sent.reply}")
    return "due", Due(draft=draft, row=None, recipient=recipient, address=address, id=number, sequence=sequence, uid=row.uid,
                      meeting=case.meeting, before=row, purpose=Purpose.CANCELLATION, off=case.off,
                      waiting=sent if sent is not None and sent.state in WAITING else None)


def holder(mailing: Mailing, row: EntryRow, messages: Sequence[MessageRow]) -> Recipient | None:
    """Who holds an entry, by the frozen message that brought it, for the ledger keeps neither names nor addresses; None when it is gone."""
    path = next((message.path for message in messages if message.id == row.message), "")
    try:
        head = (mailing.workspace.root / path).read_bytes().partition(b"\r\n\r\n")[0] if path else b""
    except OSError:
        return None
    found = BytesHeaderParser(policy=default).parsebytes(head)["to"]
    if not isinstance(found, AddressHeader) or len(found.addresses) != 1:
        return None
    name, address = found.addresses[0].display_name, found.addresses[0].addr_spec
    known = mailing.known.get(row.person)
    if known is not None and personal(known.name) == row.name_sha256:      # still there, and the same person
        return known if usable(known.email) else None
    salutation = f"Guten Tag {name}" if name else "Sehr geehrte Damen und Herren"
    return Recipient(key=row.person, partner="", name=name, organisation="", email=address, salutation=salutation, address=())


def _on_paper(mailing: Mailing, key: str, messages: Sequence[MessageRow]) -> Iterator[tuple[str, Note]]:
    """Who got a printed letter to a meeting that is still to come cannot be told by a machine."""
    meeting = mailing.meetings.get(key.split("/")[1] if key.count("/") > 1 else "")
    today = mailing.workspace.settings.alliance.date
    letters = [message for message in messages if message.state in (*_ON_PAPER, "sent")]
    if meeting is None or meeting.date < today or not letters or letters[-1].state not in _ON_PAPER or key.rpartition("/")[2] in mailing.silent:
        return
    if meeting.cancelled or not mailing.doubt:
        yield "by_hand", Note(key=key, reason="hat die Einladung auf Papier: Absage bitte per Brief oder Telefon")
