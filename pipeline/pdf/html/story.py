"""One story of a Word file while it is read: the body, a header, a footnote; and what all stories of the file share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from lxml import etree

from pipeline.pdf.html import comparison
from pipeline.pdf.html.names import M, local, w
from pipeline.pdf.html.numbering import Counter, Numbering
from pipeline.pdf.html.package import Package, Relationship
from pipeline.pdf.html.refusals import Obstacle, UnsupportedContent
from pipeline.pdf.html.sheet import Sheet
from pipeline.pdf.html.styles import Styles

_NAMED = {        # what cannot be followed, in the office's words
    f"{{{M}}}oMath": "eine Formel", f"{{{M}}}oMathPara": "eine Formel", w("object"): "ein eingebettetes Objekt",
    w("altChunk"): "ein eingefügtes fremdes Dokument", w("subDoc"): "ein Teildokument", w("contentPart"): "eine Freihandzeichnung",
    w("ruby"): "eine Lautschrift",
}


@dataclass(slots=True)
class Document:
    """What all stories of one file share."""

    package: Package
    styles: Styles
    numbering: Numbering
    language: str
    blocks: Callable[[etree._Element, Element, Story], None]   # writes paragraphs and tables into an element, however deep they stand
    modern: bool                     # Word 2013 or later: a table's edge, not its text, stands on the margin
    tab: float                       # points between default tab stops
    sheet: Sheet = field(default_factory=Sheet)
    pictures: dict[str, bytes] = field(default_factory=dict)
    notes: dict[str, etree._Element] = field(default_factory=dict)      # "footnote 2" → its content
    tables: set[str] = field(default_factory=set)              # ids of the table styles in use
    anchors: dict[str, str] = field(default_factory=dict)      # bookmark → id in the HTML
    obstacles: list[Obstacle] = field(default_factory=list)    # what was met and could not be followed

    def meet(self, obstacle: Obstacle) -> None:
        """Notes something that cannot be followed; the same at the same place once."""
        if str(obstacle) not in map(str, self.obstacles):
            self.obstacles.append(obstacle)

    def compare(self, story: etree._Element, element: Element) -> None:
        """Word for word, one story and what it became. Raises DifferentText. Where something could not be followed, words are missing anyway."""
        if not self.obstacles:
            comparison.check(story, element, self.styles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """A sheet and its margins, in points."""

    width: float
    height: float
    top: float
    right: float
    bottom: float
    left: float
    header: float           # from the upper edge to the header
    footer: float           # from the footer to the lower edge

    @property
    def room(self) -> float:
        """Between the side margins."""
        return self.width - self.left - self.right


@dataclass(slots=True)
class Story:
    """One story: where it stands in the file, and how far it has been read."""

    document: Document
    part: str
    relationships: dict[str, Relationship]
    counter: Counter
    page: Geometry
    origin: tuple[float, float]      # points from the sheet's upper left corner to where CSS counts from in this story
    name: str = ""                   # "Kopfzeile"; "" is the body
    seen: int = 0                    # paragraphs read
    opening: str = ""                # how the last of them begins
    fields: list[Field] = field(default_factory=list)
    waiting: list[Element] = field(default_factory=list)       # anchors that wait for the next paragraph
    beside: list[Element] = field(default_factory=list)        # text boxes of the paragraph that is being read
    switched: frozenset[str] = frozenset()                     # bold, italic … by the style of that paragraph

    @classmethod
    def of(cls, document: Document, part: str, page: Geometry, name: str = "") -> Story:
        """A story at its beginning; headers and notes count their lists by themselves."""
        origins = {"Kopfzeile": (page.left, 0.0), "Fußzeile": (page.left, page.height - page.bottom)}
        return cls(document=document, part=part, relationships=document.package.relationships(part), counter=Counter(document.numbering),
                   page=page, origin=origins.get(name, (page.left, page.top)), name=name)

    @property
    def place(self) -> str:
        """Where the reader stands, for a person looking for it in Word."""
        where = f"{self.name}, Absatz {self.seen}" if self.name else f"Absatz {self.seen}"
        return f"{where}, „{self.opening}“" if self.opening else where

    def enter(self, paragraph: etree._Element) -> None:
        """Notes which paragraph is being read."""
        self.seen += 1
        text = ""
        for item in paragraph.iter(w("t")):
            text += item.text or ""
            if len(text) > 40:
                break
        self.opening = text[:40].strip() + ("…" if len(text) > 40 else "")

    def refuse(self, element: etree._Element) -> UnsupportedContent:
        """The error for something that cannot be followed."""
        return UnsupportedContent(_NAMED.get(str(element.tag), f"das Element „{local(element)}“"), self.place)


@dataclass(slots=True)
class Field:
    """A field of Word between its begin and its end: a code, and the result Word last showed."""

    code: str = ""
    result: bool = False             # its result is being read, not its code
    computed: bool = False           # its result is worked out anew, Word's is passed over
    link: dict[str, str] | None = None

    @property
    def words(self) -> list[str]:
        """The code in words, the first in capitals: ["PAGEREF", "_Toc1"]."""
        parts = self.code.replace('"', " ").split()
        return [parts[0].upper(), *parts[1:]] if parts else [""]


class Line:
    """Text and elements in the order they come, written into one block."""

    def __init__(self, block: Element) -> None:
        self._open = [block]

    def text(self, text: str) -> None:
        """More text at the end."""
        here = self._open[-1]
        if len(here):
            here[-1].tail = (here[-1].tail or "") + text
        else:
            here.text = (here.text or "") + text

    def empty(self, tag: str, **attributes: str) -> Element:
        """An element without content at the end."""
        return SubElement(self._open[-1], tag, attributes)

    def add(self, element: Element) -> None:
        """A finished element at the end."""
        self._open[-1].append(element)

    def open(self, tag: str, **attributes: str) -> None:
        """Begins an element; what follows stands inside."""
        self._open.append(SubElement(self._open[-1], tag, attributes))

    def close(self) -> None:
        """Ends the innermost element."""
        self._open.pop()


def content(element: etree._Element, transparent: frozenset[str]) -> Iterator[etree._Element]:
    """The children of an element; wrappers that mean nothing for the page are looked through."""
    for item in element:
        if item.tag in transparent:
            yield from content(item, transparent)
        else:
            yield item


_WRAPPERS = frozenset({w("smartTag"), w("customXml"), w("ins"), w("moveTo"), w("sdtContent"), w("dir"), w("bdo")})


def children(element: etree._Element) -> Iterator[etree._Element]:
    """The children that count for the page: insertions accepted, content controls opened."""
    for item in content(element, _WRAPPERS):
        if item.tag == w("sdt"):
            inner = item.find(w("sdtContent"))
            if inner is not None:
                yield from children(inner)
        else:
            yield item



