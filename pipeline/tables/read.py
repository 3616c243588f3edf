"""Any table file → its sheets, cell by cell, with the addresses the sheet shows.

What a file is, its content says and not its name. Cells of workbooks keep their type until they are read as a field;
cells of text files are text. Row 1 is the sheet's first row, blank or not.
"""

from __future__ import annotations

import csv
import errno
import os
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path

import pandas as pd
from charset_normalizer import from_bytes
from python_calamine import CalamineError, CalamineSheet, PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

from pipeline.errors import TableError

SEPARATORS = ";,\t|"
MOST_UNPACKED = 2**30        # bytes; a table of 100,000 rows unpacks to about a tenth of it
MOST_CELLS = 20_000_000      # of one sheet
LONGEST_CELL = 2**20         # characters, of a text file
_CHARSETS = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS (CP 850)"}
_REASONS = {errno.EACCES: "keine Berechtigung", errno.EPERM: "keine Berechtigung", errno.EISDIR: "es ist ein Ordner",
            errno.ENOENT: "die Datei ist nicht mehr da", errno.EBUSY: "ein anderes Programm hält sie fest"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

# How files begin that are called tables and are none.
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "eine PDF-Datei"),
    (b"{\\rtf", "eine RTF-Datei"),
    (b"<!doctype html", "eine HTML-Seite"),
    (b"<html", "eine HTML-Seite"),
    (b"<?xml", "eine XML-Datei"),
    (b"<", "eine HTML- oder XML-Datei"),
    (b"{", "eine JSON-Datei"),
    (b"[{", "eine JSON-Datei"),
    (b"\x89PNG", "ein Bild"),
    (b"\xff\xd8\xff", "ein Bild"),
    (b"\x1f\x8b", "ein Archiv"),
)


class Unreadable(TableError):
    """A table file nobody can read."""

    def __init__(self, file: str, why: str, *, hint: str) -> None:
        super().__init__(f"{file} {why}", hint=hint)
        self.why = why


class Locked(Unreadable):
    """A table file with a password."""

    def __init__(self, file: str) -> None:
        super().__init__(file, "ist mit einem Kennwort geschützt", hint="Die Datei ohne Kennwort speichern.")


class Damaged(Unreadable):
    """A workbook that breaks off or contradicts itself."""

    def __init__(self, file: str) -> None:
        super().__init__(file, "ist beschädigt oder unvollständig",
                         hint="Die Datei in Excel öffnen und neu speichern, oder eine Sicherung nehmen.")


class NoTable(Unreadable):
    """Something that is called a table and is none."""

    def __init__(self, file: str, really: str) -> None:
        super().__init__(file, f"ist {really}, keine Tabelle", hint="Den Inhalt in Excel öffnen und als .xlsx speichern.")


class TooLarge(Unreadable):
    """A file that would fill the memory."""

    def __init__(self, file: str) -> None:
        super().__init__(file, "ist ausgepackt zu groß für eine Tabelle",
                         hint="Leere Zeilen und Spalten am Ende des Blattes löschen und die Datei neu speichern.")


