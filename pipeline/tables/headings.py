"""Which row of a sheet is the header, and which of its columns is which field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.findings import Finding, Severity
from pipeline.records import Column, Place
from pipeline.tables.columns import TABLES, TITLES, Spec
from pipeline.tables.near import nearest
from pipeline.tables.sheets import Sheet

DEEPEST = 30     # rows looked at for the header: title lines and blanks stand above it

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The header of one sheet."""

    row: int                                  # position; the sheet counts one more
    fields: Mapping[str, int]                 # field → position of its column
    extra: Mapping[str, int]                  # heading the tool does not know → position
    columns: Mapping[str, Column]             # field → heading and letter; shared by all rows of the sheet
    findings: tuple[Finding, ...] = field(default=(), compare=False)


def folded(heading: str) -> str:
    """A heading as it is compared: without case, spaces, hyphens, dots and umlaut spelling."""
    text = unicodedata.normalize("NFC", heading).casefold().translate(_UMLAUTS)
    return _SIGNS.sub("", text if text.isascii() else unicodedata.normalize("NFKD", text))


def letter(position: int) -> str:
    """The letter of a column: 0 is A, 26 is AA."""
    name = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        name = chr(65 + rest) + name
    return name


def names(table: str, aliases: Mapping[str, str]) -> Mapping[str, str]:
    """Every heading a table may use, folded → its field; the settings' own aliases come first."""
    found = {folded(heading): name for heading, name in aliases.items()}
    for spec in TABLES[table]:
        for alias in (*spec.aliases, spec.field):
            found.setdefault(folded(alias), spec.field)
    return found


def locate(sheet: Sheet, table: str, known: Mapping[str, str]) -> Header | None:
    """The header of a sheet, in one row or in two; None when no row looks like one."""
    best: tuple[int, int] = (0, -1)
    for row in range(min(DEEPEST, len(sheet.rows))):
        best = max(best, (_hits(_row(sheet, row), known), -row))
    hits, row = best[0], -best[1]
    # one hit alone is a word that happens to be a heading too, unless the whole row is that word
    if hits < 2 and not (hits == 1 and sum(1 for text in _row(sheet, row) if text) == 1):
        return None
    return _header(sheet, table, known, *_two_rows(sheet, known, row))


def _hits(headings: Iterable[str], known: Mapping[str, str]) -> int:
    return len({known[name] for name in map(folded, headings) if name in known})


def _two_rows(sheet: Sheet, known: Mapping[str, str], row: int) -> tuple[int, Sequence[str]]:
    """The last row of the header and its headings: a row above may group columns or hold what is merged over both, a row
    below may go on ("Partner-" over "Nr.") or say the same in another language.
    """
    here = _row(sheet, row)
    if row + 1 < len(sheet.rows):
        below = _row(sheet, row + 1)
        filled = [text for text in below if text]
        joined = _joined(here, below, known)
        says_it_again = 2 * _hits(below, known) >= len(filled) and _hits(below, known) >= 2
        if says_it_again or _hits(joined, known) > _hits(here, known) + 1:
            return row + 1, joined
    if row > 0:
        above = _row(sheet, row - 1)
        joined = _joined(_grouped(sheet, row - 1, above), here, known)
        if _hits(joined, known) > _hits(here, known):
            return row, joined
    return row, here


def _grouped(sheet: Sheet, row: int, texts: Sequence[str]) -> Sequence[str]:
    """A row of headings in which one that is merged over several columns stands over each of them."""
    spread = list(texts)
    for area in sheet.merged:
        if area.top <= row <= area.bottom and area.left < len(spread):
            spread[area.left:area.right + 1] = [spread[area.left]] * (min(area.right, len(spread) - 1) + 1 - area.left)
    return spread


def _joined(above: Sequence[str], below: Sequence[str], known: Mapping[str, str]) -> Sequence[str]:
    """Of two headings over one column, the reading that means something: both together, else the lower, else the upper."""
    found: list[str] = []
    for upper, lower in zip(above, below, strict=True):
        both = f"{upper}{lower}" if upper.endswith("-") else f"{upper} {lower}".strip()
        found.append(next((text for text in (both, lower, upper) if text and folded(text) in known), lower or upper))
    return found


