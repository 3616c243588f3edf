"""The overview handout: the alliance on two pages, every figure counted from rows. Organisations only."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers import facts, survey
from pipeline.papers.annexes import records
from pipeline.papers.charts import stacked
from pipeline.papers.draft import Draft
from pipeline.records import BodyKind

KIND = "handout"
TEMPLATE = "handout.docx"

MEANINGS = {
    "title": "Titel des Blattes",
    "date": "Datum, das das Blatt trägt",
    **facts.meanings("alliance", "office", "founding", "first_meeting", "survey"),
    "purposes": "Ziele der Allianz, ein Eintrag je Ziel",
    "interest": "gezählte Interessensbekundungen: „55 Organisationen“; leer bei keiner",
    "counted.teams": "gezählte Expertenteams: „sechs Expertenteams“",
    "counted.consortia": "gezählte Konsortien",
    "topics": "die Topthemen in ihrer Reihenfolge",
    "topics[].name": "Name des Topthemas",
    "topics[].summary": "Beschreibung des Topthemas",
    "topics[].count": "gezählte Projekte: „14 Projekte“; „noch keines“ bei keinem",
    "chart": "Schaubild: Projekte nach Topthema und Stand; fehlt ohne Projekte",
    "pilots": "die Pilotvorschläge",
    "pilots[].title": "Titel des Pilotprojekts",
    "pilots[].topic": "Topthema",
    "pilots[].aim": "Ziel, sonst die Kurzbeschreibung; leer ohne beides",
    "seeking": "gezählte Projekte, die Partner suchen; leer bei keinem",
}


def drafts(alliance: Alliance) -> Iterator[Draft]:
    """One handout for everybody."""
    settings = alliance.settings
    groups = survey.by_topic(alliance)
    key, title = f"{KIND}/all", f"{settings.alliance.name} im Überblick"
    yield Draft(
        key=key, kind=KIND, subject=title, template=TEMPLATE, stem=facts.stem(key, "ueberblick"), date=settings.alliance.date, public=True,
        records=records(alliance), author=settings.office.name,
        context={
            "title": title, "date": wording.date(settings.alliance.date), "alliance": facts.alliance_facts(settings),
            "office": facts.office_facts(settings), "founding": facts.founding_facts(settings),
            "first_meeting": facts.first_meeting_facts(alliance), "survey": facts.survey_facts(alliance),
            "purposes": list(settings.alliance.purpose), "interest": facts.interest(alliance),
            "counted": {"teams": wording.count(len(alliance.bodies_of(BodyKind.EXPERT_TEAM)), "Expertenteam", "Expertenteams", article="ein"),
                        "consortia": wording.count(len(alliance.bodies_of(BodyKind.CONSORTIUM)), "Konsortium", "Konsortien", article="ein")},
            "topics": [{"name": group.name, "summary": group.summary,
                        "count": wording.count(len(group.projects), "Projekt", "Projekte") if group.projects else "noch keines"}
                       for group in groups],
            "chart": stacked(survey.bars(groups)) if alliance.projects else None,
            "pilots": [{"title": pilot.title, "topic": facts.topic_name(alliance, pilot.topic), "aim": pilot.aim or pilot.summary}
                       for pilot in alliance.pilots],
            "seeking": wording.count(len(alliance.seeking), "Projekt", "Projekte") if alliance.seeking else "",
        },
    )
