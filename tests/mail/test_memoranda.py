"""Papers that are given out by mail: in the file that may leave, once a revision, reminded of and taken back through the same door."""

from __future__ import annotations

import datetime as dt
import email
import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from pipeline.build.plan import Plan
from pipeline.giving import NotWithdrawn, by_mail, recalling, reminding
from pipeline.issue import issue, reminders, withdraw
from pipeline.ledger import DocumentRow, InboxRow, Ledger, ReturnRow, SignatureRow
from pipeline.mail.dispatch import Run
from pipeline.mail.erasure import traces
from pipeline.mail.guard import WrongRecipient
from pipeline.mail.letters import Printer, letters, posted
from pipeline.mail.mailing import Mailing
from pipeline.mail.send import Outcome, resolve, send
from pipeline.mail.sheet import plan, sheet
from pipeline.mail.smtp import Smtp
from pipeline.papers.draft import Draft
from pipeline.pdf.bind import Bound
from pipeline.records import Contact
from pipeline.release import Approver, approve
from pipeline.workspace import Workspace
from tests import makers
from tests.mail.conftest import NOW, PEOPLE, TEMPLATES, Mailbox, Time, provenance, recipient
from tests.office import gremium, small

DAY = dt.timedelta(days=1)
FIRST, SECOND, THIRD = "memorandum/P-001", "memorandum/P-002", "memorandum/P-003"


@dataclass
class House:
    """An office with three memoranda, released and signed by both initiators."""

    workspace: Workspace
    ledger: Ledger
    drafts: list[Draft] = field(default_factory=list)
    time: Time = field(default_factory=Time)
    now: dt.datetime = NOW

    def add(self, key: str, **whom: Any) -> None:
        person = PEOPLE[int(key[-1]) - 1]
        self.drafts.append(Draft(key=key, kind="memorandum", subject="Memorandum", template="memorandum.docx", stem=key.replace("/", "-"),
                                 date=makers.DATE, context={}, recipient=recipient(person, **whom)))
        self.build(key)

    def build(self, key: str, revision: int = 1, fields: tuple[str, ...] = ("stadt", "kammer")) -> DocumentRow:
        stem = key.replace("/", "-")
        files = {"docx": b"word", "pdf": f"%PDF-1.7 Revision {revision} key={key}".encode()}
        for ending, data in files.items():
            path = self.workspace.outputs / "memorandum" / f"{stem}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        row = DocumentRow(key=key, kind="memorandum", subject=stem, docx=f"outputs/memorandum/{stem}.docx", pdf=f"outputs/memorandum/{stem}.pdf",
                          revision=revision, fingerprint="f", inputs={}, docx_sha256=hashlib.sha256(files["docx"]).hexdigest(),
                          pdf_sha256=hashlib.sha256(files["pdf"]).hexdigest(), seconds=0.1, built_by="büro", built_at="2017-05-01T08:00:00Z")
        self.ledger.built([row], self.now)
        approve(self.workspace, self.ledger, [row], Approver(name="Leitung"), self.now)
        for name in fields:
            self.sign(row, name)
        return row

    def sign(self, row: DocumentRow, name: str) -> None:
        path = self.workspace.outputs / "signed" / "memorandum" / Path(row.pdf).name
        path.parent.mkdir(parents=True, exist_ok=True)
        made = [given for given in self.ledger.signatures().get(row.key, ()) if given.base_sha256 == row.pdf_sha256]
        names = " ".join([given.field for given in made] + [name])
        data = f"%PDF-1.7 unterzeichnet von {names} Revision {row.revision} key={row.key}".encode()
        path.write_bytes(data)
        self.ledger.signed(SignatureRow(key=row.key, revision=row.revision, field=name, signer=name, path=self.workspace.relative(path),
                                        base_sha256=row.pdf_sha256, sha256=hashlib.sha256(data).hexdigest(), signed_at="2017-05-02T08:00:00Z"),
                           self.now)

    def plain(self) -> Mailing:
        return Mailing(workspace=self.workspace, kind="memorandum", drafts=self.drafts, meetings={}, released=self.ledger.documents(),
                       provenance=provenance)

    def mailing(self, **wish: Any) -> Mailing:
        return by_mail(self.plain(), self.ledger, self.now, **wish)

    def send(self, post: Smtp, mailing: Mailing | None = None) -> Outcome:
        run = Run(ledger=self.ledger, posts=[post], clock=lambda: self.now, timer=self.time.passed, sleep=self.time.sleep)
        return send(mailing or self.mailing(), run)

    def remind(self, post: Smtp, after: int) -> Outcome:
        self.now = NOW + after * DAY
        return self.send(post, reminding(self.plain(), self.ledger, self.now))

    def out(self, key: str) -> list[tuple[int, str, bool]]:
        return [(row.revision, row.way, not row.withdrawn_at) for row in self.ledger.issues().get(key, [])]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    shutil.copytree(TEMPLATES, tmp_path / "templates" / "mail")
    with Ledger(tmp_path / "outputs" / "ledger.sqlite") as ledger:
        made = House(Workspace(tmp_path, makers.settings()), ledger)
        for key in (FIRST, SECOND, THIRD):
            made.add(key)
        yield made


