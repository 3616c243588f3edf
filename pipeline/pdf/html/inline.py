"""What stands in a paragraph: runs of characters, links, fields, notes, pictures."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

from lxml import etree

from pipeline.pdf.html import drawings, formatting
from pipeline.pdf.html.names import MC, attribute, child, r, truth_value, w
from pipeline.pdf.html.refusals import DamagedDocument, Obstacle, UnsupportedContent
from pipeline.pdf.html.story import Field, Line, Story, children
from pipeline.pdf.html.symbols import readable

_COUNTED = {"PAGE": "_page-number", "NUMPAGES": "_page-count", "SECTIONPAGES": "_page-count"}
LONGEST = 2000      # letters of one word: a line is sought in it letter by letter
_ADDRESS = re.compile(r"(\S+@\S+|https?://\S+|www\.\S+)")
_SILENT = frozenset(map(w, (
    "rPr", "pPr", "lastRenderedPageBreak", "proofErr", "permStart", "permEnd", "bookmarkEnd", "commentRangeStart", "commentRangeEnd",
    "commentReference", "annotationRef", "footnoteRef", "endnoteRef", "separator", "continuationSeparator", "del", "moveFrom", "delText",
    "delInstrText", "moveFromRangeStart", "moveFromRangeEnd", "moveToRangeStart", "moveToRangeEnd", "sdtPr", "sdtEndPr", "smartTagPr",
    "customXmlPr", "customXmlInsRangeStart", "customXmlInsRangeEnd", "fldData",
)))


def read(paragraph: etree._Element, block: Element, story: Story) -> None:
    """Writes a paragraph's content into a block. Raises UnsupportedContent for what the page could not show."""
    line = Line(block)
    for anchor in story.waiting:
        line.add(anchor)
    story.waiting.clear()
    _inside(paragraph, line, story, {})


def _inside(element: etree._Element, line: Line, story: Story, link: dict[str, str]) -> None:
    for item in children(element):
        if item.tag == w("r"):
            _run(item, line, story, link or _field_link(story))
        elif item.tag == w("hyperlink"):
            _inside(item, line, story, _link(item, story))
        elif item.tag == w("bookmarkStart"):
            bookmark(item, line, story)
        elif item.tag == w("fldSimple"):
            _simple_field(item, line, story, link)
        elif item.tag == f"{{{MC}}}AlternateContent":
            _inside(drawings.chosen(item), line, story, link)
        elif item.tag not in _SILENT:
            story.document.meet(story.refuse(item))


def bookmark(item: etree._Element, line: Line | None, story: Story) -> None:
    """An anchor for links and signature fields; one between paragraphs waits for the next."""
    name = attribute(item, "name") or ""
    if not name or name == "_GoBack" or name in story.document.anchors:
        return
    story.document.anchors[name] = name
    tag = "figcaption" if name.startswith("signature_") else "span"      # an empty caption becomes the tag of the signature field
    anchor = Element(tag, {"id": name, "class": "_anchor"})
    if line is None:
        story.waiting.append(anchor)
    else:
        line.add(anchor)


def _link(item: etree._Element, story: Story) -> dict[str, str]:
    relation = story.relationships.get(item.get(r("id"), ""))
    anchor = item.get(w("anchor"))
    if relation is None:
        return {"href": f"#{anchor}"} if anchor else {}
    return {"href": relation.target + (f"#{anchor}" if anchor else "")}


def _field_link(story: Story) -> dict[str, str]:
    return next((field.link for field in reversed(story.fields) if field.result and field.link), {})


def _simple_field(item: etree._Element, line: Line, story: Story, link: dict[str, str]) -> None:
    field = Field(code=item.get(w("instr"), ""), result=True)
    first = next(item.iter(w("r")), None)
    story.fields.append(field)
    _resolve(field, line, story, _span(first, story) if first is not None else {})
    _inside(item, line, story, link)
    story.fields.pop()


