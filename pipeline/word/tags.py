"""docxtpl's tags in a part's XML, brought into a shape Jinja can read.

The rewriting itself is docxtpl's own (`DocxTemplate.patch_xml`), so that its documentation stays valid. Around it stands
what keeps a message findable: one line a paragraph, and a check for tags that never close.
"""

from __future__ import annotations

import re
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from pipeline.errors import TemplateError

_ANY_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_OPENING = re.compile(r"\{\{|\{%|\{#")
_TAG_INSIDE = re.compile(r"(\{\{|\{%)(.*?)(\}\}|%\})", re.DOTALL)
_XML_TAG = re.compile(r"<[^>]*>")
_STYLE = re.compile(r'<w:pStyle w:val="([^"]*)"')
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

_CELL = re.compile(r"(<w:tcPr>)(.*?)(</w:tcPr>)", re.DOTALL)
_PROPERTY = re.compile(r"""<w:(\w+)(?:\s+[\w:]+="[^"]*")*\s*/>|<w:(\w+)(?:\s[^>]*)?>.*?</w:\2>""", re.DOTALL)
_CELL_ORDER = ("cnfStyle", "tcW", "gridSpan", "hMerge", "vMerge", "tcBorders", "shd", "noWrap", "tcMar", "textDirection", "tcFitText",
               "vAlign", "hideMark", "headers")      # CT_TcPr (ECMA-376 part 1, 17.4.69)

_QUOTES = str.maketrans({"„": '"', "‟": '"', "‚": "'", "‛": "'"})    # docxtpl knows the English ones alone


class BadTag(TemplateError):
    """A tag is written wrong."""

    def __init__(self, template: str, where: str, reason: str) -> None:
        super().__init__(f"{template}, {where}: {reason}",
                         hint="Die Vorlage in Word öffnen und die Auszeichnung berichtigen.")
        self.where = where        # page area, paragraph and style
        self.reason = reason


class BadSpan(TemplateError):
    """A cell is to span a number of columns that is no number."""

    def __init__(self, template: str) -> None:
        super().__init__(f"{template}: eine Zelle soll sich über eine Zahl von Spalten erstrecken, die keine Zahl ist",
                         hint="Den Wert hinter „colspan“ in der Vorlage prüfen.")


class BrokenPart(TemplateError):
    """A part of the package is no well-formed XML."""

    def __init__(self, template: str, part: str) -> None:
        super().__init__(f"{template} ist beschädigt: {part} ist kein gültiges XML",
                         hint="Die Datei in Word öffnen und neu speichern.")


def shortened(text: str, length: int = 90) -> str:
    """A paragraph's text as a message quotes it."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def parse(template: str, part: str, data: bytes) -> etree._Element:
    """A part's XML; nothing outside the part is ever read. Raises BrokenPart."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise BrokenPart(template, part) from error


def tagged(root: etree._Element) -> bool:
    """Whether a part holds any tag, in its text or in an attribute."""
    text = etree.tostring(root, method="text", encoding="unicode")
    if _OPENING.search(text):
        return True
    return any(_OPENING.search(str(value)) for element in root.iter(etree.Element) for value in element.attrib.values())


def found(text: str) -> list[str]:
    """The tags in a text, each as it is written."""
    return _ANY_TAG.findall(text)


def text_of(paragraph: etree._Element) -> str:
    """The text of a paragraph."""
    return "".join(node.text or "" for node in paragraph.iter(f"{_W}t"))


def unclosed(root: etree._Element) -> list[etree._Element]:
    """The paragraphs in which a tag is opened and never closed."""
    return [paragraph for paragraph in root.iter(f"{_W}p") if _OPENING.search(_ANY_TAG.sub("", text_of(paragraph)))]


def prepared(root: etree._Element) -> str:
    """A part's XML as Jinja source: each paragraph on a line of its own, line breaks of the XML itself written out."""
    source = etree.tostring(root, encoding="unicode").replace("\r", "&#13;").replace("\n", "&#10;")
    source = re.sub(r"<w:(p|tr)(?=[ >])", r"\n<w:\1", source)
    source = _docxtpl().patch_xml(None, source)    # uses nothing of its instance
    source = _CELL.sub(lambda cell: cell[1] + _ordered(cell[2]) + cell[3], source)
    return _TAG_INSIDE.sub(lambda tag: tag[1] + _plain(tag[2]) + tag[3], source)


def _ordered(properties: str) -> str:
    """A cell's properties in the order of the schema: docxtpl puts a span or a colour first, a merge last."""
    if "{" not in properties:
        return properties
    pieces = [(found[1] or found[2], found[0]) for found in _PROPERTY.finditer(properties)]
    if "".join(piece for _, piece in pieces) != properties or any(name not in _CELL_ORDER for name, _ in pieces):
        return properties
    return "".join(piece for _, piece in sorted(pieces, key=lambda piece: _CELL_ORDER.index(piece[0])))


def prepared_text(text: str) -> str:
    """A plain text as Jinja source that makes XML: its tags as they are, the rest escaped."""
    pieces = _TAG_INSIDE.split(text)          # text, then opening, inside, closing and text again for each tag
    literal = [escape(piece) for piece in pieces[::4]]
    inside = ["".join((opening, _plain(tag), closing)) for opening, tag, closing in zip(pieces[1::4], pieces[2::4], pieces[3::4], strict=True)]
    return "".join(piece for pair in zip(literal, [*inside, ""], strict=True) for piece in pair)


def with_fitting_grids(template: str, xml: str) -> str:
    """Tables whose grid has a column for each cell, as docxtpl makes them after loops over columns. Raises BadSpan."""
    try:
        return etree.tostring(_docxtpl().fix_tables(None, xml), encoding="unicode")
    except ValueError as error:
        raise BadSpan(template) from error


def _docxtpl() -> Any:
    from docxtpl import DocxTemplate  # only now: it costs 150 ms, and a run that finds everything fresh never needs it

    return DocxTemplate


def _plain(inside: str) -> str:
    return inside.replace("&#10;", " ").replace("&#13;", " ").replace("&quot;", '"').replace("&amp;", "&").translate(_QUOTES)


def line_text(line: str) -> str:
    """What a reader sees of one line of a prepared source."""
    return _XML_TAG.sub("", line).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def line_style(line: str) -> str:
    """The paragraph style of one line of a prepared source; "" when it names none."""
    found = _STYLE.search(line)
    return found[1] if found else ""
