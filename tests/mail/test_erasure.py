"""Who was erased or objects gets nothing, also when it was frozen already; and what was made for them goes."""

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.audit import audit
from pipeline.build.plan import Plan
from pipeline.build.plan import plan as planned
from pipeline.ledger import DocumentRow, personal
from pipeline.ledger.rows import ApprovalRow, packed
from pipeline.ledger.store import stamp
from pipeline.mail.erasure import NobodyThere, StillThere, erase, traces
from pipeline.mail.sheet import plan
from pipeline.mail.smtp import Smtp
from pipeline.papers.kinds import drafts
from pipeline.records import Contact, MeetingStatus
from pipeline.tables.silence import forget
from tests import makers
from tests.mail.conftest import NOW, House, Mailbox
from tests.mail.test_calendar_life import invited, keys, rebuilt

__all__ = ["invited"]      # the fixture

TEMPLATES = Path(__file__).parents[2] / "templates"
ADDRESSES = ("mia.muster@brueckner.example", "ue@haus.example", "kim@xn--strae-oqa.example")
ERASED = forget(makers.alliance(persons=(makers.person(contact=Contact.ERASED),)))


def frozen(house: House, post: Smtp, mailbox: Mailbox) -> None:
    """Everybody's message lies in the outbox and has not left."""
    mailbox.refuse = dict.fromkeys(ADDRESSES, "450 später")
    house.send(post)
    mailbox.refuse = {}
    assert set(house.states.values()) == {"deferred"}


# sending


@pytest.mark.parametrize("how", [{"silent": frozenset({"P-001"})}, {"hushed": frozenset({personal("Mia.Muster@brueckner.example")})}])
def test_who_is_not_to_be_written_to_gets_nothing_also_if_frozen_already(house: House, post: Smtp, mailbox: Mailbox, how: dict[str, Any]):
    frozen(house, post, mailbox)
    outcome = house.send(post, **how)
    assert (keys(outcome.sent), keys(outcome.held)) == (["P-002", "P-003"], ["P-001"])
    assert "mia.muster@brueckner.example" not in mailbox.recipients
    assert house.states == {"P-001": "withdrawn", "P-002": "sent", "P-003": "sent"}


def test_a_frozen_message_of_an_erased_person_is_withdrawn_when_nothing_else_is_due(house: House, post: Smtp, mailbox: Mailbox):
    frozen(house, post, mailbox)
    del house.drafts[0]
    house.send(post, silent=frozenset({"P-001"}), held=dict.fromkeys([draft.key for draft in house.drafts], "nicht freigegeben"))
    assert house.states["P-001"] == "withdrawn"
    assert mailbox.got == []


def test_an_erased_person_hears_neither_of_a_change_nor_of_a_cancellation(invited: House, post: Smtp, mailbox: Mailbox):
    del invited.drafts[0]
    silent = frozenset({"P-001"})
    assert invited.send(post, silent=silent).complete
    invited.send(post, silent=silent, **rebuilt(invited))
    invited.drafts.clear()
    invited.send(post, silent=silent, meetings={"M-002": makers.meeting(status=MeetingStatus.CANCELLED)})
    assert "mia.muster@brueckner.example" not in mailbox.recipients
    assert len(mailbox.got) == 4


def test_the_address_stays_closed_under_another_number(invited: House, post: Smtp, mailbox: Mailbox):
    from tests.mail.conftest import recipient
    invited.ledger.silence([personal("mia.muster@brueckner.example")], "P-001", NOW)
    invited.add(recipient(makers.person("P-088")))
    seen = plan(invited.mailing(hushed=invited.ledger.silenced()), invited.ledger)
    assert keys(seen.held) == ["P-001", "P-088"]
    assert "Widerspruch oder Löschung" in seen.held[0].reason


def test_no_reminder_goes_to_who_is_not_to_be_written_to(invited: House, post: Smtp, mailbox: Mailbox):
    outcome = invited.send(post, reminding=lambda draft: 1, silent=frozenset({"P-002"}))
    assert (len(outcome.sent), keys(outcome.held)) == (2, ["P-002"])


# erasing


