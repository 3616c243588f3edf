"""Scanned pages: which paper they belong to, which page of it they show, and what is different on them.

The mark on each page names paper and revision (`pipeline.pdf.mark`); which page it is, its print tells. What a scan says is
never more than what can be seen: a person confirms it.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pikepdf
import zxingcpp
from PIL import Image

from pipeline.pdf import mark
from pipeline.pdf.alignment import Sheet, laid, likeness, sheet
from pipeline.pdf.landmarks import FAR
from pipeline.pdf.maps import Pair, Point, similar, straight
from pipeline.pdf.overlay import Difference, Field, compare, darkness, ink
from pipeline.pdf.pictures import DPI, Pictures, opened

ALIKE = 0.0             # likeness below which a scan is not the page: others are at -0.1 to -0.4, the same at 0.1 to 0.4
SURE = 0.15             # above it no other page needs to be looked at
EMPTY = 300             # dots that may be dark on an empty page
COARSE = 0.9            # of the dots quite black or quite white: paper and grey scanners leave shades
DARK = 60               # of 255
_POINT = DPI / 72       # dots


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark that was read from paper."""

    key: str
    revision: int
    corners: tuple[Point, ...]      # of the code as printed: upper left, upper right, lower right, lower left; in dots of the scan

    @property
    def edge(self) -> float:
        """Length of the code's edge."""
        return sum(math.dist(one, other) for one, other in pairwise((*self.corners, self.corners[0]))) / len(self.corners)


@dataclass(frozen=True, slots=True)
class Scan:
    """A page of a stack."""

    picture: Image.Image
    marks: tuple[Mark, ...]
    empty: bool                     # nothing is on it: the back of a sheet

    @property
    def coarse(self) -> bool:
        """In black and white, without shades: the rim of every letter may be a dot off."""
        counts = self.picture.histogram()
        return counts[0] + counts[255] > COARSE * sum(counts)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was given out."""

    sheet: Sheet
    corners: tuple[Point, ...]      # of its mark
    fields: tuple[Field, ...]       # where somebody signs


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen on a scanned page of a known paper."""

    number: int                     # of the page, from 1; 0 when it looks like none of them
    differences: tuple[Difference, ...] = ()
    signed: frozenset[str] = frozenset()


def scanned(pictures: Pictures, number: int) -> Scan:
    """One page of a stack with the marks on it; looks closer where none is seen at once. Raises VerificationError."""
    picture = pictures.page(number)
    found = tuple(_marks(picture))
    empty = not found and sum(darkness(picture).histogram()[DARK:]) < EMPTY
    if found or empty:
        return Scan(picture, found, empty)
    closer = pictures.page(number, 2 * DPI)
    if closer.size == picture.size:
        closer = picture.resize((2 * picture.width, 2 * picture.height), Image.Resampling.BICUBIC)
    return Scan(closer, tuple(_marks(closer)), False)


def pages(pdf: bytes) -> tuple[Page, ...]:
    """The pages of a paper as it was built, ready to be known again. Raises VerificationError."""
    fields = _fields(pdf)
    with opened(pdf) as pictures:
        drawn = [pictures.page(number, drawn_on=False) for number in range(len(pictures))]
    return tuple(Page(sheet(ink(picture)), next((found.corners for found in _marks(picture)), ()), tuple(fields.get(number, ())))
                 for number, picture in enumerate(drawn))


def sighted(scan: Scan, found: Mark, known: Sequence[Page]) -> Sighting:
    """Which page of a paper a scan shows, and what is different on it."""
    picture, corners = _reduced(scan.picture, found)
    shown = ink(picture)
    small = shown.reduce(FAR.factor // 2)
    best, number, way = ALIKE, 0, None
    for place, page in enumerate(known, 1):
        if not page.corners:
            continue
        rough = similar(_paired(page.corners, corners))
        seen = page.sheet.far.search(small, FAR.factor // 2, rough)
        if likeness(seen) > best:
            # the corners of the mark hold the sheet where there is little else to hold on to
            held = [*page.sheet.far.pairs([one for one in seen if one.believed], rough), *_paired(page.corners, corners)]
            best, number, way = likeness(seen), place, straight(held)
        if best > SURE:
            break
    if way is None:
        return Sighting(0)
    page = known[number - 1]
    look = compare(page.sheet.ink, laid(shown, page.sheet, way), page.fields)
    return Sighting(number, look.differences, look.signed)


def _paired(here: Sequence[Point], there: Sequence[Point]) -> list[Pair]:
    return list(zip(here, there, strict=True))


def _reduced(picture: Image.Image, found: Mark) -> tuple[Image.Image, tuple[Point, ...]]:
    """The scan in about the dots of the issued page's picture, and where its mark is then."""
    times = max(1, round(found.edge / (mark.SIZE / 25.4 * DPI)))
    if times == 1:
        return picture, found.corners
    return picture.reduce(times), tuple((x / times, y / times) for x, y in found.corners)


def _marks(picture: Image.Image) -> Iterator[Mark]:
    for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode), try_invert=False):
        said = mark.read(code.text)
        if said:
            at = code.position
            yield Mark(*said, tuple((float(corner.x), float(corner.y))
                                    for corner in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)))


def _fields(pdf: bytes) -> dict[int, list[Field]]:
    """The signature fields by page, from 0."""
    found: dict[int, list[Field]] = {}
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for number, page in enumerate(document.pages):
            _, _, _, height = (float(edge) for edge in page.mediabox)
            for note in page.obj.get("/Annots", pikepdf.Array()):
                if note.get("/FT") == "/Sig":
                    left, bottom, right, top = (float(edge) * _POINT for edge in note.Rect)
                    box = round(left), round(height * _POINT - top), round(right), round(height * _POINT - bottom)
                    found.setdefault(number, []).append(Field(str(note.T), box))
    return found
