"""The life of a calendar entry: invited, moved, taken back – each person told once, and nobody else."""

import datetime as dt
import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from icalendar import Calendar

from pipeline.ledger import AnswerRow, personal
from pipeline.mail.holding import changes, recalled, said
from pipeline.mail.post import Folder
from pipeline.mail.sheet import plan, sheet
from pipeline.mail.smtp import Smtp
from pipeline.mail.texts import NoChanges
from pipeline.papers.draft import Recipient
from pipeline.records import Meeting, MeetingStatus
from tests import makers
from tests.mail.conftest import NOW, House, Mailbox, draft, recipient, served
from tests.mail.servers import office

BERLIN = ZoneInfo("Europe/Berlin")
MOVED = makers.meeting(date=dt.date(2017, 6, 21), start=dt.time(15), end=dt.time(17), place="Kammer, Saal 1")
OFF = makers.meeting(status=MeetingStatus.CANCELLED)
NEW = recipient(makers.person("P-004", first_name="Nele", last_name="Neu", email="neu@haus.example"))


def read(data: bytes) -> EmailMessage:
    found = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    assert not [defect for part in found.walk() for defect in part.defects]
    return found


def part(data: bytes, kind: str) -> Any:
    return next(part.get_content() for part in read(data).walk() if part.get_content_type() == kind)


def entry(data: bytes) -> dict[str, Any]:
    """A calendar entry as two libraries read it, who must agree."""
    text = part(data, "text/calendar")
    mine, other = Calendar.from_ical(text), vobject.readOne(text)
    [event] = mine.walk("VEVENT")
    [line] = [part for part in read(data).walk() if part.get_content_type() == "text/calendar"]
    found = {"method": str(mine["METHOD"]), "uid": str(event["UID"]), "sequence": int(event["SEQUENCE"]), "start": event["DTSTART"].dt,
             "status": str(event["STATUS"]), "attendee": str(event["ATTENDEE"])}
    assert line.get_param("method") == found["method"]
    assert {"method": other.method.value, "uid": other.vevent.uid.value, "sequence": int(other.vevent.sequence.value),
            "start": other.vevent.dtstart.value, "status": other.vevent.status.value, "attendee": other.vevent.attendee.value} == found
    assert str(event["DTSTART"].dt.utcoffset()) == str(other.vevent.dtstart.value.utcoffset())
    return found


def keys(notes: Any) -> list[str]:
    return [note.key.rpartition("/")[2] for note in notes]


@pytest.fixture
def invited(house: House, post: Smtp, mailbox: Mailbox) -> House:
    """Three people who hold the entry of M-002."""
    assert house.send(post).complete
    mailbox.got.clear()
    return house


def rebuilt(house: House, meeting: Meeting = MOVED) -> dict[str, Any]:
    """All letters built and released anew, after a change of the meeting."""
    for paper in house.drafts:
        house.built(paper, f"Stand {meeting.date} {meeting.start} {meeting.place}")
    return {"meetings": {"M-002": meeting}}


# moved


def test_a_moved_meeting_updates_the_entry_of_those_who_were_invited(invited: House, post: Smtp, mailbox: Mailbox):
    [first, *_] = invited.ledger.entries()
    outcome = invited.send(post, **rebuilt(invited))
    assert (len(outcome.sent), len(mailbox.got)) == (3, 3)
    for _, data in mailbox.got:
        found = entry(data)
        assert (found["method"], found["sequence"], found["uid"], found["status"]) == ("REQUEST", 1, first.uid, "CONFIRMED")
        assert found["start"] == dt.datetime(2017, 6, 21, 15, tzinfo=BERLIN)
    assert {row.sequence for row in invited.ledger.held().values()} == {1}
    assert keys(invited.send(post, **rebuilt(invited)).already) == ["P-001", "P-002", "P-003"]
    assert len(mailbox.got) == 3


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_the_mail_says_what_was_and_what_is(invited: House, post: Smtp, mailbox: Mailbox, kind: str):
    invited.send(post, **rebuilt(invited))
    text = part(mailbox.got[0][1], kind).replace("\xa0", " ")
    assert read(mailbox.got[0][1])["subject"].startswith("Änderung: Erstes Treffen")
    for words in ("hat sich etwas geändert", "bisher", "jetzt", "Dienstag, 20. Juni 2017", "Mittwoch, 21. Juni 2017", "14:00 bis 16:00 Uhr",
                  "15:00 bis 17:00 Uhr", "Rathaus, Saal Hanse", "Kammer, Saal 1"):
        assert words in text
    assert "herzlich ein" not in text


