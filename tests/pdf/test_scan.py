"""Scanned pages, by way of a printer, a pen and a scanner that are all a little off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw

from pipeline.papers.kinds import KINDS
from pipeline.papers.sample import sample_alliance
from pipeline.pdf.overlay import Difference, Kind
from pipeline.pdf.render import to_pdf
from pipeline.pdf.scan import Page, Scan, Sighting, pages, scanned, sighted
from pipeline.records import Provenance
from pipeline.word.template import Template
from tests.office import ROOT
from tests.scanner import DPI, PRINT, Scanner, Write, covered, handwriting, printed, with_writing, words

ORIGIN = Provenance(key="memorandum/P-001", revision=3, fingerprint="a" * 64, template="b" * 64, tool="gremium 0.1.0")
DOT = PRINT / 25.4
OFFICE = Scanner(angle=1.8)
ROUGH = Scanner(angle=-2.0, wave=3.0, seed=4, blur=0.9, noise=9, white=228, black=50, quality=55)
TURNED = Scanner(angle=178.5, stretch=0.995, shade=25)
DEVICES = {"askew": OFFICE, "rough": ROUGH, "upside down": TURNED, "on its side": Scanner(angle=90.7, white=235),
           "on the other side": Scanner(angle=271.4, seed=9), "sharp": Scanner(angle=-0.6, blur=0.3, white=255, black=0, noise=3, quality=85)}


class Pictures:
    """One picture as a file of one page."""

    def __init__(self, picture: Image.Image) -> None:
        self._picture = picture.convert("L")

    def __len__(self) -> int:
        return 1

    def page(self, number: int, dpi: int = DPI, *, drawn_on: bool = True) -> Image.Image:
        return self._picture


@pytest.fixture(scope="module")
def memorandum() -> bytes:
    draft = next(KINDS["memorandum"].drafts(sample_alliance()))
    docx = Template.open(ROOT / "templates" / draft.template).render(draft.context, title=draft.subject, date=draft.date, provenance=ORIGIN)
    return to_pdf(docx, signatures=draft.signatures, provenance=ORIGIN, date=draft.date)


@pytest.fixture(scope="module")
def sheets(memorandum: bytes) -> list[Image.Image]:
    return printed(memorandum)


@pytest.fixture(scope="module")
def known(memorandum: bytes) -> tuple[Page, ...]:
    return pages(memorandum)


def read(sheet: Image.Image, scanner: Scanner = OFFICE) -> Scan:
    return scanned(Pictures(scanner.scan(sheet)), 0)


def look(sheet: Image.Image, known: Sequence[Page], scanner: Scanner = OFFICE) -> Sighting:
    scan = read(sheet, scanner)
    assert [(found.key, found.revision) for found in scan.marks] == [("memorandum/P-001", 3)]
    return sighted(scan, scan.marks[0], known)


def signing(known: Sequence[Page], name: str = "partner") -> tuple[int, Write]:
    """The page on which somebody signs, from 0, and a hand that does."""
    number, field = next((number, field) for number, page in enumerate(known) for field in page.fields if field.name == name)
    left, top, _, _ = (edge * 25.4 / DPI for edge in field.box)
    return number, handwriting(left + 3, top + 2)


def differences(seen: Sighting) -> list[Kind]:
    return [difference.kind for difference in seen.differences]


@pytest.mark.slow
@pytest.mark.parametrize("name", DEVICES)
def test_a_page_that_nobody_touched_is_known_and_shows_nothing_but_its_print(
        name: str, sheets: list[Image.Image], known: tuple[Page, ...]) -> None:
    for number, sheet in list(enumerate(sheets, 1))[::2]:
        assert look(sheet, known, DEVICES[name]) == Sighting(number)


@pytest.mark.slow
@pytest.mark.parametrize("scanner", [OFFICE, ROUGH, TURNED])
def test_a_signature_in_its_place_is_seen_and_is_no_difference(scanner: Scanner, sheets: list[Image.Image], known: tuple[Page, ...]) -> None:
    number, hand = signing(known)
    assert look(with_writing(sheets[number], [hand]), known, scanner) == Sighting(number + 1, (), frozenset({"partner"}))


@pytest.mark.slow
def test_a_coloured_scan_of_300_dpi_is_the_same_page(sheets: list[Image.Image], known: tuple[Page, ...]) -> None:
    assert look(sheets[1], known, replace(OFFICE, dpi=300)) == Sighting(2)


@pytest.mark.slow
@pytest.mark.parametrize("scanner", [OFFICE, ROUGH, TURNED])
def test_handwriting_between_the_lines_changes_the_text(scanner: Scanner, sheets: list[Image.Image], known: tuple[Page, ...]) -> None:
    seen = look(with_writing(sheets[1], [handwriting(60, 81, 40, 4)]), known, scanner)
    assert set(differences(seen)) == {Kind.CHANGED}
    [place] = seen.differences
    assert abs(place.left - 60) < 2 and abs(place.top - 81) < 2


@pytest.mark.slow
@pytest.mark.parametrize("scanner", [OFFICE, ROUGH, TURNED])
def test_initials_in_the_margin_are_something_added(scanner: Scanner, sheets: list[Image.Image], known: tuple[Page, ...]) -> None:
    assert differences(look(with_writing(sheets[1], [handwriting(150, 281, 15, 8)]), known, scanner)) == [Kind.ADDED]


@pytest.mark.slow
def test_words_under_correction_fluid_are_missed(sheets: list[Image.Image], known: tuple[Page, ...]) -> None:
    assert Kind.CHANGED in differences(look(with_writing(sheets[1], [covered(40, 60, 30, 4)]), known))


@pytest.mark.slow
def test_a_line_through_a_sentence_changes_it(sheets: list[Image.Image], known: tuple[Page, ...]) -> None:
    def strike(sheet: Image.Image) -> None:
        ImageDraw.Draw(sheet).line([(400, 1000), (1200, 1010)], fill=45, width=5)
    assert Kind.CHANGED in differences(look(with_writing(sheets[1], [strike]), known))


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after"), [("120 000", "180 000"), ("3 Projekte", "5 Projekte"), ("2017", "2019"), ("1,50", "7,50")])
def test_an_amount_printed_anew_with_another_digit_is_found(before: str, after: str, sheets: list[Image.Image]) -> None:
    page, other = (with_writing(sheets[-1], [words(said, 60, 200)]) for said in (before, after))
    known = pages(_pdf(page))
    assert look(page, known) == Sighting(1)
    [found] = look(other, known).differences
    assert _near(found, 60, 200)


def _pdf(sheet: Image.Image) -> bytes:
    import io
    file = io.BytesIO()
    sheet.save(file, "PDF", resolution=PRINT)
    return file.getvalue()


def _near(found: Difference, left: float, top: float) -> bool:
    return left - 2 <= found.left <= left + 20 and top - 2 <= found.top <= top + 6


@pytest.mark.slow
def test_punched_holes_and_dirt_on_the_glass_are_no_changed_text(sheets: list[Image.Image], known: tuple[Page, ...]) -> None:
    def punch(sheet: Image.Image) -> None:
        for down in (108.5, 188.5):
            ImageDraw.Draw(sheet).ellipse(((9 * DOT, (down - 3) * DOT), (15 * DOT, (down + 3) * DOT)), fill=0)

    def dirt(sheet: Image.Image) -> None:
        ImageDraw.Draw(sheet).line([(1300, 0), (1300, sheet.height)], fill=90, width=3)
    assert look(with_writing(sheets[1], [punch]), known) == Sighting(2)
    assert differences(look(with_writing(sheets[1], [dirt]), known)) == [Kind.ADDED]


@pytest.mark.slow
def test_another_text_under_our_mark_is_none_of_our_pages(sheets: list[Image.Image], known: tuple[Page, ...]) -> None:
    def other(sheet: Image.Image) -> None:
        covered(22, 0, 190, 300)(sheet)
        for line in range(24):
            words("Ganz andere Worte, die niemand so ausgegeben hat, in derselben Schrift", 25, 30 + 10 * line)(sheet)
    assert look(with_writing(sheets[1], [other]), known).number == 0


def test_an_empty_sheet_is_empty_and_a_strange_one_bears_no_mark(sheets: list[Image.Image]) -> None:
    empty = Image.new("L", sheets[0].size, 255)
    assert read(empty).empty
    strange = read(with_writing(empty, [words("Rechnung Nr. 17", 30, 40, 24)]))
    assert not strange.empty and not strange.marks


def test_two_papers_on_one_sheet_show_two_marks(sheets: list[Image.Image]) -> None:
    def second(sheet: Image.Image) -> None:
        sheet.paste(sheets[0].crop((0, sheet.height - 400, 260, sheet.height)), (1800, 300))
    assert len(read(with_writing(sheets[0], [second])).marks) == 2


@pytest.mark.slow
@pytest.mark.parametrize(("angle", "seed"), [(-1.85, 43), (1.9, 43), (-1.9, 7), (178.2, 43)])
def test_a_page_with_little_print_is_held_by_its_mark(angle: float, seed: int, sheets: list[Image.Image], known: tuple[Page, ...]) -> None:
    assert look(sheets[-1], known, Scanner(angle=angle, seed=seed)) == Sighting(len(sheets))
