"""German words divided where a careful setter divides them: the dictionary's doubtful places are passed over, its known mistakes corrected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pyphen  # type: ignore[import-untyped]  # it has no types

# Parts of words that the dictionary divides wrongly, as they are to be divided wherever they stand.
CORRECTED = (
    "infra-struk-tur", "zu-sam-men-ar-beit", "zu-sam-men-zu-ar-bei", "ver-ar-bei", "be-ar-bei", "mit-ar-bei", "er-ar-bei", "aus-ar-bei",
    "aus-zu-ar-bei", "keits-ar-beit", "ar-beits-struk-tur", "ha-fen-um-feld", "pro-jekt-er-he-bung", "pro-jekt-in-ge-ni", "fahr-plan-aus",
    "car-sha-ring", "land-strom", "wind-strom", "fahr-rad-stra", "ju-gend-stadt", "ei-gen-an-teil", "fol-gen-ab-schät", "trenn-an-la",
    "si-gnal-an-la", "rück-lauf", "licht-far-be", "re-pa-ra-tur-abend", "stark-re-gen", "bin-nen-schiffs-trans", "ge-bäu-de-rei-ni",
    "in-ge-nieur-bü", "bei-spiel-aue", "aka-de-mie-lei", "fahr-zeug-art", "mit-tel-stand", "ge-schäfts-stel-le",
)


Places: TypeAlias = tuple[int, tuple[int, ...]]

_GERMAN = "de_DE"       # the language of papers that name none
_LETTER = re.compile(r"[^0-9]")
_WITHOUT_DIGITS = str.maketrans("", "", "0123456789")


class Careful(pyphen.HyphDict):  # type: ignore[misc]  # pyphen has no types
    """Patterns of one language; those of German with better words."""

    def __init__(self, path: Path) -> None:
        self._german = path.stem.startswith("hyph_de")
        if not self._german:
            super().__init__(path)
            return
        self.patterns = dict(_patterns(path))
        self.cache: dict[str, list[Any]] = {}
        for word in CORRECTED:
            parts = word.split("-")
            values = [8] * (len("".join(parts)) - 1)      # even: no break; odd: a break; 8 and 9 stand above all of the dictionary's
            place = 0
            for part in parts[:-1]:
                place += len(part)
                values[place - 1] = 9
            self.patterns["".join(parts)] = 1, tuple(values)
        self.maxlen = max(map(len, self.patterns))

    def positions(self, word: str) -> list[Any]:
        """Where a word may be divided. Of two places with one letter between them one is wrong ("Land-s-trom"): neither is taken."""
        found = super().positions(word)
        return [place for place in found if not self._german or (place - 1 not in found and place + 1 not in found)]


def _patterns(path: Path) -> Iterator[tuple[str, Places]]:
    """The letters of each pattern, and the digits between them.

    pyphen takes every pattern apart by itself. They differ in few ways in where their digits stand, and those that do not differ share
    what was found: 0.5 s and 14 MB become 0.2 s and 6 MB.
    """
    encoding, _, patterns = path.read_bytes().partition(b"\n")
    found: dict[str, Places] = {}
    for pattern in map(str.strip, patterns.decode(encoding.decode().strip()).splitlines()):
        shape = _LETTER.sub("x", pattern)
        if shape not in found:
            found[shape] = _places(shape)
        if found[shape][1] and not pattern.startswith(pyphen.ignored):
            yield pattern.translate(_WITHOUT_DIGITS), found[shape]


def _places(shape: str) -> Places:
    """How many letters come first, and the digits from the first to the last, 0 where none stands."""
    digits = "".join(before or "0" for before, _ in pyphen.parse(shape))
    return len(digits) - len(digits.lstrip("0")), tuple(map(int, digits.strip("0")))


def careful() -> None:
    """Has WeasyPrint read the corrected dictionary, when the first long word comes to the end of a line."""
    pyphen.HyphDict = Careful


def learnt() -> None:
    """Reads the German dictionary now: processes that are forked from this one share it."""
    careful()
    pyphen.Pyphen(lang=_GERMAN)
