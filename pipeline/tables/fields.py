"""The rows below a header, read column by column: each field's values, and what was found in its cells.

Columns are looked at as a whole first; only one in which something stands out is gone through, and then every distinct
text of it is cleaned and read once, however many rows hold it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, cast

from pipeline.findings import Finding, Severity
from pipeline.records import Origin, Place
from pipeline.tables.areas import Cells, spread
from pipeline.tables.clean import Remark, clear, mended, shown
from pipeline.tables.columns import TABLES, Kind, Spec
from pipeline.tables.headings import Header, letter
from pipeline.tables.readings import Cell
from pipeline.tables.sheets import Sheet
from pipeline.tables.totals import totals
from pipeline.tables.values import BLANK, doubtful, odd, some_odd, value

_BY_TYPE = frozenset({Kind.POSTCODE, Kind.PHONE, Kind.DATE, Kind.TIME})      # read differently when stored as numbers

Remarks = dict[int, tuple[Remark, ...]]     # position of a row → what is to be said about its cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """One sheet's rows that hold anything, column by column."""

    sheet: Sheet
    header: Header
    rows: Sequence[int]                        # row numbers as the sheet counts
    values: Mapping[str, Sequence[Any]]        # field → value a row; columns the sheet lacks are blank
    extra: Mapping[str, Sequence[str]]         # heading the tool does not know → text a row
    findings: tuple[Finding, ...]

    def origins(self) -> Iterator[Origin]:
        """Where each row came from."""
        file, sheet, columns = self.sheet.file, self.sheet.name, self.header.columns
        return (Origin(file=file, sheet=sheet, row=row, columns=columns) for row in self.rows)

    def extras(self) -> Iterator[Mapping[str, str]]:
        """The unknown columns of each row; a blank cell is there too, so that templates may ask for it."""
        if not self.extra:
            nothing: Mapping[str, str] = {}
            return (nothing for _ in self.rows)
        headings = tuple(self.extra)
        return (dict(zip(headings, texts, strict=True)) for texts in zip(*self.extra.values(), strict=True))


@dataclass(frozen=True, slots=True)
class _Column:
    """One column on its way from cells to values."""

    spec: Spec
    heading: str
    letter: str
    cells: Sequence[object]
    texts: Sequence[str]       # cleaned
    remarks: Remarks
    joined: str                # the texts, each followed by "|"

    @classmethod
    def clean(cls, spec: Spec, heading: str, position: int, cells: Sequence[object]) -> _Column:
        try:
            texts = cast(Sequence[str], cells)
            joined = "|".join(texts)          # fails where a cell is no text: quicker than asking each of them
        except TypeError:
            texts = [cell if isinstance(cell, str) else shown(cell) for cell in cells]
            joined = "|".join(texts)
        if clear(joined, lines=spec.lines):
            return cls(spec, heading, letter(position), cells, texts, {}, f"{joined}|")
        done = {text: mended(text, lines=spec.lines) for text in dict.fromkeys(texts)}
        remarks = {at: done[text][1] for at, text in enumerate(texts) if done[text][1]}
        texts = [done[text][0] for text in texts]
        return cls(spec, heading, letter(position), cells, texts, remarks, "|".join(texts) + "|")

    def values(self, countries: Sequence[str], sheet: Sheet) -> Sequence[Any]:
        """What the texts mean; remarks are added."""
        spec, texts = self.spec, self.texts
        everything = range(len(texts))
        doubts = everything if spec.kind is Kind.POSTCODE and any(countries) else doubtful(spec.kind, texts, self.joined)
        if not doubts:
            return texts
        keys: Sequence[Any] = [texts[at] for at in doubts] if len(doubts) < len(texts) else texts
        if spec.kind in _BY_TYPE:
            keys = [(text, not sheet.typed or isinstance(self.cells[at], int | float), countries[at] if spec.kind is Kind.POSTCODE else "")
                    for at, text in zip(doubts, keys, strict=True)]
            read = {key: value(Cell(key[0], spec, key[1], key[2], sheet.epoch)) for key in dict.fromkeys(keys)}
        else:
            read = {text: value(Cell(text, spec)) for text in dict.fromkeys(keys)}
        if any(reading.remarks for reading in read.values()):
            for at, key in zip(doubts, keys, strict=True):
                self.remark(at, *read[key].remarks)
        meant = {key: reading.value for key, reading in read.items()}
        if len(doubts) == len(texts):
            return list(map(meant.__getitem__, keys))
        values = list(texts)
        for at, key in zip(doubts, keys, strict=True):
            values[at] = meant[key]
        return values

    def remark(self, at: int, *more: Remark) -> None:
        if more:
            self.remarks[at] = self.remarks.get(at, ()) + more

    def fault(self, at: int, shown_error: str) -> None:
        """Says what a formula shows instead of a value."""
        if shown_error:
            self.remark(at, Remark("formula", f"Die Zelle zeigt den Fehlerwert {shown_error}", "Die Formel berichtigen oder den Wert eintragen."))
        else:
            self.remark(at, Remark("formula", "Die Formel in der Zelle hat keinen gespeicherten Wert",
                                   "Die Datei in Excel öffnen und speichern, oder den Wert eintragen."))

    def require(self, rows: Sequence[int]) -> None:
        """Says what is missing in these rows, unless they have been told of a worse fault."""
        if len(rows) == len(self.texts) and all(self.texts) and not some_odd(self.texts):
            return
        for at in rows:
            text = self.texts[at]
            if (not text or odd(text)) and not any(remark.severity is Severity.ERROR for remark in self.remarks.get(at, ())):
                self.remark(at, Remark("required", f"„{self.spec.heading}“ fehlt", f"Eintragen: {self.spec.meaning}."))


