"""The council paper: a report and a mandate in one, every figure counted from rows, no people in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers import facts, history, pilots, survey
from pipeline.papers.annexes import ANNEXES, records, session, visibility
from pipeline.papers.charts import stacked
from pipeline.papers.draft import Draft, Value
from pipeline.papers.facts import Facts
from pipeline.papers.figures import figures
from pipeline.records import Body, BodyKind, Competence
from pipeline.settings import CouncilSettings

KIND = "briefing"
TEMPLATE = "briefing.docx"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section that papers of some dates have and others have not."""

    name: str
    valid_from: dt.date = dt.date.min
    valid_until: dt.date = dt.date.max

    def holds(self, day: dt.date) -> bool:
        """A paper of this day has the section."""
        return self.valid_from <= day <= self.valid_until


SECTIONS = (
    Section(name="resolution"),
    Section(name="staff"),
    Section(name="finance"),
    Section(name="climate", valid_from=dt.date(2019, 7, 4)),    # resolution of the council on effects on the climate
    Section(name="reasons"),
    Section(name="annexes"),
)

MEANINGS = {
    "title": "Betreff der Vorlage",
    **facts.meanings("alliance", "office", "founding", "first_meeting", "survey"),
    "paper.reference": "Nummer der Drucksache; leer, wenn noch nicht vergeben",
    "paper.division": "Fachbereich oder Dezernat",
    "paper.responsible": "verantwortliche Stelle oder Person",
    "paper.phone": "Telefon der verantwortlichen Stelle",
    "paper.date": "Datum der Vorlage",
    "paper.urgency": "Dringlichkeit; leer, wenn nicht angegeben",
    "paper.detail": "zweite Zeile des Betreffs (hier: …)",
    "paper.body": "Organ, an das sich die Vorlage richtet",
    "paper.session": "Tag der Sitzung",
    "paper.climate": "Text zu den Auswirkungen auf den Klimaschutz",
    "route": "Beratungsfolge",
    "route[].body": "Gremium",
    "route[].date": "Tag der Beratung",
    "route[].competence": "Zuständigkeit",
    "decides": "wahr, wenn eine Stufe der Beratungsfolge beschließt",
    "sections.resolution": "wahr, wenn die Vorlage einen Beschlussvorschlag hat",
    "sections.staff": "wahr, wenn personelle Auswirkungen darzustellen sind",
    "sections.finance": "wahr, wenn finanzielle Auswirkungen darzustellen sind",
    "sections.climate": "wahr, wenn Auswirkungen auf den Klimaschutz darzustellen sind",
    "sections.reasons": "wahr, wenn die Vorlage eine Begründung hat",
    "sections.annexes": "wahr, wenn die Vorlage Anlagen nennt",
    "infrastructure": "städtische Infrastruktur, deren Nutzung erbeten wird",
    "pilots": "die Pilotvorschläge",
    **pilots.MEANINGS,
    "effects.count": "Zahl der Pilotvorschläge",
    **pilots.EFFECTS,
    "interest": "gezählte Interessensbekundungen: „55 Organisationen“; leer bei keiner",
    "teams": "Expertenteams",
    "consortia": "Konsortien",
    "steering": "Lenkungsgremien",
    **{f"{group}[].{name}": meaning for group in ("teams", "consortia", "steering") for name, meaning in (
        ("name", "Name des Gremiums"), ("topic", "Topthema; „themenübergreifend“ ohne eines"),
        ("partners", "Zahl der beteiligten Partner; „noch offen“ ohne Besetzung"), ("task", "Auftrag des Gremiums"))},
    "counted.teams": "gezählte Expertenteams: „sechs Expertenteams“",
    "counted.consortia": "gezählte Konsortien",
    "by_topic": "Projekte nach Topthema, die letzte Zeile insgesamt",
    "by_topic[].name": "Topthema",
    "by_topic[].running": "laufende Projekte",
    "by_topic[].planned": "geplante Projekte",
    "by_topic[].done": "abgeschlossene Projekte",
    "by_topic[].all": "Projekte zusammen",
    "by_topic[].local": "davon in der eigenen Stadt",
    "chart": "Schaubild: Projekte nach Topthema und Stand; fehlt ohne Projekte",
    "transferable": "übertragbare Projekte anderer Orte",
    "transferable[].title": "Titel des Projekts",
    "transferable[].topic": "Topthema",
    "transferable[].place": "Ort",
    "transferable[].status": "Stand",
    "financing": "Finanzierungsmodelle des Management Office",
    "financing[].name": "Name des Modells",
    "financing[].carried_by": "wer es trägt",
    "financing[].advantages": "Vorteile",
    "financing[].drawbacks": "Nachteile",
    "financing[].open": "was noch zu klären ist",
    "unproven": "Initiatoren, deren Zeichnungsbefugnis noch nachzuweisen ist, als Aufzählung; leer, wenn alle nachgewiesen sind",
    "next_steps": "nächste Schritte, ein Eintrag je Schritt",
    "annexes": "Anlagen",
    "annexes[].number": "Nummer der Anlage",
    "annexes[].title": "Titel der Anlage",
    "annexes[].visibility": "öffentlich oder nichtöffentlich",
    **history.MEANINGS,
}