def test_an_unchanged_meeting_sends_nothing(invited: House, post: Smtp, mailbox: Mailbox):
    outcome = invited.send(post)
    assert (keys(outcome.sent), keys(outcome.already), mailbox.got) == ([], ["P-001", "P-002", "P-003"], [])


def test_who_comes_later_gets_the_present_state_and_the_others_nothing(invited: House, post: Smtp, mailbox: Mailbox):
    invited.send(post, **rebuilt(invited))
    mailbox.got.clear()
    invited.add(NEW)
    assert keys(invited.send(post, meetings={"M-002": MOVED}).sent) == ["P-004"]
    found = entry(mailbox.got[0][1])
    assert (found["sequence"], found["start"].hour) == (1, 15)
    assert read(mailbox.got[0][1])["subject"].startswith("Einladung: ")


def test_an_update_is_released_like_the_invitation_or_stays(invited: House, post: Smtp, mailbox: Mailbox):
    moved = rebuilt(invited)
    invited.released.clear()
    outcome = invited.send(post, **moved)
    assert (len(outcome.held), mailbox.got) == (3, [])


def test_a_meeting_moved_there_and_back_is_told_each_time(invited: House, post: Smtp, mailbox: Mailbox):
    papers = dict(invited.released)
    files = {paper.stem: (invited.workspace.outputs / "invitation" / f"{paper.stem}.pdf").read_bytes() for paper in invited.drafts}
    invited.send(post, **rebuilt(invited))
    invited.released = papers           # the very bytes of the first letter
    for stem, data in files.items():
        (invited.workspace.outputs / "invitation" / f"{stem}.pdf").write_bytes(data)
    mailbox.got.clear()
    assert len(invited.send(post).sent) == 3
    assert {entry(data)["sequence"] for _, data in mailbox.got} == {2}
    assert entry(mailbox.got[0][1])["start"].day == 20


def test_another_agenda_changes_the_entry_but_asks_for_no_new_answer(invited: House, post: Smtp, mailbox: Mailbox):
    changed = makers.meeting(agenda=("Begrüßung", "Haushalt"))
    for paper in invited.drafts:
        invited.built(paper, "Andere Tagesordnung")
    assert len(invited.send(post, meetings={"M-002": changed}).sent) == 3
    assert {entry(data)["sequence"] for _, data in mailbox.got} == {0}
    text = part(mailbox.got[0][1], "text/plain")
    assert "Tagesordnung: neu gefasst, siehe unten" in text
    assert "2. Haushalt" in text


def test_a_letter_in_a_new_look_says_that_day_and_place_stay(invited: House, post: Smtp, mailbox: Mailbox):
    for paper in invited.drafts:
        invited.built(paper, "Neuer Briefkopf")
    assert len(invited.send(post).sent) == 3
    assert {entry(data)["sequence"] for _, data in mailbox.got} == {0}
    assert "in neuer Fassung. Tag, Zeit und Ort bleiben" in part(mailbox.got[0][1], "text/plain")


def test_an_interrupted_update_goes_on_with_the_same_sequence(invited: House, post: Smtp, mailbox: Mailbox):
    moved = rebuilt(invited)
    mailbox.refuse = {"ue@haus.example": "450 später"}
    invited.send(post, **moved)
    mailbox.refuse = {}
    invited.send(post, **moved)
    assert sorted(entry(data)["sequence"] for _, data in mailbox.got) == [1, 1, 1]


