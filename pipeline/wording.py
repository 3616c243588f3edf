"""German as offices write it: salutations, address lines, dates, numbers, lists, names in order.

Pure. The rules for persons follow DIN 5008 and the federal guide to addresses and salutations
(*Ratgeber für Anschriften und Anreden*, BMI). Spaces at which a line must not break are no-break spaces.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal
from slugify import slugify

from pipeline.records import Gender, Partner, Person

LOCALE = "de_DE"
NO_BREAK = "\N{NO-BREAK SPACE}"
NOBODY = "Sehr geehrte Damen und Herren"
HOME = frozenset({"", "deutschland", "germany", "de", "d", "brd", "bundesrepublik deutschland"})

# Offices that are addressed by their name instead of the person's: (office of a man, in the accusative, of a woman).
OFFICES = (
    ("Oberbürgermeister", "Oberbürgermeister", "Oberbürgermeisterin"),
    ("Bürgermeister", "Bürgermeister", "Bürgermeisterin"),
    ("Landrat", "Landrat", "Landrätin"),
    ("Regierungspräsident", "Regierungspräsidenten", "Regierungspräsidentin"),
    ("Ministerpräsident", "Ministerpräsidenten", "Ministerpräsidentin"),
    ("Minister", "Minister", "Ministerin"),
)
# Degrees that follow the name, after a comma; every other one stands before it.
_AFTER = re.compile(r"(?:[BM]\. ?(?:A|Sc|Eng|Ed|Arch|Mus)\.|LL\. ?[BM]\.|E?MBA|MPA|MPH|Ph\. ?D\.)(?: \([^)]*\))?", re.IGNORECASE)
_NOBLE = re.compile(r"\b(?:Graf|Gräfin|Freiherr|Freifrau|Freiin|Fürst|Fürstin|Prinz|Prinzessin|Herzog|Herzogin|Baron|Baronin)\b")
_PARTICLE = r"(?:von|vom|van|zu|zum|zur|und|der|den|dem|de|del|della|di|du|la|ten|ter)"
_BEFORE_NAME = re.compile(
    rf"(?P<before>(?:(?:Freiherr|Freifrau|Freiin|Gräfin)\s+|(?:Graf|Fürst|Fürstin|Prinz|Prinzessin|Baron|Baronin)\s+(?={_PARTICLE}\s))?"
    rf"(?:{_PARTICLE}\s+)*)(?P<main>\S.*)")
_WORDS = ("null", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf")
_UMLAUTS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"), ("ß", "ss"), ("ẞ", "SS"))
_SIGNS = (*_UMLAUTS, ("’", ""), *((sign, " ") for sign in "–„“·\u00a0"))


# Persons ---------------------------------------------------------------------------------------


def salutation(person: Person | None, *, written_out: bool = True) -> str:
    """How a letter to this person begins, without the comma: "Sehr geehrte Frau Dr. Muster".

    The highest title alone, "Professorin" written out; with `written_out=False` the looser "Frau Prof. Dr. Muster".
    Holders of certain offices are addressed by the office. A gender not known is never guessed.
    """
    if person is None or not person.last_name.strip():
        return NOBODY
    if person.gender not in _ADDRESSED:
        if not person.first_name.strip():
            return _joined("Guten Tag", _short_title(person), _surname(person)) if _short_title(person) else NOBODY
        return _joined("Guten Tag", _short_title(person), person.first_name, _surname(person))
    opening, styled, _ = _ADDRESSED[person.gender]
    office = _office(person.function)
    if office:
        return _joined(opening, styled, office[2] if person.gender is Gender.FEMALE else office[0])
    title = _spoken_title(person) if written_out else _short_title(person)
    return _joined(opening, styled, title, _surname(person))


def salutations(persons: Sequence[Person]) -> tuple[str, ...]:
    """How a letter to several people begins, one line each; every line after the first starts small."""
    lines = [salutation(person) for person in persons] or [NOBODY]
    return (lines[0], *(line[0].lower() + line[1:] for line in lines[1:]))


def full_name(person: Person) -> str:
    """First and last name with all degrees, as in a list: "Prof. Dr. Mia Muster", "Jo Adler, M. A."."""
    before, after = _degrees(person.title)
    return ", ".join(part for part in (_joined(before, person.first_name, _surname(person)), after) if part)


def formal_name(person: Person) -> str:
    """The full name after "Frau" or "Herr": "Herr Dr. Kai Muster"; without either where the gender is not known."""
    return _joined(_ADDRESSED[person.gender][1] if person.gender in _ADDRESSED else "", full_name(person))


def address_lines(partner: Partner, person: Person | None) -> tuple[str, ...]:
    """The lines of the address zone (DIN 5008): organisation, department, person, street, place, country.

    Abroad the place is in capitals and the country, in German capitals, is the last line. No empty lines.
    """
    address = partner.address
    abroad = address.country.strip().lower() not in HOME
    place = _joined(address.postcode, address.city)
    lines = (
        partner.name,
        partner.department,
        _person_line(person) if person else "",
        address.street,
        place.upper() if abroad else place,
        address.country.strip().upper() if abroad else "",
    )
    return tuple(line.strip() for line in lines if line.strip())


def sort_key(name: str) -> tuple[str, str]:
    """Where a name stands in a list: under its main name, umlauts as their vowel (DIN 5007-1): "von der Heide" under H."""
    found = _BEFORE_NAME.fullmatch(name.strip())
    before, main = (found["before"], found["main"]) if found else ("", name)
    return _folded(f"{main} {before}".strip()), name


# feminine or masculine: opening, nominative, accusative
_ADDRESSED: dict[Gender | None, tuple[str, str, str]] = {
    Gender.FEMALE: ("Sehr geehrte", "Frau", "Frau"),
    Gender.MALE: ("Sehr geehrter", "Herr", "Herrn"),
}


def _joined(*parts: str) -> str:
    return " ".join([text for part in parts if (text := part.strip())])


def _person_line(person: Person) -> str:
    if not person.last_name.strip():
        return ""
    if person.gender not in _ADDRESSED:
        return full_name(person)
    office = _office(person.function)
    held = "" if office is None else office[2] if person.gender is Gender.FEMALE else office[1]
    return _joined(_ADDRESSED[person.gender][2], held, full_name(person))


@lru_cache(maxsize=1024)
def _office(function: str) -> tuple[str, str, str] | None:
    if re.search(r"\ba\. ?D\.", function):    # no longer holds it
        return None
    first = function.split(maxsplit=1)[0].rstrip(",") if function.strip() else ""
    return next((office for office in OFFICES if first in (office[0], office[2])), None)


@lru_cache(maxsize=1024)
def _degrees(title: str) -> tuple[str, str]:
    title = _NOBLE.sub("", title)
    after = ", ".join(found.group() for found in _AFTER.finditer(title))
    before = _AFTER.sub("", title)
    return " ".join(before.replace(",", " ").split()), after


def _surname(person: Person) -> str:
    """The last name, with the word of nobility that a table may keep among the titles."""
    return _joined(*_NOBLE.findall(person.title), person.last_name) if person.title else person.last_name.strip()


def _is_professor(person: Person) -> bool:
    return re.search(r"\bprof", person.title, re.IGNORECASE) is not None


def _is_doctor(person: Person) -> bool:
    return re.search(r"\bdr\b|\bdoktor", person.title, re.IGNORECASE) is not None


def _spoken_title(person: Person) -> str:
    if _is_professor(person):
        return "Professorin" if person.gender is Gender.FEMALE else "Professor"
    return "Dr." if _is_doctor(person) else ""


def _short_title(person: Person) -> str:
    return _joined("Prof." if _is_professor(person) else "", "Dr." if _is_doctor(person) else "")


# Dates and times -------------------------------------------------------------------------------


def date(day: dt.date) -> str:
    """A date with its month's name: "2. März 2017"."""
    return format_date(day, "d. MMMM y", locale=LOCALE).replace(" ", NO_BREAK)


