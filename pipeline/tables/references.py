"""Rules on keys: each is there once, and what refers to it finds it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from pipeline.alliance import Alliance
from pipeline.findings import Finding, Severity
from pipeline.records import Place
from pipeline.tables.columns import TABLES, TITLES, Spec
from pipeline.tables.near import meant
from pipeline.workspace import SETTINGS

MOST_PROPOSALS = 50      # near misses are dear to find; the first ones show what went wrong


def keys_are_unique(alliance: Alliance) -> Iterator[Finding]:
    """No two rows of a table have the same key; keys that differ by case alone count as the same."""
    for table in ("partners", "persons", "topics", "projects", "bodies", "meetings"):
        records = getattr(alliance, table)
        keys = [record.key.casefold() for record in records]
        if len(set(keys)) == len(keys):
            continue
        own_rows = {partner.origin for partner in alliance.partners} if table == "persons" else frozenset()
        first: dict[str, Any] = {}
        for key, record in zip(keys, records, strict=True):
            earlier = first.setdefault(key, record)
            if earlier is record or record.origin in own_rows:
                continue      # the contact in a partner's row shares its key and its fault
            name = "key" if "key" in record.origin.columns else "partner"
            yield Finding(place=record.origin.cell(name), rule="unique", value=record.key, subject=record.key,
                          subjects=(earlier.key,) if earlier.key != record.key else (),      # P-001 and p-001 share their files
                          message=f"„{record.key}“ steht schon in {earlier.origin.file}, Zeile {earlier.origin.row}",
                          hint="Jede Nummer darf nur einmal vorkommen: eine der beiden Zeilen ändern oder löschen.")


def references_exist(alliance: Alliance) -> Iterator[Finding]:
    """Every key a row refers to is the key of a row. To a table of which no row could be read, that is said once."""
    proposals = 0
    for table, specs in TABLES.items():
        records = getattr(alliance, table)
        for spec in specs:
            if not spec.refers:
                continue
            known: Mapping[str, Any] = getattr(alliance, _BY_KEY[spec.refers])     # in the table's order
            value_of = attrgetter(spec.field)
            if known.keys() >= set(_single(set(map(value_of, records)))):
                continue
            wrong = [(record, key) for record in records for key in _single((value_of(record),)) if key not in known]
            if not known and len(wrong) > 1:
                yield _nothing_there(wrong, spec)
                continue
            for record, key in wrong:
                proposals += 1
                yield _dangling(record, spec.field, spec.refers, key, known if proposals <= MOST_PROPOSALS else ())


_BY_KEY = {"partners": "partner", "persons": "person", "topics": "topic", "bodies": "body", "meetings": "meeting"}


def _single(values: Iterable[str | tuple[str, ...]]) -> Iterator[str]:
    """The keys in fields that hold one, several or none."""
    for value in values:
        if isinstance(value, tuple):
            yield from value
        elif value:
            yield value


def _nothing_there(wrong: Sequence[tuple[Any, str]], spec: Spec) -> Finding:
    """All rows that refer to a table without rows are held back by one finding, at the first of them."""
    first, key = wrong[0]
    rows = len({id(record) for record, _ in wrong})
    keys = tuple(dict.fromkeys(getattr(record, "key", "") for record, _ in wrong))
    return Finding(place=first.origin.cell(spec.field), rule="reference", value=key, subject=keys[0], subjects=keys[1:],
                   message=f"Die Tabelle {TITLES[spec.refers]} hat keine lesbare Zeile; {rows} Zeilen verweisen auf sie",
                   hint=f"Zuerst die Tabelle {TITLES[spec.refers]} berichtigen.")


def _dangling(record: Any, field: str, target: str, key: str, known: Iterable[str]) -> Finding:
    where = f"die Tabelle {TITLES[target]}"
    absent = f"Die Zeile in {target} ergänzen oder die Angabe hier berichtigen."
    return Finding(place=record.origin.cell(field), rule="reference", value=key, subject=getattr(record, "key", ""),
                   message=f"„{key}“ gibt es nicht: {where} hat keine solche Zeile", hint=meant(key, known, otherwise=absent))


def first_meeting_exists(alliance: Alliance) -> Iterator[Finding]:
    """The meeting whose attendance the papers count is in the table."""
    key = alliance.settings.alliance.first_meeting
    if key and key not in alliance.meeting:
        yield Finding(place=Place(file=SETTINGS, column="alliance.first_meeting"), rule="reference", value=key,
                      message=f"Das Treffen „{key}“ gibt es nicht",
                      hint=meant(key, alliance.meeting, otherwise="Die Nummer eines Treffens der Tabelle meetings eintragen."))


def seats_belong_together(alliance: Alliance) -> Iterator[Finding]:
    """Who sits in a body for a partner is a contact of that partner."""
    for seat in alliance.memberships:
        person = alliance.person.get(seat.person)
        if person and person.partner != seat.partner:
            yield Finding(place=seat.origin.cell("person"), rule="seat", value=seat.person,
                          message=f"„{seat.person}“ gehört zum Partner {person.partner}, nicht zu {seat.partner}",
                          hint="Partner oder Person berichtigen.")


def seats_are_single(alliance: Alliance) -> Iterator[Finding]:
    """Nobody sits in the same body twice."""
    first: dict[tuple[str, str], int] = {}
    for seat in alliance.memberships:
        contacts = alliance.contacts(seat.partner)
        who = seat.person or (contacts[0].key if contacts else seat.partner)
        row = first.setdefault((seat.body, who), seat.origin.row)
        if row != seat.origin.row:
            yield Finding(place=seat.origin.cell("person"), rule="seat", value=seat.person or seat.partner, severity=Severity.WARNING,
                          message=f"„{who}“ sitzt schon mit Zeile {row} im Gremium {seat.body} und wird nur einmal eingeladen",
                          hint="Eine der Zeilen löschen oder eine andere Person eintragen.")
