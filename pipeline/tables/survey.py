"""The project survey: a workbook to hand out, and the returned ones gathered into the project table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import cast

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.alliance import Alliance
from pipeline.errors import TableError
from pipeline.findings import Finding, Severity
from pipeline.records import Place
from pipeline.tables.append import appended
from pipeline.tables.columns import FILES, PROJECTS, Spec
from pipeline.tables.fields import Fields, read_fields
from pipeline.tables.forms import table
from pipeline.tables.headings import Header, locate, names, unread
from pipeline.tables.load import table_of
from pipeline.tables.near import meant
from pipeline.tables.proposals import free
from pipeline.tables.read import read
from pipeline.tables.sheets import Sheet, Unreadable
from pipeline.workspace import Workspace

ROWS = 25            # projects one form has room for
_HEAD = 6            # row of the headings in the form
_ASKED: Mapping[str, float] = {"title": 36, "topic": 24, "status": 16, "place": 18, "transferable": 12, "carrier": 28, "summary": 48, "seeks": 32}
_SPECS: Mapping[str, Spec] = {spec.field: spec for spec in PROJECTS}
_ALSO = (("Ansprechperson", 26), ("E-Mail", 30))
_LISTS = "Listen"
_GROUND, _FREE, _EVEN = (PatternFill("solid", fgColor=colour) for colour in ("1F3A5F", "5B7796", "F3F6FA"))
_EDGE = Side(style="thin", color="C9D3DE")
_LINE = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)


class NoProjectTable(TableError):
    """The project table is there, but cannot be added to."""

    def __init__(self, file: str) -> None:
        super().__init__(f"{file} hat keine Kopfzeile der Tabelle Projekte", hint="„gremium check“ sagt, was fehlt.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Returned forms, as far as they could be read."""

    path: Path                                   # the project table
    data: bytes                                  # with the new rows; b"" when nothing is new
    added: tuple[tuple[str, str, str], ...]      # key, title and file of each new project
    findings: tuple[Finding, ...]


# The form ----------------------------------------------------------------------------------------