def test_who_missed_one_change_gets_the_next_with_everybodys_sequence(invited: House, post: Smtp, mailbox: Mailbox):
    moved = rebuilt(invited)
    late = invited.drafts[2].key
    invited.send(post, held={late: "nicht freigegeben"}, **moved)
    last = makers.meeting(start=dt.time(18), end=dt.time(19))
    invited.send(post, **rebuilt(invited, last))
    assert {row.sequence for row in invited.ledger.held().values()} == {2}
    assert "14:00 bis 16:00" in part(mailbox.got[-1][1], "text/plain")       # what this person knew


def test_the_update_goes_to_the_new_address_and_the_old_one_hears_nothing(invited: House, post: Smtp, mailbox: Mailbox):
    invited.drafts[0] = draft(replace(invited.drafts[0].recipient, email="mia@neu.example"))
    moved = rebuilt(invited)
    seen = sheet(invited.mailing(**moved), invited.ledger, now=NOW)
    assert [sample.key[-5:] for sample in seen.unusual if "an die alte geht nichts mehr" in sample.reason] == ["P-001"]
    invited.send(post, **moved)
    assert "mia@neu.example" in mailbox.recipients
    assert "mia.muster@brueckner.example" not in mailbox.recipients
    assert entry(mailbox.got[mailbox.recipients.index("mia@neu.example")][1])["sequence"] == 1


def test_a_new_address_alone_sends_nothing(invited: House, post: Smtp, mailbox: Mailbox):
    invited.drafts[0] = draft(replace(invited.drafts[0].recipient, email="mia@neu.example"))
    assert invited.send(post).complete
    assert mailbox.got == []


def test_a_text_that_does_not_tell_changes_sends_none(invited: House, post: Smtp, mailbox: Mailbox):
    path = invited.workspace.templates / "mail" / "invitation.txt"
    path.write_text("Betreff: {{ meeting.title }}\n\n{{ recipient.salutation }}, kommen Sie.\n", "utf-8")
    with pytest.raises(NoChanges, match=r"invitation\.txt sagt nicht, was sich geändert hat"):
        invited.send(post, **rebuilt(invited))
    assert mailbox.got == []


# taken back


def gone(house: House, number: int = 0) -> Recipient:
    """One person is not invited any more."""
    paper = house.drafts.pop(number)
    del house.released[paper.key]
    assert paper.recipient is not None
    return paper.recipient


def test_a_cancelled_meeting_leaves_all_calendars_and_nobody_is_told_twice(invited: House, post: Smtp, mailbox: Mailbox):
    invited.drafts.clear()
    seen = plan(invited.mailing(meetings={"M-002": OFF}), invited.ledger)
    assert (seen.number, len(seen.cancellations)) == (3, 3)
    outcome = invited.send(post, confirmed=3, meetings={"M-002": OFF})
    assert (len(outcome.sent), sorted(mailbox.recipients)) == (3, ["kim@xn--strae-oqa.example", "mia.muster@brueckner.example", "ue@haus.example"])
    for _, data in mailbox.got:
        found = entry(data)
        assert (found["method"], found["sequence"], found["status"]) == ("CANCEL", 1, "CANCELLED")
        assert found["start"] == dt.datetime(2017, 6, 20, 14, tzinfo=BERLIN)
        assert "application/pdf" not in [part.get_content_type() for part in read(data).walk()]
    assert invited.send(post, meetings={"M-002": OFF}).complete
    assert len(mailbox.got) == 3


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_a_cancellation_says_what_is_off(invited: House, post: Smtp, mailbox: Mailbox, kind: str):
    invited.drafts.clear()
    invited.send(post, meetings={"M-002": OFF})
    data = mailbox.got[0][1]
    text = " ".join(part(data, kind).replace("\xa0", " ").replace("<strong>", "").replace("</strong>", "").split())
    assert read(data)["subject"] == "Absage: Erstes Treffen des Expertenteams Energie am 20. Juni 2017"
    for words in ("findet die folgende Sitzung, zu der wir Sie eingeladen haben, nicht statt", "Dienstag, 20. Juni 2017",
                  "Sitzung: bisher angesetzt → jetzt abgesagt", "Rathaus, Saal Hanse"):
        assert words in text


