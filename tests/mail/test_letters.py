"""The print batch: whom no e-mail reaches gets paper, once, and nobody is forgotten."""

import csv
import io
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.ledger import InboxRow, Ledger, MessageRow
from pipeline.mail import postal
from pipeline.mail.attendance import attendance, due
from pipeline.mail.cover import cover as draw
from pipeline.mail.guard import WrongRecipient
from pipeline.mail.letters import Batch, Choice, NothingPrinted, OtherNumberOfLetters, Printer, letters, posted
from pipeline.mail.sheet import plan, sheet
from pipeline.mail.smtp import Smtp
from pipeline.pdf.bind import Bound
from pipeline.records import Meeting
from pipeline.workspace import Workspace
from tests import makers
from tests.mail.conftest import NOW, House, Mailbox, draft, recipient

NETHERLANDS = ("Brückner BV", "Gracht 1", "1017 AB AMSTERDAM", "NIEDERLANDE")


def bind(pdfs: Sequence[bytes]) -> Bound:
    """Letters of one page, two pages, one page …"""
    return Bound(b"|".join(pdfs), tuple(1 + number % 2 for number in range(len(pdfs))))


def cover(batch: Batch, now: Any) -> bytes:
    return f"%PDF {len(batch.lines)} Briefe {batch.sheets} Blatt {batch.number} Empfänger".encode()


@pytest.fixture
def paper(house: House) -> House:
    house.add(recipient(makers.person("P-004", email=""), postcode="80331"),
              recipient(makers.person("P-005", email="", first_name="Jan"), postcode="1017 AB", address=NETHERLANDS),
              recipient(makers.person("P-006", email=""), postcode="01067", name="=2+3"),
              recipient(makers.person("P-007", email=""), postable=False))
    return house


def printed(house: House, *, soft: bool = False, again: bool = False, **changes: Any) -> Batch:
    return letters(house.mailing(**changes), house.ledger, Printer(bind=bind, cover=cover), now=NOW, choice=Choice(soft=soft, again=again))


def keys(notes: Any) -> list[str]:
    return [note.key[-5:] for note in notes]


def everybody(batch: Batch) -> list[str]:
    return sorted(note.key for notes in (batch.printed, batch.already, batch.sent, batch.waiting, batch.held, batch.impossible) for note in notes)


def test_letters_lie_in_the_order_of_the_post_with_a_list_that_counts_the_sheets(paper: House):
    batch = printed(paper)
    assert [line.key[-5:] for line in batch.lines] == ["P-006", "P-004", "P-005"]
    assert (keys(batch.impossible), batch.sheets) == (["P-007"], 3)
    assert (paper.workspace.root / batch.pdf).read_bytes().count(b"|") == 2
    rows = list(csv.reader(io.StringIO((paper.workspace.root / batch.listing).read_text("utf-8-sig")), delimiter=";"))
    assert rows[1][:3] == ["1", "invitation/M-002/P-006", "'=2+3"]
    assert rows[3][3] == "Brückner BV, Gracht 1, 1017 AB AMSTERDAM, NIEDERLANDE"
    assert rows[-1] == ["", "Summe", "", "", "4", "3", ""]


def test_the_covering_sheet_tells_what_lies_in_the_stack(paper: House):
    batch = printed(paper)
    assert (paper.workspace.root / batch.cover).read_text("utf-8") == "%PDF 3 Briefe 3 Blatt 7 Empfänger"


def test_a_second_batch_holds_nothing_that_was_printed(paper: House):
    printed(paper)
    batch = printed(paper)
    assert (batch.printed, keys(batch.already), batch.pdf) == ((), ["P-004", "P-005", "P-006"], "")
    paper.built(paper.drafts[3], "Neuer Saal")
    assert keys(printed(paper).printed) == ["P-004"]


def test_looking_first_writes_nothing(paper: House):
    batch = letters(paper.mailing(), paper.ledger, None, now=NOW)
    assert keys(batch.printed) == ["P-004", "P-005", "P-006"]
    assert (paper.states, (paper.workspace.outputs / "letters").exists()) == ({}, False)


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


# printed, then taken to the post


