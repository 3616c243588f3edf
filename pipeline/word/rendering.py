"""One document in the making: how values become XML, what has been put in, and how much may still come."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import unescape

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from lxml import etree
from markupsafe import Markup

from pipeline.errors import DocumentError
from pipeline.records import Picture, SignatureLine
from pipeline.word import drawing
from pipeline.word.markup import ATTRIBUTE, IN_RUN, TEXT, Spot
from pipeline.word.sandbox import RENDERING, Excess

MAX_OUTPUT = 128 * 2**20      # characters of one part, and with it the turns of all its loops

_UNUSUAL = re.compile("[^ -%'-;=?-~\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")     # XML 1.0, production 2
_XML_TAG = re.compile(r"<[^>]*>")
_BREAKS = re.compile("[\n\t]")
_BREAK = '</w:t><w:br/><w:t xml:space="preserve">'
_TAB = '</w:t><w:tab/><w:t xml:space="preserve">'


class BadCharacter(DocumentError):
    """A value holds a character no Word file can carry."""

    def __init__(self, document: str, path: str, character: str) -> None:
        super().__init__(f"{document}: „{path}“ enthält ein Zeichen, das kein Word-Dokument aufnehmen kann (U+{ord(character):04X})",
                         hint="Das Zeichen in der Tabelle löschen; meist stammt es aus einer Kopie.")


class NotText(DocumentError):
    """A value cannot be shown where it stands."""

    def __init__(self, document: str, path: str, what: str) -> None:
        super().__init__(f"{document}: „{path}“ ist {what} und kann hier nicht gedruckt werden",
                         hint="In der Vorlage ein Feld daraus nennen, es mit {% if %} abfragen oder mit {% for %} durchgehen.")


class DoubleSignature(DocumentError):
    """Two signature lines of one name stand in a document."""

    def __init__(self, document: str, name: str) -> None:
        super().__init__(f"{document}: die Unterschriftszeile „{name}“ steht zweimal im Dokument",
                         hint="Jede Unterschriftszeile in der Vorlage nur einmal einsetzen.")


class BadSignatureName(DocumentError):
    """A signature line's name cannot be a bookmark's."""

    def __init__(self, document: str, name: str) -> None:
        super().__init__(f"{document}: „{name}“ ist kein Name für eine Unterschriftszeile",
                         hint="Höchstens 30 Zeichen: Buchstaben a–z, Ziffern, Bindestrich.")


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
    sites: tuple[Site, ...] = ()        # of the part that is being made
    first_bookmark: int = 1
    left: int = MAX_OUTPUT
    drawings: int = 1_000               # docxtpl numbers from here
    written: list[str] = field(default_factory=list)
    media: dict[str, Media] = field(default_factory=dict)
    relations: dict[str, str] = field(default_factory=dict)    # relationship id → media name, of the present part
    signatures: list[str] = field(default_factory=list)

    def begin(self, sites: tuple[Site, ...]) -> None:
        """Another part of the same document."""
        self.sites = sites
        self.left = MAX_OUTPUT
        self.written = []
        self.relations = {}

    def spend(self, size: int) -> None:
        """Counts towards the bound. Raises Excess."""
        self.left -= size
        if self.left < 0:
            raise Excess

    def prove(self, part: str, xml: bytes) -> None:
        """Every text that was merged stands in the XML, in its order, and the XML is whole. Raises ValueLost."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        try:
            text = etree.tostring(etree.fromstring(xml, parser), method="text", encoding="unicode")
        except etree.XMLSyntaxError as error:
            raise ValueLost(self.document, part, f"alles nach {error.msg}") from error
        found = 0
        for value in self.written:
            found = text.find(value, found)
            if found < 0:
                raise ValueLost(self.document, part, value)
            found += len(value)

    # what a value becomes

    def _drawing(self, picture: Picture, site: Site) -> str:
        if not (site.spot.before_drawing or site.spot is IN_RUN):
            raise NotText(self.document, site.path, "ein Bild")
        self.drawings += 1
        return (site.spot.before_drawing
                + drawing.inline(picture, number=self.drawings, png=self._relate(picture.png, "png"),
                                 svg=self._relate(picture.svg, "svg") if picture.svg else None)
                + site.spot.after_drawing)

    def _relate(self, data: bytes, ending: str) -> str:
        digest = hashlib.sha256(data).hexdigest()[:24]
        self.media.setdefault(digest, Media(f"word/media/{digest}.{ending}", data))
        relation = f"rIdG{digest}"
        self.relations[relation] = digest
        return relation

    def _signature(self, line: SignatureLine, site: Site) -> str:
        if not (site.spot.before_drawing or site.spot is IN_RUN):
            raise NotText(self.document, site.path, "eine Unterschriftszeile")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,30}", line.name):
            raise BadSignatureName(self.document, line.name)
        if line.name in self.signatures:
            raise DoubleSignature(self.document, line.name)
        number = self.first_bookmark + len(self.signatures)
        self.signatures.append(line.name)
        inner = drawing.signature(line.name, number=number, formatting=site.formatting)
        if site.spot is TEXT:
            return f'</w:t></w:r>{inner}<w:r>{site.formatting}<w:t xml:space="preserve">'
        if site.spot is IN_RUN:
            return f"</w:r>{inner}<w:r>{site.formatting}"
        return site.spot.before_drawing.replace("<w:r>", "") + inner + site.spot.after_drawing.replace("</w:r>", "")

    def _markup(self, value: Markup, site: Site) -> str:
        # Made by a macro or a block of this template: its values were escaped when they were written into it.
        if site.recorded:
            self.written += [unescape(piece) for piece in _XML_TAG.split(value) if piece]
        return str(value)

    def _text(self, value: str, site: Site) -> str:
        if forbidden := _FORBIDDEN.search(value):
            raise BadCharacter(self.document, site.path, forbidden[0])
        value = value.replace("\r\n", "\n").replace("\r", "\n")
        if site.recorded and site.spot is not ATTRIBUTE:
            self.written += _BREAKS.split(value) if site.spot.breaks else [value]
        escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if site.spot.breaks:
            return escaped.replace("\n", _BREAK).replace("\t", _TAB)
        if site.spot is ATTRIBUTE:
            return escaped.replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
        return escaped

    def unusual(self, value: Any, site: Site) -> str:
        """The XML of a value that is more than a plain run of letters."""
        if isinstance(value, Markup):
            return self._markup(value, site)
        if isinstance(value, Picture):
            return self._drawing(value, site)
        if isinstance(value, SignatureLine):
            return self._signature(value, site)
        if isinstance(value, Undefined):
            return str(value)             # says what is missing
        for kinds, what in _UNPRINTABLE:
            if isinstance(value, kinds):
                raise NotText(self.document, site.path, what)
        if not isinstance(value, _PRINTABLE):
            raise NotText(self.document, site.path, f"ein Objekt der Art {type(value).__name__}")
        if not site.spot.texts:
            raise NotText(self.document, site.path, "ein Text außerhalb eines Absatzes")
        return site.spot.before + self._text(str(value), site) + site.spot.after


