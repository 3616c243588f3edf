"""Numbers, truths and choices."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from pipeline.tables.near import meant
from pipeline.tables.readings import Cell, Reading, noted, refused

_CURRENCY = re.compile(r"(?:€|eur|euro)\.? ?| ?(?:€|eur|euro)$", re.IGNORECASE)
_WHOLE = re.compile(r"(?<=[0-9]),[-–—]+$")      # 12,– for an amount without cents
_GROUPED = re.compile(r"[0-9]{1,3}(?:[. '][0-9]{3})+(?:,[0-9]+)?")
_PLAIN = re.compile(r"[0-9]+(?:,[0-9]+)?")
_ENGLISH = re.compile(r"[0-9]+\.[0-9]{1,2}|[0-9]{1,3}(?:,[0-9]{3})*\.[0-9]{1,2}")
_YES = frozenset({"ja", "j", "x", "✓", "✔", "yes", "y", "true", "wahr", "1"})
_NO = frozenset({"nein", "n", "no", "false", "falsch", "0"})
_SYNONYMS: Mapping[str, str] = {       # read as they stand: there is nothing to repair in them
    "herrn": "Herr", "hr.": "Herr", "männlich": "Herr", "m": "Herr", "male": "Herr", "mr": "Herr",
    "fr.": "Frau", "weiblich": "Frau", "w": "Frau", "f": "Frau", "female": "Frau", "ms": "Frau", "d": "divers", "diverse": "divers",
    "interessenbekundung": "Interessensbekundung",
}


def number(cell: Cell) -> Reading:
    """A decimal: comma or point, grouped or not, with or without currency."""
    text = _WHOLE.sub("", _CURRENCY.sub("", cell.text))
    if _PLAIN.fullmatch(text):
        return Reading(Decimal(text.replace(",", ".")))
    if _GROUPED.fullmatch(text):
        value = Decimal(re.sub(r"[. ']", "", text).replace(",", "."))
        # "1.500" is fifteen hundred in German; whoever meant one and a half must be able to see it
        return Reading(value) if "," in text or text.count(".") > 1 else noted(value, text, f"{value}", "Als Tausender gelesen")
    if _ENGLISH.fullmatch(text):
        value = Decimal(text.replace(",", ""))
        return noted(value, text, str(value).replace(".", ","), "Punkt als Dezimalzeichen gelesen")
    return refused("number", f"„{cell.text}“ ist keine Zahl", "Nur Ziffern und ein Dezimalkomma schreiben: 12500,50.")


def integer(cell: Cell) -> Reading:
    """A whole number."""
    reading = number(cell)
    if reading.value is None:
        return reading
    try:
        whole = int(reading.value)
    except (InvalidOperation, OverflowError):
        whole = -1
    if whole != reading.value or whole > 10**9:
        return refused("number", f"„{cell.text}“ ist keine ganze Zahl", "Eine ganze Zahl schreiben: 3.")
    return Reading(whole, reading.remarks)


def yesno(cell: Cell) -> Reading:
    """Yes or no, in any of their spellings."""
    word = cell.text.casefold()
    if word in _YES:
        return Reading(True)
    if word in _NO:
        return Reading(False)
    return refused("yesno", f"„{cell.text}“ ist weder ja noch nein", "„ja“ oder „nein“ schreiben, oder die Zelle leeren.")


def choice(cell: Cell) -> Reading:
    """One of the words the column allows, or a synonym of it."""
    word, choices = cell.text.casefold(), cell.spec.choices
    for choice in choices:
        if choice.casefold() == word:
            return Reading(choice)
    synonym = _SYNONYMS.get(word)
    if synonym in choices:
        return Reading(synonym)
    possible = f"Möglich sind: {', '.join(choices)}."
    return refused("choice", f"„{cell.text}“ ist hier nicht vorgesehen", meant(cell.text, choices, otherwise=possible))
