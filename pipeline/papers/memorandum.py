"""The memorandum: one for each partner that has declared its interest.

What stands in it must not change when another partner joins, or every memorandum already signed would be out of
date: of all counted figures it holds the first meeting's and the survey's, not the number of partners.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers import facts
from pipeline.papers.draft import Draft, Recipient, Value
from pipeline.papers.facts import (
    Facts,
    address_in_line,
    alliance_facts,
    first_meeting_facts,
    founding_facts,
    initiator_address,
    office_facts,
    signatory_in_line,
    stem,
    survey_facts,
    topic_name,
    topics_in_order,
)
from pipeline.papers.invitation import addressed
from pipeline.records import Partner, Person, SignatureLine
from pipeline.settings import Initiator, Settings

KIND = "memorandum"
TEMPLATE = "memorandum.docx"
UNNAMED = "noch nicht benannt"

MEANINGS = {
    "title": "Titel des Memorandums",
    "date": "Datum, das die Fassung trägt",
    "demo": "wahr, solange mit Vorführschlüsseln signiert wird",
    **facts.meanings("alliance", "office", "founding", "first_meeting", "survey"),
    "alliance.topics": "alle Topthemen in ihrer Reihenfolge (Anlage)",
    "alliance.topics[].order": "Nummer des Topthemas",
    "alliance.topics[].name": "Name des Topthemas",
    "alliance.topics[].summary": "Beschreibung des Topthemas",
    "purposes": "Ziele der Allianz, ein Eintrag je Ziel",
    "initiators": "die Initiatoren, in der Reihenfolge der Einstellungen",
    "initiators[].name": "Name des Initiators",
    "initiators[].address": "Anschrift in einer Zeile; leer, wenn nicht angegeben",
    "initiators[].signatories": "wer für den Initiator zeichnet; leer, wenn die Zeichnungsbefugnis noch nachzuweisen ist",
    "partner.key": "Partnernummer",
    "partner.name": "Name des Partners, wie im Register",
    "partner.short": "Kurzname des Partners",
    "partner.department": "Abteilung; leer, wenn keine angegeben ist",
    "partner.address": "Anschrift in einer Zeile",
    "partner.signatory": "wer für den Partner zeichnet; leer, wenn nicht bekannt",
    "topics": "Topthemen, in die sich der Partner einbringt",
    "topics[].name": "Name des Topthemas",
    "topics[].summary": "Beschreibung des Topthemas",
    "projects": "Projekte, an denen der Partner beteiligt ist",
    "projects[].key": "Projektnummer",
    "projects[].title": "Titel des Projekts",
    "projects[].topic": "Topthema des Projekts",
    "projects[].status": "laufend, geplant oder abgeschlossen",
    "projects[].place": "Ort des Projekts",
    "bodies": "Gremien, in denen der Partner mitwirkt",
    "bodies[].name": "Name des Gremiums",
    "bodies[].role": "Rolle oder Rollen im Gremium; leer, wenn keine angegeben ist",
    "contacts": "Ansprechpersonen der Geschäftsstelle und dieses Partners",
    "contacts[].side": "für wen die Person benannt ist",
    "contacts[].name": "Name der Person",
    "contacts[].function": "Funktion der Person; leer, wenn nicht bekannt",
    "contacts[].reach": "Telefon und E-Mail",
    "parties": "alle Unterschriften: die der Initiatoren, dann die des Partners; wo mehrere für eine Partei zeichnen, steht sie mehrmals",
    "parties[].name": "Name der Partei",
    "parties[].line": "die Zeile, auf der unterschrieben wird",
    "parties[].open": "wahr, solange die Zeichnungsbefugnis nicht nachgewiesen ist",
    "parties[].signatories": "wer auf dieser Zeile zeichnet",
    "parties[].signatories[].name": "Name; leer, wenn von Hand zu ergänzen",
    "parties[].signatories[].function": "Funktion",
}


def drafts(alliance: Alliance) -> Iterator[Draft]:
    """One memorandum for each partner with a declaration of interest, in the table's order."""
    settings = alliance.settings
    shared, common = _shared(alliance), _Common.of(alliance)
    for partner in alliance.interested:
        parties = [*common.parties, _own_party(partner, alliance.signatory(partner.key))]
        key = f"{KIND}/{partner.key}"
        yield Draft(
            key=key, kind=KIND, template=TEMPLATE, stem=stem(key, partner.short), date=settings.alliance.date,
            subject=f"Memorandum über die Zusammenarbeit in der {settings.alliance.name} – {partner.name}",
            context={**shared, **_own(alliance, partner, common), "parties": [fact for fact, _ in parties]},
            signatures=tuple(line for _, line in parties), recipient=_recipient(alliance, partner), records=_records(alliance, partner),
            author=settings.office.name,
        )


def _recipient(alliance: Alliance, partner: Partner) -> Recipient:
    """To whom a memorandum goes: who signs for the partner, else a contact an e-mail reaches, else the organisation."""
    signatory, contacts = alliance.signatory(partner.key), alliance.contacts(partner.key)
    people = [person for person in (signatory, *contacts) if person and person.key not in alliance.silent]
    return addressed(partner, next((person for person in people if person.email), None if partner.email or not people else people[0]))


