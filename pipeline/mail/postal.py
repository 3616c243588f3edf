"""What may keep a letter from its way: the address zone looked at as the post would (DIN 5008)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

MOST_LINES, LONGEST = 6, 48      # of the address zone: lines, and letters of a line in 10 pt on 80 mm

_HOME = re.compile(r"\d{5} \S.*")
_BOX = re.compile(r"postfach|postlagernd|packstation", re.IGNORECASE)


def country(lines: Sequence[str]) -> str:
    """The country as the address names it, in capitals; "" for home, and for an address without lines."""
    last = lines[-1] if lines else ""
    return last if last.isupper() and not any(map(str.isdigit, last)) else ""


def _has_a_place(lines: Sequence[str], postcode: str) -> str:
    if country(lines):
        return ""
    return "" if lines and _HOME.fullmatch(lines[-1].replace("\u00a0", " ")) else "Postleitzahl und Ort stimmen nicht (fünf Ziffern, dann der Ort)"


def _place_is_the_one_sorted_by(lines: Sequence[str], postcode: str) -> str:
    return "" if not postcode or any(postcode in line for line in lines) else f"die Postleitzahl {postcode} steht nicht in der Anschrift"


def _has_a_street(lines: Sequence[str], postcode: str) -> str:
    before = lines[1:-2 if country(lines) else -1]
    return "" if any(any(map(str.isdigit, line)) or _BOX.search(line) for line in before) else "Straße mit Hausnummer oder Postfach fehlt"


def _fits_the_window(lines: Sequence[str], postcode: str) -> str:
    return f"mehr als {MOST_LINES} Zeilen" if len(lines) > MOST_LINES else ""


def _lines_fit(lines: Sequence[str], postcode: str) -> str:
    return "eine Zeile ist zu lang für das Fenster" if any(len(line) > LONGEST for line in lines) else ""


RULES: tuple[Callable[[Sequence[str], str], str], ...] = (_has_a_place, _place_is_the_one_sorted_by, _has_a_street, _fits_the_window, _lines_fit)


def doubts(lines: Sequence[str], postcode: str) -> tuple[str, ...]:
    """What a person should look at before the letter is put into its envelope."""
    return tuple(found for rule in RULES if (found := rule(lines, postcode)))
