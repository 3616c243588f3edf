"""Files inside a Word file exchanged for others: dummy pictures, embedded tables, embedded documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from pipeline.errors import TemplateError
from pipeline.word import parts, tags
from pipeline.word.package import Package

MEDIA, EMBEDDED = "word/media/", "word/embeddings/"
_NAMES = {
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
}

# How a file of an ending begins; Word calls a package damaged whose members are not what their names say.
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "png": (b"\x89PNG\r\n\x1a\n",), "jpg": (b"\xff\xd8\xff",), "jpeg": (b"\xff\xd8\xff",), "gif": (b"GIF8",), "bmp": (b"BM",),
    "tiff": (b"II*\0", b"MM\0*"), "tif": (b"II*\0", b"MM\0*"), "bin": (bytes.fromhex("D0CF11E0A1B11AE1"),),
    **dict.fromkeys(("docx", "xlsx", "pptx", "xlsm", "docm"), (b"PK\3\4",)),
}


class NothingToReplace(TemplateError):
    """The template holds no such file."""

    def __init__(self, template: str, what: str) -> None:
        super().__init__(f"{template} enthält {what} nicht", hint="Namen in der Vorlage prüfen: Rechtsklick auf das Bild › Alternativtext.")


class OtherFormat(TemplateError):
    """The new file is of another format than the old one."""

    def __init__(self, template: str, member: str) -> None:
        super().__init__(f"{template}: der Ersatz für {member} ist keine Datei dieses Formats",
                         hint="Das neue Bild oder Objekt im Format des alten speichern.")


def pictures_called(opened: Package, roles: parts.Roles, name: str) -> list[str]:
    """The members of the pictures of this name, title or alternative text. Raises NothingToReplace."""
    found = list(dict.fromkeys(member for part in roles.merged for member in _pictures(opened, part, name) if member in opened.parts))
    if not found:
        raise NothingToReplace(opened.name, f"ein Bild „{name}“")
    return found


def holding(opened: Package, folder: str, content: bytes) -> list[str]:
    """The members of a folder with exactly this content. Raises NothingToReplace."""
    found = [member for member, data in opened.parts.items() if member.startswith(folder) and data == content]
    if not found:
        raise NothingToReplace(opened.name, "die zu ersetzende Datei")
    return found


def named(opened: Package, member: str) -> list[str]:
    """The member of this name, which must be one that carries no text of the document. Raises NothingToReplace."""
    if member not in opened.parts or not member.startswith((MEDIA, EMBEDDED)):
        raise NothingToReplace(opened.name, f"{member} als Bild oder eingebettetes Objekt")
    return [member]


def exchanged(opened: Package, members: list[str], data: bytes) -> Package:
    """The package with these members' content replaced. Raises OtherFormat."""
    for member in members:
        beginnings = _BEGINNINGS.get(member.rpartition(".")[2].lower(), ())
        if beginnings and not data.startswith(beginnings):
            raise OtherFormat(opened.name, member)
    return replace(opened, parts={**opened.parts, **dict.fromkeys(members, data)})


def _pictures(opened: Package, part: str, name: str) -> Iterator[str]:
    relations = parts.relations(opened.name, part, opened.parts.get(parts.relations_of(part)))
    found = tags.parse(opened.name, part, opened.parts[part]).xpath("//pic:pic", namespaces=_NAMES)
    for picture in found if isinstance(found, list) else ():
        assert isinstance(picture, etree._Element)
        said = picture.find("pic:nvPicPr/pic:cNvPr", _NAMES)
        blip = picture.find("pic:blipFill/a:blip", _NAMES)
        if said is None or blip is None or name not in (said.get("name"), said.get("title"), said.get("descr")):
            continue
        relation = relations.get(blip.get(f"{{{_NAMES['r']}}}embed", ""))
        if relation is not None and not relation.external:
            yield relation.target.lstrip("/")
