"""What people hold in their calendars, and what has changed since.

One meeting has one UID. A change of its name, day, time or place raises SEQUENCE (RFC 5546, 2.1.4), and answers to what
was before count no more; another agenda or another day to answer by leaves SEQUENCE, and the answers, as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import KeysView, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline import wording
from pipeline.ledger import EntryRow, personal
from pipeline.ledger.attendance import GONE
from pipeline.records import Meeting, MeetingStatus, Origin

_WEIGHTY = ("title", "date", "start", "end", "place", "address")
_FROM_LEDGER = Origin(file="ledger.sqlite", sheet=None, row=0, columns={})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is no more as it was told before, as the mail says it."""

    label: str
    old: str       # "" where the new alone is said
    new: str


def said(meeting: Meeting) -> dict[str, object]:
    """What a calendar entry tells of a meeting, as the ledger keeps it."""
    return {"title": meeting.title, "date": meeting.date.isoformat(), "start": meeting.start.isoformat("minutes"),
            "end": meeting.end.isoformat("minutes") if meeting.end else "", "place": meeting.place, "address": meeting.address,
            "agenda": list(meeting.agenda), "reply_by": meeting.reply_by.isoformat() if meeting.reply_by else ""}


def recalled(key: str, told: Mapping[str, object]) -> Meeting:
    """A meeting as an entry told of it, whatever the tables say now."""
    text = {name: str(value) for name, value in told.items()}
    agenda = told["agenda"]
    assert isinstance(agenda, list)
    return Meeting(key=key, title=text["title"], date=dt.date.fromisoformat(text["date"]), start=dt.time.fromisoformat(text["start"]),
                   end=dt.time.fromisoformat(text["end"]) if text["end"] else None, place=text["place"], address=text["address"],
                   agenda=tuple(map(str, agenda)), reply_by=dt.date.fromisoformat(text["reply_by"]) if text["reply_by"] else None,
                   status=MeetingStatus.CANCELLED, origin=_FROM_LEDGER)


def start(meeting: Meeting) -> str:
    """When it begins, as the ledger keeps it: on clocks in Berlin."""
    return dt.datetime.combine(meeting.date, meeting.start).isoformat(timespec="minutes")


def same(told: Mapping[str, object], meeting: Meeting) -> bool:
    """The entry says of name, day, time and place what the tables say now."""
    now = _now(meeting)
    return all(told.get(name) == now[name] for name in _WEIGHTY)


@lru_cache(maxsize=64)
def _now(meeting: Meeting) -> Mapping[str, object]:
    return said(meeting)


def changes(before: EntryRow, meeting: Meeting) -> tuple[Change, ...]:
    """What the recipient of an entry has to be told, old and new."""
    if not before.said:
        return (Change("Angaben", "", "bitte nur noch die folgenden verwenden"),)
    old = recalled(before.meeting, before.said)
    found = [Change("Einladung", "aufgehoben", "gilt wieder")] if before.method == "CANCEL" else []
    found += [Change(label, was, now) for label, was, now in (
        ("Sitzung", old.title, meeting.title),
        ("Tag", wording.weekday_date(old.date), wording.weekday_date(meeting.date)),
        ("Zeit", wording.period(old.start, old.end), wording.period(meeting.start, meeting.end)),
        ("Ort", _where(old), _where(meeting)),
        ("Antwort bis", _by(old), _by(meeting)),
    ) if was != now]
    if old.agenda != meeting.agenda:
        found.append(Change("Tagesordnung", "", "neu gefasst, siehe unten" if meeting.agenda else "entfällt"))
    return tuple(found)


def _where(meeting: Meeting) -> str:
    return ", ".join(part for part in (meeting.place, meeting.address) if part) or "offen"


def _by(meeting: Meeting) -> str:
    return wording.weekday_date(meeting.reply_by) if meeting.reply_by else "ohne Frist"


class Holdings:
    """Who holds which entry, by the ledger."""

    def __init__(self, entries: Sequence[EntryRow]) -> None:
        self._by_key: dict[str, dict[str, EntryRow]] = {}       # key → name → latest
        self._uids: dict[str, str] = {}
        for row in entries:
            self._uids.setdefault(row.meeting, row.uid)
            if row.state in GONE:
                self._by_key.setdefault(row.key, {})[row.name_sha256] = row
        self._states: dict[Meeting, int] = {}
        self._in_meeting: dict[str, list[EntryRow]] = {}
        for rows in self._by_key.values():
            for row in rows.values():
                self._in_meeting.setdefault(row.meeting, []).append(row)

    @property
    def keys(self) -> KeysView[str]:
        """The papers of which somebody holds an entry, or held one."""
        return self._by_key.keys()

    def uid(self, meeting: str, otherwise: str) -> str:
        """The name of a meeting in all calendars: the one that stands there already."""
        return self._uids.get(meeting, otherwise)

    def of(self, key: str, name: str, address: str) -> EntryRow | None:
        """The entry this person holds: known by name, or after a change of name by the address."""
        rows = self._by_key.get(key, {})
        return rows.get(personal(name)) or next(
            (row for row in reversed(rows.values()) if row.address_sha256 in (personal(address), "")), None)

    def others(self, key: str, name: str = "", address: str = "") -> tuple[EntryRow, ...]:
        """Entries under this key that other people hold, one an address: those who had the seat before."""
        latest = {row.address_sha256: row for who, row in self._by_key.get(key, {}).items() if not name or who not in (personal(name), "")}
        return tuple(row for where, row in latest.items() if row.method == "REQUEST" and (not address or where != personal(address)))

    def sequence(self, key: str, mine: EntryRow | None, meeting: Meeting) -> int:
        """The SEQUENCE of the entry that tells this person of the meeting as it is now."""
        if mine is not None and mine.method == "REQUEST" and same(mine.said, meeting):
            return mine.sequence
        return max([self._current(meeting), *(row.sequence + 1 for row in self._by_key.get(key, {}).values())])

    def _current(self, meeting: Meeting) -> int:
        """The SEQUENCE under which somebody knows this state of a meeting already, or the next one."""
        if meeting not in self._states:
            theirs = [row for row in self._in_meeting.get(meeting.key, ()) if row.method == "REQUEST"]
            now = [row.sequence for row in theirs if same(row.said, meeting)]
            self._states[meeting] = min(now) if now else max((row.sequence for row in theirs), default=-1) + 1
        return self._states[meeting]
