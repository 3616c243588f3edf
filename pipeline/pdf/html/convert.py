"""A Word file in, the page's HTML and CSS out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement

from lxml import etree

from pipeline.pdf.html import blocks, numbering, styles
from pipeline.pdf.html.names import attribute, child, points, truth, w
from pipeline.pdf.html.package import Package
from pipeline.pdf.html.refusals import DamagedDocument, MissingTarget, SeveralObstacles
from pipeline.pdf.html.sections import Sections, geometry, split
from pipeline.pdf.html.story import Document, Story

SCALE, MOST = "Vergrößerung im PDF", "Seiten höchstens"
_CORE = {"title": "{http://purl.org/dc/elements/1.1/}title", "author": "{http://purl.org/dc/elements/1.1/}creator",
         "subject": "{http://purl.org/dc/elements/1.1/}subject"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """A Word file as HTML, with the styles Word gave it."""

    root: Element = field(repr=False)
    styles: str = field(repr=False)          # a class for each Word style: the same for all papers of a template
    direct: str = field(repr=False)          # pages, and a class for each direct formatting
    pictures: dict[str, bytes] = field(repr=False)
    title: str
    author: str
    language: str
    scale: float = 1.0                       # how much larger the PDF is than the Word file: Word knows no sheet over 558 mm
    most: int = 0                            # pages it may have: a poster is one sheet; 0 for any number


def convert(docx: bytes) -> Markup:
    """Reads a Word file. Raises DocumentError for one that is broken, unsafe, or holds what a page could not show."""
    try:
        return _converted(Package.open(docx))
    except ValueError as error:            # a measure or number of the file that is none
        raise DamagedDocument(f"eine Angabe ist keine Zahl ({error})") from error
    except RecursionError as error:
        raise DamagedDocument("zu tief verschachtelt") from error


def _converted(package: Package) -> Markup:
    document = _document(package)
    root = package.xml(package.document)
    body = child(root, "body")
    if body is None:
        raise DamagedDocument("das Dokument hat keinen Text")
    html = Element("html", {"lang": document.language})
    core, custom = _core(package), _custom(package)
    title = core["title"] or _first_words(body) or "Ohne Titel"
    _head(html, title, core)
    _body(body, html, document)
    _link(html, document)
    _level(html)
    if document.obstacles:
        raise document.obstacles[0] if len(document.obstacles) == 1 else SeveralObstacles(document.obstacles)
    document.compare(root, html[1])
    return Markup(root=html, styles=document.styles.css(document.tables), direct=document.sheet.css, pictures=document.pictures, title=title,
                  author=core["author"], language=document.language, scale=_scale(custom.get(SCALE, "")),
                  most=int(custom.get(MOST) or 0))


def _document(package: Package) -> Document:
    found = styles.read(package)
    name = package.related("settings")
    settings = package.xml(name) if name else None
    compatibility = {attribute(item, "name"): attribute(item) for item in (() if settings is None else settings.iter(w("compatSetting")))}
    usual = found.get(None, "paragraph")
    language = (usual.run if usual else {}).get("language") or found.default_run.get("language") or "de-DE"
    return Document(package=package, styles=found, numbering=numbering.read(package, found.theme), language=str(language),
                    blocks=blocks.read, modern=int(compatibility.get("compatibilityMode") or 12) >= 15,
                    tab=points(attribute(child(settings, "defaultTabStop"))) or 36.0, notes=dict(_notes(package)))


def _notes(package: Package) -> Iterator[tuple[str, etree._Element]]:
    for kind in ("footnote", "endnote"):
        name = package.related(f"{kind}s")
        for item in package.xml(name).findall(w(kind)) if name else ():
            yield f"{kind} {attribute(item, 'id')}", item


def _body(body: etree._Element, html: Element, document: Document) -> None:
    name = document.package.related("settings")
    even = bool(truth(child(document.package.xml(name), "evenAndOddHeaders"))) if name else False
    sections = Sections(document, even=even)
    story = Story.of(document, document.package.document, geometry(None))
    target = SubElement(html, "body")
    for items, properties in split(body):
        sections.read(items, properties, target, story)


def _core(package: Package) -> dict[str, str]:
    part = next((relation.target for relation in package.relationships("").values() if relation.kind == "core-properties"), None)
    root = package.xml(part) if part and part in package else None
    return {key: ((root.findtext(name) if root is not None else "") or "").strip() for key, name in _CORE.items()}


def _custom(package: Package) -> dict[str, str]:
    """The file's own properties, as Word shows them under "Erweiterte Eigenschaften, Anpassen"."""
    part = next((relation.target for relation in package.relationships("").values() if relation.kind == "custom-properties"), None)
    return {item.get("name", ""): "".join(map(str, item.itertext())).strip() for item in (package.xml(part) if part and part in package else ())}


def _scale(said: str) -> float:
    """How much larger the PDF is to be: "200 %" of an A3 sheet is A1. Raises ValueError for what is no number."""
    return min(max(float(said.replace("%", "").replace(",", ".")) / 100, 0.1), 8.0) if said else 1.0


def _first_words(body: etree._Element) -> str:
    for paragraph in body.iter(w("p")):
        text = " ".join("".join(item.text or "" for item in paragraph.iter(w("t"))).split())
        if text:
            return text[:120]
    return ""


def _head(html: Element, title: str, core: dict[str, str]) -> None:
    head = SubElement(html, "head")
    SubElement(head, "title").text = title
    for name, key in (("author", "author"), ("description", "subject")):
        if core[key]:
            SubElement(head, "meta", {"name": name, "content": core[key]})


def _link(html: Element, document: Document) -> None:
    """Links whose target is missing become text, as a reader could not follow them anyway."""
    targets = {element.get("id") for element in html.iter() if element.get("id")}
    for element in html.iter("a"):
        address = element.get("href", "")
        if not address or (address.startswith("#") and address[1:] not in targets):
            if element.get("class") == "_page-reference":
                document.meet(MissingTarget(address[1:]))
            element.tag = "span"
            element.attrib.pop("href", None)


def _level(html: Element) -> None:
    """Headings without gaps: a reader of the tags must not look for a level that is not there (PDF/UA-1, 7.4.2)."""
    stack: list[int] = []
    for element in _headings(html):
        level = int(element.tag[1])
        while stack and stack[-1] >= level:
            stack.pop()
        stack.append(level)
        element.tag = f"h{len(stack)}"


def _headings(html: Element) -> list[Element]:
    return [element for element in html.iter() if element.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
