"""What a mailing would do: who gets a message, who gets paper, who is held back and why. Nothing is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.ledger import DocumentRow, EntryRow, Ledger, MessageRow, personal
from pipeline.mail import calendar
from pipeline.mail.address import allowed, domain, office_address, usable
from pipeline.mail.cancelling import cancellations
from pipeline.mail.dead import dead
from pipeline.mail.desk import Desk, news
from pipeline.mail.given import about
from pipeline.mail.holding import Holdings, same
from pipeline.mail.mailing import WAITING, Due, Mailing, Note, Purpose, Sample, Sheet
from pipeline.mail.message import identify
from pipeline.mail.reminding import reminders
from pipeline.papers.draft import Draft, Recipient
from pipeline.records import Meeting

__all__ = ["Desk", "Due", "Mailing", "Note", "Sample", "Sheet", "plan", "sheet"]


def sheet(mailing: Mailing, ledger: Ledger, *, now: dt.datetime) -> Sheet:
    """What would be sent; every message is composed and guarded on the way. Raises SendingError, SigningError, TemplateError."""
    found = plan(mailing, ledger)
    desk = Desk(mailing)
    for due in found.due:
        desk.message(due, now)
    return replace(found, samples=tuple(_sample(desk, due) for due in _picked(found.due)),
                   unusual=tuple(_sample(desk, due, ", ".join(reasons)) for due, reasons in _unusual(found.due)))


def plan(mailing: Mailing, ledger: Ledger) -> Sheet:
    """Where each recipient stands, without composing anything; cancellations come first, so that a seat is free before it is given away."""
    known: dict[str, list[MessageRow]] = {}
    for row in ledger.messages():
        known.setdefault(row.key, []).append(row)
    entries = ledger.entries()
    holdings = Holdings(entries)
    if mailing.about is not Purpose.LETTER:
        found = about(mailing, known)
    elif mailing.reminding is not None:
        found = reminders(mailing, holdings, known)
    else:
        letters = _Letters(mailing, holdings, ledger, dead(entries, ledger.inbox()))
        found = [*cancellations(mailing, holdings, known), *(letters.stand(draft, known.get(draft.key, ())) for draft in mailing.drafts)]
    notes: dict[str, list[Note]] = {}
    if mailing.chosen:
        found = [(place, what) for place, what in found if (what.key if isinstance(what, Note) else what.draft.key) in mailing.chosen]
    for place, what in found:
        if isinstance(what, Note):
            notes.setdefault(place, []).append(what)

    def noted(place: str) -> tuple[Note, ...]:
        return tuple(notes.get(place, ()))
    return Sheet(due=tuple(what for _, what in found if isinstance(what, Due)), already=noted("already"), unknown=noted("unknown"),
                 failed=noted("failed"), paper=noted("paper"), held=noted("held"), impossible=noted("impossible"), by_hand=noted("by_hand"))


class _Letters:
    """Where those stand who are invited now, or get another paper."""

    def __init__(self, mailing: Mailing, holdings: Holdings, ledger: Ledger, dead: Mapping[str, EntryRow]) -> None:
        self._mailing, self._holdings, self._ledger, self._dead = mailing, holdings, ledger, dead
        self._office = domain(office_address(mailing.workspace.settings.office.email))
        self._uids: dict[str, str] = {}
        self._away = {row.message for row in ledger.consignments().values() if row.done}     # what became of these papers the ledger says

    def stand(self, draft: Draft, earlier: Sequence[MessageRow]) -> tuple[str, Note | Due]:
        """The list a paper belongs to, and its entry there."""
        mailing = self._mailing
        row, recipient = mailing.released.get(draft.key), draft.recipient
        if draft.key in mailing.out:
            return "already", Note(key=draft.key, reason=mailing.out[draft.key])
        if row is None or recipient is None or draft.key in mailing.held:
            return "held", Note(key=draft.key, reason=mailing.held.get(draft.key, "kein Empfänger" if recipient is None else "nicht freigegeben"))
        own = usable(recipient.email)
        if recipient.key in mailing.silent or _hushed(mailing, recipient, own):
            return "held", Note(key=draft.key, reason="darf nicht angeschrieben werden (Widerspruch oder Löschung)")
        earlier = () if mailing.redirect else earlier
        due = self._due(draft, row, recipient, own or "")
        known_as = due.meeting is None or due.before is None or (due.before.method == "REQUEST" and _told(due))
        carried = [message for message in earlier if message.pdf_sha256 == row.pdf_sha256 and message.id not in self._away]
        settled = self._settled(due, carried) if known_as else None
        if settled is not None:
            return settled
        if own is None:
            why = "keine E-Mail-Adresse" if not recipient.email else "E-Mail-Adresse nicht verwendbar"
            return ("paper" if recipient.postable else "impossible"), Note(key=draft.key, reason=why)
        return self._last_look(due, earlier, carried)

    def _settled(self, due: Due, carried: Sequence[MessageRow]) -> tuple[str, Note] | None:
        """Where somebody stands who got this very letter, or may have got it; None for who did not."""
        key = due.draft.key
        for message in carried:
            if message.state == "sent" and self._came_back(due):
                return _on_paper(due, carried) or ("failed", Note(key=key, reason="die Einladung ging hinaus, die letzte Nachricht dazu kam zurück"))
            if message.state in _SETTLED:
                # what the server said of a message that went is of no use to anybody, and differs for each
                return _SETTLED[message.state], Note(key=key, reason="" if message.state == "sent" else message.reply)
        return None

    def _came_back(self, due: Due) -> bool:
        """The invitation may have arrived, but what was sent after it did not, and the meeting is still to come."""
        last = self._dead.get(personal(due.address))
        return (last is not None and last.key == due.draft.key and due.meeting is not None
                and due.meeting.date >= self._mailing.workspace.settings.alliance.date)

    def _last_look(self, due: Due, earlier: Sequence[MessageRow], carried: Sequence[MessageRow]) -> tuple[str, Note | Due]:
        address = usable(self._mailing.redirect) if self._mailing.redirect else due.address
        if address is None or not allowed(address, self._mailing.workspace.settings.mail.only):
            return "held", Note(key=due.draft.key, reason="Empfänger steht nicht auf der Liste der erlaubten (mail.only)")
        due = replace(due, address=address, id=self._id(due, address))
        refused = next((message for message in earlier if message.id in self._ids(due) and message.state == "failed"), None)
        if refused is not None:       # a corrected address makes another message
            return _on_paper(due, carried) or ("failed", Note(key=due.draft.key, reason=refused.reply))
        same_id = next((message for message in earlier if message.id == due.id), None)
        return "due", replace(due, waiting=same_id if same_id is not None and same_id.state in WAITING else None)

    def _due(self, draft: Draft, row: DocumentRow, recipient: Recipient, own: str) -> Due:
        meeting = self._mailing.meetings[draft.meeting] if draft.meeting else None
        if meeting is None:
            return Due(draft=draft, row=row, recipient=recipient, address=own, id="", paper=self._mailing.papers.get(draft.key))
        before = self._holdings.of(draft.key, recipient.name, own)
        moved = before is not None and before.address_sha256 not in (personal(own), "")
        return Due(draft=draft, row=row, recipient=recipient, address=own, id="", uid=self._uid(meeting), meeting=meeting, before=before,
                   sequence=self._holdings.sequence(draft.key, before, meeting), moved=moved, dead=personal(own) in self._dead)

    def _uid(self, meeting: Meeting) -> str:
        if meeting.key not in self._uids:
            fresh = calendar.uid(meeting.key, self._office, self._ledger.token(meeting.key))
            self._uids[meeting.key] = self._holdings.uid(meeting.key, fresh)
        return self._uids[meeting.key]

    def _id(self, due: Due, address: str) -> str:
        assert due.row is not None
        marks = (str(due.sequence),) if due.sequence else due.paper.marks if due.paper else ()
        return identify(due.draft, due.row.pdf_sha256, address, self._office, *marks)

    def _ids(self, due: Due) -> frozenset[str]:
        """The ids of this message, and of those that carried the same file to the same address before."""
        if due.paper is None:
            return frozenset({due.id})
        return frozenset(self._id(replace(due, paper=replace(due.paper, number=number)), due.address) for number in range(due.paper.number + 1))


_SETTLED = {"sent": "already", "printed": "already", "posted": "already", "unknown": "unknown", "sending": "unknown"}


def _on_paper(due: Due, carried: Sequence[MessageRow]) -> tuple[str, Note] | None:
    """Whom no e-mail reaches, and who has this very letter on paper."""
    return next((("already", Note(key=due.draft.key, reason=message.reply)) for message in carried if message.state in ("printed", "posted")), None)


def _told(due: Due) -> bool:
    """The entry the recipient holds tells of the meeting as it is; one older than the ledger's pages on them goes by its letter."""
    assert due.before is not None and due.meeting is not None
    return not due.before.said or same(due.before.said, due.meeting)


