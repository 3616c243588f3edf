"""A register as a workbook: one row a paper, headings that stay in sight, filters, and no cell that a program could take for a formula."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.tables.workbook import put, to_bytes

WIDEST = 68          # characters: a SHA-256 stands on one line
_HEADING = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
_FILL = PatternFill("solid", fgColor="1F3A5F")
_LINE = Border(bottom=Side(style="thin", color="D5DCE4"))


def register(title: str, headings: Sequence[str], rows: Sequence[Mapping[str, object]]) -> bytes:
    """The workbook; each row maps headings to values, and what it leaves out stays empty. The same rows give the same bytes."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title[:31]
    book.properties.title = title
    for number, heading in enumerate(headings, 1):
        cell = _cell(sheet, 1, number)
        put(cell, heading)
        cell.font, cell.fill, cell.alignment = _HEADING, _FILL, Alignment(vertical="center", wrap_text=True)
        longest = max((len(_text(row.get(heading))) for row in rows), default=0)
        sheet.column_dimensions[get_column_letter(number)].width = min(max(longest, len(heading)) + 3, WIDEST)
    for at, row in enumerate(rows, 2):
        for number, heading in enumerate(headings, 1):
            cell, value = _cell(sheet, at, number), row.get(heading)
            cell.border, cell.alignment = _LINE, Alignment(vertical="top")
            if value is not None and value != "":
                put(cell, value)
                cell.number_format = "DD.MM.YYYY" if isinstance(value, dt.date) else cell.number_format
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(headings))}{max(2, len(rows) + 1)}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight = "landscape", 9, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return to_bytes(book)


def _cell(sheet: Worksheet, row: int, number: int) -> Cell:
    cell = sheet.cell(row, number)
    assert isinstance(cell, Cell)      # a merged cell elsewhere; nothing is merged here
    return cell


def _text(value: object) -> str:
    return f"{value:%d.%m.%Y}" if isinstance(value, dt.date) else str(value if value is not None else "")