def complete(header: Header, table: str) -> bool:
    """Half of the required columns are there: this is the table's sheet, and not a note beside it."""
    required = [spec.field for spec in TABLES[table] if spec.required]
    return 2 * sum(name in header.fields for name in required) >= len(required)


def unread(sheet: Sheet, table: str) -> Finding:
    """What is said of the only sheet when no header is found in it."""
    wanted = ", ".join(f"„{spec.heading}“" for spec in TABLES[table] if spec.required)
    return Finding(place=Place(file=sheet.file, sheet=sheet.name), rule="header",
                   message=f"In den ersten {DEEPEST} Zeilen steht keine Kopfzeile der Tabelle {TITLES[table]}",
                   hint=f"Eine Zeile mit Überschriften einfügen, mindestens {wanted}.")


def _row(sheet: Sheet, row: int) -> list[str]:
    return [" ".join(str(value).split()) for value in sheet.rows[row]]


def _header(sheet: Sheet, table: str, known: Mapping[str, str], row: int, headings: Sequence[str]) -> Header:
    fields: dict[str, int] = {}
    extra: dict[str, int] = {}
    findings: list[Finding] = []
    for position, heading in enumerate(headings):
        name = known.get(folded(heading)) if heading else None
        if name and name not in fields:
            fields[name] = position
        elif name or heading in extra:
            findings.append(_twice(_place(sheet, row, position, heading), heading))
        elif heading:
            extra[heading] = position
        elif any(cells[position] != "" for cells in sheet.rows[row + 1:]):
            extra[f"Spalte {letter(position)}"] = position
            findings.append(_nameless(_place(sheet, row, position, ""), letter(position)))
    columns = {name: Column(heading=headings[at], letter=letter(at)) for name, at in fields.items()}
    absent = [spec for spec in TABLES[table] if spec.field not in fields]
    findings += _missing(sheet, row, absent, extra)
    return Header(row=row, fields=fields, extra=extra, columns=columns, findings=tuple(findings))


def _place(sheet: Sheet, row: int, position: int, heading: str) -> Place:
    return Place(file=sheet.file, sheet=sheet.name, row=row + 1, column=heading or None, cell=f"{letter(position)}{row + 1}")


def _twice(place: Place, heading: str) -> Finding:
    return Finding(place=place, rule="heading", value=heading,
                   message=f"Die Überschrift „{heading}“ bezeichnet eine Spalte, die es schon gibt",
                   hint="Eine der beiden Spalten löschen oder anders benennen.")


def _nameless(place: Place, name: str) -> Finding:
    return Finding(place=place, rule="heading", message=f"Spalte {name} hat Werte, aber keine Überschrift", severity=Severity.WARNING,
                   hint="Eine Überschrift eintragen oder die Spalte leeren.")


def _missing(sheet: Sheet, row: int, absent: Sequence[Spec], extra: Mapping[str, int]) -> Iterator[Finding]:
    """Required columns that are not there, and columns that may be meant for one."""
    spellings = {heading: folded(heading) for heading in extra}
    for spec in absent:
        near = next((heading for heading, spelling in spellings.items()
                     if nearest(spelling, [folded(alias) for alias in spec.aliases])), "")
        if spec.required:
            yield Finding(place=Place(file=sheet.file, sheet=sheet.name, row=row + 1, column=spec.heading), rule="column", whole=True,
                          message=f"Die Spalte „{spec.heading}“ fehlt",
                          hint=f"Ist „{near}“ gemeint? Dann die Überschrift ändern." if near else f"Die Spalte anlegen: {spec.meaning}.")
        elif near:
            yield Finding(place=_place(sheet, row, extra[near], near), rule="heading", value=near, severity=Severity.WARNING,
                          message=f"Die Spalte „{near}“ ist unbekannt und bleibt ungenutzt",
                          hint=f"Meinten Sie „{spec.heading}“? Dann die Überschrift ändern.")
