"""Small Word files, written part by part, so that a test says exactly what stands in them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from pipeline.pdf.html.convert import Markup, convert

NS = ('xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
      'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
      'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
      'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" '
      'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"')
A4 = ('<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1417" w:right="1134" w:bottom="1417" w:left="1417" w:header="709" w:footer="567"/>')
STYLES = """
<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial"/><w:sz w:val="21"/><w:lang w:val="de-DE"/></w:rPr></w:rPrDefault>
<w:pPrDefault><w:pPr><w:spacing w:after="120" w:line="276" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>
<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/>
<w:spacing w:before="240"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="28"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading3"><w:name w:val="heading 3"/><w:basedOn w:val="Normal"/><w:pPr>
<w:outlineLvl w:val="2"/></w:pPr></w:style>
<w:style w:type="character" w:styleId="Strong"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
"""
MODERN = '<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def word(body: str, *, styles: str = "", numbering: str = "", settings: str = MODERN,
         section: str = A4, title: str = "Prüfstück", headers: Mapping[str, str] | None = None, parts: Mapping[str, bytes] | None = None,
         related: Mapping[str, tuple[str, str]] | None = None, main: str = MAIN) -> bytes:
    """A Word file: `body` as XML; headers by part name ("header1.xml"); further parts and relations (id → kind, target) as they come."""
    files: dict[str, bytes] = {
        "_rels/.rels": _relations({"rId1": ("officeDocument", "word/document.xml"), "rId2": ("core-properties", "docProps/core.xml")}),
        "docProps/core.xml": (f'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
                              f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title><dc:creator>Geschäftsstelle</dc:creator>'
                              "</cp:coreProperties>").encode(),
        "word/document.xml": f"<w:document {NS}><w:body>{body}<w:sectPr>{section}</w:sectPr></w:body></w:document>".encode(),
        "word/styles.xml": f"<w:styles {NS}>{STYLES}{styles}</w:styles>".encode(),
        "word/settings.xml": f"<w:settings {NS}>{settings}</w:settings>".encode(),
    }
    relations = {"rId1": ("styles", "styles.xml"), "rId2": ("settings", "settings.xml")}
    if numbering:
        files["word/numbering.xml"] = f"<w:numbering {NS}>{numbering}</w:numbering>".encode()
        relations["rId3"] = ("numbering", "numbering.xml")
    for name, content in (headers or {}).items():
        root = "hdr" if name.startswith("header") else "ftr"
        files[f"word/{name}"] = f"<w:{root} {NS}>{content}</w:{root}>".encode()
        relations[name.split(".")[0]] = ("header" if root == "hdr" else "footer", name)
    files["word/_rels/document.xml.rels"] = _relations(relations | dict(related or {}))
    files["[Content_Types].xml"] = (f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
                                    f'ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="{main}"/></Types>').encode()
    return packed(files | dict(parts or {}))


def packed(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()


def _relations(items: Mapping[str, tuple[str, str]]) -> bytes:
    outside = ' TargetMode="External"'
    rows = "".join(f'<Relationship Id="{key}" Type="{KINDS}{kind}" Target="{target}"{outside if ":" in target else ""}/>'
                   for key, (kind, target) in items.items())
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'.encode()


def p(text: str = "", *, style: str = "", properties: str = "", run: str = "") -> str:
    """A paragraph of one run."""
    chosen = f'<w:pStyle w:val="{style}"/>' if style else ""
    return (f"<w:p><w:pPr>{chosen}{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>"
            if text else f"<w:p><w:pPr>{chosen}{properties}</w:pPr></w:p>")


def picture(relation: str = "rIdP", alt: str = "Ein roter Punkt", millimetres: float = 20) -> str:
    """A paragraph with a picture in line."""
    size = f'cx="{int(millimetres * 36000)}" cy="{int(millimetres * 36000)}"'
    return (f'<w:p><w:r><w:drawing><wp:inline><wp:extent {size}/><wp:docPr id="1" name="Bild 1" descr="{alt}"/><a:graphic>'
            '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:blipFill>'
            f'<a:blip r:embed="{relation}"/></pic:blipFill><pic:spPr/></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>')


def png(colour: bytes = b"\xc0\x20\x20") -> bytes:
    """One pixel."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(b"\x00" + colour)) + chunk(b"IEND", b""))


def row(*cells: str, properties: str = "") -> str:
    """A table row of plain cells; a cell that begins with "<" is taken as XML."""
    inner = "".join(f"<w:tc>{cell if cell.startswith('<') else '<w:tcPr/>' + p(cell)}</w:tc>" for cell in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inner}</w:tr>"


def table(*rows: str, grid: tuple[int, ...] = (3000, 3000), properties: str = "") -> str:
    """A table with its grid in twips."""
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in grid)
    return f'<w:tbl><w:tblPr>{properties}</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{"".join(rows)}</w:tbl>'


def list_of(number: int, *levels: tuple[str, str], indent: int = 360) -> str:
    """A list of numbering.xml: each level's format and text."""
    rows = "".join(f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>'
                   f'<w:pPr><w:ind w:left="{indent * (depth + 1)}" w:hanging="{indent}"/></w:pPr></w:lvl>'
                   for depth, (form, text) in enumerate(levels))
    return f'<w:abstractNum w:abstractNumId="{number}">{rows}</w:abstractNum>'


def item(text: str, number: int, depth: int = 0) -> str:
    """A paragraph of a list."""
    return p(text, properties=f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')


def read(body: str, **more: object) -> Markup:
    return convert(word(body, **more))  # type: ignore[arg-type]


def elements(markup: Markup, tag: str) -> list[Element]:
    return list(markup.root[1].iter(tag))


def text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def css(markup: Markup, element: Element) -> str:
    """All declarations of an element's classes, in one line."""
    rules = {line.split(" {")[0].rsplit(".", 1)[-1]: line.split("{", 1)[1].rstrip(" }") for line in
             (markup.styles + markup.direct).splitlines() if line.startswith((".", "span."))}
    return "; ".join(rules[name].strip() for name in element.get("class", "").split() if name in rules)
