"""Sending: never twice, never to the wrong one, nobody forgotten."""

import email
import email.policy
import os
import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.ledger import Ledger, LedgerUnreadable
from pipeline.mail.guard import WrongRecipient
from pipeline.mail.outbox import AlreadySending, NotAsFrozen, alone, outgoing
from pipeline.mail.post import Folder, Go, Outgoing, Receipt, Unreachable
from pipeline.mail.send import NothingInDoubt, OtherNumber, resolve
from pipeline.mail.sheet import sheet
from pipeline.mail.smtp import Smtp
from pipeline.release import ChangedAfterBuilding
from tests import makers
from tests.mail.conftest import NOW, House, Mailbox, draft, recipient

ALL = {"P-001", "P-002", "P-003"}


def keys(notes: Any) -> list[str]:
    return [note.key.rpartition("/")[2] for note in notes]


def outbox(house: House) -> Folder:
    return Folder(house.workspace.outputs / "outbox")


class Dying:
    """A post whose process dies at one message, at the worst moment."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def open(self) -> None: ...

    def deliver(self, message: Outgoing, go: Go) -> Receipt:
        go()
        self.count += 1
        if self.count == self.at:
            os._exit(9)
        return Receipt("250")

    def close(self) -> None: ...


class Gone(Dying):
    """A server that cannot be reached any more at one message."""

    def deliver(self, message: Outgoing, go: Go) -> Receipt:
        go()
        self.count += 1
        if self.count >= self.at:
            raise Unreachable("post.example:587", "keine Verbindung")
        return Receipt("250")


def test_everybody_gets_one_message_and_a_second_run_sends_nothing(house: House, post: Any, mailbox: Mailbox):
    first = house.send(post)
    assert first.complete
    assert sorted(mailbox.recipients) == ["kim@xn--strae-oqa.example", "mia.muster@brueckner.example", "ue@haus.example"]
    assert set(mailbox.senders) == {"allianz@stadt.example"}
    second = house.send(post)
    assert (len(mailbox.got), keys(second.sent), set(keys(second.already))) == (3, [], ALL)


def test_what_arrives_is_byte_for_byte_what_was_frozen(house: House, post: Any, mailbox: Mailbox):
    house.send(post)
    frozen = {(house.workspace.root / row.path).read_bytes() for row in house.ledger.messages()}
    assert {data for _, data in mailbox.got} == frozen


def test_many_messages_go_over_one_connection(house: House, post: Any, mailbox: Mailbox):
    house.send(post)
    assert mailbox.connections == 1


def test_into_a_folder_each_message_is_one_file_and_the_frozen_one_stays(house: House):
    outcome = house.send(outbox(house))
    files = sorted(path.relative_to(house.workspace.outputs) for path in (house.workspace.outputs / "outbox").rglob("*.eml"))
    assert len(files) == len(outcome.sent) == 3
    assert {str(path.parent) for path in files} == {"outbox/M-002"}
    assert keys(house.send(outbox(house)).sent) == []


def test_the_preview_counts_shows_and_writes_nothing(house: House):
    house.add(recipient(makers.person("P-004", email="", last_name="Papier")))
    before = sorted(house.workspace.root.rglob("*"))
    found = sheet(house.mailing(), house.ledger, now=NOW)
    assert found.number == 3
    assert keys(found.paper) == ["P-004"]
    assert [sample.subject for sample in found.samples] == ["Einladung: Erstes Treffen des Expertenteams Energie am 20. Juni 2017"] * 3
    assert {sample.key[-5:]: sample.reason for sample in found.unusual} == {
        "P-002": "längster Name", "P-003": "Anrede ohne Frau oder Herr, Umlaut in der E-Mail-Adresse"}
    assert sorted(house.workspace.root.rglob("*")) == before
    assert house.states == {}


def test_the_preview_points_at_an_address_of_two_people_but_not_at_one_person_in_two_meetings(house: House):
    again = draft(house.drafts[0].recipient, "M-003")
    house.drafts.append(again)
    house.built(again)
    house.add(recipient(makers.person("P-004", last_name="Zweite", email="UE@haus.example")))
    meetings = {"M-002": makers.meeting(), "M-003": makers.meeting("M-003")}
    found = sheet(house.mailing(meetings=meetings), house.ledger, now=NOW)
    assert [sample.key[-5:] for sample in found.unusual if "mehrerer Personen" in sample.reason] == ["P-002", "P-004"]


def test_nobody_is_forgotten_each_stands_in_one_list(house: House, post: Any):
    house.add(recipient(makers.person("P-004", email="")), recipient(makers.person("P-005", email="keine Adresse")),
              recipient(makers.person("P-006", email=""), postable=False), recipient(makers.person("P-007", email="a@b.example")))
    del house.released["invitation/M-002/P-007"]
    outcome = house.send(post, held={"invitation/M-002/P-007": "freigegeben wurde Revision 1, vorliegend ist Revision 2"})
    assert set(keys(outcome.sent)) == ALL
    assert keys(outcome.paper) == ["P-004", "P-005"]
    assert keys(outcome.impossible) == ["P-006"]
    assert outcome.held[0].reason == "freigegeben wurde Revision 1, vorliegend ist Revision 2"


def test_the_number_agreed_to_must_be_the_number_of_messages(house: House, post: Any, mailbox: Mailbox):
    with pytest.raises(OtherNumber, match="bestätigt wurden 4 Nachrichten, anstehen 3"):
        house.send(post, confirmed=4)
    assert (mailbox.got, house.states) == ([], {})


# never twice


def test_a_reply_that_never_came_is_unknown_and_is_not_sent_again(house: House, post: Any, mailbox: Mailbox):
    mailbox.drop_after = 2
    outcome = house.send(post)
    assert keys(outcome.unknown) == ["P-002"]
    assert (keys(outcome.sent), outcome.complete) == (["P-001", "P-003"], False)
    mailbox.drop_after = None
    assert keys(house.send(post).unknown) == ["P-002"]
    assert mailbox.recipients.count("ue@haus.example") == 1


@pytest.mark.parametrize(("answer", "state"), [("garbled nonsense", "unknown"), ("354 weiter", "unknown"), ("451 später", "deferred"),
                                               ("421 geht jetzt", "deferred"), ("552 zu groß", "failed")])
def test_each_reply_after_the_final_dot_means_one_state(house: House, post: Any, mailbox: Mailbox, answer: str, state: str):
    mailbox.answer = lambda number: answer if number == 1 else "250 OK"
    house.send(post)
    assert house.states == {"P-001": state, "P-002": "sent", "P-003": "sent"}


def test_a_refused_message_is_final_and_a_deferred_one_goes_with_the_next_run(house: House, post: Any, mailbox: Mailbox):
    mailbox.refuse = {"mia.muster@brueckner.example": "550 unbekannt", "ue@haus.example": "450 später"}
    first = house.send(post)
    assert (keys(first.failed), keys(first.deferred), keys(first.sent)) == (["P-001"], ["P-002"], ["P-003"])
    assert "550 unbekannt" in first.failed[0].reason
    mailbox.refuse = {}
    second = house.send(post)
    assert (keys(second.failed), keys(second.sent)) == (["P-001"], ["P-002"])
    assert sorted(mailbox.recipients) == ["kim@xn--strae-oqa.example", "ue@haus.example"]


def test_a_run_killed_while_sending_leaves_a_question_not_a_second_letter(house: House, post: Any, mailbox: Mailbox):
    child = os.fork()
    if child == 0:
        with Ledger(house.ledger.path) as house.ledger:
            house.send(Dying(at=2))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert house.states == {"P-001": "sent", "P-002": "sending", "P-003": "claimed"}
    outcome = house.send(post)
    assert (keys(outcome.unknown), keys(outcome.sent), mailbox.recipients) == (["P-002"], ["P-003"], ["kim@xn--strae-oqa.example"])


def test_a_message_only_claimed_by_a_dead_run_goes_out(house: House, post: Any, mailbox: Mailbox):
    with pytest.raises(Unreachable):
        house.send(_Closed(at=0))
    [first, *_] = house.ledger.messages()
    assert (house.ledger.claim([first.id], NOW), house.ledger.claim([first.id], NOW)) == ({first.id}, frozenset())
    assert house.send(post).complete
    assert len(mailbox.got) == 3


class _Closed(Dying):
    def open(self) -> None:
        raise Unreachable("post.example:587", "keine Verbindung")


def test_without_a_server_everything_stays_frozen(house: House):
    with pytest.raises(Unreachable):
        house.send(_Closed(at=0))
    assert set(house.states.values()) == {"frozen"}


def test_a_server_lost_on_the_way_ends_the_run_and_says_who_is_left(house: House, post: Any, mailbox: Mailbox):
    outcome = house.send(Gone(at=2))
    assert (keys(outcome.sent), keys(outcome.deferred), keys(outcome.left)) == (["P-001"], ["P-002"], ["P-003"])
    assert "keine Verbindung" in outcome.stopped
    assert set(keys(house.send(post).sent)) == {"P-002", "P-003"}


def test_two_runs_at_once_the_second_is_turned_away(house: House, post: Any):
    with alone(house.workspace), pytest.raises(AlreadySending):
        house.send(post)


class Overtaken(Smtp):
    """A way out on which another run, which no lock has kept out, takes the second message while this one carries it."""

    def __init__(self, server: Any, path: Path) -> None:
        super().__init__(server)
        self.path, self.count = path, 0

    def deliver(self, message: Outgoing, go: Go) -> Receipt:
        self.count += 1
        receipt = super().deliver(message, go)
        if self.count == 1:
            with Ledger(self.path) as other:
                other.step((), [other.messages()[1].id], NOW)
        return receipt


def test_a_message_another_run_has_taken_is_carried_but_not_delivered(house: House, post: Any, mailbox: Mailbox):
    outcome = house.send(Overtaken(post.server, house.ledger.path))
    assert (keys(outcome.sent), keys(outcome.already)) == (["P-001", "P-003"], ["P-002"])
    assert mailbox.recipients == ["mia.muster@brueckner.example", "kim@xn--strae-oqa.example"]
    assert house.states["P-002"] == "sending"       # it is the other run's to say what became of it


def test_a_person_settles_what_is_unknown(house: House, post: Any, mailbox: Mailbox):
    mailbox.drop_after = 1
    house.send(post)
    resolve(house.ledger, "invitation/M-002/P-001", sent=False, now=NOW)
    assert keys(house.send(post).sent) == ["P-001"]
    with pytest.raises(NothingInDoubt):
        resolve(house.ledger, "invitation/M-002/P-001", sent=True, now=NOW)


def test_a_new_revision_is_a_new_message_and_moves_the_same_calendar_entry_on(house: House, post: Any, mailbox: Mailbox):
    house.send(post)
    house.built(house.drafts[0], "Neuer Saal")
    moved = {"M-002": makers.meeting(place="Neuer Saal")}
    outcome = house.send(post, meetings=moved, held=dict.fromkeys([paper.key for paper in house.drafts[1:]], "nicht freigegeben"))
    assert keys(outcome.sent) == ["P-001"]
    first, last = mailbox.got[0][1], mailbox.got[-1][1]
    assert "SEQUENCE:0" in calendar(first)
    assert "SEQUENCE:1" in calendar(last)
    assert email.message_from_bytes(first)["Message-ID"] != email.message_from_bytes(last)["Message-ID"]


def test_a_frozen_letter_that_was_overtaken_is_withdrawn_and_only_the_new_one_leaves(house: House, post: Any, mailbox: Mailbox):
    with pytest.raises(Unreachable):
        house.send(_Closed(at=0))
    house.built(house.drafts[0], "Neuer Saal")
    assert house.send(post).complete
    assert len(mailbox.got) == 3
    assert [row.state for row in house.ledger.messages() if row.key.endswith("P-001")] == ["withdrawn", "sent"]


def calendar(data: bytes) -> str:
    message = email.message_from_bytes(data, policy=email.policy.default)
    return next(part.get_content() for part in message.walk() if part.get_content_type() == "text/calendar")


# never to the wrong one


def test_a_letter_made_for_another_stops_the_whole_run_before_the_first_message(house: House, post: Any, mailbox: Mailbox):
    house.built(replace(house.drafts[1], key="invitation/M-002/P-009"))
    house.released[house.drafts[1].key] = replace(house.released.pop("invitation/M-002/P-009"), key=house.drafts[1].key)
    with pytest.raises(WrongRecipient, match="der Anhang gehört zu invitation/M-002/P-009"):
        house.send(post)
    assert (mailbox.got, house.states, list((house.workspace.outputs / "outbox").rglob("*.eml"))) == ([], {}, [])


@pytest.mark.parametrize("sentence", ["Es kommt auch Frau Dr. Mia Übelacker.", "Antwort an ue@haus.example", "Guten Tag Kim Adler"])
def test_another_recipients_name_or_address_in_the_text_stops_the_run(house: House, post: Any, mailbox: Mailbox, sentence: str):
    text = house.workspace.templates / "mail" / "invitation.txt"
    words = text.read_text("utf-8").replace("Mit freundlichen", "{% if 'Muster' in recipient.name %}" + sentence + "{% endif %}\n\nMit freundlichen")
    text.write_text(words, "utf-8")
    with pytest.raises(WrongRecipient, match="im Text steht"):
        house.send(post)
    assert mailbox.got == []


def test_a_stranger_is_found_among_people_who_share_a_surname(house: House, post: Any, mailbox: Mailbox):
    house.add(recipient(makers.person("P-004", title="", first_name="Eva", last_name="von der Muster", email="eva@haus.example")))
    text = house.workspace.templates / "mail" / "invitation.txt"
    words = text.read_text("utf-8")
    stranger = "{% if 'Mia Muster' in recipient.name %}Nicht Frau Dr. Mia Muster, sondern Eva von der Muster kommt.{% endif %}\n\nMit freundlichen"
    text.write_text(words.replace("Mit freundlichen", stranger), "utf-8")
    with pytest.raises(WrongRecipient, match=r"P-001: im Text steht ein fremder Name"):
        house.send(post)
    assert mailbox.got == []
    text.write_text(words.replace("Mit freundlichen", stranger.replace("Eva von der Muster", "die von der Muster GmbH")), "utf-8")
    assert house.send(post).complete


def test_a_contact_named_in_everybodys_message_is_no_stranger(house: House, post: Any):
    meeting = makers.meeting(agenda=("Begrüßung durch Dr. Mia Übelacker",))
    assert house.send(post, meetings={"M-002": meeting}).complete


def test_two_people_with_one_address_get_two_messages_with_two_names(house: House, post: Any, mailbox: Mailbox):
    house.add(recipient(makers.person("P-004", last_name="Zweite", email="UE@haus.example")))
    assert house.send(post).complete
    names = [str(email.message_from_bytes(data, policy=email.policy.default)["to"]) for _, data in mailbox.got]
    assert sorted(name.split(" <")[0] for name in names) == [
        '"Frau Dr. Mia Muster"', '"Frau Dr. Mia Zweite"', '"Frau Dr. Mia Übelacker"', "Kim Adler"]


def test_a_letter_changed_after_building_is_not_sent(house: House, post: Any):
    (house.workspace.root / house.released[house.drafts[0].key].pdf).write_bytes(b"%PDF-1.7 anders key=invitation/M-002/P-001")
    with pytest.raises(ChangedAfterBuilding):
        house.send(post)


def test_a_frozen_message_that_is_gone_is_refused_and_the_others_leave(house: House, post: Any, mailbox: Mailbox):
    with pytest.raises(Unreachable):
        house.send(_Closed(at=0))
    (house.workspace.root / house.ledger.messages()[0].path).unlink()
    outcome = house.send(post)
    assert (keys(outcome.failed), keys(outcome.sent), len(mailbox.got)) == (["P-001"], ["P-002", "P-003"], 2)
    assert "fehlt" in outcome.failed[0].reason


@pytest.mark.parametrize("head", [b"From: <a@x.example>\r\n", b"From: <a@x.example>\r\nTo: <b@x.example>\r\nTo: <c@x.example>\r\n",
                                  b"To: <b@x.example>\r\n", b""])
def test_a_file_that_does_not_name_one_sender_and_one_recipient_is_no_message(head: bytes):
    with pytest.raises(NotAsFrozen, match="nennt nicht genau einen Absender und einen Empfänger"):
        outgoing("1@x.example", Path("x.eml"), head + b"\r\nTo: <d@x.example>\r\n")


def test_a_frozen_message_changed_by_hand_is_refused(house: House, post: Any, mailbox: Mailbox):
    with pytest.raises(Unreachable):
        house.send(_Closed(at=0))
    path = house.workspace.root / house.ledger.messages()[0].path
    path.write_bytes(path.read_bytes().replace(b"mia.muster@", b"otto.other@"))
    outcome = house.send(post)
    assert keys(outcome.failed) == ["P-001"]
    assert "wurde nach dem Einfrieren verändert" in outcome.failed[0].reason
    assert len(mailbox.got) == 2


@pytest.mark.parametrize(("only", "sent"), [(("haus.example",), ["P-002"]), (("KIM@straße.example",), ["P-003"]), (("",), []), (("x",), [])])
def test_the_list_of_allowed_recipients_holds_back_all_others(house: House, post: Any, only: tuple[str, ...], sent: list[str]):
    house.settings(only=only)
    outcome = house.send(post)
    assert keys(outcome.sent) == sent
    assert {note.reason for note in outcome.held} == {"Empfänger steht nicht auf der Liste der erlaubten (mail.only)"}


def test_the_list_holds_for_messages_frozen_before_it_was_made(house: House, post: Any, mailbox: Mailbox):
    with pytest.raises(Unreachable):
        house.send(_Closed(at=0))
    house.settings(only=("haus.example",))
    house.send(post)
    assert mailbox.recipients == ["ue@haus.example"]


def test_a_trial_goes_to_one_address_and_leaves_no_trace(house: House, post: Any, mailbox: Mailbox):
    assert len(house.send(post, redirect="ich@stadt.example").sent) == 3
    assert (mailbox.recipients, house.states) == (["ich@stadt.example"] * 3, {})
    assert house.send(post).complete
    assert len(mailbox.got) == 6


def test_the_same_letters_are_frozen_to_the_same_bytes(house: House):
    copy = house.workspace.root / "copy.sqlite"      # the ledger keeps the secret from which UIDs are made
    house.ledger.backup(copy)
    house.send(outbox(house))
    first = {path: path.read_bytes() for path in (house.workspace.outputs / "outbox").rglob("*.eml")}
    house.ledger.close()
    copy.replace(house.ledger.path)
    with Ledger(house.ledger.path) as house.ledger:
        house.send(outbox(house))
    assert {path: path.read_bytes() for path in (house.workspace.outputs / "outbox").rglob("*.eml")} == first


def test_a_trial_to_an_address_that_is_not_allowed_sends_nothing(house: House, post: Any, mailbox: Mailbox):
    house.settings(only=("stadt.example",))
    outcome = house.send(post, redirect="ich@anders.example")
    assert (mailbox.got, len(outcome.held)) == ([], 3)
    assert len(house.send(post, redirect="ich@stadt.example").sent) == 3


# the disk


class Filling(Dying):
    """A post after whose first message not one more byte can be written to the journal."""

    def __init__(self, journal: Path) -> None:
        super().__init__(at=0)
        self.journal = journal

    def deliver(self, message: Outgoing, go: Go) -> Receipt:
        go()
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.journal.stat().st_size, resource.RLIM_INFINITY))
        return Receipt("250")


def test_a_disk_full_in_the_journal_stops_the_run_and_what_was_on_the_way_is_unknown(house: House, post: Any, mailbox: Mailbox):
    path = house.ledger.path
    house.ledger.close()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with Ledger(path) as house.ledger:
                house.send(Filling(path.with_name("ledger.sqlite-wal")))
        except LedgerUnreadable:
            code = 5
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
    with Ledger(path) as house.ledger:
        assert house.states == {"P-001": "sending", "P-002": "claimed", "P-003": "claimed"}
        outcome = house.send(post)
        assert (keys(outcome.unknown), keys(outcome.sent), len(mailbox.got)) == (["P-001"], ["P-002", "P-003"], 2)


class FillingSmtp(Smtp):
    """The same with a real server: what the next message is noted with finds no room while it is on its way."""

    def deliver(self, message: Outgoing, go: Go) -> Receipt:
        receipt = super().deliver(message, go)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        return receipt


def test_a_disk_full_while_a_message_is_on_its_way_keeps_it_from_arriving(house: House, post: Any, mailbox: Mailbox):
    path = house.ledger.path
    house.ledger.close()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            with Ledger(path) as house.ledger:
                house.send(FillingSmtp(post.server))
        except LedgerUnreadable:
            code = 5
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
    assert mailbox.recipients == ["mia.muster@brueckner.example"]
    with Ledger(path) as house.ledger:
        outcome = house.send(post)
        assert (keys(outcome.unknown), keys(outcome.sent), len(mailbox.got)) == (["P-001"], ["P-002", "P-003"], 3)


def test_a_disk_full_while_freezing_sends_nothing_and_leaves_no_file(house: House, post: Any, mailbox: Mailbox):
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    try:
        with pytest.raises(OSError, match="File too large"):
            house.send(post)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert (mailbox.got, house.states, list((house.workspace.outputs / "outbox").rglob("*.eml"))) == ([], {}, [])