def test_who_is_not_invited_any_more_is_told_alone(invited: House, post: Smtp, mailbox: Mailbox):
    gone(invited)
    assert keys(invited.send(post).sent) == ["P-001"]
    assert mailbox.recipients == ["mia.muster@brueckner.example"]
    text = part(mailbox.got[0][1], "text/plain")
    assert "Guten Tag Frau Dr. Mia Muster," in text
    assert "gilt für Sie nicht mehr; die Sitzung selbst ist davon nicht berührt" in text
    assert keys(invited.send(post).sent) == []


def test_who_still_stands_in_the_tables_is_told_with_their_salutation(invited: House, post: Smtp, mailbox: Mailbox):
    person = gone(invited)
    invited.send(post, known={person.key: person})
    assert "Sehr geehrte Frau Dr. Muster," in part(mailbox.got[0][1], "text/plain")


def test_a_body_that_is_dissolved_with_its_meeting_leaves_the_calendars(invited: House, post: Smtp, mailbox: Mailbox):
    invited.drafts.clear()
    assert len(invited.send(post, meetings={"M-005": makers.meeting("M-005")}).sent) == 3
    assert {entry(data)["method"] for _, data in mailbox.got} == {"CANCEL"}


def test_a_removed_person_who_was_invited_to_a_moved_meeting_gets_the_entry_they_hold_back(invited: House, post: Smtp, mailbox: Mailbox):
    invited.send(post, **rebuilt(invited))
    mailbox.got.clear()
    gone(invited)
    invited.send(post, meetings={"M-002": MOVED})
    found = entry(mailbox.got[0][1])
    assert (found["sequence"], found["start"].day) == (2, 21)


def test_with_errors_in_the_tables_nobody_is_uninvited(invited: House, post: Smtp, mailbox: Mailbox):
    gone(invited)
    outcome = invited.send(post, doubt="In den Tabellen sind noch Fehler")
    assert (mailbox.got, [note.reason for note in outcome.held]) == ([], ["In den Tabellen sind noch Fehler"])


def test_a_meeting_that_is_over_is_not_taken_back(invited: House, post: Smtp, mailbox: Mailbox):
    invited.drafts.clear()
    later = invited.workspace.settings.alliance.model_copy(update={"date": dt.date(2017, 7, 1)})
    invited.workspace = replace(invited.workspace, settings=invited.workspace.settings.model_copy(update={"alliance": later}))
    assert invited.send(post, meetings={}).complete
    assert mailbox.got == []


def test_a_meeting_that_is_held_after_all_returns_to_the_calendars(invited: House, post: Smtp, mailbox: Mailbox):
    papers = list(invited.drafts)
    invited.drafts.clear()
    invited.send(post, meetings={"M-002": OFF})
    mailbox.got.clear()
    invited.drafts.extend(papers)
    assert len(invited.send(post).sent) == 3
    found = entry(mailbox.got[0][1])
    assert (found["method"], found["sequence"], found["status"]) == ("REQUEST", 2, "CONFIRMED")
    assert "Einladung: bisher aufgehoben → jetzt gilt wieder" in part(mailbox.got[0][1], "text/plain")


