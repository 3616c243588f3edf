"""The gallery of projects: a wall for each topic, a card for each project, as on the day of the gallery walk."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.records import Project, ProjectStatus, Topic
from pipeline.report.listing import Choice
from pipeline.report.view import View

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
NO_TOPIC, GREY = "Ohne Topthema", "#6b7780"
SIGNS: Mapping[ProjectStatus, str] = {ProjectStatus.RUNNING: "done", ProjectStatus.PLANNED: "open", ProjectStatus.DONE: "over"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One project."""

    key: str
    title: str
    status: str
    sign: str
    place: str
    carrier: str
    summary: str
    seeks: str
    pilot: bool
    local: bool
    poster: str             # link to its poster; "" where none was made

    @property
    def marks(self) -> tuple[str, ...]:
        """By what the selections find it."""
        return (f"is-{self.status}", *(("seeks",) if self.seeks else ()), *(("pilot",) if self.pilot else ()),
                "here" if self.local else "elsewhere")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """One topic with its projects."""

    number: int             # of its colour's class
    name: str
    colour: str
    summary: str
    cards: Sequence[Card]


def walls(view: View) -> list[Wall]:
    """Every topic in its order, and last the projects whose topic is not known."""
    posters = {document.key: view.link(document.pdf) for document in view.status.documents if document.kind == "poster"}
    topics = sorted(view.alliance.topics, key=lambda topic: topic.order)
    by_topic: dict[str, list[Project]] = {topic.key: [] for topic in topics}
    lost: list[Project] = []
    for project in view.alliance.projects:
        by_topic.get(project.topic, lost).append(project)
    found = [_wall(view, place, topic, by_topic[topic.key], posters) for place, topic in enumerate(topics)]
    if lost:
        found.append(Wall(number=len(topics), name=NO_TOPIC, colour=GREY, summary="", cards=[_card(view, project, posters) for project in lost]))
    return found


def _wall(view: View, place: int, topic: Topic, projects: Sequence[Project], posters: Mapping[str, str]) -> Wall:
    return Wall(number=place, name=topic.name, colour=topic.colour if _COLOUR.fullmatch(topic.colour) else GREY, summary=topic.summary,
                cards=[_card(view, project, posters) for project in projects])


def _card(view: View, project: Project, posters: Mapping[str, str]) -> Card:
    say = view.discretion.text
    return Card(key=project.key, title=say(project.title), status=str(project.status), sign=SIGNS[project.status], place=project.place,
                carrier=say(project.carrier), summary=say(project.summary), seeks=say(project.seeks), pilot=project.pilot, local=project.local,
                poster=posters.get(f"poster/{project.key}", ""))


def choices(found: Sequence[Wall]) -> tuple[Choice, ...]:
    """The selections above the walls."""
    cards = [card for wall in found for card in wall.cards]
    statuses = [(f"is-{status}", str(status)) for status in ProjectStatus if any(card.status == status for card in cards)]
    special = (("seeks", "sucht Partner", any(card.seeks for card in cards)), ("pilot", "Pilotvorschlag", any(card.pilot for card in cards)),
               ("here", "hier durchgeführt oder geplant", any(card.local for card in cards)),
               ("elsewhere", "andernorts, übertragbar", any(not card.local for card in cards)))
    return (Choice(name="status", label="Stand", options=statuses),
            Choice(name="special", label="Merkmal", options=[(mark, word) for mark, word, there in special if there]))
