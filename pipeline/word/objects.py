"""Pictures, signature lines and whole documents as WordprocessingML."""

from __future__ import annotations

import re

from pipeline.errors import DocumentError
from pipeline.records import Picture, SignatureLine
from pipeline.word import drawing, looks
from pipeline.word.markup import BLOCKS, IN_RUN
from pipeline.word.rendering import Rendering, Site
from pipeline.word.text import BadValue, NotText, between_runs
from pipeline.word.values import InlineImage, Subdoc

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/bmp": "bmp", "image/tiff": "tiff"}


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


def _drawing(rendering: Rendering, site: Site, shown: drawing.Drawing) -> str:
    return site.spot.before_drawing + drawing.inline(shown) + site.spot.after_drawing


def _number(rendering: Rendering, site: Site) -> int:
    if not (site.spot.before_drawing or site.spot is IN_RUN):
        raise NotText(rendering.document, site.path, "ein Bild")
    rendering.drawings += 1
    return rendering.drawings


def picture(rendering: Rendering, picture: Picture, site: Site) -> str:
    """A paper's own picture, sharp twice: as points and as vectors."""
    return _drawing(rendering, site, drawing.Drawing(
        number=_number(rendering, site), name=picture.name, alt=picture.alt, width=round(picture.width * drawing.EMU_PER_MM),
        height=round(picture.height * drawing.EMU_PER_MM), image=rendering.picture(picture.png, "png"),
        svg=rendering.picture(picture.svg, "svg") if picture.svg else None))


def image(rendering: Rendering, image: InlineImage, site: Site) -> str:
    """A picture file of a program."""
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


def signature(rendering: Rendering, line: SignatureLine, site: Site) -> str:
    """The line somebody signs on, once in a document."""
    if not (site.spot.before_drawing or site.spot is IN_RUN):
        raise NotText(rendering.document, site.path, "eine Unterschriftszeile")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,30}", line.name):
        raise BadSignatureName(rendering.document, line.name)
    number = rendering.bookmark(f"signature_{line.name}")
    if number is None:
        raise DoubleSignature(rendering.document, line.name)
    return between_runs(site, drawing.signature(line.name, number=number, formatting=site.formatting))


def document(rendering: Rendering, subdoc: Subdoc, site: Site) -> str:
    """Another document's text, where paragraphs can stand."""
    from pipeline.word.graft import grafted  # only for documents made of documents
    if site.spot is not BLOCKS:
        raise NotText(rendering.document, site.path, "ein ganzes Dokument (einzusetzen mit {{p … }})")
    return grafted(rendering, subdoc, recorded=site.recorded)
