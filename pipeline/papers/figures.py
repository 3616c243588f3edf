"""The numbers of the council paper, each with the rows behind it: what a reader who doubts one is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from pipeline.alliance import Alliance
from pipeline.papers import history, survey
from pipeline.papers.draft import Figure, Value
from pipeline.records import Body, BodyKind, Partner, Project, ProjectStatus
from pipeline.workspace import SETTINGS

Test = Callable[[Project], bool]

_COLUMNS: tuple[tuple[str, str, Test], ...] = (
    ("running", "laufende Projekte", lambda project: project.status is ProjectStatus.RUNNING),
    ("planned", "geplante Projekte", lambda project: project.status is ProjectStatus.PLANNED),
    ("done", "abgeschlossene Projekte", lambda project: project.status is ProjectStatus.DONE),
    ("all", "Projekte zusammen", lambda project: True),
    ("local", "Projekte vor Ort", lambda project: project.local),
)
_ASKED = (("cost", "Gesamtkosten"), ("own_funds", "Anteil der Stadt"), ("staff", "Stellen der Stadt"))


def figures(alliance: Alliance, context: Mapping[str, Value]) -> tuple[Figure, ...]:
    """Every number of a council paper's context that counts rows, and those that a setting gives; the paper's own words as text."""
    found = (*_alliance(alliance), *_survey(alliance), *_structure(alliance), *_effects(alliance), *_memoranda(alliance))
    printed = ((figure, at(context, figure.path)) for figure in found)
    return tuple(Figure(path=figure.path, text=text, meaning=figure.meaning, keys=figure.keys, source=figure.source)
                 for figure, text in printed if text)


def at(context: Mapping[str, Value], path: str) -> str:
    """What a context says at a dotted path, lists counted from 1; "" where it says nothing."""
    value: Value = context
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, Sequence) and not isinstance(value, str) and step.isdecimal() and int(step) <= len(value):
            value = value[int(step) - 1]
        else:
            return ""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _figure(path: str, meaning: str, rows: Iterable[Partner | Project | Body] = (), *, source: str = "") -> Figure:
    return Figure(path=path, text="", meaning=meaning, keys=tuple(row.key for row in rows), source=source)


def _alliance(alliance: Alliance) -> Iterator[Figure]:
    yield _figure("founding.organisations", "Organisationen der Gründungskonferenz", source=f"{SETTINGS}, [alliance.founding] organisations")
    yield _figure("first_meeting.present", "Allianzpartner beim ersten Treffen", alliance.present(alliance.settings.alliance.first_meeting))
    yield _figure("interest", "Organisationen mit Interessensbekundung", alliance.interested)


def _survey(alliance: Alliance) -> Iterator[Figure]:
    yield _figure("survey.projects", "Projekte der Erhebung", alliance.projects)
    yield _figure("survey.local", "Projekte vor Ort", alliance.local_projects)
    yield _figure("survey.elsewhere", "übertragbare Projekte anderer Orte", alliance.projects_elsewhere)
    groups = survey.by_topic(alliance)
    rows = [(group.name, group.projects) for group in groups]
    rows.append(("Insgesamt", tuple(project for group in groups for project in group.projects)))
    for number, (name, projects) in enumerate(rows, 1):
        for column, meaning, holds in _COLUMNS:
            yield _figure(f"by_topic.{number}.{column}", f"{name}: {meaning}", (project for project in projects if holds(project)))


def _structure(alliance: Alliance) -> Iterator[Figure]:
    for group, kind in (("teams", BodyKind.EXPERT_TEAM), ("consortia", BodyKind.CONSORTIUM), ("steering", BodyKind.STEERING)):
        bodies = alliance.bodies_of(kind)
        yield _figure(f"counted.{group}", f"Gremien der Art {kind}", bodies)
        for number, body in enumerate(bodies, 1):
            seats = dict.fromkeys(seat.partner for seat in alliance.seats(body.key))
            yield Figure(path=f"{group}.{number}.partners", text="", meaning=f"Partner in „{body.name}“", keys=tuple(seats))


def _effects(alliance: Alliance) -> Iterator[Figure]:
    yield _figure("effects.count", "Pilotvorschläge", alliance.proposals)
    for field, meaning in _ASKED:
        stated = [pilot for pilot in alliance.proposals if isinstance(getattr(pilot, field), Decimal)]
        yield _figure(f"effects.{field}.stated", f"{meaning}: beziffert", stated)
        yield _figure(f"effects.{field}.open", f"{meaning}: nicht beziffert", [pilot for pilot in alliance.proposals if pilot not in stated])
        yield _figure(f"effects.{field}.sum", f"{meaning}: Summe", stated)
        for number, pilot in enumerate(alliance.proposals, 1):
            yield _figure(f"pilots.{number}.{field}", f"{pilot.title}: {meaning}", [pilot])


def _memoranda(alliance: Alliance) -> Iterator[Figure]:
    if alliance.progress is None:
        return
    for number, (step, name) in enumerate(history.STEPS, 1):
        yield Figure(path=f"memoranda.steps.{number}.count", text="", meaning=f"Memoranden, {name}", keys=getattr(alliance.progress, step))
