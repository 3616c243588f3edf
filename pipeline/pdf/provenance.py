"""Where a PDF comes from, written into its metadata (XMP) and read from there again."""

from __future__ import annotations

import datetime as dt
import io
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from xml.sax.saxutils import escape

import pikepdf

from pipeline.errors import VerificationError
from pipeline.records import Provenance

NAMESPACE = "https://gremium.example/ns/provenance/1.0/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_FIELDS = {      # property → type in XMP, meaning
    "key": ("Text", "Key of the document in its workspace"),
    "revision": ("Integer", "Number of the build that made it"),
    "fingerprint": ("Text", "SHA-256 of everything the document was made from"),
    "template": ("Text", "SHA-256 of the Word template"),
    "tool": ("Text", "Program and version"),
}


class NoPDF(VerificationError):
    """The bytes are no PDF that can be read."""

    def __init__(self) -> None:
        super().__init__("die Datei ist kein lesbares PDF", hint="Prüfen, ob die Datei vollständig übertragen wurde.")


def read(pdf: bytes) -> Provenance | None:
    """What a PDF says about its origin; None where it says nothing. Raises NoPDF for unreadable bytes."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            metadata = document.Root.get("/Metadata")
            packet = bytes(metadata.read_bytes()) if metadata is not None else b""
    except (pikepdf.PdfError, pikepdf.PasswordError) as error:
        raise NoPDF from error
    return found(packet)


def found(packet: bytes) -> Provenance | None:
    """The provenance in an XMP packet; None where there is none or only a part of it."""
    if b"<!" in packet:      # no document types, so no entities
        return None
    try:
        root = ET.fromstring(re.sub(rb"<\?xpacket[^>]*\?>", b"", packet).strip() or b"<none/>")
    except ET.ParseError:
        return None
    values: dict[str, str] = {}
    for description in root.iter(f"{{{_RDF}}}Description"):
        for name in _FIELDS:
            text = description.findtext(f"{{{NAMESPACE}}}{name}", description.get(f"{{{NAMESPACE}}}{name}"))
            if text is not None:
                values[name] = text
    if values.keys() != _FIELDS.keys() or not values["revision"].isdigit():
        return None
    return Provenance(key=values["key"], revision=int(values["revision"]), fingerprint=values["fingerprint"], template=values["template"],
                      tool=values["tool"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a PDF says about itself besides its origin."""

    title: str
    author: str = ""
    subject: str = ""
    language: str = "de-DE"
    producer: str = ""              # the program that wrote the PDF
    date: dt.date | None = None


def packet(said: Description, provenance: Provenance | None) -> bytes:
    """The XMP packet: what the PDF is called, which standards it keeps, where it comes from.

    PDF/A (ISO 19005-3, 6.6.2.3) knows neither PDF/UA's identification nor our own properties: both are described in an extension schema.
    """
    tool = provenance.tool if provenance else ""
    when = f"{said.date.isoformat()}T00:00:00Z" if said.date else ""
    simple = [
        ("pdfaid:part", "3"), ("pdfaid:conformance", "A"), ("pdfuaid:part", "1"), ("pdf:Producer", said.producer),
        ("xmp:CreatorTool", tool), ("xmp:CreateDate", when), ("xmp:ModifyDate", when),
        *((f"gremium:{name}", str(getattr(provenance, name))) for name in _FIELDS if provenance is not None),
    ]
    lines = [f"<{name}>{escape(value)}</{name}>" for name, value in simple if value]
    lines.append(f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(said.title)}</rdf:li></rdf:Alt></dc:title>')
    lines.append(f"<dc:language><rdf:Bag><rdf:li>{escape(said.language)}</rdf:li></rdf:Bag></dc:language>")
    if said.author:
        lines.append(f"<dc:creator><rdf:Seq><rdf:li>{escape(said.author)}</rdf:li></rdf:Seq></dc:creator>")
    if said.subject:
        lines.append(f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(said.subject)}</rdf:li></rdf:Alt></dc:description>')
    schemas = [_schema("PDF/UA Universal Accessibility Schema", _PDFUA, "pdfuaid",
                       {"part": ("Integer", "Indicates, which part of ISO 14289 standard is followed")}, category="internal")]
    if provenance is not None:
        schemas.append(_schema("Gremium provenance", NAMESPACE, "gremium", _FIELDS, category="external"))
    return _PACKET.format(body="\n".join(lines), schemas="\n".join(schemas)).encode()


def _schema(title: str, namespace: str, prefix: str, properties: dict[str, tuple[str, str]], *, category: str) -> str:
    described = "".join(
        f'<rdf:li rdf:parseType="Resource"><pdfaProperty:name>{name}</pdfaProperty:name><pdfaProperty:valueType>{kind}</pdfaProperty:valueType>'
        f"<pdfaProperty:category>{category}</pdfaProperty:category><pdfaProperty:description>{escape(text)}</pdfaProperty:description></rdf:li>"
        for name, (kind, text) in properties.items())
    return (f'<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>{title}</pdfaSchema:schema>'
            f"<pdfaSchema:namespaceURI>{namespace}</pdfaSchema:namespaceURI><pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>"
            f"<pdfaSchema:property><rdf:Seq>{described}</rdf:Seq></pdfaSchema:property></rdf:li>")


_PDFUA = "http://www.aiim.org/pdfua/ns/id/"
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:gremium="https://gremium.example/ns/provenance/1.0/">
{body}
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag>
{schemas}
</rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
