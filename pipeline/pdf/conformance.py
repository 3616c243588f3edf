"""Does a PDF keep what archives (PDF/A-3a) and screen readers (PDF/UA-1) need? A quick look at each file that leaves the house.

Not a whole validator: the points that a change in templates, fonts or libraries would break first. The tests have a whole one.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pikepdf

_HEADINGS = {f"/H{level}": level for level in range(1, 7)}


def problems(pdf: bytes) -> tuple[str, ...]:
    """What is wrong, in German sentences without full stop; empty where nothing is."""
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            return tuple(dict.fromkeys(problem for rule in RULES for problem in rule(document)))
    except pikepdf.PasswordError:
        return ("das PDF ist verschlüsselt",)
    except pikepdf.PdfError:
        return ("das PDF lässt sich nicht lesen",)


def identified(document: Any) -> Iterator[str]:
    """Both standards are named in metadata that any program can read."""
    metadata = document.Root.get("/Metadata")
    packet = b"" if metadata is None else metadata.read_bytes()
    if metadata is None or "/Filter" in metadata:
        yield "die Metadaten fehlen oder sind gepackt"
    for mark, name in ((b"<pdfaid:part>3<", "PDF/A-3"), (b"<pdfaid:conformance>A<", "Stufe A"), (b"<pdfuaid:part>1<", "PDF/UA-1")):
        if mark not in packet:
            yield f"die Kennzeichnung {name} fehlt in den Metadaten"
    if b"<pdfuaid:part>" in packet and b"http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>" not in packet:
        yield "das Schema der Kennzeichnung PDF/UA-1 ist nicht beschrieben"


def announced(document: Any) -> Iterator[str]:
    """Language and title are there for whoever has the file read aloud."""
    root = document.Root
    if not str(root.get("/Lang", "")):
        yield "die Sprache ist nicht angegeben"
    if not str(document.trailer.get("/Info", {}).get("/Title", "")):
        yield "der Titel fehlt"
    if not bool(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False)):
        yield "der Titel wird nicht in der Titelzeile gezeigt"


def archived(document: Any) -> Iterator[str]:
    """Colours are defined, nothing is encrypted, nothing runs, each page's tab order is that of the tags."""
    root = document.Root
    if document.is_encrypted:
        yield "das PDF ist verschlüsselt"
    if not any(intent.get("/S") == "/GTS_PDFA1" and "/DestOutputProfile" in intent for intent in root.get("/OutputIntents", [])):
        yield "die Farben sind nicht festgelegt (Output Intent fehlt)"
    if "/JavaScript" in root.get("/Names", {}) or "/OpenAction" in root or "/AA" in root:
        yield "das PDF enthält ausführbare Anweisungen"
    if "/ID" not in document.trailer:
        yield "die Datei hat keine Kennung"
    if any("/Annots" in page and page.get("/Tabs") != "/S" for page in document.pages):
        yield "die Tabulatorreihenfolge folgt nicht der Gliederung"


def attached(document: Any) -> Iterator[str]:
    """Each attachment says what it is to the document."""
    for name in document.attachments:
        specification = document.attachments[name].obj
        if "/AFRelationship" not in specification:
            yield f"die Anlage „{name}“ hat keine Beziehung zum Dokument"


def lettered(document: Any) -> Iterator[str]:
    """Each font is embedded and knows its letters."""
    seen: set[tuple[int, int]] = set()
    for page in document.pages:
        fonts = page.get("/Resources", {}).get("/Font", {})
        for font in fonts.values():
            if font.objgen in seen:
                continue
            seen.add(font.objgen)
            name = str(font.get("/BaseFont", "?")).partition("+")[2] or str(font.get("/BaseFont", "?"))
            inner = font.get("/DescendantFonts", [font])[0]
            descriptor = inner.get("/FontDescriptor", {})
            if font.get("/Subtype") != "/Type3" and not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
                yield f"die Schrift {name} ist nicht eingebettet"
            if "/ToUnicode" not in font:
                yield f"die Schrift {name} kennt ihre Buchstaben nicht"


def tagged(document: Any) -> Iterator[str]:
    """There is a tree of tags, its headings leave no level out, its pictures are described, its fields are named."""
    root = document.Root
    if not bool(root.get("/MarkInfo", {}).get("/Marked", False)) or "/StructTreeRoot" not in root:
        yield "die Gliederung (Tags) fehlt"
        return
    level = 0
    for element in _elements(root.StructTreeRoot):
        kind = str(element.get("/S", ""))
        if kind in _HEADINGS:
            if _HEADINGS[kind] > level + 1:
                yield f"auf eine Überschrift der Ebene {level} folgt eine der Ebene {_HEADINGS[kind]}"
            level = _HEADINGS[kind]
        elif kind == "/Figure" and not str(element.get("/Alt", "")).strip():
            yield "ein Bild hat keinen Alternativtext"
    for page in document.pages:
        for annotation in page.get("/Annots", []):
            if annotation.get("/Subtype") == "/Widget" and not str(annotation.get("/TU", "")):
                yield f"das Feld „{annotation.get('/T', '?')}“ hat keine Beschreibung"
            if "/StructParent" not in annotation:
                yield "ein Feld oder Verweis steht nicht in der Gliederung"


def _elements(node: Any) -> Iterator[Any]:
    """All elements of the tree in reading order, without going deeper than a page needs."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        if not isinstance(here, pikepdf.Dictionary):
            continue
        if here.get("/Type") == "/StructElem":
            yield here
        kids = here.get("/K", pikepdf.Array())
        waiting.extend(reversed(list(kids)) if isinstance(kids, pikepdf.Array) else [kids])


RULES: tuple[Callable[[Any], Iterator[str]], ...] = (identified, announced, archived, attached, lettered, tagged)