@pytest.fixture
def papers(invited: House) -> House:
    """The same house with an invitation in the ledger, released, and a roster that names the person."""
    shutil.copytree(TEMPLATES, invited.workspace.templates, dirs_exist_ok=True)
    letter = invited.drafts[0]
    own = {"recipient.address[1]": "Frau Dr. Mia Muster", "recipient.salutation": "Sehr geehrte Frau Dr. Muster", "meeting.title": "Erstes Treffen"}
    roster = {"body.seats[0].name": "Frau Dr. Mia Muster", "body.seats[0].reach": "+49 231 5550-101, mia.muster@brueckner.example",
              "body.seats[1].name": "Frau Lena Lampe", "alliance.name": "Allianz Musterstadt"}
    for key, stem, inputs in ((letter.key, letter.stem, own), ("roster/B-01", "roster-B-01", roster)):
        path = invited.workspace.outputs / key.partition("/")[0] / f"{stem}.pdf"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"%PDF")
        path.with_suffix(".docx").write_bytes(b"PK")
        row = DocumentRow(key=key, kind=key.partition("/")[0], subject=stem, docx=invited.workspace.relative(path.with_suffix(".docx")),
                          pdf=invited.workspace.relative(path), revision=1, fingerprint="1", inputs=inputs, docx_sha256="d", pdf_sha256="p",
                          seconds=0.1, built_by="Büro", built_at="")
        invited.ledger.built([row], NOW)
        given = ApprovalRow(key=key, revision=1, docx_sha256="d", pdf_sha256="p", approved_by="Leitung", approved_at=stamp(NOW),
                            inputs=inputs)
        invited.ledger.approve([given], NOW)
    invited.ledger.failed({"badges/M-002": "„Mia Muster“ steht nicht im Text"}, NOW)
    return invited


def looked(house: House, person: str = "P-001", alliance: Any = ERASED) -> Any:
    found: Plan = planned(house.workspace, drafts(alliance, ("invitation", "roster")), {}, house.ledger)
    return traces(house.workspace, found, alliance, house.ledger, person)


def raw(house: House) -> bytes:
    """Every byte of the ledger's files, freed pages and the log beside it included."""
    return b"".join(path.read_bytes() for path in house.workspace.outputs.glob("ledger.sqlite*"))


def test_the_traces_of_a_person_are_found_and_shown_before_anything_goes(papers: House):
    before = sorted(papers.workspace.root.rglob("*"))
    found = looked(papers)
    assert {path.suffix for path in found.files} == {".docx", ".pdf", ".eml"}
    assert len(found.files) == 3
    assert (found.papers, len(found.messages), found.waiting) == (("roster/B-01",), 1, 0)
    assert sorted(papers.workspace.root.rglob("*")) == before


def test_the_files_go_and_others_stay(papers: House):
    found = looked(papers)
    erase(papers.workspace, papers.ledger, found, NOW)
    left = {path.name for path in papers.workspace.outputs.rglob("*") if path.is_file()}
    assert not [name for name in left if "P-001" in name]
    assert len([name for name in left if name.endswith(".eml")]) == 2
    assert "roster-B-01.pdf" in left


def test_the_ledger_keeps_hashes_alone_and_the_chain_holds(papers: House):
    erase(papers.workspace, papers.ledger, looked(papers), NOW)
    assert audit(papers.ledger, papers.workspace).problems == ()
    rows = papers.ledger.documents()
    assert {value[:7] for path, value in rows["invitation/M-002/P-001"].inputs.items()} == {"sha256:"}
    assert dict(rows["roster/B-01"].inputs) | {"body.seats[0].name": "", "body.seats[0].reach": ""} == {
        "body.seats[0].name": "", "body.seats[0].reach": "", "body.seats[1].name": "Frau Lena Lampe", "alliance.name": "Allianz Musterstadt"}
    for given in (*papers.ledger.approvals()["roster/B-01"], *papers.ledger.approvals()["invitation/M-002/P-001"]):
        assert "Mia" not in str(dict(given.inputs))
    assert papers.ledger.failures()["badges/M-002"].startswith("sha256:")
    held = papers.ledger.held()["invitation/M-002/P-001"]
    assert (held.name_sha256, held.address_sha256) == (personal("Frau Dr. Mia Muster"), personal("mia.muster@brueckner.example"))


