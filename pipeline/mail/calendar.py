"""The calendar entry of a meeting, for one recipient (iTIP, RFC 5546; iCalendar, RFC 5545)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText
from icalendar.parser import Contentline

from pipeline import wording
from pipeline.records import Meeting

ZONE = "Europe/Berlin"
_PLAIN = "@!$'*+-_~."      # of an address, what a mailto: may hold as it is (RFC 6068, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state of a meeting, as everybody's calendar is to know it."""

    meeting: Meeting
    organizer: tuple[str, str]     # name and address of who invites
    uid: str                       # the same for all recipients and all states, so that an update finds the entry
    sequence: int                  # grows with each change
    cancelled: bool = False        # the entry is taken back
    stamp: dt.datetime             # when this state was written down

    @property
    def method(self) -> str:
        """What calendars are asked to do (RFC 5546, 1.4)."""
        return "CANCEL" if self.cancelled else "REQUEST"


def entry(state: State, attendee: tuple[str, str]) -> bytes:
    """The entry for one recipient, by name and address, who is the only one it names."""
    before, after = _everybodys(state)
    answering = {} if state.cancelled else {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    person = _person(*attendee, CUTYPE="INDIVIDUAL", ROLE="REQ-PARTICIPANT", **answering)
    return before + bytes(Contentline.from_parts("ATTENDEE", person.params, person).to_ical()) + b"\r\n" + after


@lru_cache(maxsize=64)
def _everybodys(state: State) -> tuple[bytes, bytes]:
    """What stands in everybody's entry, before and after the line of the one who is invited."""
    meeting = state.meeting
    event = Event()
    event.add("uid", state.uid)
    event.add("sequence", state.sequence)
    event.add("dtstamp", state.stamp.astimezone(dt.UTC))
    event.add("dtstart", _local(meeting.date, meeting.start))
    if meeting.end is not None:
        past_midnight = meeting.end <= meeting.start
        event.add("dtend", _local(meeting.date + dt.timedelta(days=past_midnight), meeting.end))
    event.add("summary", meeting.title)
    where = ", ".join(part for part in (meeting.place, meeting.address) if part)
    if where:
        event.add("location", where)
    event.add("description", _description(meeting))
    event.add("status", "CANCELLED" if state.cancelled else "CONFIRMED")
    event.add("organizer", _person(*state.organizer))
    calendar = Calendar()
    for name, value in (("prodid", "-//Gremium//Einladungen//DE"), ("version", "2.0"), ("calscale", "GREGORIAN"), ("method", state.method)):
        calendar.add(name, value)
    calendar.add_component(_zone())
    calendar.add_component(event)
    before, begin, after = bytes(calendar.to_ical(sorted=True)).partition(b"BEGIN:VEVENT\r\n")
    return before + begin, after


def uid(meeting: str, office_domain: str, token: str = "") -> str:
    """The name of a meeting in every calendar it is entered in; the token keeps strangers from guessing it."""
    return f"{meeting}-{token}@{office_domain}" if token else f"{meeting}@{office_domain}"


def _description(meeting: Meeting) -> str:
    lines = [f"{number}. {item}" for number, item in enumerate(meeting.agenda, 1)]
    if lines:
        lines.insert(0, "Tagesordnung:")
    if meeting.reply_by is not None:
        lines += [""] * bool(lines) + [f"Antwort erbeten bis zum {wording.date(meeting.reply_by)}."]
    return "\n".join(lines)


def _local(day: dt.date, moment: dt.time) -> dt.datetime:
    return dt.datetime.combine(day, moment, tzinfo=ZoneInfo(ZONE))


def _person(name: str, address: str, **parameters: str) -> vCalAddress:
    found = vCalAddress(f"mailto:{quote(address, safe=_PLAIN)}")
    plain = " ".join(name.replace('"', "'").split())   # a quotation mark cannot stand in a parameter (RFC 5545, 3.1)
    for key, value in {"CN": plain, **parameters}.items():
        if value:
            found.params[key] = vText(value)
    return found


def _zone() -> Timezone:
    """Europe/Berlin with the rule that has held since 1996, as RFC 5545 wants it in every calendar that names the zone."""
    zone = Timezone()
    zone.add("tzid", ZONE)
    for part, name, start, before, after, month in (
        (TimezoneDaylight(), "CEST", dt.datetime(1996, 3, 31, 2), 1, 2, 3),     # noqa: DTZ001 – local by definition (RFC 5545, 3.6.5)
        (TimezoneStandard(), "CET", dt.datetime(1996, 10, 27, 3), 2, 1, 10),    # noqa: DTZ001
    ):
        part.add("dtstart", start)
        part.add("tzoffsetfrom", dt.timedelta(hours=before))
        part.add("tzoffsetto", dt.timedelta(hours=after))
        part.add("tzname", name)
        part.add("rrule", {"FREQ": "YEARLY", "BYMONTH": month, "BYDAY": "-1SU"})
        zone.add_component(part)
    return zone
