"""The look of a visible signature: a page of our own, embedded fonts and all, that becomes the appearance of the field."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from xml.etree.ElementTree import Element, SubElement

from pipeline.pdf.render import draw

_CSS = """
html {{ font-family: "Liberation Sans", "DejaVu Sans"; font-size: {size}pt; line-height: 1.2 }}
body {{ margin: 0 }}
div {{ white-space: nowrap; overflow: hidden }}
.first {{ font-weight: bold }}
@page {{ size: {width}mm {height}mm; margin: 0.6mm 1mm }}
"""
_LARGEST, _SMALLEST = 8.0, 4.5      # points; what is smaller cannot be read in print
_POINT = 25.4 / 72                  # millimetres


@lru_cache(maxsize=256)
def _page(lines: tuple[str, ...], width: float, height: float) -> bytes:
    size = min(_LARGEST, (height - 1.2) / (1.2 * _POINT * max(len(lines), 1)), (width - 2) / (_POINT * 0.56 * max(map(len, lines), default=1)))
    html = Element("html", {"lang": "de"})
    SubElement(SubElement(html, "head"), "title").text = lines[0] if lines else ""
    body = SubElement(html, "body")
    for number, line in enumerate(lines):
        SubElement(body, "div", {"class": "first"} if number == 0 else {}).text = line
    return draw(html, _CSS.format(size=f"{max(size, _SMALLEST):.2f}", width=f"{width:g}", height=f"{height:g}"))


def signature_page(lines: Sequence[str], width: float, height: float) -> bytes:
    """A PDF of one page, `width` × `height` millimetres, that shows some short lines, the first bold, as large as they fit (at most 8 pt).

    Its content carries no tags: the field's own description is what is read aloud. Raises MissingGlyph.
    """
    return _page(tuple(lines), width, height)
