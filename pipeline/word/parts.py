"""What the package says of itself: which member is what, and how new ones are made known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from posixpath import basename, dirname, join, normpath

from lxml import etree

from pipeline.errors import TemplateError
from pipeline.word.package import NotWord, Package
from pipeline.word.tags import parse

TYPES = "[Content_Types].xml"
_TYPES_NS = "{http://schemas.openxmlformats.org/package/2006/content-types}"
_RELS_NS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."

IMAGE = f"{_OFFICE}/image"
HYPERLINK = f"{_OFFICE}/hyperlink"
STYLES = f"{_OFFICE}/styles"
NUMBERING = f"{_OFFICE}/numbering"
NUMBERING_TYPE = f"{_WORD}numbering+xml"
CUSTOM = f"{_OFFICE}/custom-properties"
CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
CORE_TYPE = "application/vnd.openxmlformats-package.core-properties+xml"
PICTURE_TYPES = {"png": "image/png", "svg": "image/svg+xml", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif",
                 "bmp": "image/bmp", "tiff": "image/tiff", "tif": "image/tiff", "emf": "image/x-emf", "wmf": "image/x-wmf"}

# Parts in which tags are looked for, in the order in which they are merged: the text first, as docxtpl does.
MERGED = (
    f"{_WORD}document.main+xml", f"{_WORD}header+xml", f"{_WORD}footer+xml",
    f"{_WORD}footnotes+xml", f"{_WORD}endnotes+xml", f"{_WORD}comments+xml",
    "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
    "application/vnd.ms-office.drawingml.diagramDrawing+xml",
)


class WithMacros(TemplateError):
    """The document carries macros."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} enthält Makros", hint="In Word als „Word-Dokument (*.docx)“ ohne Makros speichern.")


class WordTemplateFile(TemplateError):
    """The file is a .dotx."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} ist eine Word-Vorlage (.dotx)", hint="In Word als „Word-Dokument (*.docx)“ speichern.")


class StrictFile(TemplateError):
    """The file is strict OOXML."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} ist als „Strict Open XML-Dokument“ gespeichert",
                         hint="In Word als gewöhnliches „Word-Dokument (*.docx)“ speichern.")