def test_nothing_of_the_person_stays_in_the_ledgers_files(papers: House):
    message = papers.ledger.messages()[0]
    papers.ledger.settle(message.id, "sent", NOW, reply="250 2.1.5 <mia.muster@brueckner.example> angenommen")
    values = [packed(row.inputs) for row in papers.ledger.documents().values()]
    words = [b"mia.muster", b"Mia Muster", *(value[10:60] for value in values)]
    assert all(word in raw(papers) for word in words)
    erase(papers.workspace, papers.ledger, looked(papers), NOW)
    assert not any(word in raw(papers) for word in words)


def test_events_hold_no_personal_data_at_all(papers: House):
    papers.ledger.settle(papers.ledger.messages()[0].id, "failed", NOW, reply="550 <mia.muster@brueckner.example> unbekannt")
    said = " ".join(event.detail + event.key for event in papers.ledger.log()).lower()
    for words in ("muster", "brueckner", "übelacker", "haus.example"):
        assert words not in said


def test_after_erasing_nothing_goes_there_again(papers: House, post: Smtp, mailbox: Mailbox):
    erase(papers.workspace, papers.ledger, looked(papers), NOW)
    assert personal("mia.muster@brueckner.example") in papers.ledger.silenced()
    outcome = papers.send(post, hushed=papers.ledger.silenced(), **rebuilt(papers))
    assert keys(outcome.held) == ["P-001"]
    assert "mia.muster@brueckner.example" not in mailbox.recipients


def test_erasing_works_on_the_emptied_row_too_and_twice(papers: House):
    emptied = makers.person(contact=Contact.ERASED, first_name="", last_name="", email="", phone="", title="", function="")
    alliance = forget(makers.alliance(persons=(emptied,)))
    found = looked(papers, alliance=alliance)
    assert len(found.files) == 3
    assert found.papers == ("roster/B-01",)        # known by the frozen message
    erase(papers.workspace, papers.ledger, found, NOW)
    again = looked(papers, alliance=alliance)
    assert again.files == ()
    assert erase(papers.workspace, papers.ledger, again, NOW) == 0


def test_a_frozen_message_is_withdrawn_and_its_file_gone(house: House, post: Smtp, mailbox: Mailbox):
    shutil.copytree(TEMPLATES, house.workspace.templates, dirs_exist_ok=True)
    frozen(house, post, mailbox)
    found = looked(house)
    assert found.waiting == 1
    erase(house.workspace, house.ledger, found, NOW)
    assert house.states == {"P-001": "withdrawn", "P-002": "deferred", "P-003": "deferred"}


def test_who_still_stands_in_the_tables_is_not_erased_behind_them(papers: House):
    with pytest.raises(StillThere, match="P-001 steht ohne den Vermerk „gelöscht“ in den Tabellen"):
        looked(papers, alliance=makers.alliance())


def test_a_number_nobody_knows_is_said_so(papers: House):
    with pytest.raises(NobodyThere, match="P-999"):
        looked(papers, "P-999")


def test_print_batches_and_copies_of_the_ledger_are_left_to_a_person(papers: House):
    row = replace(papers.ledger.messages()[0], id="paper@stadt.example", path="outputs/letters/invitation-1.pdf", state="frozen")
    papers.ledger.frozen([row], NOW)
    papers.ledger.settle(row.id, "printed", NOW)
    for name in ("letters/invitation-1.pdf", "letters/invitation-1.csv", "ledger.v3.sqlite"):
        (papers.workspace.outputs / name).parent.mkdir(exist_ok=True)
        (papers.workspace.outputs / name).write_bytes(b"")
    assert sorted(path.name for path in looked(papers).open) == ["invitation-1.csv", "invitation-1.pdf", "ledger.v3.sqlite"]


def test_an_interrupted_erasure_is_finished_by_calling_it_again(papers: House):
    found = looked(papers)
    for path in found.files:
        path.unlink()
    again = looked(papers)
    assert erase(papers.workspace, papers.ledger, again, NOW + dt.timedelta(hours=1)) > 0
    assert "Mia" not in str([dict(row.inputs) for row in papers.ledger.documents().values()])
