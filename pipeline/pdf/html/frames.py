"""What stands at a measured place on the sheet: frames of paragraphs, and the anchors of drawings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement

from lxml import etree

from pipeline.pdf.html.formatting import Declarations
from pipeline.pdf.html.names import EMU, WP, length, points
from pipeline.pdf.html.story import Story

_SHEET = ("page", "margin", "topMargin", "bottomMargin")      # what is counted from these stands still while the text moves
_WRAPS = {"wrapSquare": "square", "wrapTight": "square", "wrapThrough": "square", "wrapTopAndBottom": "block"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in one direction: a distance or an edge, counted from what, and how large it is."""

    distance: float | None
    edge: str | None
    anchor: str
    size: float | None


def unbroken(holder: Element) -> Element:
    """The inside of a frame or text box: it stands whole on its sheet, even beyond the margin, where text would be cut off."""
    return SubElement(holder, "div", {"class": "_unbroken-box"})


def frame(properties: Mapping[str, str], story: Story) -> Declarations:
    """A frame (`w:framePr`) as a block on its sheet; without a place of its own it stays where the text is."""
    css: Declarations = {"position": "absolute"}
    width, height = points(properties.get("w")), points(properties.get("h"))
    if width:
        css["width"] = length(width)
    if height:
        css["height" if properties.get("hRule") == "exact" else "min-height"] = length(height)
    across = {"page": "page", "margin": "margin"}.get(properties.get("hAnchor", "text"), "column")
    down = {"page": "page", "margin": "margin"}.get(properties.get("vAnchor", "text"), "paragraph")
    css |= _across(Place(points(properties.get("x")), properties.get("xAlign"), across, width), story)
    css |= _down(Place(points(properties.get("y")), properties.get("yAlign"), down, height), story)
    return css


def anchor(element: etree._Element, width: float, height: float, story: Story) -> Declarations:
    """A drawing's anchor (`wp:anchor`): placed on the sheet, or beside the text where that flows around it."""
    horizontal, vertical = element.find(f"{{{WP}}}positionH"), element.find(f"{{{WP}}}positionV")
    across, down = _position(horizontal, width), _position(vertical, height)
    if element.find(f"{{{WP}}}wrapTopAndBottom") is not None and down.anchor not in _SHEET:
        return {"display": "block"}
    if any(element.find(f"{{{WP}}}{name}") is not None for name in ("wrapSquare", "wrapTight", "wrapThrough")) and down.anchor in (
            "paragraph", "line", "column"):
        right = across.edge in ("right", "outside") or (across.distance or 0.0) + width / 2 > story.page.room / 2
        gaps = [length(points(element.get(name), EMU) or 0.0) for name in ("distT", "distR", "distB", "distL")]
        return {"float": "right" if right else "left", "margin": " ".join(gaps)}
    return {"position": "absolute"} | _across(across, story) | _down(down, story)


def around(element: etree._Element) -> str:
    """How text stands to a drawing placed by the sheet: "square" beside it, "block" above and below; "" in front of it or behind."""
    vertical = element.find(f"{{{WP}}}positionV")
    if vertical is None or vertical.get("relativeFrom") not in _SHEET:
        return ""
    return next((kind for name, kind in _WRAPS.items() if element.find(f"{{{WP}}}{name}") is not None), "")


def frame_around(properties: Mapping[str, str]) -> str:
    """The same of a frame."""
    if properties.get("vAnchor") not in _SHEET:
        return ""
    return {"none": "", "notBeside": "block"}.get(properties.get("wrap", "around"), "square")


def _position(element: etree._Element | None, size: float) -> Place:
    if element is None:
        return Place(0.0, None, "column", size)
    offset = points(element.findtext(f"{{{WP}}}posOffset"), EMU)
    return Place(offset, element.findtext(f"{{{WP}}}align"), element.get("relativeFrom", "column"), size)


def _across(place: Place, story: Story) -> Declarations:
    page = story.page
    areas = {"page": (0.0, page.width), "leftMargin": (0.0, page.left), "rightMargin": (page.width - page.right, page.right)}
    start, room = areas.get(place.anchor, (page.left, page.room))
    return {"left": length(start + _offset(place, room) - story.origin[0])}


def _down(place: Place, story: Story) -> Declarations:
    page = story.page
    areas = {"page": (0.0, page.height), "margin": (page.top, page.height - page.top - page.bottom), "topMargin": (0.0, page.top),
             "bottomMargin": (page.height - page.bottom, page.bottom)}
    if place.anchor not in areas:                 # counted from the paragraph: the block stays there, shifted
        return {"margin-top": length(place.distance)} if place.distance else {}
    start, room = areas[place.anchor]
    return {"top": length(start + _offset(place, room) - story.origin[1])}


def _offset(place: Place, room: float) -> float:
    if place.edge in ("center", "right", "bottom", "outside") and place.size is not None:
        return (room - place.size) / (2 if place.edge == "center" else 1)
    return 0.0 if place.edge is not None else place.distance or 0.0
