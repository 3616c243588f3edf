"""Text flows around pictures, text boxes and frames that are placed by the sheet, as in Word.

CSS lets text flow around what stands in the text, not around what is placed on the page. So the page is laid out, and where a line
runs into such a box, the box moves to that place of the text, keeping its side of the sheet; the page is then laid out anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from weasyprint.formatting_structure.boxes import BlockContainerBox, LineBox, MarginBox, ParentBox, TableBox, TextBox

AROUND = "data-around"      # on an element that text flows around: "square", or "block" where nothing stands beside it
GAP = 9.0                   # points to the text, Word's own measure
_SLACK = 1.0                # pixels that may overlap


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the page's text."""

    box: Any
    block: Any              # the paragraph's box
    before: int             # letters of the paragraph ahead of it


def make_room(html: Element, document: Any) -> bool:
    """Moves boxes that lie on text into the text; True where some were moved, so that the page has to be laid out again."""
    wanted = [element for element in html.iter() if element.get(AROUND)]
    if not wanted:
        return False
    moves = list(_collisions(document))
    for element, line in moves:
        _move(html, element, line)
    return bool(moves)


def _collisions(document: Any) -> Iterator[tuple[Any, _Line]]:
    read: Counter[Any] = Counter()
    for page in document.pages:
        placed: list[Any] = []
        lines = list(_lines(page._page_box, None, read, placed))
        for box in placed:
            line = next((line for line in lines if _meet(box, line.box)), None)
            if line is not None:
                yield box, line


def _lines(box: Any, block: Any, read: Counter[Any], placed: list[Any]) -> Iterator[_Line]:
    """The lines of a page in reading order; what is placed on the sheet is collected on the way."""
    inner = getattr(box, "_box", box)
    if isinstance(inner, (MarginBox, TableBox)):
        return
    if inner.is_absolutely_positioned():
        if inner.element is not None and inner.element.get(AROUND):
            placed.append(inner)
        return
    if isinstance(inner, LineBox):
        yield _Line(inner, block, read[block.element])
        read[block.element] += _letters(_text(inner))
    if isinstance(inner, ParentBox):
        for child in inner.children:
            yield from _lines(child, inner if isinstance(inner, BlockContainerBox) else block, read, placed)


def _meet(box: Any, line: Any) -> bool:
    across = box.position_x < _right(line) - _SLACK and line.position_x < box.position_x + box.margin_width() - _SLACK
    down = box.position_y < line.position_y + line.height - _SLACK and line.position_y < box.position_y + box.margin_height() - _SLACK
    return bool(across and down)


def _right(line: Any) -> float:
    return max((float(child.position_x + child.margin_width()) for child in line.children), default=float(line.position_x))


def _text(box: Any) -> str:
    if isinstance(box, TextBox):
        return str(box.text)
    return "".join(map(_text, box.children)) if isinstance(box, ParentBox) else ""


def _letters(text: str) -> int:
    """Letters and digits alone are counted: blanks and hyphens come and go with the lines."""
    return sum(map(str.isalnum, text))


def _move(html: Element, box: Any, line: _Line) -> None:
    element = box.element
    parent = next(item for item in html.iter() if element in list(item))
    _take_out(parent, element)
    element.set("style", _beside(box, line) if element.get(AROUND) == "square" else _below(box, line))
    del element.attrib[AROUND]
    _put_in(line.block.element, element, line.before)


def _beside(box: Any, line: _Line) -> str:
    left, room = line.block.content_box_x(), line.block.width
    before, after = box.position_x - left, left + room - box.position_x - box.margin_width()
    down = max(0.0, box.position_y - line.box.position_y)
    if before > after:
        return f"position: static; float: right; margin: {down:.2f}px {after:.2f}px {GAP}pt {GAP}pt"
    return f"position: static; float: left; margin: {down:.2f}px {GAP}pt {GAP}pt {before:.2f}px"


def _below(box: Any, line: _Line) -> str:
    return f"position: static; display: block; margin: {GAP}pt 0 {GAP}pt {box.position_x - line.block.content_box_x():.2f}px"


def _take_out(parent: Element, element: Element) -> None:
    place = list(parent).index(element)
    tail, element.tail = element.tail or "", None
    parent.remove(element)
    if place:
        parent[place - 1].tail = (parent[place - 1].tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail


def _put_in(block: Element, element: Element, letters: int) -> None:
    """Puts an element behind so many letters of a paragraph."""
    holder, place, text, left = _found(block, letters)
    cut = next((at for at in range(len(text) + 1) if _letters(text[:at]) >= left), len(text))
    element.tail = text[cut:]
    if place:
        holder[place - 1].tail = text[:cut]
    else:
        holder.text = text[:cut]
    holder.insert(place, element)


def _found(block: Element, letters: int) -> tuple[Element, int, str, int]:
    """The piece of text in which that letter stands: whose it is, behind which child, and how many letters are left."""
    for holder, place, text in _pieces(block):
        count = _letters(text)
        if letters <= count:
            return holder, place, text, letters
        letters -= count
    return block, len(block), block[-1].tail or "" if len(block) else block.text or "", 0


def _pieces(element: Element) -> Iterator[tuple[Element, int, str]]:
    yield element, 0, element.text or ""
    for place, child in enumerate(element, start=1):
        yield from _pieces(child)
        yield element, place, child.tail or ""
