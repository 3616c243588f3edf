"""The mark on each page of a paper that comes back signed: its key and revision, for eyes and for scanners."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import pydyf

from pipeline.qr import modules
from pipeline.records import Provenance

_MM = 72 / 25.4                     # points
SIZE = 12.0                         # millimetres of the code: 150 dpi leave more than two dots a module
LEFT, BOTTOM = 7.0, 9.0             # millimetres to the sheet's edges: beyond what printers reach, below the punched holes
_TEXT = re.compile(r"gremium:(?P<key>[^#\s]+)#(?P<revision>\d+)")
_CSS = f"""
._mark {{ position: running(_mark) }}
._mark > div {{ margin-left: {LEFT + SIZE - 3}mm; height: 0; white-space: nowrap; font-family: "Liberation Sans", "DejaVu Sans"; font-size: 6.5pt;
                line-height: 1; color: #404040; transform-origin: 0 0; transform: rotate(-90deg) }}
@page {{ @bottom-left-corner {{ content: element(_mark); vertical-align: top; text-align: left }} }}
"""


def text(origin: Provenance) -> str:
    """What the code says: "gremium:memorandum/P-017#3"."""
    return f"gremium:{origin.key}#{origin.revision}"


def read(said: str) -> tuple[str, int] | None:
    """Key and revision of a code that was read from paper; None for a code of somebody else's."""
    found = _TEXT.fullmatch(said.strip())
    return (found["key"], int(found["revision"])) if found else None


def put(html: Element, origin: Provenance) -> str:
    """Writes key and revision into the left margin of each page; returns the CSS for it."""
    holder = Element("div", {"class": "_running _mark"})
    SubElement(holder, "div").text = f"{origin.key} · Fassung {origin.revision}"
    html[1].insert(0, holder)
    return _CSS


def draw(pdf: Any, origin: Provenance) -> None:
    """Draws the code into the lower left corner of each page: one drawing, which all pages show as an artifact."""
    rows = modules(text(origin))
    step = SIZE * _MM / len(rows)
    code = pydyf.Stream([b"0 0 0 rg"], pydyf.Dictionary({
        "Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array([0, 0, len(rows), len(rows)]), "Resources": pydyf.Dictionary()}), compress=True)
    for number, row in enumerate(reversed(rows)):
        place = 0
        for dark, run in groupby(row):
            width = len(list(run))
            if dark:
                code.rectangle(place, number, width, 1)
            place += width
    code.fill()
    pdf.add_object(code)
    for reference in pdf.page_references:
        page = _resolved(pdf, reference)
        _resolved(pdf, page["Resources"]).setdefault("XObject", pydyf.Dictionary())["Mark"] = code.reference
        content = _resolved(pdf, page["Contents"])
        content.stream.insert(0, b"q")
        content.stream.extend([b"Q /Artifact <</Type /Pagination>> BDC q",
                               f"{step:.4f} 0 0 {step:.4f} {LEFT * _MM:.3f} {BOTTOM * _MM:.3f} cm /Mark Do Q EMC".encode()])


def _resolved(pdf: Any, reference: Any) -> Any:
    return pdf.objects[int(reference.split()[0])]
