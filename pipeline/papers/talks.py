"""The list of short talks: projects that look for partners, for the agenda of a meeting. Organisations only."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers import facts, survey
from pipeline.papers.draft import Draft

KIND = "talks"
TEMPLATE = "talks.docx"

MEANINGS = {
    "title": "Titel der Liste",
    "date": "Datum, das die Liste trägt",
    **facts.meanings("alliance", "office"),
    "count": "gezählte Projekte, die Partner suchen: „13 Projekte“; leer bei keinem",
    "topics": "Topthemen mit Projekten, die Partner suchen",
    "topics[].name": "Name des Topthemas",
    "topics[].projects": "diese Projekte, nach Nummer",
    "topics[].projects[].key": "Projektnummer",
    "topics[].projects[].title": "Titel",
    "topics[].projects[].carrier": "Träger",
    "topics[].projects[].place": "Ort",
    "topics[].projects[].status": "Stand",
    "topics[].projects[].summary": "Kurzbeschreibung; leer ohne eine",
    "topics[].projects[].seeks": "welche Partner gesucht werden",
}


def drafts(alliance: Alliance) -> Iterator[Draft]:
    """One list of all projects that look for partners, by topic."""
    settings = alliance.settings
    groups = [(group.name, sorted((project for project in group.projects if project.seeks), key=lambda project: project.key))
              for group in survey.by_topic(alliance)]
    key, title = f"{KIND}/all", "Kurzvorträge: Projekte, die Partner suchen"
    yield Draft(
        key=key, kind=KIND, subject=f"{title} – {settings.alliance.name}", template=TEMPLATE, stem=facts.stem(key, "kurzvortraege"),
        date=settings.alliance.date, public=True, author=settings.office.name,
        records=tuple(project.key for _, projects in groups for project in projects),
        context={
            "title": title, "date": wording.date(settings.alliance.date), "alliance": facts.alliance_facts(settings),
            "office": facts.office_facts(settings),
            "count": wording.count(len(alliance.seeking), "Projekt", "Projekte") if alliance.seeking else "",
            "topics": [{"name": name, "projects": [
                {"key": project.key, "title": project.title, "carrier": project.carrier, "place": project.place, "status": str(project.status),
                 "summary": project.summary, "seeks": project.seeks} for project in projects]} for name, projects in groups if projects],
        },
    )