def _resolve(field: Field, line: Line, story: Story, span: dict[str, str]) -> None:
    """Works out the fields that depend on the page; links become links; all others show what Word showed."""
    name, *rest = field.words
    if name in _COUNTED:
        field.computed = True
        line.open("span", **span)
        line.empty("span", **{"class": _COUNTED[name]})
        line.close()
    elif name == "PAGEREF" and rest:
        field.computed = True
        line.empty("a", href=f"#{rest[0]}", **{"class": "_page-reference"})
    elif name == "HYPERLINK" and rest:
        local = rest[rest.index("\\l") + 1:] if "\\l" in rest else []
        field.link = {"href": f"#{local[0]}"} if local else {"href": rest[0]}
    elif name == "REF" and rest and "\\h" in rest:
        field.link = {"href": f"#{rest[0]}"}


def _span(item: etree._Element, story: Story) -> dict[str, str]:
    """The attributes of the span that carries a run's formatting; {} where it has none of its own."""
    properties = child(item, "rPr")
    if properties is None:
        return {}
    found = formatting.run(properties, story.document.styles.theme)
    language = found.pop("language", None)
    classes = []
    key = attribute(child(properties, "rStyle"))
    style = story.document.styles.get(key, "character") if key else None
    if style is not None and style.id == key:
        classes.append(style.slug)
        found = {name: False for name in story.switched if style.run.get(name)} | found
        language = language or style.run.get("language")
    direct = story.document.sheet.direct(formatting.run_css(found))
    if direct:
        classes.append(direct)
    attributes = {"class": " ".join(classes)} if classes else {}
    if language and language[:2].lower() != story.document.language[:2].lower():
        attributes["lang"] = language
    return attributes


def _run(item: etree._Element, line: Line, story: Story, link: dict[str, str]) -> None:
    if hidden(item, story):
        return
    span = _span(item, story)
    piece = _Piece(line, story, span, link)
    for part in item:
        if part.tag == f"{{{MC}}}AlternateContent":
            for inner in drawings.chosen(part):
                piece.take(inner)
        else:
            piece.take(part)
    piece.end()


def hidden(item: etree._Element, story: Story) -> bool:
    """Text that Word keeps but does not print."""
    properties = child(item, "rPr")
    if properties is None:
        return False
    found = formatting.run(properties)
    if "vanish" in found:
        return bool(found["vanish"])
    style = story.document.styles.get(attribute(child(properties, "rStyle")), "character")
    return bool(style and style.run.get("vanish"))


