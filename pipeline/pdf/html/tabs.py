"""Tab stops: what stands before a stop becomes a box that ends there, so that columns keep their place without spaces."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from pipeline.pdf.html.formatting import Declarations
from pipeline.pdf.html.metrics import width
from pipeline.pdf.html.names import length
from pipeline.pdf.html.sheet import Sheet

_LEADERS = {"dot": "dotted", "middleDot": "dotted", "hyphen": "dashed", "underscore": "solid", "heavy": "solid"}
_SLACK = 1.1                        # for faces a little wider than the one that was measured
_LEFT = ("left", "num", "start", "decimal")
_COUNTED = ("_page-number", "_page-count", "_page-reference")
Stop = tuple[float, str, str]       # position from the margin in points, alignment, leader


@dataclass(frozen=True, slots=True)
class Room:
    """Where the lines of a paragraph begin and end, in points from the margin, and how its text looks."""

    first: float
    left: float
    right: float
    size: float
    bold: bool
    stops: tuple[Stop, ...]
    usual: float                 # distance of the stops that stand everywhere


def arrange(block: Element, room: Room, sheet: Sheet) -> None:
    """Lays a paragraph's text out by its tab stops; a paragraph without tabs stays as it is."""
    if not any(item.get("class") == "_tab" for item in block):
        return
    lines = _lines(block)
    for item in list(block):
        block.remove(item)
    block.text = None
    for number, (segments, end) in enumerate(lines):
        _line(block, segments, room.first if number == 0 else room.left, room, sheet)
        if end is not None:
            block.append(end)


def _lines(block: Element) -> list[tuple[list[tuple[Element, Element | None]], Element | None]]:
    """The paragraph as lines of segments, each with the tab before it."""
    lines: list[tuple[list[tuple[Element, Element | None]], Element | None]] = [([], None)]
    segment = Element("span")
    segment.text = block.text
    lines[0][0].append((segment, None))
    for item in block:
        tail, item.tail = item.tail, None
        if item.tag == "br":
            lines[-1] = (lines[-1][0], item)
            segment = Element("span")
            lines.append(([(segment, None)], None))
            segment.text = tail
        elif item.get("class") == "_tab":
            segment = Element("span")
            lines[-1][0].append((segment, item))
            segment.text = tail
        else:
            segment.append(item)
            item.tail = tail
    return lines


def _line(block: Element, segments: list[tuple[Element, Element | None]], start: float, room: Room, sheet: Sheet) -> None:
    x = start
    for number, (segment, _) in enumerate(segments):
        following = segments[number + 1:]
        end = x + _width(segment, room)
        if not following:
            _pour(block, segment)
            return
        stop, align, leader = _next(end, room, following[0][1])
        after = _width(following[0][0], room) * _SLACK
        begin = stop if align in _LEFT else stop - after * (0.5 if align == "center" else 1.0)
        begin = max(begin, end)
        if leader in _LEADERS and begin - end > 2:
            _boxed(block, segment, _size(end - x + 1.0, end - x), sheet)
            _leader(block, begin - end - 2.0, _LEADERS[leader], sheet)
        else:
            _boxed(block, segment, _size(begin - x, end - x), sheet)
        if align not in _LEFT:
            block.set("class", f"{block.get('class', '')} _unbroken".strip())
            share = after if align == "center" else stop - begin
            css = {"width": length(share), "text-align": "center" if align == "center" else "right"}
            _boxed(block, following[0][0], css, sheet)
            if following[1:]:
                _line(block, [(Element("span"), None), *following[1:]], begin + share, room, sheet)
            return
        x = begin


def _next(x: float, room: Room, tab: Element | None) -> Stop:
    """The stop a tab at `x` goes to: the paragraph's own ones first, the hanging indent, then the usual ones."""
    wanted = None if tab is None else tab.get("data-align")
    if wanted in ("center", "right"):      # Word's alignment tabs know no stop but the margins
        return (room.right / 2 if wanted == "center" else room.right), wanted, "none"
    own = [stop for stop in room.stops if stop[1] not in ("clear", "bar") and stop[0] > x + 0.5]
    if room.left > x + 0.5:
        own.append((room.left, "left", "none"))
    if own:
        return min(own)
    steps = int((x + 0.5) // room.usual) + 1
    return steps * room.usual, "left", "none"


def _width(segment: Element, room: Room) -> float:
    text = "".join(segment.itertext())
    text += "000" * sum(item.get("class") in _COUNTED for item in segment.iter())      # a number of up to 999 pages
    return width(text, room.size, bold=room.bold)


def _boxed(block: Element, segment: Element, css: Declarations, sheet: Sheet) -> None:
    segment.set("class", f"_tabbed {sheet.direct(css)}")
    block.append(segment)


def _size(box: float, text: float) -> Declarations:
    """A box for a text about `text` points wide; one that may be too narrow grows."""
    return {"width" if text < 0.9 * box else "min-width": length(max(box, 0.0))}


def _leader(block: Element, size: float, style: str, sheet: Sheet) -> None:
    css = {"width": length(size), "border-bottom": f"0.75pt {style} currentcolor"}
    block.append(Element("span", {"class": f"_leader {sheet.direct(css)}"}))


def _pour(block: Element, segment: Element) -> None:
    """The last segment flows on as plain text."""
    if segment.text:
        if len(block):
            block[-1].tail = (block[-1].tail or "") + segment.text
        else:
            block.text = (block.text or "") + segment.text
    block.extend(list(segment))
