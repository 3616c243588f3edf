"""The Word file as a bundle of parts: opened with care, since anybody may have sent it."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from pipeline.pdf.html.refusals import DamagedDocument, EncryptedDocument, MacroDocument, NoWordDocument, OversizedDocument

PART_LIMIT = 64 * 2**20      # bytes unpacked; a photograph of a whole page at 300 dpi stays well below
TOTAL_LIMIT = 256 * 2**20
PARTS_LIMIT = 5000

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"      # the container of Word before 2007, and of encrypted files
_STRICT = {                                          # ISO 29500 strict names the same vocabulary anew
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    b"http://purl.oclc.org/ooxml/drawingml/": b"http://schemas.openxmlformats.org/drawingml/2006/",
    b"http://purl.oclc.org/ooxml/officeDocument/math": b"http://schemas.openxmlformats.org/officeDocument/2006/math",
}
_RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


@dataclass(frozen=True, slots=True)
class Relationship:
    """Where a reference inside a part leads."""

    kind: str           # "image", "header", "hyperlink": the last word of its type
    target: str         # name of a part, or an address where external
    external: bool


class Package:
    """The parts of one Word file."""

    def __init__(self, parts: dict[str, bytes]) -> None:
        self._parts = parts
        self.document = self._main()

    @classmethod
    def open(cls, data: bytes) -> Package:
        """Unpacks a Word file within bounds. Raises DocumentError for anything else."""
        if data.startswith(_COMPOUND):
            if "EncryptedPackage".encode("utf-16-le") in data:
                raise EncryptedDocument
            raise NoWordDocument("eine Datei von Word 97–2003 (.doc) oder eines anderen Programms")
        if not data.startswith(b"PK"):
            raise NoWordDocument("eine PDF-Datei" if data.startswith(b"%PDF") else "etwas anderes")
        return cls(_unpacked(data))

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def part(self, name: str) -> bytes:
        """The bytes of a part. Raises DamagedDocument where it is missing."""
        try:
            return self._parts[name]
        except KeyError:
            raise DamagedDocument(f"„{name}“ fehlt") from None

    def xml(self, name: str) -> etree._Element:
        """A part as a tree."""
        return parsed(name, self.part(name))

    def relationships(self, name: str) -> dict[str, Relationship]:
        """What the references of a part mean, by their id."""
        folder, base = posixpath.split(name)
        path = posixpath.join(folder, "_rels", base + ".rels")
        return _relations(folder, path, self._parts[path]) if path in self._parts else {}

    def related(self, kind: str) -> str | None:
        """The first part of a kind that the document refers to: its styles, its numbering, its settings."""
        for relation in self.relationships(self.document).values():
            if relation.kind == kind and not relation.external:
                return relation.target
        return None

    def _main(self) -> str:
        types = self.part("[Content_Types].xml")
        if b"macroEnabled" in types or b"vbaProject" in types:
            raise MacroDocument("vbaProject" if b"vbaProject" in types else "Dateityp .docm")
        for relation in self.relationships("").values():
            if relation.kind == "officeDocument" and not relation.external:
                if b"wordprocessingml" not in types:
                    raise NoWordDocument("eine andere Office-Datei")
                self.part(relation.target)
                return relation.target
        raise DamagedDocument("kein Dokument enthalten")


def parsed(name: str, data: bytes) -> etree._Element:
    """XML without entities, document types or network. Raises DamagedDocument."""
    if b"purl.oclc.org" in data:
        for strict, usual in _STRICT.items():
            data = data.replace(strict, usual)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise DamagedDocument(f"„{name}“ ist kein gültiges XML") from error
    if b"<!DOCTYPE" in data[:4096] or root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # a tree of its own has it
        raise DamagedDocument(f"„{name}“ enthält eine Dokumenttyp-Angabe")
    return root


@lru_cache(maxsize=64)
def _relations(folder: str, path: str, data: bytes) -> dict[str, Relationship]:
    relations = {}
    for item in parsed(path, data).iter(_RELATIONSHIPS):
        target, external = item.get("Target", ""), item.get("TargetMode") == "External"
        if not external:
            target = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
        relations[item.get("Id", "")] = Relationship(item.get("Type", "").rsplit("/", 1)[-1], target, external)
    return relations


def _unpacked(data: bytes) -> dict[str, bytes]:
    parts, total = {}, 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if len(archive.infolist()) > PARTS_LIMIT:
                raise DamagedDocument(f"mehr als {PARTS_LIMIT} Teile")
            for item in archive.infolist():
                if item.flag_bits & 1:
                    raise EncryptedDocument
                with archive.open(item) as file:
                    content = file.read(PART_LIMIT + 1)      # never more, whatever the directory claims
                total += len(content)
                if len(content) > PART_LIMIT or total > TOTAL_LIMIT:
                    raise OversizedDocument(item.filename, PART_LIMIT if len(content) > PART_LIMIT else TOTAL_LIMIT)
                parts[item.filename] = content
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise DamagedDocument("das Archiv lässt sich nicht entpacken") from error
    return parts
