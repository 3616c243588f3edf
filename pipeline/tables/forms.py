"""Tables to fill in: workbooks whose headings, widths, drop-downs and explanations come from `columns`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.records import Gender
from pipeline.tables.columns import TABLES, TITLES, Kind, Spec
from pipeline.tables.workbook import put, to_bytes

LAST_ROW = 1_048_576     # of an Excel sheet


@dataclass(frozen=True, slots=True)
class Look:
    """How cells of one kind are shown."""

    width: float              # characters
    number_format: str = "General"
    wrapped: bool = False


_TEXT = "@"
_LOOKS: Mapping[Kind, Look] = {
    Kind.KEY: Look(13, _TEXT),
    Kind.REF: Look(15, _TEXT),
    Kind.REFS: Look(24, _TEXT, wrapped=True),
    Kind.TEXT: Look(26, wrapped=True),
    Kind.LINES: Look(44, wrapped=True),
    Kind.CHOICE: Look(20),
    Kind.DATE: Look(16, "DD.MM.YYYY"),
    Kind.TIME: Look(10, "HH:MM"),
    Kind.YESNO: Look(14),
    Kind.NUMBER: Look(18, "#,##0.00"),
    Kind.INTEGER: Look(12, "0"),
    Kind.EMAIL: Look(34),
    Kind.PHONE: Look(20, _TEXT),
    Kind.POSTCODE: Look(10, _TEXT),
    Kind.COLOUR: Look(11, _TEXT),
}
_WIDE = {"name": 40.0, "title": 50.0, "summary": 60.0, "task": 60.0, "seeks": 44.0, "infrastructure": 44.0, "agenda": 44.0}
_DEGREES = 16.0          # width of a person's title, which has the name of a project's
_LINE_HEIGHT = 15.0      # points
_TALLEST = 409.0         # points Excel allows
_FITS = 10               # columns that are readable on one A4 page across
_REQUIRED = PatternFill("solid", fgColor="1F3A5F")
_OPTIONAL = PatternFill("solid", fgColor="5B7796")
_HEADING = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
_LINE = Border(bottom=Side(style="thin", color="D5DCE4"))
_GENDERS = {Gender.FEMALE: "Frau", Gender.MALE: "Herr", Gender.DIVERSE: "divers"}
_CHOICES: Mapping[Kind, tuple[str, ...]] = {Kind.YESNO: ("ja", "nein")}


def empty_table(table: str) -> bytes:
    """An empty table of one sort ("partners") as a workbook to fill in; a table that does not exist raises KeyError."""
    return _workbook(table, (), ())


def table(table: str, rows: Sequence[Mapping[str, object]]) -> bytes:
    """A table of one sort with rows, each field name → value; a name that is no field becomes a column of its own.

    Values may be text, numbers, dates, times, truths, enum members, lists of texts, or None.
    """
    known = {spec.field for spec in TABLES[table]}
    own = dict.fromkeys(name for row in rows for name in row if name not in known)
    return _workbook(table, tuple(Spec(name, Kind.TEXT, (name,), "") for name in own), rows)


def _workbook(table: str, own: tuple[Spec, ...], rows: Sequence[Mapping[str, object]]) -> bytes:
    specs = TABLES[table] + own
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = TITLES[table]
    book.properties.title = TITLES[table]
    for number, spec in enumerate(specs, start=1):
        _head(sheet, number, spec)
        _shape(sheet, number, spec)
    for at, row in enumerate(rows, start=2):
        for number, spec in enumerate(specs, start=1):
            _fill(_cell(sheet, at, number), spec, row.get(spec.field))
        lines = max(_lines(_cell(sheet, at, number), spec) for number, spec in enumerate(specs, start=1))
        if lines > 1:      # other programs than Excel do not make room for wrapped text by themselves
            sheet.row_dimensions[at].height = min(lines * _LINE_HEIGHT, _TALLEST)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(specs))}{max(2, len(rows) + 1)}"
    sheet.row_dimensions[1].height = 32
    _print_setup(sheet, len(specs))
    return to_bytes(book)


def _cell(sheet: Worksheet, row: int, number: int) -> Cell:
    cell = sheet.cell(row, number)
    assert isinstance(cell, Cell)      # a merged cell elsewhere; nothing is merged here
    return cell


def _head(sheet: Worksheet, number: int, spec: Spec) -> None:
    cell = _cell(sheet, 1, number)
    put(cell, spec.heading)
    cell.fill = _REQUIRED if spec.required else _OPTIONAL
    cell.font = _HEADING
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    if spec.meaning:
        must = "\nPflichtfeld" if spec.required else ""
        cell.comment = Comment(f"{spec.meaning}{must}", "gremium", height=70, width=260)


def _shape(sheet: Worksheet, number: int, spec: Spec) -> None:
    """Width, format and drop-down of a whole column, so that rows added later look and behave like the others."""
    letter = get_column_letter(number)
    look = _LOOKS[spec.kind]
    dimension = sheet.column_dimensions[letter]
    dimension.width = _width(spec)
    dimension.number_format = look.number_format
    choices = spec.choices or _CHOICES.get(spec.kind, ())
    if choices:
        rule = DataValidation(type="list", formula1=f'"{",".join(choices)}"', allow_blank=True, showErrorMessage=True,
                              errorTitle=spec.heading, error=f"Möglich sind: {', '.join(choices)}")
        rule.add(f"{letter}2:{letter}{LAST_ROW}")
        sheet.add_data_validation(rule)


def _width(spec: Spec) -> float:
    look = _LOOKS[spec.kind]
    if spec.kind not in (Kind.TEXT, Kind.LINES):
        return look.width
    return _DEGREES if spec.field == "title" and not spec.required else _WIDE.get(spec.field, look.width)


def _lines(cell: Cell, spec: Spec) -> int:
    """Lines that a cell's text needs in its column."""
    if not _LOOKS[spec.kind].wrapped or not isinstance(cell.value, str):
        return 1
    return sum(max(1, math.ceil(len(line) / (_width(spec) - 2))) for line in cell.value.split("\n"))


def _fill(cell: Cell, spec: Spec, value: object) -> None:
    look = _LOOKS[spec.kind]
    cell.border = _LINE
    cell.number_format = look.number_format
    cell.alignment = Alignment(vertical="top", wrap_text=look.wrapped or None)
    if isinstance(value, Gender):
        value = _GENDERS[value]
    elif isinstance(value, Iterable) and not isinstance(value, str):
        value = ("\n" if spec.kind is Kind.LINES else "; ").join(str(part) for part in value)
    if value is not None:
        put(cell, value)


def _print_setup(sheet: Worksheet, columns: int) -> None:
    """Landscape with the headings on every page; a wide table is spread over several pages rather than shrunk past reading."""
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9           # A4
    sheet.page_margins.left = sheet.page_margins.right = 0.4      # inches
    if sheet.oddFooter:
        sheet.oddFooter.right.text = "Seite &P von &N"
    if columns <= _FITS:
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    else:
        sheet.print_title_cols = "A:B"       # number and name beside every part of the row
        sheet.page_setup.scale = 80
