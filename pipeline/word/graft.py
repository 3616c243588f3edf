"""Another document put into a template: its text, its pictures and links, and the styles and lists it brings along."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Iterator
from functools import cached_property

from lxml import etree

from pipeline.errors import DocumentError
from pipeline.word import looks, parts, tags
from pipeline.word.package import Package
from pipeline.word.rendering import Rendering
from pipeline.word.values import Subdoc

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_DOC_PR = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_VAL = f"{_W}val"
_EMPTY = f'<w:numbering xmlns:w="{_W[1:-1]}"/>'.encode()

_STYLED = {f"{_W}pStyle": "paragraph", f"{_W}rStyle": "character", f"{_W}tblStyle": "table"}
_RELATED_STYLES = tuple(f"{_W}{name}" for name in ("basedOn", "next", "link"))

# What hangs on parts of its own that are not carried over.
_LEFT_OUT = {f"{_W}{element}": what for element, what in (
    ("footnoteReference", "eine Fußnote"), ("endnoteReference", "eine Endnote"), ("commentReference", "einen Kommentar"),
    ("altChunk", "einen eingebetteten Textteil"), ("subDoc", "ein Unterdokument"), ("ins", "eine nachverfolgte Änderung"),
    ("del", "eine nachverfolgte Änderung"))}
_KINDS = {"chart": "ein Diagramm", "oleObject": "ein eingebettetes Objekt", "package": "ein eingebettetes Objekt",
          "diagramData": "ein SmartArt-Diagramm", "diagramLayout": "ein SmartArt-Diagramm"}


class NotGrafted(DocumentError):
    """A document holds something that is not carried over into another."""

    def __init__(self, document: str, subdoc: str, what: str) -> None:
        super().__init__(f"{document}: „{subdoc}“ enthält {what} und kann so nicht eingefügt werden",
                         hint="Im eingefügten Dokument entfernen oder als Text schreiben.")


class Styles:
    """The styles of one document, by id and by name."""

    def __init__(self, opened: Package, roles: parts.Roles) -> None:
        self.part = _member(opened, roles, parts.STYLES, "styles.xml")
        data = opened.parts.get(self.part)
        self.root = tags.parse(opened.name, self.part, data) if data else etree.Element(f"{_W}styles")
        self.by_id = {style.get(f"{_W}styleId", ""): style for style in self.root.iter(f"{_W}style")}
        self.ids = {(style.get(f"{_W}type", ""), name): identity for identity, style in self.by_id.items() if (name := _name(style))}


class Lists:
    """The lists of one document."""

    def __init__(self, opened: Package, roles: parts.Roles) -> None:
        self.part = roles.numbering
        self.root = tags.parse(opened.name, self.part, opened.parts.get(self.part, _EMPTY))
        self.nums = {num.get(f"{_W}numId", ""): num for num in self.root.iter(f"{_W}num")}
        self.abstract = {num.get(f"{_W}abstractNumId", ""): num for num in self.root.iter(f"{_W}abstractNum")}


class Host:
    """What a template offers to documents that are put into it; read when the first one comes."""

    def __init__(self, opened: Package, roles: parts.Roles) -> None:
        self._opened = opened
        self._roles = roles

    @cached_property
    def styles(self) -> Styles:
        """The template's own."""
        return Styles(self._opened, self._roles)

    @cached_property
    def lists(self) -> Lists:
        """The template's own."""
        return Lists(self._opened, self._roles)

    @cached_property
    def bookmarks(self) -> frozenset[str]:
        """The names of the template's own."""
        roots = (tags.parse(self._opened.name, part, self._opened.parts[part]) for part in self._roles.merged)
        return frozenset(str(mark.get(f"{_W}name")) for root in roots for mark in root.iter(f"{_W}bookmarkStart"))


