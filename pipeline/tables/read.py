"""Any table file → its sheets. What a file is, its content says and not its name."""

from __future__ import annotations

import stat
from pathlib import Path

from pipeline.tables.books import OLE, workbook
from pipeline.tables.sheets import NoTable, NotOpened, Sheet, TooLarge, Unreadable
from pipeline.tables.texts import text_file

MOST_BYTES = 2**28           # of a file as it lies on the disk

_NOTHING = b"\0\xff\xfe\xef\xbb\xbf \r\n\t"     # blanks, and the marks that Unicode files begin with

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
    (b"[", "eine JSON-Datei"),
    (b"\x89PNG", "ein Bild"),
    (b"\xff\xd8\xff", "ein Bild"),
    (b"\x1f\x8b", "ein Archiv"),
    (b"7z\xbc\xaf", "ein Archiv"),
    (b"Rar!", "ein Archiv"),
)


def read(path: Path) -> list[Sheet]:
    """The sheets of a table file, in its order. Raises Unreadable."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode) and not stat.S_ISDIR(about.st_mode):
            raise NoTable(path.name, "ein Gerät oder eine Leitung")      # would keep us waiting for ever
        if about.st_size > MOST_BYTES:
            raise TooLarge(path.name)
        data = path.read_bytes()
    except OSError as error:
        raise NotOpened(path.name, error) from error
    if data.startswith((b"PK\x03\x04", OLE, b"\x09\x08")):
        return workbook(path.name, data)
    start = data[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not start.strip(_NOTHING) and not data.strip(_NOTHING):
        raise Unreadable(path.name, "ist leer", hint="Die Tabelle einfügen oder die Datei löschen.")
    for mark, really in _OTHERS:
        if start.startswith(mark.lower()):
            raise NoTable(path.name, really)
    return [text_file(path.name, data)]
