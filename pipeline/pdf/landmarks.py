"""Blocks of print that are known again on a scan: where they are says how the scan lies.

Lengths are dots of a page made smaller. Pictures show ink: the darker, the higher; paper is 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from PIL import Image, ImageChops, ImageStat

from pipeline.pdf.maps import Pair, Point, Straight

FAINT = 60                          # darkest grey below which a block is empty
TEXTURE = 4.0                       # spread of greys below which a block tells nothing in a direction
FAMILIAR = 0.05                     # likeness from which a landmark counts as found


@dataclass(frozen=True, slots=True)
class Scale:
    """How closely is looked, in dots of a smaller picture."""

    factor: int             # how much smaller it is
    block: tuple[int, int]
    step: tuple[int, int]   # between blocks that are thought of
    reach: int              # dots a block may be off
    zones: tuple[int, int]  # across and down: landmarks are wanted all over the page
    most: int               # landmarks of a zone
    everywhere: bool        # every place within reach is looked at; else it is gone where it gets better


FAR = Scale(8, (28, 28), (14, 14), 4, (3, 4), 2, everywhere=True)
NEAR = Scale(2, (64, 32), (32, 16), 4, (4, 12), 3, everywhere=False)


@dataclass(frozen=True, slots=True, eq=False)
class Landmark:
    """A block of print that is known again."""

    left: int
    top: int
    picture: Image.Image
    ink: int                # sum of its greys: how far it is from nothing at all
    middle: Point           # of the block, in dots of the smaller picture
    across: bool            # it tells how far it is off across the page: a rule that goes across does not
    down: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Where a landmark was found: how far off, and how like it that place is – 1 is the same, 0 as like as an empty place."""

    landmark: Landmark
    right: float
    down: float
    likeness: float

    @property
    def believed(self) -> bool:
        """The place is like the landmark, and not at the end of what was looked through."""
        return self.likeness > FAMILIAR


@dataclass(frozen=True, slots=True)
class Level:
    """A page made smaller, with its landmarks."""

    scale: Scale
    size: tuple[int, int]
    landmarks: tuple[Landmark, ...]

    def search(self, scan: Image.Image, shrunk: int, rough: Straight) -> tuple[Found, ...]:
        """Looks for the landmarks on a scan made `shrunk` times smaller, around where the rough map has them."""
        return self.settle(scan.transform(self.size, Image.Transform.AFFINE, rough.between(self.scale.factor, shrunk),
                                          Image.Resampling.BILINEAR, fillcolor=0))

    def settle(self, laid: Image.Image) -> tuple[Found, ...]:
        """Looks how far off the landmarks are on a scan that lies nearly right, and is as small as the page."""
        look = _everywhere if self.scale.everywhere else _downhill
        return tuple(look(landmark, laid, self.scale.reach) for landmark in self.landmarks)

    def pairs(self, found: Iterable[Found], rough: Straight) -> list[Pair]:
        """Places on the page, and where the landmarks that were found say they are on the scan."""
        factor = self.scale.factor
        return [((x * factor, y * factor), rough(((x + one.right) * factor, (y + one.down) * factor)))
                for one in found for x, y in (one.landmark.middle,)]


def level(ink: Image.Image, scale: Scale) -> Level:
    """A page with the landmarks that tell most in each zone, no two of them overlapping."""
    small, (width, height) = ink.reduce(scale.factor), scale.block
    candidates = [mark for top in range(scale.reach, small.height - height - scale.reach + 1, scale.step[1])
                  for left in range(scale.reach, small.width - width - scale.reach + 1, scale.step[0])
                  for mark in _landmark(small, (left, top, left + width, top + height))]
    wanted = dict.fromkeys(product(range(scale.zones[0]), range(scale.zones[1])), scale.most)
    chosen: list[Landmark] = []
    for _, mark in sorted(candidates, key=_rank):
        x, y = mark.middle
        zone = int(x * scale.zones[0] / small.width), int(y * scale.zones[1] / small.height)
        if wanted[zone] and all(abs(mark.left - other.left) >= width or abs(mark.top - other.top) >= height for other in chosen):
            wanted[zone] -= 1
            chosen.append(mark)
    return Level(scale, small.size, tuple(chosen))


def _rank(told: tuple[float, Landmark]) -> tuple[float, int, int]:
    return -told[0], told[1].top, told[1].left


def _landmark(small: Image.Image, box: tuple[int, int, int, int]) -> Iterator[tuple[float, Landmark]]:
    """A block and how much it tells, when it tells something: most when it does so in both directions."""
    block, (left, top, right, bottom) = small.crop(box), box
    if max(block.tobytes()) < FAINT:
        return
    across = ImageStat.Stat(block.resize((block.width, 1), Image.Resampling.BOX)).stddev[0]
    down = ImageStat.Stat(block.resize((1, block.height), Image.Resampling.BOX)).stddev[0]
    if max(across, down) >= TEXTURE:
        yield (min(across, TEXTURE) * min(down, TEXTURE) * max(across, down),
               Landmark(left, top, block, _sum(block), ((left + right) / 2, (top + bottom) / 2), across >= TEXTURE, down >= TEXTURE))


def _everywhere(landmark: Landmark, laid: Image.Image, reach: int) -> Found:
    """The place within reach that is most like the landmark."""
    ways = range(-reach, reach + 1)
    off = {(right, down): _off(landmark, laid, right, down) for down in ways for right in ways}
    return _found(landmark, off)


def _downhill(landmark: Landmark, laid: Image.Image, reach: int) -> Found:
    """The same, found quickly where it is not far."""
    off = {(0, 0): _off(landmark, laid, 0, 0)}
    middle = None
    while middle != (middle := min(off, key=off.__getitem__)):
        for right, down in product((-1, 0, 1), (-1, 0, 1)):
            place = middle[0] + right, middle[1] + down
            if place not in off and max(map(abs, place)) <= reach:
                off[place] = _off(landmark, laid, *place)
    return _found(landmark, off)


def _found(landmark: Landmark, off: Mapping[tuple[int, int], int]) -> Found:
    right, down = min(off, key=off.__getitem__)
    least = off[right, down]
    return Found(landmark, right + _between(off.get((right - 1, down)), least, off.get((right + 1, down))),
                 down + _between(off.get((right, down - 1)), least, off.get((right, down + 1))), 1 - least / max(landmark.ink, 1))


def _off(landmark: Landmark, laid: Image.Image, right: int, down: int) -> int:
    left, top = landmark.left + right, landmark.top + down
    there = laid.crop((left, top, left + landmark.picture.width, top + landmark.picture.height))
    return _sum(ImageChops.difference(landmark.picture, there))


def _sum(picture: Image.Image) -> int:
    """A measure of all greys in a block: adding up its quarters' quarters is quicker than its dots."""
    return sum(picture.reduce((picture.width // 4, picture.height // 4)).tobytes())


def _between(before: int | None, least: int, after: int | None) -> float:
    """Where between dots the least lies, by the neighbours on both sides."""
    if before is None or after is None or before + after <= 2 * least:
        return 0.0
    return (before - after) / (2 * (before - 2 * least + after))
