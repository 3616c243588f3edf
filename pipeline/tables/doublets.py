"""Partners who may be one and the same under two spellings.

Compared are only partners that share a postcode and an initial, or the beginning of their name: so the work grows with
the number of rows and not with its square. Legal forms do not count: "Brückner GmbH" and "Brückner AG" are looked at,
and so told.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations

from rapidfuzz import fuzz

from pipeline.findings import Finding, Severity
from pipeline.records import Partner

ALIKE = 88.0          # percent from which two names are told
NEARBY = 92.0         # the same for two names at different addresses
CROWD = 40            # a block larger than this is a big city or a common word: only neighbours in it are compared
REACH = 4             # how far neighbours go there
MOST_TOLD = 1000      # pairs; more means that the table itself is in doubt

_FORMS = re.compile(
    r" (?:gmbh|ggmbh|mbh|ag|kg|ohg|gbr|ug|eg|se|kgaa|e ?v|co|und|haftungsbeschraenkt|ltd|inc|b ?v|n ?v|partg|stiftung|verein)\b")
_DOTTED = re.compile(r"\.(?<=\b\w\.)[^\S\n]?(?=\w\b)")      # begins with the point, which few names have: G.m.b.H., e. V.
_SIGNS = re.compile(r"[^\w\n]|_")
_ASCII_SIGNS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "\n")}
_UMLAUTS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"))


def likely_doublets(partners: Sequence[Partner]) -> Iterator[Finding]:
    """Two rows that look like one organisation, each pair once, at the later row; of very many the first ones."""
    partners = [partner for partner in partners if partner.name]      # two names that are missing are not alike
    if not partners:
        return
    names = bare([partner.name for partner in partners])
    pairs = _pairs(names, [partner.address.postcode for partner in partners])      # few: one call for all would bring numpy
    told = 0
    for one, other in pairs:
        score = fuzz.ratio(names[one], names[other], score_cutoff=ALIKE)      # 0 below it
        first, second = partners[one], partners[other]
        if score >= NEARBY or (score and _neighbours(first, second)):
            yield _finding(second, first, score)
            told += 1
            if told == MOST_TOLD:
                yield _too_many(second)
                return


def bare(names: Sequence[str]) -> list[str]:
    """Names of one line each as they are compared: small letters without legal form, signs and spaces; in a few passes over all."""
    text = "\n".join(names).lower()
    for umlaut, spelling in _UMLAUTS:
        text = text.replace(umlaut, spelling)
    if not text.isascii():
        text = "\n".join(line if line.isascii() else _plain(line) for line in text.split("\n"))
    text = _DOTTED.sub("", text)
    text = text.translate(_ASCII_SIGNS) if text.isascii() else _SIGNS.sub(" ", text)
    text = f"\n{text}".replace("\n", "\n ")      # so that every word has a space before it, by which the forms are found quickly
    return _FORMS.sub("", text).replace(" ", "")[1:].split("\n")


def _plain(line: str) -> str:
    """Without accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", line) if not unicodedata.combining(sign))


def _pairs(names: Sequence[str], postcodes: Sequence[str]) -> list[tuple[int, int]]:
    """Positions of the rows to compare, the earlier one first."""
    found: set[tuple[int, int]] = set()
    for keys in ([f"{postcode} {name[:1]}" for postcode, name in zip(postcodes, names, strict=True)], [name[:6] for name in names]):
        blocks: dict[str, list[int]] = {}
        number = Counter(keys)
        for at, key in enumerate(keys):
            if number[key] > 1:
                blocks.setdefault(key, []).append(at)
        for block in blocks.values():
            if len(block) <= CROWD:
                found.update(combinations(block, 2))
                continue
            ranked = sorted(block, key=names.__getitem__)
            for start, first in enumerate(ranked):
                found.update((min(first, second), max(first, second)) for second in ranked[start + 1:start + REACH])
    return sorted(found)


def _neighbours(one: Partner, other: Partner) -> bool:
    return one.address.postcode == other.address.postcode and len(set(bare([one.address.street, other.address.street]))) == 1


def _finding(later: Partner, earlier: Partner, score: float) -> Finding:
    return Finding(
        place=later.origin.cell("name"), rule="doublet", value=later.name, severity=Severity.WARNING,
        message=f"„{later.name}“ ({later.key}) und „{earlier.name}“ ({earlier.key}, Zeile {earlier.origin.row}) "
                f"sind vielleicht dieselbe Organisation (Ähnlichkeit {score:.0f} %)",
        hint="Ist es dieselbe, eine der Zeilen löschen und ihre Angaben in die andere übernehmen.",
    )


def _too_many(partner: Partner) -> Finding:
    return Finding(place=partner.origin.cell("name"), rule="doublet", severity=Severity.WARNING,
                   message=f"Mehr als {MOST_TOLD} Paare sehen gleich aus; weitere sind nicht genannt",
                   hint="Ist die Tabelle zweimal hineinkopiert?")