class NotOpened(Unreadable):
    """A file the system does not hand out."""

    def __init__(self, file: str, error: OSError) -> None:
        reason = _REASONS.get(error.errno or 0, error.strerror)
        super().__init__(file, f"lässt sich nicht öffnen ({reason})", hint="Rechte und Ort der Datei prüfen.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """One sheet of a file."""

    file: str                # name of the file
    name: str | None         # None for text files
    cells: pd.DataFrame      # row and column 0 are the sheet's first; blank is ""
    typed: bool              # False: a text file, in which a number has no type and a leading zero may be gone
    hidden: bool = False
    charset: str = ""        # of a text file that is not Unicode: "Windows-1252"

    @property
    def blank(self) -> bool:
        """No cell holds anything."""
        return self.cells.empty or bool((self.cells == "").all(axis=None))


def read(path: Path) -> list[Sheet]:
    """The sheets of a table file, in its order. Raises Unreadable."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotOpened(path.name, error) from error
    start = data[:512].lstrip().lower()
    if data.startswith((b"PK\x03\x04", _OLE, b"\x09\x08")):
        return _workbook(path.name, data)
    if not data.strip():
        raise Unreadable(path.name, "ist leer", hint="Die Tabelle einfügen oder die Datei löschen.")
    for mark, really in _OTHERS:
        if start.startswith(mark.lower()):
            raise NoTable(path.name, really)
    return [_text_file(path.name, data)]


# Workbooks ---------------------------------------------------------------------------------------


def _workbook(file: str, data: bytes) -> list[Sheet]:
    if data.startswith(_OLE) and _ENCRYPTED in data:
        raise Locked(file)
    if data.startswith(b"PK"):
        _unpacks(file, data)
    with _fence(file, quiet=data.startswith(_OLE)), load_workbook(BytesIO(data)) as book:
        return [
            _sheet(file, book.get_sheet_by_name(about.name), hidden=about.visible is not SheetVisibleEnum.Visible)
            for about in book.sheets_metadata if about.typ is SheetTypeEnum.WorkSheet
        ]


def _unpacks(file: str, data: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names, size = archive.namelist(), sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, RuntimeError, OSError, EOFError, struct.error) as error:     # each seen on damaged archives
        raise Damaged(file) from error
    if size > MOST_UNPACKED:
        raise TooLarge(file)
    if "word/document.xml" in names:
        raise NoTable(file, "eine Word-Datei")
    if not {"xl/workbook.xml", "xl/workbook.bin", "content.xml"} & set(names):
        raise NoTable(file, "ein Archiv")


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


def _sheet(file: str, sheet: CalamineSheet, *, hidden: bool) -> Sheet:
    rows, columns = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
    if rows * columns > MOST_CELLS:
        raise TooLarge(file)
    return Sheet(file=file, name=sheet.name, cells=_frame(sheet.to_python(skip_empty_area=False)), typed=True, hidden=hidden)


def _frame(rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    return pd.DataFrame(rows, dtype=object)


# Text files --------------------------------------------------------------------------------------


def _text_file(file: str, data: bytes) -> Sheet:
    text, charset = _decoded(file, data)
    said = text[:6].lower().startswith("sep=") and len(text) > 4
    separator = text[4] if said else _separator(text)
    if said:
        text = text.partition("\n")[2]     # Excel takes the line for itself and counts from the next
    rows = _records(file, text, separator)
    width = max((len(row) for row in rows), default=0)
    cells = [[*row, *[""] * (width - len(row))] for row in rows]
    return Sheet(file=file, name=None, cells=_frame(cells), typed=False, charset=charset)


def _decoded(file: str, data: bytes) -> tuple[str, str]:
    """The text, and the name of its charset when that had to be guessed."""
    for mark, charset in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(charset), ""
            except UnicodeDecodeError as error:
                raise Damaged(file) from error
    if b"\0" in data[:4096]:
        raise NoTable(file, "keine Textdatei")
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        guess = from_bytes(data, cp_isolation=list(_CHARSETS)).best()
        charset = guess.encoding if guess and guess.encoding in _CHARSETS else "cp1252"
        return data.decode(charset, errors="replace"), _CHARSETS[charset]


def _separator(text: str) -> str:
    """The separator that splits most of the first lines into the same number of cells, and into most of them."""
    def evenness(separator: str) -> int:
        reader = csv.reader(StringIO(text[:20_000], newline=""), delimiter=separator)
        widths = Counter(len(row) for row, _ in zip(reader, range(50), strict=False))
        return max(((width - 1) * times for width, times in widths.items()), default=0)
    return max(SEPARATORS, key=evenness)


def _records(file: str, text: str, separator: str) -> list[list[str]]:
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        return list(csv.reader(StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise Unreadable(file, "hat ein Anführungszeichen, das nie geschlossen wird, oder eine Zelle ohne Ende",
                         hint="Die Datei in Excel öffnen, prüfen und als .xlsx speichern.") from error
    finally:
        csv.field_size_limit(before)
