"""`inputs/joining.xlsx`: proposals from joining mails, for a clerk to complete and tick; and the way of the ticked ones into the partner table.

Its second sheet remembers every mail that was ever read, so that one whose row was deleted does not come back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import cast

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.alliance import Alliance
from pipeline.errors import TableError
from pipeline.findings import Finding, Severity
from pipeline.records import Address
from pipeline.settings import Settings
from pipeline.tables.append import appended
from pipeline.tables.columns import PARTNERS, Spec
from pipeline.tables.doublets import likely_doublets
from pipeline.tables.fields import read_fields
from pipeline.tables.headings import Header, complete, locate, names
from pipeline.tables.joining import Proposal
from pipeline.tables.load import table_of
from pipeline.tables.read import read
from pipeline.tables.sheets import Sheet, Unreadable
from pipeline.tables.signature import Sure
from pipeline.tables.workbook import put, to_bytes
from pipeline.workspace import Workspace

FILE = "joining.xlsx"
_SHEET, _MEMORY = "Vorschläge", "Gelesen"
_TICK = "Übernehmen"
_FIELDS = ("name", "department", "sector", "street", "postcode", "city", "country", "gender", "title", "first_name", "last_name", "function",
           "email", "phone", "status", "topics")
_SPECS: Mapping[str, Spec] = {spec.field: spec for spec in PARTNERS}
_ABOUT = ("Wie sicher", "Vielleicht schon da", "Empfangen", "Betreff", "Quelle", "Nachricht")
_WIDTHS = {_TICK: 12, "name": 34, "street": 26, "function": 24, "email": 30, "phone": 20, "Wie sicher": 60, "Vielleicht schon da": 34, "Betreff": 30,
           "Nachricht": 30}
_CERTAIN, _LIKELY = PatternFill("solid", fgColor="E2F0D9"), PatternFill("solid", fgColor="FFEB9C")
_HEADING, _GROUND = Font(name="Calibri", size=11, bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1F3A5F")
_STATUS = "Interessensbekundung"      # what a joining mail declares; the clerk may choose another


class InUse(TableError):
    """A table somebody has open."""

    def __init__(self, file: str) -> None:
        super().__init__(f"{file} ist gerade in Excel oder LibreOffice geöffnet", hint="Die Datei dort schließen und den Befehl wiederholen.")


class NoProposals(TableError):
    """There is nothing to accept, or it cannot be read."""

    def __init__(self, why: str) -> None:
        super().__init__(f"inputs/{FILE} {why}", hint="„gremium intake QUELLE“ legt die Vorschläge an.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """Proposals that were added."""

    data: bytes                      # the workbook; "" bytes when nothing is new
    added: tuple[Proposal, ...]
    known: int                       # mails that were read before


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Ticked rows on their way into the partner table."""

    partners: Path
    partner_data: bytes              # b"" when no row moves
    proposal_data: bytes
    moved: tuple[tuple[str, str], ...]     # key and name of each new partner
    findings: tuple[Finding, ...]          # on ticked rows that stay


def free(path: Path) -> None:
    """Nobody has the table open. Raises InUse."""
    if path.with_name(f"~${path.name}").exists() or path.with_name(f".~lock.{path.name}#").exists():
        raise InUse(path.name)


def proposed(workspace: Workspace, alliance: Alliance, found: Iterable[Proposal]) -> Intake:
    """The proposals with those of new mails added; a mail that was ever read adds nothing. Raises TableError."""
    path = workspace.inputs / FILE
    free(path)
    book = _opened(path) if path.exists() else _empty()
    sheet, memory = cast(Worksheet, book[_SHEET]), cast(Worksheet, book[_MEMORY])
    known = {str(row[0]) for row in memory.iter_rows(min_row=2, max_col=1, values_only=True) if row[0]}
    added: list[Proposal] = []
    seen = 0
    for proposal in found:
        if proposal.message in known:
            seen += 1
            continue
        known.add(proposal.message)
        added.append(proposal)
        _write(sheet, proposal, _already(alliance, proposal))
        row = memory.max_row + 1
        for number, text in enumerate((proposal.message, proposal.source, proposal.received), start=1):
            put(cast(Cell, memory.cell(row, number)), text)
    return Intake(data=to_bytes(book) if added else b"", added=tuple(added), known=seen)


