"""One cell's text → the value it means, by kind of column.

A reader takes cleaned text that is not blank, and returns the value with what is to be said about it; a value it
cannot read is None and an error. Nothing is guessed silently: what was read otherwise than it stands is a note.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from email_validator import EmailNotValidError, validate_email

from pipeline.findings import Severity
from pipeline.tables.clean import Remark, repair
from pipeline.tables.columns import Kind, Spec
from pipeline.tables.near import meant
from pipeline.wording import HOME


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text means; `value` is None when it means nothing of that kind."""

    value: Any
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A text to read, and what else of its row decides how."""

    text: str
    spec: Spec
    number: bool = False     # stored as a number, or in a file whose cells have no type
    country: str = ""        # of the row; "" is Germany


def _refused(rule: str, message: str, hint: str) -> Reading:
    return Reading(None, (Remark(rule, message, hint),))


def _noted(value: Any, before: str, after: str, why: str) -> Reading:
    return Reading(value, (repair(before, after, why),))


# Dates and times ---------------------------------------------------------------------------------

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
_FIRST_DAY = dt.date(1899, 12, 30)      # day 0 of Excel's calendar, as it counts after February 1900
_DATE_HINT = "Als 02.03.2017 oder 2017-03-02 schreiben."


def _date(cell: Cell) -> Reading:
    text, said = cell.text, ""
    prefix = _WEEKDAY.match(text)
    if prefix:
        text, said = text[prefix.end():], prefix["weekday"]
    serial = re.fullmatch(r"[0-9]{5}", text)
    if serial and cell.number:
        day = _FIRST_DAY + dt.timedelta(days=int(text))
        return _noted(day, text, f"{day:%d.%m.%Y}", "Zahl als Datum gelesen")
    found = _ISO.fullmatch(text) or _GERMAN.fullmatch(text) or _LONG.fullmatch(text)
    if not found:
        return _refused("date", f"„{cell.text}“ ist kein Datum", _DATE_HINT)
    parts = found.groupdict()
    month = _MONTHS.get(parts["name"].casefold()[:3], 0) if "name" in parts else int(parts["month"])
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    try:
        day = dt.date(year, month, int(parts["day"]))
    except ValueError:
        return _refused("date", f"Den Tag „{cell.text}“ gibt es nicht", _DATE_HINT)
    if said and _SHORT_DAYS[said.casefold() if said.casefold() == "sonnabend" else said[:2].casefold()] != day.weekday():
        return _refused("weekday", f"Der {day:%d.%m.%Y} ist ein {_WEEKDAYS[day.weekday()]}, nicht {said}",
                        "Datum oder Wochentag berichtigen.")
    if len(parts["year"]) == 2 or parts.get("time"):
        return _noted(day, cell.text, f"{day:%d.%m.%Y}", "Als Datum gelesen")
    return Reading(day)


def _time(cell: Cell) -> Reading:
    text = cell.text
    stamp = _ISO.fullmatch(text)
    if stamp and stamp["time"]:
        return _noted(dt.time.fromisoformat(f"{stamp['time']:0>5}"), text, stamp["time"], "Aus Datum und Uhrzeit die Uhrzeit gelesen")
    if cell.number and text.startswith("0,"):
        minutes = round(float(text.replace(",", ".")) * 24 * 60) % (24 * 60)
        moment = dt.time(minutes // 60, minutes % 60)
        return _noted(moment, text, f"{moment:%H:%M}", "Zahl als Uhrzeit gelesen")
    found = _TIME.fullmatch(text)
    if not found or int(found["hour"]) > 23 or int(found["minute"] or 0) > 59:
        return _refused("time", f"„{text}“ ist keine Uhrzeit", "Als 14:00 schreiben.")
    return Reading(dt.time(int(found["hour"]), int(found["minute"] or 0)))


# Numbers, truths and choices ---------------------------------------------------------------------

_CURRENCY = re.compile(r"(?:€|eur|euro)\.? ?| ?(?:€|eur|euro)$", re.IGNORECASE)
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


def _number(cell: Cell) -> Reading:
    text = cell.text.removesuffix(",-").removesuffix(",–").removesuffix(",—")
    text = _CURRENCY.sub("", text)
    if _PLAIN.fullmatch(text):
        return Reading(Decimal(text.replace(",", ".")))
    if _GROUPED.fullmatch(text):
        value = Decimal(re.sub(r"[. ']", "", text).replace(",", "."))
        # "1.500" is fifteen hundred in German; whoever meant one and a half must be able to see it
        return Reading(value) if "," in text or text.count(".") > 1 else _noted(value, text, f"{value}", "Als Tausender gelesen")
    if _ENGLISH.fullmatch(text):
        value = Decimal(text.replace(",", ""))
        return _noted(value, text, str(value).replace(".", ","), "Punkt als Dezimalzeichen gelesen")
    return _refused("number", f"„{cell.text}“ ist keine Zahl", "Nur Ziffern und ein Dezimalkomma schreiben: 12500,50.")


def _integer(cell: Cell) -> Reading:
    reading = _number(cell)
    if reading.value is None:
        return reading
    try:
        whole = int(reading.value)
    except (InvalidOperation, OverflowError):
        whole = -1
    if whole != reading.value or whole > 10**9:
        return _refused("number", f"„{cell.text}“ ist keine ganze Zahl", "Eine ganze Zahl schreiben: 3.")
    return Reading(whole, reading.remarks)


def _yesno(cell: Cell) -> Reading:
    word = cell.text.casefold()
    if word in _YES:
        return Reading(True)
    if word in _NO:
        return Reading(False)
    return _refused("yesno", f"„{cell.text}“ ist weder ja noch nein", "„ja“ oder „nein“ schreiben, oder die Zelle leeren.")


def _choice(cell: Cell) -> Reading:
    word, choices = cell.text.casefold(), cell.spec.choices
    for choice in choices:
        if choice.casefold() == word:
            return Reading(choice)
    synonym = _SYNONYMS.get(word)
    if synonym in choices:
        return Reading(synonym)
    possible = f"Möglich sind: {', '.join(choices)}."
    return _refused("choice", f"„{cell.text}“ ist hier nicht vorgesehen", meant(cell.text, choices, otherwise=possible))


# Ways to reach somebody --------------------------------------------------------------------------

# Addresses that are right beyond doubt; all others go to email-validator, which knows the standards and takes its time.
_SURE_MAIL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_PHONE = re.compile(r"\+?[0-9 ()/.–-]*[0-9](?:[ ,]*(?:App\.?|Durchwahl|DW|-) ?[0-9]+)?")
_SURE_PHONE = re.compile(r"[+0][0-9][0-9 ()/.–-]*[0-9]")
_DIGITS = re.compile(r"[0-9](?:[^0-9]*[0-9]){2}")      # three of them make the shortest number
_COLOUR = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
_COUNTRY_CODES = {
    "D": "", "DE": "", "A": "Österreich", "AT": "Österreich", "CH": "Schweiz", "NL": "Niederlande", "B": "Belgien", "BE": "Belgien",
    "F": "Frankreich", "FR": "Frankreich", "L": "Luxemburg", "LU": "Luxemburg", "PL": "Polen", "DK": "Dänemark",
}


def _email(cell: Cell) -> Reading:
    text = cell.text
    if len(text) <= 100 and _SURE_MAIL.fullmatch(text):
        return Reading(text)
    several = [part for part in re.split(r"[;,\s]+", text) if "@" in part]
    if len(several) > 1:
        first = _email(Cell(several[0].strip("<>"), cell.spec))
        return Reading(first.value, (*first.remarks, Remark(
            "email", f"In der Zelle stehen {len(several)} Adressen; genommen wird „{several[0]}“",
            "Eine Adresse stehen lassen; weitere Personen in die Tabelle der Personen eintragen.", Severity.WARNING)))
    bare = re.sub("^mailto:", "", text, flags=re.IGNORECASE)
    try:
        checked = validate_email(bare, check_deliverability=False, allow_display_name=True, globally_deliverable=False)
    except EmailNotValidError:
        return _refused("email", f"„{text}“ ist keine E-Mail-Adresse", "Als name@firma.de schreiben, ohne Zusätze.")
    if "." not in checked.domain:
        return _refused("email", f"„{text}“ endet nicht auf eine Domain", "Als name@firma.de schreiben.")
    if checked.normalized != text:
        return _noted(checked.normalized, text, checked.normalized, "Nur die E-Mail-Adresse übernommen")
    return Reading(text)


def _phone(cell: Cell) -> Reading:
    if cell.number and cell.text.isdigit() and not cell.text.startswith("0"):
        return Reading(cell.text, (Remark("phone", f"Der Telefonnummer {cell.text} fehlt vermutlich die führende Null",
                                          "Die Nummer als Text eintragen: +49 231 50-12345.", Severity.WARNING),))
    if not _PHONE.fullmatch(cell.text) or not _DIGITS.search(cell.text):
        return Reading(cell.text, (Remark("phone", f"„{cell.text}“ ist keine Telefonnummer",
                                          "Als +49 231 50-12345 schreiben.", Severity.WARNING),))
    return Reading(cell.text)


def german(country: str) -> bool:
    """The country, as a table gives it, is Germany."""
    return country.strip().casefold() in HOME


def _postcode(cell: Cell) -> Reading:
    text = cell.text
    prefix = re.match(r"([A-Z]{1,2})[ –-]+(?=[0-9])", text)
    if prefix and prefix[1] in _COUNTRY_CODES:
        text = text[prefix.end():]
        home = german(cell.country) and not _COUNTRY_CODES[prefix[1]]
        if not home and german(cell.country):
            return _refused("postcode", f"Die PLZ „{cell.text}“ ist nicht deutsch, das Land aber leer",
                            f"In die Spalte Land „{_COUNTRY_CODES[prefix[1]]}“ eintragen und hier nur die Ziffern.")
        reading = _postcode(Cell(text, cell.spec, cell.number, cell.country))
        return Reading(reading.value, (repair(cell.text, text, "Länderkennzeichen entfernt"), *reading.remarks))
    if not german(cell.country):
        return Reading(text) if re.fullmatch(r"[A-Za-z0-9 -]{2,10}", text) else _refused(
            "postcode", f"„{text}“ ist keine Postleitzahl", "Nur die Postleitzahl eintragen.")
    joined = text.replace(" ", "")
    if re.fullmatch(r"[0-9]{4}", joined) and cell.number and joined >= "1000":
        return _noted(f"0{joined}", text, f"0{joined}", "Die führende Null der PLZ war verloren")
    if not re.fullmatch(r"[0-9]{5}", joined):
        return _refused("postcode", f"„{text}“ ist keine deutsche Postleitzahl",
                        "Fünf Ziffern eintragen, die Zelle als Text formatiert; für das Ausland die Spalte Land ausfüllen.")
    return Reading(joined) if joined == text else _noted(joined, text, joined, "Leerzeichen in der PLZ entfernt")


def _colour(cell: Cell) -> Reading:
    found = _COLOUR.fullmatch(cell.text)
    if not found:
        return _refused("colour", f"„{cell.text}“ ist keine Farbe", "Als #1B6CA8 schreiben.")
    digits = found[1] if len(found[1]) == 6 else "".join(sign * 2 for sign in found[1])
    value = f"#{digits.upper()}"
    return Reading(value) if value == cell.text.upper() else _noted(value, cell.text, value, "Farbe vervollständigt")


# Keys, references, texts -------------------------------------------------------------------------

_KEY = re.compile(r"[^\W_](?:[\w.-]*[^\W_])?")
_BULLET = re.compile(r"(?:TOP ?)?[0-9]{1,2}[.):] +|[-–•*·] +", re.IGNORECASE)


def _key(cell: Cell) -> Reading:
    if _KEY.fullmatch(cell.text) and len(cell.text) <= 60:
        return Reading(cell.text)
    return _refused("key", f"„{cell.text}“ taugt nicht als Nummer oder Kürzel",
                    "Nur Buchstaben, Ziffern, Punkt, Binde- und Unterstrich verwenden: P-017.")


def _refs(cell: Cell) -> Reading:
    parts = tuple(part for part in (piece.strip() for piece in re.split(r"[;,\n]", cell.text)) if part)
    once = tuple(dict.fromkeys(parts))
    return Reading(once) if len(once) == len(parts) else _noted(once, cell.text, "; ".join(once), "Doppelte Angaben zusammengefasst")


def _lines(cell: Cell) -> Reading:
    pieces = [piece.strip() for piece in cell.text.split("\n" if "\n" in cell.text else ";")]
    texts = tuple(_BULLET.sub("", piece, count=1) if _BULLET.match(piece) else piece for piece in pieces if piece)
    before = tuple(piece for piece in pieces if piece)
    return Reading(texts) if texts == before else _noted(texts, before[0], texts[0], "Aufzählungszeichen entfernt")


def _text(cell: Cell) -> Reading:
    return Reading(cell.text)


_READERS: Mapping[Kind, Callable[[Cell], Reading]] = {
    Kind.KEY: _key, Kind.REF: _key, Kind.REFS: _refs, Kind.TEXT: _text, Kind.LINES: _lines, Kind.CHOICE: _choice,
    Kind.DATE: _date, Kind.TIME: _time, Kind.YESNO: _yesno, Kind.NUMBER: _number, Kind.INTEGER: _integer,
    Kind.EMAIL: _email, Kind.PHONE: _phone, Kind.POSTCODE: _postcode, Kind.COLOUR: _colour,
}
BLANK: Mapping[Kind, Any] = {        # what a blank cell, or one that cannot be read, means
    Kind.REFS: (), Kind.LINES: (), Kind.YESNO: False, Kind.DATE: None, Kind.TIME: None, Kind.NUMBER: None, Kind.INTEGER: None,
}
_ABSENT = frozenset({"-", "–", "—", "--", "n/a", "n. a.", "n.a.", "k. a.", "k.a.", "k. a", "keine angabe", "entfällt", "./."})
_ERRORS = frozenset({"#n/a", "#nv", "#ref!", "#bezug!", "#value!", "#wert!", "#name?", "#div/0!", "#num!", "#zahl!", "#null!"})
_ODD = _ABSENT | _ERRORS


def odd(text: str) -> bool:
    """A word that means "nothing" or shows an error, whatever the column."""
    return text.casefold() in _ODD


def some_odd(texts: Iterable[str]) -> bool:
    """One of these texts is such a word."""
    return not _ODD.isdisjoint(map(str.casefold, texts))


def certain(kind: Kind) -> Callable[[str], object] | None:
    """For kinds whose texts mostly mean themselves: a test that is true of texts that do beyond doubt."""
    return _CERTAIN.get(kind)


_CERTAIN: Mapping[Kind, Callable[[str], object]] = {
    Kind.KEY: lambda text: _KEY.fullmatch(text) and len(text) <= 60 and not odd(text),
    Kind.REF: lambda text: _KEY.fullmatch(text) and len(text) <= 60 and not odd(text),
    Kind.EMAIL: lambda text: _SURE_MAIL.fullmatch(text) and len(text) <= 100,
    Kind.PHONE: _SURE_PHONE.fullmatch,
}


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
