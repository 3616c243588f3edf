"""What must hold between the rows, whatever table they stand in: each rule a function over the alliance.

Rules look at records as far as they could be read: a blank field has been told of already, and is no reason to speak.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import Any

from pipeline.alliance import Alliance
from pipeline.findings import Finding, Severity
from pipeline.records import Competence, Partner, PartnerStatus, Person, Place
from pipeline.tables.columns import TABLES, TITLES, Spec
from pipeline.tables.countries import COUNTRIES
from pipeline.tables.doublets import likely_doublets
from pipeline.tables.near import meant
from pipeline.tables.rows import UNKNOWN_DAY
from pipeline.wording import address_lines
from pipeline.workspace import SETTINGS

LINES = 6                # of the address zone (DIN 5008, form B)
LINE = 42                # characters of 11 pt that the 80 mm of such a line hold, about
MOST_PROPOSALS = 50      # near misses are dear to find; the first ones show what went wrong

_WEEKDAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")
_SUNDAY = 6


def _setting(name: str) -> Place:
    return Place(file=SETTINGS, column=name)


# Keys and references -----------------------------------------------------------------------------


def keys_are_unique(alliance: Alliance) -> Iterator[Finding]:
    """No two rows of a table have the same key; keys that differ by case alone count as the same."""
    for table in ("partners", "persons", "topics", "projects", "bodies", "meetings"):
        records = getattr(alliance, table)
        keys = [record.key.casefold() for record in records]
        if len(set(keys)) == len(keys):
            continue
        own_rows = {partner.origin for partner in alliance.partners} if table == "persons" else frozenset()
        first: dict[str, Any] = {}
        for key, record in zip(keys, records, strict=True):
            earlier = first.setdefault(key, record)
            if earlier is record or record.origin in own_rows:
                continue      # the contact in a partner's row shares its key and its fault
            name = "key" if "key" in record.origin.columns else "partner"
            yield Finding(place=record.origin.cell(name), rule="unique", value=record.key, subject=record.key,
                          message=f"„{record.key}“ steht schon in {earlier.origin.file}, Zeile {earlier.origin.row}",
                          hint="Jede Nummer darf nur einmal vorkommen: eine der beiden Zeilen ändern oder löschen.")


def references_exist(alliance: Alliance) -> Iterator[Finding]:
    """Every key a row refers to is the key of a row. To a table of which no row could be read, that is said once."""
    proposals = 0
    for table, specs in TABLES.items():
        records = getattr(alliance, table)
        for spec in specs:
            if not spec.refers:
                continue
            known: Mapping[str, Any] = getattr(alliance, _BY_KEY[spec.refers])     # in the table's order
            value_of = attrgetter(spec.field)
            if known.keys() >= set(_single(set(map(value_of, records)))):
                continue
            wrong = [(record, key) for record in records for key in _single((value_of(record),)) if key not in known]
            if not known and len(wrong) > 1:
                yield _nothing_there(wrong, spec)
                continue
            for record, key in wrong:
                proposals += 1
                yield _dangling(record, spec.field, spec.refers, key, known if proposals <= MOST_PROPOSALS else ())


_BY_KEY = {"partners": "partner", "persons": "person", "topics": "topic", "bodies": "body", "meetings": "meeting"}


def _single(values: Iterable[str | tuple[str, ...]]) -> Iterator[str]:
    """The keys in fields that hold one, several or none."""
    for value in values:
        if isinstance(value, tuple):
            yield from value
        elif value:
            yield value


def _nothing_there(wrong: Sequence[tuple[Any, str]], spec: Spec) -> Finding:
    """All rows that refer to a table without rows are held back by one finding, at the first of them."""
    first, key = wrong[0]
    rows = len({id(record) for record, _ in wrong})
    keys = tuple(dict.fromkeys(getattr(record, "key", "") for record, _ in wrong))
    return Finding(place=first.origin.cell(spec.field), rule="reference", value=key, subject=keys[0], subjects=keys[1:],
                   message=f"Die Tabelle {TITLES[spec.refers]} hat keine lesbare Zeile; {rows} Zeilen verweisen auf sie",
                   hint=f"Zuerst die Tabelle {TITLES[spec.refers]} berichtigen.")


def _dangling(record: Any, field: str, target: str, key: str, known: Iterable[str]) -> Finding:
    where = f"die Tabelle {TITLES[target]}"
    absent = f"Die Zeile in {target} ergänzen oder die Angabe hier berichtigen."
    return Finding(place=record.origin.cell(field), rule="reference", value=key, subject=getattr(record, "key", ""),
                   message=f"„{key}“ gibt es nicht: {where} hat keine solche Zeile", hint=meant(key, known, otherwise=absent))


def first_meeting_exists(alliance: Alliance) -> Iterator[Finding]:
    """The meeting whose attendance the papers count is in the table."""
    key = alliance.settings.alliance.first_meeting
    if key and key not in alliance.meeting:
        yield Finding(place=_setting("alliance.first_meeting"), rule="reference", value=key,
                      message=f"Das Treffen „{key}“ gibt es nicht",
                      hint=meant(key, alliance.meeting, otherwise="Die Nummer eines Treffens der Tabelle meetings eintragen."))


def seats_belong_together(alliance: Alliance) -> Iterator[Finding]:
    """Who sits in a body for a partner is a contact of that partner."""
    for seat in alliance.memberships:
        person = alliance.person.get(seat.person)
        if person and person.partner != seat.partner:
            yield Finding(place=seat.origin.cell("person"), rule="seat", value=seat.person,
                          message=f"„{seat.person}“ gehört zum Partner {person.partner}, nicht zu {seat.partner}",
                          hint="Partner oder Person berichtigen.")


def seats_are_single(alliance: Alliance) -> Iterator[Finding]:
    """Nobody sits in the same body twice."""
    first: dict[tuple[str, str], int] = {}
    for seat in alliance.memberships:
        contacts = alliance.contacts(seat.partner)
        who = seat.person or (contacts[0].key if contacts else seat.partner)
        row = first.setdefault((seat.body, who), seat.origin.row)
        if row != seat.origin.row:
            yield Finding(place=seat.origin.cell("person"), rule="seat", value=seat.person or seat.partner, severity=Severity.WARNING,
                          message=f"„{who}“ sitzt schon mit Zeile {row} im Gremium {seat.body} und wird nur einmal eingeladen",
                          hint="Eine der Zeilen löschen oder eine andere Person eintragen.")


# Meetings ----------------------------------------------------------------------------------------


def meetings_are_possible(alliance: Alliance) -> Iterator[Finding]:
    """A meeting ends after it starts, is answered before it is held, and is not on a Sunday."""
    for meeting in alliance.meetings:
        if meeting.end is not None and meeting.end <= meeting.start:
            yield Finding(place=meeting.origin.cell("end"), rule="meeting", value=f"{meeting.end:%H:%M}", subject=meeting.key,
                          message=f"Das Treffen endet um {meeting.end:%H:%M} Uhr, beginnt aber um {meeting.start:%H:%M} Uhr",
                          hint="Beginn oder Ende berichtigen.")
        if meeting.date == UNKNOWN_DAY:
            continue
        if meeting.reply_by and meeting.reply_by > meeting.date:
            yield Finding(place=meeting.origin.cell("reply_by"), rule="meeting", value=f"{meeting.reply_by:%d.%m.%Y}", subject=meeting.key,
                          message=f"Die Rückmeldung bis {meeting.reply_by:%d.%m.%Y} käme nach dem Treffen am {meeting.date:%d.%m.%Y}",
                          hint="Einen früheren Tag für die Rückmeldung eintragen.")
        if meeting.date.weekday() == _SUNDAY:
            yield Finding(place=meeting.origin.cell("date"), rule="meeting", value=f"{meeting.date:%d.%m.%Y}", severity=Severity.WARNING,
                          message=f"Der {meeting.date:%d.%m.%Y} ist ein Sonntag", hint="Das Datum prüfen.")


# Partners and persons ----------------------------------------------------------------------------


def everybody_can_be_reached(alliance: Alliance) -> Iterator[Finding]:
    """Each contact has an e-mail address, or the partner a postal one; a partner without contact likewise."""
    for partner in alliance.partners:
        if partner.status is PartnerStatus.LEFT or partner.address.complete:
            continue
        someone: tuple[Partner | Person, ...] = alliance.contacts(partner.key) or (partner,)
        for one in someone:
            if not one.email:
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
    for partner in alliance.interested:
        signing = [person for person in alliance.contacts(partner.key) if person.signs]
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
        if not person.last_name:
            yield Finding(place=person.origin.cell("last_name"), rule="contact", severity=Severity.WARNING,
                          message=f"{person.key} hat keinen Nachnamen und wird nicht mit Namen angeredet",
                          hint="Den Nachnamen eintragen.")


def partners_are_different(alliance: Alliance) -> Iterator[Finding]:
    """No organisation stands in two rows under two spellings."""
    yield from likely_doublets(alliance.partners)


# Bodies, initiators, council ---------------------------------------------------------------------


def bodies_have_a_contact(alliance: Alliance) -> Iterator[Finding]:
    """Each body names somebody whom others may turn to."""
    for body in alliance.bodies:
        if not body.contact:
            yield Finding(place=body.origin.cell("contact"), rule="contact", severity=Severity.WARNING,
                          message=f"Das Gremium {body.key} hat keine Ansprechperson; genannt wird die Geschäftsstelle",
                          hint="Die Nummer einer Person eintragen.")


def initiators_have_signatories(alliance: Alliance) -> Iterator[Finding]:
    """Who signs for an initiator is known; if not, it is an open point of the papers."""
    for number, initiator in enumerate(alliance.settings.initiators, start=1):
        if not initiator.signatories:
            yield Finding(place=_setting(f"initiators.{number}.signatories"), rule="signatory", severity=Severity.NOTE,
                          message=f"Offen ist, wer für {initiator.name} zeichnet",
                          hint="Sobald die Vertretungsmacht geklärt ist, die Unterzeichnenden eintragen.")


def the_route_leads_to_a_decision(alliance: Alliance) -> Iterator[Finding]:
    """The stages stand in the order of their dates, and exactly one decides: the last."""
    council = alliance.settings.council
    if council is None or not council.route:
        return
    route = council.route
    for number, (before, after) in enumerate(pairwise(route), start=2):
        if after.date < before.date:
            yield Finding(place=_setting(f"council.route.{number}.date"), rule="route", value=after.date.isoformat(),
                          message=f"{after.body} am {after.date:%d.%m.%Y} steht nach {before.body} am {before.date:%d.%m.%Y}",
                          hint="Die Beratungsfolge nach Datum ordnen.")
    for number, stage in enumerate(route, start=1):
        weekday = _WEEKDAYS[stage.date.weekday()]
        said = stage.weekday.casefold().replace("sonnabend", "samstag")
        if said and said != weekday:
            yield Finding(place=_setting(f"council.route.{number}.weekday"), rule="weekday", value=stage.weekday,
                          message=f"Der {stage.date:%d.%m.%Y} ist ein {weekday.capitalize()}, nicht {stage.weekday}",
                          hint="Datum oder Wochentag berichtigen.")
    deciding = [number for number, stage in enumerate(route, start=1) if stage.competence is Competence.DECIDES]
    if deciding != [len(route)]:
        wrong = "Keine Station beschließt" if not deciding else "Mehr als eine Station beschließt" if len(deciding) > 1 else \
            "Die beschließende Station ist nicht die letzte"
        yield Finding(place=_setting("council.route"), rule="route", message=f"{wrong} in der Beratungsfolge",
                      hint="Genau eine Station, die letzte, erhält die Zuständigkeit „Beschluss“.")


def the_session_is_the_last_stage(alliance: Alliance) -> Iterator[Finding]:
    """The session named for the paper is the day of the stage that ends the route."""
    council = alliance.settings.council
    if council and council.route and council.route[-1].date != council.session:
        yield Finding(place=_setting("council.session"), rule="route", value=council.session.isoformat(), severity=Severity.WARNING,
                      message=f"Die Sitzung am {council.session:%d.%m.%Y} ist nicht die letzte Station der Beratungsfolge",
                      hint="Sitzungstag oder Beratungsfolge berichtigen.")


Rule = Callable[[Alliance], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    keys_are_unique,
    references_exist,
    first_meeting_exists,
    seats_belong_together,
    seats_are_single,
    meetings_are_possible,
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
