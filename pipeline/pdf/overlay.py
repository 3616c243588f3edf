"""Two pictures of one page, as printed and as scanned: what was changed, what was added, where somebody signed.

Paper that went through a printer and a scanner is never the same: a dot beside, thicker, fainter. So ink counts as changed only
where for a dot's breadth around there is nothing like it on the other page, and where looking again a little to the side does
not explain it either. Everything is measured on pictures of `DPI` that lie over each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import product

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from pipeline.pdf.pictures import DPI

Box = tuple[int, int, int, int]     # left, top, right, bottom in dots

DOT = 25.4 / DPI                    # millimetres
PALE, FULL = 30, 130                # ink below is paper, ink above is print: grey type is as good as black
GRAIN = 8                           # of 255: what paper may always be darker here and there
SOLID = 230                         # what the darkest ink of each page becomes
LEVEL = 50                          # of 255: how much must differ on 5 × 5 dots
EDGE = 4.0                          # millimetres at the edges where scanners throw shadows
HOLES = (12.0, 40.0, 5.0)           # from the edge, from the middle, radius: punched holes (ISO 838), with room
TINY = 1.4                          # millimetres: a grain of dust, a dot
STREAK = 0.8                        # of the height: what goes down the whole page is dirt on the scanner's glass
LINE = 2.0                          # millimetres around print that belong to the text
HEAD, FOOT = 20.0, 25.0             # millimetres: header and footer, where people put their initials
GRID = 4                            # dots of a cell in which differences are gathered
APART = 4                           # cells between which two differences are one
SLIP = 30                           # of 255: how much may differ at most where a slip of the feed explains it
SHIFTS = sorted(product(range(-3, 4), repeat=2), key=lambda shift: abs(shift[0]) + abs(shift[1]))
LOOKED_AT = 60_000                  # dots of a place that is looked at again; what is larger is no slip of the feed
PLACES = 80                         # places looked at again on one page: a page with more is another page
RIM = 1.0                           # millimetres around the rules to sign on and the names below them: a rough scan draws them thicker
WRITTEN = 1.5                       # millimetres: no word written by hand is smaller
SIGNED = 6.0, 1.5                   # millimetres: less ink in a field is no signature
BESIDE, ABOVE, BELOW, RIGHT = 40.0, 4.0, 9.0, 8.0    # millimetres around a field: place and date, strokes, the name in print
_INK = [max(0, min(255, round((value - PALE) * 255 / (FULL - PALE)))) for value in range(256)]


class Kind(Enum):
    """What is different."""

    CHANGED = "changed"     # print is gone, or something was written over or between it
    ADDED = "added"         # something stands where nothing was printed
    BESIDE = "beside"       # the same, near where somebody signs: place and date, or a reservation


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that is not as it was printed, in millimetres from the page's upper left corner."""

    kind: Kind
    left: float
    top: float
    width: float
    height: float

    def __str__(self) -> str:
        return f"{self.top:.0f} mm von oben, {self.left:.0f} mm von links ({self.width:.0f} × {self.height:.0f} mm)"


@dataclass(frozen=True, slots=True)
class Field:
    """Where somebody signs."""

    name: str
    box: Box

    @property
    def around(self) -> Box:
        """The room in which people write when they sign: the place and date beside it, the name below."""
        left, top, right, bottom = self.box
        return round(left - BESIDE / DOT), round(top - ABOVE / DOT), round(right + RIGHT / DOT), round(bottom + BELOW / DOT)


@dataclass(frozen=True, slots=True)
class Look:
    """What a comparison shows."""

    differences: tuple[Difference, ...]
    signed: frozenset[str]          # fields with ink in them


def ink(sheet: Image.Image) -> Image.Image:
    """How much ink is where, however bright, dark, grainy or unevenly lit the sheet was scanned."""
    dark = darkness(sheet)
    counts = dark.histogram()
    grain = 2 * _at(counts, 0, 0.5) + GRAIN                     # most of a sheet is paper
    full = max(_at(counts, grain + PALE, 0.8), grain + PALE)    # a fifth of what is printed is full ink
    return dark.point([max(0, min(255, round((value - grain) * SOLID / (full - grain)))) for value in range(256)])


def _at(counts: Sequence[int], start: int, share: float) -> int:
    """The grey below which lies this share of the dots that are at least as dark as `start`."""
    left = sum(counts[start:]) * share
    return next((value for value in range(start, 256) if (left := left - counts[value]) <= 0), start)