def keys(notes: Any) -> list[str]:
    return [note.key for note in notes]


def test_a_partner_gets_the_signed_file_and_the_ledger_notes_it_as_given_out(house: House, post: Smtp, mailbox: Mailbox) -> None:
    assert keys(house.send(post).sent) == [FIRST, SECOND, THIRD]
    message = email.message_from_bytes(mailbox.got[0][1], policy=default)
    [attached] = [part for part in message.walk() if part.get_content_type() == "application/pdf"]
    assert attached.get_content() == (house.workspace.outputs / "signed" / "memorandum" / "memorandum-P-001.pdf").read_bytes()
    assert attached.get_filename() == "memorandum-P-001.pdf"
    [given] = house.ledger.issues()[FIRST]
    assert (given.way, given.sha256, given.path) == ("mail", hashlib.sha256(attached.get_content()).hexdigest(),
                                                     "outputs/signed/memorandum/memorandum-P-001.pdf")
    assert given.base_sha256 == house.ledger.documents()[FIRST].pdf_sha256
    assert [event.what for event in house.ledger.log() if event.key == FIRST][-2:] == ["sent", "issued"]


def test_the_message_says_what_to_do_by_when_and_to_whom(house: House) -> None:
    [sample, *_] = sheet(house.mailing(), house.ledger, now=NOW).samples
    assert "bitte unterzeichnen bis Donnerstag, 25. Mai 2017" in sample.subject
    for said in ("Sehr geehrte Frau Dr. Muster,", "Die Unterschriften für Stadt Dortmund und Kammer zu Dortmund sind schon geleistet.",
                 "Unterschrift für Brückner & Söhne GmbH", "1. Elektronisch", "2. Auf Papier", "als PDF-Datei an allianz@stadt.example"):
        assert said in sample.text.replace(" ", " ")


@pytest.mark.parametrize("name", ["memorandum", "memorandum-reminder", "memorandum-withdrawal"])
def test_both_readings_of_a_text_use_the_same_fields(name: str) -> None:
    from jinja2 import Environment
    from jinja2.nodes import Getattr

    def fields(ending: str) -> set[str]:
        tree = Environment(autoescape=True).parse((TEMPLATES / f"{name}.{ending}").read_text("utf-8"))
        return {found.attr for found in tree.find_all(Getattr)}
    assert fields("txt") == fields("html")


def test_what_the_server_puts_off_is_not_given_out_yet(house: House, post: Smtp, mailbox: Mailbox) -> None:
    mailbox.answer = lambda number: "451 4.7.1 später"
    assert keys(house.send(post).deferred) == [FIRST, SECOND, THIRD]
    assert house.ledger.issues() == {}
    mailbox.answer = lambda number: "250 angenommen"
    assert keys(house.send(post).sent) == [FIRST, SECOND, THIRD]
    assert house.out(FIRST) == [(1, "mail", True)]


def test_the_same_revision_goes_once_however_it_went(house: House, post: Smtp, mailbox: Mailbox) -> None:
    issue(house.workspace, house.ledger, [house.ledger.documents()[SECOND]], "hand", NOW)
    house.send(post)
    assert len(mailbox.got) == 2
    again = house.send(post)
    assert {note.reason for note in again.already} == {"Revision 1 ist seit 04.05.2017 draußen (per E-Mail)",
                                                       "Revision 1 ist seit 04.05.2017 draußen (übergeben)"}
    assert len(mailbox.got) == 2


def test_once_more_when_somebody_asks_for_it(house: House, post: Smtp, mailbox: Mailbox) -> None:
    house.send(post)
    assert keys(house.send(post, replace(house.mailing(again=[FIRST]), chosen=frozenset([FIRST]))).sent) == [FIRST]
    assert [message["subject"].startswith("Noch einmal: ") for message in
            (email.message_from_bytes(data, policy=default) for _, data in mailbox.got)] == [False, False, False, True]
    assert len({row.id for row in house.ledger.messages()}) == 4
    assert house.out(FIRST) == [(1, "mail", True), (1, "mail", True)]