class Guests:
    """What one document has taken in: styles and lists to be added to the template's."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self._styles: dict[str, etree._Element] = {}          # by new id
        self._known: dict[tuple[str, str], str] = {}          # package, its id → id here
        self._abstract: list[etree._Element] = []
        self._nums: list[etree._Element] = []

    def changed(self) -> Iterator[tuple[str, bytes]]:
        """The members to be written anew."""
        if self._styles:
            root = copy.deepcopy(self.host.styles.root)
            root.extend(self._styles.values())
            yield self.host.styles.part, _bytes(root)
        if self._nums:
            root = copy.deepcopy(self.host.lists.root)
            _insert(root, self._abstract, before=(f"{_W}num", f"{_W}numIdMacAtCleanup"))
            _insert(root, self._nums, before=(f"{_W}numIdMacAtCleanup",))
            yield self.host.lists.part, _bytes(root)

    def style(self, guest: _Guest, kind: str, identity: str) -> str:
        """The id here of a guest's style: the template's own of the same name, or the guest's, taken in."""
        key = guest.package.sha256, identity
        if key in self._known:
            return self._known[key]
        found = guest.styles.by_id.get(identity)
        if found is None:
            return identity
        own = self.host.styles.ids.get((kind, _name(found)))
        self._known[key] = own or self._take(guest, kind, found)
        return self._known[key]

    def _take(self, guest: _Guest, kind: str, found: etree._Element) -> str:
        identity = wanted = found.get(f"{_W}styleId", "")
        number = 1
        while identity in self.host.styles.by_id or identity in self._styles:
            number += 1
            identity = f"{wanted}{number}"
        self._known[guest.package.sha256, wanted] = identity      # before its relatives: styles may name each other
        taken = copy.deepcopy(found)
        taken.set(f"{_W}styleId", identity)
        taken.attrib.pop(f"{_W}default", "")
        self._styles[identity] = taken
        for related in taken.iter(*_RELATED_STYLES):
            other = guest.styles.by_id.get(related.get(_VAL, ""))
            if other is not None:
                related.set(_VAL, self.style(guest, other.get(f"{_W}type", kind), related.get(_VAL, "")))
        guest.renumber(taken)
        return identity

    def list(self, guest: _Guest, identity: str) -> str:
        """A new list here, made like a guest's."""
        num = guest.lists.nums.get(identity)
        like = num.find(f"{_W}abstractNumId") if num is not None else None
        abstract = guest.lists.abstract.get(like.get(_VAL, "")) if like is not None else None
        if num is None or abstract is None:
            return "0"                                             # no list, as Word shows it
        numbers = [int(number) for number in (*self.host.lists.nums, *self.host.lists.abstract) if number.isdecimal()]
        number = str(max(numbers, default=0) + 1 + len(self._nums))
        self._abstract.append(self._abstract_like(guest, abstract, number))
        taken = copy.deepcopy(num)
        taken.set(f"{_W}numId", number)
        for reference in taken.iter(f"{_W}abstractNumId"):
            reference.set(_VAL, number)
        self._nums.append(taken)
        return number

    def _abstract_like(self, guest: _Guest, abstract: etree._Element, number: str) -> etree._Element:
        taken = copy.deepcopy(abstract)
        taken.set(f"{_W}abstractNumId", number)
        for element in (*taken.iter(f"{_W}styleLink", f"{_W}numStyleLink", f"{_W}lvlPicBulletId"),):
            _remove(element)
        for nsid in taken.iter(f"{_W}nsid"):                       # lists of one nsid are one list to Word
            nsid.set(_VAL, hashlib.sha256(f"{guest.package.sha256} {number}".encode()).hexdigest()[:8].upper())
        for style in taken.iter(f"{_W}pStyle"):
            style.set(_VAL, self.style(guest, "paragraph", style.get(_VAL, "")))
        return taken


