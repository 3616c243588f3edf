"""Pages as grey pictures: those of a PDF, drawn, and those of an image file, as they were scanned.

What comes from outside is bounded before it is drawn: neither an image nor a page may ask for more memory than a sheet
of paper needs, whatever its header says.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import pypdfium2
from PIL import Image, ImageFile, UnidentifiedImageError

from pipeline.errors import VerificationError
from pipeline.pdf.effort import bearable

DPI = 150
PIXELS = 80_000_000          # of one page: A4 in 600 dpi has 35 million, A3 70
PAGES = 2_000                # of one file
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "JPEG2000", "GIF", "PPM")
_POINTS = 72
_MARKED = 1024               # bytes at the start among which a PDF says that it is one


class NoPicture(VerificationError):
    """Bytes that are neither a PDF nor an image, or a damaged one."""

    def __init__(self, reason: str = "") -> None:
        super().__init__("weder ein PDF noch ein Bild, das sich lesen lässt" + (f" (technisch: {reason})" if reason else ""),
                         hint="Noch einmal scannen oder sich neu schicken lassen, als PDF, PNG, JPEG oder TIFF.")


class TooManyPixels(VerificationError):
    """A page that would be drawn larger than any sheet of paper."""

    def __init__(self, number: int, width: int, height: int) -> None:
        super().__init__(f"Seite {number} ist mit {width} × {height} Bildpunkten größer als jedes Blatt und wird nicht gelesen",
                         hint="Mit 150 bis 300 dpi scannen.")


class TooManyPages(VerificationError):
    """A file with more pages than a stack of paper has."""

    def __init__(self, pages: int) -> None:
        super().__init__(f"die Datei hat {pages} Seiten, gelesen werden höchstens {PAGES}", hint="Den Stapel in mehreren Dateien scannen.")


class PasswordWanted(VerificationError):
    """An encrypted PDF."""

    def __init__(self) -> None:
        super().__init__("das PDF ist verschlüsselt", hint="Um eine unverschlüsselte Fassung bitten.")


class Pictures(Protocol):
    """The pages of one file."""

    def __len__(self) -> int:
        """How many pages."""

    def page(self, number: int, dpi: int = DPI, *, drawn_on: bool = True) -> Image.Image:
        """Page `number`, counted from 0, in shades of grey (mode "L").

        A PDF is drawn in `dpi`, with what lies on its pages as annotations and fields unless `drawn_on` is off; an image file
        comes in the dots it was scanned in. Raises VerificationError.
        """


@contextmanager
def opened(data: bytes) -> Iterator[Pictures]:
    """The pages of a PDF or of an image file (PNG, JPEG, TIFF with several pages …). Raises VerificationError."""
    if b"%PDF-" in data[:_MARKED]:
        with _document(data) as document:
            yield _Drawn(document)
    else:
        with _image(data) as image:
            yield _Scanned(image)


def texts(pdf: bytes) -> Iterator[str]:
    """The text of each page of a PDF. Raises VerificationError."""
    with _document(pdf) as document:
        for number in range(len(document)):
            with _page(document, number) as page:
                text = page.get_textpage()
                yield str(text.get_text_bounded())
                text.close()


def scanned(pdf: bytes) -> bool:
    """Whether each page of a PDF is one picture of a sheet, with or without the text that a scanner read in it."""
    with _document(pdf) as document:
        return len(document) > 0 and all(_is_picture(document, number) for number in range(len(document)))


# PDF


_XFA = (pypdfium2.raw.FORMTYPE_XFA_FULL, pypdfium2.raw.FORMTYPE_XFA_FOREGROUND)     # it would only say that it does not know them
_COVERS = 0.8        # of its page: what a scanner leaves at the edges is less


def _is_picture(document: pypdfium2.PdfDocument, number: int) -> bool:
    with _page(document, number) as page:
        width, height = page.get_size()
        covered = 0.0
        for image in page.get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE,)):
            left, bottom, right, top = image.get_bounds()
            covered += max(0.0, min(right, width) - max(left, 0)) * max(0.0, min(top, height) - max(bottom, 0))
        return bool(covered >= _COVERS * width * height)


@contextmanager
def _page(document: pypdfium2.PdfDocument, number: int) -> Iterator[pypdfium2.PdfPage]:
    try:
        page = document[number]
    except pypdfium2.PdfiumError as error:
        raise NoPicture(str(error)) from error
    try:
        yield page
    except pypdfium2.PdfiumError as error:
        raise NoPicture(str(error)) from error
    finally:
        page.close()


@contextmanager
def _document(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    bearable(data)
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():      # the library has no other way of telling
            raise PasswordWanted from error
        raise NoPicture(str(error)) from error
    try:
        if len(document) > PAGES:
            raise TooManyPages(len(document))
        if document.get_formtype() not in _XFA:
            document.init_forms()   # without them fields are not drawn
        yield document
    finally:
        document.close()


class _Drawn:
    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document

    def __len__(self) -> int:
        return len(self._document)

    def page(self, number: int, dpi: int = DPI, *, drawn_on: bool = True) -> Image.Image:
        """Draws one page."""
        with _page(self._document, number) as page:
            scale = dpi / _POINTS
            _bounded(number, *(round(side * scale) for side in page.get_size()))
            for image in page.get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE,)):
                _bounded(number, *image.get_px_size())
            bitmap = page.render(scale=scale, grayscale=True, draw_annots=drawn_on, may_draw_forms=drawn_on)
            picture: Image.Image = bitmap.to_pil().convert("L")      # a copy: the bitmap's memory goes with it
            return picture


# image files


@contextmanager
def _image(data: bytes) -> Iterator[Image.Image]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)     # the bound below is ours
            image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise NoPicture("größer als jedes Blatt") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise NoPicture from error
    with image:
        pages = getattr(image, "n_frames", 1)
        if pages > PAGES:
            raise TooManyPages(pages)
        yield image


@contextmanager
def _whole() -> Iterator[None]:
    """An image that breaks off is none here: WeasyPrint, where it is loaded, tells Pillow to fill the rest with grey."""
    usual, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = usual


class _Scanned:
    def __init__(self, image: Image.Image) -> None:
        self._image = image
        self._pages = int(getattr(image, "n_frames", 1))

    def __len__(self) -> int:
        return self._pages

    def page(self, number: int, dpi: int = DPI, *, drawn_on: bool = True) -> Image.Image:
        """Decodes one page; transparent parts are paper."""
        try:
            self._image.seek(number)
            _bounded(number, *self._image.size)
            with _whole():
                return _grey(self._image)
        except (OSError, ValueError, EOFError, SyntaxError, Image.DecompressionBombError) as error:
            raise NoPicture(str(error)) from error


def _grey(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        paper = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(paper, image.convert("RGBA")).convert("L")
    if image.mode.startswith("I;16") or image.mode == "I":
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("L")


def _bounded(number: int, width: int, height: int) -> None:
    if width * height > PIXELS:
        raise TooManyPixels(number + 1, width, height)