def test_what_was_taken_back_goes_again_when_it_is_built_anew(house: House, post: Smtp, mailbox: Mailbox) -> None:
    house.send(post)
    withdraw(house.ledger, FIRST, "falscher Name", NOW)
    for mailing in (house.mailing(), house.mailing(again=[FIRST])):
        [held] = plan(mailing, house.ledger).held
        assert held.key == FIRST and "zurückgenommen, weil: falscher Name; erst berichtigen und neu erstellen" in held.reason
        assert keys(house.send(post, mailing).sent) == []
    assert house.out(FIRST) == [(1, "mail", False)]
    house.build(FIRST, revision=2)
    assert keys(house.send(post).sent) == [FIRST]
    assert house.out(FIRST) == [(1, "mail", False), (2, "mail", True)]


def test_a_new_revision_goes_to_who_has_the_old_one(house: House, post: Smtp, mailbox: Mailbox) -> None:
    house.send(post)
    house.build(FIRST, revision=2)
    assert keys(house.send(post).sent) == [FIRST]
    assert house.out(FIRST) == [(1, "mail", True), (2, "mail", True)]


def test_what_is_not_released_or_not_signed_stays_unless_the_partner_signs_first(house: House, post: Smtp) -> None:
    house.build(FIRST, revision=2, fields=("stadt",))
    [held] = plan(house.mailing(), house.ledger).held
    assert (held.key, held.reason) == (FIRST, "es fehlt die Unterschrift von Kammer zu Dortmund")
    [first, *_] = plan(house.mailing(unsigned=True), house.ledger).due
    assert first.paper is not None
    assert (first.paper.signed, first.paper.after) == (("Stadt Dortmund",), ("Kammer zu Dortmund",))


def test_a_signed_file_changed_on_disk_stays(house: House, post: Smtp, mailbox: Mailbox) -> None:
    (house.workspace.outputs / "signed" / "memorandum" / "memorandum-P-002.pdf").write_bytes(b"%PDF-1.7 key=memorandum/P-002")
    done = house.send(post)
    assert [(note.key, note.reason) for note in done.held] == [(SECOND, "nach dem Bauen verändert: outputs/signed/memorandum/memorandum-P-002.pdf")]
    assert len(mailbox.got) == 2


def test_what_came_back_is_not_sent_even_when_asked(house: House, post: Smtp) -> None:
    house.send(post)
    house.sign(house.ledger.documents()[FIRST], "partner")
    done = house.send(post, house.mailing(again=[FIRST]))
    assert (FIRST, "ist unterzeichnet zurück") in [(note.key, note.reason) for note in done.already]


def test_a_message_in_doubt_is_given_out_once_a_person_says_so(house: House, post: Smtp, mailbox: Mailbox) -> None:
    mailbox.drop_after = 1
    assert keys(house.send(post).unknown) == [FIRST]
    assert house.out(FIRST) == []
    assert keys(plan(house.mailing(), house.ledger).unknown) == [FIRST]
    resolve(house.ledger, FIRST, sent=True, now=NOW)
    assert house.out(FIRST) == [(1, "mail", True)]
    assert keys(plan(house.mailing(), house.ledger).already)[:1] == [FIRST]


def test_what_bounces_is_with_nobody_and_goes_on_paper(house: House, post: Smtp) -> None:
    house.send(post)
    sent = next(row.id for row in house.ledger.messages() if row.key == FIRST)
    house.ledger.took_in([InboxRow(id="1", place="x", sort="hard", message=sent, code="5.1.1")], [(sent, "failed", "5.1.1 unbekannt")], NOW)
    assert house.out(FIRST) == [(1, "mail", False)]
    assert keys(plan(house.mailing(), house.ledger).failed) == [FIRST]
    printer = Printer(bind=lambda pdfs: Bound(pdf=b"".join(pdfs), pages=tuple(1 for _ in pdfs)), cover=lambda batch, now: b"%PDF")
    assert keys(letters(house.mailing(), house.ledger, printer, now=NOW).printed) == [FIRST]
    assert house.out(FIRST) == [(1, "mail", False)]
    posted(house.mailing(), house.ledger, now=NOW)
    assert house.out(FIRST) == [(1, "mail", False), (1, "post", True)]


