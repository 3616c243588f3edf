"""The ledger's pages on what came in: each mail is read once, and settles at most what it may settle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from pipeline.ledger.attendance import Attendance
from pipeline.ledger.issues import Issues
from pipeline.ledger.rows import AnswerRow, InboxRow
from pipeline.ledger.store import stamp

# What a mail may make of a message: a bounce ends what was sent or is in doubt, an answer proves that what was in doubt arrived.
SETTLES: Mapping[str, tuple[str, ...]] = {"failed": ("sent", "unknown"), "sent": ("unknown",)}

Settled = tuple[str, str, str]      # Message-ID of ours, new state, words


class Inbox(Attendance, Issues):
    """Which mails were read, and what they said of ours."""

    def inbox(self) -> list[InboxRow]:
        """Every mail that was read, in the order they were."""
        return [InboxRow(id=row[0], place=row[1], sort=row[2], message=row[3], code=row[4], read_at=row[5])
                for row in self._read("SELECT id, place, sort, message, code, read_at FROM inbox ORDER BY rowid")]

    def took_in(self, rows: Sequence[InboxRow], settled: Sequence[Settled], at: dt.datetime, *, answers: Sequence[AnswerRow] = ()) -> frozenset[str]:
        """Notes mails as read, together with the answers in them and what they settle; gives back the Message-IDs of ours whose state that changed.

        A mail already noted is left as it is. What a mail may not settle – a message that is being sent, or was printed – stays.
        """
        changed = set()
        with self._writing() as db:
            for row in rows:
                db.execute("INSERT OR IGNORE INTO inbox (id, place, sort, message, code, read_at) VALUES (?, ?, ?, ?, ?, ?)",
                           (row.id, row.place, row.sort, row.message, row.code, stamp(at)))
            for answer in answers:
                self._answered(answer, at)
            for message, state, words in settled:
                for key, before in db.execute("SELECT key, state FROM messages WHERE id = ?", (message,)).fetchall():
                    if before in SETTLES[state]:
                        db.execute("UPDATE messages SET state = ?, reply = ?, changed_at = ? WHERE id = ?", (state, words, stamp(at), message))
                        self._event(at, state, key, message=message)
                        self._moved(db, message, state, at)
                        changed.add(message)
        return frozenset(changed)
