"""Marks laid over an Excel workbook: cells coloured and commented, every other byte of it as it was.

Only the parts that must change are touched, and in them only the elements that must: a library that reads and writes
workbooks would drop what it does not know (charts, pictures, newer conditional formats). Part names and the order of
elements are those of ECMA-376, part 1, 18.3 and 18.7.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import count

from pipeline.tables.comments import CommentParts, Unfamiliar
from pipeline.tables.details import position, sheet_parts
from pipeline.tables.headings import letter

_ROW = re.compile(r"<row\b([^>]*?)(/>|>(.*?)</row>)", re.DOTALL)
_CELL = re.compile(r"<c\b([^>]*?)(/>|>.*?</c>)", re.DOTALL)
_XF = re.compile(r"<xf\b[^>]*?(?:/>|>.*?</xf>)", re.DOTALL)
_FILLS = re.compile(r"<fills\b[^>]*>(.*?)</fills>", re.DOTALL)
_XFS = re.compile(r"<cellXfs\b[^>]*>(.*?)</cellXfs>", re.DOTALL)
_MERGED = re.compile(r'<mergeCell\b[^>]*\bref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"')
STYLES = "xl/styles.xml"
_TYPES = "[Content_Types].xml"
_MACRO_BOOK = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What one cell gets."""

    colour: str      # "FFC7CE"
    text: str


