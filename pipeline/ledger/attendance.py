"""The ledger's pages on calendar entries: who holds which, who answered, who was reminded, who is to be left alone.

It knows people by their keys in the tables; of names and e-mail addresses it keeps hashes alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import unicodedata
from collections.abc import Iterable, Sequence

from pipeline.ledger.rows import AnswerRow, EntryRow, ReminderRow, parsed
from pipeline.ledger.store import Store, stamp

GONE = ("sent", "sending", "unknown")      # states of a message that left, or may have left
_ENTRY = "entries.message, entries.key, meeting, person, uid, sequence, method, start, said, entries.sha256, name_sha256, address_sha256"


def personal(text: str) -> str:
    """The sha-256 under which the ledger knows a name or an e-mail address: small letters, one blank between words."""
    return hashlib.sha256(" ".join(unicodedata.normalize("NFC", text).casefold().split()).encode()).hexdigest()


class Attendance(Store):
    """Who holds which calendar entry, and what they answered."""

    def token(self, meeting: str) -> str:
        """What makes the UID of a meeting impossible to guess for those who were never invited; the same as long as this ledger lives."""
        found = self._read("SELECT secret FROM secrets")
        return hmac.new(found[0][0].encode(), meeting.encode(), hashlib.sha256).hexdigest()[:16]

    def entries(self) -> list[EntryRow]:
        """Every calendar entry that was frozen for sending, in that order, each with the state its message is in."""
        return [EntryRow(message=row[0], key=row[1], meeting=row[2], person=row[3], uid=row[4], sequence=row[5], method=row[6], start=row[7],
                         said=parsed(row[8], dict, row[1]), sha256=row[9], name_sha256=row[10], address_sha256=row[11], state=row[12])
                for row in self._read(f"SELECT {_ENTRY}, state FROM entries JOIN messages ON messages.id = entries.message"
                                      " ORDER BY messages.rowid")]

    def held(self) -> dict[str, EntryRow]:
        """By key of the paper the entry its present recipient holds: of those that left, or may have left, the latest, be it one that cancels.

        Where one person took another's seat, that is the person invited last.
        """
        latest: dict[tuple[str, str], EntryRow] = {}
        invited: dict[str, str] = {}
        for row in self.entries():
            if row.state in GONE:
                latest[row.key, row.name_sha256] = row
                if row.method == "REQUEST":
                    invited[row.key] = row.name_sha256
        return {key: latest[key, name] for key, name in invited.items()}

    def enter(self, rows: Iterable[EntryRow]) -> None:
        """Keeps what the calendar entries of frozen messages say; no event of its own, for the message has one."""
        with self._writing() as db:
            db.executemany("INSERT OR REPLACE INTO entries (message, key, meeting, person, uid, sequence, method, start, said, sha256,"
                           " name_sha256, address_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           ((row.message, row.key, row.meeting, row.person, row.uid, row.sequence, row.method, row.start,
                             json.dumps(dict(row.said), ensure_ascii=False, sort_keys=True), row.sha256, row.name_sha256, row.address_sha256)
                            for row in rows))

    # answers

    def answers(self) -> dict[str, list[AnswerRow]]:
        """Every answer by key of the paper it answers, in the order they were received; the later counts."""
        found: dict[str, list[AnswerRow]] = {}
        for row in self._read("SELECT source, key, uid, attendee_sha256, answer, sequence, proposed, received_at, from_sha256 FROM answers"
                              " ORDER BY received_at, rowid"):
            found.setdefault(row[1], []).append(AnswerRow(
                source=row[0], key=row[1], uid=row[2], attendee_sha256=row[3], answer=row[4], sequence=row[5], proposed=row[6],
                received_at=row[7], from_sha256=row[8]))
        return found

    def answer(self, row: AnswerRow, at: dt.datetime) -> bool:
        """Keeps one answer; False when the message it stands in was read before."""
        with self._writing():
            return self._answered(row, at)

    def _answered(self, row: AnswerRow, at: dt.datetime) -> bool:
        """The same inside a transaction."""
        added = self._db.execute("INSERT OR IGNORE INTO answers (source, key, uid, attendee_sha256, answer, sequence, proposed, received_at,"
                                 " from_sha256) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                 (row.source, row.key, row.uid, row.attendee_sha256, row.answer, row.sequence, row.proposed, row.received_at,
                                  row.from_sha256)).rowcount == 1
        if added:
            self._event(at, "answered", row.key, answer=row.answer, sequence=row.sequence)
        return added

    # reminders

    def attendance_reminders(self) -> dict[str, list[ReminderRow]]:
        """Every reminder of an answer by key of the paper, in order, each with the state its message is in."""
        found: dict[str, list[ReminderRow]] = {}
        for row in self._read("SELECT message, reminders.key, number, day, state FROM reminders JOIN messages ON messages.id = reminders.message"
                              " ORDER BY reminders.key, number, day"):
            found.setdefault(row[1], []).append(ReminderRow(message=row[0], key=row[1], number=row[2], day=row[3], state=row[4]))
        return found

    def remind(self, rows: Iterable[ReminderRow]) -> None:
        """Keeps which reminders were frozen on which day; no event of its own, for the message has one."""
        with self._writing() as db:
            db.executemany("INSERT OR REPLACE INTO reminders (message, key, number, day) VALUES (?, ?, ?, ?)",
                           ((row.message, row.key, row.number, row.day) for row in rows))

    # erasure

    def silenced(self) -> frozenset[str]:
        """The hashes of addresses that nothing may be sent to any more."""
        return frozenset(row[0] for row in self._read("SELECT address_sha256 FROM silenced"))

    def silence(self, address_sha256: Sequence[str], person: str, at: dt.datetime) -> None:
        """Keeps the hashes of a person's addresses, and that nothing may go there any more."""
        with self._writing() as db:
            db.executemany("INSERT OR IGNORE INTO silenced (address_sha256, since) VALUES (?, ?)",
                           ((digest, stamp(at)) for digest in address_sha256))
            self._event(at, "silenced", person, addresses=len(address_sha256))
