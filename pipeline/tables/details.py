"""What calamine does not tell of a zipped workbook: hidden rows and columns, formulas without a value, the calendar.

The parts are streamed once and searched for telltale bytes; only a sheet in which one occurs is parsed. No document
type, entity or link in them is ever followed.
"""

from __future__ import annotations

import datetime as dt
import posixpath
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from pipeline.tables.sheets import EPOCH, EPOCH_1904, Area

_PIECE = 2**20
_LONGEST_MARK = 32      # bytes; pieces overlap by as much, so that no mark is cut in two
# Each mark after a piece of it: where that does not occur, which is quickly seen, nobody looks for the mark.
_EXCEL_MARKS = ((b"f", b"</f>"), (b"#", b't="e"'), (b'hidden="', b'hidden="1"'), (b'hidden="', b'hidden="true"'))
_ODS_MARKS = ((b"visib", b"visibility="), (b"error", b'"error"'), (b"rows-sp", b"rows-spanned"), (b"columns-sp", b"columns-spanned"),
              (b"table:fo", b"table:formula"))
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_WIDEST = 16_384
_LONGEST = 1_048_576

Attributes = dict[str, str]
Marks = tuple[tuple[bytes, bytes], ...]


@dataclass(slots=True)
class SheetDetails:
    """What is to be said of one sheet; positions count from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    faults: dict[tuple[int, int], str] = field(default_factory=dict)      # an error's name, or "" for a formula without a stored value
    merged: list[Area] = field(default_factory=list)                      # for .ods alone: calamine tells the others


@dataclass(frozen=True, slots=True)
class Details:
    """What is to be said of a workbook."""

    sheets: Mapping[str, SheetDetails] = field(default_factory=dict)
    epoch: dt.date = EPOCH


def details(archive: zipfile.ZipFile) -> Details:
    """Looks through a zipped workbook; every part is unpacked once to its declared size and no further. Raises what zipfile raises."""
    if "xl/workbook.xml" in archive.namelist():
        return _excel(archive)
    if "content.xml" in archive.namelist():
        return Details(_opendocument(archive)) if _marked(archive, "content.xml", _ODS_MARKS) else Details()
    return Details()


def _marked(archive: zipfile.ZipFile, name: str, marks: Marks) -> bool:
    """One of the marks occurs in a part. All of it is read: a part longer than declared, or damaged, is noticed here."""
    before, found = b"", False
    with archive.open(name) as part:
        while piece := part.read(_PIECE):
            found = found or _holds(piece, marks) or _holds(before + piece[:_LONGEST_MARK], marks)
            before = piece[-_LONGEST_MARK:]
    return found


def _holds(piece: bytes, marks: Marks) -> bool:
    return any(rare in piece and mark in piece for rare, mark in marks)


class _Refused(ValueError):
    """The part declares a document type: nothing a spreadsheet program writes."""


def _parse(data: bytes, begin: Callable[[str, Attributes], None], end: Callable[[str], None] | None = None,
           text: Callable[[str], None] | None = None) -> None:
    """Feeds the elements of a part to the handlers, names without their prefix. Damage ends in ValueError."""
    def refuse(*_: object) -> None:
        raise _Refused
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: begin(name.rpartition(":")[2], attributes)
    if end:
        parser.EndElementHandler = lambda name: end(name.rpartition(":")[2])
    if text:
        parser.CharacterDataHandler = text
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error


# Excel -------------------------------------------------------------------------------------------


def _excel(archive: zipfile.ZipFile) -> Details:
    names = archive.namelist()
    parts, epoch = sheet_parts(archive)
    if "xl/sharedStrings.xml" in names:
        _marked(archive, "xl/sharedStrings.xml", ())
    return Details({name: _excel_sheet(archive.read(part)) for name, part in parts.items()
                    if part in names and part.endswith(".xml") and (_marked(archive, part, _EXCEL_MARKS) or _prefixed(archive, part))}, epoch)


def sheet_parts(archive: zipfile.ZipFile) -> tuple[Mapping[str, str], dt.date]:
    """The name of each sheet of an Excel workbook → its part; and day 0 of its calendar."""
    targets: dict[str, str] = {}
    relations = "xl/_rels/workbook.xml.rels"

    def relation(name: str, attributes: Attributes) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", ""))).lstrip("/")
    if relations in archive.namelist():
        _parse(archive.read(relations), relation)
    parts: dict[str, str] = {}
    epoch = [EPOCH]

    def book(name: str, attributes: Attributes) -> None:
        if name == "sheet":
            identity = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            parts[attributes.get("name", "")] = targets.get(identity, "")
        elif name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            epoch[0] = EPOCH_1904
    _parse(archive.read("xl/workbook.xml"), book)
    return parts, epoch[0]


def _prefixed(archive: zipfile.ZipFile, name: str) -> bool:
    """The part names its elements with a prefix, so that the marks do not fit."""
    with archive.open(name) as part:
        return b"<worksheet" not in part.read(4096)


class _ExcelSheet:
    """Collects the details of one worksheet part."""

    def __init__(self) -> None:
        self.found = SheetDetails()
        self._row = -1
        self._at = (-1, -1)
        self._formula = self._fault = self._string = self._inside = False
        self._text: list[str] = []

    def begin(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            reference = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._at = (int(reference[2]) - 1, position(reference[1])) if reference else (self._row, self._at[1] + 1)
            self._fault, self._string = attributes.get("t") == "e", attributes.get("t") == "str"
            self._formula = False
            self._text.clear()
        elif name == "f":
            self._formula = True
        elif name in ("v", "is"):
            self._inside = True
        elif name == "row":
            self._row = int(attributes["r"]) - 1 if attributes.get("r", "").isdigit() else self._row + 1
            self._at = (self._row, -1)
            if attributes.get("hidden") in ("1", "true"):
                self.found.hidden_rows.add(self._row)
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = (int(attributes.get(side, "0")) for side in ("min", "max"))
            self.found.hidden_columns.update(range(max(first, 1) - 1, min(last, _WIDEST)))

    def text(self, piece: str) -> None:
        if self._inside:
            self._text.append(piece)

    def end(self, name: str) -> None:
        if name in ("v", "is"):
            self._inside = False
        elif name == "c" and (self._fault or (self._formula and not self._text and not self._string)):   # a formula may well give ""
            self.found.faults[self._at] = "".join(self._text) if self._fault else ""


def _excel_sheet(data: bytes) -> SheetDetails:
    sheet = _ExcelSheet()
    _parse(data, sheet.begin, sheet.end, sheet.text)
    return sheet.found


def position(letters: str) -> int:
    """The position of a column: A is 0, AA is 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


