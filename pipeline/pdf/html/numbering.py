"""numbering.xml: the numbers and bullets that Word counts and never writes into the text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from pipeline.pdf.html import formatting
from pipeline.pdf.html.formatting import Properties
from pipeline.pdf.html.names import attribute, child, truth, w
from pipeline.pdf.html.package import Package, parsed
from pipeline.pdf.html.refusals import UnsupportedContent
from pipeline.pdf.html.symbols import readable

LONGEST = 5000      # beyond it letters and Roman numerals would fill lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of a list: how it counts and where its text begins."""

    start: int
    format: str             # decimal, lowerLetter, bullet, none …
    text: str               # "%1.%2", "§ %1", "•"
    suffix: str             # tab, space, nothing
    align: str              # of the number in its room: left, center, right
    restart: int | None     # restarts after this level (from 1); 0 never; None after any higher one
    plain: bool             # higher levels shown in digits (isLgl)
    style: str              # id of the paragraph style tied to this level; "" for none
    paragraph: Properties
    run: Properties


@dataclass(frozen=True, slots=True)
class Label:
    """The number of one paragraph, ready to print."""

    text: str
    level: Level
    depth: int              # from 0
    list: str               # which list it belongs to: paragraphs with the same one stand in one list
    value: int

    @property
    def bullet(self) -> bool:
        """A mark rather than a number."""
        return self.level.format == "bullet"


class Numbering:
    """The lists of one Word file, as written; counting happens in `Counter`."""

    def __init__(self, root: etree._Element | None, theme: dict[str, str]) -> None:
        self._theme = theme
        self._abstract = {} if root is None else {attribute(item, "abstractNumId"): item for item in root.findall(w("abstractNum"))}
        self._lists = {} if root is None else {attribute(item, "numId"): item for item in root.findall(w("num"))}
        self._levels: dict[tuple[str, int], Level | None] = {}

    def base(self, number: str) -> str | None:
        """The abstract list behind a list; lists with the same one count on together."""
        item = self._lists.get(number)
        return None if item is None else attribute(child(item, "abstractNumId"))

    def level(self, number: str, depth: int) -> Level | None:
        """One level of a list, overrides included; None where the list has no such level."""
        key = (number, depth)
        if key not in self._levels:
            self._levels[key] = self._read(number, depth)
        return self._levels[key]

    def depth(self, number: str, style: str) -> int:
        """The level of a list that a paragraph style is tied to; the first where it is tied to none."""
        return next((depth for depth in range(9) if (level := self.level(number, depth)) and level.style == style), 0)

    def start(self, number: str, depth: int) -> int | None:
        """The number with which this list starts anew, where it says so."""
        override = self._override(number, depth)
        value = attribute(child(override, "startOverride"))
        return int(value) if value is not None else None

    def _override(self, number: str, depth: int) -> etree._Element | None:
        item = self._lists.get(number)
        for override in () if item is None else item.findall(w("lvlOverride")):
            if attribute(override, "ilvl") == str(depth):
                return override
        return None

    def _read(self, number: str, depth: int) -> Level | None:
        element = child(self._override(number, depth), "lvl")
        if element is None:
            element = self._abstract_level(self.base(number), depth)
        if element is None:
            return None
        bullet_font = formatting.run(child(element, "rPr"), self._theme)
        restart, form = attribute(child(element, "lvlRestart")), attribute(child(element, "numFmt")) or "decimal"
        text = attribute(child(element, "lvlText")) or ""
        if form == "bullet":
            text = "".join(readable(character, bullet_font.get("font", "")) or "•" for character in text)
            bullet_font.pop("font", None)
        return Level(start=int(attribute(child(element, "start")) or 0), format=form, text=text,
                     suffix=attribute(child(element, "suff")) or "tab", align=attribute(child(element, "lvlJc")) or "left",
                     restart=int(restart) if restart is not None else None, plain=bool(truth(child(element, "isLgl"))),
                     style=attribute(child(element, "pStyle")) or "",
                     paragraph=formatting.paragraph(child(element, "pPr")), run=bullet_font)

    def _abstract_level(self, base: str | None, depth: int, seen: int = 0) -> etree._Element | None:
        item = self._abstract.get(base)
        if item is None or seen > 8:
            return None
        for level in item.findall(w("lvl")):
            if attribute(level, "ilvl") == str(depth):
                return level
        link = attribute(child(item, "numStyleLink"))
        for key, other in self._abstract.items() if link else ():
            if attribute(child(other, "styleLink")) == link:
                return self._abstract_level(key, depth, seen + 1)
        return None


class Counter:
    """Counts through one document, as Word does: lists of the same kind count on, deeper levels start anew."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        self._values: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()

    def next(self, number: str, depth: int, place: str) -> Label | None:
        """The label of the next paragraph in that list; None where the list does not exist (Word shows none)."""
        level, base = self._numbering.level(number, depth), self._numbering.base(number)
        if level is None or base is None:
            return None
        values = self._values.setdefault(base, {})
        start = self._numbering.start(number, depth)
        if start is not None and (number, depth) not in self._started:
            values[depth] = start
        elif depth in values:
            values[depth] += 1
        else:
            values[depth] = level.start
        self._started.add((number, depth))
        for deeper in [key for key in values if key > depth]:
            if self._restarts(number, deeper, depth):
                del values[deeper]
        return Label(self._text(number, level, values, place), level, depth, number, values[depth])

    def _restarts(self, number: str, deeper: int, depth: int) -> bool:
        level = self._numbering.level(number, deeper)
        restart = None if level is None else level.restart
        return restart is None or (restart != 0 and depth < restart)

    def _text(self, number: str, level: Level, values: dict[int, int], place: str) -> str:
        if level.format == "bullet":
            return level.text

        def shown(match: re.Match[str]) -> str:
            depth = int(match[1]) - 1
            other = self._numbering.level(number, depth)
            if other is None:
                return ""
            value = values.setdefault(depth, other.start)        # a level never used shows where it would start
            return formatted(value, "decimal" if level.plain and other.format != "none" else other.format, place)
        return re.sub(r"%([1-9])", shown, level.text)


def _letters(value: int) -> str:
    if value > LONGEST:
        return str(value)
    return "" if value < 1 else chr(97 + (value - 1) % 26) * ((value - 1) // 26 + 1)      # Word counts z, aa, bb


def _roman(value: int) -> str:
    text = ""
    if value > LONGEST:
        return str(value)
    for size, sign in ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
                       (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")):
        count, value = divmod(value, size)
        text += sign * count
    return text


_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": lambda value: f"{value:02d}",
    "lowerLetter": _letters,
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda value: _roman(value).upper(),
    "ordinal": lambda value: f"{value}.",
    "numberInDash": lambda value: f"- {value} -",
    "none": lambda _: "",
}


def formatted(value: int, form: str, place: str) -> str:
    """A number in one of Word's formats. Raises UnsupportedContent for those of other scripts."""
    if form not in _FORMATS:
        raise UnsupportedContent(f"die Zählweise „{form}“", place, hint="In Word eine Nummerierung mit Ziffern oder Buchstaben wählen.")
    return _FORMATS[form](value)


def read(package: Package, theme: dict[str, str]) -> Numbering:
    """The lists of a Word file; a file without any has none."""
    name = package.related("numbering")
    return _read(package.part(name) if name else b"", tuple(sorted(theme.items())))


@lru_cache(maxsize=16)
def _read(data: bytes, theme: tuple[tuple[str, str], ...]) -> Numbering:
    return Numbering(parsed("numbering.xml", data) if data else None, dict(theme))
