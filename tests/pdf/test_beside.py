"""Text flows around what is placed on the sheet, as in Word."""

from pathlib import Path

import pytest

from pipeline.pdf.render import to_pdf
from tests.pdf.judge import faults, spoken, words
from tests.pdf.word_files import p, picture, png, word

TEXT = " ".join(f"Wort{number}" for number in range(400))
PARTS = {"related": {"rIdP": ("image", "media/punkt.png")}, "parts": {"word/media/punkt.png": png()}}
LEFT, TOP, SIZE = 120.0, 60.0, 50.0      # millimetres: over the right half of the text
FRAME = '<w:framePr w:w="2835" w:h="1701" w:hRule="exact" {} w:vAnchor="page" w:hAnchor="page" w:x="{}" w:y="3402"/>'      # 50 × 30 mm at 60 mm


def anchored(wrap: str, left: float = LEFT) -> str:
    place = "".join(f'<wp:position{axis} relativeFrom="page"><wp:posOffset>{int(value * 36000)}</wp:posOffset></wp:position{axis}>'
                    for axis, value in (("H", left), ("V", TOP)))
    return (picture(millimetres=SIZE).replace("<wp:inline>", f"<wp:anchor>{place}").replace("</wp:inline>", "</wp:anchor>")
            .replace("<wp:docPr", f"<wp:{wrap}/><wp:docPr"))


def over(pdf: bytes, tmp_path: Path, left: float, width: float, height: float) -> list[str]:
    """The words that stand in the middle of a place on the first sheet."""
    return [text for number, text, x, y, right, bottom in words(pdf, tmp_path) if number == 1 and text.startswith("Wort")
            and right > left + 5 and x < left + width - 5 and bottom > TOP + 6 and y < TOP + height - 6]


@pytest.mark.parametrize("left", [25.0, LEFT, 135.0])
def test_text_flows_beside_a_picture_placed_on_the_sheet(left: float, tmp_path: Path):
    pdf = to_pdf(word(anchored("wrapSquare", left) + p(TEXT), **PARTS))
    assert over(pdf, tmp_path, left, SIZE, SIZE) == []
    assert [text for text in spoken(pdf, tmp_path, "-raw").split() if text.startswith("Wort")] == TEXT.split()
    beside = [text for _, text, _, y, *_ in words(pdf, tmp_path) if TOP + 10 < y < TOP + SIZE - 10]
    assert beside
    assert faults(pdf, tmp_path) == []


def test_no_text_stands_beside_a_picture_with_text_above_and_below(tmp_path: Path):
    pdf = to_pdf(word(anchored("wrapTopAndBottom") + p(TEXT), **PARTS))
    assert over(pdf, tmp_path, 25, 165, SIZE) == []


def test_a_picture_before_the_text_stays_where_it_is(tmp_path: Path):
    pdf = to_pdf(word(anchored("wrapNone") + p(TEXT), **PARTS))
    assert over(pdf, tmp_path, LEFT, SIZE, SIZE)


@pytest.mark.parametrize(("wrap", "free"), [('w:wrap="around"', True), ("", True), ('w:wrap="none"', False)])
def test_text_flows_around_a_frame_as_the_frame_says(wrap: str, free: bool, tmp_path: Path):
    pdf = to_pdf(word(p("Kasten", properties=FRAME.format(wrap, 6803)) + p(TEXT[:1200]) + p(TEXT)))
    assert (over(pdf, tmp_path, LEFT, SIZE, 30) == []) is free
    assert "Kasten" in spoken(pdf, tmp_path)


def test_a_frame_that_lies_on_no_text_stays_where_it_is(tmp_path: Path):
    pdf = to_pdf(word(p("Kasten", properties=FRAME.format('w:wrap="around"', 6803)) + p("Kurz")))
    [(_, _, left, top, *_)] = [found for found in words(pdf, tmp_path) if found[1] == "Kasten"]
    assert (left, top) == (pytest.approx(120, abs=0.5), pytest.approx(60, abs=1.5))
