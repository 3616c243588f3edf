"""A template as its examination sees it: its parts as trees, and a name for each place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from lxml import etree

from pipeline.records import Place
from pipeline.word import places, tags
from pipeline.word.builder import Source
from pipeline.word.template import Template

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
QUOTED = 60     # characters of a paragraph in a place
_NAMES = {
    "w": W,
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "rel": "http://schemas.openxmlformats.org/package/2006/relationships",
    "adec": "http://schemas.microsoft.com/office/drawing/2017/decorative",
}


class Document:
    """A template's parts as trees, read when a rule asks for them."""

    def __init__(self, template: Template) -> None:
        self.template = template

    @cached_property
    def roots(self) -> Mapping[str, etree._Element]:
        """The parts that are merged, by member name."""
        package = self.template.package
        return {part: tags.parse(package.name, part, package.parts[part]) for part in self.template.roles.merged}

    @cached_property
    def styles(self) -> Mapping[str, str]:
        """The names of its styles, as Word shows them."""
        return places.style_names(self.template.package, self.template.roles.main)

    def part(self, member: str) -> etree._Element | None:
        """Any other part; None when the package has none of that name."""
        package = self.template.package
        return tags.parse(package.name, member, package.parts[member]) if member in package.parts else None

    def find(self, path: str) -> Iterator[etree._Element]:
        """Elements in all merged parts."""
        for root in self.roots.values():
            yield from find(root, path)

    def place(self, element: etree._Element | None = None) -> Place:
        """Where an element stands: its paragraph's text and style, or the first paragraph it holds."""
        paragraph = None
        if element is not None:
            around = element.xpath("(ancestor-or-self::w:p)[last()] | (.//w:p[.//w:t])[1]", namespaces=_NAMES)
            paragraph = around[0] if isinstance(around, list) and around else None
        if not isinstance(paragraph, etree._Element):
            return Place(file=self.template.name)
        return Place(file=self.template.name, column=places.said(*places.of_paragraph(paragraph, self.styles), QUOTED))


def find(element: etree._Element, path: str) -> list[etree._Element]:
    """Elements below one, by XPath with the usual prefixes."""
    found = element.xpath(path, namespaces=_NAMES)
    return [node for node in found if isinstance(node, etree._Element)] if isinstance(found, list) else []


def value_of(element: etree._Element) -> str:
    """The attribute `w:val`, in which WordprocessingML says most things."""
    return str(element.get(f"{{{W}}}val") or "")


def place_at(source: Source, line: int) -> Place:
    """The place of a tag, as a finding shows it."""
    return Place(file=source.template, column=source.where(line, QUOTED))
