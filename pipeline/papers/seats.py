"""Who sits where: the facts about one body's seats, for rosters, attendance lists, name badges and the closed annex."""

from __future__ import annotations

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers.facts import Facts, topic_name
from pipeline.records import Body, Membership, PartnerStatus, Person

NOBODY = "noch nicht benannt"

_MEANINGS = {
    "name": "Name des Gremiums",
    "kind": "Expertenteam, Konsortium oder Lenkungsgremium",
    "topic": "Topthema; „themenübergreifend“ ohne eines",
    "task": "Auftrag; leer, wenn keiner angegeben ist",
    "contact": "Ansprechperson des Gremiums; „Geschäftsstelle“ ohne eine",
    "reach": "Telefon und E-Mail der Ansprechperson; leer ohne eine",
    "seats": "die Sitze, nach Namen geordnet",
    "seats[].name": "Name der Person; „noch nicht benannt“ ohne eine",
    "seats[].function": "Funktion der Person; leer, wenn nicht bekannt",
    "seats[].organisation": "Organisation",
    "seats[].role": "Leitung, Stellvertretung oder Mitglied; leer, wenn nicht angegeben",
    "seats[].reach": "Telefon und E-Mail; „–“ ohne Angabe",
}


def meanings(prefix: str) -> dict[str, str]:
    """What the fields of a body are, under a path: "bodies[]"."""
    return {f"{prefix}.{path}": meaning for path, meaning in _MEANINGS.items()}


def body_facts(alliance: Alliance, body: Body) -> Facts:
    """One body with its people; seats of organisations that have left are empty and not listed."""
    contact = alliance.person.get(body.contact)
    return {
        "name": body.name, "kind": str(body.kind), "topic": topic_name(alliance, body.topic) if body.topic else "themenübergreifend",
        "task": body.task, "contact": wording.formal_name(contact) if contact else "Geschäftsstelle",
        "reach": reach(contact.phone, contact.email) if contact else "",
        "seats": [_seat(alliance, seat, person) for seat, person in taken(alliance, body)],
    }


def taken(alliance: Alliance, body: Body) -> list[tuple[Membership, Person | None]]:
    """The seats that are taken, in the order of the people's names; without a person by the organisation's."""
    found = [(seat, _sitting(alliance, seat)) for seat in alliance.seats(body.key)
             if seat.partner in alliance.partner and alliance.partner[seat.partner].status is not PartnerStatus.LEFT]

    def position(item: tuple[Membership, Person | None]) -> tuple[object, ...]:
        seat, person = item
        return (*wording.sort_key(person.last_name if person else alliance.partner[seat.partner].name), person.first_name if person else "")
    return sorted(found, key=position)


def records(alliance: Alliance, body: Body) -> tuple[str, ...]:
    """The rows a body's roster rests on."""
    return (body.key, *(key for seat, person in taken(alliance, body) for key in (seat.partner, person.key if person else "") if key))


def reach(phone: str, email: str) -> str:
    """How somebody is reached, in a line."""
    return ", ".join(part for part in (phone, email) if part) or "–"


def _sitting(alliance: Alliance, seat: Membership) -> Person | None:
    return alliance.person.get(seat.person) if seat.person else next(iter(alliance.contacts(seat.partner)), None)


def _seat(alliance: Alliance, seat: Membership, person: Person | None) -> Facts:
    partner = alliance.partner[seat.partner]
    return {
        "name": wording.formal_name(person) if person else NOBODY, "function": person.function if person else "",
        "organisation": partner.name, "role": seat.role,
        "reach": reach(person.phone, person.email) if person else reach(partner.phone, partner.email),
    }
