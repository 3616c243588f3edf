"""Text files → a sheet: charset, separator, and the lines that programs put before the table."""

from __future__ import annotations

import csv
import re
from collections import Counter
from io import StringIO

from pipeline.tables.sheets import Damaged, NoTable, Sheet, Unreadable, empty

SEPARATORS = ";,\t|"
LONGEST_CELL = 2**20         # characters
CHARSETS = {"cp1252": "Windows-1252", "mac_roman": "Mac Roman", "cp850": "DOS (CP 850)"}
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_GERMAN = "äöüÄÖÜßéèçñ§€–„“"
# The first line of a DATEV export names format, version and category; the headings come after it.
_PROGRAM = re.compile(r'"?(?:EXTF|DTVF)"?[;,]')


def text_file(file: str, data: bytes) -> Sheet:
    """The one sheet of a text file. Raises Unreadable."""
    text, charset = decoded(file, data)
    said = re.match(r"sep=([^\r\n])\r?\n?", text, re.IGNORECASE)
    if said:
        text = text[said.end():]           # Excel takes the line for itself and counts from the next
    separator = said[1] if said else separator_of(text)
    rows = _records(file, text, separator)
    torn = _torn(text, separator)
    if torn and rows and "\n" in "".join(rows[-1][-1:]) and text.count('"') % 2:
        raise _unclosed(file)
    skipped = ""
    if _PROGRAM.match(text):
        skipped = text.partition("\n")[0].strip()
        rows[0] = []                       # its row keeps its number
    width = max((len(row) for row in rows), default=0)
    cells = [[*row, *[""] * (width - len(row))] for row in rows]
    return Sheet(file=file, name=None, rows=cells, typed=False, charset=charset, skipped=skipped, torn=torn, blank=empty(cells))


def decoded(file: str, data: bytes) -> tuple[str, str]:
    """The text, and the name of its charset when that had to be guessed."""
    for mark, charset in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(charset), ""
            except UnicodeDecodeError as error:
                raise Damaged(file) from error
    if b"\0" in data[:4096]:
        return _sixteen_bits(file, data), ""
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        charset = _guessed(data)
        return data.decode(charset, errors="replace"), CHARSETS[charset]


def _sixteen_bits(file: str, data: bytes) -> str:
    """UTF-16 without its mark: Latin text has a zero in every other byte."""
    zeros = [data[start:4096:2].count(0) for start in (0, 1)]
    if not len(data) % 2 and max(zeros) > 4 * min(zeros) and 3 * max(zeros) > len(data[:4096]) // 2:
        try:
            return data.decode("utf-16-be" if zeros[0] > zeros[1] else "utf-16-le")
        except UnicodeDecodeError:
            pass      # no text after all
    raise NoTable(file, "keine Textdatei")


def _guessed(data: bytes) -> str:
    """The charset in which the letters beyond ASCII are those that German uses; a statistical guess where that is even."""
    beyond = bytes(sorted(set(data) - set(range(128))))
    fits = {charset: sum(data.count(bytes([byte])) for byte in beyond if bytes([byte]).decode(charset, "replace") in _GERMAN)
            for charset in CHARSETS}
    best = max(fits.values())
    even = [charset for charset, fit in fits.items() if fit == best]
    from charset_normalizer import from_bytes  # seldom needed, and 2 MB in every process of a build
    guess = from_bytes(data, cp_isolation=even).best() if len(even) > 1 else None
    return guess.encoding if guess and guess.encoding in even else even[0]


def separator_of(text: str) -> str:
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
        raise _unclosed(file) from error
    finally:
        csv.field_size_limit(before)


def _torn(text: str, separator: str) -> int:
    """The row in which a quotation mark stands where none may stand, so that it is lost; 0 when there is none."""
    if '"' not in text:
        return 0
    row = 1
    try:
        for _ in csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True):
            row += 1
    except csv.Error:
        return row
    return 0


def _unclosed(file: str) -> Unreadable:
    return Unreadable(file, "hat ein Anführungszeichen, das nie geschlossen wird, oder eine Zelle ohne Ende",
                      hint="Die Datei in Excel öffnen, prüfen und als .xlsx speichern.")