def darkness(sheet: Image.Image) -> Image.Image:
    """How much darker than the paper around it every dot is."""
    paper = sheet.reduce(16).filter(ImageFilter.MaxFilter(5)).filter(ImageFilter.GaussianBlur(2)).resize(sheet.size, Image.Resampling.BICUBIC)
    return ImageChops.subtract(paper, sheet)


def compare(page: Image.Image, scan: Image.Image, fields: Sequence[Field]) -> Look:
    """What is different on a scan; both show ink, the scan lies over the page."""
    page, scan = page.filter(ImageFilter.GaussianBlur(0.6)).point(_INK), scan.point(_INK)
    added, lost = _added(page, scan), _lost(page, scan)
    signed = frozenset(field.name for field in fields if _is_signature(added.crop(_raised(field.box))))
    free = _free(page.size)
    beside = _beside(page, scan, ImageChops.multiply(added, free), fields)
    for field in fields:
        ImageDraw.Draw(free).rectangle(field.around, fill=0)
    added = ImageChops.multiply(added, free)
    for field in fields:
        ImageDraw.Draw(lost).rectangle(field.box, fill=0)
    lost = ImageChops.multiply(lost, _free(page.size))
    text = _text(page)
    places = _places(ImageChops.lighter(added, lost))
    real = [place for number, place in enumerate(places) if number >= PLACES or not _slipped(page, scan, place, free)]
    return Look((*(_difference(place, added, lost, text) for place in real if _counts(place, lost, text)),
                 *(_measured(Kind.BESIDE, place) for place in beside)), signed)


def _beside(page: Image.Image, scan: Image.Image, added: Image.Image, fields: Sequence[Field]) -> list[Box]:
    """Where something was written near the fields and is not the signature itself; looked at is that part of the page alone."""
    if not fields:
        return []
    near = Image.new("L", page.size, 0)
    for field in fields:
        ImageDraw.Draw(near).rectangle(field.around, fill=255)
    part = near.getbbox() or (0, 0, 0, 0)
    rim = _over(page.crop(part)).filter(ImageFilter.MaxFilter(2 * round(RIM / DOT) + 1))
    written = ImageChops.multiply(added.crop(part), ImageChops.multiply(near.crop(part), ImageChops.invert(rim)))
    places = [(left + part[0], top + part[1], right + part[0], bottom + part[1]) for left, top, right, bottom in _places(written)]
    whole = _free(page.size)
    return [place for place in places
            if _written(place) and not _of_a_signature(place, fields) and not _slipped(page, scan, place, whole)]


# ink on one page and none on the other


def _added(page: Image.Image, scan: Image.Image) -> Image.Image:
    return ImageChops.subtract(scan, page.filter(ImageFilter.MaxFilter(3))).filter(ImageFilter.BoxBlur(2))


def _lost(page: Image.Image, scan: Image.Image) -> Image.Image:
    return ImageChops.subtract(page, scan.filter(ImageFilter.MaxFilter(3))).filter(ImageFilter.BoxBlur(2))


def _over(picture: Image.Image) -> Image.Image:
    return picture.point([255 * (value > LEVEL) for value in range(256)])


