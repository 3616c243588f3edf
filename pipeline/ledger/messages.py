"""The ledger's pages on messages: the journal that keeps one from going twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from pipeline.ledger.issues import Issues
from pipeline.ledger.rows import MESSAGE_STATES, MessageRow
from pipeline.ledger.store import stamp


class Messages(Issues):
    """How far each message came."""

    def messages(self) -> list[MessageRow]:
        """Every message, in the order they were frozen."""
        return [MessageRow(id=row[0], key=row[1], kind=row[2], pdf_sha256=row[3], path=row[4], sha256=row[5], state=row[6],
                           attempts=row[7], reply=row[8], changed_at=row[9])
                for row in self._read("SELECT id, key, kind, pdf_sha256, path, sha256, state, attempts, reply, changed_at"
                                      " FROM messages ORDER BY rowid")]

    def frozen(self, rows: Sequence[MessageRow], at: dt.datetime) -> None:
        """Notes messages whose frozen files are on disk; one already known is left as it is."""
        with self._writing() as db:
            for row in rows:
                added = db.execute("INSERT OR IGNORE INTO messages (id, key, kind, pdf_sha256, path, sha256, state, changed_at)"
                                   " VALUES (?, ?, ?, ?, ?, ?, 'frozen', ?)",
                                   (row.id, row.key, row.kind, row.pdf_sha256, row.path, row.sha256, stamp(at)))
                if added.rowcount:
                    self._event(at, "frozen", row.key, message=row.id, sha256=row.sha256)

    def claim(self, messages: Iterable[str], at: dt.datetime) -> frozenset[str]:
        """Takes frozen and deferred messages for a run, in one write; gives back those it has: another run has the others, or they are past that."""
        with self._writing() as db:
            return frozenset(message for message in messages
                             if db.execute("UPDATE messages SET state = 'claimed', changed_at = ? WHERE id = ? AND state IN ('frozen', 'deferred')",
                                           (stamp(at), message)).rowcount == 1)

    def release(self, at: dt.datetime) -> None:
        """Gives back what was claimed and not handed over; only for the run that keeps all others out."""
        with self._writing() as db:
            db.execute("UPDATE messages SET state = 'frozen', changed_at = ? WHERE state = 'claimed'", (stamp(at),))

    def step(self, ended: Sequence[tuple[str, str, str]], begun: Sequence[str], at: dt.datetime) -> frozenset[str]:
        """One write for what became of some messages (id, state, reply) and for those claimed and about to be handed over.

        Gives back which of those this run may send: another run has the others, or they are past that.
        """
        taken = set()
        with self._writing() as db:
            for message, state, reply in ended:
                assert state in MESSAGE_STATES, state
                db.execute("UPDATE messages SET state = ?, reply = ?, changed_at = ? WHERE id = ?", (state, reply, stamp(at), message))
                self._message_event(at, state, message)
                self._moved(db, message, state, at)
            for message in begun:
                if db.execute("UPDATE messages SET state = 'sending', reply = '', changed_at = ?, attempts = attempts + 1"
                              " WHERE id = ? AND state IN ('frozen', 'claimed', 'deferred')", (stamp(at), message)).rowcount == 1:
                    self._message_event(at, "sending", message)
                    taken.add(message)
        return frozenset(taken)

    def _message_event(self, at: dt.datetime, state: str, message: str) -> None:
        key = self._db.execute("SELECT key FROM messages WHERE id = ?", (message,)).fetchone()
        self._event(at, state, key[0] if key else "", message=message)

    def settle(self, message: str, state: str, at: dt.datetime, *, reply: str = "") -> None:
        """Moves a message to `state`, with the server's words."""
        assert state in MESSAGE_STATES, state
        with self._writing() as db:
            db.execute("UPDATE messages SET state = ?, reply = ?, changed_at = ?, attempts = attempts + (? = 'sending') WHERE id = ?",
                       (state, reply, stamp(at), state, message))
            self._message_event(at, state, message)
            self._moved(db, message, state, at)
