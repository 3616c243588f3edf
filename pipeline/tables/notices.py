"""What is to be said of a sheet as a whole: hidden parts that were read as well, a charset that was guessed, lines left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.findings import Finding, Severity
from pipeline.records import Place
from pipeline.tables.headings import Header, letter
from pipeline.tables.sheets import Sheet

SHOWN = 12      # hidden rows or columns named; the rest is counted


def notices(sheet: Sheet, header: Header) -> Iterator[Finding]:
    """The notes on one sheet that is read."""
    if sheet.hidden:
        yield _note(sheet, "hidden", f"Das ausgeblendete Blatt „{sheet.name}“ ist mitgelesen", "Nicht Gewolltes löschen.")
    rows = [row + 1 for row in sorted(sheet.hidden_rows) if header.row < row < len(sheet.rows) and _filled(sheet, row)]
    if rows:
        several = "Die ausgeblendeten Zeilen" if len(rows) > 1 else "Die ausgeblendete Zeile"
        yield _note(sheet, "hidden", f"{several} {_listed(map(str, rows), len(rows))} {'sind' if len(rows) > 1 else 'ist'} mitgelesen",
                    "Nicht Gewolltes löschen; ein Filter blendet nur aus.")
    columns = [at for at in sorted(sheet.hidden_columns) if at in {*header.fields.values(), *header.extra.values()}]
    if columns:
        several = "Die ausgeblendeten Spalten" if len(columns) > 1 else "Die ausgeblendete Spalte"
        yield _note(sheet, "hidden", f"{several} {_listed(map(letter, columns), len(columns))} {'sind' if len(columns) > 1 else 'ist'} mitgelesen",
                    "Nicht Gewolltes löschen.")
    if sheet.charset:
        yield _note(sheet, "charset", f"Gelesen als {sheet.charset}", "Stehen Umlaute falsch da, die Datei als „CSV UTF-8“ speichern.")
    if sheet.skipped:
        yield _note(sheet, "header", "Die erste Zeile gehört zum Programm, das die Datei schrieb, und wird übergangen", value=sheet.skipped)
    if sheet.torn:
        yield Finding(place=Place(file=sheet.file, row=sheet.torn), rule="quotes", severity=Severity.WARNING,
                      message=f"Ab Zeile {sheet.torn} stehen Anführungszeichen mitten in einer Zelle; sie gehen beim Lesen verloren",
                      hint="Die Datei in Excel öffnen, diese Zeile prüfen und als .xlsx speichern.")


def _filled(sheet: Sheet, row: int) -> bool:
    return any(value != "" for value in sheet.rows[row])


def _listed(names: Iterable[str], count: int) -> str:
    shown = [name for _, name in zip(range(SHOWN), names, strict=False)]
    return ", ".join(shown) + (f" und {count - SHOWN} weitere" if count > SHOWN else "")


def _note(sheet: Sheet, rule: str, message: str, hint: str = "", *, value: str = "") -> Finding:
    return Finding(place=Place(file=sheet.file, sheet=sheet.name), rule=rule, message=message, hint=hint, value=value, severity=Severity.NOTE)
