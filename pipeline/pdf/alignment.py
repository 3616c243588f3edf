"""Laying a scanned page exactly over the page that was given out, however askew, stretched and uneven it came from the scanner.

The mark says roughly where everything is. Then blocks of print are looked for where they should be, first on small pictures
and far around, then on larger ones and near by: one straight map for the whole sheet, at last a net that follows the feed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from heapq import nsmallest
from itertools import pairwise, product
from statistics import median

from PIL import Image

from pipeline.pdf.landmarks import FAR, NEAR, Found, Landmark, Level, level
from pipeline.pdf.maps import Point, Straight, straight

STRAY = 5.0                         # dots a landmark may be off the others before it is not believed
LEAST = 6                           # landmarks for a map of the whole sheet
MESHES = 6, 26                      # of the net, across and down
ROUNDS = 2                          # looks through the net
AROUND = 5                          # landmarks that a single one is compared with
ASIDE = 4.0                         # how much closer things are that lie beside each other
SOFT = 200.0                        # square dots under which landmarks are as good as on the spot


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page that was given out, ready to be known again."""

    ink: Image.Image
    far: Level
    near: Level


def sheet(ink: Image.Image) -> Sheet:
    """Finds a page's landmarks; `ink` is its print, the darker the higher."""
    return Sheet(ink, level(ink, FAR), level(ink, NEAR))


def likeness(found: Sequence[Found]) -> float:
    """How like a page a scan is, by its landmarks: well over 0 for the same page, under 0 for another."""
    return sum(one.likeness * one.landmark.ink for one in found) / (sum(one.landmark.ink for one in found) or 1)


def laid(scan: Image.Image, page: Sheet, rough: Straight) -> Image.Image:
    """The scan's ink, every dot of it where it is on the page."""
    half, factor = scan.reduce(NEAR.factor), NEAR.factor
    found = page.near.search(half, factor, rough)
    pairs = page.near.pairs([one for one in found if one.believed and one.landmark.across and one.landmark.down], rough)
    net = Net(straight(pairs) if len(pairs) >= LEAST else rough, {})
    for _ in range(ROUNDS):
        net = net.refined(page.near.settle(net.through(half, page.ink.size, factor)))
    return net.through(scan, page.ink.size)


@dataclass(frozen=True, slots=True)
class Net:
    """A straight map, and how far off it is here and there."""

    way: Straight
    off: Mapping[Landmark, tuple[float, float]]      # dots of the page

    def refined(self, found: Iterable[Found]) -> Net:
        """The net with what was found by looking through it."""
        off = dict(self.off)
        for one in found:
            if one.believed:
                right, down = off.get(one.landmark, (0.0, 0.0))
                off[one.landmark] = (right + one.right * NEAR.factor * one.landmark.across, down + one.down * NEAR.factor * one.landmark.down)
        return Net(self.way, _believed(off))

    def through(self, scan: Image.Image, size: tuple[int, int], factor: int = 1) -> Image.Image:
        """A page of that size as it shows when the scan is seen through the net; both `factor` times smaller."""
        across = [round(size[0] * number / MESHES[0] / factor) for number in range(MESHES[0] + 1)]
        down = [round(size[1] * number / MESHES[1] / factor) for number in range(MESHES[1] + 1)]
        right = [(*_whole(mark), off[0]) for mark, off in self.off.items() if mark.across]
        lower = [(*_whole(mark), off[1]) for mark, off in self.off.items() if mark.down]
        knots = {}
        for x, y in product(across, down):
            here = x * factor, y * factor
            u, v = self.way((here[0] + _around(here, right), here[1] + _around(here, lower)))
            knots[x, y] = u / factor, v / factor
        mesh = [((left, top, edge, bottom), (*knots[left, top], *knots[left, bottom], *knots[edge, bottom], *knots[edge, top]))
                for top, bottom in pairwise(down) for left, edge in pairwise(across)]
        return scan.transform((across[-1], down[-1]), Image.Transform.MESH, mesh,
                              Image.Resampling.BICUBIC if factor == 1 else Image.Resampling.BILINEAR, fillcolor=0)


def _around(here: Point, off: Iterable[tuple[float, float, float]]) -> float:
    """How far off the landmarks around say that this place is; what is beside it counts more than what is above, as sheets are fed."""
    total = weights = 0.0
    for x, y, far in off:
        weight = 1 / (((x - here[0]) / ASIDE) ** 2 + (y - here[1]) ** 2 + SOFT) ** 1.5
        total += weight * far
        weights += weight
    return total / weights if weights else 0.0


def _whole(mark: Landmark) -> Point:
    """The landmark's middle, in dots of the page."""
    return mark.middle[0] * NEAR.factor, mark.middle[1] * NEAR.factor


def _apart(mark: Landmark, other: Landmark) -> float:
    return math.dist(mark.middle, other.middle)


def _believed(off: Mapping[Landmark, tuple[float, float]]) -> dict[Landmark, tuple[float, float]]:
    """Without the landmarks that are off otherwise than those around them."""
    kept = {}
    for mark, (right, down) in off.items():
        others = nsmallest(AROUND + 1, off, key=partial(_apart, mark))[1:]
        if all(abs(far - median(off[other][axis] for other in others)) <= STRAY for axis, far in enumerate((right, down)) if others):
            kept[mark] = (right, down)
    return kept
