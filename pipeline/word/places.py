"""Where something stands in a Word file, in the words of those who have it open: page area, paragraph, style."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from pipeline.word import tags
from pipeline.word.package import Package

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

# The part of the page, by the outermost element of its XML; what stands in the text itself needs no word for it.
_AREAS = {"document": "", "hdr": "Kopfzeile", "ftr": "Fußzeile", "footnotes": "Fußnote", "endnotes": "Endnote", "comments": "Kommentar",
          "dataModel": "Diagramm", "drawing": "Diagramm"}
PROPERTIES, TEXT_BOX = "Dokumenteigenschaften", "Textfeld"

# Word writes the names of its own styles in English and shows them in German.
_BUILT_IN = {
    "normal": "Standard", "body text": "Textkörper", "title": "Titel", "subtitle": "Untertitel", "header": "Kopfzeile", "footer": "Fußzeile",
    "caption": "Beschriftung", "list paragraph": "Listenabsatz", "quote": "Zitat", "footnote text": "Fußnotentext",
    "endnote text": "Endnotentext", "no spacing": "Kein Leerraum", "table grid": "Tabellenraster", "strong": "Fett", "emphasis": "Hervorhebung",
}
_NUMBERED = {"heading": "Überschrift", "toc": "Verzeichnis", "list bullet": "Aufzählungszeichen", "list number": "Listennummer"}


def area(root: etree._Element) -> str:
    """The page area of a part; "" for the text itself."""
    return _AREAS.get(etree.QName(root).localname, "")


def style_names(package: Package, main: str) -> dict[str, str]:
    """The document's styles by id, as Word shows them."""
    member = f"{main.rpartition('/')[0]}/styles.xml"
    if member not in package.parts:
        return {}
    named = tags.parse(package.name, member, package.parts[member]).iterfind(f"{W}style/{W}name")
    return {parent.get(f"{W}styleId", ""): _shown(name.get(f"{W}val", "")) for name in named if (parent := name.getparent()) is not None}


def _shown(name: str) -> str:
    plain = name.lower()
    if plain in _BUILT_IN:
        return _BUILT_IN[plain]
    words, _, number = plain.rpartition(" ")
    if number.isdecimal() and words in _NUMBERED:
        return f"{_NUMBERED[words]} {number}"
    return _NUMBERED.get(plain, name)


def said(area: str, paragraph: str, style: str, length: int = 90) -> str:
    """One place in a line: "Kopfzeile, Absatz „…“, Formatvorlage Titel"."""
    text = f"Absatz „{tags.shortened(paragraph, length)}“" if paragraph.strip() else "Absatz ohne Text"
    return ", ".join(part for part in (area, text, f"Formatvorlage {style}" if style else "") if part)


def of_paragraph(paragraph: etree._Element, styles: Mapping[str, str]) -> tuple[str, str, str]:
    """Area, text and style of a paragraph in the tree of its part."""
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    identity = style.get(f"{W}val", "") if style is not None else ""
    boxed = next(paragraph.iterancestors(f"{W}txbxContent"), None) is not None
    return (TEXT_BOX if boxed else area(paragraph.getroottree().getroot()), tags.text_of(paragraph), styles.get(identity, identity))
