from __future__ import annotations

import io
import random
import shutil
from pathlib import Path

import pytest
from PIL import Image

from pipeline.signing.arrival import Return
from pipeline.signing.verdict import Indication, Reason
from tests.office import gremium
from tests.scanner import covered, handwriting, words
from tests.signing.paper import FIRST, SECOND, THIRD, given_out, judged, picture, scan, sheets

pytestmark = pytest.mark.slow
PASSED, OPEN, FAILED = Indication


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return given_out(tmp_path_factory.mktemp("office"))


def total(found: Return) -> tuple[str, str]:
    return found.key, str(found.state)


def test_a_memorandum_on_paper_that_nobody_altered_is_to_be_confirmed_and_never_accepted_by_itself(office: Path) -> None:
    [found] = judged(office, scan(sheets(office, FIRST)))
    assert total(found) == (FIRST, "to-confirm")
    assert [answer.indication for answer in found.answers.values()] == [OPEN, OPEN, PASSED, PASSED]
    assert {found.integrity.reason, found.signatory.reason} == {Reason.PAPER}
    assert found.missing == ()


def test_a_shuffled_stack_with_empty_backs_is_sorted_into_its_memoranda(office: Path) -> None:
    pages = [*sheets(office, FIRST), *sheets(office, SECOND), *sheets(office, THIRD, signed=False)]
    pages.append(Image.new("L", pages[0].size, 255))
    random.Random(4).shuffle(pages)
    found = judged(office, scan(pages), jobs=2)
    assert sorted(map(total, found)) == [(FIRST, "to-confirm"), (SECOND, "to-confirm"), (THIRD, "refused")]


def test_without_the_partners_signature_it_does_not_count(office: Path) -> None:
    [found] = judged(office, scan(sheets(office, FIRST, signed=False)))
    assert (total(found), found.signatory.reason) == ((FIRST, "refused"), Reason.NO_SIGNATURE)


def test_missing_pages_are_named_and_pages_of_several_files_make_one_memorandum(office: Path) -> None:
    one, two, three, four = sheets(office, FIRST)
    [found] = judged(office, scan([three, one]))
    assert (total(found), found.missing, found.document.reason) == ((FIRST, "unclear"), (2, 4), Reason.PAGES_MISSING)
    assert "fehlen die Seiten 2 und 4 von 4" in found.sentence
    both = judged(office, scan([three, one]), picture(two), picture(four, "JPEG"))
    assert [(each.received.name, each.state) for each in both] == [(f"scan-{number}.pdf", "to-confirm") for number in (1, 2, 3)]


def test_a_page_that_lies_there_twice_is_named(office: Path) -> None:
    pages = sheets(office, FIRST)
    [found] = judged(office, scan([*pages, pages[1]]))
    assert total(found) == (FIRST, "to-confirm") and "mehrfach im Scan: Seite 2" in found.sentence


@pytest.mark.parametrize("hand", [(covered(40, 58, 30, 5), words("zehntausend Euro", 41, 59)), (handwriting(60, 81, 40, 4),)])
def test_changed_text_is_refused_with_its_place(office: Path, hand: tuple[object, ...]) -> None:
    [found] = judged(office, scan(sheets(office, FIRST, writes={2: hand})))  # type: ignore[dict-item]
    assert (total(found), found.integrity.indication, found.integrity.reason) == ((FIRST, "refused"), FAILED, Reason.PAGES_DIFFER)
    assert "Seite 2," in found.sentence and "mm von oben" in found.sentence


def test_writing_beside_the_text_is_shown_to_whoever_confirms(office: Path) -> None:
    [found] = judged(office, scan(sheets(office, FIRST, writes={4: [handwriting(60, 150)]})))
    assert (total(found), found.change.indication) == ((FIRST, "to-confirm"), OPEN)
    assert "hinzugekommen: Seite 4" in found.sentence


@pytest.mark.parametrize("hand", [("nur bis 5.000 Euro", 85, 245), ("Vorbehalt", 120, 243), ("Dortmund, 7. Juni 2017", 82, 256)])
def test_what_stands_beside_the_signature_is_shown_to_whoever_confirms(office: Path, hand: tuple[str, float, float]) -> None:
    [found] = judged(office, scan(sheets(office, FIRST, writes={3: [words(*hand)]})))
    assert (total(found), found.change.indication) == ((FIRST, "to-confirm"), OPEN)
    assert "neben den Unterschriften steht etwas – Ort und Datum, oder ein Vorbehalt: Seite 3" in found.sentence


def test_one_place_is_told_as_one(office: Path) -> None:
    [found] = judged(office, scan(sheets(office, FIRST, writes={1: [words("1", 150, 95, 9)]})))
    assert "weitere Stelle" not in found.sentence
    assert found.sentence.count("mm von oben") == 1


def test_a_scan_in_black_and_white_is_accused_of_nothing_and_accepted_as_nothing(office: Path) -> None:
    first, *others = [Image.open(io.BytesIO(picture(sheet))).convert("L").point(lambda value: 255 * (value > 150)).convert("1")
                      for sheet in sheets(office, FIRST)]
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=others, compression="group4", dpi=(150, 150))
    [found] = judged(office, file.getvalue())
    assert (total(found), found.integrity.reason) == ((FIRST, "unclear"), Reason.PAGES_DIFFER)
    assert "in Graustufen scannen" in found.sentence


def test_what_bears_no_mark_belongs_to_no_paper(office: Path) -> None:
    empty = Image.new("L", (2480, 3508), 255)
    letter = empty.copy()
    words("Rechnung Nr. 17", 30, 40, 24)(letter)
    found = judged(office, picture(empty), picture(letter))
    assert [total(each) for each in found] == [("", "unclear"), ("", "unclear")]
    assert [each.document.reason for each in found] == [Reason.NO_MARK, Reason.NO_MARK]
    assert "nur leere Seiten" in found[0].sentence


def test_two_marks_on_one_sheet_make_it_nobodys(office: Path) -> None:
    one, *rest = sheets(office, FIRST)
    one.paste(sheets(office, SECOND)[0].crop((0, one.height - 400, 260, one.height)), (1800, 300))
    found = judged(office, scan([one, *rest]))
    assert [total(each) for each in found] == [(FIRST, "unclear"), ("", "unclear")]
    assert (found[0].missing, found[1].document.reason) == ((1,), Reason.TWO_MARKS)


def test_bombs_and_rubbish_are_told_and_leave_the_others_alone(office: Path) -> None:
    bomb = io.BytesIO()
    Image.new("1", (40_000, 30_000)).save(bomb, "PNG")
    found = judged(office, bomb.getvalue(), b"\x89PNG\r\n\x1a\nrubbish", scan(sheets(office, FIRST)))
    assert sorted(map(total, found)) == [("", "refused"), ("", "refused"), (FIRST, "to-confirm")]
    assert all(each.document.reason is Reason.UNREADABLE for each in found if not each.key)


def test_another_revision_and_a_paper_taken_back_are_refused(office: Path, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    shutil.copytree(office, folder)
    old = scan(sheets(folder, FIRST))
    assert gremium(folder, "withdraw", FIRST, "--reason", "Partner umbenannt").returncode == 0
    [found] = judged(folder, old)
    assert (total(found), found.document.reason) == ((FIRST, "refused"), Reason.WITHDRAWN)
    assert gremium(folder, "build", "memorandum", "--force", "--only", FIRST).returncode == 0
    [found] = judged(folder, old)
    assert total(found) == (FIRST, "refused")
    assert found.document.reason in (Reason.OTHER_REVISION, Reason.WITHDRAWN)
