"""What calamine does not tell of an .xls workbook: hidden rows and columns, error values, the calendar, a password."""

from __future__ import annotations

import struct
from io import StringIO

import xlrd
from xlrd.compdoc import CompDoc, CompDocError
from xlrd.sheet import Sheet

from pipeline.tables.details import Details, SheetDetails
from pipeline.tables.sheets import EPOCH, EPOCH_1904

# What xlrd raises on files that calamine still reads: its own, and what unforeseen bytes make of its arithmetic.
_STRANGE = (xlrd.XLRDError, CompDocError, AssertionError, struct.error, LookupError, ValueError, TypeError, AttributeError, ArithmeticError)


_FILEPASS, _EOF = 0x2F, 0x0A      # records of the workbook (MS-XLS 2.4.117 and 2.4.103); the first one ends what is said of it as a whole


def locked(data: bytes) -> bool:
    """An .xls workbook that only opens with a password; calamine takes one that comes as bytes for no workbook at all."""
    try:
        book = CompDoc(data, logfile=StringIO())
        stream = book.get_named_stream("Workbook") or book.get_named_stream("Book") or b""
    except _STRANGE:
        return False
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind in (_FILEPASS, _EOF):
            return bool(kind == _FILEPASS)
        at += 4 + length
    return False


def old_details(data: bytes) -> Details:
    """Looks through an .xls workbook; of one that xlrd does not understand nothing is known."""
    try:
        with xlrd.open_workbook(file_contents=data, formatting_info=True, ragged_rows=True, logfile=StringIO()) as book:
            return Details({sheet.name: _of(sheet) for sheet in book.sheets()}, EPOCH_1904 if book.datemode == 1 else EPOCH)
    except _STRANGE:
        return Details()


def _of(sheet: Sheet) -> SheetDetails:
    found = SheetDetails(hidden_rows={row for row, about in sheet.rowinfo_map.items() if about.hidden},
                         hidden_columns={at for at, about in sheet.colinfo_map.items() if about.hidden})
    for row in range(sheet.nrows):
        types = sheet.row_types(row)
        if xlrd.XL_CELL_ERROR in types:
            found.faults.update({(row, at): xlrd.error_text_from_code.get(sheet.cell_value(row, at), "#?")
                                 for at, kind in enumerate(types) if kind == xlrd.XL_CELL_ERROR})
    return found
