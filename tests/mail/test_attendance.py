"""Who comes, who does not, who has not answered – and who is reminded of it."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from pipeline.ledger import AnswerRow
from pipeline.mail.attendance import Attendance, NotInvited, Stand, attendance, by_word, due
from pipeline.mail.smtp import Smtp
from tests import makers
from tests.mail.conftest import NOW, House, Mailbox, recipient
from tests.mail.test_calendar_life import MOVED, entry, invited, keys, part, read, rebuilt

__all__ = ["invited"]      # the fixture

DAY = NOW.date()


def answer(house: House, person: str, what: str, *, sequence: int = 0, at: str = "2017-05-05T08:00:00Z", **changes: Any) -> bool:
    values: dict[str, Any] = {"source": f"{person}-{what}-{at}@haus.example", "key": f"invitation/M-002/{person}", "uid": "", "attendee_sha256": "",
                              "answer": what, "sequence": sequence, "received_at": at, "from_sha256": ""}
    return house.ledger.answer(AnswerRow(**values | changes), NOW)


def seen(house: House, meeting: Any = None) -> Attendance:
    return attendance(meeting or makers.meeting(), house.drafts, house.ledger)


def stands(house: House, meeting: Any = None) -> dict[str, str]:
    return {guest.key[-5:]: str(guest.stand) for guest in seen(house, meeting).guests}


def reminded(house: House, post: Smtp, days: int, after: int = 7, **changes: Any) -> Any:
    """One run of reminders, so many days after the invitation."""
    found = seen(house, changes.get("meetings", {}).get("M-002"))
    numbers = due(found, DAY + dt.timedelta(days=days), after)
    later = house.run(post, clock=lambda: NOW + dt.timedelta(days=days))
    from pipeline.mail.send import send
    return send(house.mailing(reminding=lambda draft: numbers.get(draft.key, 0), **changes), later)


# who comes


def test_everybody_invited_stands_somewhere(invited: House):
    answer(invited, "P-001", "accepted")
    answer(invited, "P-002", "counter", proposed="2017-06-21T16:00")
    invited.add(recipient(makers.person("P-004", email="neu@haus.example")))
    assert stands(invited) == {"P-001": "accepted", "P-002": "counter", "P-003": "open", "P-004": "untold"}
    assert seen(invited).counts == {"accepted": 1, "declined": 0, "tentative": 0, "counter": 1, "open": 1, "untold": 1}
    assert [guest.proposed for guest in seen(invited).of(Stand.COUNTER)] == ["2017-06-21T16:00"]


def test_of_two_answers_the_later_counts_and_both_are_kept(invited: House):
    answer(invited, "P-001", "declined", at="2017-05-06T08:00:00Z")
    answer(invited, "P-001", "accepted", at="2017-05-05T08:00:00Z")      # read later, received earlier
    assert stands(invited)["P-001"] == "declined"
    assert [row.answer for row in invited.ledger.answers()["invitation/M-002/P-001"]] == ["accepted", "declined"]


def test_the_same_mail_read_twice_is_one_answer(invited: House):
    assert (answer(invited, "P-001", "accepted"), answer(invited, "P-001", "accepted")) == (True, False)
    assert len(invited.ledger.answers()["invitation/M-002/P-001"]) == 1


def test_an_answer_to_the_old_day_is_shown_and_does_not_count(invited: House, post: Smtp):
    answer(invited, "P-001", "accepted")
    invited.send(post, **rebuilt(invited))
    answer(invited, "P-002", "accepted", at="2017-05-07T08:00:00Z")        # on its way while the meeting was moved
    answer(invited, "P-003", "declined", sequence=1)
    assert stands(invited, MOVED) == {"P-001": "open", "P-002": "open", "P-003": "declined"}
    assert [guest.earlier for guest in seen(invited, MOVED).guests] == ["accepted", "accepted", ""]


def test_while_the_change_is_not_sent_nobody_has_answered_it(invited: House):
    answer(invited, "P-001", "accepted")
    assert set(stands(invited, MOVED).values()) == {"untold"}


def test_an_answer_with_a_foreign_uid_does_not_count(invited: House):
    answer(invited, "P-001", "accepted", uid="M-002@stadt.example")
    assert stands(invited)["P-001"] == "open"


def test_another_agenda_leaves_the_answers_as_they_are(invited: House, post: Smtp):
    answer(invited, "P-001", "accepted")
    changed = makers.meeting(agenda=("Haushalt",))
    for paper in invited.drafts:
        invited.built(paper, "Andere Tagesordnung")
    invited.send(post, meetings={"M-002": changed})
    assert stands(invited, changed)["P-001"] == "accepted"


def test_the_answer_of_the_one_who_had_the_seat_before_is_not_the_successors(invited: House, post: Smtp):
    from tests.mail.conftest import draft
    answer(invited, "P-001", "accepted")
    invited.drafts[0] = draft(recipient(makers.person("P-001", first_name="Nele", last_name="Neu", email="neu@haus.example")))
    invited.built(invited.drafts[0], "Liebe Frau Neu")
    assert stands(invited)["P-001"] == "untold"
    invited.send(post)
    assert stands(invited)["P-001"] == "open"


def test_an_answer_by_telephone_counts_like_any_other(invited: House):
    by_word(seen(invited), invited.ledger, "P-002", Stand.ACCEPTED, NOW)
    by_word(seen(invited), invited.ledger, "P-002", Stand.DECLINED, NOW + dt.timedelta(minutes=1))
    assert stands(invited)["P-002"] == "declined"
    with pytest.raises(NotInvited, match="P-077 ist zu M-002 nicht eingeladen"):
        by_word(seen(invited), invited.ledger, "P-077", Stand.ACCEPTED, NOW)


def test_who_was_invited_on_paper_is_open_and_answers_by_telephone(invited: House):
    invited.add(recipient(makers.person("P-009", email="")))
    row = replace(invited.ledger.messages()[0], id="paper@stadt.example", key="invitation/M-002/P-009", state="frozen")
    invited.ledger.frozen([row], NOW)
    invited.ledger.settle(row.id, "posted", NOW)
    guest = seen(invited).guests[-1]
    assert (guest.stand, guest.on_paper) == (Stand.OPEN, True)
    assert guest.key not in due(seen(invited), DAY + dt.timedelta(days=30), 7)
    by_word(seen(invited), invited.ledger, "P-009", Stand.ACCEPTED, NOW)
    assert stands(invited)["P-009"] == "accepted"


def test_who_answers_by_telephone_before_the_invitation_has_answered(house: House):
    by_word(seen(house), house.ledger, "P-001", Stand.ACCEPTED, NOW)
    assert stands(house) == {"P-001": "accepted", "P-002": "untold", "P-003": "untold"}


# who is reminded


def test_only_those_without_an_answer_are_reminded(invited: House, post: Smtp, mailbox: Mailbox):
    answer(invited, "P-001", "accepted")
    answer(invited, "P-002", "tentative")
    assert keys(reminded(invited, post, 7).sent) == ["P-003"]
    [(who, data)] = mailbox.got
    assert who == "kim@xn--strae-oqa.example"
    assert read(data)["subject"] == "Erinnerung: Erstes Treffen des Expertenteams Energie am 20. Juni 2017"
    found = entry(data)
    assert (found["method"], found["sequence"]) == ("REQUEST", 0)
    assert "noch keine Antwort" in part(data, "text/plain")
    assert "noch keine Antwort" in part(data, "text/html")


def test_nobody_is_reminded_too_early_or_twice_on_a_day(invited: House, post: Smtp, mailbox: Mailbox):
    assert reminded(invited, post, 6).sent == ()
    assert len(reminded(invited, post, 7).sent) == 3
    assert reminded(invited, post, 7, after=1).sent == ()
    assert reminded(invited, post, 13).sent == ()
    assert len(mailbox.got) == 3


def test_reminders_are_numbered_and_start_again_when_the_meeting_moves(invited: House, post: Smtp, mailbox: Mailbox):
    reminded(invited, post, 7)
    reminded(invited, post, 14)
    assert {read(data)["subject"].partition(":")[0] for _, data in mailbox.got} == {"Erinnerung", "2. Erinnerung"}
    assert {guest.reminders for guest in seen(invited).guests} == {2}
    moved = rebuilt(invited)
    invited.send(post, **moved)
    assert {guest.reminders for guest in seen(invited, MOVED).guests} == {0}
    mailbox.got.clear()
    reminded(invited, post, 30, **moved)
    assert {read(data)["subject"].partition(":")[0] for _, data in mailbox.got} == {"Erinnerung"}
    assert {entry(data)["sequence"] for _, data in mailbox.got} == {1}


def test_who_does_not_know_the_present_state_is_not_reminded_of_it(invited: House, post: Smtp, mailbox: Mailbox):
    assert due(seen(invited, MOVED), DAY + dt.timedelta(days=30), 7) == {}


def test_a_reminder_put_off_goes_with_the_next_run_as_the_same_message(invited: House, post: Smtp, mailbox: Mailbox):
    mailbox.refuse = {"ue@haus.example": "450 später"}
    assert keys(reminded(invited, post, 7).deferred) == ["P-002"]
    mailbox.refuse = {}
    assert keys(reminded(invited, post, 8).sent) == ["P-002"]
    assert len([row for row in invited.ledger.messages() if row.key.endswith("P-002")]) == 2


def test_a_reminder_leaves_the_invitation_as_sent_and_a_letter_waiting_stays_waiting(invited: House, post: Smtp, mailbox: Mailbox):
    reminded(invited, post, 7)
    assert len(invited.send(post).already) == 3
    mailbox.refuse = dict.fromkeys(("mia.muster@brueckner.example", "ue@haus.example", "kim@xn--strae-oqa.example"), "450 später")
    moved = rebuilt(invited)
    invited.send(post, **moved)
    mailbox.refuse = {}
    mailbox.got.clear()
    reminded(invited, post, 20, **moved)
    assert {row.state for row in invited.ledger.messages()} == {"sent", "deferred"}
    assert len(invited.send(post, **moved).sent) == 3
