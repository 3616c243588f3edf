"""The findings, file by file: where, what, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.findings import Finding, Severity, ordered
from pipeline.report.listing import Choice
from pipeline.report.view import View
from pipeline.report.words import SEVERITY_WORDS, look, some


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One finding."""

    severity: str
    word: str
    look: str
    place: str              # within its file: "Blatt „Partner“ Zelle F17 (PLZ)"; "" for the whole file
    message: str
    hint: str

    @property
    def marks(self) -> tuple[str, ...]:
        """By what the selection finds it."""
        return (f"weight-{self.severity}",)


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What was found in one file."""

    name: str
    counts: str             # "3 Fehler, 2 Warnungen"
    worst: str              # its look
    faults: Sequence[Fault]


def files(view: View) -> list[File]:
    """Every file in which something was found; those with errors first, then by name."""
    found = [_file(view, name, list(faults)) for name, faults in groupby(ordered(view.findings), key=lambda finding: finding.place.file)]
    order = [look(str(severity)) for severity in Severity]
    return sorted(found, key=lambda file: (order.index(file.worst), file.name))


def _file(view: View, name: str, found: Sequence[Finding]) -> File:
    counted = Counter(finding.severity for finding in found)
    return File(
        name=name, counts=_counted(counted), worst=look(str(next(severity for severity in Severity if counted[severity]))),
        faults=tuple(_fault(view, finding) for finding in sorted(found, key=lambda finding: list(Severity).index(finding.severity))))


def _fault(view: View, finding: Finding) -> Fault:
    severity = str(finding.severity)
    return Fault(severity=severity, word=SEVERITY_WORDS[finding.severity][0], look=look(severity),
                 place=str(finding.place).removeprefix(finding.place.file).strip(), message=view.discretion.message(finding, finding.message),
                 hint=view.discretion.message(finding, finding.hint))


def _counted(counted: Counter[Severity]) -> str:
    return ", ".join(some(counted[severity], *words) for severity, words in SEVERITY_WORDS.items() if counted[severity])


def totals(view: View) -> str:
    """All of them in a line; "" when there are none."""
    return _counted(Counter(finding.severity for finding in view.findings))


def choices(view: View) -> tuple[Choice, ...]:
    """The selection above the lists."""
    there = {finding.severity for finding in view.findings}
    return (Choice(name="weight", label="Gewicht",
                   options=[(f"weight-{severity}", words[1]) for severity, words in SEVERITY_WORDS.items() if severity in there]),)
