"""Signature fields: one for each signatory, made before anybody signs, so that signing changes nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pydyf

from pipeline.errors import DocumentError
from pipeline.pdf.structure import Tree
from pipeline.records import SignatureLine

BOOKMARK = "signature_"
MM = 72 / 25.4                      # points
WIDTH, HEIGHT = 70 * MM, 16 * MM    # of a field: room for a visible signature
ABOVE = 1 * MM                      # between the field and the line it stands on
PIXEL = 0.75                        # points in a CSS pixel


class NoSignatureLine(DocumentError):
    """A signatory has no line in the Word file."""

    def __init__(self, name: str, label: str) -> None:
        super().__init__(f"die Unterschriftszeile „{name}“ ({label}) fehlt in der Word-Datei",
                         hint=f"In der Vorlage die Textmarke „{BOOKMARK}{name}“ auf die Zeile setzen.")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a signature line stands: page from 0, left and lower edge in points from the page's upper left corner."""

    page: int
    left: float
    bottom: float


def spots(document: Any) -> dict[str, Spot]:
    """The signature lines of a rendered document, by name, in reading order."""
    found: dict[str, Spot] = {}
    for number, page in enumerate(document.pages):
        for name, (left, _, _, bottom) in page.anchors.items():
            if name.startswith(BOOKMARK):
                found.setdefault(name.removeprefix(BOOKMARK), Spot(number, left * PIXEL, bottom * PIXEL))
    return found


def add(pdf: Any, document: Any, tree: Tree, waiting: Sequence[Any], lines: Sequence[SignatureLine]) -> None:
    """Puts an empty signature field on each line. Raises NoSignatureLine where a signatory has none."""
    places = spots(document)
    tags = dict(zip(places, waiting, strict=False))
    fields = pydyf.Array()
    for line in lines:
        spot = places.get(line.name)
        if spot is None or line.name not in tags:
            raise NoSignatureLine(line.name, line.label)
        field = _field(pdf, document, spot, line)
        tree.field(tags.pop(line.name), field, pdf.page_references[spot.page])
        fields.append(field.reference)
    for tag in tags.values():          # a line nobody signs is a place, nothing more
        tag["S"] = "/Span"
    if fields:
        pdf.catalog["AcroForm"] = pydyf.Dictionary({"Fields": fields})


def _field(pdf: Any, document: Any, spot: Spot, line: SignatureLine) -> Any:
    height = document.pages[spot.page].height * PIXEL
    bottom = height - spot.bottom + ABOVE
    look = pydyf.Stream([], pydyf.Dictionary({
        "Type": "/XObject", "Subtype": "/Form", "BBox": pydyf.Array([0, 0, round(WIDTH, 3), round(HEIGHT, 3)]),
        "Resources": pydyf.Dictionary()}))
    pdf.add_object(look)
    reference = pdf.page_references[spot.page]
    field = pydyf.Dictionary({
        "Type": "/Annot", "Subtype": "/Widget", "FT": "/Sig", "T": pydyf.String(line.name), "TU": pydyf.String(line.label),
        "Rect": pydyf.Array([round(value, 3) for value in (spot.left, bottom, spot.left + WIDTH, bottom + HEIGHT)]),
        "F": 4, "P": reference, "AP": pydyf.Dictionary({"N": look.reference})})
    pdf.add_object(field)
    page = pdf.objects[int(reference.split()[0])]
    page.setdefault("Annots", pydyf.Array()).append(field.reference)
    return field
