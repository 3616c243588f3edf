"""One document in the making: what has been put in, what it needs beside the text, and how much may still come."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from pipeline.errors import DocumentError
from pipeline.word.bounds import Excess
from pipeline.word.markup import Spot
from pipeline.word.parts import HYPERLINK, IMAGE, Relation

if TYPE_CHECKING:
    from pipeline.word.graft import Guests, Host

MAX_OUTPUT = 128 * 2**20      # characters of one part, and with it the turns of all its loops
MAX_SECONDS = 8.0             # of computing, for one part; a hundred times what the longest paper takes
EXPRESSION = "Ausdruck"       # the path of a value that is no single field


class ValueLost(DocumentError):
    """A value is not in the finished document: the proof after each merge failed."""

    def __init__(self, document: str, part: str, value: str) -> None:
        super().__init__(f"{document}: „{value}“ ist beim Einsetzen in {part} verloren gegangen",
                         hint="Das ist ein Fehler des Programms oder der Vorlage; das Dokument wurde nicht geschrieben.")


@dataclass(frozen=True, slots=True)
class Site:
    """One place of a template that takes a value."""

    path: str             # as the template writes it: "partner.name"
    line: int             # of the prepared source
    spot: Spot
    formatting: str       # of the run it stands in
    paragraph: str | None # format of the paragraph it stands in; None when that cannot be split here
    recorded: bool        # its text goes straight into the document, in order


@dataclass(frozen=True, slots=True)
class Media:
    """One picture file in the package."""

    name: str             # member name: "word/media/3f2a….png"
    data: bytes = field(repr=False)


@dataclass(slots=True)
class Rendering:
    """The state of one render; never shared."""

    document: str                       # how messages name it
    host: Host | None = None            # what the template's styles and lists are, for documents that are put into it
    guests: Guests | None = None        # what such documents brought along
    draft: bool = False                 # what is missing is marked, not refused
    sites: tuple[Site, ...] = ()        # of the part that is being made
    first_bookmark: int = 1
    left: int = MAX_OUTPUT
    until: float = 0.0                  # the thread's computing time at which this part has taken too long
    soonest: float = 0.0                # and the clock's, which costs next to nothing to ask and cannot be behind
    drawings: int = 1_000               # docxtpl numbers from here
    written: list[str] = field(default_factory=list)        # what went into the text, in order
    attributes: list[str] = field(default_factory=list)     # what went into attributes
    media: dict[str, Media] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)    # of the present part, by id
    bookmarks: set[str] = field(default_factory=set)                # names this document has been given

    def begin(self, sites: tuple[Site, ...]) -> None:
        """Another part of the same document."""
        self.sites = sites
        self.left = MAX_OUTPUT
        self.until = time.thread_time() + MAX_SECONDS
        self.soonest = time.perf_counter() + MAX_SECONDS
        self.written = []
        self.attributes = []
        self.relations = {}

    def spend(self, size: int) -> None:
        """Counts towards the bound. Raises Excess."""
        self.left -= size
        if self.left < 0:
            raise Excess

    def tick(self) -> None:
        """Looks at the clock. Raises Excess when the part has taken too long."""
        if time.perf_counter() > self.soonest and time.thread_time() > self.until:
            raise Excess

    def prove(self, part: str, xml: bytes) -> None:
        """Every value that was merged stands in the XML, texts in their order, and the XML is whole. Raises ValueLost."""
        parser = expat.ParserCreate(namespace_separator=" ")      # half the time of building a tree, and as strict
        parser.buffer_text = True
        texts: list[str] = []
        parser.CharacterDataHandler = texts.append
        said: list[str] = []
        if self.attributes:
            parser.StartElementHandler = lambda _, attributes: said.extend(attributes.values())
        try:
            parser.Parse(xml, True)
        except expat.ExpatError as error:
            raise ValueLost(self.document, part, f"alles nach Zeile {error.lineno}, Zeichen {error.offset}") from error
        _in_order(self.document, part, self.written, "".join(texts))
        _in_order(self.document, part, self.attributes, "\0".join(said))

    # what a document needs beside its text

    def picture(self, data: bytes, ending: str) -> str:
        """The relationship by which the present part finds a picture; the same picture is stored once."""
        digest = hashlib.sha256(data).hexdigest()[:24]
        media = self.media.setdefault(digest, Media(f"word/media/{digest}.{ending}", data))
        return self._related(digest, Relation(kind=IMAGE, target=f"/{media.name}"))

    def link(self, url: str) -> str:
        """The relationship by which the present part finds an address."""
        return self._related(hashlib.sha256(url.encode()).hexdigest()[:24], Relation(kind=HYPERLINK, target=url, external=True))

    def _related(self, name: str, relation: Relation) -> str:
        self.relations[f"rIdG{name}"] = relation
        return f"rIdG{name}"

    def bookmark(self, name: str) -> int | None:
        """The id of a new bookmark; None when the document has one of this name."""
        if name in self.bookmarks:
            return None
        self.bookmarks.add(name)
        return self.first_bookmark + len(self.bookmarks) - 1


def _in_order(document: str, part: str, values: list[str], text: str) -> None:
    found = 0
    for value in values:
        found = text.find(value, found)
        if found < 0:
            raise ValueLost(document, part, value)
        found += len(value)