def _hushed(mailing: Mailing, recipient: Recipient, own: str | None) -> bool:
    return any(personal(address) in mailing.hushed for address in (recipient.email, own) if address)


def _picked(due: Sequence[Due]) -> Iterator[Due]:
    """The first, the middle and the last letter; of changes and cancellations, what was told and what is told now."""
    sorts: dict[object, list[Due]] = {}
    for entry in due:
        fresh = entry.paper is not None or (entry.purpose is Purpose.LETTER and entry.before is None)
        sorts.setdefault("" if fresh else (entry.purpose, entry.draft.meeting, news(entry)), []).append(entry)
    for sort, entries in sorts.items():
        places = (0, len(entries) // 2, len(entries) - 1) if sort == "" else (0,)
        yield from (entries[place] for place in dict.fromkeys(places))


def _sample(desk: Desk, due: Due, reason: str = "") -> Sample:
    text = desk.text(due)
    return Sample(key=due.draft.key, to=f"{due.recipient.name} <{due.address}>", subject=text.subject, text=text.plain, reason=reason)


def _unusual(due: Sequence[Due]) -> Iterator[tuple[Due, list[str]]]:
    """Messages worth a look, each with what is unusual about it."""
    longest = max((len(entry.recipient.name) for entry in due), default=0)
    owners: dict[str, set[str]] = {}
    for entry in due:
        owners.setdefault(entry.recipient.email.casefold(), set()).add(entry.recipient.key)
    seen = False
    for entry in due:
        who = entry.recipient
        longest_now = len(who.name) == longest and not seen
        seen = seen or longest_now
        reasons = [
            (longest_now, "längster Name"),
            (bool(who.address) and who.address[-1].isupper() and not any(map(str.isdigit, who.address[-1])), "Anschrift im Ausland"),
            (who.salutation.startswith("Sehr geehrte Damen"), "keine Person bekannt"),
            (who.salutation.startswith("Guten Tag"), "Anrede ohne Frau oder Herr"),
            (not who.email.isascii(), "Umlaut in der E-Mail-Adresse"),
            (len(owners[who.email.casefold()]) > 1, "E-Mail-Adresse mehrerer Personen"),
            (entry.moved, "E-Mail-Adresse seit der Einladung geändert; an die alte geht nichts mehr"),
            (entry.dead, "die letzte Nachricht an diese E-Mail-Adresse war unzustellbar"),
        ]
        found = [reason for unusual, reason in reasons if unusual]
        if found:
            yield entry, found