def overlay(data: bytes, marks: Mapping[str, Mapping[str, Mark]]) -> bytes:
    """The workbook with marks, sheet name → cell → mark. Macros are left out: the copy goes from hand to hand. Raises Unfamiliar."""
    with zipfile.ZipFile(BytesIO(data)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
        sheets, _ = sheet_parts(source)
        entries = source.infolist()
    if STYLES not in parts or _TYPES not in parts:
        raise Unfamiliar
    texts = {name: _text(parts[name]) for name in (STYLES, _TYPES)}
    styles = Styles(texts[STYLES])
    for number, (name, wanted) in enumerate(marks.items(), start=1):
        part = sheets.get(name, "")
        if part not in parts:
            raise Unfamiliar
        xml = _text(parts[part])
        cells = _unmerged(xml, wanted)
        texts[part] = _marked(xml, cells, styles)
        CommentParts(part, number, parts, texts).add({cell: mark.text for cell, mark in cells.items()})
    texts[STYLES] = styles.xml()
    _without_macros(parts, texts)
    changed = {name: text.encode() for name, text in texts.items()}
    return _packed(entries, parts, changed)


def _text(data: bytes) -> str:
    head = data[:200].lower()
    if b"encoding=" in head and b"utf-8" not in head:
        raise Unfamiliar
    return data.decode("utf-8-sig")


def _packed(entries: list[zipfile.ZipInfo], parts: Mapping[str, bytes], changed: Mapping[str, bytes]) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        known = {entry.filename for entry in entries}
        for entry in (*entries, *(zipfile.ZipInfo(name) for name in changed if name not in known)):
            if entry.filename in parts or entry.filename in changed:
                again = zipfile.ZipInfo(entry.filename, entry.date_time)
                again.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(again, changed.get(entry.filename, parts.get(entry.filename, b"")))
    return made.getvalue()


def _without_macros(parts: dict[str, bytes], texts: dict[str, str]) -> None:
    if _MACRO_BOOK not in texts[_TYPES]:
        return
    texts[_TYPES] = re.sub(r'<Override\b[^>]*vbaProject[^>]*/>', "", texts[_TYPES].replace(_MACRO_BOOK, _BOOK))
    relations = "xl/_rels/workbook.xml.rels"
    texts[relations] = re.sub(r'<Relationship\b[^>]*vbaProject[^>]*/>', "", _text(parts[relations]))
    for name in [name for name in parts if "vbaProject" in name]:
        del parts[name]


# Styles ------------------------------------------------------------------------------------------


class Styles:
    """The style part: gives a cell its old look, changed in one way. Raises Unfamiliar."""

    def __init__(self, xml: str) -> None:
        fills, looks = _FILLS.search(xml), _XFS.search(xml)
        if not fills or not looks:
            raise Unfamiliar
        self._xml = xml
        self._fills = len(re.findall(r"<fill[\s/>]", fills[1]))
        self._looks = _XF.findall(looks[1])
        self._old = len(self._looks)
        self._colours: dict[str, int] = {}
        self._made: dict[tuple[int, str], int] = {}

    def look(self, style: int, colour: str) -> int:
        """The number of the style that is this one on another ground."""
        fill = self._colours.setdefault(colour, self._fills + len(self._colours))
        return self._changed(style, f'fillId="{fill}" applyFill="1"')

    def quoted(self, style: int) -> int:
        """The number of the style that is this one, its text kept text even when somebody edits the cell."""
        return self._changed(style, 'quotePrefix="1"')

    def _changed(self, style: int, attributes: str) -> int:
        if (style, attributes) not in self._made:
            old = self._looks[style] if style < self._old else self._looks[0]
            opening, sign, rest = old.partition("/>" if old.endswith("/>") and ">" not in old[:-2] else ">")
            for name in re.findall(r"(\w+)=", attributes):
                opening = re.sub(rf'\s{name}="[^"]*"', "", opening)
            self._made[style, attributes] = len(self._looks)
            self._looks.append(f"{opening} {attributes}{sign}{rest}")
        return self._made[style, attributes]

    def xml(self) -> str:
        """The part with the new grounds and styles at the end of the old ones."""
        fills = "".join(f'<fill><patternFill patternType="solid"><fgColor rgb="FF{colour}"/><bgColor indexed="64"/></patternFill></fill>'
                        for colour in self._colours)
        xml = _counted(self._xml.replace("</fills>", f"{fills}</fills>", 1), "fills", self._fills + len(self._colours))
        looks = "".join(self._looks[self._old:])
        return _counted(xml.replace("</cellXfs>", f"{looks}</cellXfs>", 1), "cellXfs", len(self._looks))


def _counted(xml: str, name: str, number: int) -> str:
    return re.sub(rf'(<{name}\b[^>]*\bcount=")[0-9]+', rf"\g<1>{number}", xml, count=1)


# Cells -------------------------------------------------------------------------------------------


def _unmerged(xml: str, cells: Mapping[str, Mark]) -> Mapping[str, Mark]:
    """Only the first cell of a merged range can carry anything."""
    areas = [(position(left), int(top), position(right), int(bottom)) for left, top, right, bottom in _MERGED.findall(xml)]
    moved: dict[str, Mark] = {}
    for name, mark in cells.items():
        letters, row = _split(name)
        column, home = position(letters), name
        for left, top, right, bottom in areas:
            if left <= column <= right and top <= row <= bottom:
                home = f"{letter(left)}{top}"
        earlier = moved.get(home)
        moved[home] = Mark(colour=earlier.colour, text=f"{earlier.text}\n\n{mark.text}") if earlier else mark
    return moved


def _marked(xml: str, cells: Mapping[str, Mark], styles: Styles) -> str:
    xml = re.sub(r"<sheetData\s*/>", "<sheetData></sheetData>", xml, count=1)
    start, end = xml.find("<sheetData"), xml.find("</sheetData>")
    if min(start, end) < 0:
        raise Unfamiliar
    start = xml.index(">", start) + 1
    wanted: dict[int, dict[str, Mark]] = {}
    for name, mark in cells.items():
        wanted.setdefault(_split(name)[1], {})[name] = mark
    return xml[:start] + "".join(_rows(xml[start:end], wanted, styles)) + xml[end:]


def _rows(xml: str, wanted: dict[int, dict[str, Mark]], styles: Styles) -> Iterator[str]:
    """The rows, and between them those that were not there and now carry a mark."""
    due, last, number = sorted(wanted, reverse=True), 0, 0
    for row in _ROW.finditer(xml):
        said = re.search(r'\br="([0-9]+)"', row[1])
        number = int(said[1]) if said else number + 1
        yield xml[last:row.start()]
        last = row.end()
        while due and due[-1] < number:
            yield _new_row(due.pop(), wanted, styles)
        if due and due[-1] == number:
            yield f"<row{row[1]}>{''.join(_cells(row[3] or '', wanted[due.pop()], styles, number))}</row>"
        else:
            yield row[0]
    yield xml[last:]
    while due:
        yield _new_row(due.pop(), wanted, styles)


def _new_row(number: int, wanted: Mapping[int, Mapping[str, Mark]], styles: Styles) -> str:
    return f'<row r="{number}">{"".join(_cells("", wanted[number], styles, number))}</row>'


def _cells(xml: str, marks: Mapping[str, Mark], styles: Styles, row: int) -> Iterator[str]:
    due = sorted(marks, key=lambda name: position(_split(name)[0]), reverse=True)
    places = count()
    for cell in _CELL.finditer(xml):
        said = re.search(r'\br="([A-Z]+)[0-9]+"', cell[1])
        column = position(said[1]) if said else next(places)
        if said:
            places = count(column + 1)
        while due and position(_split(due[-1])[0]) < column:
            name = due.pop()
            yield f'<c r="{name}" s="{styles.look(0, marks[name].colour)}"/>'
        if due and position(_split(due[-1])[0]) == column:
            style = re.search(r'\bs="([0-9]+)"', cell[1])
            look = styles.look(int(style[1]) if style else 0, marks[due.pop()].colour)
            opening = re.sub(r'\ss="[0-9]+"', "", cell[1]).rstrip()
            yield f'<c{opening} s="{look}"{cell[2]}'
        else:
            yield cell[0]
    while due:
        name = due.pop()
        yield f'<c r="{name}" s="{styles.look(0, marks[name].colour)}"/>'


def _split(name: str) -> tuple[str, int]:
    letters = name.rstrip("0123456789")
    return letters, int(name[len(letters):])
