"""How cells look: what table styles, tables and cells say of lines, grounds and letters, layer upon layer."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from pipeline.pdf.html import formatting
from pipeline.pdf.html.formatting import Declarations, Properties
from pipeline.pdf.html.names import attribute, child, local, points, truth, w
from pipeline.pdf.html.story import Story

Border = tuple[str, float, str, float] | None

_SIDES = {"top": "top", "left": "left", "start": "left", "bottom": "bottom", "right": "right", "end": "right",
          "insideH": "insideH", "insideV": "insideV"}
_VALIGN = {"top": "top", "center": "middle", "bottom": "bottom", "both": "top"}


@dataclass(slots=True)
class Look:
    """What one layer of formatting says about cells."""

    borders: dict[str, Border]
    cell: Declarations
    run: Properties
    paragraph: Properties


def margins(element: etree._Element | None) -> dict[str, float]:
    """Distances inside cells, in points, by side."""
    return {_SIDES[local(item)]: points(item.get(w("w"))) or 0.0 for item in (() if element is None else element) if local(item) in _SIDES}


def flags(element: etree._Element | None) -> dict[str, bool]:
    """Which parts of its style a table shows (`w:tblLook`)."""
    names = {"firstRow": 0x20, "lastRow": 0x40, "firstColumn": 0x80, "lastColumn": 0x100, "noHBand": 0x200, "noVBand": 0x400}
    if element is None:
        return dict.fromkeys(names, False) | {"noHBand": True, "noVBand": True}
    bits = int(element.get(w("val"), "0"), 16)
    return {name: element.get(w(name)) in ("1", "true", "on") if element.get(w(name)) is not None else bool(bits & bit)
            for name, bit in names.items()}


def layers(chain: tuple[etree._Element, ...], story: Story) -> dict[str, Look]:
    """What table styles say, the general first, by the part of the table they speak of."""
    found: dict[str, Look] = {}
    for element in chain:
        _merge(found, "wholeTable", look(child(element, "tblPr"), element, child(element, "tcPr"), story))
        for part in element.findall(w("tblStylePr")):
            _merge(found, part.get(w("type"), ""), look(child(part, "tblPr"), part, child(part, "tcPr"), story))
    return found


def _merge(found: dict[str, Look], name: str, new: Look) -> None:
    old = found.get(name)
    found[name] = new if old is None else Look(old.borders | new.borders, old.cell | new.cell, old.run | new.run,
                                               old.paragraph | new.paragraph)


def look(table: etree._Element | None, holder: etree._Element | None, cell: etree._Element | None, story: Story) -> Look:
    """What one place of the file says: a table's properties, those of its letters and paragraphs, a cell's properties."""
    borders: dict[str, Border] = {}
    for source in (child(table, "tblBorders"), child(cell, "tcBorders")):
        for item in () if source is None else source:
            if local(item) in _SIDES:
                borders[_SIDES[local(item)]] = formatting.border(item)
    css: Declarations = {}
    shade = child(cell, "shd") if child(cell, "shd") is not None else child(table, "shd")
    if shade is not None:
        css["background-color"] = dict(formatting.shading(shade)).get("fill") or "transparent"
    align = attribute(child(cell, "vAlign"))
    if align:
        css["vertical-align"] = _VALIGN.get(align, "top")
    if truth(child(cell, "noWrap")):
        css["white-space"] = "nowrap"
    return Look(borders, css, formatting.run(child(holder, "rPr"), story.document.styles.theme), formatting.paragraph(child(holder, "pPr")))
