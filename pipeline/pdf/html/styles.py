"""styles.xml: what each of Word's styles means, with all it is based on, as one CSS class each."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from pipeline.pdf.html import formatting
from pipeline.pdf.html.formatting import Properties
from pipeline.pdf.html.names import A, attribute, child, truth_value, w
from pipeline.pdf.html.package import Package, parsed
from pipeline.pdf.html.sheet import block, slug

_HEADINGS = {f"heading {level}": level - 1 for level in range(1, 10)}      # the built-in names carry their level


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """One style with everything it inherits."""

    id: str
    kind: str                       # paragraph, character, table, numbering
    name: str
    slug: str
    paragraph: Properties = field(default_factory=dict, repr=False)
    run: Properties = field(default_factory=dict, repr=False)
    tables: tuple[etree._Element, ...] = field(default=(), repr=False)   # own element and those it is based on, general first

    @property
    def outline(self) -> int | None:
        """Heading level from 0; None for text."""
        level = self.paragraph.get("outline", _HEADINGS.get(self.name.lower()))
        return level if level is not None and level < 9 else None


class Styles:
    """The styles of one Word file."""

    def __init__(self, root: etree._Element | None, theme: dict[str, str]) -> None:
        self.theme = theme
        elements = {} if root is None else {attribute(item, "styleId") or "": item for item in root.iter(w("style"))}
        defaults = child(root, "docDefaults")
        self.default_paragraph = formatting.paragraph(child(child(defaults, "pPrDefault"), "pPr"))
        self.default_run = {"font": "Times New Roman", "size": 10.0} | formatting.run(child(child(defaults, "rPrDefault"), "rPr"), theme)
        self._elements = elements
        self._known: dict[str, Style] = {}
        self._usual = {attribute(item, "type"): key for key, item in elements.items() if truth_value(item.get(w("default")))}

    def get(self, key: str | None, kind: str) -> Style | None:
        """The style with that id, or the usual one of its kind; None where the file has neither."""
        if key not in self._elements or attribute(self._elements[key], "type") != kind:
            key = self._usual.get(kind)
        return None if key is None else self._read(key)

    def css(self, tables: Collection[str]) -> str:
        """All paragraph and character styles as classes, of the table styles those with these ids: Word writes a hundred, and each costs.

        The document's defaults stand on `body` and on the blocks themselves.
        """
        rules = [block("body", formatting.run_css(self.default_run)),
                 block("p, h1, h2, h3, h4, h5, h6, li", self._paragraph_css(self.default_paragraph, self.default_run))]
        for key, element in self._elements.items():
            kind = attribute(element, "type")
            if kind == "paragraph":
                style = self._read(key)
                rules.append(block(f".{style.slug}", self._paragraph_css(style.paragraph, self.default_run | style.run)
                                   | formatting.run_css(style.run)))
            elif kind == "character" and key != self._usual.get("character"):
                style = self._read(key)
                rules.append(block(f"span.{style.slug}, a.{style.slug}", formatting.run_css(style.run)))
            elif kind == "table" and key in tables:
                rules.append(self._table_rule(self._read(key)))
        return "".join(rules)

    def _table_rule(self, style: Style) -> str:
        """What a table style says of paragraphs stands above the document's defaults and below every paragraph style."""
        css = self._paragraph_css(style.paragraph, self.default_run | style.run)
        return block(f":where(.{style.slug}) p, :where(.{style.slug}) li", css)

    def _paragraph_css(self, properties: Properties, run: Properties) -> dict[str, str]:
        return formatting.paragraph_css({"font": run["font"], "size": run["size"]} | properties)

    def _read(self, key: str) -> Style:
        if key not in self._known:
            self._known[key] = self._merged(key)
        return self._known[key]

    def _merged(self, key: str) -> Style:
        chain, seen = [], set()
        current: str | None = key
        while current in self._elements and current not in seen:        # a circle in basedOn ends where it closes
            seen.add(current)
            chain.append(self._elements[current])
            current = attribute(child(self._elements[current], "basedOn"))
        chain.reverse()
        paragraph: Properties = {}
        run: Properties = {}
        for element in chain:
            own = formatting.paragraph(child(element, "pPr"))
            if "number" in own:
                paragraph = {name: value for name, value in paragraph.items() if name not in ("left", "first")} | {"numbered_after": True}
            paragraph |= own
            run |= formatting.run(child(element, "rPr"), self.theme)
        element = chain[-1]
        name = attribute(child(element, "name")) or key
        return Style(id=key, kind=attribute(element, "type") or "paragraph", name=name, slug=slug(name), paragraph=paragraph, run=run,
                     tables=tuple(chain) if attribute(element, "type") == "table" else ())


def read(package: Package) -> Styles:
    """The styles of a Word file; a file without any gets Word's bare defaults."""
    styles, theme = package.related("styles"), package.related("theme")
    return _read(package.part(styles) if styles else b"", package.part(theme) if theme else b"")


@lru_cache(maxsize=16)
def _read(styles: bytes, theme: bytes) -> Styles:
    return Styles(parsed("styles.xml", styles) if styles else None, _theme(parsed("theme1.xml", theme)) if theme else {})


def _theme(root: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("major", "minor"):
        font: Any = root.find(f".//{{{A}}}{name}Font/{{{A}}}latin")
        if font is not None and font.get("typeface"):
            found[name] = font.get("typeface")
    return found
