"""What a template says and looks like, whatever program saved it last: so that saving it anew without a change changes nothing.

Word renumbers parts, relationships and bookmarks, splits runs, and notes who saved when; none of that counts here. A part is
known by what it holds and a relationship by where it leads, never by its name. What counts is told in pieces with German names,
a paragraph each, so that a person can be told which one changed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import basename, dirname, join, normpath

from lxml import etree

from pipeline.word import tags
from pipeline.word.package import Package, unpack

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_REFERENCE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"

# Traces of editing and of the program that saved: they print nothing.
_TRACES = frozenset(_W + name for name in ("proofErr", "lastRenderedPageBreak", "latentStyles", "nsid", "tmpl", "rsid", "rsids", "noProof"))
_TRACING = frozenset(("rsidR", "rsidRPr", "rsidP", "rsidRDefault", "rsidTr", "rsidSect", "rsidDel", "paraId", "textId", "anchorId", "editId",
                      "durableId", "restartNumberingAfterBreak"))
_NUMBERED = frozenset((f"{_W}bookmarkStart", f"{_W}bookmarkEnd", f"{_DRAWING}docPr", f"{_PICTURE}cNvPr"))     # by an id of no meaning
_EMPTY = frozenset((f"{_W}rPr", f"{_W}pPr", f"{_W}tcPr", f"{_W}trPr"))      # say nothing when they hold nothing
_TEXT = frozenset((f"{_W}t", f"{_W}instrText", f"{_W}delText", f"{_A}t"))
# Settings that show on paper; the rest is how Word works on the file.
_SETTINGS = frozenset(_W + name for name in (
    "evenAndOddHeaders", "mirrorMargins", "defaultTabStop", "autoHyphenation", "consecutiveHyphenLimit", "hyphenationZone", "doNotHyphenateCaps",
    "gutterAtTop", "bookFoldPrinting", "footnotePr", "endnotePr", "documentProtection", "updateFields", "compat"))
_SAID_OF_ITSELF = ("title", "subject", "creator", "keywords", "description", "category")        # core properties that reach a paper
_PARTS = {"header": "Kopfzeile", "footer": "Fußzeile", "footnotes": "Fußnoten", "endnotes": "Endnoten", "comments": "Kommentare",
          "numbering": "Nummerierung", "theme": "Design", "custom-properties": "Eigene Eigenschaften"}
_PASSED_OVER = frozenset(("webSettings", "fontTable", "customXml", "attachedTemplate", "extended-properties", "thumbnail", "stylesWithEffects",
                          "people", "commentsExtended", "commentsIds", "commentsExtensible", "documenttasks"))
_FONTS = frozenset(_W + name for name in ("ascii", "hAnsi", "eastAsia", "cs"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Essence:
    """What a template is made of, in pieces."""

    sha256: str                        # of all pieces
    pieces: Mapping[str, str] = field(repr=False)      # "Absatz 14" → a short hash, a blank, and its text if it has any
    fonts: frozenset[str]              # families it names


def essence(name: str, data: bytes) -> Essence:
    """The essence of a Word file; `name` is for messages. Raises TemplateError where it is no harmless .docx."""
    reading = _Reading(unpack(name, data))
    pieces = dict(_told_apart(reading.pieces()))
    whole = hashlib.sha256("\n".join(f"{piece}\0{said}" for piece, said in pieces.items()).encode()).hexdigest()
    return Essence(sha256=whole, pieces=pieces, fonts=frozenset(reading.fonts))


class _Reading:
    """One package, read along its relationships from the document on."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self.fonts: set[str] = set()
        self._sums: dict[str, str] = {}
        self._bookmarks: dict[str, str] = {}

    def pieces(self) -> Iterator[tuple[str, str]]:
        """Every piece, its name not yet told apart from others."""
        main = ""
        for kind, target, _ in self._relations("").values():
            if kind == "officeDocument":
                main = target
            elif kind == "core-properties":
                yield "Dokumenteigenschaften", _summed(self._core(target))
        if main not in self._package.parts:
            return
        yield from self._document(main)
        # Word orders parts as it likes; what a part is called in its piece, and what it holds, says enough.
        related = sorted(self._relations(main).values())
        for kind, target, external in related:
            if not external and kind in ("styles", "settings", "numbering", "theme", "footnotes", "endnotes", "comments"):
                yield from self._part(kind, target)

    def _document(self, main: str) -> Iterator[tuple[str, str]]:
        root, links = self._tree(main), self._links(main)
        paragraphs = [node for node in root.iter(f"{_W}p") if not any(above.tag == f"{_W}p" for above in node.iterancestors())]
        for number, paragraph in enumerate(paragraphs, 1):
            yield f"Absatz {number}", _summed(self._said(paragraph, links), _text(paragraph))
        for paragraph in paragraphs:        # what is left is the frame: tables, sections
            for child in list(paragraph):
                paragraph.remove(child)
            paragraph.attrib.clear()
        for number, table in enumerate(root.iter(f"{_W}tbl"), 1):
            yield f"Tabelle {number}", _summed(self._said(table, links))
        for sections in root.iter(f"{_W}sectPr"):
            for reference in list(sections):
                target = links.get(reference.get(f"{_REFERENCE}id", ""), "")
                if reference.tag in (f"{_W}headerReference", f"{_W}footerReference") and target in self._package.parts:
                    kind = "Kopfzeile" if reference.tag.endswith("headerReference") else "Fußzeile"
                    yield kind, _summed(f"{self._sum(target)} {reference.get(f'{_W}type')}", _text(self._tree(target)))
                    sections.remove(reference)
            yield "Seiteneinrichtung", _summed(self._said(sections, {}))
        yield "Gliederung", _summed(self._said(root, links))

    def _part(self, kind: str, member: str) -> Iterator[tuple[str, str]]:
        root, links = self._tree(member), self._links(member)
        if kind == "styles":
            for style in root:
                names = [str(node.get(f"{_W}val")) for node in style.iter(f"{_W}name")]
                if style.tag not in _TRACES:
                    yield f"Formatvorlage {names[0] if names else 'Grundeinstellung'}", _summed(self._said(style, links))
        elif kind == "settings":
            kept = [self._said(node, links) for node in root if node.tag in _SETTINGS and node.tag != f"{_W}compat"]
            mode = [str(node.get(f"{_W}val")) for node in root.iter(f"{_W}compatSetting") if node.get(f"{_W}name") == "compatibilityMode"]
            yield "Einstellungen", _summed("".join(sorted(kept)) + " ".join(mode))
        elif kind in ("footnotes", "endnotes"):
            notes = [self._said(note, links) for note in root if note.get(f"{_W}type") is None]
            if notes:
                yield _PARTS[kind], _summed("".join(notes), _text(root))
        else:
            yield _PARTS.get(kind, f"Bestandteil {kind}"), _summed(self._sum(member), _text(root))

    def _core(self, member: str) -> str:
        root = self._tree(member)
        found = {etree.QName(node).localname: node.text or "" for node in root if isinstance(node.tag, str)}
        return "\n".join(f"{name}: {found[name]}" for name in _SAID_OF_ITSELF if found.get(name))

    def _sum(self, member: str) -> str:
        """A part by its content alone."""
        if member not in self._sums:
            self._sums[member] = ""         # a circle of relationships ends here
            if member.endswith(".xml"):
                said = self._said(self._tree(member), self._links(member))
                self._sums[member] = hashlib.sha256(said.encode()).hexdigest()
            else:
                self._sums[member] = hashlib.sha256(self._package.parts[member]).hexdigest()
        return self._sums[member]

    def _tree(self, member: str) -> etree._Element:
        return tags.parse(self._package.name, member, self._package.parts[member])

    def _relations(self, part: str) -> dict[str, tuple[str, str, bool]]:
        """By id: the kind in a word, the member or address, whether it leads outside."""
        rels = join(dirname(part), "_rels", f"{basename(part)}.rels")
        found = {}
        for node in self._tree(rels).iter(_RELATIONSHIP) if rels in self._package.parts else ():
            external = node.get("TargetMode") == "External"
            target = node.get("Target", "")
            kind = node.get("Type", "").rpartition("/")[2]
            if kind not in _PASSED_OVER:
                found[node.get("Id", "")] = (kind, target if external else normpath(join("/", dirname(part), target)).lstrip("/"), external)
        return found

    def _links(self, part: str) -> dict[str, str]:
        return {identity: target for identity, (_, target, _) in self._relations(part).items()}

    def _said(self, node: etree._Element, links: Mapping[str, str]) -> str:
        """An element as text that two programs write alike."""
        if not isinstance(node.tag, str) or node.tag in _TRACES or self._is_last_edit(node):
            return ""
        if node.tag == f"{_W}rFonts":
            self.fonts.update(str(value) for name, value in node.items() if name in _FONTS and value)
        elif node.tag in (f"{_A}latin", f"{_A}ea", f"{_A}cs"):
            self.fonts.update(filter(None, [node.get("typeface")]))
        held = "".join(self._children(node, links))
        if node.tag in _TEXT:
            held = (node.text or "") + held
        elif node.tag in _EMPTY and not held:
            return ""
        return f"<{node.tag}{''.join(self._attributes(node, links))}>{held}</>"

    def _children(self, node: etree._Element, links: Mapping[str, str]) -> Iterator[str]:
        """What an element holds; neighbouring runs of one look are one run, however often Word has cut it."""
        look, text = "", ""
        for child in node:
            if child.tag != f"{_W}r":
                said = self._said(child, links)
                if said:
                    yield from _run(look, text)
                    look = text = ""
                    yield said
                continue
            properties = child.find(f"{_W}rPr")
            own = self._said(properties, links) if properties is not None else ""
            if own != look:
                yield from _run(look, text)
                look, text = own, ""
            text += "".join((part.text or "") if part.tag == f"{_W}t" else self._said(part, links) for part in child if part is not properties)
        yield from _run(look, text)

    def _attributes(self, node: etree._Element, links: Mapping[str, str]) -> Iterator[str]:
        for name, value in sorted((str(name), str(value)) for name, value in node.items()):
            local = name.rpartition("}")[2]
            if local in _TRACING or name.startswith((_COMPATIBILITY, "{http://www.w3.org/XML/1998/namespace}")):
                continue
            if node.tag in _NUMBERED and local == "id":
                if node.tag == f"{_W}bookmarkStart":
                    self._bookmarks[value] = node.get(f"{_W}name", "")
                yield f" {self._bookmarks.get(value, '')}"
            elif name.startswith(_REFERENCE) and value in links:
                yield f" {name}={self._sum(links[value]) if links[value] in self._package.parts else links[value]}"
            else:
                yield f" {name}={value}"

    def _is_last_edit(self, node: etree._Element) -> bool:
        """The bookmark by which Word finds the place where somebody last typed."""
        if node.tag == f"{_W}bookmarkStart" and node.get(f"{_W}name") == "_GoBack":
            self._bookmarks[node.get(f"{_W}id", "")] = "_GoBack"
            return True
        return node.tag == f"{_W}bookmarkEnd" and self._bookmarks.get(node.get(f"{_W}id", "")) == "_GoBack"


def _run(look: str, text: str) -> Iterator[str]:
    if text:
        yield f"<r>{look}{text}</>"


def _text(node: etree._Element) -> str:
    return " ".join("".join(part.text or "" for part in node.iter(*_TEXT)).split())


def _summed(said: str, text: str = "") -> str:
    return f"{hashlib.sha256(said.encode()).hexdigest()[:16]} {text}".rstrip()


def _told_apart(pieces: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Pieces of one name get numbers: the second header is "Kopfzeile 2"."""
    seen: Counter[str] = Counter()
    for name, said in pieces:
        seen[name] += 1
        yield (f"{name} {seen[name]}" if seen[name] > 1 else name), said
