"""The project survey counted: by topic and status, here and elsewhere. Every figure comes from rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.alliance import Alliance
from pipeline.papers.charts import Bars
from pipeline.papers.facts import Facts, topics_in_order
from pipeline.records import Project, ProjectStatus

STATUSES = (ProjectStatus.RUNNING, ProjectStatus.PLANNED, ProjectStatus.DONE)
UNASSIGNED = "ohne Topthema"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The projects of one topic, in the table's order."""

    name: str
    summary: str
    projects: tuple[Project, ...]

    def with_status(self, status: ProjectStatus) -> int:
        """How many of them stand so."""
        return sum(project.status is status for project in self.projects)


def by_topic(alliance: Alliance) -> tuple[Group, ...]:
    """All projects by topic; those whose topic is not in the table come last, so that the groups always sum up."""
    groups = [Group(name=topic.name, summary=topic.summary, projects=alliance.projects_on(topic.key)) for topic in topics_in_order(alliance)]
    rest = tuple(project for project in alliance.projects if project.topic not in alliance.topic)
    return (*groups, *([Group(name=UNASSIGNED, summary="", projects=rest)] if rest else []))


def rows(groups: Sequence[Group]) -> list[Facts]:
    """One line a topic and a last one for all: running, planned, done, together, and how many of them are here."""
    everything = Group(name="Insgesamt", summary="", projects=tuple(project for group in groups for project in group.projects))
    return [{
        "name": group.name,
        "running": group.with_status(ProjectStatus.RUNNING),
        "planned": group.with_status(ProjectStatus.PLANNED),
        "done": group.with_status(ProjectStatus.DONE),
        "all": len(group.projects),
        "local": sum(project.local for project in group.projects),
    } for group in (*groups, everything)]


def bars(groups: Sequence[Group]) -> Bars:
    """The same figures for a chart; a status nobody has gets no place in the key."""
    shown = [status for status in STATUSES if any(group.with_status(status) for group in groups)]
    return Bars(name="projects-by-topic", title="Balkendiagramm: Projekte der Erhebung nach Topthema und Stand",
                segments=tuple(str(status) for status in shown),
                rows=tuple((group.name, tuple(group.with_status(status) for status in shown)) for group in groups))
