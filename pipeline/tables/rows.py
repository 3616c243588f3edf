"""Rows → records. A row whose key can be read becomes a record, its bad fields blank; every other row is a finding.

Which records are held back stands in the findings: every error names the key of its row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from pipeline.findings import Finding, Severity
from pipeline.records import (
    Address,
    Body,
    BodyKind,
    Contact,
    Gender,
    Meeting,
    MeetingStatus,
    Membership,
    Origin,
    Partner,
    PartnerStatus,
    Person,
    Project,
    ProjectStatus,
    Topic,
)
from pipeline.settings import Settings
from pipeline.tables.contacts import german
from pipeline.tables.fields import Fields
from pipeline.tables.making import made

UNKNOWN_DAY = dt.date.min      # of a meeting whose date cannot be read; it is held back, and before any document date
UNKNOWN_TIME = dt.time.min
UNKNOWN_COLOUR = "#767676"

_GENDERS: Mapping[str, Gender] = {"Frau": Gender.FEMALE, "Herr": Gender.MALE, "divers": Gender.DIVERSE}


@dataclass(frozen=True, slots=True)
class Records:
    """What one sheet's rows became: records of the table's sort, and contacts that stood in partner rows."""

    records: tuple[Any, ...] = ()
    contacts: tuple[Person, ...] = ()
    findings: tuple[Finding, ...] = ()


Row = Mapping[str, Any]
_Maker = Callable[[Row, Mapping[str, str], Origin, Settings], Any]


def records(table: str, fields: Fields, settings: Settings) -> Records:
    """The records of one sheet of a table."""
    if table == "partners":
        return _partners(fields)
    make, needs = _MAKERS[table]
    rows: list[Any] = []
    names = tuple(fields.values)
    columns = zip(*fields.values.values(), strict=True)
    for values, extra, origin in zip(columns, fields.extras(), fields.origins(), strict=True):
        row = dict(zip(names, values, strict=True))
        if all(row[name] for name in needs):      # if not, its findings say so: a required cell is blank or refused
            rows.append(make(row, extra, origin, settings))
    return Records(tuple(rows))


def _partners(fields: Fields) -> Records:
    """The largest table, made by column: a row of it is a partner, its address and its first contact."""
    whole = [bool(key) for key in fields.values["key"]]      # of the others its finding says that the key is missing
    rows = len(whole)
    origins = made(Origin, rows, file=[fields.sheet.file] * rows, sheet=[fields.sheet.name] * rows, row=fields.rows,
                   columns=[fields.header.columns] * rows)
    found: Mapping[str, Sequence[Any]] = {**fields.values, "origin": origins, "extra": list(fields.extras())}
    found = _chosen(found, whole)
    count = sum(whole)
    stati = {str(status): status for status in PartnerStatus} | {"": PartnerStatus.PARTICIPANT}
    abroad = {country: "" if german(country) else country for country in set(found["country"])}
    addresses = made(Address, count, street=found["street"], postcode=found["postcode"], city=found["city"],
                     country=list(map(abroad.__getitem__, found["country"])))
    shorts = [short or name for short, name in zip(found["short"], found["name"], strict=True)]
    partners = made(Partner, count, **{name: found[name] for name in _AS_THEY_STAND}, address=addresses, short=shorts,
                    status=list(map(stati.__getitem__, found["status"])))
    return Records(tuple(partners), tuple(_contacts(found)), tuple(_nameless_contacts(found)))


_AS_THEY_STAND = ("key", "name", "department", "sector", "email", "phone", "topics", "attended", "extra", "origin")
_OF_CONTACTS = ("key", "title", "first_name", "last_name", "function", "email", "phone", "signs", "origin")
_ERASED = str(Contact.ERASED)


def _contacts(found: Mapping[str, Sequence[Any]]) -> Sequence[Person]:
    """The contacts that stand in partner rows: those with a name, and those of whom only the mark is left that they were erased."""
    named = [bool(first or last or contact == _ERASED)
             for first, last, contact in zip(found["first_name"], found["last_name"], found["contact"], strict=True)]
    chosen = _chosen({name: found[name] for name in (*_OF_CONTACTS, "gender", "contact")}, named)
    contacts = {str(contact): contact for contact in Contact} | {"": Contact.YES}
    return made(Person, sum(named), **{name: chosen[name] for name in _OF_CONTACTS}, partner=chosen["key"],
                gender=list(map(_GENDERS.get, chosen["gender"])), contact=list(map(contacts.__getitem__, chosen["contact"])))


def _chosen(columns: Mapping[str, Sequence[Any]], wanted: Sequence[bool]) -> Mapping[str, Sequence[Any]]:
    return columns if all(wanted) else {name: list(compress(column, wanted)) for name, column in columns.items()}


def _nameless_contacts(found: Mapping[str, Sequence[Any]]) -> Iterator[Finding]:
    said = ("gender", "title", "function")
    for first, last, origin, *texts in zip(*map(found.__getitem__, ("first_name", "last_name", "origin", *said)), strict=True):
        if not (first or last) and any(texts):
            yield _nameless(dict(zip(said, texts, strict=True)), origin)


def _nameless(said: Mapping[str, str], origin: Origin) -> Finding:
    name = next(name for name, text in said.items() if text)
    return Finding(place=origin.cell(name), rule="contact", value=said[name], severity=Severity.WARNING,
                   message=f"„{said[name]}“ steht ohne Namen und bleibt ungenutzt",
                   hint="Den Nachnamen des Ansprechpartners eintragen.")


def _person(row: Row, extra: Mapping[str, str], origin: Origin, settings: Settings) -> Person:
    return Person(
        key=row["key"], partner=row["partner"], gender=_GENDERS.get(row["gender"]), title=row["title"], first_name=row["first_name"],
        last_name=row["last_name"], function=row["function"], email=row["email"], phone=row["phone"], signs=row["signs"],
        contact=Contact(row["contact"] or Contact.YES), origin=origin,
    )


def _topic(row: Row, extra: Mapping[str, str], origin: Origin, settings: Settings) -> Topic:
    return Topic(key=row["key"], name=row["name"], order=row["order"] or 0, colour=row["colour"] or UNKNOWN_COLOUR,
                 summary=row["summary"], origin=origin)


def _project(row: Row, extra: Mapping[str, str], origin: Origin, settings: Settings) -> Project:
    return Project(
        key=row["key"], title=row["title"], topic=row["topic"], status=ProjectStatus(row["status"] or ProjectStatus.PLANNED),
        place=row["place"], local=row["place"].casefold() == settings.alliance.city.casefold(), transferable=row["transferable"],
        carrier=row["carrier"], partners=row["partners"], body=row["body"], summary=row["summary"], seeks=row["seeks"],
        pilot=row["pilot"], infrastructure=row["infrastructure"], cost=row["cost"], own_funds=row["own_funds"], staff=row["staff"],
        aim=row["aim"], funding=row["funding"], duration=row["duration"], success=row["success"], risks=row["risks"], privacy=row["privacy"],
        extra=extra, origin=origin,
    )


def _body(row: Row, extra: Mapping[str, str], origin: Origin, settings: Settings) -> Body:
    return Body(key=row["key"], name=row["name"], kind=BodyKind(row["kind"] or BodyKind.EXPERT_TEAM), topic=row["topic"],
                contact=row["contact"], task=row["task"], origin=origin)


def _membership(row: Row, extra: Mapping[str, str], origin: Origin, settings: Settings) -> Membership:
    return Membership(body=row["body"], partner=row["partner"], person=row["person"], role=row["role"], origin=origin)


def _meeting(row: Row, extra: Mapping[str, str], origin: Origin, settings: Settings) -> Meeting:
    return Meeting(
        key=row["key"], body=row["body"], title=row["title"], date=row["date"] or UNKNOWN_DAY,
        start=UNKNOWN_TIME if row["start"] is None else row["start"], end=row["end"], place=row["place"], address=row["address"],
        agenda=row["agenda"], reply_by=row["reply_by"], status=MeetingStatus(row["status"] or MeetingStatus.ON), origin=origin,
    )


# table → how its rows become records, and the fields without which there is none; partners are made by column
_MAKERS: Mapping[str, tuple[_Maker, Sequence[str]]] = {
    "persons": (_person, ("key",)),
    "topics": (_topic, ("key",)),
    "projects": (_project, ("key",)),
    "bodies": (_body, ("key",)),
    "memberships": (_membership, ("body", "partner")),
    "meetings": (_meeting, ("key",)),
}