def test_a_person_replaced_by_another_in_the_same_seat(invited: House, post: Smtp, mailbox: Mailbox):
    gone(invited)
    invited.add(recipient(makers.person("P-001-2", first_name="Nele", last_name="Neu", email="neu@haus.example")))
    assert sorted(keys(invited.send(post).sent)) == ["P-001", "P-001-2"]
    found = [(who, entry(data)["method"]) for who, data in mailbox.got]
    assert found == [("mia.muster@brueckner.example", "CANCEL"), ("neu@haus.example", "REQUEST")]


def test_another_person_in_the_partners_row_gets_the_seat_and_the_former_a_cancellation(invited: House, post: Smtp, mailbox: Mailbox):
    person = makers.person("P-001", first_name="Nele", last_name="Neu", email="neu@haus.example")
    invited.drafts[0] = draft(recipient(person))
    invited.built(invited.drafts[0], "Liebe Frau Neu")
    assert invited.send(post).complete
    found = [(who, entry(data)["method"], entry(data)["sequence"]) for who, data in mailbox.got]
    assert found == [("mia.muster@brueckner.example", "CANCEL", 1), ("neu@haus.example", "REQUEST", 1)]
    assert "Änderung" not in read(mailbox.got[1][1])["subject"]
    assert invited.ledger.held()["invitation/M-002/P-001"].name_sha256 == personal("Frau Dr. Nele Neu")
    assert invited.send(post).complete
    assert len(mailbox.got) == 2


def test_a_new_surname_at_the_same_address_is_the_same_person(invited: House, post: Smtp, mailbox: Mailbox):
    person = makers.person("P-001", last_name="Muster-Neu")
    invited.drafts[0] = draft(recipient(person))
    invited.built(invited.drafts[0], "Neuer Name")
    invited.send(post)
    assert [(who, entry(data)["method"]) for who, data in mailbox.got] == [("mia.muster@brueckner.example", "REQUEST")]
    mailbox.got.clear()
    gone(invited)
    invited.send(post)
    assert [(who, entry(data)["method"]) for who, data in mailbox.got] == [("mia.muster@brueckner.example", "CANCEL")]


def test_who_never_got_the_invitation_gets_no_cancellation_and_the_frozen_letter_is_withdrawn(house: House, mailbox: Mailbox):
    with served(mailbox) as server:
        mailbox.refuse = dict.fromkeys(("mia.muster@brueckner.example", "ue@haus.example", "kim@xn--strae-oqa.example"), "450 später")
        house.send(Smtp(server))
        house.drafts.clear()
        mailbox.refuse = {}
        house.send(Smtp(server), meetings={"M-002": OFF})
    assert mailbox.got == []
    assert {(row.state, row.reply) for row in house.ledger.messages()} == {("withdrawn", "nicht mehr eingeladen")}


def test_a_printed_invitation_is_taken_back_by_hand(invited: House, post: Smtp):
    row = replace(invited.ledger.messages()[0], id="paper@stadt.example", key="invitation/M-002/P-009", state="frozen")
    invited.ledger.frozen([row], NOW)
    invited.ledger.settle(row.id, "printed", NOW)
    invited.drafts.clear()
    outcome = invited.send(post, meetings={"M-002": OFF})
    assert keys(outcome.by_hand) == ["P-009"]
    assert "per Brief oder Telefon" in outcome.by_hand[0].reason


def test_a_refused_cancellation_is_left_to_a_person(invited: House, post: Smtp, mailbox: Mailbox):
    invited.drafts.clear()
    mailbox.refuse = {"ue@haus.example": "550 unbekannt"}
    first = invited.send(post, meetings={"M-002": OFF})
    assert keys(first.failed) == ["P-002"]
    assert [note.reason[:32] for note in invited.send(post, meetings={"M-002": OFF}).by_hand] == ["Absage nicht zugestellt, bitte a"]


