"""What must hold between the rows, whatever table they stand in: each rule a function over the alliance.

Rules look at records as far as they could be read: a blank field has been told of already, and is no reason to speak.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from pipeline.alliance import Alliance
from pipeline.findings import Finding, Severity
from pipeline.records import Contact, Partner, PartnerStatus, Person
from pipeline.tables.countries import COUNTRIES
from pipeline.tables.doublets import likely_doublets
from pipeline.tables.meetings import (
    cancelled_meetings_had_nobody,
    meetings_are_possible,
    meetings_begin_at_a_time_that_is,
    nobody_is_invited_twice,
    past_meetings_were_held,
)
from pipeline.tables.near import meant
from pipeline.tables.references import first_meeting_exists, keys_are_unique, references_exist, seats_are_single, seats_belong_together
from pipeline.tables.route import bodies_have_a_contact, initiators_have_signatories, the_route_leads_to_a_decision, the_session_is_the_last_stage
from pipeline.tables.silence import erased_people_left_nothing, silent_people_hold_no_office
from pipeline.wording import address_lines

LINES = 6                # of the address zone (DIN 5008, form B)
LINE = 42                # characters of 11 pt that the 80 mm of such a line hold, about


def everybody_can_be_reached(alliance: Alliance) -> Iterator[Finding]:
    """Each contact has an e-mail address, or the partner a postal one; a partner without contact likewise."""
    for partner in alliance.partners:
        if partner.status is PartnerStatus.LEFT or partner.address.complete:
            continue
        someone: tuple[Partner | Person, ...] = alliance.contacts(partner.key) or (partner,)
        for one in someone:
            if not one.email and not (isinstance(one, Person) and one.contact is not Contact.YES):
                yield Finding(place=one.origin.cell("email"), rule="reachable", severity=Severity.WARNING,
                              message=f"{one.key} ist weder per E-Mail noch per Post zu erreichen",
                              hint="Eine E-Mail-Adresse oder beim Partner PLZ und Ort eintragen.")


def addresses_are_complete(alliance: Alliance) -> Iterator[Finding]:
    """An address has street, postcode and place; one that is asked for in a memorandum has them all."""
    for partner in alliance.partners:
        address = partner.address
        if address.street and address.postcode and address.city:
            continue
        parts = {"street": address.street, "postcode": address.postcode, "city": address.city}
        missing = [name for name, text in parts.items() if not text]
        if missing and (partner.status is PartnerStatus.INTEREST or (len(missing) < 3 and partner.status is not PartnerStatus.LEFT)):
            headings = {"street": "Straße", "postcode": "PLZ", "city": "Ort"}
            named = " und ".join(headings[name] for name in missing) if len(missing) < 3 else "Straße, PLZ und Ort"
            yield Finding(place=partner.origin.cell(missing[0]), rule="address", severity=Severity.WARNING,
                          message=f"Die Anschrift von {partner.key} ist unvollständig: {named} {'fehlt' if len(missing) == 1 else 'fehlen'}",
                          hint="Die Anschrift ergänzen.")


def countries_are_known(alliance: Alliance) -> Iterator[Finding]:
    """A foreign address ends with the German name of a country."""
    for partner in alliance.partners:
        country = partner.address.country
        if country and country not in COUNTRIES:
            yield Finding(place=partner.origin.cell("country"), rule="country", value=country, severity=Severity.WARNING,
                          message=f"„{country}“ ist kein bekanntes Land",
                          hint=meant(country, sorted(COUNTRIES), otherwise="Den deutschen Namen des Landes eintragen, für Deutschland nichts."))


def addresses_fit_the_window(alliance: Alliance) -> Iterator[Finding]:
    """The address of a letter fits into the six lines of its zone, long lines broken."""
    for partner in alliance.partners:
        address = partner.address
        texts = (partner.name, partner.department, address.street, address.city, address.country)
        if partner.status is PartnerStatus.LEFT or (not all(texts) and max(map(len, texts)) <= LINE):
            continue      # cannot overflow: spares most rows the wording
        for person in alliance.contacts(partner.key) or (None,):
            lines = address_lines(partner, person)
            needed = sum(math.ceil(len(line) / LINE) for line in lines)
            if needed > LINES:
                yield Finding(place=partner.origin.cell("name"), rule="address", value=partner.name, severity=Severity.WARNING,
                              message=f"Die Anschrift von {person.key if person else partner.key} braucht etwa {needed} Zeilen, "
                                      f"das Anschriftfeld hat {LINES}",
                              hint="Name oder Abteilung für die Anschrift kürzen.")


def interested_partners_have_a_signatory(alliance: Alliance) -> Iterator[Finding]:
    """Somebody, and one alone, signs the memorandum for each partner that gets one."""
    signatories: dict[str, list[Person]] = {}
    for person in alliance.persons:
        if person.signs:
            signatories.setdefault(person.partner, []).append(person)
    for partner in alliance.interested:
        signing = signatories.get(partner.key, ())
        if not signing:
            yield Finding(place=partner.origin.cell("signs"), rule="signatory", severity=Severity.WARNING,
                          message=f"Für {partner.key} steht niemand als Unterzeichner fest",
                          hint="Beim Ansprechpartner „ja“ in die Spalte Zeichnet eintragen; sonst bleibt die Zeile im Memorandum leer.")
        elif len(signing) > 1:
            yield Finding(place=signing[1].origin.cell("signs"), rule="signatory", severity=Severity.WARNING,
                          message=f"Für {partner.key} zeichnen {len(signing)} Personen; im Memorandum steht {signing[0].key}",
                          hint="Nur eine Person als Unterzeichner stehen lassen.")


def persons_have_names(alliance: Alliance) -> Iterator[Finding]:
    """A contact has a surname to be addressed by."""
    for person in alliance.persons:
        if not person.last_name and person.contact is not Contact.ERASED:
            yield Finding(place=person.origin.cell("last_name"), rule="contact", severity=Severity.WARNING,
                          message=f"{person.key} hat keinen Nachnamen und wird nicht mit Namen angeredet",
                          hint="Den Nachnamen eintragen.")


def partners_are_different(alliance: Alliance) -> Iterator[Finding]:
    """No organisation stands in two rows under two spellings."""
    yield from likely_doublets(alliance.partners)


Rule = Callable[[Alliance], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    keys_are_unique,
    references_exist,
    first_meeting_exists,
    seats_belong_together,
    seats_are_single,
    meetings_are_possible,
    meetings_begin_at_a_time_that_is,
    past_meetings_were_held,
    cancelled_meetings_had_nobody,
    nobody_is_invited_twice,
    erased_people_left_nothing,
    silent_people_hold_no_office,
    everybody_can_be_reached,
    addresses_are_complete,
    countries_are_known,
    addresses_fit_the_window,
    interested_partners_have_a_signatory,
    persons_have_names,
    partners_are_different,
    bodies_have_a_contact,
    initiators_have_signatories,
    the_route_leads_to_a_decision,
    the_session_is_the_last_stage,
)
