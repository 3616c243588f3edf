"""Who comes to a meeting: the answers that count, and who has to be reminded of one."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from pipeline.errors import GremiumError
from pipeline.ledger import AnswerRow, EntryRow, Ledger, personal
from pipeline.ledger.attendance import GONE
from pipeline.mail.address import usable
from pipeline.mail.dead import dead
from pipeline.mail.holding import Holdings, same
from pipeline.papers.draft import Draft
from pipeline.records import Meeting

_ON_PAPER = ("printed", "posted")


class Stand(StrEnum):
    """Where an invited person stands."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    COUNTER = "counter"        # proposes another time
    OPEN = "open"              # knows the present state and has not answered it
    UNTOLD = "untold"          # was not told of the present state yet


# What a person says on the telephone, as the command takes it.
WORDS: Mapping[str, Stand] = {"ja": Stand.ACCEPTED, "nein": Stand.DECLINED, "vielleicht": Stand.TENTATIVE}


class NotInvited(GremiumError):
    """An answer is to be noted of somebody who is not invited."""

    exit_code = 2

    def __init__(self, person: str, meeting: str) -> None:
        super().__init__(f"{person} ist zu {meeting} nicht eingeladen", hint=f"„gremium attendance {meeting}“ nennt alle Eingeladenen.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """One invited person."""

    key: str                   # of the paper: invitation/M-003/P-017
    name: str
    organisation: str
    stand: Stand
    proposed: str = ""         # of a counter-proposal: 2017-06-21T16:00, on clocks in Berlin
    answered: str = ""         # when the answer that counts was received, UTC; "" without one
    earlier: str = ""          # what was answered to a former state of the meeting, and counts no more
    sequence: int | None = None    # of the calendar entry this person holds; None for none
    on_paper: bool = False     # was invited by a printed letter: no e-mail can remind
    told: str = ""             # when the present state was sent, UTC; "" when it was not, or on paper
    reminders: int = 0         # of this state of the meeting
    reminded: str = ""         # day of the last one
    unreachable: bool = False  # the last message to this person's address came back as undeliverable


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """Everybody invited to one meeting, in the order of the tables."""

    meeting: str
    guests: tuple[Guest, ...]

    @property
    def counts(self) -> Mapping[str, int]:
        """Every stand → how many stand there."""
        found = Counter(guest.stand for guest in self.guests)
        return {str(stand): found[stand] for stand in Stand}

    def of(self, stand: Stand) -> tuple[Guest, ...]:
        """Those who stand there."""
        return tuple(guest for guest in self.guests if guest.stand is stand)


def attendance(meeting: Meeting, drafts: Iterable[Draft], ledger: Ledger) -> Attendance:
    """Who of those invited now has answered what.

    An answer counts when it was given to the state of the meeting the person holds, and that is the present one; of several,
    the one received last.
    """
    book = _Book(meeting, ledger)
    return Attendance(meeting=meeting.key, guests=tuple(book.guest(draft) for draft in drafts if draft.meeting == meeting.key and draft.recipient))


class _Book:
    """What the ledger knows of one meeting, read once."""

    def __init__(self, meeting: Meeting, ledger: Ledger) -> None:
        everything = ledger.entries()
        self._dead = dead(everything, ledger.inbox())
        entries = [row for row in everything if row.meeting == meeting.key]
        self._meeting, self._holdings, self._answers = meeting, Holdings(entries), ledger.answers()
        self._entries = {row.message: row for row in entries}
        self._gone: dict[str, list[EntryRow]] = {}
        for row in entries:
            if row.state in GONE:
                self._gone.setdefault(row.key, []).append(row)
        self._messages = {row.id: row for row in ledger.messages()}
        documents = ledger.documents()
        self._paper = {row.key for row in self._messages.values() if row.state in _ON_PAPER      # the letter as it was built last
                       and (row.key not in documents or documents[row.key].pdf_sha256 == row.pdf_sha256)}
        self._reminders = ledger.attendance_reminders()

    def guest(self, draft: Draft) -> Guest:
        """One of the invited."""
        who = draft.recipient
        assert who is not None
        mine = self._holdings.of(draft.key, who.name, usable(who.email) or "")
        knows = mine is not None and mine.method == "REQUEST" and (not mine.said or same(mine.said, self._meeting))
        unreachable = personal(usable(who.email) or "") in self._dead
        on_paper = draft.key in self._paper and (unreachable or not knows)
        given = self._answers.get(draft.key, [])
        answerable = knows or on_paper or draft.key not in self._holdings.keys       # nobody holds an entry: what was said on the telephone counts
        counting = [row for row in given if _counts(row, mine)] if answerable else []
        last = counting[-1] if counting else None
        stand = Stand(last.answer) if last else Stand.OPEN if knows or on_paper else Stand.UNTOLD
        sent = [row for row in self._reminders.get(draft.key, ()) if row.state in GONE and mine is not None
                and row.message in self._entries and self._entries[row.message].sequence == mine.sequence]
        sequence = mine.sequence if mine is not None and mine.method == "REQUEST" else None
        return Guest(key=draft.key, name=who.name, organisation=who.organisation, stand=stand, proposed=last.proposed if last else "",
                     answered=last.received_at if last else "", earlier=given[-1].answer if given and not last else "", on_paper=on_paper,
                     sequence=sequence, told=self._told(draft.key, mine) if knows else "",
                     reminders=len(sent), reminded=max((row.day for row in sent), default=""),
                     unreachable=unreachable)

    def _told(self, key: str, mine: EntryRow | None) -> str:
        """When the first message with this state of the meeting left."""
        return min((self._messages[row.message].changed_at for row in self._gone.get(key, ()) if mine is not None and row.sequence == mine.sequence),
                   default="")


def due(found: Attendance, today: dt.date, after: int) -> Mapping[str, int]:
    """Whom to remind today, by key, with the number of the reminder: so many days after the invitation or the last reminder.

    Nobody twice on one day, nobody who was invited on paper or whom no e-mail reaches, nobody who does not know the present state yet.
    """
    return {guest.key: guest.reminders + 1 for guest in found.of(Stand.OPEN)
            if guest.told and not guest.unreachable and _days(guest, today) >= max(after, 1)}


def by_word(found: Attendance, ledger: Ledger, person: str, stand: Stand, now: dt.datetime) -> Guest:
    """Notes an answer that somebody gave by telephone or letter. Raises NotInvited."""
    guest = next((guest for guest in found.guests if guest.key.rpartition("/")[2] == person), None)
    if guest is None:
        raise NotInvited(person, found.meeting)
    mine = ledger.held().get(guest.key)
    at = now.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    ledger.answer(AnswerRow(source=f"by-word/{guest.key}/{now.astimezone(dt.UTC).isoformat()}", key=guest.key, uid="", attendee_sha256="",
                            answer=str(stand), sequence=mine.sequence if mine else 0, received_at=at, from_sha256=""), now)
    return guest


def _counts(row: AnswerRow, mine: EntryRow | None) -> bool:
    return mine is None or (row.sequence == mine.sequence and row.uid in ("", mine.uid))


def _days(guest: Guest, today: dt.date) -> int:
    last = max(guest.told[:10], guest.reminded)
    return (today - dt.date.fromisoformat(last)).days
