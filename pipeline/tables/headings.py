"""Which row of a sheet is the header, and which of its columns is which field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.findings import Finding, Severity
from pipeline.records import Column, Place
from pipeline.tables.columns import TABLES, TITLES, Spec
from pipeline.tables.near import nearest
from pipeline.tables.read import Sheet

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
    """The header of a sheet; None when no row looks like one."""
    best: tuple[int, int] = (0, -1)
    for row in range(min(DEEPEST, len(sheet.cells))):
        hits = len({known[name] for name in map(folded, _row(sheet, row)) if name in known})
        best = max(best, (hits, -row))
    hits, row = best[0], -best[1]
    # one hit alone is a word that happens to be a heading too, unless the whole row is that word
    if hits < 2 and not (hits == 1 and sum(1 for text in _row(sheet, row) if text) == 1):
        return None
    return _header(sheet, table, known, row)


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
    return [" ".join(str(value).split()) for value in sheet.cells.iloc[row].tolist()]


def _header(sheet: Sheet, table: str, known: Mapping[str, str], row: int) -> Header:
    headings = _row(sheet, row)
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
        elif bool((sheet.cells.iloc[row + 1:, position] != "").any()):
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
            yield Finding(place=Place(file=sheet.file, sheet=sheet.name, row=row + 1, column=spec.heading), rule="column",
                          message=f"Die Spalte „{spec.heading}“ fehlt",
                          hint=f"Ist „{near}“ gemeint? Dann die Überschrift ändern." if near else f"Die Spalte anlegen: {spec.meaning}.")
        elif near:
            yield Finding(place=_place(sheet, row, extra[near], near), rule="heading", value=near, severity=Severity.WARNING,
                          message=f"Die Spalte „{near}“ ist unbekannt und bleibt ungenutzt",
                          hint=f"Meinten Sie „{spec.heading}“? Dann die Überschrift ändern.")
