"""The ledger's pages on what came back."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from pipeline.ledger.rows import CAME_BACK, ReturnRow, parsed
from pipeline.ledger.store import Store, stamp

_COLUMNS = "sha256, name, origin, key, revision, state, answers, sentence, path, missing, received_at, confirmed_by, confirmed_at"


def _return(row: tuple[Any, ...]) -> ReturnRow:
    of = row[3] or row[1]
    return ReturnRow(sha256=row[0], name=row[1], origin=row[2], key=row[3], revision=row[4], state=row[5], answers=parsed(row[6], dict, of),
                     sentence=row[7], path=row[8], missing=tuple(parsed(row[9], list, of)), received_at=row[10], confirmed_by=row[11],
                     confirmed_at=row[12])


class Returns(Store):
    """Which files came back, what they are worth, and who confirmed those on paper."""

    def returns(self) -> dict[str, list[ReturnRow]]:
        """Everything that came back, by the key of its paper, the latest last; under "" what belongs to no known paper."""
        found: dict[str, list[ReturnRow]] = {}
        for row in self._read(f"SELECT {_COLUMNS} FROM returns ORDER BY id"):
            found.setdefault(row[3], []).append(_return(row))
        return found

    def returns_of(self, sha256: str) -> list[ReturnRow]:
        """What is known of one received file: nothing, or a row for each paper in it."""
        return [_return(row) for row in self._read(f"SELECT {_COLUMNS} FROM returns WHERE sha256 = ? ORDER BY id", sha256)]

    def returned(self, row: ReturnRow, at: dt.datetime) -> bool:
        """Notes what a received file says about a paper; False when that was known already.

        The same file is the same return. Only a verdict that was not the last word – refused, unclear, to be confirmed – may
        be replaced, when the office has learned more since; what was put aside with the old one is looked at again.
        """
        with self._writing() as db:
            known = [_return(found) for found in db.execute(f"SELECT {_COLUMNS} FROM returns WHERE sha256 = ? AND key IN (?, '')",
                                                            (row.sha256, row.key))]
            same = next((old for old in known if old.key == row.key), None)
            if same is not None and (same.state == "accepted" or _verdict(same) == _verdict(row)):
                return False
            db.execute("DELETE FROM returns WHERE sha256 = ? AND key IN (?, '')", (row.sha256, row.key))
            db.execute(f"INSERT INTO returns ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (
                row.sha256, row.name, row.origin, row.key, row.revision, row.state,
                json.dumps({name: dict(answer) for name, answer in row.answers.items()}, ensure_ascii=False), row.sentence, row.path,
                json.dumps(row.missing), known[0].received_at if known else row.received_at, row.confirmed_by, row.confirmed_at))
            self._event(at, "returned" if row.state in CAME_BACK else row.state, row.key, revision=row.revision, sha256=row.sha256,
                        state=row.state, origin=row.origin)
            return True

    def confirm(self, row: ReturnRow, by: str, at: dt.datetime) -> bool:
        """Notes that somebody looked at a return and says that it holds; False when it is confirmed already, or does not wait for it."""
        with self._writing() as db:
            done = db.execute("UPDATE returns SET state = 'accepted', confirmed_by = ?, confirmed_at = ?"
                              " WHERE sha256 = ? AND key = ? AND state = 'to-confirm'", (by, stamp(at), row.sha256, row.key))
            if not done.rowcount:
                return False
            self._event(at, "confirmed", row.key, revision=row.revision, sha256=row.sha256, by=by)
            return True

    def dismiss(self, row: ReturnRow, by: str, at: dt.datetime) -> bool:
        """Notes that somebody looked at a return that says nothing, and put it aside; False when it is put aside already, or says something."""
        with self._writing() as db:
            done = db.execute("UPDATE returns SET confirmed_by = ?, confirmed_at = ?"
                              " WHERE sha256 = ? AND key = ? AND state = 'unclear' AND confirmed_by = ''", (by, stamp(at), row.sha256, row.key))
            if done.rowcount:
                self._event(at, "dismissed", row.key, revision=row.revision, sha256=row.sha256, by=by)
            return bool(done.rowcount)


def _verdict(row: ReturnRow) -> tuple[object, ...]:
    return row.revision, row.state, row.answers, row.missing
