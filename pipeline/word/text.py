"""Texts as WordprocessingML: plain, in lines and paragraphs, in several looks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import quoteattr, unescape

from jinja2 import Undefined
from markupsafe import Markup

from pipeline.errors import DocumentError
from pipeline.word import drawing, looks
from pipeline.word.absent import Absent
from pipeline.word.markup import ATTRIBUTE, BLOCKS, IN_RUN, RUNS, TEXT
from pipeline.word.rendering import EXPRESSION, Rendering, Site
from pipeline.word.values import Listing, Look, RichText, RichTextParagraph

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")     # XML 1.0, production 2
_FORBIDDEN_IN_LISTING = re.compile(_FORBIDDEN.pattern.replace("\x00-\x08\x0b\x0c", "\x00-\x06\x08\x0b"))
_XML_TAG = re.compile(r"<[^>]*>")
_BREAKS = re.compile("[\n\t]")
_LISTED = re.compile("[\n\t\a\f]")
_T = '<w:t xml:space="preserve">'
_BREAK = f"</w:t><w:br/>{_T}"
_TAB = f"</w:t><w:tab/>{_T}"
_PAGE = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


class BadCharacter(DocumentError):
    """A value holds a character no Word file can carry."""

    def __init__(self, document: str, path: str, character: str) -> None:
        super().__init__(f"{document}: „{path}“ enthält ein Zeichen, das kein Word-Dokument aufnehmen kann (U+{ord(character):04X})",
                         hint="Das Zeichen in der Tabelle löschen; meist stammt es aus einer Kopie.")


class NotText(DocumentError):
    """A value cannot be shown where it stands."""

    def __init__(self, document: str, path: str, what: str) -> None:
        super().__init__(f"{document}: „{path}“ ist {what} und kann hier nicht gedruckt werden",
                         hint="In der Vorlage ein Feld daraus nennen, es mit {% if %} abfragen oder mit {% for %} durchgehen.")


class BadValue(DocumentError):
    """A value that a program made says something Word cannot show."""

    def __init__(self, document: str, path: str, what: str) -> None:
        super().__init__(f"{document}: „{path}“: {what}", hint="Den Wert dort berichtigen, wo er gebildet wird.")


def refuse_markup(rendering: Rendering, context: Mapping[str, object]) -> None:
    """No value says of itself that it is XML: values are text. Raises BadValue."""
    waiting: list[Iterable[tuple[str, object]]] = [context.items()]
    seen: set[int] = set()
    while waiting:
        for path, value in waiting.pop():
            if type(value) is str:      # nearly all are: asked first, the walk over a memorandum's context takes 0.14 ms instead of 0.24
                continue
            if isinstance(value, Markup):
                raise BadValue(rendering.document, path, "ist als fertiges XML gekennzeichnet (Markup); Werte sind immer Text")
            if isinstance(value, dict | list | tuple) and id(value) not in seen:
                seen.add(id(value))
                waiting.append(value.items() if isinstance(value, dict) else [(path, item) for item in value])


def checked(rendering: Rendering, path: str, value: str, forbidden: re.Pattern[str] = _FORBIDDEN) -> str:
    """The text with every kind of line end as one. Raises BadCharacter when no Word file can carry it."""
    if found := forbidden.search(value):
        raise BadCharacter(rendering.document, path, found[0])
    return value.replace("\r\n", "\n").replace("\r", "\n")


def _escaped(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text(rendering: Rendering, value: str, site: Site) -> str:
    value = checked(rendering, site.path, value)
    if site.recorded and site.spot is ATTRIBUTE:
        rendering.attributes.append(value)
    elif site.recorded:
        rendering.written += _BREAKS.split(value) if site.spot.breaks else [value]
    if site.spot.breaks:
        return _escaped(value).replace("\n", _BREAK).replace("\t", _TAB)
    if site.spot is ATTRIBUTE:
        return _escaped(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
    return _escaped(value)


def plain(rendering: Rendering, value: object, site: Site) -> str:
    """Any value as its text. Raises NotText where no text can stand."""
    if not site.spot.texts:
        raise NotText(rendering.document, site.path, "ein Text außerhalb eines Absatzes")
    return site.spot.before + _text(rendering, str(value), site) + site.spot.after


def absent(rendering: Rendering, value: Undefined, site: Site) -> str:
    """A field that is not there: said, or in a draft marked by the name the template uses."""
    known = isinstance(value, Absent) and site.path != EXPRESSION
    return plain(rendering, str(Absent(name=site.path) if known else value), site)


def markup(rendering: Rendering, value: Markup, site: Site) -> str:
    """XML that a macro or a block of this template made: its values were escaped when they were written into it."""
    if site.recorded:
        rendering.written += [unescape(piece) for piece in _XML_TAG.split(value) if piece]
    return str(value)


# Text in several looks, in several paragraphs --------------------------------------------------------


def _listed(rendering: Rendering, value: str, site: Site, formatting: str, paragraph: str | None) -> str:
    """A text's inside, with docxtpl's four marks: line, tab, paragraph, page."""
    value = checked(rendering, site.path, value, _FORBIDDEN if paragraph is None else _FORBIDDEN_IN_LISTING)
    if site.recorded:
        rendering.written += _LISTED.split(value)
    made = _escaped(value).replace("\n", _BREAK).replace("\t", _TAB)
    anew = f"<w:p>{paragraph}<w:r>{formatting}{_T}"
    return made.replace("\a", f"</w:t></w:r></w:p>{anew}").replace("\f", f"</w:t></w:r></w:p>{_PAGE}{anew}")


def listing(rendering: Rendering, value: Listing, site: Site) -> str:
    """A text whose marks make lines, tabs, paragraphs and pages, in the format that stands there."""
    if site.spot not in (TEXT, IN_RUN, RUNS, BLOCKS):
        return plain(rendering, value.text, site)
    paragraph = "" if site.spot is BLOCKS else site.paragraph
    formatting = site.formatting if site.spot in (TEXT, IN_RUN) else ""
    return site.spot.before + _listed(rendering, value.text, site, formatting, paragraph) + site.spot.after


def _runs(rendering: Rendering, value: RichText, site: Site, paragraph: str | None) -> str:
    try:
        return "".join(_run(rendering, text, look, site, paragraph) for text, look in value.pieces)
    except looks.WrongLook as error:
        raise BadValue(rendering.document, site.path, str(error)) from error


def _run(rendering: Rendering, text: str, look: Look, site: Site, paragraph: str | None) -> str:
    formatting = looks.formatting(look)
    inside = _listed(rendering, text, site, formatting, None if look.url else paragraph)
    run = f"<w:r>{formatting}{_T}{inside}</w:t></w:r>"
    if look.url:
        return f'<w:hyperlink {drawing.RELATIONS} r:id="{rendering.link(looks.address(look.url))}" w:tgtFrame="_blank">{run}</w:hyperlink>'
    return run


def rich(rendering: Rendering, value: RichText, site: Site) -> str:
    """Text in several looks, wherever runs can stand."""
    if site.spot is BLOCKS:
        return f"<w:p>{_runs(rendering, value, site, '')}</w:p>"
    if not site.spot.before_drawing and site.spot is not IN_RUN:
        raise NotText(rendering.document, site.path, "formatierter Text")
    return between_runs(site, _runs(rendering, value, site, site.paragraph))


def rich_paragraphs(rendering: Rendering, value: RichTextParagraph, site: Site) -> str:
    """Whole paragraphs, where paragraphs can stand."""
    if site.spot is not BLOCKS:
        raise NotText(rendering.document, site.path, "ein ganzer Absatz (einzusetzen mit {{p … }})")
    made = []
    for text, style in value.paragraphs:
        paragraph = f"<w:pPr><w:pStyle w:val={quoteattr(style)}/></w:pPr>" if style else ""
        made.append(f"<w:p>{paragraph}{_runs(rendering, text, site, paragraph)}</w:p>")
    return "".join(made)


def between_runs(site: Site, runs: str) -> str:
    """Whole runs, put where a value stands: the run around it is closed before and opened again behind."""
    if site.spot is TEXT:
        return f"</w:t></w:r>{runs}<w:r>{site.formatting}{_T}"
    if site.spot is IN_RUN:
        return f"</w:r>{runs}<w:r>{site.formatting}"
    return site.spot.before_drawing.removesuffix("<w:r>") + runs + site.spot.after_drawing.removeprefix("</w:r>")
