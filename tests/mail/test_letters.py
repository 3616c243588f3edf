"""The print batch: whom no e-mail reaches gets paper, once."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import pytest

from pipeline.mail.guard import WrongRecipient
from pipeline.mail.letters import letters
from pipeline.mail.smtp import Smtp
from pipeline.pdf.bind import Bound
from tests import makers
from tests.mail.conftest import NOW, House, Mailbox, recipient

NETHERLANDS = ("Brückner BV", "Gracht 1", "1017 AB AMSTERDAM", "NIEDERLANDE")


def bind(pdfs: Sequence[bytes]) -> Bound:
    """Letters of one page, two pages, one page …"""
    return Bound(b"|".join(pdfs), tuple(1 + number % 2 for number in range(len(pdfs))))


@pytest.fixture
def paper(house: House) -> House:
    house.add(recipient(makers.person("P-004", email=""), postcode="80331"),
              recipient(makers.person("P-005", email="", first_name="Jan"), postcode="1017 AB", address=NETHERLANDS),
              recipient(makers.person("P-006", email=""), postcode="01067", name="=2+3"),
              recipient(makers.person("P-007", email=""), postable=False))
    return house


def printed(house: House, **changes: Any) -> Any:
    return letters(house.mailing(**changes), house.ledger, bind, now=NOW)


def keys(notes: Any) -> list[str]:
    return [note.key[-5:] for note in notes]


def test_letters_lie_in_the_order_of_the_post_with_a_list_that_counts_the_sheets(paper: House):
    batch = printed(paper)
    assert keys(batch.printed) == ["P-006", "P-004", "P-005"]
    assert (keys(batch.impossible), batch.sheets) == (["P-007"], 3)
    assert (paper.workspace.root / batch.pdf).read_bytes().count(b"|") == 2
    rows = list(csv.reader(io.StringIO((paper.workspace.root / batch.listing).read_text("utf-8-sig")), delimiter=";"))
    assert rows[1][:3] == ["1", "invitation/M-002/P-006", "'=2+3"]
    assert rows[3][3] == "Brückner BV, Gracht 1, 1017 AB AMSTERDAM, NIEDERLANDE"
    assert rows[-1] == ["", "Summe", "", "", "4", "3"]


def test_a_second_batch_holds_nothing_that_was_printed(paper: House):
    printed(paper)
    batch = printed(paper)
    assert (batch.printed, keys(batch.already), batch.pdf) == ((), ["P-004", "P-005", "P-006"], "")
    paper.built(paper.drafts[3], "Neuer Saal")
    assert keys(printed(paper).printed) == ["P-004"]


def test_whom_the_server_refused_gets_paper_and_then_no_mail(paper: House, post: Smtp, mailbox: Mailbox):
    mailbox.refuse = {"ue@haus.example": "550 unbekannt"}
    paper.send(post)
    assert "P-002" in keys(printed(paper).printed)
    again = paper.send(post)
    assert "P-002" in keys(again.already)
    assert again.complete
    assert {*keys(again.already), *keys(again.impossible)} == {f"P-00{number}" for number in range(1, 8)}


def test_a_letter_made_for_another_is_not_printed(paper: House):
    with pytest.raises(WrongRecipient):
        printed(paper, provenance=lambda pdf: None)
    assert not (paper.workspace.outputs / "letters").exists()
    assert paper.states == {}