def read_fields(sheet: Sheet, header: Header, table: str) -> Fields:
    """Reads all rows below the header. A row with any text is kept; its number stays the sheet's."""
    first = header.row + 1
    below = sheet.rows[first:]
    width = len(sheet.rows[0])
    row_by_row = list(chain.from_iterable(below))       # going through all rows once for each column takes several times as long
    cells: Cells = {at: row_by_row[at::width] for at in (*header.fields.values(), *header.extra.values())}
    loose = spread(sheet, first, cells)
    specs = {spec.field: spec for spec in TABLES[table]}
    known = {name: _Column.clean(specs[name], header.columns[name].heading, at, cells[at]) for name, at in header.fields.items()}
    plain = Spec("", Kind.TEXT, ("",), "", lines=True)
    other = {heading: _Column.clean(plain, heading, at, cells[at]) for heading, at in header.extra.items()}
    by_position = dict(zip(cells, (*known.values(), *other.values()), strict=True))
    for (row, at), error in sheet.faults.items():
        if row >= first and at in by_position:
            by_position[at].fault(row - first, error)
    kept, ends = _kept(tuple(by_position.values()), {name: column.texts for name, column in known.items()}, table)
    countries = known["country"].texts if "country" in known else [""] * len(below)
    values = {name: column.values(countries, sheet) for name, column in known.items()}
    for column in known.values():
        if column.spec.required:
            column.require(kept)
    blank = {name: [BLANK.get(spec.kind, "")] * len(kept) for name, spec in specs.items() if name not in known}
    findings = (*header.findings, *(finding for row, finding in loose.items() if row - first in set(kept)),
                *_totals(sheet, first, ends), *_findings(sheet, first, tuple(by_position.values()), values.get("key", ()), set(kept)))
    return Fields(
        sheet=sheet, header=header, rows=[first + 1 + at for at in kept],
        values=blank | {name: _chosen(column, kept) for name, column in values.items()},
        extra={heading: _chosen(column.texts, kept) for heading, column in other.items()},
        findings=findings,
    )


def _kept(columns: Sequence[_Column], texts: Mapping[str, Sequence[str]], table: str) -> tuple[Sequence[int], Mapping[int, str]]:
    """Positions of the rows that hold anything, and those of totals below them with the word that tells."""
    count = len(columns[0].texts) if columns else 0
    if any(all(column.texts) for column in columns) and count:
        kept: Sequence[int] = range(count)
    else:
        told = {at for column in columns for at in column.remarks if column.cells[at] == "" or not str(column.cells[at]).isspace()}
        kept = [at for at, row in enumerate(zip(*(column.texts for column in columns), strict=True)) if any(row) or at in told]
    ends = totals(kept, texts, table)
    return (kept if not ends else [at for at in kept if at not in ends]), ends


def _totals(sheet: Sheet, first: int, ends: Mapping[int, str]) -> Iterator[Finding]:
    for at, word in ends.items():
        yield Finding(place=Place(file=sheet.file, sheet=sheet.name, row=first + 1 + at), rule="totals", value=word, severity=Severity.NOTE,
                      message="Die Summenzeile am Ende ist nicht mitgelesen", hint="Ist es keine Summenzeile, die Nummer der Zeile eintragen.")


def _chosen(column: Sequence[Any], kept: Sequence[int]) -> Sequence[Any]:
    return column if len(kept) == len(column) else [column[at] for at in kept]


def _findings(sheet: Sheet, first: int, columns: Sequence[_Column], keys: Sequence[str], kept: set[int]) -> Iterator[Finding]:
    for column in columns:
        for at in sorted(column.remarks.keys() & kept):
            row = first + 1 + at
            place = Place(file=sheet.file, sheet=sheet.name, row=row, column=column.heading, cell=f"{column.letter}{row}")
            for remark in column.remarks[at]:
                held_back = keys[at] if keys and remark.severity is Severity.ERROR else ""
                yield Finding(place=place, rule=remark.rule, message=remark.message, hint=remark.hint,
                              value=shown(column.cells[at]), severity=remark.severity, subject=held_back)