# OpenDocument ------------------------------------------------------------------------------------


class _OpenSheets:
    """Collects the details of all sheets of a content.xml; repeated rows and columns count as often as they repeat."""

    def __init__(self) -> None:
        self.found: dict[str, SheetDetails] = {}
        self._sheet = SheetDetails()
        self._depth = 0
        self._row = self._column = self._columns = 0
        self._rows = 1
        self._fault: tuple[int, int] | None = None
        self._text: list[str] = []

    def begin(self, name: str, attributes: Attributes) -> None:
        if name == "table":
            self._depth += 1
            if self._depth == 1:
                self._sheet = self.found.setdefault(attributes.get("table:name", ""), SheetDetails())
                self._row = self._columns = 0
        elif self._depth != 1:
            return      # a table inside a cell's drawing
        elif name == "table-column":
            count = _count(attributes, "columns", _WIDEST)
            if attributes.get("table:visibility") in ("collapse", "filter"):
                self._sheet.hidden_columns.update(range(self._columns, min(self._columns + count, _WIDEST)))
            self._columns += count
        elif name == "table-row":
            self._rows, self._column = _count(attributes, "rows", _LONGEST), 0
            if attributes.get("table:visibility") in ("collapse", "filter"):
                self._sheet.hidden_rows.update(range(self._row, min(self._row + self._rows, _LONGEST)))
        elif name in ("table-cell", "covered-table-cell"):
            self._cell(attributes)

    def _cell(self, attributes: Attributes) -> None:
        at = (self._row, self._column)
        valued = any(key.startswith("office:") and key.endswith(("value", "value-type")) for key in attributes)
        self._fault, self._text = None, []
        if attributes.get("calcext:value-type") == "error" or ("table:formula" in attributes and not valued):
            self._fault = at
        down, right = (int(attributes.get(f"table:number-{way}-spanned", "1") or 1) for way in ("rows", "columns"))
        if down > 1 or right > 1:
            self._sheet.merged.append(Area(top=at[0], left=at[1], bottom=at[0] + down - 1, right=at[1] + right - 1))
        self._column += _count(attributes, "columns", _WIDEST)

    def text(self, piece: str) -> None:
        if self._fault:
            self._text.append(piece)

    def end(self, name: str) -> None:
        if name == "table":
            self._depth -= 1
        elif self._depth != 1:
            return
        elif name == "table-row":
            self._row += self._rows
        elif name in ("table-cell", "covered-table-cell") and self._fault:
            self._sheet.faults[self._fault] = "".join(self._text).strip()
            self._fault = None


def _count(attributes: Attributes, way: str, most: int) -> int:
    text = attributes.get(f"table:number-{way}-repeated", "1")
    return min(int(text), most) if text.isdigit() else 1


def _opendocument(archive: zipfile.ZipFile) -> Mapping[str, SheetDetails]:
    sheets = _OpenSheets()
    _parse(archive.read("content.xml"), sheets.begin, sheets.end, sheets.text)
    return sheets.found
