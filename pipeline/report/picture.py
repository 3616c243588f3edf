"""Where the stations of the way stand in its picture: across a wide page, or down a narrow one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.report.way import Branch, Stage

RING = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """One ring with its words; units of the picture's view box."""

    stage: Stage
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The name of a way."""

    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The way, laid out."""

    name: str                      # "wide" or "narrow"
    width: float
    height: float
    stations: Sequence[Station]
    labels: Sequence[Label]
    lines: Sequence[str]           # as SVG paths


def wide(branches: Sequence[Branch]) -> Picture:
    """The trunk from left to the middle, the ways on beneath each other to the right."""
    step, row, left, top = 150.0, 142.0, 70.0, 66.0
    trunk, *ways = branches
    rows = max(len(ways), 1)
    middle = top + (rows - 1) * row / 2
    stations = [Station(stage=stage, x=left + place * step, y=middle) for place, stage in enumerate(trunk.stages)]
    start = stations[-1].x
    lines = [_straight(stations)]
    labels = []
    for place, branch in enumerate(ways):
        y = top + place * row
        along = [Station(stage=stage, x=start + (number + 1.35) * step, y=y) for number, stage in enumerate(branch.stages)]
        bend = along[0].x - RING
        lines += [f"M{start + RING} {middle} C{start + 110} {middle} {bend - 90} {y} {bend} {y}", _straight(along)]
        labels.append(Label(text=branch.name, x=along[0].x - RING, y=y - RING - 14))
        stations += along
    return Picture(name="wide", width=1120, height=top + (rows - 1) * row + 76, stations=stations, labels=labels,
                   lines=[line for line in lines if line])


def narrow(branches: Sequence[Branch]) -> Picture:
    """Everything downwards; the ways on are set in a little, each under its name."""
    step, x, y = 76.0, 38.0, 38.0
    trunk, *ways = branches
    stations = [Station(stage=stage, x=x, y=y + place * step) for place, stage in enumerate(trunk.stages)]
    lines, labels = [_straight(stations, down=True)], []
    y = stations[-1].y
    start = y + RING
    for branch in ways:
        y += step + 34
        along = [Station(stage=stage, x=x + 44, y=y + place * step) for place, stage in enumerate(branch.stages)]
        labels.append(Label(text=branch.name, x=x + 84, y=along[0].y - 42))
        lines += [f"M{x} {start} V{along[0].y - 16} Q{x} {along[0].y} {x + 16} {along[0].y} H{x + 44 - RING}", _straight(along, down=True)]
        stations += along
        y = along[-1].y
    return Picture(name="narrow", width=340, height=y + 40, stations=stations, labels=labels, lines=[line for line in lines if line])


def _straight(stations: Sequence[Station], *, down: bool = False) -> str:
    return " ".join(_between(stations, down=down))


def _between(stations: Sequence[Station], *, down: bool) -> Iterator[str]:
    for one, next_ in pairwise(stations):
        yield f"M{one.x} {one.y + RING} V{next_.y - RING}" if down else f"M{one.x + RING} {one.y} H{next_.x - RING}"
