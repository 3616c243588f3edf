"""The excerpt letter: tells each pilot's consortium what the council decided on it."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers import facts, history, seats
from pipeline.papers.draft import Draft, Recipient
from pipeline.papers.invitation import addressed
from pipeline.records import Body, Decision, Project

KIND = "excerpt"
TEMPLATE = "excerpt.docx"
LEADS = "Leitung"

MEANINGS = {
    "title": "Betreff des Briefes, ohne Punkt",
    "date": "Datum des Briefes; nicht vor dem Tag des Beschlusses",
    "letterhead": "Zeile im Briefkopf",
    "fold_marks": "wahr, wenn Falz- und Lochmarken gedruckt werden",
    "folded_twice": "wahr, wenn dazu die beiden Falzmarken für Umschläge DL und C6/5 gehören",
    **facts.meanings("alliance", "office"),
    "recipient.address": "Zeilen der Anschrift",
    "recipient.salutation": "Anrede ohne Komma",
    "consortium": "Name des Konsortiums",
    "pilot.key": "Projektnummer",
    "pilot.title": "Titel des Pilotprojekts",
    "pilot.infrastructure": "erbetene städtische Infrastruktur; leer, wenn keine angegeben ist",
    "decision.body": "Organ, das beschlossen hat",
    "decision.session": "Tag der Sitzung",
    "decision.outcome": "was zu diesem Pilotprojekt beschlossen ist",
    "decision.votes": "Abstimmung: „50 Ja-Stimmen, 20 Nein-Stimmen“; leer, wenn nicht bekannt",
    "decision.amendments": "Änderungen gegenüber der Vorlage",
    "decision.mandated": "wahr, wenn die Verwaltung mit dem Pilotprojekt beauftragt ist",
    "decision.postponed": "wahr, wenn die Entscheidung vertagt ist",
}


def drafts(alliance: Alliance) -> Iterator[Draft]:
    """One letter for each pilot decided on that has a consortium with somebody in it."""
    for decision in alliance.decisions:
        for key in decision.pilots:
            pilot = alliance.project.get(key)
            body = alliance.body.get(pilot.body) if pilot else None
            if pilot and body and (recipient := _recipient(alliance, body)):
                yield _letter(alliance, decision, pilot, body, recipient)


def _recipient(alliance: Alliance, body: Body) -> Recipient | None:
    """Whom others may turn to; else who leads the body; else who sits there first."""
    contact = alliance.person.get(body.contact)
    if contact and contact.partner in alliance.partner:
        return addressed(alliance.partner[contact.partner], contact)
    taken = seats.taken(alliance, body)
    seat = next((item for item in taken if item[0].role == LEADS), taken[0] if taken else None)
    return addressed(alliance.partner[seat[0].partner], seat[1]) if seat else None


def _letter(alliance: Alliance, decision: Decision, pilot: Project, body: Body, recipient: Recipient) -> Draft:
    settings = alliance.settings
    key = f"{KIND}/{decision.session:%Y-%m}/{pilot.key}"
    date = max(settings.alliance.date, decision.session)      # a letter is not older than what it tells of
    title = f"Beschluss vom {wording.date(decision.session)}: {pilot.title}"
    outcome = decision.pilots[pilot.key]
    return Draft(
        key=key, kind=KIND, subject=title, template=TEMPLATE, stem=facts.stem(key, body.name), date=date,
        recipient=recipient, author=settings.office.name,
        records=tuple(dict.fromkeys((recipient.partner, recipient.key, pilot.key, body.key))),
        context={
            "title": title, "date": wording.date(date), "letterhead": settings.layout.letterhead or settings.alliance.name,
            "fold_marks": settings.layout.fold_marks, "folded_twice": settings.layout.folded_twice,
            "alliance": facts.alliance_facts(settings), "office": facts.office_facts(settings),
            "recipient": {"address": list(recipient.address), "salutation": recipient.salutation}, "consortium": body.name,
            "pilot": {"key": pilot.key, "title": pilot.title, "infrastructure": pilot.infrastructure},
            "decision": {"body": decision.body, "session": wording.date(decision.session), "outcome": str(outcome),
                         "votes": history.votes(decision), "amendments": list(decision.amendments), "mandated": outcome.mandates,
                         "postponed": outcome == "vertagt"},
        },
    )