def test_letters_are_noted_as_posted_once_by_their_number(paper: House):
    printed(paper)
    with pytest.raises(OtherNumberOfLetters, match="bestätigt wurden 4 Briefe, gedruckt sind 3"):
        posted(paper.mailing(), paper.ledger, now=NOW, confirmed=4)
    assert keys(posted(paper.mailing(), paper.ledger, now=NOW, confirmed=3)) == ["P-006", "P-004", "P-005"]
    assert list(paper.states.values()) == ["posted"] * 3
    with pytest.raises(NothingPrinted):
        posted(paper.mailing(), paper.ledger, now=NOW)


def test_what_is_printed_may_be_printed_again_until_it_is_posted(paper: House):
    first = printed(paper)
    (paper.workspace.root / first.pdf).unlink()
    assert printed(paper, again=True).pdf == first.pdf
    assert (paper.workspace.root / first.pdf).exists()
    posted(paper.mailing(), paper.ledger, now=NOW)
    batch = printed(paper, again=True)
    assert (batch.printed, keys(batch.already)) == ((), ["P-004", "P-005", "P-006"])


def test_one_stack_of_two_is_posted_by_its_name(paper: House):
    first = printed(paper)
    paper.add(recipient(makers.person("P-008", email="")))
    second = printed(paper)
    stack = second.pdf.rpartition("/")[2].removesuffix(".pdf")
    assert keys(posted(paper.mailing(), paper.ledger, now=NOW, stack=stack)) == ["P-008"]
    assert len(posted(paper.mailing(), paper.ledger, now=NOW)) == len(first.printed)


def test_an_older_letter_in_a_stack_is_to_be_taken_out_and_is_never_posted(paper: House):
    printed(paper)
    paper.built(paper.drafts[3], "Neuer Saal")
    batch = printed(paper)
    assert keys(batch.overtaken) == ["P-004"]
    assert sorted(keys(posted(paper.mailing(), paper.ledger, now=NOW))) == ["P-004", "P-005", "P-006"]
    assert sorted(row.state for row in paper.ledger.messages() if row.key.endswith("P-004")) == ["posted", "withdrawn"]


def test_somebody_held_back_after_printing_is_to_be_taken_out_of_the_stack(paper: House):
    printed(paper)
    batch = printed(paper, held={"invitation/M-002/P-004": "darf nicht angeschrieben werden"})
    assert (keys(batch.held), keys(batch.overtaken)) == (["P-004"], ["P-004"])
    assert "Druckstapel invitation-" in batch.overtaken[0].reason


# after a bounce


def bounced(house: House, key: str, sort: str) -> None:
    """The inbox's note that a server gave back the last message of one recipient."""
    row = next(row for row in reversed(house.ledger.messages()) if row.key.endswith(key))
    settled = [(row.id, "failed", "unzustellbar")] if sort == "hard" else []
    house.ledger.took_in([InboxRow(id=f"{key}{sort}", place="x", sort=sort, message=row.id, code="4.2.2")], settled, NOW)


def test_a_hard_bounce_makes_a_letter_once(paper: House, post: Smtp):
    paper.send(post)
    bounced(paper, "P-001", "hard")
    assert "P-001" in keys(printed(paper).printed)
    batch = printed(paper)
    assert ("P-001" in keys(batch.already), batch.printed) == (True, ())


def test_a_soft_bounce_stays_sent_and_is_told_and_gets_paper_when_asked(paper: House, post: Smtp):
    paper.send(post)
    bounced(paper, "P-001", "soft")
    batch = printed(paper)
    assert (keys(batch.soft), "P-001" in keys(batch.sent), "P-001" in keys(batch.printed)) == (["P-001"], True, False)
    assert keys(printed(paper, soft=True).printed) == ["P-001"]
    assert keys(paper.send(post).already).count("P-001") == 1


def test_a_letter_after_a_moved_meetings_mail_bounced_is_printed_once(paper: House, post: Smtp):
    paper.send(post)
    moved: dict[str, Meeting] = {"M-002": makers.meeting(date=makers.meeting().date.replace(day=27))}
    for one in paper.drafts:
        paper.built(one, "Neuer Tag")
    paper.send(post, meetings=moved)
    late = [row for row in paper.ledger.messages() if row.key.endswith("P-001")][-1]
    paper.ledger.took_in([InboxRow(id="x", place="x", sort="hard", message=late.id)], [(late.id, "failed", "unzustellbar")], NOW)
    assert "P-001" in keys(printed(paper, meetings=moved).printed)
    assert printed(paper, meetings=moved).printed == ()


