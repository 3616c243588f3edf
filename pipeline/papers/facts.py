"""What several papers say in the same words: the alliance, its office, its topics, its survey; and how files are named."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers.draft import Value
from pipeline.records import Address, Topic
from pipeline.settings import Initiator, Settings, Signatory

Facts = Mapping[str, Value]

_MEANINGS = {
    "alliance.name": "Name der Allianz",
    "alliance.motto": "Leitwort der Allianz; leer, wenn keines gesetzt ist",
    "alliance.city": "Stadt der Allianz",
    "office.name": "Name der Geschäftsstelle",
    "office.carried_by": "wer die Geschäftsstelle trägt, als Aufzählung",
    "office.street": "Straße der Geschäftsstelle",
    "office.postcode": "Postleitzahl der Geschäftsstelle",
    "office.city": "Ort der Geschäftsstelle",
    "office.phone": "Telefon der Geschäftsstelle",
    "office.email": "E-Mail der Geschäftsstelle",
    "office.web": "Internetadresse der Geschäftsstelle",
    "office.contact": "Ansprechperson der Geschäftsstelle; leer, wenn nicht benannt",
    "office.contact_function": "Funktion der Ansprechperson",
    "founding": "Gründungskonferenz; fehlt, wenn nicht angegeben",
    "founding.date": "Tag der Gründungskonferenz",
    "founding.place": "Ort der Gründungskonferenz",
    "founding.organisations": "Zahl der teilnehmenden Organisationen",
    "first_meeting": "erstes Allianztreffen; fehlt, wenn es nicht in der Tabelle steht",
    "first_meeting.date": "Tag des ersten Treffens",
    "first_meeting.weekday_date": "Wochentag und Tag des ersten Treffens",
    "first_meeting.place": "Ort des ersten Treffens",
    "first_meeting.present": "gezählte Allianzpartner, im Dativ: mit „90 Allianzpartnern“",
    "survey": "Projekterhebung; fehlt ohne Projekte",
    "survey.projects": "gezählte Projekte: „88 Projekte“",
    "survey.local": "Zahl der Projekte in der eigenen Stadt; leer bei keinem",
    "survey.elsewhere": "Zahl der übertragbaren Projekte anderer Orte; leer bei keinem",
}


def meanings(*groups: str) -> dict[str, str]:
    """What the fields of these groups are: "alliance", "office" …"""
    return {path: meaning for path, meaning in _MEANINGS.items() if path.split(".", maxsplit=1)[0] in groups}


def alliance_facts(settings: Settings) -> Facts:
    """The alliance's name, motto and city."""
    facts = settings.alliance
    return {"name": facts.name, "motto": facts.motto, "city": facts.city}


def office_facts(settings: Settings) -> Facts:
    """The office that writes, with its address and the ways to reach it."""
    office = settings.office
    return {
        "name": office.name, "carried_by": wording.listing(office.carried_by), "street": office.street, "postcode": office.postcode,
        "city": office.city, "phone": office.phone, "email": office.email, "web": office.web,
        "contact": office.contact, "contact_function": office.contact_function,
    }


def founding_facts(settings: Settings) -> Facts | None:
    """The founding conference; None when the settings do not name it."""
    founding = settings.alliance.founding
    if founding is None:
        return None
    return {"date": wording.date(founding.date), "place": founding.place, "organisations": wording.number(founding.organisations)}


def first_meeting_facts(alliance: Alliance) -> Facts | None:
    """The first meeting with the partners counted who were there; None when it is not in the table."""
    meeting = alliance.meeting.get(alliance.settings.alliance.first_meeting)
    if meeting is None:
        return None
    present = len(alliance.present(meeting.key))
    return {"weekday_date": wording.weekday_date(meeting.date), "date": wording.date(meeting.date), "place": meeting.place,
            "present": wording.count(present, *alliance.settings.alliance.counted) if present else ""}


def survey_facts(alliance: Alliance) -> Facts | None:
    """The project survey in figures, each counted from rows; None without projects, "" instead of a zero."""
    if not alliance.projects:
        return None
    return {
        "projects": wording.count(len(alliance.projects), "Projekt", "Projekte"),
        "local": some(len(alliance.local_projects)),
        "elsewhere": some(len(alliance.projects_elsewhere)),
    }


def interest(alliance: Alliance) -> str:
    """How many organisations have declared their interest; a count of its own, never merged with who came to a meeting."""
    return wording.count(len(alliance.interested), "Organisation", "Organisationen") if alliance.interested else ""


def some(number: int) -> str:
    """A number, or "" for none: templates ask `{% if … %}` and never print a zero by accident."""
    return wording.number(number) if number else ""


def topics_in_order(alliance: Alliance) -> tuple[Topic, ...]:
    """The topics as lists show them."""
    return tuple(sorted(alliance.topics, key=lambda topic: (topic.order, topic.key)))


def topic_name(alliance: Alliance, key: str) -> str:
    """A topic's name; its key where the table has no such topic."""
    topic = alliance.topic.get(key)
    return topic.name if topic else key


def address_in_line(address: Address) -> str:
    """An address within a sentence: "Hafenstraße 12, 44147 Dortmund"."""
    return ", ".join(part for part in (address.street, f"{address.postcode} {address.city}".strip(), address.country) if part)


def initiator_address(initiator: Initiator) -> str:
    """An initiator's address within a sentence; "" when the settings name none."""
    return address_in_line(Address(street=initiator.street, postcode=initiator.postcode, city=initiator.city))


def signatory_in_line(signatory: Signatory) -> str:
    """Who signs, as a sentence names them: "Mia Muster, Hauptgeschäftsführerin"; the function alone where no name is known."""
    return f"{signatory.name}, {signatory.function}" if signatory.name else signatory.function


def stem(key: str, name: str) -> str:
    """The file name of a paper without its ending: its key and a short name, ASCII."""
    plain = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    return "-".join(part for part in (re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-"), wording.slug(name)) if part)