def form(alliance: Alliance) -> bytes:
    """A workbook to hand out: headings locked, cells below open, topics, status and places to choose from."""
    from pipeline.tables.workbook import to_bytes
    book = Workbook()
    sheet = cast(Worksheet, book.active)
    sheet.title = "Projekte"
    facts, office = alliance.settings.alliance, alliance.settings.office
    sheet["A1"] = f"Projektabfrage der {facts.name}"
    sheet["A1"].font = Font(name="Calibri", size=16, bold=True, color="1F3A5F")
    sheet["A2"] = "Bitte tragen Sie je Zeile ein Projekt ein. Felder mit dunkler Überschrift werden gebraucht, die anderen sind freiwillig."
    sheet["A3"] = f"Das ausgefüllte Blatt senden Sie bitte an {office.email}."
    sheet["A4"] = "Was Sie eintragen, sieht die Geschäftsstelle; Titel, Träger, Ort und Beschreibung können veröffentlicht werden."
    lists = _lists(book, alliance)
    for number, (heading, width, spec) in enumerate(_columns(), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        _column(sheet, number, heading, spec)
        if spec and spec.field in lists:
            _choose(sheet, number, spec, lists[spec.field])
    for row in range(_HEAD + 1, _HEAD + 1 + ROWS):
        sheet.row_dimensions[row].height = 45
    sheet.row_dimensions[_HEAD].height = 32
    sheet.freeze_panes = f"B{_HEAD + 1}"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False      # widths and heights may be changed
    sheet.print_title_rows = f"{_HEAD}:{_HEAD}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return to_bytes(book)


def _columns() -> Iterator[tuple[str, float, Spec | None]]:
    for field, width in _ASKED.items():
        yield _SPECS[field].heading, width, _SPECS[field]
    for heading, width in _ALSO:
        yield heading, width, None


def _lists(book: Workbook, alliance: Alliance) -> Mapping[str, str]:
    """A hidden sheet with what there is to choose from; field → its range."""
    sheet = cast(Worksheet, book.create_sheet(_LISTS))
    sheet.sheet_state = "hidden"
    choices = {
        "topic": [topic.name for topic in sorted(alliance.topics, key=lambda topic: topic.order)],
        "status": list(_SPECS["status"].choices),
        "place": [alliance.settings.alliance.city],
        "transferable": ["ja", "nein"],
    }
    ranges: dict[str, str] = {}
    for number, (field, words) in enumerate(choices.items(), start=1):
        for row, word in enumerate(words, start=1):
            sheet.cell(row, number, word)
        if words:
            at = get_column_letter(number)
            ranges[field] = f"{_LISTS}!${at}$1:${at}${len(words)}"
    return ranges


def _column(sheet: Worksheet, number: int, heading: str, spec: Spec | None) -> None:
    head = sheet.cell(_HEAD, number, heading)
    head.font = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
    head.fill = _GROUND if spec and spec.required else _FREE
    head.alignment = Alignment(vertical="center", wrap_text=True)
    for row in range(_HEAD + 1, _HEAD + 1 + ROWS):
        cell = sheet.cell(row, number)
        cell.protection = Protection(locked=False)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        cell.border = _LINE
        cell.number_format = "@"
        if row % 2:
            cell.fill = _EVEN


def _choose(sheet: Worksheet, number: int, spec: Spec, choices: str) -> None:
    own = spec.field == "place"      # any other municipality may be written in
    rule = DataValidation(type="list", formula1=choices, allow_blank=True, showErrorMessage=not own, errorTitle=spec.heading,
                          error="Bitte aus der Liste wählen.")
    at = get_column_letter(number)
    rule.add(f"{at}{_HEAD + 1}:{at}{_HEAD + ROWS}")
    sheet.add_data_validation(rule)


# Returned forms ----------------------------------------------------------------------------------


def gathered(workspace: Workspace, alliance: Alliance, paths: Sequence[Path]) -> Gathered:
    """The project table with the projects of returned forms; rows with errors and projects it has already stay out.

    Raises TableError when the project table itself cannot be read or added to.
    """
    path, target = _project_table(workspace)
    known = {(_plain(project.title), _plain(project.carrier)) for project in alliance.projects}
    findings: list[Finding] = []
    rows: list[dict[str, str]] = []
    added: list[tuple[str, str, str]] = []
    keys = _keys(alliance)
    for source in paths:
        for row, place in _returned(source, alliance, findings):
            if (_plain(row["title"]), _plain(row["carrier"])) in known:
                findings.append(Finding(place=place, rule="doublet", value=row["title"], severity=Severity.WARNING,
                                        message=f"Das Projekt „{row['title']}“ dieses Trägers gibt es schon; die Zeile ist nicht übernommen"))
                continue
            known.add((_plain(row["title"]), _plain(row["carrier"])))
            key = next(keys)
            rows.append(row | {"key": key})
            added.append((key, row["title"], source.name))
    data = b"" if not rows else appended(path, *target, rows) if target else table("projects", rows)
    return Gathered(path=path, data=data, added=tuple(added), findings=tuple(findings))


def _project_table(workspace: Workspace) -> tuple[Path, tuple[Sheet, Header] | None]:
    path = next((path for path in sorted(workspace.inputs.iterdir()) if table_of(path) == "projects" and not path.name.startswith((".", "~$"))), None)
    if path is None:
        return workspace.inputs / f"{FILES['projects'][0]}.xlsx", None
    free(path)
    known = names("projects", workspace.settings.tables.aliases.get("projects", {}))
    for sheet in read(path):
        header = None if sheet.blank else locate(sheet, "projects", known)
        if header:
            return path, (sheet, header)
    raise NoProjectTable(path.name)


def _keys(alliance: Alliance) -> Iterator[str]:
    """The next keys of the kind the table uses: J-088 → J-089 …"""
    counted = [(found[1], found[2]) for project in alliance.projects if (found := re.fullmatch(r"(.*?)([0-9]+)", project.key))]
    head, digits = max(counted, key=lambda pair: int(pair[1]), default=("J-", "000"))
    number = int(digits)
    while True:
        number += 1
        yield f"{head}{number:0{len(digits)}}"


def _returned(source: Path, alliance: Alliance, findings: list[Finding]) -> Iterator[tuple[dict[str, str], Place]]:
    """The rows of one form that are right; what is wrong is added to the findings."""
    try:
        sheets = [sheet for sheet in read(source) if not sheet.blank and not sheet.hidden]
    except Unreadable as error:
        findings.append(Finding(place=Place(file=source.name), rule="file", message=f"Die Datei {error.why}", hint=error.hint))
        return
    known = names("projects", {})
    found = [(sheet, header) for sheet in sheets if (header := locate(sheet, "projects", known))]
    if not found:
        findings.append(unread(sheets[0], "projects") if sheets else Finding(place=Place(file=source.name), rule="file",
                                                                             message="Die Datei enthält keine Zeile"))
    for sheet, header in found:
        fields = read_fields(sheet, header, "projects")
        said = [finding for finding in fields.findings if not (finding.rule == "column" and finding.place.column == _SPECS["key"].heading)]
        findings += said
        whole = not any(finding.rule == "column" for finding in said)
        wrong = {finding.place.row for finding in said if finding.severity is Severity.ERROR}
        for at, row in enumerate(fields.rows):
            place = Place(file=sheet.file, sheet=sheet.name, row=row)
            texts = _texts(fields, at)
            topic, finding = _topic(texts.get("topic", ""), alliance, place, header)
            findings += finding
            if whole and row not in wrong and topic:
                yield texts | {"topic": topic}, place


def _texts(fields: Fields, at: int) -> dict[str, str]:
    """One row as text, as an office would write it."""
    texts: dict[str, str] = {}
    for field, column in fields.values.items():
        value = column[at]
        if isinstance(value, bool):
            texts[field] = "ja" if value else ""
        elif isinstance(value, tuple):
            texts[field] = "; ".join(value)
        elif isinstance(value, Decimal):
            texts[field] = str(value).replace(".", ",")
        else:
            texts[field] = str(value or "")
    return texts


def _topic(text: str, alliance: Alliance, place: Place, header: Header) -> tuple[str, Iterable[Finding]]:
    """The key of a topic that was chosen by its name."""
    for topic in alliance.topics:
        if text.casefold() in (topic.name.casefold(), topic.key.casefold()):
            return topic.key, ()
    if not text:
        return "", ()      # told of as missing
    column = header.columns["topic"]
    hint = meant(text, [topic.name for topic in alliance.topics], otherwise="Ein Topthema aus der Liste wählen.")
    return "", (Finding(place=replace(place, column=column.heading, cell=f"{column.letter}{place.row}"), rule="reference", value=text,
                        message=f"Das Topthema „{text}“ gibt es nicht", hint=hint),)


def _plain(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())
