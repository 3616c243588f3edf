"""Public holidays in North Rhine-Westphalia (Feiertagsgesetz NW, § 2), counted from Easter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

_FIXED = {(1, 1): "Neujahr", (5, 1): "Tag der Arbeit", (10, 3): "Tag der Deutschen Einheit", (11, 1): "Allerheiligen",
          (12, 25): "erster Weihnachtstag", (12, 26): "zweiter Weihnachtstag"}
_AFTER_EASTER = {-2: "Karfreitag", 0: "Ostersonntag", 1: "Ostermontag", 39: "Christi Himmelfahrt", 49: "Pfingstsonntag", 50: "Pfingstmontag",
                 60: "Fronleichnam"}
_REFORMATION = dt.date(2017, 10, 31)      # once, for its 500th year (Gesetz vom 25.06.2015, GV. NRW. S. 496)


def easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar (Gauss, as completed by Lichtenberg 1997)."""
    century = year // 100
    moon = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    sun = 2 - (3 * century + 3) // 4
    cycle = year % 19
    seed = (19 * cycle + moon) % 30
    shift = (seed + cycle // 11) // 29
    border = 21 + seed - shift
    first_sunday = 7 - (year + year // 4 + sun) % 7
    return dt.date(year, 3, 1) + dt.timedelta(days=border + 7 - (border - first_sunday) % 7 - 1)


def holidays(year: int) -> Mapping[dt.date, str]:
    """The public holidays of a year, by day."""
    sunday = easter(year)
    found = {dt.date(year, month, day): name for (month, day), name in _FIXED.items()}
    found |= {sunday + dt.timedelta(days=days): name for days, name in _AFTER_EASTER.items()}
    if year == _REFORMATION.year:
        found[_REFORMATION] = "Reformationstag"
    return found


def holiday(day: dt.date) -> str:
    """The name of the public holiday; "" for every other day."""
    return holidays(day.year).get(day, "")
