"""A finished Word file becomes a PDF that can be signed, filed and read aloud: PDF/A-3a and PDF/UA-1, by way of HTML."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import cssselect2
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from pipeline.errors import DocumentError
from pipeline.pdf import hyphenation, margins, mark
from pipeline.pdf.beside import make_room
from pipeline.pdf.completeness import lost, opening
from pipeline.pdf.finish import Finish
from pipeline.pdf.fonts import NoFonts, required
from pipeline.pdf.html.convert import Markup, convert
from pipeline.pdf.html.refusals import BadPicture
from pipeline.pdf.sealing import ambiguous
from pipeline.pdf.style import BASE, ELEMENTS, Style, plain
from pipeline.pdf.swiftness import undisturbed
from pipeline.records import Provenance, SignatureLine

_VARIANT = "pdf/a-3a"
_LOGGER = logging.getLogger("weasyprint")


class ForeignResource(DocumentError):
    """Something on the page wants to be fetched from elsewhere."""

    def __init__(self, address: str) -> None:
        super().__init__(f"das Dokument verweist auf etwas außerhalb: {address[:120]}", hint="Bilder einbetten, nicht verknüpfen.")


class UnfaithfulPage(DocumentError):
    """The typesetter left something out."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"die Seite ließe sich nicht vollständig darstellen (technisch: {reason[:200]})",
                         hint="Meist ist es ein Bild: als PNG neu einfügen.")


class TextCutOff(DocumentError):
    """Something of the text stands on no page."""

    def __init__(self, signs: str) -> None:
        super().__init__(f"{len(signs)} Zeichen des Textes haben auf keiner Seite Platz („{signs[:20]}“, nach dem Alphabet)",
                         hint="Meist ist ein Textfeld oder eine Tabellenzelle zu klein: größer ziehen oder den Text kürzen.")


class TooManyPages(DocumentError):
    """A paper that has to fit its sheets does not."""

    def __init__(self, most: int, pages: int, rest: str) -> None:
        sheets = "eine Seite" if most == 1 else f"{most} Seiten"
        super().__init__(f"der Text ist länger als {sheets}: er füllt {pages}, und ab „{rest}“ fehlt der Platz",
                         hint="Diese Stelle oder eine davor kürzen – beim Plakat die Kurzbeschreibung in der Projekttabelle.")


class MissingGlyph(DocumentError):
    """No font on this machine has a sign that the paper uses."""

    def __init__(self, sign: str) -> None:
        super().__init__(f"das Zeichen „{sign}“ (U+{ord(sign):04X}) gibt es in keiner installierten Schrift",
                         hint="Das Zeichen ersetzen oder eine Schrift installieren, die es enthält (etwa das Paket fonts-noto-core).")


def to_pdf(docx: bytes, *, style: Style | None = None, signatures: Sequence[SignatureLine] = (),  # noqa: PLR0913  # independent choices, each by name
           provenance: Provenance | None = None, data: bytes | None = None, date: dt.date | None = None) -> bytes:
    """The PDF of a Word file, with the Word file inside.

    `data` is attached as data.json; `date` becomes its date of creation; each signature line gets an empty field where the Word file has
    its bookmark, and a paper that is signed bears a mark on each page by which it is known when it comes back.
    The same input gives the same bytes. Raises DocumentError for whatever cannot be followed.
    """
    hyphenation.careful()
    with undisturbed():
        markup = convert(docx)
        finish = Finish(docx=docx, data=data, signatures=signatures, origin=provenance, date=date, language=markup.language,
                        title=markup.title, author=markup.author, scale=markup.scale)
        if finish.marked:
            markup = replace(markup, direct=markup.direct + mark.put(markup.root, finish.marked))
        return _made(markup, style or plain(), finish)


def _made(markup: Markup, style: Style, finish: Finish) -> bytes:
    fetcher, complaints = Fetcher(markup.pictures), _Complaints()
    _LOGGER.addHandler(complaints)
    try:
        pdf = _sound(_laid_out(markup, style, fetcher), finish)
    finally:
        _LOGGER.removeHandler(complaints)
    if fetcher.refused:
        raise ForeignResource(fetcher.refused)
    if complaints.said:
        raise UnfaithfulPage(complaints.said)
    return pdf