def test_after_a_reminder_came_back_the_invitation_is_printed_once_and_nothing_goes_to_the_dead_address(paper: House, post: Smtp, mailbox: Mailbox):
    paper.send(post)
    paper.send(post, reminding=lambda draft: int(draft.key.endswith("P-001")))
    bounced(paper, "P-001", "hard")
    stands = {guest.key[-5:]: guest for guest in attendance(makers.meeting(), paper.drafts, paper.ledger).guests}
    assert (stands["P-001"].unreachable, stands["P-002"].unreachable) == (True, False)
    assert [key[-5:] for key in due(attendance(makers.meeting(), paper.drafts, paper.ledger), makers.meeting().date, 1)] == ["P-002", "P-003"]
    assert "P-001" in keys(paper.send(post).failed)
    assert "P-001" in keys(printed(paper).printed)
    again = paper.send(post)
    assert ("P-001" in keys(again.already), keys(again.failed), printed(paper).printed) == (True, [], ())
    assert next(guest for guest in attendance(makers.meeting(), paper.drafts, paper.ledger).guests if guest.key.endswith("P-001")).on_paper
    assert mailbox.recipients.count("mia.muster@brueckner.example") == 2


def test_an_address_corrected_after_a_bounce_is_written_to_again_without_a_second_invitation(paper: House, post: Smtp, mailbox: Mailbox):
    paper.send(post)
    paper.send(post, reminding=lambda draft: int(draft.key.endswith("P-001")))
    bounced(paper, "P-001", "hard")
    paper.drafts[0] = replace(paper.drafts[0], recipient=recipient(makers.person("P-001", email="neu@haus.example")))
    outcome = paper.send(post)
    assert (keys(outcome.failed), keys(outcome.already)) == ([], ["P-001", "P-002", "P-003"])
    assert not attendance(makers.meeting(), paper.drafts, paper.ledger).guests[0].unreachable
    paper.send(post, reminding=lambda draft: int(draft.key.endswith("P-001")))
    assert mailbox.recipients[-1] == "neu@haus.example"


def test_the_invitation_to_a_meeting_that_is_over_is_not_printed_because_of_a_late_bounce(paper: House, post: Smtp):
    paper.send(post)
    paper.send(post, reminding=lambda draft: int(draft.key.endswith("P-001")))
    bounced(paper, "P-001", "hard")
    over = paper.workspace.settings.alliance.model_copy(update={"date": makers.meeting().date.replace(day=21)})
    paper.workspace = Workspace(paper.workspace.root, paper.workspace.settings.model_copy(update={"alliance": over}))
    assert "P-001" in keys(printed(paper).sent)


def test_a_new_letter_to_an_address_that_came_back_stands_out_in_the_preview(paper: House, post: Smtp):
    paper.send(post)
    bounced(paper, "P-001", "hard")
    later = draft(paper.drafts[0].recipient, "M-003")
    paper.drafts.append(later)
    paper.built(later)
    found = sheet(paper.mailing(meetings={"M-002": makers.meeting(), "M-003": makers.meeting("M-003")}), paper.ledger, now=NOW)
    assert [sample.key for sample in found.unusual if "unzustellbar" in sample.reason] == [later.key]


def test_who_got_a_moved_meeting_on_paper_after_a_bounce_is_not_listed_as_refused(paper: House, post: Smtp):
    paper.send(post)
    moved = {"M-002": makers.meeting(date=makers.meeting().date.replace(day=27))}
    for one in paper.drafts:
        paper.built(one, "Neuer Tag")
    paper.send(post, meetings=moved)
    bounced(paper, "P-001", "hard")
    printed(paper, meetings=moved)
    again = paper.send(post, meetings=moved)
    assert (keys(again.failed), "P-001" in keys(again.already), again.complete) == ([], True, True)


# nobody is forgotten


FATES = st.lists(st.tuples(st.sampled_from(["", "mia@haus.example", "kein", "ue@straße.example"]), st.booleans(), st.sampled_from(
    ["", "sent", "failed", "unknown", "deferred", "printed", "posted", "frozen", "soft"]), st.booleans()), max_size=12)


