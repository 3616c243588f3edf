"""Text as people mean it: what copying, scanning and old programs leave in a cell is taken out, and each time said.

Whole columns are looked at first, in one pass over their joined text; only columns in which something stands out are
gone through cell by cell.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline.findings import Severity


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said about one cell; the cell itself is known to whoever reads the column."""

    rule: str
    message: str
    hint: str = ""
    severity: Severity = Severity.ERROR


_INVISIBLE = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_SPACES = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t"
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_LOST = re.compile("\ufffd|Ã[\u00a0-\u00bf„“”‚–ŸŒœ]|â€")      # a lost letter, or UTF-8 read as Windows-1252
_STRAY = ("  ", " |", "| ")
_STRAY_AT_BREAKS = (" \n", "\n ")
_STRAY_LETTERS = ("\ufffd", "Ã", "â€")
_NAMES = {"\u00a0": "geschütztes Leerzeichen", "\u202f": "schmales Leerzeichen", "\u00ad": "weiches Trennzeichen", "\t": "Tabulator",
          "\u200b": "Zeichen ohne Breite", "\ufeff": "Zeichen ohne Breite", "\x85": "Zeilenwechsel"}
_TO_SPACE = dict.fromkeys(map(ord, _SPACES), " ")
_TO_NOTHING = dict.fromkeys(map(ord, _INVISIBLE))
_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_RUNS = re.compile(" {2,}")
_EDGES = re.compile(" *\n *")


def shown(value: object) -> str:
    """The text of a typed cell, as the sheet shows it: 44135.0 is 44135, dates are ISO, decimals have a comma."""
    return _SHOWN.get(type(value), str)(value)


def _digits(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return format(Decimal(repr(value)), "f").replace(".", ",")


def _moment(value: dt.datetime) -> str:
    return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")


def _clock(value: dt.time) -> str:
    return value.isoformat("seconds" if value.second else "minutes")


def _duration(value: dt.timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


_SHOWN: Mapping[type, Callable[[Any], str]] = {
    bool: lambda value: "ja" if value else "nein",
    int: str, float: _digits, dt.datetime: _moment, dt.date: dt.date.isoformat, dt.time: _clock, dt.timedelta: _duration,
}


def spotless(texts: Iterable[str], *, lines: bool) -> bool:
    """Nothing in these texts needs mending: one look at all of them together. False may also mean "look closer"."""
    return clear("|".join(texts), lines=lines)


def clear(joined: str, *, lines: bool) -> bool:
    """The same of texts that are joined by "|" already."""
    whole = joined.replace("\n", "") if lines and "\n" in joined else joined
    return (
        whole.isprintable()                                       # rules out controls, invisible signs and every space but the plain one
        and not any(sign in joined for sign in _STRAY)
        and not ("\n" in joined and any(sign in joined for sign in _STRAY_AT_BREAKS))
        and not (joined.startswith(" ") or joined.endswith(" "))
        and not (joined.startswith("\n") or joined.endswith("\n") or (lines and ("|\n" in joined or "\n|" in joined)))
        and (joined.isascii() or (unicodedata.is_normalized("NFC", joined) and not any(sign in joined for sign in _STRAY_LETTERS)))
    )


def mended(text: str, *, lines: bool) -> tuple[str, tuple[Remark, ...]]:
    """A text in NFC, without invisible characters and stray spaces, and what had to be done for it.

    `lines`: line breaks belong to this text; elsewhere they become spaces. A text with control characters is refused
    and comes back blank.
    """
    refused = _REFUSED.search(text)
    if refused:
        return "", (Remark("characters", f"Das Steuerzeichen {_code(refused[0])} ist nicht erlaubt",
                           "Den Text in der Zelle neu eintippen."),)
    after = _BREAKS.sub("\n", text)
    before = after if "\x85" not in text else text          # other line ends are the file's, not the writer's
    after = unicodedata.normalize("NFC", after).translate(_TO_SPACE).translate(_TO_NOTHING)
    after = _EDGES.sub("\n", _RUNS.sub(" ", after)).strip(" \n")
    if not lines:
        after = after.replace("\n", " ")
    remarks = [] if after == before else [_repair(before, after)]
    if _LOST.search(after):
        remarks.append(Remark("characters", "Hier sind Buchstaben verlorengegangen, vermutlich Umlaute",
                              "Den Text in der Zelle berichtigen.", Severity.WARNING))
    return after, tuple(remarks)


def repair(before: str, after: str, why: str) -> Remark:
    """The note on something put right without asking: before → after."""
    return Remark("repair", f"{why}: „{_visible(before)}“ → „{_visible(after)}“", severity=Severity.NOTE)


def _repair(before: str, after: str) -> Remark:
    named = [_NAMES.get(sign, "unsichtbares Zeichen") for sign in before if sign in _INVISIBLE or sign in _SPACES or sign == "\x85"]
    if named:
        why = f"{named[0][0].upper()}{named[0][1:]} ersetzt"
    elif not unicodedata.is_normalized("NFC", before):
        why = "Zerlegte Umlaute zusammengesetzt"
    elif "\n" in before and "\n" not in after:
        why = "Zeilenumbruch durch Leerzeichen ersetzt"
    else:
        why = "Überzählige Leerzeichen entfernt"
    return repair(before, after, why)


def _visible(text: str) -> str:
    shown_text = "".join(f"⟨{_code(sign)}⟩" if sign in _INVISIBLE or sign in _SPACES or sign == "\x85" else sign for sign in text)
    shown_text = shown_text.replace("\n", "⏎")
    return shown_text if len(shown_text) <= 80 else f"{shown_text[:77]}…"


def _code(sign: str) -> str:
    return f"U+{ord(sign):04X}"