class _Piece:
    """One run on its way into the line: opens its span when the first sign comes, closes it for tabs and breaks."""

    def __init__(self, line: Line, story: Story, span: dict[str, str], link: dict[str, str]) -> None:
        self.line, self.story, self.span, self.link = line, story, span, link
        self._depth = 0

    def take(self, part: etree._Element) -> None:
        """Writes one part of the run."""
        if part.tag == w("fldChar"):
            self._field(part)
        elif part.tag == w("instrText"):
            if self.story.fields and not self.story.fields[-1].result:
                self.story.fields[-1].code += part.text or ""
        elif self._passed_over or part.tag in _SILENT:
            return
        elif part.tag in _PARTS:
            try:
                _PARTS[part.tag](self, part)
            except Obstacle as obstacle:
                self.story.document.meet(obstacle)
        else:
            self.story.document.meet(self.story.refuse(part))

    @property
    def _passed_over(self) -> bool:
        return any(not field.result or field.computed for field in self.story.fields)

    def begin(self) -> None:
        """Opens what the next sign stands in."""
        if self._depth:
            return
        if self.link:
            self.line.open("a", **self.link)
            self._depth += 1
        if self.span:
            self.line.open("span", **self.span)
            self._depth += 1

    def end(self) -> None:
        """Closes what is open."""
        for _ in range(self._depth):
            self.line.close()
        self._depth = 0

    def text(self, text: str) -> None:
        """Signs as they are; addresses of mail and web are kept from hyphens, which would become part of them."""
        if not text:
            return
        longest = max(map(len, text.split()), default=0)
        if longest > LONGEST:
            raise UnsupportedContent(f"ein Wort von {longest} Zeichen", self.story.place, hint="Leerzeichen einfügen.")
        self.begin()
        for number, piece in enumerate(_ADDRESS.split(text)):
            if number % 2:
                self.line.open("span", **{"class": "_whole"})
                self.line.text(piece)
                self.line.close()
            elif piece:
                self.line.text(piece)

    def alone(self, tag: str, **attributes: str) -> None:
        """An element that stands in the paragraph itself, not in a span."""
        self.end()
        self.line.empty(tag, **attributes)

    def _field(self, part: etree._Element) -> None:
        kind, fields = part.get(w("fldCharType")), self.story.fields
        if kind == "begin":
            if part.find(w("ffData")) is not None and part.find(f"{w('ffData')}/{w('checkBox')}") is not None:
                self._checkbox(part)
            fields.append(Field(computed=self._passed_over))
        elif kind == "separate" and fields:
            self._settle(fields[-1])
        elif kind == "end" and fields:
            self._settle(fields[-1])
            fields.pop()

    def _settle(self, field: Field) -> None:
        if not field.result:
            field.result = True
            if not self._passed_over:
                self.end()
                _resolve(field, self.line, self.story, self.span)

    def _checkbox(self, part: etree._Element) -> None:
        box = part.find(f"{w('ffData')}/{w('checkBox')}")
        state = child(box, "checked")
        state = state if state is not None else child(box, "default")
        self.text("☒" if state is not None and truth_value(state.get(w("val"), "1")) else "☐")

    def symbol(self, part: etree._Element) -> None:
        """A sign out of a picture font."""
        code, font = part.get(w("char"), ""), part.get(w("font"), "")
        sign = readable(chr(int(code, 16)), font) if code else None
        if sign is None:
            raise UnsupportedContent(f"das Zeichen {code} der Schrift „{font}“", self.story.place,
                                     hint="In Word durch ein Zeichen der Grundschrift ersetzen.")
        self.text(sign)

    def rupture(self, part: etree._Element) -> None:
        """A break of line, column or page."""
        kind = part.get(w("type"), "textWrapping")
        if kind == "textWrapping":
            self.alone("br")
        else:
            self.alone("span", **{"class": f"_{kind}-break"})

    def note(self, part: etree._Element) -> None:
        """A footnote or endnote, laid at the foot of the page."""
        kind = "endnote" if part.tag == w("endnoteReference") else "footnote"
        document = self.story.document
        content = document.notes.get(f"{kind} {attribute(part, 'id')}")
        if content is None:
            raise DamagedDocument(f"die Fußnote {attribute(part, 'id')} fehlt")
        self.end()
        note = self.line.empty("span", **{"class": "_footnote"})
        document.blocks(content, note, Story.of(document, document.package.related(f"{kind}s") or "", self.story.page, "Fußnote"))
        document.compare(content, note)

    def drawing(self, part: etree._Element) -> None:
        """A picture, text box or line."""
        for element in drawings.read(part, self.story):
            self.begin()
            self.line.add(element)


_PARTS: dict[str, Callable[[_Piece, etree._Element], None]] = {
    w("t"): lambda piece, part: piece.text(part.text or ""),
    w("tab"): lambda piece, _: piece.alone("span", **{"class": "_tab"}),
    w("ptab"): lambda piece, part: piece.alone("span", **{"class": "_tab", "data-align": part.get(w("alignment"), "left")}),
    w("br"): _Piece.rupture,
    w("cr"): _Piece.rupture,
    w("noBreakHyphen"): lambda piece, _: piece.text("\u2011"),
    w("softHyphen"): lambda piece, _: piece.text("\u00ad"),
    w("sym"): _Piece.symbol,
    w("footnoteReference"): _Piece.note,
    w("endnoteReference"): _Piece.note,
    w("drawing"): _Piece.drawing,
    w("pict"): _Piece.drawing,
}


