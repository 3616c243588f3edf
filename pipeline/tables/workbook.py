"""Writing workbooks: cells whose text stays text, and files that are the same whenever they are made."""

from __future__ import annotations

import datetime as dt
import zipfile
from decimal import Decimal
from enum import Enum
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.writer.excel import ExcelWriter

# Stands where Excel notes the time of saving (UTC, which openpyxl wants without its zone): a copy made tomorrow is the same copy.
MADE = dt.datetime(2017, 1, 1)  # noqa: DTZ001

_NUMBERS = (int, float, Decimal, dt.date, dt.time, dt.timedelta)
_GUARDED = ("=", "+", "-", "@", "\t", "\r")                               # what Excel may take for a formula (OWASP, CSV injection)
PICTURES = {code: 0x2400 + code for code in range(32) if code not in (9, 10, 13)}  # control characters, made visible


def put(cell: Cell, value: object) -> None:
    """Writes a value; text that looks like a formula stays text, and control characters show as pictures (␀, ␇)."""
    if isinstance(value, bool):
        value = "ja" if value else "nein"
    if isinstance(value, _NUMBERS) and not isinstance(value, Enum):
        cell.value = value
        return
    text = str(value.value if isinstance(value, Enum) else value).translate(PICTURES)
    cell.value = text or None
    if text:
        cell.data_type = "s"
    if text.startswith(_GUARDED):
        cell.quotePrefix = True      # Excel keeps it text even after somebody edits the cell


def to_bytes(book: Workbook) -> bytes:
    """The workbook as an .xlsx file; the same workbook gives the same bytes."""
    book.properties.creator = "gremium"
    book.properties.created = book.properties.modified = MADE
    raw = BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        # not Workbook.save(), which reads the clock
        ExcelWriter(book, archive).write_data()
    packed = BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, date_time=MADE.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return packed.getvalue()
