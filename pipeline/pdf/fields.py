"""Signature fields: one for each signatory, made before anybody signs, so that signing changes nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pydyf
from weasyprint.formatting_structure.boxes import BlockBox

from pipeline.errors import DocumentError
from pipeline.pdf.structure import Tree
from pipeline.records import SignatureLine

BOOKMARK = "signature_"
MM = 72 / 25.4                      # points
WIDTH, HEIGHT = 70 * MM, 16 * MM    # of a field at most: room for a visible signature
LEAST = 8 * MM                      # a paragraph that leaves less above its line has its room before it
ABOVE = 1 * MM                      # between the field and the line it stands on
PIXEL = 0.75                        # points in a CSS pixel


class NoSignatureLine(DocumentError):
    """A signatory has no line in the Word file."""

    def __init__(self, name: str, label: str) -> None:
        super().__init__(f"die Unterschriftszeile „{name}“ ({label}) fehlt in der Word-Datei",
                         hint=f"In der Vorlage die Textmarke „{BOOKMARK}{name}“ auf die Zeile setzen.")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where somebody signs: page from 0, and the room on the line in points from the page's upper left corner."""

    page: int
    left: float
    bottom: float
    width: float
    height: float


def spots(document: Any, pixel: float = PIXEL) -> dict[str, Spot]:
    """The signature lines of a rendered document, by name, in reading order; `pixel` is the size of one in points."""
    found: dict[str, Spot] = {}
    for number, page in enumerate(document.pages):
        places = {name: box for name, box in page.anchors.items() if name.startswith(BOOKMARK)}
        around = _paragraphs(page._page_box, None) if places else {}
        for name, (left, _, _, bottom) in places.items():
            paragraph = around[name]
            height = (bottom - paragraph.position_y) * pixel - ABOVE
            width = (paragraph.content_box_x() + paragraph.width - left) * pixel
            spot = Spot(number, left * pixel, bottom * pixel, min(width, WIDTH), min(height, HEIGHT) if height >= LEAST else HEIGHT)
            found.setdefault(name.removeprefix(BOOKMARK), spot)
    return found


def _paragraphs(box: Any, block: Any) -> dict[str, Any]:
    """The paragraph around each signature line: it ends with its column, and its space before is room to sign in."""
    if isinstance(box, BlockBox):
        block = box
    found = {box.style["anchor"]: block} if str(box.style["anchor"] or "").startswith(BOOKMARK) else {}
    for child in box.all_children():
        found |= _paragraphs(child, block)
    return found


def add(pdf: Any, document: Any, tree: Tree, waiting: Sequence[Any], lines: Sequence[SignatureLine],  # noqa: PLR0913, PLR0917  # what a page has
        scale: float) -> None:
    """Puts an empty signature field on each line. Raises NoSignatureLine where a signatory has none."""
    places = spots(document, PIXEL * scale)
    tags = dict(zip(places, waiting, strict=False))
    fields = pydyf.Array()
    for line in lines:
        spot = places.get(line.name)
        if spot is None or line.name not in tags:
            raise NoSignatureLine(line.name, line.label)
        field = _field(pdf, document.pages[spot.page].height * PIXEL * scale, spot, line)
        tree.field(tags.pop(line.name), field, pdf.page_references[spot.page])
        fields.append(field.reference)
    for tag in tags.values():          # a line nobody signs is a place, nothing more
        tag["S"] = "/Span"
    if fields:
        pdf.catalog["AcroForm"] = pydyf.Dictionary({"Fields": fields})


def _field(pdf: Any, height: float, spot: Spot, line: SignatureLine) -> Any:
    bottom = height - spot.bottom + ABOVE
    look = pydyf.Stream([], pydyf.Dictionary({
        "Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array([0, 0, round(spot.width, 3), round(spot.height, 3)]),
        "Resources": pydyf.Dictionary()}))
    pdf.add_object(look)
    reference = pdf.page_references[spot.page]
    field = pydyf.Dictionary({
        "Type": "/Annot", "Subtype": "/Widget", "FT": "/Sig", "T": pydyf.String(line.name), "TU": pydyf.String(line.label),
        "Rect": pydyf.Array([round(value, 3) for value in (spot.left, bottom, spot.left + spot.width, bottom + spot.height)]),
        "F": 4, "P": reference, "AP": pydyf.Dictionary({"N": look.reference})})
    pdf.add_object(field)
    page = pdf.objects[int(reference.split()[0])]
    page.setdefault("Annots", pydyf.Array()).append(field.reference)
    return field
