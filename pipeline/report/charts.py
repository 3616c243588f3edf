"""The charts: projects by topic and status, signatures over time; drawn to be read in grey, each with its figures as a table."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.records import ProjectStatus
from pipeline.report.gallery import Wall
from pipeline.report.view import View
from pipeline.report.words import BERLIN

MOST = 26           # columns side by side
HEIGHT = 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a bar."""

    status: str
    count: int
    x: float            # percent of the widest bar
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One topic."""

    number: int         # of its colour's class
    name: str
    total: int
    parts: Sequence[Part]


def by_topic(walls: Sequence[Wall]) -> list[Bar]:
    """A bar for each topic, divided by status in the order running, planned, done."""
    widest = max((len(wall.cards) for wall in walls), default=0) or 1
    bars = []
    for wall in walls:
        counted = Counter(card.status for card in wall.cards)
        x, parts = 0.0, []
        for status in ProjectStatus:
            width = 100 * counted[status] / widest
            parts.append(Part(status=str(status), count=counted[status], x=round(x, 2), width=round(width, 2)))
            x += width
        bars.append(Bar(number=wall.number, name=wall.name, total=len(wall.cards), parts=parts))
    return bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The signatures of one stretch of time."""

    name: str           # "12.06.", "ab 12.06.", "Juni 2017"
    count: int
    sofar: int          # from the beginning to the end of it
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures:
    """When memoranda were signed."""

    columns: Sequence[Column]
    stretch: str        # "Tag", "Woche", "Monat"
    total: int
    papers: int         # that carry at least one


def signatures(view: View) -> Signatures:
    """The signatures that rest on present files, by day, week or month, whichever the page has room for."""
    present = {document.key: document.sha256 for document in view.status.documents}
    days = sorted(dt.datetime.fromisoformat(given.signed_at).astimezone(BERLIN).date()
                  for key, made in view.facts.signatures.items() for given in made if given.base_sha256 == present.get(key))
    papers = sum(any(given.base_sha256 == present.get(key) for given in made) for key, made in view.facts.signatures.items())
    if not days:
        return Signatures(columns=(), stretch="Tag", total=0, papers=0)
    fitting = [(stretch, _spans(stretch.begin(days[0]), stretch.begin(days[-1]), stretch.begin)) for stretch in STRETCHES]
    stretch, spans = next((found for found in fitting if len(found[1]) <= MOST), fitting[-1])
    counted = Counter(stretch.begin(day) for day in days)
    most, columns = max(counted.values()), []
    for span in spans[-MOST:]:
        sofar = sum(number for begun, number in counted.items() if begun <= span)
        columns.append(Column(name=stretch.named(span), count=counted[span], sofar=sofar, height=round(HEIGHT * counted[span] / most, 1)))
    return Signatures(columns=columns, stretch=stretch.name, total=len(days), papers=papers)


def _day(day: dt.date) -> dt.date:
    return day


def _week(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _month(day: dt.date) -> dt.date:
    return day.replace(day=1)


def _year(day: dt.date) -> dt.date:
    return day.replace(month=1, day=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """How time is divided."""

    name: str
    begin: Callable[[dt.date], dt.date]       # the first day of the stretch a day lies in
    named: Callable[[dt.date], str]


# From the finest to the coarsest: the first that has room is taken.
STRETCHES: Sequence[Stretch] = (
    Stretch("Tag", _day, lambda day: f"{day:%d.%m.%Y}"), Stretch("Woche ab", _week, lambda day: f"{day:%d.%m.%Y}"),
    Stretch("Monat", _month, lambda day: f"{day:%m/%Y}"), Stretch("Jahr", _year, lambda day: f"{day:%Y}"),
)


def _spans(first: dt.date, last: dt.date, begin: Callable[[dt.date], dt.date]) -> list[dt.date]:
    """Every stretch from the first to the last, those without a signature too."""
    found, day = [first], first
    while day < last:
        day += dt.timedelta(days=1)
        if begin(day) == day:
            found.append(day)
    return found
