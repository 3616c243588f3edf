"""Rows of totals below a table, which belong to no record."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipeline.tables.columns import TABLES

DEEPEST = 5      # rows of totals at most; more is something else

_WORD = re.compile(r"(?:zwischen|gesamt)?summen?|gesamt(?:betrag|zahl)?|insgesamt|total|anzahl|mittelwert|durchschnitt|∑", re.IGNORECASE)
_LABEL = re.compile(rf"(?:{_WORD.pattern})(?: (?:aller|der) \w+| \w+)?(?:[:=]? *[\d.,]*)?(?: \w+)?", re.IGNORECASE)


def totals(rows: Sequence[int], texts: Mapping[str, Sequence[str]], table: str) -> Mapping[int, str]:
    """Those of the last rows that are totals, each with the word that tells: it has one, and no key of its own."""
    identities = [name for spec in TABLES[table] if spec.required and (name := spec.field) in texts][:1]
    found: dict[int, str] = {}
    for at in list(reversed(rows))[:DEEPEST] if len(rows) <= DEEPEST else [rows[-1 - back] for back in range(DEEPEST)]:
        word = next((column[at] for column in texts.values() if _LABEL.fullmatch(column[at])), "")
        identity = "".join(texts[name][at] for name in identities)
        if not word or (identity and identity != word):
            break
        found[at] = word
    return found