def test_reminders_go_to_those_missing_only_and_never_twice_a_day(house: House, post: Smtp, mailbox: Mailbox) -> None:
    house.send(post)
    house.sign(house.ledger.documents()[FIRST], "partner")
    assert house.remind(post, 13).sent == ()
    assert keys(house.remind(post, 14).sent) == [SECOND, THIRD]
    assert house.remind(post, 14).sent == ()
    withdraw(house.ledger, THIRD, "neu gefasst", house.now)
    assert keys(house.remind(post, 28).sent) == [SECOND]
    subjects = [email.message_from_bytes(data, policy=default)["subject"] for _, data in mailbox.got[3:]]
    assert [subject.partition(":")[0] for subject in subjects] == ["Erinnerung", "Erinnerung", "2. Erinnerung"]
    assert [row.reminded for row in house.ledger.issues()[SECOND]] == [2]
    assert house.remind(post, 99).sent == ()


def test_an_office_that_begins_late_reminds_at_the_distance_of_the_settings(house: House, post: Smtp) -> None:
    house.send(post)
    assert len(house.remind(post, 60).sent) == 3
    assert house.remind(post, 61).sent == ()
    assert house.remind(post, 73).sent == ()
    assert len(house.remind(post, 74).sent) == 3


def test_a_paper_return_ends_the_reminders(house: House, post: Smtp) -> None:
    house.send(post)
    house.ledger.returned(ReturnRow(sha256="a", name="scan.pdf", origin="scan", key=SECOND, revision=1, state="to-confirm", answers={}, sentence="",
                                    path="outputs/returned/a.pdf", received_at="2017-05-10T08:00:00Z"), NOW)
    assert keys(house.remind(post, 14).sent) == [FIRST, THIRD]


def test_who_has_no_email_is_named_for_paper_and_who_has_an_old_revision_is_not_asked_for_it(house: House, post: Smtp) -> None:
    house.drafts[2] = replace(house.drafts[2], recipient=recipient(PEOPLE[2], email=""))
    issue(house.workspace, house.ledger, list(house.ledger.documents().values()), "post", NOW)
    house.build(SECOND, revision=2)
    done = house.remind(post, 14)
    assert (keys(done.sent), keys(done.paper), keys(done.held)) == ([FIRST], [THIRD], [SECOND])
    assert "überholt" in done.held[0].reason
    assert [row.number for row in reminders(house.workspace, house.ledger, house.now)] == [1, 1]


def test_a_reminder_put_off_goes_with_the_next_run_and_counts_once(house: House, post: Smtp, mailbox: Mailbox) -> None:
    house.send(post)
    mailbox.answer = lambda number: "451 4.7.1 später"
    assert len(house.remind(post, 14).deferred) == 3
    mailbox.answer = lambda number: "250 angenommen"
    assert len(house.remind(post, 15).sent) == 3
    assert {row.reminded for rows in house.ledger.issues().values() for row in rows} == {1}


def test_a_reminder_no_longer_due_is_taken_back(house: House, post: Smtp, mailbox: Mailbox) -> None:
    house.send(post)
    mailbox.answer = lambda number: "451 4.7.1 später"
    house.remind(post, 14)
    house.sign(house.ledger.documents()[FIRST], "partner")
    mailbox.answer = lambda number: "250 angenommen"
    assert keys(house.remind(post, 15).sent) == [SECOND, THIRD]
    assert [row.state for row in house.ledger.messages() if row.key == FIRST] == ["sent", "withdrawn"]


def test_who_has_a_paper_taken_back_is_told_once_and_why(house: House, post: Smtp, mailbox: Mailbox) -> None:
    house.send(post)
    withdraw(house.ledger, FIRST, "der Name war falsch geschrieben", NOW)
    assert keys(house.send(post, recalling(house.plain(), house.ledger, [FIRST], NOW)).sent) == [FIRST]
    text = email.message_from_bytes(mailbox.got[-1][1], policy=default).get_body(("plain",))
    assert text is not None
    assert "Grund: der Name war falsch geschrieben" in text.get_content()
    assert keys(house.send(post, recalling(house.plain(), house.ledger, [FIRST], NOW)).already) == [FIRST]
    assert [event.what for event in house.ledger.log() if event.key == FIRST][-1] == "notified"


def test_a_reason_that_names_another_partner_stops_the_message(house: House, post: Smtp) -> None:
    house.send(post)
    withdraw(house.ledger, THIRD, "war für Frau Dr. Mia Übelacker bestimmt", NOW)
    with pytest.raises(WrongRecipient, match="fremder Name"):
        house.send(post, recalling(house.plain(), house.ledger, [THIRD], NOW))


