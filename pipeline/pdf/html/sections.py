"""Sections: the sheet's size and margins, its headers and footers, and where a new page begins."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from lxml import etree

from pipeline.pdf.html import blocks
from pipeline.pdf.html.names import MM, attribute, child, length, points, r, truth, w
from pipeline.pdf.html.story import Document, Geometry, Story, children

_SHEET = (210 * MM, 297 * MM)
_KINDS = {"first": ":first", "even": ":left", "default": ""}
_EDGES = {"header": "top", "footer": "bottom"}


def split(body: etree._Element) -> list[tuple[list[etree._Element], etree._Element | None]]:
    """The body's blocks by section, each with the properties that end it."""
    sections: list[tuple[list[etree._Element], etree._Element | None]] = []
    current: list[etree._Element] = []
    for item in children(body):
        if item.tag == w("sectPr"):
            sections.append((current, item))
            current = []
            continue
        current.append(item)
        ending = child(child(item, "pPr"), "sectPr") if item.tag == w("p") else None
        if ending is not None:
            sections.append((current, ending))
            current = []
    if current:
        sections.append((current, None))
    return sections


def geometry(properties: etree._Element | None) -> Geometry:
    """The sheet of a section; A4 with 25 mm margins where the file says nothing."""
    size, margins = child(properties, "pgSz"), child(properties, "pgMar")

    def margin(name: str, usual: float) -> float:
        value = points(None if margins is None else margins.get(w(name)))
        return usual if value is None else abs(value)
    width, height = (points(None if size is None else size.get(w(name))) for name in ("w", "h"))
    usual = 25 * MM
    return Geometry(width=width or _SHEET[0], height=height or _SHEET[1], top=margin("top", usual), right=margin("right", usual),
                    bottom=margin("bottom", usual), left=margin("left", usual) + margin("gutter", 0.0), header=margin("header", 35.4),
                    footer=margin("footer", 35.4))


def _first(name: str) -> str:
    return f"{name}:nth(1 of {name})" if name else ":first"


class Sections:
    """Turns the sections of one document into pages."""

    def __init__(self, document: Document, *, even: bool) -> None:
        self._document, self._even = document, even
        self._parts: dict[tuple[str, str], str] = {}      # (header or footer, which page) → part; each section inherits them
        self._count = 0
        self._runners = 0
        self._page: Geometry | None = None

    def read(self, items: list[etree._Element], properties: etree._Element | None, body: Element, story: Story) -> None:
        """One section with its page rules. A continuous one on the same sheet goes on where the last ended."""
        page = geometry(properties)
        flowing = attribute(child(properties, "type")) == "continuous" and page == self._page
        if not (flowing and len(body)):
            self._count += 1
        name = "" if self._count == 1 else f"_section-{self._count}"      # a named page counts as a forced break in WeasyPrint
        self._inherit(properties, story)
        target = SubElement(body, "section", {"class": name} if name else {})
        if not flowing or self._count == 1:
            self._rules(name, page, properties, target)
        self._columns(child(properties, "cols"), target)
        self._page, story.page, story.origin = page, page, (page.left, page.top)
        flow = blocks.Flow(target, story)
        for item in items:
            flow.take(item)

    def _inherit(self, properties: etree._Element | None, story: Story) -> None:
        for kind in ("header", "footer"):
            for item in () if properties is None else properties.findall(w(f"{kind}Reference")):
                relation = story.relationships.get(item.get(r("id"), ""))
                if relation is not None:
                    self._parts[kind, item.get(w("type"), "default")] = relation.target

    def _rules(self, name: str, page: Geometry, properties: etree._Element | None, target: Element) -> None:
        sheet = self._document.sheet
        margins = " ".join(length(value) for value in (page.top, page.right, page.bottom, page.left))
        start = attribute(child(properties, "pgNumType"), "start")
        if name:
            sheet.rule(f".{name} {{ page: {name} }}\n")
        if start and start.isdigit():
            sheet.rule(f"@page {_first(name)} {{ counter-reset: page {int(start)} }}\n")
        sheet.rule(f"@page {name} {{ size: {length(page.width)} {length(page.height)}; margin: {margins} }}\n")
        first = truth(child(properties, "titlePg"))
        for which, selector in _KINDS.items():
            if (which == "first" and not first) or (which == "even" and not self._even):
                continue
            pages = _first(name) if which == "first" else f"{name}{selector}"
            for kind, edge in _EDGES.items():
                part = self._parts.get((kind, which))
                if part is not None:
                    mark = self._running(part, kind, page, target)
                    gap = page.header if kind == "header" else page.footer
                    sheet.rule(f"@page {pages} {{ @{edge}-center {{ content: element({mark}); width: 100%; vertical-align: {edge}; "
                               f"text-align: left; padding-{edge}: {length(gap)} }} }}\n")
                elif pages:
                    sheet.rule(f"@page {pages} {{ @{edge}-center {{ content: none }} }}\n")

    def _running(self, part: str, kind: str, page: Geometry, target: Element) -> str:
        """Puts a header or footer where its section begins; returns the name under which pages fetch it."""
        self._runners += 1
        mark = f"_{kind}-{self._runners}"
        story = Story.of(self._document, part, page, "Kopfzeile" if kind == "header" else "Fußzeile")
        holder = SubElement(target, "div", {"class": f"_running {mark}"})
        root = self._document.package.xml(part)
        blocks.read(root, holder, story)
        self._document.compare(root, holder)
        self._document.sheet.rule(f".{mark} {{ position: running({mark}) }}\n")
        return mark

    def _columns(self, columns: etree._Element | None, target: Element) -> None:
        count = int(attribute(columns, "num") or 1)
        if count > 1:
            gap = points(attribute(columns, "space")) or 35.4
            name = self._document.sheet.direct({"column-count": str(count), "column-gap": length(gap)})
            target.set("class", f"{target.get('class', '')} _columns {name}".strip())
