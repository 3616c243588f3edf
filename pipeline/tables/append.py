"""Rows added to a table file, everything else in it as it was."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from xml.sax.saxutils import escape

from pipeline.errors import TableError
from pipeline.tables.comments import Unfamiliar
from pipeline.tables.details import sheet_parts
from pipeline.tables.headings import Header, letter
from pipeline.tables.overlay import STYLES, Styles
from pipeline.tables.sheets import Sheet
from pipeline.tables.texts import CHARSETS, decoded, separator_of

_ROWS = re.compile(r"<row\b[^>]*?(?:/>|>.*?</row>)", re.DOTALL)
_GUARDED = ("=", "+", "-", "@", "\t", "\r")      # what a spreadsheet may take for a formula (OWASP, CSV injection)
_NUMBER = re.compile(r"[+-]?[0-9 ()/.,-]+")        # a phone number or an amount is harmless, and must stay what it is


class NotAppended(TableError):
    """A table to which no row can be added."""

    def __init__(self, file: str) -> None:
        super().__init__(f"{file} lässt sich nicht ergänzen",
                         hint="Die Tabelle in Excel öffnen und als .xlsx speichern, oder die Zeilen von Hand übertragen.")


def appended(path: Path, sheet: Sheet, header: Header, rows: Sequence[Mapping[str, str]]) -> bytes:
    """The file with rows below its last one, each field → text; fields the table has no column for are left out. Raises NotAppended."""
    data = path.read_bytes()
    cells = [{header.fields[field]: text for field, text in row.items() if field in header.fields and text} for row in rows]
    if data.startswith(b"PK") and sheet.name is not None and path.suffix.lower() in (".xlsx", ".xlsm"):
        return _workbook(path.name, data, sheet, cells)
    if sheet.name is None:
        return _text_file(path.name, data, sheet, cells)
    raise NotAppended(path.name)


def _text_file(file: str, data: bytes, sheet: Sheet, rows: Sequence[Mapping[int, str]]) -> bytes:
    text, _ = decoded(file, data)
    said = re.match(r"sep=([^\r\n])", text, re.IGNORECASE)
    made = StringIO(newline="")
    end = "\r\n" if "\r\n" in text else "\n"
    writer = csv.writer(made, delimiter=said[1] if said else separator_of(text), lineterminator=end)
    for row in rows:
        writer.writerow([_guarded(row.get(at, "")) for at in range(len(sheet.rows[0]))])
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    charset = next((name for name, shown in CHARSETS.items() if shown == sheet.charset), "utf-16" if marked else "utf-8")
    glue = "" if text.endswith("\n") else end
    try:
        if charset == "utf-16":
            return (text + glue + made.getvalue()).encode("utf-16")
        return data + (glue + made.getvalue()).encode(charset)
    except UnicodeEncodeError as error:
        raise NotAppended(file) from error


def _guarded(text: str) -> str:
    """Text that a spreadsheet would take for a formula, with the sign before it that keeps it text."""
    return f"'{text}" if text.startswith(_GUARDED) and not _NUMBER.fullmatch(text) else text


def _workbook(file: str, data: bytes, sheet: Sheet, rows: Sequence[Mapping[int, str]]) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as source:
        part = sheet_parts(source)[0].get(sheet.name or "", "")
        if part not in source.namelist():
            raise NotAppended(file)
        try:
            styles = Styles(source.read(STYLES).decode("utf-8-sig"))
        except (Unfamiliar, KeyError) as error:
            raise NotAppended(file) from error
        changed = {part: _with_rows(file, source.read(part).decode("utf-8-sig"), rows, styles)}
        changed[STYLES] = styles.xml()
        made = BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in source.infolist():
                again = zipfile.ZipInfo(entry.filename, entry.date_time)
                again.compress_type = zipfile.ZIP_DEFLATED
                text = changed.get(entry.filename)
                target.writestr(again, source.read(entry.filename) if text is None else text.encode())
    return made.getvalue()


def _with_rows(file: str, xml: str, rows: Sequence[Mapping[int, str]], styles: Styles) -> str:
    """The sheet with rows below the last that holds anything; they look like that one, and the filter covers them."""
    found = [row for row in _ROWS.finditer(xml) if "<v" in row[0] or "<is" in row[0]]
    last = found[-1] if found else None
    number = re.search(r'\br="([0-9]+)"', last[0]) if last else None
    if last is None or number is None:
        raise NotAppended(file)
    looks = {letters: int(style) for letters, style in re.findall(r'<c r="([A-Z]+)[0-9]+"[^>]*?\bs="([0-9]+)"', last[0])}
    first = int(number[1]) + 1
    made = "".join(_row(first + at, row, looks, styles) for at, row in enumerate(rows))
    after = re.sub(rf'<row\b[^>]*\br="(?:{"|".join(str(first + at) for at in range(len(rows)))})"[^>]*?(?:/>|>.*?</row>)', "",
                   xml[last.end():], flags=re.DOTALL)      # rows without a value stood there, if any
    end = first + len(rows) - 1
    before = re.sub(r'(<dimension ref="[A-Z]+[0-9]+:[A-Z]+)[0-9]+"', rf'\g<1>{end}"', xml[:last.end()])
    return before + made + re.sub(r'(<autoFilter ref="[A-Z]+[0-9]+:[A-Z]+)[0-9]+"', rf'\g<1>{end}"', after)


def _row(number: int, cells: Mapping[int, str], looks: Mapping[str, int], styles: Styles) -> str:
    made = []
    for at, text in sorted(cells.items()):
        look = looks.get(letter(at), 0)
        if text.startswith(_GUARDED):
            look = styles.quoted(look)
        made.append(f'<c r="{letter(at)}{number}" s="{look}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>')
    return f'<row r="{number}">{"".join(made)}</row>'
