from __future__ import annotations

import io

import pikepdf
import pytest
from PIL import Image

from pipeline.pdf.active import active
from pipeline.pdf.compare import differing
from pipeline.pdf.effort import TooMuchToDraw, bearable
from pipeline.pdf.pictures import NoPicture, PasswordWanted, TooManyPixels, opened, scanned, texts


def sheet(content: bytes = b"0 g 100 100 100 100 re f", *, pages: int = 1, **entries: object) -> bytes:
    pdf = pikepdf.new()
    for _ in range(pages):
        page = pdf.add_blank_page(page_size=(200, 300))
        page.Contents = pdf.make_stream(content)
        for name, value in entries.items():
            page.obj[f"/{name}"] = value
    return saved(pdf)


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def picture(kind: str, *images: Image.Image) -> bytes:
    out = io.BytesIO()
    images[0].save(out, kind, **({"save_all": True, "append_images": images[1:]} if len(images) > 1 else {}))
    return out.getvalue()


def test_a_page_of_a_pdf_is_drawn_in_the_dots_asked_for() -> None:
    with opened(sheet()) as pages:
        seen = pages.page(0, 72)
        assert (len(pages), seen.mode, seen.size) == (1, "L", (200, 300))
    assert (seen.getpixel((150, 150)), seen.getpixel((10, 10))) == (0, 255)


def test_an_image_comes_in_the_dots_it_was_scanned_in() -> None:
    with opened(picture("TIFF", Image.new("L", (40, 50), 7), Image.new("1", (60, 70), 1))) as pages:
        assert (len(pages), pages.page(0).size, pages.page(1).size) == (2, (40, 50), (60, 70))
        assert (pages.page(0).getpixel((1, 1)), pages.page(1).getpixel((1, 1))) == (7, 255)


def test_what_is_transparent_is_paper() -> None:
    with opened(picture("PNG", Image.new("RGBA", (4, 4), (0, 0, 0, 0)))) as pages:
        assert pages.page(0).getpixel((1, 1)) == 255


@pytest.mark.parametrize("data", [b"", b"Guten Tag", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7 nichts", picture("PNG", Image.new("L", (99, 99)))[:60]],
                         ids=["empty", "text", "head", "no PDF", "broken off"])
def test_what_is_no_picture_is_said_to_be_none(data: bytes) -> None:
    import weasyprint  # noqa: F401  tells Pillow to be content with half a picture
    with pytest.raises(NoPicture), opened(data) as pages:
        pages.page(0)


def test_an_image_larger_than_any_sheet_is_not_unpacked() -> None:
    with pytest.raises((NoPicture, TooManyPixels)), opened(picture("PNG", Image.new("1", (12_000, 12_000)))) as pages:
        pages.page(0)


def test_a_page_larger_than_any_sheet_is_not_drawn() -> None:
    with pytest.raises(TooManyPixels, match="Seite 1"), opened(sheet(MediaBox=[0, 0, 14_400, 14_400])) as pages:
        pages.page(0, 300)


def test_a_password_is_named() -> None:
    with pikepdf.open(io.BytesIO(sheet())) as pdf:
        locked = saved(pdf, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(PasswordWanted), opened(locked):
        pass


def test_a_page_that_would_take_for_ever_is_not_begun() -> None:
    pdf = pikepdf.open(io.BytesIO(sheet()))
    last = pdf.make_stream(b"0 0 9 9 re f", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 99, 99])
    for _ in range(20):
        last = pdf.make_stream(b"/X Do " * 10, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 99, 99],
                               Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=last)))
    pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=last))
    pdf.pages[0].Contents = pdf.make_stream(b"/X Do")
    with pytest.raises(TooMuchToDraw, match="Seite 1"):
        bearable(saved(pdf))
    bearable(sheet())


def test_pages_that_look_different_are_counted_from_one() -> None:
    assert differing(sheet(pages=2), sheet(pages=2)) == ()
    assert differing(sheet(pages=2), sheet(pages=3)) == (3,)
    assert differing(sheet(), sheet(b"0 g 100 100 100 104 re f")) == (1,)
    assert differing(sheet(), sheet(Rotate=90)) == (1,)


def test_a_scan_is_told_from_a_page_with_text() -> None:
    photograph = io.BytesIO()
    Image.new("L", (200, 300), 200).save(photograph, "PDF", resolution=72)
    assert scanned(photograph.getvalue())
    assert not scanned(sheet())
    assert list(texts(sheet())) == [""]


@pytest.mark.parametrize(("entries", "what"), [
    ({"AA": pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="x"))}, "JavaScript"),
    ({"Annots": pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Screen, Rect=[0, 0, 1, 1])])}, "ein eingebetteter Film oder Ton"),
    ({"Annots": pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, A=pikepdf.Dictionary(S=pikepdf.Name.Launch))])},
     "ein Befehl, der ein Programm startet"),
])
def test_what_acts_by_itself_is_found(entries: dict[str, object], what: str) -> None:
    assert what in active(sheet(**entries))
    assert active(sheet()) == ()