_PRINTABLE = (str, int, float, Decimal, dt.date, dt.time)

# Word would print what Python calls these; nobody wants to read that.
_UNPRINTABLE: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "leer"),
    (bool, "ein Wahrheitswert"),
    ((list, tuple, set, frozenset), "eine Liste"),
    (dict, "ein Datensatz"),
    ((bytes, bytearray), "kein Text"),
)


@pass_context
def write_text(context: Context, value: Any, number: int) -> str:
    """A value between `<w:t>` and `</w:t>`: by far the most frequent case, so it is short."""
    rendering: Rendering = context.parent[RENDERING]
    rendering.left -= 32
    if type(value) is str and not _UNUSUAL.search(value):
        rendering.spend(len(value))
        rendering.written.append(value)
        return value
    return write_any(context, value, number)


@pass_context
def write_any(context: Context, value: Any, number: int) -> str:
    """A value anywhere."""
    rendering: Rendering = context.parent[RENDERING]
    made = rendering.unusual(value, rendering.sites[number])
    rendering.spend(len(made) + 32)
    return made


@pass_context
def write_number(context: Context, _: Any) -> str:
    """The next drawing's id."""
    rendering: Rendering = context.parent[RENDERING]
    rendering.drawings += 1
    return str(rendering.drawings)


@pass_context
def count_turns(context: Context, turns: Iterable[Any], weight: int) -> Iterable[Any]:
    """What a loop goes through, paid for before its first turn."""
    if isinstance(turns, Undefined):
        return turns                      # says what is missing when the loop starts
    if not isinstance(turns, Sized):
        turns = list(turns)
    context.parent[RENDERING].spend(len(turns) * weight)
    return turns


TEXT_WRITER, ANY_WRITER, NUMBER_WRITER, TURNS = "write text", "write", "write number", "turns"
WRITERS: dict[str, Callable[..., str]] = {TEXT_WRITER: write_text, ANY_WRITER: write_any, NUMBER_WRITER: write_number}
