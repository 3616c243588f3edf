"""The shipped templates as the papers they become."""

import io
from functools import cache
from pathlib import Path

import pikepdf
import pytest

from pipeline.papers.draft import Draft
from pipeline.papers.kinds import KINDS
from pipeline.papers.sample import sample_alliance
from pipeline.pdf.render import TooManyPages, to_pdf
from pipeline.pdf.style import Style
from pipeline.word.template import Template
from tests.pdf.judge import faults, spoken, words

TEMPLATES = Path(__file__).parents[2] / "templates"


@cache
def paper(kind: str) -> tuple[Draft, bytes]:
    draft = next(iter(KINDS[kind].drafts(sample_alliance())))
    docx = Template.open(TEMPLATES / draft.template).render(draft.context, title=draft.subject, author=draft.author, date=draft.date)
    return draft, to_pdf(docx, style=Style.open(TEMPLATES / "style.css"), signatures=draft.signatures, date=draft.date)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_of_paper_keeps_both_standards(kind: str, tmp_path: Path):
    assert faults(paper(kind)[1], tmp_path) == []


def test_the_letters_address_stands_in_the_window(tmp_path: Path):
    draft, pdf = paper("invitation")
    assert draft.recipient is not None
    lines = spoken(pdf, tmp_path, "-x", "57", "-y", "177", "-W", "241", "-H", "78", "-layout").split("\n")      # 20–105 mm × 62.5–90 mm
    assert [line.strip() for line in lines if line.strip()] == list(draft.recipient.address)
    first = draft.recipient.address[0].split()[0]
    _, _, left, top, *_ = next(found for found in words(pdf, tmp_path) if found[1] == first and found[3] > 62)
    assert left == pytest.approx(25, abs=0.5)
    assert 62.7 - 0.5 <= top <= 64.5


def test_the_letter_weighs_little_and_stands_on_one_sheet(tmp_path: Path):
    _, pdf = paper("invitation")
    assert len(pdf) < 60_000
    assert {number for number, *_ in words(pdf, tmp_path)} == {1}


def test_a_poster_is_one_sheet_a1_and_still_read_when_printed_on_a3(tmp_path: Path):
    _, pdf = paper("poster")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        [sheet] = document.pages
        assert [round(float(value) / 72 * 25.4) for value in sheet.MediaBox[2:]] == [594, 840]
    smallest = min(lower - upper for _, _, _, upper, _, lower in words(pdf, tmp_path))
    assert smallest / 2 / 25.4 * 72 >= 8


def test_a_poster_with_too_much_text_is_refused_with_its_place():
    draft = next(iter(KINDS["poster"].drafts(sample_alliance())))
    docx = Template.open(TEMPLATES / draft.template).render({**draft.context, "summary": "Ein Satz zu viel. " * 200}, title=draft.subject)
    with pytest.raises(TooManyPages, match=r"ab „.*Ein Satz zu viel"):
        to_pdf(docx, style=Style.open(TEMPLATES / "style.css"))


def test_the_memorandums_signatures_stand_on_one_page(tmp_path: Path):
    draft, pdf = paper("memorandum")
    with pikepdf.open(io.BytesIO(pdf)) as document:
        pages = [number for number, sheet in enumerate(document.pages) for note in sheet.get("/Annots", []) if note.get("/FT") == "/Sig"]
    assert len(pages) == len(draft.signatures)
    assert len(set(pages)) == 1