def test_nobody_is_told_of_what_was_not_taken_back(house: House) -> None:
    with pytest.raises(NotWithdrawn, match="von memorandum/P-001 ist keine Fassung zurückgenommen"):
        recalling(house.plain(), house.ledger, [FIRST], NOW)


def test_one_chosen_paper_leaves_the_others_as_they_are(house: House, post: Smtp, mailbox: Mailbox) -> None:
    mailbox.answer = lambda number: "451 4.7.1 später"
    house.send(post)
    mailbox.answer = lambda number: "250 angenommen"
    assert keys(house.send(post, replace(house.mailing(), chosen=frozenset([SECOND]))).sent) == [SECOND]
    assert {row.key: row.state for row in house.ledger.messages()} == {FIRST: "deferred", SECOND: "sent", THIRD: "deferred"}


@pytest.mark.slow
def test_the_commands_from_the_look_to_the_notice(tmp_path: Path) -> None:
    folder = small(tmp_path)
    for words in (("build", "memorandum"), ("approve", "memorandum", "--by", "Leitung"), ("sign", "memorandum", "--jobs", "1")):
        assert gremium(folder, *words).returncode == 0
    text = folder / "templates" / "mail" / "memorandum.txt"
    text.write_text(text.read_text("utf-8").replace("Bitte lassen Sie", "Wir bitten Sie: Lassen Sie"), "utf-8")
    seen = json.loads(gremium(folder, "send", "memorandum", "--json").stdout)
    assert (seen["due"], seen["held"]) == ([], [FIRST, SECOND, THIRD])      # the release covered another text
    gremium(folder, "approve", "memorandum", "--by", "Leitung")
    seen = json.loads(gremium(folder, "send", "memorandum", "--json").stdout)
    assert (seen["due"], seen["paper"]) == ([FIRST, SECOND], [THIRD])
    assert gremium(folder, "issue", "memorandum", "--by", "mail", "--only", SECOND, "--yes", "2").returncode != 0
    assert json.loads(gremium(folder, "issue", "memorandum", "--by", "mail", "--only", SECOND, "--yes", "1", "--json").stdout)["sent"] == [SECOND]
    assert json.loads(gremium(folder, "send", "memorandum", "--really", "--yes", "1", "--json").stdout)["sent"] == [FIRST]
    assert json.loads(gremium(folder, "remind", "--json").stdout) == []
    assert "Erinnerung" not in gremium(folder, "remind", "--show").stdout
    taken = gremium(folder, "withdraw", FIRST, "--reason", "Name falsch", "--notify", "--yes", "1", "--json")
    assert json.loads(taken.stdout)["sent"] == [FIRST]
    again = json.loads(gremium(folder, "send", "memorandum", "--really", "--yes", "all", "--json").stdout)
    assert (again["sent"], again["held"]) == ([], [FIRST])
    by_hand = gremium(folder, "issue", "memorandum", "--only", FIRST)
    assert by_hand.returncode == 6 and "zurückgenommen, weil: Name falsch" in by_hand.stderr
    [given] = (folder / "outputs" / "signed" / "memorandum").glob("*P-001*.pdf")
    assert "zurückgenommen: Name falsch" in gremium(folder, "verify", str(given)).stdout
    with Ledger(folder / "outputs" / "ledger.sqlite") as ledger:     # as offices did when the same bytes could go out again
        ledger.issue([replace(ledger.issues()[FIRST][0], id=0, withdrawn_at="", reason="")], NOW)
    assert "zurückgenommen" not in gremium(folder, "verify", str(given)).stdout
    with Ledger(folder / "outputs" / "ledger.sqlite") as ledger:
        withdraw(ledger, FIRST, "Name falsch", NOW)
    assert "issue" not in {step["rule"] for step in json.loads(gremium(folder, "next", "--json").stdout)["next"] if FIRST in step["keys"]}
    assert len(list((folder / "outputs" / "outbox" / "memorandum").glob("*.eml"))) == 3


def test_a_message_to_an_erased_person_goes_with_them_though_the_paper_is_the_partners(house: House, post: Smtp) -> None:
    house.send(post)
    gone = replace(PEOPLE[1], key="K-002", contact=Contact.ERASED)
    nothing = Plan(entries=(), templates={}, style="")
    found = traces(house.workspace, nothing, replace(makers.alliance(), erased={"K-002": gone}), house.ledger, "K-002")
    assert [path.name.partition("-P")[0] for path in found.files] == ["memorandum"]
    assert found.messages == tuple(row.id for row in house.ledger.messages() if row.key == SECOND)
