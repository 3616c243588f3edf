"""Rules on meetings: they can take place as they are written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from pipeline.alliance import Alliance
from pipeline.findings import Finding, Severity
from pipeline.records import Person
from pipeline.tables.holidays import holiday
from pipeline.tables.rows import UNKNOWN_DAY

_SUNDAY = 6
_BERLIN = ZoneInfo("Europe/Berlin")


def meetings_are_possible(alliance: Alliance) -> Iterator[Finding]:
    """A meeting ends after it starts, is answered before it is held, and is on a working day."""
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
        name = holiday(meeting.date)
        if meeting.cancelled:
            continue
        if name or meeting.date.weekday() == _SUNDAY:
            yield Finding(place=meeting.origin.cell("date"), rule="meeting", value=f"{meeting.date:%d.%m.%Y}", severity=Severity.WARNING,
                          message=f"Der {meeting.date:%d.%m.%Y} ist " + (f"ein gesetzlicher Feiertag ({name})" if name else "ein Sonntag"),
                          hint="Das Datum prüfen.")


def meetings_begin_at_a_time_that_is(alliance: Alliance) -> Iterator[Finding]:
    """A meeting in the night of the change begins and ends at a time that the clocks show, and show once."""
    for meeting in alliance.meetings:
        for name, moment in (("start", meeting.start), ("end", meeting.end)):
            if moment is None or meeting.date == UNKNOWN_DAY:
                continue
            first, second = (dt.datetime.combine(meeting.date, moment.replace(fold=fold), tzinfo=_BERLIN) for fold in (0, 1))
            if first.astimezone(dt.UTC).astimezone(_BERLIN).time() != moment:
                yield Finding(place=meeting.origin.cell(name), rule="meeting", value=f"{moment:%H:%M}", subject=meeting.key,
                              message=f"{moment:%H:%M} Uhr gibt es am {meeting.date:%d.%m.%Y} nicht: Die Uhren werden vorgestellt",
                              hint="Eine Uhrzeit vor 2 oder ab 3 Uhr eintragen.")
            elif first.utcoffset() != second.utcoffset():
                yield Finding(place=meeting.origin.cell(name), rule="meeting", value=f"{moment:%H:%M}", severity=Severity.WARNING,
                              message=f"{moment:%H:%M} Uhr gibt es am {meeting.date:%d.%m.%Y} zweimal: Die Uhren werden zurückgestellt",
                              hint="Die Uhrzeit prüfen; gemeint ist das erste Mal.")


def past_meetings_were_held(alliance: Alliance) -> Iterator[Finding]:
    """A meeting before the date of the papers is over: nobody is invited to it, and somebody was there."""
    today = alliance.settings.alliance.date
    attended = {key for partner in alliance.partners for key in partner.attended}
    for meeting in alliance.meetings:
        if UNKNOWN_DAY < meeting.date < today and not meeting.cancelled and meeting.key not in attended | {alliance.settings.alliance.first_meeting}:
            yield Finding(place=meeting.origin.cell("date"), rule="meeting", value=f"{meeting.date:%d.%m.%Y}", severity=Severity.WARNING,
                          message=f"Das Treffen liegt vor dem Datum der Papiere ({today:%d.%m.%Y}), und niemand hat daran teilgenommen; "
                                  "Einladungen entstehen nicht",
                          hint="Das Datum berichtigen, oder bei den Partnern „Teilnahme an“ eintragen.")


def cancelled_meetings_had_nobody(alliance: Alliance) -> Iterator[Finding]:
    """A meeting that was cancelled has no one who was there."""
    attended = {key for partner in alliance.partners for key in partner.attended}
    for meeting in alliance.meetings:
        if meeting.cancelled and meeting.key in attended:
            yield Finding(place=meeting.origin.cell("status"), rule="meeting", value=str(meeting.status), severity=Severity.WARNING,
                          message=f"Das Treffen {meeting.key} ist abgesagt, bei Partnern steht es aber unter „Teilnahme an“",
                          hint="Den Status oder die Teilnahmen berichtigen.")


def nobody_is_invited_twice(alliance: Alliance) -> Iterator[Finding]:
    """No one person, by name and e-mail address, stands in two rows that are both invited to a meeting."""
    addresses = [person.email for person in alliance.persons if person.email]
    if len(set(addresses)) == len(addresses):
        return
    told: set[tuple[str, str]] = set()
    for meeting in alliance.upcoming():
        first: dict[tuple[str, str, str], Person] = {}
        for _, person in alliance.invited(meeting):
            if person is None or not person.email or not person.last_name:
                continue
            earlier = first.setdefault((person.email.casefold(), person.first_name.casefold(), person.last_name.casefold()), person)
            if earlier is not person and (earlier.key, person.key) not in told:
                told.add((earlier.key, person.key))
                yield Finding(place=person.origin.cell("email"), rule="seat", value=person.email, severity=Severity.WARNING,
                              message=f"{person.key} und {earlier.key} sind vermutlich dieselbe Person und werden zu {meeting.key} beide eingeladen",
                              hint="Bei einem der beiden Partner jemand anderen eintragen, oder unter Kontakt „nein“.")
