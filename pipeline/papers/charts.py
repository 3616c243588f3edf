"""Charts as pictures: the same numbers give the same bytes, and everything in them can be read without colour."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING

from pipeline import wording
from pipeline.records import Picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DRAWING = "1"           # raised by one when the same bars are drawn differently
WIDTH = 165.0           # millimetres: the text width of an upright page
_BAR = 9.0              # millimetres a bar takes with its gap
_MARGINS = 17.0         # millimetres for key and frame
_TALLEST = 210.0        # millimetres: what a page holds beside its caption
_INK = "#1E2A2F"
# One tone a segment, from dark to light, so that they differ in grey as well; the figure in each has a ground of its own.
_TONES = ("#14505C", "#8FBAC1", "#E4E9EA", "#FFFFFF")
_STYLE = {
    "font.family": "sans-serif", "font.sans-serif": ["Liberation Sans", "Arial", "DejaVu Sans"], "font.size": 9.0,
    "text.parse_math": False, "svg.hashsalt": "gremium", "svg.fonttype": "path", "text.color": _INK,
    "axes.edgecolor": "#B7C3C7", "axes.labelcolor": _INK, "xtick.color": _INK, "ytick.color": _INK,
}


_BLANK_PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mP4DwABAQEAHLCMmQAAAABJRU5ErkJggg==")
_BLANK_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="165mm" height="30mm" viewBox="0 0 165 30"/>'
_undrawn = ContextVar("undrawn", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Stacked bars: for each label as many numbers as there are segments."""

    name: str                                    # ASCII: "projects-by-topic"
    title: str                                   # opens the alternative text
    segments: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]


class Chart(Picture):
    """Bars as a picture that is drawn when somebody looks: a plan that finds nothing to do never draws."""

    __slots__ = ("bars",)
    bars: Bars

    def __init__(self, bars: Bars) -> None:
        height = min(_MARGINS + _BAR * len(bars.rows), _TALLEST)
        for name, value in (("name", bars.name), ("alt", described(bars)), ("width", WIDTH), ("height", height), ("bars", bars)):
            object.__setattr__(self, name, value)       # the record is frozen

    def __reduce__(self) -> tuple[type[Chart], tuple[Bars]]:
        """Travels as its figures."""
        return Chart, (self.bars,)

    @property
    def png(self) -> bytes:
        """PNG with 200 dpi."""
        return _drawn(self.bars, self.height)[0]

    @property
    def svg(self) -> bytes:
        """SVG with its letters as outlines."""
        return _drawn(self.bars, self.height)[1]


def stacked(bars: Bars) -> Picture:
    """The bars as a picture, 165 mm wide: PNG with 200 dpi, SVG with its letters as outlines."""
    chart = Chart(bars)
    if _undrawn.get():
        return Picture(name=chart.name, png=_BLANK_PNG, svg=_BLANK_SVG, alt=chart.alt, width=chart.width, height=chart.height)
    return chart


@cache
def drawn_by() -> str:
    """What a chart's look depends on beside its figures."""
    return f"{DRAWING}, matplotlib {version('matplotlib')}"


@contextmanager
def undrawn() -> Iterator[None]:
    """Charts that nobody will see are blank in here: a template is tried on a picture's place, not on what it shows."""
    before = _undrawn.set(True)
    try:
        yield
    finally:
        _undrawn.reset(before)


@lru_cache(maxsize=8)
def _drawn(bars: Bars, height: float) -> tuple[bytes, bytes]:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()      # an office's own matplotlibrc must not change a paper
        mpl.rcParams.update(_STYLE)      # type: ignore[arg-type]  # the stubs want each name as a literal
        figure = Figure(figsize=(WIDTH / 25.4, height / 25.4))
        _draw(figure, bars, height)
        png, svg = io.BytesIO(), io.BytesIO()
        FigureCanvasAgg(figure).print_png(png, metadata={"Software": None})      # type: ignore[no-untyped-call]  # wrapped by a decorator
        FigureCanvasSVG(figure).print_svg(svg, metadata={"Date": None, "Creator": None})      # type: ignore[no-untyped-call]  # the same
    return png.getvalue(), svg.getvalue()


def described(bars: Bars) -> str:
    """What the bars show, figures included."""
    lines = (f"{label}: " + wording.listing(f"{number} {segment}" for segment, number in zip(bars.segments, numbers, strict=True))
             for label, numbers in bars.rows)
    return f"{bars.title}. " + "; ".join(lines) + "."


def _draw(figure: Figure, bars: Bars, height: float) -> None:
    figure.set_dpi(200)
    axes = figure.add_axes((0.31, 4.0 / height, 0.65, 1 - _MARGINS / height + 2.0 / height))
    labels = [_wrapped(label) for label, _ in bars.rows]
    left = [0] * len(bars.rows)
    for index, segment in enumerate(bars.segments):
        numbers = [row[index] for _, row in bars.rows]
        axes.barh(range(len(labels)), numbers, left=left, height=0.62, color=_TONES[index % len(_TONES)], edgecolor=_TONES[0], linewidth=0.6,
                  label=segment)
        _figures(axes, numbers, left)
        left = [before + number for before, number in zip(left, numbers, strict=True)]
    for place, total in enumerate(left):
        axes.text(total + max([*left, 1]) * 0.012, place, f"{total}", va="center", fontweight="bold")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlim(0, max([*left, 1]) * 1.08)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    figure.legend(loc="upper left", bbox_to_anchor=(0.30, 1.0), ncols=len(bars.segments), frameon=False, handlelength=1.6)


def _figures(axes: Axes, numbers: Sequence[int], left: Sequence[int]) -> None:
    for place, (number, start) in enumerate(zip(numbers, left, strict=True)):
        if number:
            axes.text(start + number / 2, place, f"{number}", ha="center", va="center", fontsize=8,
                      bbox={"boxstyle": "round,pad=0.18", "facecolor": "white", "edgecolor": "none"})


def _wrapped(label: str, width: int = 26) -> str:
    """A label on at most two lines; what is longer ends in an ellipsis, as the table beside the chart has it whole."""
    import textwrap

    return "\n".join(textwrap.wrap(label, width, max_lines=2, placeholder=" …"))