def drafts(alliance: Alliance) -> Iterator[Draft]:
    """The paper for the session the settings name; none without council settings."""
    settings = alliance.settings
    council = settings.council
    if council is None:
        return
    key = f"{KIND}/{session(council)}"
    context = {**_head(alliance, council), **_resolution(alliance, council), **_reasons(alliance, council)}
    yield Draft(
        key=key, kind=KIND, subject=council.subject, template=TEMPLATE, stem=facts.stem(key, council.subject), date=settings.alliance.date,
        context=context, figures=figures(alliance, context), public=True, records=records(alliance), author=settings.office.name,
    )


def _head(alliance: Alliance, council: CouncilSettings) -> Facts:
    settings = alliance.settings
    return {
        "title": council.subject,
        "alliance": facts.alliance_facts(settings),
        "office": facts.office_facts(settings),
        "paper": {
            "reference": council.reference, "division": council.division, "responsible": council.responsible, "phone": council.phone,
            "date": wording.date(settings.alliance.date), "urgency": council.urgency, "detail": council.subject_detail,
            "body": council.body, "session": wording.weekday_date(council.session), "climate": council.climate,
        },
        "route": [{"body": stage.body, "date": wording.short_date(stage.date), "competence": str(stage.competence)} for stage in council.route],
        "decides": any(stage.competence is Competence.DECIDES for stage in council.route),
        "sections": {section.name: section.holds(settings.alliance.date) for section in SECTIONS},
    }


def _resolution(alliance: Alliance, council: CouncilSettings) -> Facts:
    asked = council.infrastructure or tuple(dict.fromkeys(pilot.infrastructure for pilot in alliance.proposals if pilot.infrastructure))
    return {
        "infrastructure": list(asked),
        "pilots": [pilots.pilot_facts(alliance, pilot) for pilot in alliance.proposals],
        "effects": pilots.effects(alliance.proposals),
    }


def _reasons(alliance: Alliance, council: CouncilSettings) -> Facts:
    groups = survey.by_topic(alliance)
    transferable: list[Value] = [
        {"title": project.title, "topic": facts.topic_name(alliance, project.topic), "place": project.place, "status": str(project.status)}
        for project in alliance.projects_elsewhere]
    return {
        "founding": facts.founding_facts(alliance.settings),
        "first_meeting": facts.first_meeting_facts(alliance),
        "interest": facts.interest(alliance),
        **_structure(alliance),
        "survey": facts.survey_facts(alliance),
        "by_topic": survey.rows(groups),
        "chart": stacked(survey.bars(groups)) if alliance.projects else None,
        "transferable": transferable,
        "financing": [{"name": model.name, "carried_by": model.carried_by, "advantages": model.advantages, "drawbacks": model.drawbacks,
                       "open": model.open} for model in council.financing],
        "unproven": wording.listing(initiator.name for initiator in alliance.settings.initiators if not initiator.signatories),
        "next_steps": list(council.next_steps),
        "annexes": [{"number": number, "title": annex.title, "visibility": visibility(annex, council)}
                    for number, annex in enumerate(ANNEXES, 1)],
        "memoranda": history.memoranda(alliance.progress), "former": history.changes(alliance), "decided": history.decided(alliance),
    }


def _structure(alliance: Alliance) -> Facts:
    teams, consortia, steering = (alliance.bodies_of(kind) for kind in (BodyKind.EXPERT_TEAM, BodyKind.CONSORTIUM, BodyKind.STEERING))
    return {
        "teams": _bodies(alliance, teams), "consortia": _bodies(alliance, consortia), "steering": _bodies(alliance, steering),
        "counted": {"teams": wording.count(len(teams), "Expertenteam", "Expertenteams", article="ein"),
                    "consortia": wording.count(len(consortia), "Konsortium", "Konsortien", article="ein")},
    }


def _bodies(alliance: Alliance, bodies: Sequence[Body]) -> list[Facts]:
    return [{"name": body.name, "topic": facts.topic_name(alliance, body.topic) if body.topic else "themenübergreifend",
             "partners": facts.some(len({seat.partner for seat in alliance.seats(body.key)})) or "noch offen", "task": body.task} for body in bodies]
