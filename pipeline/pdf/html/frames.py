"""What stands at a measured place on the sheet: frames of paragraphs, and the anchors of drawings."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from pipeline.pdf.html.formatting import Declarations
from pipeline.pdf.html.names import EMU, WP, length, points
from pipeline.pdf.html.story import Geometry


def frame(properties: Mapping[str, str], page: Geometry, origin: tuple[float, float]) -> Declarations:
    """A frame (`w:framePr`) as a block on its sheet; without a place of its own it stays where the text is."""
    css: Declarations = {"position": "absolute"}
    width, height = points(properties.get("w")), points(properties.get("h"))
    if width:
        css["width"] = length(width)
    if height:
        css["height" if properties.get("hRule") == "exact" else "min-height"] = length(height)
    across = {"page": "page", "margin": "margin"}.get(properties.get("hAnchor", "text"), "column")
    down = {"page": "page", "margin": "margin"}.get(properties.get("vAnchor", "text"), "paragraph")
    css |= _across(points(properties.get("x")), properties.get("xAlign"), across, width, page, origin)
    css |= _down(points(properties.get("y")), properties.get("yAlign"), down, height, page, origin)
    return css


def anchor(element: etree._Element, width: float, height: float, page: Geometry, origin: tuple[float, float]) -> Declarations:
    """A drawing's anchor (`wp:anchor`): placed on the sheet, or beside the text where that flows around it."""
    if element.find(f"{{{WP}}}wrapTopAndBottom") is not None:
        return {"display": "block"}
    horizontal, vertical = element.find(f"{{{WP}}}positionH"), element.find(f"{{{WP}}}positionV")
    across, x, side = _position(horizontal)
    down, y, edge = _position(vertical)
    if any(element.find(f"{{{WP}}}{name}") is not None for name in ("wrapSquare", "wrapTight", "wrapThrough")) and down in ("paragraph", "line"):
        right = side in ("right", "outside") or (x is not None and x + width / 2 > page.room / 2)
        gaps = [length(points(element.get(name), EMU) or 0.0) for name in ("distT", "distR", "distB", "distL")]
        return {"float": "right" if right else "left", "margin": " ".join(gaps)}
    return {"position": "absolute"} | _across(x, side, across, width, page, origin) | _down(y, edge, down, height, page, origin)


def _position(element: etree._Element | None) -> tuple[str, float | None, str | None]:
    if element is None:
        return "column", 0.0, None
    offset = points(element.findtext(f"{{{WP}}}posOffset"), EMU)
    return element.get("relativeFrom", "column"), offset, element.findtext(f"{{{WP}}}align")


def _across(x: float | None, align: str | None, anchor: str, width: float | None, page: Geometry, origin: tuple[float, float]) -> Declarations:
    start, room = {"page": (0.0, page.width), "leftMargin": (0.0, page.left),
                   "rightMargin": (page.width - page.right, page.right)}.get(anchor, (page.left, page.room))
    if align in ("center", "right", "outside") and width is not None:
        x = (room - width) / (2 if align == "center" else 1)
    elif align is not None:
        x = 0.0
    return {"left": length(start + (x or 0.0) - origin[0])}


def _down(y: float | None, align: str | None, anchor: str, height: float | None, page: Geometry, origin: tuple[float, float]) -> Declarations:
    places = {"page": (0.0, page.height), "margin": (page.top, page.height - page.top - page.bottom), "topMargin": (0.0, page.top),
              "bottomMargin": (page.height - page.bottom, page.bottom)}
    if anchor not in places:                      # counted from the paragraph: the block stays there, shifted
        return {"margin-top": length(y)} if y else {}
    start, room = places[anchor]
    if align in ("center", "bottom", "outside") and height is not None:
        y = (room - height) / (2 if align == "center" else 1)
    elif align is not None:
        y = 0.0
    return {"top": length(start + (y or 0.0) - origin[1])}
