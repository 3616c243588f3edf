"""The ledger's page on forgetting: personal values give way to their hashes; events, which hold none, stay as they are."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Collection, Mapping

from pipeline.ledger.rows import packed, unpacked
from pipeline.ledger.store import LedgerUnreadable, Store

Hide = Callable[[str, Mapping[str, str]], Mapping[str, str]]
"""Takes a paper's key and what it was made from; gives the same with personal values hidden."""


class Erasure(Store):
    """What is taken out when a person is to be forgotten."""

    def forget(self, person: str, hide: Hide, hide_words: Callable[[str], str], messages: Collection[str], at: dt.datetime) -> int:
        """Hides the person's values in what papers were made from and released for, and in servers' words; how many rows changed.

        Messages of theirs that have not left are withdrawn. Nothing of it stays in the file: freed pages are overwritten, and the log
        beside the file is emptied. The hashes of papers and messages, and every event, are left as they are: the chain holds.
        """
        changed = 0
        try:
            self._db.execute("PRAGMA secure_delete = ON")
            with self._writing() as db:
                for table, row_id in (("documents", "rowid"), ("approvals", "id")):
                    changed += self._hidden(table, row_id, hide)
                changed += self._reworded("failures", "key", "error", hide_words)
                changed += self._reworded("messages", "id", "reply", hide_words)
                for message in messages:
                    db.execute("UPDATE messages SET state = 'withdrawn' WHERE id = ? AND state IN ('frozen', 'deferred', 'claimed')", (message,))
                self._event(at, "erased", person, messages=len(messages), rows=changed)
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise LedgerUnreadable(self.path, error) from error
        return changed

    def _hidden(self, table: str, row_id: str, hide: Hide) -> int:
        changed = 0
        for number, key, inputs in self._db.execute(f"SELECT {row_id}, key, inputs FROM {table} WHERE inputs IS NOT NULL").fetchall():
            before = unpacked(inputs, key)
            after = hide(key, before)
            if dict(after) != before:
                self._db.execute(f"UPDATE {table} SET inputs = ? WHERE {row_id} = ?", (packed(after), number))
                changed += 1
        return changed

    def _reworded(self, table: str, row_id: str, column: str, hide_words: Callable[[str], str]) -> int:
        changed = 0
        for number, words in self._db.execute(f"SELECT {row_id}, {column} FROM {table}").fetchall():
            if (after := hide_words(words)) != words:
                self._db.execute(f"UPDATE {table} SET {column} = ? WHERE {row_id} = ?", (after, number))
                changed += 1
        return changed
