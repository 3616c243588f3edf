"""What makes pages quicker changes no byte of them, and keeps nothing of a paper."""

from __future__ import annotations

from typing import Any

import pyphen
import pytest
from weasyprint.text import line_break

from pipeline.pdf import hyphenation, swiftness
from pipeline.pdf.render import to_pdf
from tests.pdf.word_files import p, word

SENTENCES = ("Die Zusammenarbeit in Infrastrukturvorhaben beginnt mit den Geschäftsstellenvereinbarungen der Parteien, die folgen. " * 4,
             "Ein weiches Trenn\u00adzeichen und eine Adresse ohne Lücke: " + "x" * 120)
BOLD = "<w:p><w:r><w:rPr><w:b/><w:u w:val=\"single\"/><w:spacing w:val=\"20\"/></w:rPr><w:t>{}</w:t></w:r></w:p>"
NARROW = '<w:tbl><w:tblGrid><w:gridCol w:w="1700"/></w:tblGrid><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>'
PAPERS = tuple(word(body) for said in SENTENCES for body in (p(said), BOLD.format(said), NARROW.format(p(said)), p(said) + p("Ein Satz mehr.")))


class Watched:
    """A style that notes what it is asked for."""

    def __init__(self, style: Any, asked: set[str]) -> None:
        self._style, self._asked = style, asked

    def __getitem__(self, name: str) -> Any:
        self._asked.add(name)
        return self._style[name]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._style, name)


@pytest.fixture(autouse=True)
def nothing_remembered():
    swiftness.lines.clear()


def test_all_that_decides_where_a_line_ends_is_part_of_what_is_remembered(monkeypatch: pytest.MonkeyPatch):
    asked: set[str] = set()
    split = line_break.split_first_line
    monkeypatch.setattr(swiftness, "_split", lambda text, style, *rest: split(text, Watched(style, asked), *rest))
    for paper in PAPERS:
        to_pdf(paper)
    assert {"font_size", "hyphens", "letter_spacing"} <= asked <= set(swiftness.DECISIVE)


def test_papers_after_others_are_the_same_bytes_as_alone():
    alone = []
    for paper in PAPERS:
        swiftness.lines.clear()
        alone.append(to_pdf(paper))
    assert [to_pdf(paper) for paper in PAPERS] == alone == [to_pdf(paper) for paper in PAPERS]


def test_no_more_lines_are_remembered_than_promised_and_nothing_of_their_papers(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(swiftness, "REMEMBERED", 8)
    for paper in PAPERS:
        to_pdf(paper)
        assert 0 < len(swiftness.lines) <= 8
    assert not any(hasattr(layout, "style") for layout, *_ in swiftness.lines.values())


@pytest.mark.parametrize("language", ["de_DE", "de_AT", "de_CH"])
def test_the_quickly_read_dictionary_is_the_one_pyphen_reads(language: str):
    path = pyphen.LANGUAGES[language]
    corrected = {word.replace("-", "") for word in hyphenation.CORRECTED}
    ours, read = hyphenation.Careful(path), hyphenation.Careful.__base__(path)
    assert {word: places for word, places in ours.patterns.items() if word not in corrected} == {
        word: places for word, places in read.patterns.items() if word not in corrected}
