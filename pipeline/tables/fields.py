"""The rows below a header, read column by column: each field's values, and what was found in its cells.

Every distinct text of a column is cleaned and read once, however many rows hold it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pipeline.findings import Finding, Severity
from pipeline.records import Origin, Place
from pipeline.tables.clean import Remark, mended, shown, spotless
from pipeline.tables.columns import TABLES, Kind, Spec
from pipeline.tables.headings import Header, letter
from pipeline.tables.read import Sheet
from pipeline.tables.values import BLANK, Cell, Reading, certain, odd, some_odd, value

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

    @classmethod
    def clean(cls, spec: Spec, heading: str, position: int, cells: Sequence[object]) -> _Column:
        plain = set(map(type, cells)) <= {str}
        texts = cast(Sequence[str], cells) if plain else [cell if isinstance(cell, str) else shown(cell) for cell in cells]
        distinct = dict.fromkeys(texts)
        if spotless(distinct, lines=spec.lines):
            return cls(spec, heading, letter(position), cells, texts, {})
        done = {text: mended(text, lines=spec.lines) for text in distinct}
        remarks = {at: done[text][1] for at, text in enumerate(texts) if done[text][1]}
        return cls(spec, heading, letter(position), cells, [done[text][0] for text in texts], remarks)

    def values(self, countries: Sequence[str], *, typed: bool) -> Sequence[Any]:
        """What the texts mean; remarks are added."""
        spec, texts = self.spec, self.texts
        distinct = dict.fromkeys(texts)
        sure = certain(spec.kind)
        if (spec.kind is Kind.TEXT and not some_odd(distinct)) or (sure and all(map(sure, distinct))):
            return texts
        read: dict[Any, Reading]
        keys: Sequence[Any] = texts
        if spec.kind in _BY_TYPE:
            beside = countries if spec.kind is Kind.POSTCODE else [""] * len(texts)
            keys = [(text, not typed or isinstance(cell, int | float), country)
                    for text, cell, country in zip(texts, self.cells, beside, strict=True)]
            read = {key: value(Cell(key[0], spec, key[1], key[2])) for key in dict.fromkeys(keys)}
        else:
            read = {text: value(Cell(text, spec)) for text in distinct}
        if any(reading.remarks for reading in read.values()):
            for at, key in enumerate(keys):
                self.remark(at, *read[key].remarks)
        return [read[key].value for key in keys]

    def remark(self, at: int, *more: Remark) -> None:
        if more:
            self.remarks[at] = self.remarks.get(at, ()) + more

    def require(self, rows: Sequence[int]) -> None:
        """Says what is missing in these rows, unless they have been told of a worse fault."""
        for at in rows:
            text = self.texts[at]
            if (not text or odd(text)) and not any(remark.severity is Severity.ERROR for remark in self.remarks.get(at, ())):
                self.remark(at, Remark("required", f"„{self.spec.heading}“ fehlt", f"Eintragen: {self.spec.meaning}."))


def read_fields(sheet: Sheet, header: Header, table: str) -> Fields:
    """Reads all rows below the header. A row with any text is kept; its number stays the sheet's."""
    below = sheet.cells.iloc[header.row + 1:]
    specs = {spec.field: spec for spec in TABLES[table]}
    known = {name: _Column.clean(specs[name], header.columns[name].heading, at, below[at].tolist()) for name, at in header.fields.items()}
    plain = Spec("", Kind.TEXT, ("",), "", lines=True)
    other = {heading: _Column.clean(plain, heading, at, below[at].tolist()) for heading, at in header.extra.items()}
    columns = (*known.values(), *other.values())
    texts = [column.texts for column in columns]
    refused = {at for column in columns for at in column.remarks if column.cells[at] and not str(column.cells[at]).isspace()}
    kept = [at for at, row in enumerate(zip(*texts, strict=True)) if any(row) or at in refused]
    countries = known["country"].texts if "country" in known else [""] * len(below)
    values = {name: column.values(countries, typed=sheet.typed) for name, column in known.items()}
    for column in known.values():
        if column.spec.required:
            column.require(kept)
    blank = {name: [BLANK.get(spec.kind, "")] * len(kept) for name, spec in specs.items() if name not in known}
    return Fields(
        sheet=sheet, header=header, rows=[header.row + 2 + at for at in kept],
        values=blank | {name: _kept(column, kept) for name, column in values.items()},
        extra={heading: _kept(column.texts, kept) for heading, column in other.items()},
        findings=header.findings + tuple(_findings(sheet, header, columns, values.get("key", ()), set(kept))),
    )


def _kept(column: Sequence[Any], kept: Sequence[int]) -> Sequence[Any]:
    return column if len(kept) == len(column) else [column[at] for at in kept]


def _findings(sheet: Sheet, header: Header, columns: Sequence[_Column], keys: Sequence[str], kept: set[int]) -> Iterator[Finding]:
    for column in columns:
        for at in sorted(column.remarks.keys() & kept):
            row = header.row + 2 + at
            place = Place(file=sheet.file, sheet=sheet.name, row=row, column=column.heading, cell=f"{column.letter}{row}")
            for remark in column.remarks[at]:
                held_back = keys[at] if keys and remark.severity is Severity.ERROR else ""
                yield Finding(place=place, rule=remark.rule, message=remark.message, hint=remark.hint,
                              value=shown(column.cells[at]), severity=remark.severity, subject=held_back)
