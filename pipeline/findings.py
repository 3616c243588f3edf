"""Problems in data, as data: where, what, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from pipeline.records import Place

T = TypeVar("T")


class Severity(StrEnum):
    """What a finding does: an error holds its row back, a warning wants a look, a note tells of a repair."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem: its place, what is wrong there, and what to do about it."""

    place: Place
    rule: str                # name of the rule that found it: "postcode"
    message: str             # a German sentence without full stop
    hint: str = ""           # what to do, a German sentence
    value: str = ""          # what stands there now
    severity: Severity = Severity.ERROR
    subject: str = ""        # key of the record that is held back ("P-017"); "" when no record came of the row
    subjects: tuple[str, ...] = ()    # keys of further records that the same problem holds back
    whole: bool = False      # it is the whole table that cannot be read, and not a row of it

    def as_json(self) -> dict[str, object]:
        """The finding as `check --json` gives it."""
        place = self.place
        return {
            "file": place.file, "sheet": place.sheet, "row": place.row, "column": place.column, "cell": place.cell,
            "value": self.value, "rule": self.rule, "severity": str(self.severity),
            "message": self.message, "hint": self.hint,
        }


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Findings as a reader wants them: by file, sheet, row, cell."""
    def position(finding: Finding) -> tuple[str, str, int, int, str, str]:
        place = finding.place
        letters = (place.cell or "").rstrip("0123456789")
        return (place.file, place.sheet or "", place.row or 0, len(letters), letters, finding.message)
    return sorted(findings, key=position)


@dataclass(frozen=True, slots=True)
class Checked(Generic[T]):
    """A value beside what was found on the way to it."""

    value: T
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that hold something back."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)

    @property
    def blocked(self) -> Mapping[str, Finding]:
        """Keys of the records that are held back, each with its first error."""
        first: dict[str, Finding] = {}
        for finding in self.errors:
            for key in (finding.subject, *finding.subjects):
                if key:
                    first.setdefault(key, finding)
        return first
