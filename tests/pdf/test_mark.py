from __future__ import annotations

import io
import random
from pathlib import Path

import pypdfium2
import zxingcpp
from PIL import Image, ImageFilter

from pipeline.pdf.mark import read
from pipeline.pdf.render import to_pdf
from pipeline.records import Provenance, SignatureLine
from tests.pdf.judge import faults, spoken
from tests.pdf.word_files import p, word

ORIGIN = Provenance(key="memorandum/P-001", revision=3, fingerprint="a" * 64, template="b" * 64, tool="gremium 0.1.0")
LINE = '<w:p><w:bookmarkStart w:id="1" w:name="signature_stadt"/><w:bookmarkEnd w:id="1"/><w:r><w:t>Oberbürgermeister</w:t></w:r></w:p>'
DPI = 150


def signed(*, pages: int = 2) -> bytes:
    body = "".join(p(f"Seite {number}", properties="<w:pageBreakBefore/>" if number else "") for number in range(pages)) + LINE
    return to_pdf(word(body), signatures=(SignatureLine(name="stadt", label="Unterschrift für die Stadt"),), provenance=ORIGIN)


def scanned(pdf: bytes, number: int, angle: float) -> Image.Image:
    """A page as an office scanner gives it back: askew, blurred, noisy, squeezed."""
    sheet = pypdfium2.PdfDocument(pdf)[number].render(scale=DPI / 72).to_pil().convert("L")
    chance = random.Random(number)
    dust = bytes(min(255, chance.getrandbits(6)) for _ in range(sheet.width * sheet.height))
    dirty = Image.blend(sheet, Image.frombytes("L", sheet.size, dust), 0.15)
    turned = dirty.rotate(angle, fillcolor=235, expand=True, resample=Image.Resampling.BILINEAR).filter(ImageFilter.GaussianBlur(0.7))
    file = io.BytesIO()
    turned.save(file, "JPEG", quality=60)
    return Image.open(file)


def test_the_mark_of_each_page_is_read_from_a_scan() -> None:
    pdf = signed(pages=2)
    for number, angle in ((0, 1.5), (1, -2.0), (1, 180.0)):
        codes = zxingcpp.read_barcodes(scanned(pdf, number, angle))
        assert [read(code.text) for code in codes] == [("memorandum/P-001", 3)]


def test_the_mark_stands_in_plain_text_too(tmp_path: Path) -> None:
    assert spoken(signed(pages=2), tmp_path).count("memorandum/P-001 · Fassung 3") == 2


def test_a_marked_page_keeps_both_standards(tmp_path: Path) -> None:
    assert faults(signed(), tmp_path) == []


def test_a_paper_nobody_signs_bears_no_mark(tmp_path: Path) -> None:
    pdf = to_pdf(word(p("Einladung")), provenance=ORIGIN)
    assert "Fassung" not in spoken(pdf, tmp_path)
    assert not zxingcpp.read_barcodes(pypdfium2.PdfDocument(pdf)[0].render(scale=2).to_pil())


def test_a_code_of_somebody_else_is_no_mark() -> None:
    assert read("https://www.example.org/#3") is None
