"""What must not be built at all: a paper made of tables that could not be read would pass a gap off as a fact."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.errors import TableError
from pipeline.findings import Finding, Severity


class Incomplete(TableError):
    """Rows or whole tables could not be read, so that nobody knows which papers they belong to."""

    def __init__(self, findings: Sequence[Finding], *, whole: bool) -> None:
        first = findings[0]
        more = f" und {len(findings) - 1} weitere Befunde" if len(findings) > 1 else ""
        hint = "„gremium check“ nennt alle Befunde" + ("; --keep-going baut ohne diese Zeilen." if not whole else ".")
        super().__init__(f"die Tabellen sind nicht vollständig lesbar: {first.place}: {first.message}{more}", hint=hint)


def complete(findings: Sequence[Finding], *, keep_going: bool) -> None:
    """Lets a build pass when every error belongs to a record, whose papers are then held back.

    With `keep_going` single rows may be missing, a whole table never: papers count over it. Raises Incomplete.
    """
    loose = [finding for finding in findings if finding.severity is Severity.ERROR and not finding.subject]
    tables = [finding for finding in loose if finding.whole or finding.place.row is None]
    if tables:
        raise Incomplete(tables, whole=True)
    if loose and not keep_going:
        raise Incomplete(loose, whole=False)
