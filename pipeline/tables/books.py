"""Workbooks of every sort (xlsx, xlsm, xlsb, xls, ods) → their sheets. Macros and links in them are never looked at."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from python_calamine import CalamineError, CalamineSheet, PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

from pipeline.tables.details import Details, details
from pipeline.tables.sheets import MOST_CELLS, MOST_UNPACKED, Area, Damaged, Locked, NoTable, Sheet, TooLarge, empty

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_INSIDE = {"word/document.xml": "eine Word-Datei", "ppt/presentation.xml": "eine Präsentation"}
_TABLES = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}
# What a damaged archive makes zipfile raise; each was seen.
_BROKEN = (zipfile.BadZipFile, zlib.error, ValueError, RuntimeError, NotImplementedError, OSError, EOFError, struct.error, KeyError)


def workbook(file: str, data: bytes) -> list[Sheet]:
    """The sheets of a workbook. Raises Unreadable."""
    if data.startswith(OLE) and _ENCRYPTED in data:
        raise Locked(file)
    known = _package(file, data) if data.startswith(b"PK") else _old(file, data)
    with _fence(file, quiet=data.startswith(OLE)), load_workbook(BytesIO(data)) as book:
        about = [sheet for sheet in book.sheets_metadata if sheet.typ is SheetTypeEnum.WorkSheet]
        return [_sheet(file, book.get_sheet_by_name(one.name), known, hidden=one.visible is not SheetVisibleEnum.Visible) for one in about]


def _old(file: str, data: bytes) -> Details:
    from pipeline.tables.oldbooks import locked, old_details  # few offices have such files left
    if data.startswith(OLE) and locked(data):
        raise Locked(file)
    return old_details(data)


def _package(file: str, data: bytes) -> Details:
    """Looks into a zipped workbook for what calamine does not tell, and for what must not be unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names, size = set(archive.namelist()), sum(entry.file_size for entry in archive.infolist())
            if any(entry.flag_bits & 1 for entry in archive.infolist()):
                raise Locked(file)
            if size > MOST_UNPACKED:
                raise TooLarge(file)
            really = next((word for part, word in _INSIDE.items() if part in names), "" if _TABLES & names else "ein Archiv")
            if really or _is_text(archive, names):
                raise NoTable(file, really or "ein Textdokument")
            if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise Locked(file)
            return details(archive)
    except _BROKEN as error:
        raise Damaged(file) from error


def _is_text(archive: zipfile.ZipFile, names: set[str]) -> bool:
    return "content.xml" in names and "mimetype" in names and not archive.read("mimetype").startswith(
        b"application/vnd.oasis.opendocument.spreadsheet")


@contextmanager
def _fence(file: str, *, quiet: bool) -> Iterator[None]:
    """Calamine's errors in our words; its panics on damaged .xls files, which also write to stderr, like any damage."""
    kept = os.dup(2) if quiet else -1
    try:
        if quiet:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
        yield
    except PasswordError as error:
        raise Locked(file) from error
    except CalamineError as error:
        raise Damaged(file) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":    # pyo3 has no importable name for it
            raise
        raise Damaged(file) from error
    finally:
        if quiet:
            os.dup2(kept, 2)
            os.close(kept)


def _sheet(file: str, sheet: CalamineSheet, known: Details, *, hidden: bool) -> Sheet:
    rows, columns = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
    if rows * columns > MOST_CELLS:
        raise TooLarge(file)
    cells = sheet.to_python(skip_empty_area=False)
    more = known.sheets.get(sheet.name)
    merged = [Area(top=top, left=left, bottom=bottom, right=right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()]
    return Sheet(
        file=file, name=sheet.name, rows=cells, typed=True, hidden=hidden, epoch=known.epoch, blank=empty(cells),
        merged=tuple(merged) or (more.merged if more else ()), faults=more.faults if more else {},
        hidden_rows=frozenset(more.hidden_rows if more else ()), hidden_columns=frozenset(more.hidden_columns if more else ()),
    )
