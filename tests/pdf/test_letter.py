"""The letter keeps DIN 5008 form B to half a millimetre and fits the window envelopes it is put into."""

from functools import cache
from pathlib import Path

import pypdfium2
import pytest

from pipeline.papers.draft import Draft
from pipeline.papers.kinds import KINDS
from pipeline.papers.sample import sample_alliance
from pipeline.pdf.render import to_pdf
from pipeline.pdf.style import Style
from pipeline.settings import LayoutSettings
from pipeline.word.template import Template
from tests.pdf.judge import words

TEMPLATES = Path(__file__).parents[2] / "templates"
DOTS = 300 / 25.4                   # in a millimetre
FAR = 0.5                           # millimetres a place may be off
WINDOWS = {"DL": (220, 110), "C6/5": (229, 114)}      # envelopes by DIN 680: window 90 × 45, 20 from the left, 15 from the lower edge


@cache
def letter(**changed: object) -> tuple[Draft, bytes]:
    draft = next(iter(KINDS["invitation"].drafts(sample_alliance())))
    docx = Template.open(TEMPLATES / draft.template).render({**draft.context, **changed}, title=draft.subject, date=draft.date)
    return draft, to_pdf(docx, style=Style.open(TEMPLATES / "style.css"), date=draft.date)


def marks(pdf: bytes) -> list[float]:
    """How far down the left edge the marks stand, in millimetres."""
    sheet = pypdfium2.PdfDocument(pdf)[0].render(scale=300 / 72).to_pil().convert("L")
    column = [sheet.getpixel((round(7 * DOTS), row)) for row in range(sheet.height)]
    dark = [row for row, shade in enumerate(column) if isinstance(shade, int) and shade < 225]
    return [row / DOTS for row in dark if row - 1 not in dark]


def place(pdf: bytes, tmp_path: Path, wanted: str, *, below: float = 0, right: float = 0) -> tuple[float, float]:
    return next((left, top) for _, found, left, top, *_ in words(pdf, tmp_path) if found == wanted and top > below and left > right)


def test_fold_and_hole_marks_stand_where_the_standard_wants_them():
    assert marks(letter()[1]) == [pytest.approx(down, abs=FAR) for down in (105, 148.5, 210)]


def test_the_parts_of_the_head_stand_where_the_standard_wants_them(tmp_path: Path):
    draft, pdf = letter()
    assert draft.recipient is not None
    left, top = place(pdf, tmp_path, draft.recipient.address[0].split()[0], below=62)
    assert left == pytest.approx(25, abs=FAR)
    assert 62.7 <= top <= 62.7 + 1.2                 # the first line of six, whose letters stand within their line
    assert place(pdf, tmp_path, "Telefon", right=120)[0] == pytest.approx(125, abs=FAR)
    assert 50 - FAR <= place(pdf, tmp_path, "Telefon", right=120)[1] <= 60
    subject, down = place(pdf, tmp_path, "Einladung:", below=95)
    assert subject == pytest.approx(25, abs=FAR)
    assert 98 <= down <= 115


def test_text_keeps_its_margins(tmp_path: Path):
    found = [(left, right) for _, _, left, top, right, _ in words(letter()[1], tmp_path) if 100 < top < 260]
    assert min(left for left, _ in found) >= 25 - FAR
    assert max(right for _, right in found) <= 190 + FAR


def test_six_lines_of_address_stay_in_their_zone(tmp_path: Path):
    lines = [f"Zeile{number}" for number in range(6)]
    _, pdf = letter_to(lines)
    boxes = [(top, bottom) for _, text, _, top, _, bottom in words(pdf, tmp_path) if text in lines]
    assert len(boxes) == 6
    assert min(top for top, _ in boxes) >= 62.7 - FAR
    assert max(bottom for _, bottom in boxes) <= 90 + FAR


@pytest.mark.parametrize("envelope", WINDOWS)
@pytest.mark.parametrize(("aside", "down"), [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_the_window_shows_the_address_and_nothing_else_wherever_the_sheet_slides(envelope: str, aside: int, down: int, tmp_path: Path):
    width, height = WINDOWS[envelope]
    left, top = 20 - aside * (width - 210), height - 60 - down * (height - 105)      # of the window, counted from the sheet
    lines = [f"Zeile{number}" for number in range(6)]
    seen = {text for _, text, x, y, right, bottom in words(letter_to(lines)[1], tmp_path)
            if x >= left and right <= left + 90 and y >= top - FAR and bottom <= top + 45 + FAR}
    cut = {text for _, text, x, y, right, bottom in words(letter_to(lines)[1], tmp_path)
           if x < left + 90 and right > left + 90 and top < y < top + 45}
    assert set(lines) <= seen
    assert not {"Telefon", "Datum"} & (seen | cut)


@pytest.mark.parametrize(("envelope", "wanted"), [("DL", [105, 148.5, 210]), ("C6/5", [105, 148.5, 210]), ("C5", [148.5]), ("C4", [148.5])])
def test_a_letter_is_marked_where_its_envelope_wants_it_folded(envelope: str, wanted: list[float]):
    layout = LayoutSettings.model_validate({"envelope": envelope})
    found = marks(letter(fold_marks=layout.fold_marks, folded_twice=layout.folded_twice)[1])
    assert found == [pytest.approx(down, abs=FAR) for down in wanted]


def test_no_marks_where_none_are_wanted():
    layout = LayoutSettings(fold_marks=False)
    assert marks(letter(fold_marks=layout.fold_marks, folded_twice=layout.folded_twice)[1]) == []


def letter_to(lines: list[str]) -> tuple[Draft, bytes]:
    draft, _ = letter()
    recipient = draft.context["recipient"]
    assert isinstance(recipient, dict)
    docx = Template.open(TEMPLATES / draft.template).render({**draft.context, "recipient": {**recipient, "address": lines}}, title=draft.subject)
    return draft, to_pdf(docx, style=Style.open(TEMPLATES / "style.css"))
