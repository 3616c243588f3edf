"""Maps from one page's dots to another's: turned, stretched, moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median

Point = tuple[float, float]
Pair = tuple[Point, Point]          # a place on the one page, and where it is on the other
STRAY = 3.0                         # dots a pair may be off the others before it is not believed


@dataclass(frozen=True, slots=True)
class Straight:
    """An affine map: (x, y) → (a·x + b·y + c, d·x + e·y + f)."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def __call__(self, point: Point) -> Point:
        """Where a point comes to lie."""
        x, y = point
        return self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f

    def between(self, factor: float, shrunk: float) -> tuple[float, ...]:
        """The same map for a page `factor` times and a scan `shrunk` times smaller, as Pillow wants it."""
        # Pillow counts from a dot's corner; shrinking keeps corners where they are
        ratio = factor / shrunk
        return self.a * ratio, self.b * ratio, self.c / shrunk, self.d * ratio, self.e * ratio, self.f / shrunk


def similar(pairs: Sequence[Pair]) -> Straight:
    """The map that turns, moves and enlarges alone, closest to all pairs."""
    count = len(pairs)
    mean = [sum(pair[side][axis] for pair in pairs) / count for side, axis in product((0, 1), (0, 1))]
    real = imaginary = size = 0.0
    for (px, py), (pu, pv) in pairs:
        x, y, u, v = px - mean[0], py - mean[1], pu - mean[2], pv - mean[3]
        real += x * u + y * v
        imaginary += x * v - y * u
        size += x * x + y * y
    p, q = real / size, imaginary / size
    return Straight(p, -q, mean[2] - p * mean[0] + q * mean[1], q, p, mean[3] - q * mean[0] - p * mean[1])


def straight(pairs: Sequence[Pair]) -> Straight:
    """The affine map closest to most pairs: those far off the others are left out."""
    kept, found = list(pairs), _affine(pairs)
    for _ in range(4):
        off = [math.dist(found(here), there) for here, there in kept]
        limit = max(STRAY, 2.5 * median(off))
        closer = [pair for pair, far in zip(kept, off, strict=True) if far <= limit]
        if len(closer) == len(kept) or len(closer) < 4:
            break
        kept, found = closer, _affine(closer)
    return found


def _affine(pairs: Sequence[Pair]) -> Straight:
    """Least squares; where the pairs lie too close together to tell, the map that only turns and enlarges."""
    count = len(pairs)
    mean = [sum(pair[0][axis] for pair in pairs) / count for axis in (0, 1)]
    xx = xy = yy = xu = yu = xv = yv = 0.0
    for (px, py), (u, v) in pairs:
        x, y = px - mean[0], py - mean[1]
        xx, xy, yy = xx + x * x, xy + x * y, yy + y * y
        xu, yu, xv, yv = xu + x * u, yu + y * u, xv + x * v, yv + y * v
    determinant = xx * yy - xy * xy
    if count < 4 or determinant < (count * 60.0 ** 2) ** 2:
        return similar(pairs)
    a, b = (xu * yy - yu * xy) / determinant, (yu * xx - xu * xy) / determinant
    d, e = (xv * yy - yv * xy) / determinant, (yv * xx - xv * xy) / determinant
    u, v = (sum(pair[1][axis] for pair in pairs) / count for axis in (0, 1))
    return Straight(a, b, u - a * mean[0] - b * mean[1], d, e, v - d * mean[0] - e * mean[1])
