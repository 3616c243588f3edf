"""What the page may say of people: without leave no name, no address, no telephone number leaves the tables.

Organisations, bodies and the functions of those who sign stay; what a finding quotes from a column about people does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.alliance import Alliance
from pipeline.findings import Finding
from pipeline.tables.columns import TABLES

MAIL, PHONE, NAME, QUOTED = "[E-Mail-Adresse]", "[Telefonnummer]", "[Name]", "„…“"
_MAIL = re.compile(r"[^\s<>„“\"'(),;:]+@[^\s<>„“\"'(),;:]+")
_PHONE = re.compile(r"(?<![\w.])(?:\+\d{1,3}|0\d{2,5})[ /-]?\(?\d[\d /()-]{4,}\d")
_QUOTED = re.compile(r"„[^“]*“")
_WORD = re.compile(r"[\w.’'-]+")
_STYLED = frozenset({"Frau", "Herr", "Herrn", "Dr.", "Prof."})
_PLAIN = frozenset({"key", "partner", "signs"})      # columns about people that name none


def _folded(heading: str) -> str:
    return re.sub(r"[\W_]", "", heading).lower()


_ABOUT_PEOPLE = frozenset(_folded(alias) for spec in TABLES["persons"] if spec.field not in _PLAIN for alias in spec.aliases)


class Discretion:
    """Takes people out of sentences, or leaves the sentences alone where the settings say so."""

    def __init__(self, alliance: Alliance, *, persons: bool) -> None:
        self.persons = persons
        self._first = {word for person in alliance.persons for word in person.first_name.split()}
        self._last = {person.last_name.split()[-1] for person in alliance.persons if person.last_name.split()}
        self._files = {person.origin.file for person in alliance.persons} - {partner.origin.file for partner in alliance.partners}

    def text(self, said: str) -> str:
        """A sentence without addresses, numbers and the names of people in the tables."""
        if self.persons or not said:
            return said
        return self._unnamed(_PHONE.sub(PHONE, _MAIL.sub(MAIL, said)))

    def message(self, finding: Finding, said: str) -> str:
        """A sentence of a finding; what it quotes from a column about people is left out."""
        if self.persons:
            return said
        column = finding.place.column
        if finding.place.file in self._files or (column and _folded(column) in _ABOUT_PEOPLE):
            said = _QUOTED.sub(QUOTED, said)
            if len(finding.value) > 1:
                said = said.replace(finding.value, "…")
        return self.text(said)

    def reason(self, said: str) -> str:
        """Why a paper is not up to date: the field, but not what stood and stands there."""
        if self.persons:
            return said
        field, changed, _ = said.partition(": ")
        return f"{self.text(field)} geändert" if changed else self.text(said)

    def _unnamed(self, said: str) -> str:
        for start, end in reversed(list(self._names(said))):
            said = f"{said[:start]}{NAME}{said[end:]}"
        return said

    def _names(self, said: str) -> Iterator[tuple[int, int]]:
        """Where a first name or a form of address is followed, some particles between, by a last name."""
        begun: int | None = None
        gap = 0
        for word in _WORD.finditer(said):
            bare = word[0].rstrip(".") if word[0] not in _STYLED else word[0]
            if begun is not None and bare in self._last:
                yield begun, word.start() + len(bare)
                begun = None
            elif bare in self._first or bare in _STYLED:
                begun, gap = (word.start() if begun is None else begun), 0
            elif begun is not None:
                gap += 1
                begun = begun if gap <= 3 and bare.islower() else None
