"""People who are not to be written to, and people who are to be forgotten."""

import datetime as dt

import pytest

from pipeline.papers.kinds import drafts
from pipeline.records import Contact, MeetingStatus
from pipeline.tables.load import load
from pipeline.tables.meetings import meetings_begin_at_a_time_that_is
from pipeline.tables.rules import RULES
from pipeline.tables.silence import forget
from tests import makers
from tests.tables.offices import PARTNER, office

SECOND = makers.person("P-001-2", last_name="Zweite", email="zwei@haus.example", signs=False)


def said(alliance):
    return [str(finding.message) for rule in RULES for finding in rule(alliance) if finding.rule == "erased"]


def keys(alliance, kind="invitation"):
    return [draft.key for draft in drafts(alliance, (kind,))]


def test_an_erased_person_is_invited_to_nothing_and_stands_in_no_paper():
    alliance = forget(makers.alliance(persons=(makers.person(contact=Contact.ERASED),)))
    assert keys(alliance) == []
    assert alliance.persons == ()
    assert [partner.email for partner in alliance.partners] == [""]
    for draft in drafts(alliance):
        assert "Mia" not in str(draft.context)
        assert "mia.muster" not in str(draft.context)


def test_another_contact_of_the_partner_takes_the_place_of_the_first():
    alliance = forget(makers.alliance(persons=(makers.person(contact=Contact.ERASED), SECOND)))
    assert keys(alliance) == ["invitation/M-002/P-001-2"]


def test_a_seat_that_names_an_erased_person_is_free():
    alliance = makers.alliance(persons=(makers.person(), makers.person("P-001-2", contact=Contact.ERASED)),
                               memberships=(makers.membership(person="P-001-2"),))
    assert any("P-001-2 im Gremium B-01 ist nicht mehr besetzt" in line for line in said(alliance))
    assert keys(forget(alliance)) == []


def test_who_objects_gets_nothing_but_stays_a_member():
    alliance = forget(makers.alliance(persons=(makers.person(contact=Contact.NO),)))
    assert keys(alliance) == []
    assert "Mia Muster" in str([draft.context for draft in drafts(alliance, ("roster",))])
    assert alliance.unwanted == {"mia.muster@brueckner.example"}


def test_personal_data_left_in_the_row_of_an_erased_person_are_named():
    alliance = makers.alliance(persons=(makers.person(contact=Contact.ERASED),))
    assert said(alliance)[0] == "P-001 ist als gelöscht gekennzeichnet, in der Zeile stehen aber noch Angaben zur Person"


@pytest.mark.parametrize(("word", "meant"), [("", Contact.YES), ("ja", Contact.YES), ("Nein", Contact.NO)])
def test_the_column_says_who_may_be_written_to(tmp_path, word, meant):
    [person] = load(office(tmp_path, partners=[PARTNER | {"contact": word}])).value.persons
    assert person.contact is meant


def test_an_emptied_row_keeps_the_mark_that_its_person_was_erased(tmp_path):
    emptied = PARTNER | dict.fromkeys(("gender", "first_name", "last_name", "email", "phone", "function", "title"), "") | {"contact": "gelöscht"}
    checked = load(office(tmp_path, partners=[emptied]))
    assert (set(checked.value.erased), checked.value.persons) == ({"P-001"}, ())
    assert not [finding for finding in checked.findings if finding.rule in {"erased", "contact"}]


def test_a_word_that_is_none_of_the_choices_holds_the_partner_back(tmp_path):
    checked = load(office(tmp_path, partners=[PARTNER | {"contact": "vielleicht"}]))
    assert "P-001" in checked.blocked


def test_nobody_is_invited_to_a_cancelled_meeting(tmp_path):
    off = makers.meeting(status=MeetingStatus.CANCELLED)
    alliance = makers.alliance(meetings=(off,))
    assert keys(alliance) == keys(alliance, "badges") == []
    assert alliance.upcoming() == ()


def test_a_cancelled_meeting_that_somebody_attended_is_a_finding():
    alliance = makers.alliance(meetings=(makers.meeting("M-001", status=MeetingStatus.CANCELLED), makers.meeting()))
    assert [finding.message for rule in RULES for finding in rule(alliance) if "abgesagt" in finding.message] == [
        "Das Treffen M-001 ist abgesagt, bei Partnern steht es aber unter „Teilnahme an“"]


@pytest.mark.parametrize(("day", "start", "said"), [
    (dt.date(2017, 3, 26), dt.time(2, 30), "02:30 Uhr gibt es am 26.03.2017 nicht: Die Uhren werden vorgestellt"),
    (dt.date(2017, 10, 29), dt.time(2, 30), "02:30 Uhr gibt es am 29.10.2017 zweimal: Die Uhren werden zurückgestellt"),
    (dt.date(2017, 10, 29), dt.time(3), ""),
    (dt.date(2017, 3, 26), dt.time(3), ""),
])
def test_a_time_the_clocks_do_not_show_once_is_a_finding(day, start, said):
    alliance = makers.alliance(meetings=(makers.meeting(date=day, start=start, end=dt.time(5)),))
    assert "".join(finding.message for finding in meetings_begin_at_a_time_that_is(alliance)) == said