def _places(differing: Image.Image) -> list[Box]:
    """Boxes around what differs, what lies close together in one."""
    cells = _over(_over(differing).reduce(GRID).point([255 * bool(value) for value in range(256)]))
    joined = cells.filter(ImageFilter.MaxFilter(2 * (APART // 2) + 1))
    left = {place for place, value in enumerate(joined.tobytes()) if value} if joined.getbbox() else set()
    found = []
    for start in sorted(left):
        if start in left:
            box = _around(_piece(start, left, joined.width), joined.width)
            inner = cells.crop(box).getbbox()
            if inner:
                found.append((GRID * (box[0] + inner[0]), GRID * (box[1] + inner[1]), GRID * (box[0] + inner[2]), GRID * (box[1] + inner[3])))
    return found


def _piece(start: int, left: set[int], width: int) -> list[int]:
    """All cells that hang together with one, taken out of those that are left."""
    piece, edge = [], [start]
    left.discard(start)
    while edge:
        cell = edge.pop()
        piece.append(cell)
        for beside in (cell - 1, cell + 1, cell - width, cell + width):
            if beside in left:
                left.discard(beside)
                edge.append(beside)
    return piece


def _around(cells: Sequence[int], width: int) -> Box:
    columns, rows = [cell % width for cell in cells], [cell // width for cell in cells]
    return min(columns), min(rows), max(columns) + 1, max(rows) + 1


def _slipped(page: Image.Image, scan: Image.Image, place: Box, free: Image.Image) -> bool:
    """The place is as printed, only a little beside; so are the letters around it, or it is not believed."""
    left, top, right, bottom = place[0] - 30, place[1] - 12, place[2] + 30, place[3] + 12
    if (right - left) * (bottom - top) > LOOKED_AT:
        return False
    here, mask = page.crop((left, top, right, bottom)), free.crop((left, top, right, bottom))
    for across, down in SHIFTS:
        there = scan.crop((left + across, top + down, right + across, bottom + down))
        added, lost = ImageChops.multiply(_added(here, there), mask), _lost(here, there)
        inner = (4, 4, right - left - 4, bottom - top - 4)
        if max(added.crop(inner).tobytes()) <= SLIP and max(lost.crop(inner).tobytes()) <= SLIP:
            return True
    return False


# what it means


def _free(size: tuple[int, int]) -> Image.Image:
    """Where something counts: not at the very edges, not at punched holes."""
    mask, edge = Image.new("L", size, 0), round(EDGE / DOT)
    pen = ImageDraw.Draw(mask)
    pen.rectangle((edge, edge, size[0] - edge, size[1] - edge), fill=255)
    aside, apart, radius = (length / DOT for length in HOLES)
    for x, y in product((aside, size[0] - aside), (size[1] / 2 - apart, size[1] / 2 + apart)):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return mask


def _text(page: Image.Image) -> Image.Image:
    """Where text stands, with the room between its lines; header and footer apart."""
    cells = page.reduce(GRID).point([255 * (value > 20) for value in range(256)])
    text = cells.filter(ImageFilter.MaxFilter(2 * round(LINE / DOT / GRID) + 1)).resize(page.size, Image.Resampling.NEAREST)
    pen = ImageDraw.Draw(text)
    pen.rectangle((0, 0, page.width, round(HEAD / DOT)), fill=0)
    pen.rectangle((0, page.height - round(FOOT / DOT), page.width, page.height), fill=0)
    return text


def _counts(place: Box, lost: Image.Image, text: Image.Image) -> bool:
    """Not a grain of dust on empty paper."""
    return not _tiny(place) or _touches(lost.crop(place)) or _touches(text.crop(place))


def _tiny(place: Box) -> bool:
    return max(place[2] - place[0], place[3] - place[1]) * DOT <= TINY


def _written(place: Box) -> bool:
    """As high as small handwriting, and no rule that was printed a little thicker."""
    return (place[3] - place[1]) * DOT >= WRITTEN and (place[2] - place[0]) * DOT >= WRITTEN


def _of_a_signature(place: Box, fields: Sequence[Field]) -> bool:
    """Strokes of the signature itself: most of the place lies in a field."""
    return any(2 * _shared(place, field.box) >= _size(place) for field in fields)


def _shared(one: Box, other: Box) -> int:
    return _size((max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])))


def _size(box: Box) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def _difference(place: Box, added: Image.Image, lost: Image.Image, text: Image.Image) -> Difference:
    in_text = _touches(ImageChops.multiply(added.crop(place), text.crop(place)))
    streak = place[3] - place[1] > STREAK * text.height
    changed = _touches(lost.crop(place)) or (in_text and not streak and not _tiny(place))
    return _measured(Kind.CHANGED if changed else Kind.ADDED, place)


def _measured(kind: Kind, place: Box) -> Difference:
    left, top, right, bottom = place
    return Difference(kind, left * DOT, top * DOT, (right - left) * DOT, (bottom - top) * DOT)


def _touches(picture: Image.Image) -> bool:
    return max(picture.tobytes(), default=0) > LEVEL


def _raised(box: Box) -> Box:
    """A field with a little more room above, below and to the right, where strokes run over."""
    return box[0], round(box[1] - 2 / DOT), round(box[2] + 2 / DOT), round(box[3] + 3 / DOT)


def _is_signature(added: Image.Image) -> bool:
    box = _over(added).getbbox()
    return box is not None and (box[2] - box[0]) * DOT >= SIGNED[0] and (box[3] - box[1]) * DOT >= SIGNED[1]
