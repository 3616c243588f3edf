"""Square codes that a telephone or a scanner reads (QR, ISO/IEC 18004)."""

from __future__ import annotations

import io
from functools import lru_cache

import segno

from pipeline.records import Picture

QUIET = 4           # modules of white around a code that readers need


@lru_cache(maxsize=8)       # each page of a paper bears the same
def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """The code of a text as rows of dark and light modules, without the white around it; a quarter of it may be lost."""
    code = segno.make(text, error="q", micro=False, boost_error=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)


def picture(text: str, *, name: str, alt: str, size: int) -> Picture:
    """The code of a text as a square picture, `size` millimetres wide with the white around it."""
    code = segno.make(text, error="q", micro=False, boost_error=False)
    png, svg = io.BytesIO(), io.BytesIO()
    code.save(png, kind="png", scale=10, border=QUIET)
    code.save(svg, kind="svg", border=QUIET, omitsize=True, xmldecl=False, svgclass=None, lineclass=None, nl=False)
    return Picture(name=name, png=png.getvalue(), svg=svg.getvalue(), alt=alt, width=size, height=size)
