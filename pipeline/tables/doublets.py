"""Partners who may be one and the same under two spellings.

Compared are only partners that share a postcode, or the beginning of their name: so the work grows with the number of
rows and not with its square. Legal forms do not count: "Brückner GmbH" and "Brückner AG" are looked at, and so told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from pipeline.findings import Finding, Severity
from pipeline.records import Partner
from pipeline.tables.headings import folded

ALIKE = 88.0          # percent from which two names are told
NEARBY = 92.0         # the same for two names at different addresses
CROWD = 40            # a block larger than this is a big city or a common word: only neighbours in it are compared

_FORMS = re.compile(
    r"\b(?:gmbh|ggmbh|mbh|ag|kg|ohg|gbr|ug|eg|se|kgaa|e ?v|co|und|haftungsbeschränkt|ltd|inc|b ?v|n ?v|partg|stiftung|verein)\b", re.IGNORECASE)

_DOTTED = re.compile(r"(?<=\b\w)\. ?(?=\w\b)")


def likely_doublets(partners: Sequence[Partner]) -> Iterator[Finding]:
    """Two rows that look like one organisation, each pair once, at the later row."""
    names = [_bare(partner.name) for partner in partners]
    blocks: dict[str, list[int]] = {}
    for at, partner in enumerate(partners):
        blocks.setdefault(f"plz {partner.address.postcode} {names[at][:1]}", []).append(at)
        blocks.setdefault(f"name {names[at][:6]}", []).append(at)
    told: set[tuple[int, int]] = set()
    for block in blocks.values():
        reach = len(block) if len(block) <= CROWD else 4
        ranked = block if len(block) <= CROWD else sorted(block, key=lambda at: names[at])
        for start, first in enumerate(ranked):
            for second in ranked[start + 1:start + reach]:
                pair = (min(first, second), max(first, second))
                score = fuzz.ratio(names[first], names[second], score_cutoff=ALIKE)
                if score and pair not in told and (score >= NEARBY or _neighbours(partners[first], partners[second])):
                    told.add(pair)
                    yield _finding(partners[pair[1]], partners[pair[0]], score)


def _bare(name: str) -> str:
    """The name without its legal form: G.m.b.H. is written together first."""
    return folded(_FORMS.sub(" ", _DOTTED.sub("", name).replace(".", " ").replace("&", " ")))


def _neighbours(one: Partner, other: Partner) -> bool:
    return one.address.postcode == other.address.postcode and folded(one.address.street) == folded(other.address.street)


def _finding(later: Partner, earlier: Partner, score: float) -> Finding:
    return Finding(
        place=later.origin.cell("name"), rule="doublet", value=later.name, severity=Severity.WARNING,
        message=f"„{later.name}“ ({later.key}) und „{earlier.name}“ ({earlier.key}, Zeile {earlier.origin.row}) "
                f"sind vielleicht dieselbe Organisation (Ähnlichkeit {score:.0f} %)",
        hint="Ist es dieselbe, eine der Zeilen löschen und ihre Angaben in die andere übernehmen.",
    )
