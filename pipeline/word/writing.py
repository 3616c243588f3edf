"""Values as WordprocessingML: each kind of value at each kind of place, and nothing else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sized
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import quoteattr, unescape

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from pipeline.errors import DocumentError
from pipeline.records import Picture, SignatureLine
from pipeline.word import drawing, looks
from pipeline.word.markup import ATTRIBUTE, BLOCKS, IN_RUN, RUNS, TEXT
from pipeline.word.rendering import EXPRESSION, Rendering, Site
from pipeline.word.sandbox import RENDERING, Absent
from pipeline.word.values import InlineImage, Listing, Look, RichText, RichTextParagraph, Subdoc

_UNUSUAL = re.compile("[^ -%'-;=?-~\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")     # XML 1.0, production 2
_XML_TAG = re.compile(r"<[^>]*>")
_BREAKS = re.compile("[\n\t]")
_LISTED = re.compile("[\n\t\a\f]")
_T = '<w:t xml:space="preserve">'
_BREAK = f"</w:t><w:br/>{_T}"
_TAB = f"</w:t><w:tab/>{_T}"
_PAGE = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/bmp": "bmp", "image/tiff": "tiff"}


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


class DoubleSignature(DocumentError):
    """Two signature lines of one name stand in a document."""

    def __init__(self, document: str, name: str) -> None:
        super().__init__(f"{document}: die Unterschriftszeile „{name}“ steht zweimal im Dokument",
                         hint="Jede Unterschriftszeile in der Vorlage nur einmal einsetzen.")


class BadSignatureName(DocumentError):
    """A signature line's name cannot be a bookmark's."""

    def __init__(self, document: str, name: str) -> None:
        super().__init__(f"{document}: „{name}“ ist kein Name für eine Unterschriftszeile",
                         hint="Höchstens 30 Zeichen: Buchstaben a–z, Ziffern, Bindestrich.")


# Text ----------------------------------------------------------------------------------------------


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


def _plain(rendering: Rendering, value: object, site: Site) -> str:
    if not site.spot.texts:
        raise NotText(rendering.document, site.path, "ein Text außerhalb eines Absatzes")
    return site.spot.before + _text(rendering, str(value), site) + site.spot.after


def _absent(rendering: Rendering, value: Undefined, site: Site) -> str:
    # a strict field says here what is missing; in a draft it is a mark, by the name the template uses
    known = isinstance(value, Absent) and site.path != EXPRESSION
    return _plain(rendering, str(Absent(name=site.path) if known else value), site)


def _markup(rendering: Rendering, value: Markup, site: Site) -> str:
    # Made by a macro or a block of this template: its values were escaped when they were written into it.
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


_FORBIDDEN_IN_LISTING = re.compile(_FORBIDDEN.pattern.replace("\x00-\x08\x0b\x0c", "\x00-\x06\x08\x0b"))


def _listing(rendering: Rendering, value: Listing, site: Site) -> str:
    if site.spot not in (TEXT, IN_RUN, RUNS, BLOCKS):
        return _plain(rendering, value.text, site)
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


def _rich(rendering: Rendering, value: RichText, site: Site) -> str:
    if site.spot is BLOCKS:
        return f"<w:p>{_runs(rendering, value, site, '')}</w:p>"
    if not site.spot.before_drawing and site.spot is not IN_RUN:
        raise NotText(rendering.document, site.path, "formatierter Text")
    return _between_runs(site, _runs(rendering, value, site, site.paragraph))


def _rich_paragraphs(rendering: Rendering, value: RichTextParagraph, site: Site) -> str:
    if site.spot is not BLOCKS:
        raise NotText(rendering.document, site.path, "ein ganzer Absatz (einzusetzen mit {{p … }})")
    made = []
    for text, style in value.paragraphs:
        paragraph = f"<w:pPr><w:pStyle w:val={quoteattr(style)}/></w:pPr>" if style else ""
        made.append(f"<w:p>{paragraph}{_runs(rendering, text, site, paragraph)}</w:p>")
    return "".join(made)


def _between_runs(site: Site, runs: str) -> str:
    """Whole runs, put where a value stands: the run around it is closed before and opened again behind."""
    if site.spot is TEXT:
        return f"</w:t></w:r>{runs}<w:r>{site.formatting}{_T}"
    if site.spot is IN_RUN:
        return f"</w:r>{runs}<w:r>{site.formatting}"
    return site.spot.before_drawing.removesuffix("<w:r>") + runs + site.spot.after_drawing.removeprefix("</w:r>")


# Pictures, signature lines, other documents ----------------------------------------------------------


def _drawing(rendering: Rendering, site: Site, shown: drawing.Drawing) -> str:
    return site.spot.before_drawing + drawing.inline(shown) + site.spot.after_drawing


def _number(rendering: Rendering, site: Site) -> int:
    if not (site.spot.before_drawing or site.spot is IN_RUN):
        raise NotText(rendering.document, site.path, "ein Bild")
    rendering.drawings += 1
    return rendering.drawings


def _picture(rendering: Rendering, picture: Picture, site: Site) -> str:
    return _drawing(rendering, site, drawing.Drawing(
        number=_number(rendering, site), name=picture.name, alt=picture.alt, width=round(picture.width * drawing.EMU_PER_MM),
        height=round(picture.height * drawing.EMU_PER_MM), image=rendering.picture(picture.png, "png"),
        svg=rendering.picture(picture.svg, "svg") if picture.svg else None))


def _image(rendering: Rendering, image: InlineImage, site: Site) -> str:
    from docx.image.exceptions import InvalidImageStreamError, UnexpectedEndOfFileError, UnrecognizedImageError
    from docx.image.image import Image  # only when a program brings pictures of its own
    number = _number(rendering, site)
    try:
        read = Image.from_blob(image.data)
        width, height = read.scaled_dimensions(image.width, image.height)
        link = rendering.link(looks.address(image.anchor)) if image.anchor else None
    except (UnrecognizedImageError, InvalidImageStreamError, UnexpectedEndOfFileError, ZeroDivisionError) as error:
        raise BadValue(rendering.document, site.path, "ist keine Bilddatei, die Word zeigt (PNG, JPEG, GIF, BMP, TIFF)") from error
    except looks.WrongLook as error:
        raise BadValue(rendering.document, site.path, str(error)) from error
    return _drawing(rendering, site, drawing.Drawing(
        number=number, name=f"Bild {number}", alt=image.alt, width=int(width), height=int(height),
        image=rendering.picture(image.data, _ENDINGS[read.content_type]), link=link))


def _signature(rendering: Rendering, line: SignatureLine, site: Site) -> str:
    if not (site.spot.before_drawing or site.spot is IN_RUN):
        raise NotText(rendering.document, site.path, "eine Unterschriftszeile")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,30}", line.name):
        raise BadSignatureName(rendering.document, line.name)
    number = rendering.bookmark(f"signature_{line.name}")
    if number is None:
        raise DoubleSignature(rendering.document, line.name)
    return _between_runs(site, drawing.signature(line.name, number=number, formatting=site.formatting))


def _document(rendering: Rendering, subdoc: Subdoc, site: Site) -> str:
    from pipeline.word.graft import grafted  # only for documents made of documents
    if site.spot is not BLOCKS:
        raise NotText(rendering.document, site.path, "ein ganzes Dokument (einzusetzen mit {{p … }})")
    return grafted(rendering, subdoc, recorded=site.recorded)


# Which value is written how --------------------------------------------------------------------------

Writer = Callable[[Rendering, Any, Site], str]

_WRITERS: tuple[tuple[type, Writer], ...] = (      # in this order: a Markup is a text as well
    (Markup, _markup), (Picture, _picture), (SignatureLine, _signature), (RichText, _rich), (RichTextParagraph, _rich_paragraphs),
    (Listing, _listing), (InlineImage, _image), (Subdoc, _document), (Undefined, _absent),
)

# Word would print what Python calls these; nobody wants to read that.
_UNPRINTABLE: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "leer"),
    (bool, "ein Wahrheitswert"),
    ((list, tuple, set, frozenset), "eine Liste"),
    (dict, "ein Datensatz"),
    ((bytes, bytearray), "kein Text"),
)
_PRINTABLE = (str, int, float, Decimal, dt.date, dt.time)


def written(rendering: Rendering, value: object, site: Site) -> str:
    """The XML of any value at a place. Raises DocumentError when it cannot be shown there."""
    for kind, writer in _WRITERS:
        if isinstance(value, kind):
            return writer(rendering, value, site)
    if value is None and rendering.draft:
        return _absent(rendering, Absent(name=site.path), site)
    for kinds, what in _UNPRINTABLE:
        if isinstance(value, kinds):
            raise NotText(rendering.document, site.path, what)
    if not isinstance(value, _PRINTABLE):
        raise NotText(rendering.document, site.path, f"ein Objekt der Art {type(value).__name__}")
    return _plain(rendering, value, site)


# What the compiled template calls --------------------------------------------------------------------


@pass_context
def write_text(context: Context, value: Any, number: int) -> str:
    """A value between `<w:t>` and `</w:t>`: by far the most frequent case, so it is short."""
    rendering: Rendering = context.parent[RENDERING]
    rendering.left -= 32
    if type(value) is str and not _UNUSUAL.search(value):
        rendering.spend(len(value))
        rendering.written.append(value)
        return value
    return write_any(context, value, number)


@pass_context
def write_any(context: Context, value: Any, number: int) -> str:
    """A value anywhere."""
    rendering: Rendering = context.parent[RENDERING]
    made = written(rendering, value, rendering.sites[number])
    rendering.spend(len(made) + 32)
    return made


@pass_context
def write_number(context: Context, _: Any) -> str:
    """The next drawing's id."""
    rendering: Rendering = context.parent[RENDERING]
    rendering.drawings += 1
    return str(rendering.drawings)


@pass_context
def count_turns(context: Context, turns: Iterable[Any], weight: int) -> Iterable[Any]:
    """What a loop goes through, paid for before its first turn."""
    if isinstance(turns, Undefined):
        return turns                      # says what is missing when the loop starts
    if not isinstance(turns, Sized):
        turns = list(turns)
    context.parent[RENDERING].spend(len(turns) * weight)
    return turns


@pass_context
def tick(context: Context, _: Any) -> str:
    """One turn of a loop: writes nothing, looks at the clock."""
    context.parent[RENDERING].tick()
    return ""


TEXT_WRITER, ANY_WRITER, NUMBER_WRITER, TURNS, TICK = "write text", "write any", "write number", "the turns", "one turn"
WRITERS: dict[str, Callable[..., str]] = {TEXT_WRITER: write_text, ANY_WRITER: write_any, NUMBER_WRITER: write_number, TICK: tick}
