"""Drawings in SVG, looked at before they are drawn: anybody may have sent them."""

from __future__ import annotations

import re

from lxml import etree

from pipeline.pdf.html.names import local
from pipeline.pdf.html.package import parsed
from pipeline.pdf.html.refusals import DamagedDocument

MOST = 100_000      # elements of one drawing, repeated ones counted as often as they are drawn
_TYPE = re.compile(rb"<!DOCTYPE[^>\[]*>")      # names the vocabulary and declares nothing: many programs write it
_LINKS = ("href", "{http://www.w3.org/1999/xlink}href")


def fault(part: str, data: bytes) -> str:
    """Why an SVG is not drawn; "" for a sound one."""
    try:
        root = parsed(part, _TYPE.sub(b"", data, count=1))
    except DamagedDocument:
        return "die Zeichnung ist beschädigt"
    whole = list(root.iter())       # held, for lxml gives an element that was let go another identity
    named = {item.get("id", ""): item for item in whole if item.get("id")}
    return "die Zeichnung wiederholt sich zu oft" if _weight(root, named, {}, ()) > MOST else ""


def _weight(element: etree._Element, named: dict[str, etree._Element], known: dict[int, int], above: tuple[int, ...]) -> int:
    """How many elements are drawn; MOST + 1 for one that repeats itself."""
    key = id(element)
    if key in above:
        return MOST + 1
    if key not in known:
        total = 1 + sum(_weight(child, named, known, (*above, key)) for child in element)
        target = named.get(next((element.get(name, "") for name in _LINKS if element.get(name)), "").lstrip("#"))
        if target is not None and local(element) == "use":
            total += _weight(target, named, known, (*above, key))
        known[key] = min(total, MOST + 1)
    return known[key]
