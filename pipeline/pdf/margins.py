"""Headers and footers taller than their margin push the text aside, as Word does it."""

from __future__ import annotations

from typing import Any

PIXEL = 0.75                # points in a CSS pixel
GAP = 6.0                   # points between a tall header and the text
SLACK = 0.5                 # pixels of rounding


def wider(document: Any) -> str:
    """CSS that gives tall headers and footers their room; "" where all of them fit. `document`: pages laid out by WeasyPrint."""
    rules = dict.fromkeys(rule for page in document.pages for rule in _rules(page._page_box))
    return "\n".join(rules)


def _rules(page: Any) -> list[str]:
    rules = []
    for box in page.children:
        keyword = getattr(box, "at_keyword", "")
        if keyword == "@top-center" and _bottom(box) > page.margin_top + SLACK:
            rules.append(_pushed(page, _bottom(box)))
        elif keyword == "@bottom-center" and page.margin_height() - _top(box) > page.margin_bottom + SLACK:
            rules.append(f"@page {_name(page)} {{ margin-bottom: {(page.margin_height() - _top(box)) * PIXEL + GAP:.2f}pt }}")
    return rules


def _pushed(page: Any, bottom: float) -> str:
    """On the first sheet the text moves and the margin stays: frames are placed by it."""
    if page.page_type.index == 0:
        return f'html::before {{ content: ""; display: block; height: {(bottom - page.margin_top) * PIXEL + GAP:.2f}pt }}'
    return f"@page {_name(page)} {{ margin-top: {bottom * PIXEL + GAP:.2f}pt }}"


def _name(page: Any) -> str:
    """Pages like this one; the first of a section has a header of its own."""
    kind = page.page_type
    if not kind.name:
        return ":first" if kind.index == 0 else ":nth(n+2)"
    return f"{kind.name}:nth(1 of {kind.name})" if any(place == 0 for _, place in kind.groups) else str(kind.name)


def _bottom(box: Any) -> float:
    return max((float(child.position_y + child.margin_height()) for child in box.children if child.is_in_normal_flow()), default=0.0)


def _top(box: Any) -> float:
    return min((float(child.position_y) for child in box.children if child.is_in_normal_flow()), default=float("inf"))
