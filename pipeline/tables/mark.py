"""A copy of the tables with every finding at its cell: coloured, and commented with what to do.

When all findings lie in one Excel workbook, the copy is that workbook, with everything else in it as it was. Otherwise
it is a new one: a list of the findings, then each table on a sheet of its own, rows and columns where they were; and each
Excel workbook with findings can be had as a copy of itself as well.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.findings import Finding, Severity
from pipeline.tables.columns import TITLES
from pipeline.tables.comments import Unfamiliar
from pipeline.tables.details import sheet_parts
from pipeline.tables.load import table_of
from pipeline.tables.overlay import Mark, overlay
from pipeline.tables.read import read
from pipeline.tables.sheets import Unreadable
from pipeline.tables.workbook import PICTURES, put, to_bytes
from pipeline.workspace import SETTINGS, Workspace

_WORDS: Mapping[Severity, str] = {Severity.ERROR: "Fehler", Severity.WARNING: "Warnung", Severity.NOTE: "Hinweis"}
_COLOURS: Mapping[Severity, str] = {Severity.ERROR: "FFC7CE", Severity.WARNING: "FFEB9C", Severity.NOTE: "DDEBF7"}
_FILLS: Mapping[Severity, PatternFill] = {severity: PatternFill("solid", fgColor=colour) for severity, colour in _COLOURS.items()}
_WORST = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
_HEADINGS = (("Datei", 18), ("Blatt", 16), ("Zelle", 9), ("Spalte", 18), ("Art", 10), ("Befund", 60), ("Was zu tun ist", 60), ("Wert", 30))


def marked(workspace: Workspace, findings: Sequence[Finding]) -> bytes:
    """An .xlsx copy of the tables with the findings marked. Nothing under inputs/ is changed. Raises TableError."""
    files = {finding.place.file for finding in findings if finding.place.file != SETTINGS}
    whole = copies(workspace, findings) if len(files) == 1 else {}
    return next(iter(whole.values()), b"") or _new_workbook(workspace, findings)


def copies(workspace: Workspace, findings: Sequence[Finding]) -> Mapping[str, bytes]:
    """File name → copy, for each Excel workbook with findings that can be changed in place."""
    made: dict[str, bytes] = {}
    for name in dict.fromkeys(finding.place.file for finding in findings):
        path = workspace.inputs / name
        if path.suffix.lower() in (".xlsx", ".xlsm") and path.is_file():
            with suppress(Unfamiliar, zipfile.BadZipFile, OSError, ValueError, KeyError):      # then its findings stand in the list alone
                made[name] = _same_workbook(path, [finding for finding in findings if finding.place.file == name])
    return made


def _same_workbook(path: Path, findings: Sequence[Finding]) -> bytes:
    data = path.read_bytes()
    with zipfile.ZipFile(BytesIO(data)) as archive:
        first = next(iter(sheet_parts(archive)[0]))
    marks: dict[str, dict[str, Mark]] = {}
    cells: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        place = finding.place
        cells.setdefault((place.sheet or first, place.cell or f"A{place.row or 1}"), []).append(finding)
    for (sheet, cell), said in cells.items():
        marks.setdefault(sheet, {})[cell] = Mark(colour=_COLOURS[_worst(said)], text=_said(said))
    return overlay(data, marks)


def _new_workbook(workspace: Workspace, findings: Sequence[Finding]) -> bytes:
    book = Workbook()
    listing = book.active
    assert isinstance(listing, Worksheet)
    names: dict[tuple[str, str], str] = {}
    for path in sorted(workspace.inputs.iterdir()):
        if path.name in {finding.place.file for finding in findings} and table_of(path):
            names |= _copy(book, path)
    for (name, cell), said in _by_cell(findings, names).items():
        _mark(book[name], cell, said)
    _list(listing, findings, names)
    return to_bytes(book)


def _copy(book: Workbook, path: Path) -> dict[tuple[str, str], str]:
    """Copies the sheets of a file; (file, sheet) → name of the copy. A file nobody can read stands in the list alone."""
    try:
        sheets = [sheet for sheet in read(path) if not sheet.blank]
    except Unreadable:
        return {}
    names: dict[tuple[str, str], str] = {}
    title = TITLES[table_of(path)]
    for count, sheet in enumerate(sheets, start=1):
        target = book.create_sheet(title if len(sheets) == 1 else f"{title} {count}")     # Excel refuses some names that others allow
        names[sheet.file, sheet.name or ""] = target.title
        for at, row in enumerate(sheet.rows, start=1):
            for number, value in enumerate(row, start=1):
                if value != "":
                    cell = target.cell(at, number)
                    assert isinstance(cell, Cell)
                    put(cell, value)
        longest_of = sheet.frame.astype(str).apply(lambda column: column.str.len().max())
        for number, longest in enumerate(longest_of, start=1):
            target.column_dimensions[get_column_letter(number)].width = min(max(int(longest), 8), 50) + 2
    return names


def _by_cell(findings: Iterable[Finding], names: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], list[Finding]]:
    """Findings by the sheet of the copy and the cell to mark: a finding on a whole row marks its first cell."""
    cells: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        place = finding.place
        sheet = names.get((place.file, place.sheet or ""))
        if sheet and place.row:
            cells.setdefault((sheet, place.cell or f"A{place.row}"), []).append(finding)
    return cells


def _mark(sheet: Worksheet, name: str, findings: Sequence[Finding]) -> None:
    text = _said(findings).translate(PICTURES)
    cell = sheet[name]
    cell.fill = _FILLS[_worst(findings)]
    cell.comment = Comment(text, "gremium", height=60 + 18 * (len(text) // 40 + text.count("\n")), width=320)


def _worst(findings: Sequence[Finding]) -> Severity:
    return min((finding.severity for finding in findings), key=_WORST.index)


def _said(findings: Sequence[Finding]) -> str:
    return "\n\n".join(f"{_WORDS[finding.severity]}: {finding.message}" + (f"\n{finding.hint}" if finding.hint else "") for finding in findings)


def _list(sheet: Worksheet, findings: Sequence[Finding], names: Mapping[tuple[str, str], str]) -> None:
    """The first sheet: every finding in a row, with a link to its cell."""
    sheet.title = "Befunde"
    for number, (heading, width) in enumerate(_HEADINGS, start=1):
        sheet.cell(1, number, heading).font = Font(name="Calibri", size=11, bold=True)
        sheet.column_dimensions[get_column_letter(number)].width = width
    for at, finding in enumerate(findings, start=2):
        place = finding.place
        texts = (place.file, place.sheet, place.cell or (place.row and f"Zeile {place.row}"), place.column, _WORDS[finding.severity],
                 finding.message, finding.hint, finding.value)
        for number, text in enumerate(texts, start=1):
            cell = sheet.cell(at, number)
            assert isinstance(cell, Cell)
            put(cell, text or "")
            cell.alignment = Alignment(vertical="top", wrap_text=True)
        sheet.cell(at, column_index_from_string("E")).fill = _FILLS[finding.severity]
        target = names.get((place.file, place.sheet or ""))
        if target and place.row:
            sheet.cell(at, 3).hyperlink = f"#'{target}'!{place.cell or f'A{place.row}'}"
            sheet.cell(at, 3).style = "Hyperlink"
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_HEADINGS))}{len(findings) + 1}"
