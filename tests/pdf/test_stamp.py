"""The look of a visible signature."""

import io
from pathlib import Path

import pikepdf
import pytest

from pipeline.pdf.stamp import signature_page
from tests.pdf.judge import spoken, words

LINES = ("Elektronisch signiert · DEMONSTRATION", "Oberbürgermeister", "Stadt Dortmund", "08.06.2017 · PAdES B-B · keine gültige Signatur")


@pytest.mark.parametrize(("width", "height"), [(70, 16), (50, 12), (120, 30)])
def test_the_lines_fit_their_box(width: float, height: float, tmp_path: Path):
    pdf = signature_page(LINES, width, height)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        [sheet] = document.pages
        assert [round(float(value) / 72 * 25.4, 1) for value in sheet.MediaBox[2:]] == [width, height]
    found = words(pdf, tmp_path)
    assert len(found) == sum(len(line.split()) for line in LINES)
    assert all(left >= 0 and top >= -0.3 and right <= width and bottom <= height + 0.3 for _, _, left, top, right, bottom in found)


def test_the_same_lines_give_the_same_page(tmp_path: Path):
    assert signature_page(LINES, 70, 16) == signature_page(list(LINES), 70, 16)
    assert "keine gültige Signatur" in spoken(signature_page(LINES, 70, 16), tmp_path)