class _Guest:
    """One document while it is put in, once."""

    def __init__(self, rendering: Rendering, subdoc: Subdoc, guests: Guests) -> None:
        self.package = subdoc.package
        self._rendering = rendering
        self._guests = guests
        self._roles = parts.roles(subdoc.package)
        self.styles = Styles(self.package, self._roles)
        self.lists = Lists(self.package, self._roles)
        self._lists: dict[str, str] = {}
        main = self._roles.main
        self._relations = parts.relations(self.package.name, main, self.package.parts.get(parts.relations_of(main)))

    def written(self, *, recorded: bool) -> str:
        body = tags.parse(self.package.name, self._roles.main, self.package.parts[self._roles.main]).find(f"{_W}body")
        if body is None:
            return ""
        self._refuse(body)
        for section in body.findall(f"{_W}sectPr"):
            body.remove(section)
        for reference in (*body.iter(f"{_W}headerReference", f"{_W}footerReference"),):
            _remove(reference)
        for element in body.iter(*_STYLED):
            element.set(_VAL, self._guests.style(self, _STYLED[str(element.tag)], element.get(_VAL, "")))
        self.renumber(body)
        self._relate(body)
        self._mark(body)
        if recorded:
            self._rendering.written += [text.text for text in body.iter(f"{_W}t") if text.text]
        return "".join(etree.tostring(child, encoding="unicode", with_tail=False) for child in body)

    def renumber(self, root: etree._Element) -> None:
        """Its lists become lists of the host; each time it is put in they begin anew."""
        for element in root.iter(f"{_W}numId"):
            identity = element.get(_VAL, "0")
            if identity != "0":
                if identity not in self._lists:
                    self._lists[identity] = self._guests.list(self, identity)
                element.set(_VAL, self._lists[identity])

    def _refuse(self, body: etree._Element) -> None:
        for element in body.iter(*_LEFT_OUT):
            raise self._not_grafted(_LEFT_OUT[str(element.tag)])

    def _not_grafted(self, what: str) -> NotGrafted:
        return NotGrafted(self._rendering.document, self.package.name, what)

    def _relate(self, body: etree._Element) -> None:
        for element in body.iter(etree.Element):
            for attribute, value in element.attrib.items():
                if str(attribute).startswith(_R) and value in self._relations:
                    element.set(attribute, self._related(self._relations[str(value)]))

    def _related(self, relation: parts.Relation) -> str:
        ending = relation.target.rpartition(".")[2].lower()
        data = self.package.parts.get(relation.target.lstrip("/"))
        if relation.kind == parts.IMAGE and not relation.external and data is not None and ending in parts.PICTURE_TYPES:
            return self._rendering.picture(data, ending)
        if relation.kind == parts.HYPERLINK and relation.external:
            try:
                return self._rendering.link(looks.address(relation.target))
            except looks.WrongLook as error:
                raise self._not_grafted(f"einen Verweis: {error}") from error
        raise self._not_grafted(_KINDS.get(relation.kind.rpartition("/")[2], "einen Verweis auf einen anderen Bestandteil"))

    def _mark(self, body: etree._Element) -> None:
        """Numbers that must be unique in a document are given anew; a bookmark whose name is taken is left out."""
        numbers: dict[str, str] = {}
        for mark in (*body.iter(f"{_W}bookmarkStart", f"{_W}bookmarkEnd"),):
            old, name = mark.get(f"{_W}id", ""), mark.get(f"{_W}name")
            if name is not None:
                number = None if name in self._guests.host.bookmarks else self._rendering.bookmark(name)
                if number is not None:
                    numbers[old] = str(number)
            if old in numbers:
                mark.set(f"{_W}id", numbers[old])
            else:
                _remove(mark)
        for drawing in body.iter(_DOC_PR):
            self._rendering.drawings += 1
            drawing.set("id", str(self._rendering.drawings))
        for paragraph in body.iter(f"{_W}p", f"{_W}tr"):
            for attribute in (f"{_W14}paraId", f"{_W14}textId"):
                paragraph.attrib.pop(attribute, "")


def grafted(rendering: Rendering, subdoc: Subdoc, *, recorded: bool) -> str:
    """The XML of another document's text; what it brings along is noted in the rendering. Raises NotGrafted, TemplateError."""
    if rendering.guests is None:
        assert rendering.host is not None
        rendering.guests = Guests(rendering.host)
    return _Guest(rendering, subdoc, rendering.guests).written(recorded=recorded)


def _member(opened: Package, roles: parts.Roles, kind: str, usual: str) -> str:
    relations = parts.relations(opened.name, roles.main, opened.parts.get(parts.relations_of(roles.main)))
    found = (relation.target.lstrip("/") for relation in relations.values() if relation.kind == kind)
    return next(found, f"{roles.main.rpartition('/')[0]}/{usual}")


def _name(style: etree._Element) -> str:
    name = style.find(f"{_W}name")
    return name.get(_VAL, "").lower() if name is not None else ""


def _insert(root: etree._Element, elements: list[etree._Element], *, before: tuple[str, ...]) -> None:
    place = next((number for number, child in enumerate(root) if child.tag in before), len(root))
    root[place:place] = elements


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
