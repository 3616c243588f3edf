"""Days and times, as offices write them and as spreadsheet programs store them."""

from __future__ import annotations

import datetime as dt
import re

from pipeline.tables.readings import Cell, Reading, noted, refused

_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez"), start=1)} | {"mrz": 3, "mae": 3}
_WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
_SHORT_DAYS = {day[:2].casefold(): number for number, day in enumerate(_WEEKDAYS)} | {"sonnabend": 5}
_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})(?:[ T](?P<time>[0-9]{1,2}:[0-9]{2})(?::[0-9]{2})?)?")
_GERMAN = re.compile(r"(?P<day>[0-9]{1,2})\. ?(?P<month>[0-9]{1,2})\. ?(?P<year>[0-9]{4}|[0-9]{2})")
_LONG = re.compile(r"(?P<day>[0-9]{1,2})\. ?(?P<name>[a-zä]{3,9})\.? (?P<year>[0-9]{4})", re.IGNORECASE)
_WEEKDAY = re.compile(r"(?P<weekday>(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|sonnabend|mo|di|mi|do|fr|sa|so)\.?,? (?:den |dem )?",
                      re.IGNORECASE)
_TIME = re.compile(r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2}))?(?::[0-9]{2})?(?: ?(?:Uhr|h))?", re.IGNORECASE)
_DATE_HINT = "Als 02.03.2017 oder 2017-03-02 schreiben."


def date(cell: Cell) -> Reading:
    """A day: ISO, German long or short, or the number Excel counts it by; a weekday before it must fit."""
    text, said = cell.text, ""
    prefix = _WEEKDAY.match(text)
    if prefix:
        text, said = text[prefix.end():], prefix["weekday"]
    serial = re.fullmatch(r"[0-9]{5}", text)
    if serial and cell.number:
        day = cell.epoch + dt.timedelta(days=int(text))
        return noted(day, text, f"{day:%d.%m.%Y}", "Zahl als Datum gelesen")
    found = _ISO.fullmatch(text) or _GERMAN.fullmatch(text) or _LONG.fullmatch(text)
    if not found:
        return refused("date", f"„{cell.text}“ ist kein Datum", _DATE_HINT)
    parts = found.groupdict()
    month = _MONTHS.get(parts["name"].casefold()[:3], 0) if "name" in parts else int(parts["month"])
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    try:
        day = dt.date(year, month, int(parts["day"]))
    except ValueError:
        return refused("date", f"Den Tag „{cell.text}“ gibt es nicht", _DATE_HINT)
    if said and _SHORT_DAYS[said.casefold() if said.casefold() == "sonnabend" else said[:2].casefold()] != day.weekday():
        return refused("weekday", f"Der {day:%d.%m.%Y} ist ein {_WEEKDAYS[day.weekday()]}, nicht {said}",
                        "Datum oder Wochentag berichtigen.")
    if len(parts["year"]) == 2 or parts.get("time"):
        return noted(day, cell.text, f"{day:%d.%m.%Y}", "Als Datum gelesen")
    return Reading(day)


def time(cell: Cell) -> Reading:
    """A time of day: 14:00, 14 Uhr, 14.30, or the part of a day that Excel stores."""
    text = cell.text
    stamp = _ISO.fullmatch(text)
    if stamp and stamp["time"]:
        return noted(dt.time.fromisoformat(f"{stamp['time']:0>5}"), text, stamp["time"], "Aus Datum und Uhrzeit die Uhrzeit gelesen")
    if cell.number and text.startswith("0,"):
        minutes = round(float(text.replace(",", ".")) * 24 * 60) % (24 * 60)
        moment = dt.time(minutes // 60, minutes % 60)
        return noted(moment, text, f"{moment:%H:%M}", "Zahl als Uhrzeit gelesen")
    found = _TIME.fullmatch(text)
    if not found or int(found["hour"]) > 23 or int(found["minute"] or 0) > 59:
        return refused("time", f"„{text}“ ist keine Uhrzeit", "Als 14:00 schreiben.")
    return Reading(dt.time(int(found["hour"]), int(found["minute"] or 0)))
