"""The folder `inputs/` → the alliance, and everything that was found on the way."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pipeline.alliance import Alliance
from pipeline.findings import Checked, Finding, Severity, ordered
from pipeline.records import Place
from pipeline.settings import Settings
from pipeline.tables.clean import shown
from pipeline.tables.columns import FILES, OPTIONAL, TABLES, TITLES
from pipeline.tables.fields import read_fields
from pipeline.tables.headings import Header, complete, folded, locate, names, unread
from pipeline.tables.near import nearest
from pipeline.tables.notices import notices
from pipeline.tables.read import read
from pipeline.tables.rows import Records, records
from pipeline.tables.rules import RULES
from pipeline.tables.sheets import Sheet, Unreadable
from pipeline.tables.silence import forget
from pipeline.workspace import SETTINGS, Workspace

ENDINGS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".csv", ".tsv", ".txt"})
_TABLE_OF = {folded(name): table for table, stems in FILES.items() for name in stems}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The tables of a workspace as read, for those who want to show their rows."""

    checked: Checked[Alliance]
    sheets: Mapping[tuple[str, str | None], Sheet]      # file and sheet name → the sheets that were read as tables

    def row(self, place: Place) -> tuple[str, ...]:
        """The cells of a row that hold anything, as the sheet shows them; none when the place is no row of a table."""
        sheet = self.sheets.get((place.file, place.sheet))
        if sheet is None or not place.row or place.row > len(sheet.rows):
            return ()
        return tuple(" ".join(text.split()) for value in sheet.rows[place.row - 1] if (text := shown(value)).strip())


def load(workspace: Workspace) -> Checked[Alliance]:
    """Reads all tables of a workspace; the findings of all of them and of all rules, sorted by place.

    A file that cannot be read is a finding; all others are still read.
    """
    return loaded(workspace).checked


def loaded(workspace: Workspace) -> Loaded:
    """The same, with the sheets kept."""
    with _no_collection():
        return _load(workspace)


def _load(workspace: Workspace) -> Loaded:
    chosen, findings = _files(workspace)
    findings += _aliases(workspace.settings)
    found: dict[str, list[Any]] = {table: [] for table in TABLES}
    sheets: dict[tuple[str, str | None], Sheet] = {}
    for table, path in chosen.items():
        result = _read_table(table, path, workspace.settings)
        findings += result.findings
        found[table] += result.records
        sheets |= {(sheet.file, sheet.name): sheet for sheet in result.sheets}
        # contacts in partner rows come before those of the persons table: the first contact is the row's own
        found["persons"][:0] = result.contacts
    records: dict[str, Any] = {table: tuple(rows) for table, rows in found.items()}
    alliance = Alliance(settings=workspace.settings, **records)
    for rule in RULES:
        findings += rule(alliance)
    return Loaded(checked=Checked(forget(alliance), tuple(ordered(findings))), sheets=sheets)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Reading makes millions of objects that stay; looking through them for cycles again and again would take half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.freeze()      # nor later, nor when the command ends
            gc.enable()


def table_of(path: Path) -> str:
    """The table a file holds, by its name; "" for every other file."""
    return _TABLE_OF.get(folded(path.stem), "") if path.suffix.lower() in ENDINGS else ""


# Files -------------------------------------------------------------------------------------------


def _files(workspace: Workspace) -> tuple[dict[str, Path], list[Finding]]:
    """The file of each table, and what is wrong with the files as such."""
    chosen: dict[str, Path] = {}
    findings: list[Finding] = []
    for path in sorted(workspace.inputs.iterdir()):
        if path.name.startswith((".", "~$")) or path.stem.lower() == "joining" or path.suffix.lower() not in ENDINGS:
            continue
        table = table_of(path)
        if not table:
            findings.append(_stranger(path))
        elif table in chosen:
            findings.append(Finding(
                place=Place(file=path.name), rule="file",
                message=f"Für die Tabelle {TITLES[table]} gibt es schon {chosen[table].name}; gelesen wird nur diese",
                hint="Eine der beiden Dateien umbenennen oder an einen anderen Ort legen."))
        else:
            chosen[table] = path
    for table in TABLES.keys() - chosen.keys() - OPTIONAL:
        findings.append(Finding(
            place=Place(file=f"{FILES[table][0]}.xlsx"), rule="file", message=f"Die Tabelle {TITLES[table]} fehlt",
            hint=f"Die Datei {FILES[table][0]}.xlsx (oder .ods, .csv) nach inputs/ legen."))
    return {table: chosen[table] for table in TABLES if table in chosen}, findings