@given(fates=FATES, soft=st.booleans(), again=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_recipient_stands_in_exactly_one_list_whatever_became_of_the_messages(tmp_path_factory: Any, fates: Any, soft: bool, again: bool):
    folder = tmp_path_factory.mktemp("alle")
    with Ledger(folder / "outputs" / "ledger.sqlite") as ledger:
        house = House(Workspace(folder, makers.settings()), ledger)
        for number, (email, postable, _, held) in enumerate(fates, 1):
            person = makers.person(f"P-{number:03}", email=email and f"{number}{email}")
            house.add(recipient(person, postable=postable))
            if held:
                del house.released[house.drafts[-1].key]
        mailing = house.mailing()
        for (_, _, state, _), draft in zip(fates, house.drafts, strict=True):
            _fated(house, mailing, draft, state)
        for _ in range(2):
            batch = printed(house, soft=soft, again=again)
            assert everybody(batch) == sorted(draft.key for draft in house.drafts)
            assert batch.number == len(house.drafts)
            assert {line.key for line in batch.lines} == {note.key for note in batch.printed}


def _fated(house: House, mailing: Any, draft: Any, state: str) -> None:
    """Brings the message of one recipient into a state."""
    due = next((due for due in plan(mailing, house.ledger).due if due.draft.key == draft.key), None)
    if due is None or not state or due.row is None:
        return
    row = MessageRow(id=due.id, key=draft.key, kind="invitation", pdf_sha256=due.row.pdf_sha256, path="", sha256="", state="frozen", attempts=0,
                     reply="", changed_at="")
    house.ledger.frozen([row], NOW)
    house.ledger.settle(row.id, "sent" if state == "soft" else state, NOW, reply="Druckstapel x.pdf" if state in ("printed", "posted") else "")
    if state == "soft":
        house.ledger.took_in([InboxRow(id=row.id, place="x", sort="soft", message=row.id)], [], NOW)


# addresses


@pytest.mark.parametrize(("lines", "postcode", "said"), [
    (("Brückner GmbH", "Hafenstraße 12", "44147 Dortmund"), "44147", ()),
    (("Brückner GmbH", "Postfach 10 01", "44147 Dortmund"), "44147", ()),
    (NETHERLANDS, "1017 AB", ()),
    (("Brückner GmbH", "44147 Dortmund"), "44147", ("Straße mit Hausnummer oder Postfach fehlt",)),
    (("Brückner GmbH", "Hafenstraße 12", "4147 Dortmund"), "4147", ("Postleitzahl und Ort stimmen nicht (fünf Ziffern, dann der Ort)",)),
    (("Brückner GmbH", "Hafenstraße 12", "44147 Dortmund"), "44139", ("die Postleitzahl 44139 steht nicht in der Anschrift",)),
    (("B" * 60, "Hafenstraße 12", "44147 Dortmund"), "44147", ("eine Zeile ist zu lang für das Fenster",)),
    (("A", "B", "C", "D", "E", "Hafenstraße 12", "44147 Dortmund"), "44147", ("mehr als 6 Zeilen",)),
    ((), "", ("Postleitzahl und Ort stimmen nicht (fünf Ziffern, dann der Ort)", "Straße mit Hausnummer oder Postfach fehlt")),
])
def test_an_address_is_looked_at_as_the_post_would(lines: tuple[str, ...], postcode: str, said: tuple[str, ...]):
    assert postal.doubts(lines, postcode) == said


def test_a_doubtful_address_is_printed_and_told(paper: House):
    paper.drafts[3] = replace(paper.drafts[3], recipient=replace(paper.drafts[3].recipient, address=("Brückner", "44147 Dortmund")))  # type: ignore[type-var]
    doubts = {line.key[-5:]: line.doubts for line in printed(paper).lines if line.doubts}
    assert "Straße mit Hausnummer oder Postfach fehlt" in doubts["P-004"]


# the sheet that lies on the stack


def test_the_covering_sheet_says_how_many_letters_and_sheets_and_what_to_look_at(paper: House, tmp_path: Any):
    batch = letters(paper.mailing(), paper.ledger, Printer(bind=bind, cover=lambda batch, now: draw(batch, makers.settings(), "Einladung", now=now)),
                    now=NOW)
    text = subprocess.run(["pdftotext", "-layout", str(paper.workspace.root / batch.cover), "-"], capture_output=True, text=True, check=True).stdout
    words = " ".join(text.split())
    for said in ("Begleitblatt zum Druckstapel: Einladung", "Briefe 3", "Blatt, beidseitig bedruckt 3", "Briefe ins Ausland 1", "4. Mai 2017",
                 batch.pdf, "7: 3 in diesem Stapel, 3 E-Mail noch offen und 1 weder E-Mail noch Anschrift", "1017 AB AMSTERDAM"):
        assert said in words