class MissingPart(TemplateError):
    """The package lacks a part it needs."""

    def __init__(self, name: str, part: str) -> None:
        super().__init__(f"{name} ist unvollständig: {part} fehlt", hint="Die Datei in Word öffnen und neu speichern.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Which member of the package is what."""

    main: str                   # "word/document.xml"
    core: str                   # core properties; where they will be when there are none
    custom: str                 # custom properties, likewise
    numbering: str              # lists, likewise
    merged: tuple[str, ...]     # parts in which tags are looked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Where a part's relationship leads."""

    kind: str
    target: str               # a member with a slash before it, or an address outside
    external: bool = False


def relations_of(part: str) -> str:
    """The member that holds a part's relationships; "" is the package."""
    return join(dirname(part), "_rels", f"{basename(part)}.rels")


def roles(package: Package) -> Roles:
    """What the package says its members are. Raises TemplateError when it is no plain Word document."""
    name, parts = package.name, package.parts
    if TYPES not in parts:
        what = "eine OpenDocument-Datei" if parts.get("mimetype", b"").startswith(b"application/vnd.oasis") else "ein anderes Zip-Archiv"
        raise NotWord(name, what)
    targets = dict(_targets(package))
    if _STRICT in targets:
        raise StrictFile(name)
    main = targets.get(f"{_OFFICE}/officeDocument")
    if main is None or main not in parts:
        raise MissingPart(name, "word/document.xml")
    types = _types(package)
    _refuse_kinds(name, types, main)
    order = {kind: place for place, kind in enumerate(MERGED)}
    merged = sorted((part for part in parts if types.get(part) in order), key=lambda part: (order[types[part]], part))
    return Roles(main=main, core=targets.get(CORE, "docProps/core.xml"), custom=targets.get(CUSTOM, "docProps/custom.xml"),
                 numbering=_numbering(package, main), merged=tuple(merged))


def _numbering(package: Package, main: str) -> str:
    of_main = relations(package.name, main, package.parts.get(relations_of(main))).values()
    found = (relation.target.lstrip("/") for relation in of_main if relation.kind == NUMBERING)
    return next(found, f"{dirname(main)}/numbering.xml")


def _refuse_kinds(name: str, types: Mapping[str, str], main: str) -> None:
    kind = types.get(main, "")
    if "macroEnabled" in kind or any("vbaProject" in other for other in types.values()):
        raise WithMacros(name)
    if kind == f"{_WORD}template.main+xml":
        raise WordTemplateFile(name)
    if kind != MERGED[0]:
        raise NotWord(name, "eine andere Office-Datei")


def _targets(package: Package) -> Iterable[tuple[str, str]]:
    rels = relations_of("")
    if rels not in package.parts:
        raise MissingPart(package.name, rels)
    for relation in parse(package.name, rels, package.parts[rels]).iter(f"{_RELS_NS}Relationship"):
        yield relation.get("Type", ""), normpath(relation.get("Target", "")).lstrip("/")


def _types(package: Package) -> dict[str, str]:
    root = parse(package.name, TYPES, package.parts[TYPES])
    defaults = {(node.get("Extension") or "").lower(): node.get("ContentType", "") for node in root.iter(f"{_TYPES_NS}Default")}
    found = {part: defaults[ending] for part in package.parts if (ending := part.rpartition(".")[2].lower()) in defaults}
    found |= {(node.get("PartName") or "").lstrip("/"): node.get("ContentType", "") for node in root.iter(f"{_TYPES_NS}Override")}
    return found


# Making new members known --------------------------------------------------------------------------


def with_types(name: str, data: bytes, *, endings: Iterable[str], overrides: Mapping[str, str]) -> bytes:
    """The list of content types, completed; what it already says is kept."""
    root = parse(name, TYPES, data)
    said = {(node.get("Extension") or "").lower() for node in root.iter(f"{_TYPES_NS}Default")}
    said |= {(node.get("PartName") or "").lstrip("/") for node in root.iter(f"{_TYPES_NS}Override")}
    for ending in sorted(set(endings) - said):
        etree.SubElement(root, f"{_TYPES_NS}Default", Extension=ending, ContentType=PICTURE_TYPES[ending])
    for part, kind in overrides.items():
        if part not in said:
            etree.SubElement(root, f"{_TYPES_NS}Override", PartName=f"/{part}", ContentType=kind)
    return _written(root)


def with_relations(name: str, part: str, data: bytes | None, added: Mapping[str, Relation]) -> bytes:
    """A part's relationships and these, by id; what the part already has is kept."""
    rels = relations_of(part)
    root = parse(name, rels, data) if data else etree.Element(f"{_RELS_NS}Relationships", nsmap={None: _RELS_NS[1:-1]})  # type: ignore[dict-item]  # None is lxml's default namespace
    for identity, relation in added.items():
        element = etree.SubElement(root, f"{_RELS_NS}Relationship", Id=identity, Type=relation.kind, Target=relation.target)
        if relation.external:
            element.set("TargetMode", "External")
    return _written(root)


def relations(name: str, part: str, data: bytes | None) -> dict[str, Relation]:
    """A part's relationships by id; the targets of those inside as members with a slash before them."""
    rels = relations_of(part)
    found: dict[str, Relation] = {}
    for node in parse(name, rels, data).iter(f"{_RELS_NS}Relationship") if data else ():
        external = node.get("TargetMode") == "External"
        target = node.get("Target", "")
        if not external:
            target = normpath(join("/", dirname(part), target))
        found[node.get("Id", "")] = Relation(kind=node.get("Type", ""), target=target, external=external)
    return found


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