def _stranger(path: Path) -> Finding:
    near = nearest(path.stem, (name for stems in FILES.values() for name in stems))
    return Finding(place=Place(file=path.name), rule="file", severity=Severity.WARNING if near else Severity.NOTE,
                   message=f"{path.name} gehört zu keiner Tabelle und wird nicht gelesen",
                   hint=f"Meinten Sie „{near}{path.suffix}“? Dann die Datei umbenennen." if near else "")


def _aliases(settings: Settings) -> Iterator[Finding]:
    """The settings' own headings name tables and fields that exist."""
    for table, aliases in settings.tables.aliases.items():
        known = [spec.field for spec in TABLES.get(table, ())]
        if not known:
            near = nearest(table, TABLES)
            yield Finding(place=Place(file=SETTINGS, column=f"tables.aliases.{table}"), rule="alias", value=table,
                          message=f"Eine Tabelle „{table}“ gibt es nicht",
                          hint=f"Meinten Sie „{near}“?" if near else f"Möglich sind: {', '.join(TABLES)}.")
            continue
        for heading, name in aliases.items():
            if name not in known:
                near = nearest(name, known)
                yield Finding(place=Place(file=SETTINGS, column=f"tables.aliases.{table}.{heading}"), rule="alias", value=name,
                              message=f"Die Tabelle {table} hat kein Feld „{name}“",
                              hint=f"Meinten Sie „{near}“?" if near else f"Möglich sind: {', '.join(known)}.")


# Sheets ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Result:
    records: list[Any] = field(default_factory=list)
    contacts: list[Any] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)

    def add(self, more: Records) -> None:
        self.records += more.records
        self.contacts += more.contacts
        self.findings += more.findings


def _read_table(table: str, path: Path, settings: Settings) -> _Result:
    result = _Result()
    try:
        sheets = [sheet for sheet in read(path) if not sheet.blank]
    except Unreadable as error:
        result.findings.append(Finding(place=Place(file=path.name), rule="file", message=f"Die Datei {error.why}", hint=error.hint))
        return result
    if not sheets:
        result.findings.append(Finding(place=Place(file=path.name), rule="file", message="Die Datei enthält keine Zeile",
                                       hint="Überschriften und Zeilen eintragen."))
    known = names(table, settings.tables.aliases.get(table, {}))
    located = [(sheet, locate(sheet, table, known)) for sheet in sheets]
    whole = [(sheet, header) for sheet, header in located if header and complete(header, table)]
    # a workbook may hold notes beside its table; when no sheet is the table's, the best one says what it lacks
    tables = whole or sorted(((sheet, header) for sheet, header in located if header), key=lambda pair: -len(pair[1].fields))[:1]
    if not tables and sheets:
        result.findings.append(unread(sheets[0], table))
    for sheet, header in tables:
        _read_sheet(result, table, sheet, header, settings)
    if not result.records:      # rows there are, and none of them became a record: the table is lost, as if its file were
        result.findings = [replace(found, whole=found.severity is Severity.ERROR) for found in result.findings]
    if tables:
        result.findings += _unused(sheet for sheet in sheets if sheet not in [used for used, _ in tables])
    return result


def _read_sheet(result: _Result, table: str, sheet: Sheet, header: Header, settings: Settings) -> None:
    result.sheets.append(sheet)
    result.findings += notices(sheet, header)
    fields = read_fields(sheet, header, table)
    result.findings += fields.findings
    if not any(finding.rule == "column" for finding in header.findings):
        # without a required column no row is what it should be; that column is the one thing to say
        result.add(records(table, fields, settings))


def _unused(sheets: Iterable[Sheet]) -> Iterator[Finding]:
    for sheet in sheets:
        yield Finding(place=Place(file=sheet.file, sheet=sheet.name), rule="sheet", severity=Severity.NOTE,
                      message=f"Das Blatt „{sheet.name}“ hat keine passende Kopfzeile und wird nicht gelesen")
