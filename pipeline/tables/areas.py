"""Merged cells in the rows of a table: what stands in one of them is meant for all rows it covers, and that is said."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.findings import Finding, Severity
from pipeline.records import Place
from pipeline.tables.clean import shown
from pipeline.tables.headings import letter
from pipeline.tables.sheets import Sheet

Cells = dict[int, list[object]]      # position of a column → its cells below the header


def spread(sheet: Sheet, first: int, cells: Cells) -> Mapping[int, Finding]:
    """Fills the rows that a merged cell covers with its value; position of a row → what is said of it.

    Only downwards: a cell merged across columns belongs to the first of them. `first` is the position of the first row below the header.
    """
    said: dict[int, Finding] = {}
    for area in sheet.merged:
        if area.top < first or area.left not in cells or area.top - first >= len(cells[area.left]):
            continue
        value = cells[area.left][area.top - first]
        name = f"{letter(area.left)}{area.top + 1}"
        if value == "" or not (area.bottom > area.top or any(at in cells for at in range(area.left + 1, area.right + 1))):
            continue
        last = min(area.bottom - first, len(cells[area.left]) - 1)
        cells[area.left][area.top - first:last + 1] = [value] * (last + 1 - (area.top - first))
        below = area.bottom > area.top
        said[area.top] = Finding(
            place=Place(file=sheet.file, sheet=sheet.name, row=area.top + 1, cell=name), rule="merged", value=shown(value), severity=Severity.NOTE,
            message=f"Verbundene Zellen: der Wert gilt für die Zeilen {area.top + 1} bis {area.bottom + 1}" if below
            else f"Verbundene Zellen: der Wert gilt nur für Spalte {letter(area.left)}",
            hint="Besser die Verbindung aufheben und jede Zelle ausfüllen.")
    return said