def test_answers_to_the_old_day_do_not_count_for_the_new_one(invited: House, post: Smtp):
    invited.send(post, **rebuilt(invited))
    key = "invitation/M-002/P-001"
    late = AnswerRow(source="1@haus.example", key=key, uid="", attendee_sha256="", answer="accepted", sequence=0,
                     received_at="2017-05-05T08:00:00Z", from_sha256="")
    assert invited.ledger.answer(late, NOW)
    assert not invited.ledger.answer(late, NOW)
    assert [row.sequence for row in invited.ledger.answers()[key]] == [0]
    assert invited.ledger.held()[key].sequence == 1


# the clock


@pytest.mark.parametrize(("day", "begin", "end", "offset", "hours"), [
    (dt.date(2017, 3, 25), dt.time(22), dt.time(4), 1, 5),        # the night in which an hour is missing
    (dt.date(2017, 10, 28), dt.time(22), dt.time(4), 2, 7),       # and the one in which it comes twice
    (dt.date(2017, 10, 29), dt.time(1), dt.time(4), 2, 4),
    (dt.date(2017, 3, 26), dt.time(3, 30), dt.time(5), 2, 1.5),
    (dt.date(2017, 12, 5), dt.time(14), dt.time(16), 1, 2),
])
def test_a_meeting_in_the_night_of_the_change_begins_and_ends_when_the_clock_on_the_wall_says(
        house: House, post: Smtp, mailbox: Mailbox, day: dt.date, begin: dt.time, end: dt.time, offset: int, hours: float):
    early = house.workspace.settings.alliance.model_copy(update={"date": dt.date(2017, 1, 1)})
    house.workspace = replace(house.workspace, settings=house.workspace.settings.model_copy(update={"alliance": early}))
    house.send(post, meetings={"M-002": makers.meeting(date=day, start=begin, end=end)})
    text = part(mailbox.got[0][1], "text/calendar")
    [event] = Calendar.from_ical(text).walk("VEVENT")
    other = vobject.readOne(text).vevent
    for found in (event["DTSTART"].dt, other.dtstart.value):
        assert (found.utcoffset(), found.hour) == (dt.timedelta(hours=offset), begin.hour)
    utc = [moment.astimezone(dt.UTC) for moment in (event["DTSTART"].dt, event["DTEND"].dt)]
    assert utc[1] - utc[0] == dt.timedelta(hours=hours)
    assert [moment.astimezone(dt.UTC) for moment in (other.dtstart.value, other.dtend.value)] == utc


# the parts


def test_what_an_entry_said_is_the_meeting_again():
    meeting = makers.meeting()
    again = recalled("M-002", said(meeting))
    assert replace(again, body=meeting.body, status=meeting.status, origin=meeting.origin) == meeting


def test_an_entry_older_than_these_pages_is_updated_without_telling_the_old(invited: House):
    row = replace(next(iter(invited.ledger.held().values())), said={})
    assert [change.new for change in changes(row, MOVED)] == ["bitte nur noch die folgenden verwenden"]


@pytest.mark.slow
def test_invitation_update_and_cancellation_arrive_through_a_real_server(house: House):
    with office() as servers:
        house.send(Smtp(servers.relay))
        house.send(Smtp(servers.relay), **rebuilt(house))
        house.drafts.clear()
        house.send(Smtp(servers.relay), meetings={"M-002": replace(MOVED, status=MeetingStatus.CANCELLED)})
        found = [entry(message.as_bytes()) for message in servers.arrived(9)]
    assert sorted((one["method"], one["sequence"]) for one in found) == [("CANCEL", 2)] * 3 + [("REQUEST", 0)] * 3 + [("REQUEST", 1)] * 3
    assert len({one["uid"] for one in found}) == 1


def test_into_a_folder_update_and_cancellation_lie_beside_the_invitation(house: House):
    folder = Folder(house.workspace.outputs / "outbox")
    house.send(folder)
    house.send(folder, **rebuilt(house))
    house.drafts.clear()
    house.send(folder, meetings={"M-002": replace(MOVED, status=MeetingStatus.CANCELLED)})
    assert len(list((house.workspace.outputs / "outbox" / "M-002").glob("*.eml"))) == 9
