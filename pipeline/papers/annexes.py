"""The annexes of the council paper: pilot proposals, all projects, partners, and bodies. People stand in the last alone,
which is never public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers import facts, pilots, seats, survey
from pipeline.papers.draft import Draft
from pipeline.papers.facts import Facts
from pipeline.records import PartnerStatus, Project
from pipeline.settings import CouncilSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Annex:
    """One annex; its number is its place in ANNEXES."""

    kind: str
    title: str
    template: str
    meanings: Mapping[str, str]
    facts: Callable[[Alliance], Facts]
    records: Callable[[Alliance], tuple[str, ...]]
    personal: bool = False      # names people: never public, whatever the settings say


_HEAD = {
    "title": "Titel der Anlage",
    "number": "Nummer der Anlage",
    **facts.meanings("alliance"),
    "paper.reference": "Nummer der Drucksache; leer, wenn noch nicht vergeben",
    "paper.subject": "Betreff der Vorlage",
    "paper.date": "Datum der Vorlage",
    "paper.body": "Organ, an das sich die Vorlage richtet",
    "paper.session": "Tag der Sitzung",
    "paper.visibility": "öffentlich oder nichtöffentlich",
}
PILOTS_MEANINGS = {**_HEAD, "pilots": "die Pilotvorschläge", **pilots.MEANINGS}
PROJECTS_MEANINGS = {
    **_HEAD, **facts.meanings("survey"),
    "topics": "die Topthemen in ihrer Reihenfolge",
    "topics[].name": "Name des Topthemas",
    "topics[].summary": "Beschreibung des Topthemas",
    "topics[].count": "gezählte Projekte des Topthemas: „14 Projekte“",
    "topics[].projects": "Projekte des Topthemas, nach Nummer",
    "topics[].projects[].key": "Projektnummer",
    "topics[].projects[].title": "Titel",
    "topics[].projects[].summary": "Kurzbeschreibung",
    "topics[].projects[].status": "Stand",
    "topics[].projects[].place": "Ort",
    "topics[].projects[].carrier": "Träger",
    "topics[].projects[].remark": "„Pilotvorschlag“, „übertragbar“, „sucht Partner“",
}
PARTNERS_MEANINGS = {
    **_HEAD, **facts.meanings("first_meeting"),
    "interest": "gezählte Interessensbekundungen: „55 Organisationen“; leer bei keiner",
    "partners": "die Organisationen, nach Namen",
    "partners[].name": "Name der Organisation",
    "partners[].sector": "Bereich",
    "partners[].city": "Ort",
    "partners[].interested": "„ja“ bei Interessensbekundung, sonst „–“",
    "partners[].present": "„ja“ bei Teilnahme am ersten Treffen, sonst „–“",
}


BODIES_MEANINGS = {**_HEAD, "bodies": "die Gremien in der Reihenfolge der Tabelle", **seats.meanings("bodies[]")}


def session(council: CouncilSettings) -> str:
    """The session in keys: "2017-06"."""
    return f"{council.session:%Y-%m}"


def drafts(kind: str) -> Callable[[Alliance], Iterator[Draft]]:
    """What drafts the annex of one kind."""
    number, annex = next((number, annex) for number, annex in enumerate(ANNEXES, 1) if annex.kind == kind)

    def draft(alliance: Alliance) -> Iterator[Draft]:
        council = alliance.settings.council
        if council is None:
            return
        key = f"{annex.kind}/{session(council)}"
        yield Draft(
            key=key, kind=annex.kind, public=is_public(annex, council), subject=f"Anlage {number}: {annex.title}", template=annex.template,
            stem=facts.stem(key, ""),
            date=alliance.settings.alliance.date, context={**_head(alliance, council, number, annex), **annex.facts(alliance)},
            records=annex.records(alliance), author=alliance.settings.office.name,
        )
    return draft


def _head(alliance: Alliance, council: CouncilSettings, number: int, annex: Annex) -> Facts:
    return {
        "title": annex.title, "number": number, "alliance": facts.alliance_facts(alliance.settings),
        "paper": {"reference": council.reference, "subject": council.subject, "date": wording.date(alliance.settings.alliance.date),
                  "body": council.body, "session": wording.date(council.session), "visibility": visibility(annex, council)},
    }


def is_public(annex: Annex, council: CouncilSettings) -> bool:
    """Everybody may read it: it names nobody, and the settings do not close it."""
    return not annex.personal and annex.kind not in council.closed


def visibility(annex: Annex, council: CouncilSettings) -> str:
    """The same in a word."""
    return "öffentlich" if is_public(annex, council) else "nichtöffentlich"


def _pilots(alliance: Alliance) -> Facts:
    return {"pilots": [pilots.pilot_facts(alliance, pilot) for pilot in alliance.proposals]}


def _projects(alliance: Alliance) -> Facts:
    return {
        "survey": facts.survey_facts(alliance),
        "topics": [{"name": group.name, "summary": group.summary,
                    "count": wording.count(len(group.projects), "Projekt", "Projekte") if group.projects else "",
                    "projects": [_project(project) for project in sorted(group.projects, key=lambda project: project.key)]}
                   for group in survey.by_topic(alliance)],
    }


def _project(project: Project) -> Facts:
    remarks = (("Pilotvorschlag", project.pilot), ("übertragbar", project.transferable), ("sucht Partner", bool(project.seeks)))
    return {
        "key": project.key, "title": project.title, "summary": project.summary, "status": str(project.status), "place": project.place,
        "carrier": project.carrier, "remark": ", ".join(remark for remark, holds in remarks if holds) or "–",
    }


def _partners(alliance: Alliance) -> Facts:
    first = alliance.settings.alliance.first_meeting
    listed = sorted((partner for partner in alliance.partners if partner.status is not PartnerStatus.LEFT),
                    key=lambda partner: wording.sort_key(partner.name))
    return {
        "first_meeting": facts.first_meeting_facts(alliance),
        "interest": facts.interest(alliance),
        "partners": [{"name": partner.name, "sector": partner.sector or "–", "city": partner.address.city or "–",
                      "interested": "ja" if partner.status is PartnerStatus.INTEREST else "–",
                      "present": "ja" if first in partner.attended else "–"} for partner in listed],
    }


def _bodies(alliance: Alliance) -> Facts:
    return {"bodies": [seats.body_facts(alliance, body) for body in alliance.bodies]}


def _of_bodies(alliance: Alliance) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for body in alliance.bodies for key in seats.records(alliance, body)))


def records(alliance: Alliance) -> tuple[str, ...]:
    """The rows whose figures the paper prints. Partners are not among them: of a partner only its being there counts,
    and a wrong e-mail address must not hold the council's paper back.
    """
    first = alliance.settings.alliance.first_meeting
    return (
        *(record.key for group in (alliance.projects, alliance.topics, alliance.bodies) for record in group),
        *((first,) if first in alliance.meeting else ()),
    )


def _of_pilots(alliance: Alliance) -> tuple[str, ...]:
    return tuple(pilot.key for pilot in alliance.proposals)


def _of_projects(alliance: Alliance) -> tuple[str, ...]:
    return tuple(record.key for group in (alliance.projects, alliance.topics) for record in group)


def _of_partners(alliance: Alliance) -> tuple[str, ...]:
    first = alliance.settings.alliance.first_meeting
    return (first,) if first in alliance.meeting else ()


ANNEXES = (
    Annex(kind="annex-pilots", title="Vorschläge für Pilotprojekte", template="annex-pilots.docx", meanings=PILOTS_MEANINGS,
          facts=_pilots, records=_of_pilots),
    Annex(kind="annex-projects", title="Projekte der Erhebung", template="annex-projects.docx", meanings=PROJECTS_MEANINGS,
          facts=_projects, records=_of_projects),
    Annex(kind="annex-partners", title="Beteiligte Organisationen", template="annex-partners.docx", meanings=PARTNERS_MEANINGS,
          facts=_partners, records=_of_partners),
    Annex(kind="annex-bodies", title="Gremien und Ansprechpersonen", template="annex-bodies.docx", meanings=BODIES_MEANINGS,
          facts=_bodies, records=_of_bodies, personal=True),
)
