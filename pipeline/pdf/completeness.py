"""Does every sign of the HTML stand on a page? The typesetter may cut a box off without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from weasyprint.formatting_structure.boxes import MarginBox, ParentBox, TextBox

_UNCOUNTED = dict.fromkeys(map(ord, "-\u00ad\u2010\u200b"))      # come and go with the lines


def lost(html: Element, pages: Any) -> str:
    """The signs that stand on no page, sorted; "" where all do. Headers and footers are not looked at: some belong to no page."""
    missing = _counted(_written(html[1])) - _counted(_shown(pages))
    return "".join(sorted(missing.elements()))


def opening(page: Any, longest: int = 60) -> str:
    """How the text of a page begins."""
    text = " ".join(" ".join(_shown([page], backwards=True)).split())
    return text if len(text) <= longest else f"{text[:longest].rsplit(' ', 1)[0]} …"


def _counted(texts: Iterator[str]) -> Counter[str]:
    return Counter("".join("".join(texts).casefold().translate(_UNCOUNTED).split()))


def _written(element: Element) -> Iterator[str]:
    if "_running" in element.get("class", "").split():
        return
    yield element.text or ""
    for child in element:
        yield from _written(child)
        yield child.tail or ""


def _shown(pages: Any, *, backwards: bool = False) -> Iterator[str]:
    waiting = [page._page_box for page in pages]
    while waiting:
        box = waiting.pop()
        box = getattr(box, "_box", box)          # what stands beside the text waits behind a placeholder
        if isinstance(box, TextBox):
            yield box.text
        elif isinstance(box, ParentBox) and not isinstance(box, MarginBox):
            waiting.extend(reversed(box.children) if backwards else box.children)
