"""Near misses: which known word somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

ALIKE = 75.0    # percent; below that a proposal confuses more than it helps


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word most like this one, without regard to case; "" when none is near. The first of equals."""
    found = process.extractOne(word, tuple(known), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=ALIKE)
    return found[0] if found else ""


def meant(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """The hint „Meinten Sie …?“, or another one when nothing is near."""
    near = nearest(word, known)
    return f"Meinten Sie „{near}“?" if near else otherwise
