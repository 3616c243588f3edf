"""Word templates as the tests need them: built in memory, read back as text and as canonical XML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from docxtpl import DocxTemplate
from lxml import etree

from pipeline.word import package
from pipeline.word.template import Template

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082"
)
JPG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb00430050373c463c32504641465a55505f78c882786e6e78f5afb991c8ffffffffffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffffffffffffffc0000b080001000101011100ffc4001f0000010501010101010100000000000000000102030405060708090a0bffc400b510"
    "0002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a34353637"
    "38393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9ba"
    "c2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9faffda0008010100003f00a55fffd9"
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><rect width="2" height="1"/></svg>'


def written(document: WordDocument) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def paragraphs(*texts: str) -> bytes:
    """A document of these paragraphs."""
    document = Document()
    for text in texts:
        document.add_paragraph(text)
    return written(document)


def table(*rows: tuple[str, ...], before: tuple[str, ...] = ()) -> bytes:
    """A document with one table."""
    document = Document()
    for text in before:
        document.add_paragraph(text)
    grid = document.add_table(len(rows), len(rows[0]))
    for row, texts in zip(grid.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return written(document)


def changed(data: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The package with one part rewritten."""
    parts = unzipped(data)
    parts[part] = change(parts[part].decode()).encode()
    return zipped(parts)


def added(data: bytes, part: str, kind: str, relation: str, xml: str) -> bytes:
    """The package with one more part that belongs to the text."""
    parts = unzipped(data)
    parts[part] = xml.encode()
    types, rels = "[Content_Types].xml", "word/_rels/document.xml.rels"
    parts[types] = parts[types].replace(b"</Types>", f'<Override PartName="/{part}" ContentType="{kind}"/></Types>'.encode())
    target = part.removeprefix("word/")
    parts[rels] = parts[rels].replace(
        b"</Relationships>", f'<Relationship Id="rIdAdded{len(parts)}" Type="{relation}" Target="{target}"/></Relationships>'.encode())
    return zipped(parts)


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    return package.write(package.pack(name, content) for name, content in parts.items())


def template(data: bytes, name: str = "vorlage.docx") -> Template:
    return Template.load(package.unpack(name, data))


def part(data: bytes, name: str = "word/document.xml") -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name).decode()


def lines(data: bytes, name: str = "word/document.xml") -> list[str]:
    """The text of each paragraph, tabs and breaks as Python writes them."""
    marks = {f"{W}br": "\n", f"{W}tab": "\t"}
    found = []
    for paragraph in etree.fromstring(part(data, name).encode()).iter(f"{W}p"):
        pieces = [node.text or "" if node.tag == f"{W}t" else marks[str(node.tag)] for node in paragraph.iter(f"{W}t", f"{W}br", f"{W}tab")
                  if node.getparent() is not None and node.getparent().tag != f"{W}tabs"]
        found.append("".join(pieces))
    return found


def canonical(data: bytes, name: str = "word/document.xml") -> bytes:
    """A part's canonical XML; the properties of cells sorted, as docxtpl writes some against the schema's order."""
    root = etree.fromstring(part(data, name).encode())
    for properties in root.iter(f"{W}tcPr"):
        properties[:] = sorted(properties, key=lambda element: str(element.tag))
    return etree.tostring(root, method="c14n")


def by_docxtpl(data: bytes, context: Mapping[str, object]) -> bytes:
    """What docxtpl makes of it, with its escaping turned on."""
    document = DocxTemplate(io.BytesIO(data))
    document.render(dict(context), autoescape=True)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def saved(folder: Path, data: bytes, name: str = "vorlage.docx") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path
