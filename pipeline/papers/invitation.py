"""The invitation: one letter for each upcoming meeting and invited person."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers import facts
from pipeline.papers.draft import Draft, Recipient
from pipeline.papers.facts import Facts
from pipeline.records import Meeting, Partner, Person

KIND = "invitation"
TEMPLATE = "invitation.docx"
ZONE_LINES = 6          # DIN 5008: the address zone
ZONE_LETTERS = 44       # letters of 10 pt that surely stand in its 80 mm

MEANINGS = {
    "title": "Betreff des Briefes, ohne Punkt",
    "date": "Datum des Briefes",
    "letterhead": "Zeile im Briefkopf",
    "fold_marks": "wahr, wenn Falz- und Lochmarken gedruckt werden",
    "folded_twice": "wahr, wenn dazu die beiden Falzmarken für Umschläge DL und C6/5 gehören",
    **facts.meanings("alliance", "office"),
    "recipient.address": "Zeilen der Anschrift",
    "recipient.salutation": "Anrede ohne Komma",
    "meeting.key": "Nummer des Treffens",
    "meeting.title": "Name des Treffens",
    "meeting.body": "Gremium, das tagt; leer für die ganze Allianz",
    "meeting.date": "Wochentag und Tag",
    "meeting.time": "Uhrzeit von – bis",
    "meeting.place": "Haus und Raum",
    "meeting.address": "Anschrift des Ortes; leer, wenn nicht angegeben",
    "meeting.agenda": "Tagesordnungspunkte",
    "meeting.reply_by": "letzter Tag für die Rückmeldung; leer, wenn nicht gesetzt",
}


def drafts(alliance: Alliance) -> Iterator[Draft]:
    """One letter for each meeting still to come and each person invited to it; to the organisation where no person is known."""
    for meeting in alliance.upcoming():
        shared = _shared(alliance, meeting)
        for partner, person in alliance.invited(meeting):
            yield _letter(alliance, meeting, partner, person, shared)


def _letter(alliance: Alliance, meeting: Meeting, partner: Partner, person: Person | None, shared: Facts) -> Draft:
    recipient = addressed(partner, person)
    key = f"{KIND}/{meeting.key}/{recipient.key}"
    return Draft(
        key=key, kind=KIND, subject=f"Einladung: {meeting.title} am {wording.date(meeting.date)}", template=TEMPLATE,
        stem=facts.stem(key, partner.short), date=alliance.settings.alliance.date,
        context={**shared, "recipient": {"address": list(recipient.address), "salutation": recipient.salutation}},
        recipient=recipient, meeting=meeting.key, author=alliance.settings.office.name,
        records=tuple(dict.fromkeys(key for key in (partner.key, person.key if person else "", meeting.key, meeting.body) if key)),
    )


def addressed(partner: Partner, person: Person | None) -> Recipient:
    """To whom a letter goes: the person at its organisation, or the organisation."""
    lines = wording.address_lines(partner, person)
    return Recipient(
        key=person.key if person else partner.key, partner=partner.key, organisation=partner.name,
        name=wording.formal_name(person) if person and person.last_name else partner.name,
        email=person.email if person else partner.email,     # never somebody else's: a person without an address gets paper
        salutation=wording.salutation(person), address=lines, postcode=partner.address.postcode,
        postable=partner.address.complete and fits(lines),
    )


def fits(lines: tuple[str, ...]) -> bool:
    """The address stands in its zone without a smaller font."""
    return sum(math.ceil(len(line) / ZONE_LETTERS) for line in lines) <= ZONE_LINES


def _shared(alliance: Alliance, meeting: Meeting) -> Facts:
    settings = alliance.settings
    body = alliance.body.get(meeting.body)
    return {
        "title": f"Einladung: {meeting.title} am {wording.date(meeting.date)}",
        "date": wording.date(settings.alliance.date),
        "letterhead": settings.layout.letterhead or settings.alliance.name,
        "fold_marks": settings.layout.fold_marks, "folded_twice": settings.layout.folded_twice,
            "alliance": facts.alliance_facts(settings),
        "office": facts.office_facts(settings),
        "meeting": {
            "key": meeting.key, "title": meeting.title, "body": body.name if body else "", "date": wording.weekday_date(meeting.date),
            "time": wording.period(meeting.start, meeting.end), "place": meeting.place, "address": meeting.address,
            "agenda": list(meeting.agenda), "reply_by": wording.weekday_date(meeting.reply_by) if meeting.reply_by else "",
        },
    }
