"""One cell's text → the value it means, by kind of column.

A reader takes cleaned text that is not blank, and returns the value with what is to be said about it; a value it
cannot read is None and an error. Nothing is guessed silently: what was read otherwise than it stands is a note.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from pipeline.tables.choices import choice, integer, number, yesno
from pipeline.tables.clean import Remark, repair
from pipeline.tables.columns import Kind
from pipeline.tables.contacts import email, phone, postcode
from pipeline.tables.dates import date, time
from pipeline.tables.readings import Cell, Reading, noted, refused

_KEY = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?")
_COLOUR = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
_BULLET = re.compile(r"(?:TOP ?)?[0-9]{1,2}[.):] +|[-–•*·] +", re.IGNORECASE)


def _key(cell: Cell) -> Reading:
    if _KEY.fullmatch(cell.text) and len(cell.text) <= 60:
        return Reading(cell.text)
    return refused("key", f"„{cell.text}“ taugt nicht als Nummer oder Kürzel",
                    "Nur Buchstaben, Ziffern, Punkt, Binde- und Unterstrich verwenden: P-017.")


def _refs(cell: Cell) -> Reading:
    parts = tuple(part for part in (piece.strip() for piece in re.split(r"[;,\n]", cell.text)) if part)
    once = tuple(dict.fromkeys(parts))
    return Reading(once) if len(once) == len(parts) else noted(once, cell.text, "; ".join(once), "Doppelte Angaben zusammengefasst")


def _lines(cell: Cell) -> Reading:
    pieces = [piece.strip() for piece in cell.text.split("\n" if "\n" in cell.text else ";")]
    texts = tuple(_BULLET.sub("", piece, count=1) if _BULLET.match(piece) else piece for piece in pieces if piece)
    before = tuple(piece for piece in pieces if piece)
    return Reading(texts) if texts == before else noted(texts, before[0], texts[0], "Aufzählungszeichen entfernt")


def _text(cell: Cell) -> Reading:
    return Reading(cell.text)


def _colour(cell: Cell) -> Reading:
    found = _COLOUR.fullmatch(cell.text)
    if not found:
        return refused("colour", f"„{cell.text}“ ist keine Farbe", "Als #1B6CA8 schreiben.")
    digits = found[1] if len(found[1]) == 6 else "".join(sign * 2 for sign in found[1])
    value = f"#{digits.upper()}"
    return Reading(value) if value == cell.text.upper() else noted(value, cell.text, value, "Farbe vervollständigt")


_READERS: Mapping[Kind, Callable[[Cell], Reading]] = {
    Kind.KEY: _key, Kind.REF: _key, Kind.REFS: _refs, Kind.TEXT: _text, Kind.LINES: _lines, Kind.CHOICE: choice,
    Kind.DATE: date, Kind.TIME: time, Kind.YESNO: yesno, Kind.NUMBER: number, Kind.INTEGER: integer,
    Kind.EMAIL: email, Kind.PHONE: phone, Kind.POSTCODE: postcode, Kind.COLOUR: _colour,
}
BLANK: Mapping[Kind, Any] = {        # what a blank cell, or one that cannot be read, means
    Kind.REFS: (), Kind.LINES: (), Kind.YESNO: False, Kind.DATE: None, Kind.TIME: None, Kind.NUMBER: None, Kind.INTEGER: None,
}
_ABSENT = frozenset({"-", "–", "—", "--", "n/a", "n. a.", "n.a.", "k. a.", "k.a.", "k. a", "keine angabe", "entfällt", "./."})
_ERRORS = frozenset({"#n/a", "#nv", "#ref!", "#bezug!", "#value!", "#wert!", "#name?", "#div/0!", "#num!", "#zahl!", "#null!"})
_ODD = _ABSENT | _ERRORS
# In every mixture of capitals, so that whole columns can be looked through without changing a single text.
_ODD_SPELLINGS = frozenset("".join(signs) for word in _ODD for signs in product(*({sign, sign.upper()} for sign in word)))


def odd(text: str) -> bool:
    """A word that means "nothing" or shows an error, whatever the column."""
    return text.casefold() in _ODD


def some_odd(texts: Iterable[str]) -> bool:
    """One of these texts is such a word."""
    return not _ODD_SPELLINGS.isdisjoint(texts)


# Whole columns at a glance -----------------------------------------------------------------------

_LOOK = 100      # texts looked at together

# Kinds whose texts mostly mean themselves: what such a text looks like when that is beyond doubt, and how long it may be.
# The patterns give nothing back once taken (++): no text needs it, and whole columns are read several times as fast.
_SURE: Mapping[Kind, tuple[re.Pattern[str], int]] = {kind: (re.compile(rf"(?:(?:{pattern})?+\|)*+"), longest) for kind, pattern, longest in (
    (Kind.KEY, "[0-9A-Za-z]++(?:-[0-9A-Za-z]++)*+", 60),
    (Kind.REF, "[0-9A-Za-z]++(?:-[0-9A-Za-z]++)*+", 60),
    (Kind.EMAIL, r"[A-Za-z0-9_+-]++(?:\.[A-Za-z0-9_+-]++)*+@(?:[a-z0-9]++(?:-++[a-z0-9]++)*+\.)++[a-z]{2,24}+", 60),
    (Kind.PHONE, "[+0][0-9](?:[ ()/.–-]*+[0-9])++", 60),
    (Kind.POSTCODE, "[0-9]{5}", 5),
)}


def doubtful(kind: Kind, texts: Sequence[str], joined: str) -> Sequence[int]:
    """Positions of texts that do not beyond doubt mean themselves, and of some of their neighbours. Blank texts do.

    `joined` is all of them, each followed by "|".
    """
    if kind is Kind.TEXT:
        return range(len(texts)) if some_odd(texts) else ()
    sure, longest = _SURE.get(kind, (None, 0))
    if sure is None:
        return range(len(texts))
    if _beyond_doubt(sure, longest, texts, joined):
        return ()
    found: list[int] = []
    for start in range(0, len(texts), _LOOK):
        some = texts[start:start + _LOOK]
        if not _beyond_doubt(sure, longest, some, "|".join(some) + "|"):
            found += range(start, start + len(some))
    return found


def _beyond_doubt(sure: re.Pattern[str], longest: int, texts: Sequence[str], joined: str) -> bool:
    return joined.count("|") == len(texts) and sure.fullmatch(joined) is not None and max(map(len, texts), default=0) <= longest


def value(cell: Cell) -> Reading:
    """What a cleaned text means in its column; blank texts mean what BLANK says."""
    blank = BLANK.get(cell.spec.kind, "")
    if not cell.text:
        return Reading(blank)
    if odd(cell.text):
        if cell.text.casefold() in _ABSENT:
            return Reading(blank, (repair(cell.text, "", "Als leer gelesen"),))
        return Reading(blank, (Remark("formula", f"Die Zelle zeigt den Fehlerwert {cell.text}",
                                      "Die Formel berichtigen oder den Wert eintragen."),))
    reading = _READERS[cell.spec.kind](cell)
    return reading if reading.value is not None else Reading(blank, reading.remarks)