def _opened(path: Path) -> Workbook:
    try:
        book = load_workbook(BytesIO(path.read_bytes()))
    except Exception as error:      # openpyxl lets through whatever its parsers raise
        raise NoProposals("lässt sich nicht lesen") from error
    if not {_SHEET, _MEMORY} <= set(book.sheetnames):
        raise NoProposals(f"hat nicht die Blätter „{_SHEET}“ und „{_MEMORY}“")
    return book


def _empty() -> Workbook:
    book = Workbook()
    sheet = cast(Worksheet, book.active)
    sheet.title = _SHEET
    headings = (_TICK, *(_SPECS[field].heading for field in _FIELDS), *_ABOUT)
    for number, (name, heading) in enumerate(zip((_TICK, *_FIELDS, *_ABOUT), headings, strict=True), start=1):
        _head(sheet, number, heading, _WIDTHS.get(name, 16))
    for name, words in ((_TICK, ("ja", "nein")), *((field, _SPECS[field].choices) for field in _FIELDS if _SPECS[field].choices)):
        at = get_column_letter((_TICK, *_FIELDS).index(name) + 1)
        rule = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=True)
        rule.add(f"{at}2:{at}1048576")
        sheet.add_data_validation(rule)
    sheet.freeze_panes = "C2"
    memory = cast(Worksheet, book.create_sheet(_MEMORY))
    for number, (heading, width) in enumerate((("Nachricht", 50), ("Quelle", 30), ("Empfangen", 18)), start=1):
        _head(memory, number, heading, width)
    return book


def _head(sheet: Worksheet, number: int, heading: str, width: float) -> None:
    cell = sheet.cell(1, number, heading)
    cell.font, cell.fill = _HEADING, _GROUND
    sheet.column_dimensions[get_column_letter(number)].width = width


def _write(sheet: Worksheet, proposal: Proposal, already: str) -> None:
    row = sheet.max_row + 1
    sure = "; ".join(f"{_SPECS[field].heading}: {guess.sure} ({guess.origin})" for field, guess in proposal.fields.items())
    lacking = [_SPECS[field].heading for field in ("name", "street", "postcode", "city", "last_name", "email") if field not in proposal.fields]
    about = (sure + (f"; nicht gefunden: {', '.join(lacking)}" if lacking else ""), already, proposal.received, proposal.subject, proposal.source,
             proposal.message)
    for number, text in enumerate(("", *(proposal.fields[field].text if field in proposal.fields else "" for field in _FIELDS), *about), start=1):
        cell = cast(Cell, sheet.cell(row, number))
        cell.number_format = "@"
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        put(cell, text)
    for number, field in enumerate(_FIELDS, start=2):
        if guess := proposal.fields.get(field):
            sheet.cell(row, number).fill = _CERTAIN if guess.sure is Sure.CERTAIN else _LIKELY
    status = cast(Cell, sheet.cell(row, 2 + _FIELDS.index("status")))
    put(status, _STATUS)
    status.fill = _LIKELY


def _already(alliance: Alliance, proposal: Proposal) -> str:
    """A partner who may be the one that writes, by e-mail address or name."""
    mail = proposal.fields["email"].text.casefold() if "email" in proposal.fields else ""
    known = {one.email.casefold(): one.key for one in alliance.partners} | {one.email.casefold(): one.key for one in alliance.persons}
    if mail and mail in known:
        return f"{known[mail]} (dieselbe E-Mail-Adresse)"
    if "name" not in proposal.fields or not alliance.partners:
        return ""
    named = replace(alliance.partners[0], key="", name=proposal.fields["name"].text, address=Address())
    alike = [finding for finding in likely_doublets((*alliance.partners, named)) if named.name in finding.value]
    return re.sub(r".*„(.+)“ \((\S+), Zeile.*Ähnlichkeit (.+)\).*", r"\2 (\1, Ähnlichkeit \3)", alike[0].message) if alike else ""