def weekday_date(day: dt.date) -> str:
    """A date with its weekday: "Donnerstag, 2. März 2017"."""
    return f"{format_date(day, 'EEEE', locale=LOCALE)}, {date(day)}"


def short_date(day: dt.date) -> str:
    """A date in digits: "02.03.2017"."""
    return format_date(day, "dd.MM.yyyy", locale=LOCALE)


def time(moment: dt.time) -> str:
    """A time of the day: "14:00 Uhr"."""
    return f"{moment:%H:%M}{NO_BREAK}Uhr"


def period(start: dt.time, end: dt.time | None) -> str:
    """From when to when: "14:00 bis 16:00 Uhr"; the beginning alone where the end is open."""
    return time(start) if end is None else f"{start:%H:%M} bis {time(end)}"


# Numbers and lists -----------------------------------------------------------------------------


def number(value: int | Decimal) -> str:
    """A number with points between thousands and a decimal comma, exact: "1.234,5"."""
    return format_decimal(value, locale=LOCALE, decimal_quantization=False)


def euro(amount: Decimal) -> str:
    """An amount of money; cents only where there are some: "250.000 €", "1.234,50 €"."""
    whole = amount == amount.to_integral_value()
    return format_currency(amount, "EUR", "#,##0 ¤" if whole else "#,##0.00 ¤", locale=LOCALE, currency_digits=False).replace(" ", NO_BREAK)


def count(n: int, one: str, many: str, *, article: str = "") -> str:
    """How many of something: "8 Projekte".

    With the article that fits one of them ("ein", "eine", "einem" …) numbers up to twelve are words:
    "ein Projekt", "acht Projekte", "keine Projekte", but "13 Projekte".
    """
    noun = one if n == 1 else many
    if not article or not 0 <= n < len(_WORDS):
        return f"{number(n)}{NO_BREAK}{noun}"
    if n == 0:
        return f"{'keinen' if article in ('einem', 'einer') else 'keine'} {many}"
    return f"{article if n == 1 else _WORDS[n]} {noun}"


def listing(items: Iterable[str]) -> str:
    """Items in a sentence: "a, b und c"; "" for none."""
    return format_list([*items], locale=LOCALE)


def slug(text: str, *, longest: int = 40) -> str:
    """A part of a file name, ASCII and small: "brueckner-soehne-gmbh"; cut at a word's end; "" where no letter is left."""
    plain = unicodedata.normalize("NFC", text)
    return slugify(plain, entities=False, decimal=False, hexadecimal=False, replacements=_SIGNS, max_length=longest, word_boundary=True,
                   algorithm="modern")      # its table of all the world's letters (5 MB) is read only for others than German ones


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ẞ", "ss").casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
