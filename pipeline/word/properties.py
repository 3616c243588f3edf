"""A document's properties: title, author, date and language, and from what it was made."""

from __future__ import annotations

import datetime as dt
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from pipeline.records import Provenance
from pipeline.word.tags import parse

LANGUAGE = "de-DE"
_DC = "http://purl.org/dc/elements/1.1/"
_TERMS = "http://purl.org/dc/terms/"
_CP = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_VARIANT = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_FORMAT = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"     # of all properties a user defines ([MS-OLEPS] 2.21)
_DROPPED = ("lastPrinted", "revision")                 # of the template's own past

_MOMENT = ' xsi:type="dcterms:W3CDTF"'

# Elements that a render sets, by prefix and name; the others stay as the template has them.
_PREFIXES = {_DC: "dc", _TERMS: "dcterms", _CP: "cp"}


def core_source(name: str, part: str, data: bytes | None) -> dict[str, str]:
    """The template's core properties: prefixed name → text, which may hold tags."""
    if data is None:
        return {}
    found: dict[str, str] = {}
    for element in parse(name, part, data).iterchildren(etree.Element):
        qualified = etree.QName(element)
        prefix = _PREFIXES.get(qualified.namespace or "")
        if prefix and qualified.localname not in _DROPPED:
            found[f"{prefix}:{qualified.localname}"] = element.text or ""
    return found


def completed(values: dict[str, str], *, title: str, author: str, date: dt.date | None) -> dict[str, str]:
    """The core properties of one document: an argument that is given goes before the template's own value."""
    given = {"dc:title": title, "dc:creator": author, "cp:lastModifiedBy": author}
    if date is not None:
        moment = f"{date.isoformat()}T00:00:00Z"
        given |= {"dcterms:created": moment, "dcterms:modified": moment}
    merged = values | {"dc:language": LANGUAGE} | {key: value for key, value in given.items() if value}
    return {key: value for key, value in merged.items() if value}


def core(values: dict[str, str]) -> bytes:
    """The member that holds these core properties."""
    elements = "".join(f"<{key}{_MOMENT if key.startswith('dcterms:') else ''}>{escape(value)}</{key}>"
                       for key, value in values.items())
    return (f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cp:coreProperties xmlns:cp="{_CP}" xmlns:dc="{_DC}"'
            f' xmlns:dcterms="{_TERMS}" xmlns:xsi="{_XSI}">{elements}</cp:coreProperties>').encode()


def custom(name: str, part: str, data: bytes | None, provenance: Provenance) -> bytes:
    """The custom properties of one document: the template's own, and from what it was made."""
    ours = {"gremium:key": provenance.key, "gremium:revision": str(provenance.revision), "gremium:fingerprint": provenance.fingerprint,
            "gremium:template": provenance.template, "gremium:tool": provenance.tool}
    kept = []
    if data is not None:
        kept = [element for element in parse(name, part, data).iterchildren(etree.Element) if element.get("name") not in ours]
    elements = [etree.tostring(_numbered(element, number), encoding="unicode", with_tail=False) for number, element in enumerate(kept, 2)]
    elements += [f'<property fmtid="{_FORMAT}" pid="{number}" name={quoteattr(key)}><vt:lpwstr>{escape(value)}</vt:lpwstr></property>'
                 for number, (key, value) in enumerate(ours.items(), 2 + len(kept))]
    return (f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="{_CUSTOM}" xmlns:vt="{_VARIANT}">'
            f'{"".join(elements)}</Properties>').encode()


def _numbered(element: etree._Element, number: int) -> etree._Element:
    element.set("pid", str(number))
    return element
