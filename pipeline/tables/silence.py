"""People who are not to be written to, and people who are to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.alliance import Alliance
from pipeline.findings import Finding, Severity
from pipeline.records import Contact, Person


def erased_people_left_nothing(alliance: Alliance) -> Iterator[Finding]:
    """Of a person who was erased, nothing personal stands in the table any more."""
    for person in alliance.persons:
        if person.contact is Contact.ERASED and _personal(person):
            yield Finding(place=person.origin.cell("contact"), rule="erased", value=str(person.contact), severity=Severity.WARNING,
                          message=f"{person.key} ist als gelöscht gekennzeichnet, in der Zeile stehen aber noch Angaben zur Person",
                          hint=f"„gremium erase {person.key}“ aufrufen, dann Anrede, Titel, Namen, Funktion, E-Mail und Telefon in der Zeile leeren.")


def silent_people_hold_no_office(alliance: Alliance) -> Iterator[Finding]:
    """Nobody turns for a body to a person who is not to be written to, and seats of erased people are given to others."""
    for body in alliance.bodies:
        if body.contact in alliance.silent:
            yield Finding(place=body.origin.cell("contact"), rule="erased", value=body.contact, severity=Severity.WARNING,
                          message=f"Die Ansprechperson {body.contact} des Gremiums {body.key} darf nicht angeschrieben werden",
                          hint="Eine andere Ansprechperson eintragen; bis dahin steht dort die Geschäftsstelle, wenn die Person gelöscht ist.")
    erased = _erased(alliance)
    for seat in alliance.memberships:
        if seat.person in erased:
            yield Finding(place=seat.origin.cell("person"), rule="erased", value=seat.person, severity=Severity.WARNING,
                          message=f"Der Sitz von {seat.person} im Gremium {seat.body} ist nicht mehr besetzt: Die Person ist gelöscht",
                          hint="Eine andere Person eintragen oder die Zeile löschen.")


def forget(alliance: Alliance) -> Alliance:
    """The alliance without the people marked as erased: they stand in no paper, and their seats are free.

    What reaches a partner by its erased contact is gone too.
    """
    gone = _erased(alliance)
    if not gone:
        return alliance
    return replace(
        alliance, erased=gone,
        persons=tuple(person for person in alliance.persons if person.key not in gone),
        partners=tuple(replace(partner, email="", phone="") if partner.key in gone else partner for partner in alliance.partners),
        memberships=tuple(seat for seat in alliance.memberships if seat.person not in gone),
    )


def _erased(alliance: Alliance) -> dict[str, Person]:
    return {person.key: person for person in alliance.persons if person.contact is Contact.ERASED}


def _personal(person: Person) -> bool:
    return bool(person.first_name or person.last_name or person.title or person.function or person.email or person.phone)