Party = tuple[Facts, SignatureLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What stands in every memorandum's lists beside the partner's own: made once, as there may be 100,000."""

    office: Facts                      # as a contact
    topics: Sequence[tuple[str, Facts]]    # key and what is printed, in their order
    parties: Sequence[Party]           # the initiators'

    @classmethod
    def of(cls, alliance: Alliance) -> _Common:
        return cls(
            office=_office_contact(alliance.settings),
            topics=[(topic.key, {"name": topic.name, "summary": topic.summary}) for topic in topics_in_order(alliance)],
            parties=[party for initiator in alliance.settings.initiators for party in _initiator_parties(initiator)],
        )


def _shared(alliance: Alliance) -> Facts:
    settings = alliance.settings
    topics: list[Value] = [{"order": topic.order, "name": topic.name, "summary": topic.summary} for topic in topics_in_order(alliance)]
    return {
        "title": "Memorandum über die Zusammenarbeit",
        "date": wording.date(settings.alliance.date),
        "demo": settings.signing.demo,
        "alliance": {**alliance_facts(settings), "topics": topics},
        "office": office_facts(settings),
        "founding": founding_facts(settings),
        "first_meeting": first_meeting_facts(alliance),
        "survey": survey_facts(alliance),
        "purposes": list(settings.alliance.purpose),
        "initiators": [{"name": initiator.name, "address": initiator_address(initiator),
                        "signatories": wording.listing(signatory_in_line(signatory) for signatory in initiator.signatories)}
                       for initiator in settings.initiators],
    }


def _own(alliance: Alliance, partner: Partner, common: _Common) -> Facts:
    signatory = alliance.signatory(partner.key)
    return {
        "partner": {"key": partner.key, "name": partner.name, "short": partner.short, "department": partner.department,
                    "address": address_in_line(partner.address), "signatory": _named(signatory) if signatory else ""},
        "topics": [topic for key, topic in common.topics if key in partner.topics],
        "projects": [{"key": project.key, "title": project.title, "topic": topic_name(alliance, project.topic),
                      "status": str(project.status), "place": project.place} for project in alliance.projects_of(partner.key)],
        "bodies": _bodies(alliance, partner),
        "contacts": [common.office, *_contacts(partner, alliance.contacts(partner.key))],
    }


def _bodies(alliance: Alliance, partner: Partner) -> list[Value]:
    """Each body once, however many of the partner's people sit in it."""
    roles: dict[str, dict[str, None]] = {}
    for body, seat in alliance.bodies_with(partner.key):
        roles.setdefault(body.name, {}).update({seat.role: None} if seat.role else {})
    return [{"name": name, "role": wording.listing(held)} for name, held in roles.items()]


def _named(person: Person) -> str:
    return ", ".join(part for part in (wording.formal_name(person), person.function) if part)


def _office_contact(settings: Settings) -> Facts:
    office = settings.office
    return {"side": office.name, "name": office.contact or UNNAMED, "function": office.contact_function if office.contact else "",
            "reach": _reach(office.phone, office.email)}


def _contacts(partner: Partner, persons: Sequence[Person]) -> list[Facts]:
    if not persons:
        return [{"side": partner.name, "name": UNNAMED, "function": "", "reach": _reach(partner.phone, partner.email)}]
    return [{"side": partner.name, "name": wording.formal_name(person), "function": person.function,
             "reach": _reach(person.phone, person.email)} for person in persons]


def _reach(phone: str, email: str) -> str:
    return ", ".join(part for part in (phone, email) if part) or "–"


def _own_party(partner: Partner, signatory: Person | None) -> Party:
    """The partner, who signs last."""
    line = SignatureLine(name="partner", label=f"Unterschrift für {partner.name}")
    signs: Facts = {"name": wording.formal_name(signatory) if signatory else "", "function": signatory.function if signatory else ""}
    return {"name": partner.name, "line": line, "open": False, "signatories": [signs]}, line


def _initiator_parties(initiator: Initiator) -> Iterator[Party]:
    """A line for each who signs for an initiator, in their order; one that stays open while nobody's power to sign is proven."""
    several = len(initiator.signatories) > 1
    for field, signatory in zip(initiator.fields, initiator.signatories or (None,), strict=True):
        label = f"Unterschrift für {initiator.name}"
        line = SignatureLine(name=field, label=f"{label}, {signatory.function}" if signatory and several else label)
        signs: list[Value] = [{"name": signatory.name, "function": signatory.function}] if signatory else []
        yield {"name": initiator.name, "line": line, "open": signatory is None, "signatories": signs}, line


def _records(alliance: Alliance, partner: Partner) -> tuple[str, ...]:
    return (
        partner.key,
        *(person.key for person in alliance.contacts(partner.key) if person.key != partner.key),
        *(project.key for project in alliance.projects_of(partner.key)),
        *(body.key for body, _ in alliance.bodies_with(partner.key)),
        *(topic.key for topic in alliance.topics),
        *(key for key in (alliance.settings.alliance.first_meeting,) if key in alliance.meeting),
    )