def _sound(document: Any, finish: Finish) -> bytes:
    """The PDF as bytes whose streams end unmistakably; the last two are packed by pydyf, so now and then it takes a second try."""
    pdf = b""
    for padding in range(4):
        pdf = _written(document, zoom=finish.scale, pdf_variant=_VARIANT, finisher=replace(finish, padding=padding))
        if not ambiguous(pdf):
            break
    return pdf


def draw(html: Element, css: str) -> bytes:
    """Pages without tags and standards, for use inside another PDF. Raises MissingGlyph."""
    document = Page(html, Fetcher({})).render(font_config=fonts(), stylesheets=[sheet(css)])
    return _written(document, pdf_identifier=True)


def _written(document: Any, **options: Any) -> bytes:
    pdf: bytes = document.write_pdf(**options)
    for font in document.fonts.values():
        for codepoint in sorted(font.missing):
            raise MissingGlyph(chr(codepoint))
    return pdf


def _laid_out(markup: Markup, style: Style, fetcher: Fetcher) -> Any:
    pictures: dict[str, Any] = {}
    try:
        sheets = [sheet(css) for css in (BASE, markup.styles, style.css, markup.direct) if css]
        page = Page(markup.root, fetcher)
        document = page.render(font_config=fonts(), stylesheets=sheets, pdf_variant=_VARIANT, cache=pictures)
        if make_room(markup.root, document):
            page = Page(markup.root, fetcher)
            document = page.render(font_config=fonts(), stylesheets=sheets, pdf_variant=_VARIANT, cache=pictures)
        wider = margins.wider(document)
        if wider:
            document = page.render(font_config=fonts(), stylesheets=[*sheets, sheet(wider)], pdf_variant=_VARIANT, cache=pictures)
    except FatalURLFetchingError:
        raise ForeignResource(fetcher.refused) from None
    for address, picture in pictures.items():
        if picture is None:
            raise BadPicture(address[:24], "im Dokument", "die Bilddatei ist beschädigt")
    if 0 < markup.most < len(document.pages):
        raise TooManyPages(markup.most, len(document.pages), opening(document.pages[markup.most]))
    missing = lost(markup.root, document.pages)
    if missing:
        raise TextCutOff(missing)
    return document


class Page(weasyprint.HTML):  # type: ignore[misc]  # WeasyPrint has no types
    """HTML that is a tree already, so that nothing is written out and parsed again."""

    def __init__(self, root: Element, fetcher: URLFetcher) -> None:
        self.base_url = None
        self.url_fetcher = fetcher
        self.media_type = "print"
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element

    def _ua_stylesheets(self, forms: bool = False) -> list[Any]:  # WeasyPrint asks this of each document
        return [sheet(ELEMENTS)]


class Fetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Hands out the pictures of one document and refuses everything else."""

    def __init__(self, pictures: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False, fail_on_errors=True)
        self._pictures = pictures
        self.refused = ""           # the first address that was asked for in vain; WeasyPrint draws on without it

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """A picture of this document. Raises ForeignResource for any other address."""
        if url not in self._pictures:
            self.refused = self.refused or url
            raise ForeignResource(url)
        return URLFetcherResponse(url, self._pictures[url])


class _Complaints(logging.Handler):
    """Hears what WeasyPrint calls an error – something that is missing on the page – and otherwise passes over."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.said = self.said or record.getMessage()


def ready() -> None:
    """Reads what all papers share – fonts, the German dictionary –, so that processes forked from this one have it: 8 MB less in each."""
    hyphenation.learnt()
    with suppress(NoFonts):         # each paper will say so, with its key
        fonts()


@lru_cache(maxsize=1)
def fonts() -> FontConfiguration:
    """The fonts of this machine, looked up once a process. Raises NoFonts where there are none."""
    required()
    return FontConfiguration()


@lru_cache(maxsize=12)      # five that papers share, of each kind; every paper adds one of its own, 60 kB in a process for as long as it is kept
def sheet(css: str) -> Any:
    """A style sheet, read once a process. Raises ForeignResource."""
    fetcher = Fetcher({})
    try:
        return weasyprint.CSS(string=css, font_config=fonts(), url_fetcher=fetcher)
    except FatalURLFetchingError:
        raise ForeignResource(fetcher.refused) from None