# Acceptance --------------------------------------------------------------------------------------


def accepted(workspace: Workspace, alliance: Alliance) -> Acceptance:
    """The partner table with the ticked rows that are right, and the proposals without them. Raises TableError."""
    path, partners = workspace.inputs / FILE, _partner_file(workspace)
    if not path.exists():
        raise NoProposals("gibt es nicht")
    free(path)
    free(partners)
    sheet = next((sheet for sheet in read(path) if sheet.name == _SHEET), None)
    known = names("partners", {})
    header = locate(sheet, "partners", known) if sheet else None
    if sheet is None or header is None or _TICK not in header.extra:
        raise NoProposals(f"hat kein Blatt „{_SHEET}“ mit der Spalte „{_TICK}“")
    ticked, findings = _ticked(sheet, header)
    target, into = _partner_sheet(partners, workspace.settings)
    if not ticked:
        return Acceptance(partners=partners, partner_data=b"", proposal_data=b"", moved=(), findings=findings)
    keys = _keys(alliance, len(ticked))
    rows = [{"key": key, **fields} for key, fields in zip(keys, ticked.values(), strict=True)]
    return Acceptance(
        partners=partners, partner_data=appended(partners, target, into, rows), proposal_data=_without(path, set(ticked)),
        moved=tuple((row["key"], row["name"]) for row in rows), findings=findings,
    )


def _partner_file(workspace: Workspace) -> Path:
    found = sorted(path for path in workspace.inputs.iterdir() if table_of(path) == "partners" and not path.name.startswith((".", "~$")))
    if not found:
        raise NoProposals("kann nicht übernommen werden: die Tabelle der Partner fehlt")
    return found[0]


def _partner_sheet(path: Path, settings: Settings) -> tuple[Sheet, Header]:
    known = names("partners", settings.tables.aliases.get("partners", {}))
    for sheet in read(path):
        header = locate(sheet, "partners", known) if not sheet.blank else None
        if header and complete(header, "partners"):
            return sheet, header
    raise Unreadable(path.name, "hat keine Kopfzeile der Tabelle Partner", hint="„gremium check“ sagt, was fehlt.")


def _ticked(sheet: Sheet, header: Header) -> tuple[dict[int, dict[str, str]], tuple[Finding, ...]]:
    """Row → its fields as text, of the rows that are ticked and right; and what is wrong in ticked rows."""
    fields = read_fields(sheet, header, "partners")
    said = [finding for finding in fields.findings if finding.rule != "column" and finding.place.row]
    texts = {field: [cells[at] for cells in sheet.rows] for field, at in header.fields.items()}
    ticked = {row for row, text in zip(fields.rows, fields.extra[_TICK], strict=True) if text.casefold() in ("ja", "x", "j", "✓")}
    wrong = {finding.place.row for finding in said if finding.severity is Severity.ERROR}
    right: dict[int, dict[str, str]] = {}
    for at, row in enumerate(fields.rows):
        if row in ticked and row not in wrong:
            cells = {field: fields.values[field][at] for field in header.fields}
            right[row] = {field: value if isinstance(value, str) else str(texts[field][row - 1]) for field, value in cells.items()}
    return right, tuple(finding for finding in said if finding.place.row in ticked & wrong and finding.severity is Severity.ERROR)


def _keys(alliance: Alliance, number: int) -> list[str]:
    """The next keys of the kind the table uses: P-104 → P-105."""
    counted = [(found[1], found[2]) for partner in alliance.partners if (found := re.fullmatch(r"(.*?)([0-9]+)", partner.key))]
    head, digits = max(counted, key=lambda pair: int(pair[1]), default=("P-", "000"))
    return [f"{head}{int(digits) + step:0{len(digits)}}" for step in range(1, number + 1)]


def _without(path: Path, rows: set[int]) -> bytes:
    book = _opened(path)
    sheet = cast(Worksheet, book[_SHEET])
    for row in sorted(rows, reverse=True):
        sheet.delete_rows(row)
    return to_bytes(book)
