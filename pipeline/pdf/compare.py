"""Two states of a PDF laid over each other, page by page: what the eye would see, whatever the file's structure says."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import pikepdf
from PIL import Image, ImageChops, ImageDraw

from pipeline.pdf.pictures import opened

DPI = 50             # a changed digit of 10 point type turns some ten dots
SHADE = 24           # of 255: what two drawings of the same content never differ by
_UNLIKE = 32 | 256   # of an annotation: not on the screen, or there when it is not on paper (ISO 32000-1, 12.5.3)
_MARGIN = 2          # dots around a field: its border is drawn half outside

Area = tuple[float, float, float, float]       # left, bottom, right, top in points


def differing(before: bytes, after: bytes) -> tuple[int, ...]:
    """The pages, counted from 1, that look different in `after`; what lies in signature fields of `before` is passed over.

    A page that only one of the two has differs. Raises VerificationError for what cannot be drawn.
    """
    spared, printed = fields(before), _printed_alone(after)
    with opened(before) as old, opened(after) as new:
        both = min(len(old), len(new))
        changed = [number for number in range(both)
                   if number in printed or _differ(old.page(number, DPI), new.page(number, DPI), spared.get(number, ()))]
        return tuple(number + 1 for number in (*changed, *range(both, max(len(old), len(new)))))


def fields(pdf: bytes) -> Mapping[int, Sequence[Area]]:
    """Where the signature fields of each page are, pages counted from 0, seen from the lower left corner of the sheet."""
    found: dict[int, list[Area]] = {}
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for number, page in enumerate(document.pages):
            box = [float(value) for value in page.cropbox]
            for annotation in page.obj.get("/Annots", ()):
                parent = annotation.get("/Parent", annotation)
                if annotation.get("/Subtype") == "/Widget" and annotation.get("/FT", parent.get("/FT")) == "/Sig":
                    one, two, three, four = (float(value) for value in annotation["/Rect"])
                    found.setdefault(number, []).append((min(one, three) - box[0], min(two, four) - box[1],
                                                         max(one, three) - box[0], max(two, four) - box[1]))
    return found


def _printed_alone(pdf: bytes) -> frozenset[int]:
    """The pages, counted from 0, with something on them that looks other in print than on the screen."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return frozenset(number for number, page in enumerate(document.pages) for annotation in page.obj.get("/Annots", ())
                         if int(annotation.get("/F", 0)) & _UNLIKE)


def _differ(old: Image.Image, new: Image.Image, spared: Sequence[Area]) -> bool:
    if old.size != new.size:
        return True
    difference = ImageChops.difference(old, new)
    over = ImageDraw.Draw(difference)
    scale = DPI / 72
    for left, bottom, right, top in spared:
        over.rectangle((left * scale - _MARGIN, old.height - top * scale - _MARGIN, right * scale + _MARGIN,
                        old.height - bottom * scale + _MARGIN), fill=0)
    lightest = difference.getextrema()[1]
    assert isinstance(lightest, (int, float))
    return lightest > SHADE
