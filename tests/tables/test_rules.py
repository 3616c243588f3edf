import datetime as dt

import pytest

from pipeline.findings import Severity
from pipeline.records import Address, PartnerStatus
from pipeline.tables.holidays import easter
from pipeline.tables.meetings import meetings_are_possible, past_meetings_were_held
from pipeline.tables.rules import RULES
from tests.makers import alliance, body, meeting, membership, partner, person, project, settings, topic
from tests.tables.offices import PARTNER, findings, office

FIRST = meeting("M-001", body="", date=dt.date(2017, 3, 2), title="Erstes Allianztreffen", reply_by=None)


def found(**changes):
    """Findings of all rules on an alliance that is sound but for the changes."""
    whole = alliance(**{"meetings": (FIRST, meeting())} | changes)
    return [finding for rule in RULES for finding in rule(whole)]


def rules(**changes):
    return [finding.rule for finding in found(**changes)]


def test_a_sound_alliance_breaks_no_rule():
    assert rules() == []


@pytest.mark.parametrize(("table", "rows"), [
    ("partners", (partner(), partner(name="Ganz Andere AG", address=Address(street="Allee 1", postcode="44135", city="Dortmund")))),
    ("topics", (topic(), topic("Energie"))),
    ("projects", (project(), project())),
    ("bodies", (body(), body("b-01"))),
    ("meetings", (FIRST, meeting(), meeting())),
])
def test_keys_that_stand_twice_are_told_at_the_second_row(table, rows):
    [finding] = [finding for finding in found(**{table: rows}) if finding.rule == "unique"]
    assert finding.subject == rows[-1].key


@pytest.mark.parametrize(("table", "rows", "hint"), [
    ("partners", (partner(topics=("energy",)),), "Meinten Sie „energie“?"),
    ("partners", (partner(attended=("M-01",)),), "Meinten Sie „M-001“?"),
    ("projects", (project(topic="energei"),), "Meinten Sie „energie“?"),
    ("projects", (project(partners=("P-01",)),), "Meinten Sie „P-001“?"),
    ("bodies", (body(contact="P-0001"),), "Meinten Sie „P-001“?"),
    ("memberships", (membership(person="P-0001"),), "Meinten Sie „P-001“?"),
    ("meetings", (FIRST, meeting(body="B-1")), "Meinten Sie „B-01“?"),
])
def test_references_to_rows_that_do_not_exist_propose_a_near_one(table, rows, hint):
    [finding] = [finding for finding in found(**{table: rows}) if finding.rule == "reference"]
    assert finding.hint == hint


def test_the_counted_meeting_must_exist():
    assert [str(finding.place) for finding in found(meetings=(meeting(),), partners=(partner(attended=()),))] == [
        "inputs/alliance.toml (alliance.first_meeting)"]


def test_a_seat_is_taken_by_a_contact_of_its_partner():
    other = partner("P-002", name="Zeche Minister Stein eG", address=Address(street="Stollen 1", postcode="44339", city="Dortmund"))
    assert rules(partners=(partner(), other), persons=(person(), person("P-002")), memberships=(membership(person="P-002"),)) == ["seat"]


def test_nobody_is_invited_twice_into_a_body():
    twice = (membership(), membership(person="P-001", origin=membership().origin.__class__(
        file="memberships.xlsx", sheet=None, row=3, columns={})))
    assert rules(memberships=twice) == ["seat"]


def test_one_person_with_two_roles_is_not_invited_twice_unnoticed():
    other = partner("P-002", name="Zeche Minister Stein eG", address=Address(street="Stollen 1", postcode="44339", city="Dortmund"))
    same, namesake = person("P-002", partner="P-002"), person("P-002", partner="P-002", first_name="Kim")
    both = {"partners": (partner(), other), "memberships": (membership(), membership(partner="P-002", person="P-002"))}
    [finding] = found(persons=(person(), same), **both)
    assert (finding.rule, finding.severity) == ("seat", Severity.WARNING)
    assert "P-002 und P-001 sind vermutlich dieselbe Person und werden zu M-002 beide eingeladen" in finding.message
    assert rules(persons=(person(), namesake), **both) == []


@pytest.mark.parametrize(("change", "severity"), [
    ({"end": dt.time(13)}, Severity.ERROR), ({"reply_by": dt.date(2017, 6, 21)}, Severity.ERROR),
    ({"date": dt.date(2017, 6, 18)}, Severity.WARNING),
])
def test_meetings_are_possible(change, severity):
    [finding] = found(meetings=(FIRST, meeting(**change)))
    assert (finding.rule, finding.severity) == ("meeting", severity)


def test_a_contact_with_neither_mail_nor_address_cannot_be_reached():
    lost = partner(address=Address(), status=PartnerStatus.PARTICIPANT)
    assert rules(partners=(lost,), persons=(person(email=""),)) == ["reachable"]
    assert rules(partners=(lost,)) == []


def test_an_address_that_lacks_its_postcode_is_incomplete():
    assert rules(partners=(partner(address=Address(street="Hafenstraße 12", city="Dortmund")),)) == ["address"]


def test_a_country_nobody_knows_is_asked_about():
    [finding] = found(partners=(partner(address=Address(street="Kade 1", postcode="1012 AB", city="Amsterdam", country="Niederland")),))
    assert finding.hint == "Meinten Sie „Niederlande“?"


def test_an_address_too_long_for_the_window_is_told_of():
    long = partner(name="Gesellschaft zur Förderung der nachhaltigen Entwicklung des Hafens und seiner Umgebung mbH & Co. KG",
                   department="Abteilung für Liegenschaften", address=Address(street="Kade 1", postcode="1012 AB", city="Amsterdam",
                                                                              country="Niederlande"))
    [finding] = found(partners=(long,))
    assert "braucht etwa 8 Zeilen" in finding.message


def test_an_interested_partner_needs_a_signatory_and_a_body_a_contact():
    assert rules(persons=(person(signs=False),), bodies=(body(contact=""),)) == ["signatory", "contact"]
    assert rules(partners=(partner(status=PartnerStatus.PARTICIPANT),), persons=(person(signs=False),)) == []


def test_two_spellings_of_one_partner_are_told_with_their_likeness():
    [finding] = found(partners=(partner(), partner("P-002", name="Brueckner und Soehne G.m.b.H.")), persons=(person(), person("P-002")))
    assert (finding.rule, finding.severity) == ("doublet", Severity.WARNING)
    assert "Ähnlichkeit 100 %" in finding.message


def test_different_partners_in_one_house_are_no_doublets():
    assert rules(partners=(partner(), partner("P-002", name="Institut für Logistik")), persons=(person(), person("P-002"))) == []


def test_an_initiator_without_signatory_is_an_open_point():
    [finding] = found(settings=settings(initiators=[{"key": "led", "name": "Leitstelle"}]))
    assert (finding.severity, str(finding.place)) == (Severity.NOTE, "inputs/alliance.toml (initiators.1.signatories)")


@pytest.mark.parametrize(("route", "place"), [
    ([("2017-06-01", "", "Empfehlung"), ("2017-05-18", "", "Beschluss")], "council.route.2.date"),
    ([("2017-05-18", "Freitag", "Empfehlung"), ("2017-06-01", "", "Beschluss")], "council.route.1.weekday"),
    ([("2017-05-18", "", "Beschluss"), ("2017-06-01", "", "Beschluss")], "council.route"),
    ([("2017-05-18", "", "Beschluss"), ("2017-06-01", "", "Kenntnisnahme")], "council.route"),
    ([("2017-05-18", "", "Empfehlung"), ("2017-06-01", "Donnerstag", "Kenntnisnahme")], "council.route"),
    ([("2017-05-18", "Donnerstag", "Beschluss")], "council.session"),
])
def test_the_council_route_is_possible(route, place):
    stages = [{"body": "Gremium", "date": dt.date.fromisoformat(date), "weekday": weekday, "competence": competence}
              for date, weekday, competence in route]
    council = {"body": "Rat", "session": dt.date(2017, 6, 1), "subject": "Allianz", "route": stages}
    assert place in [finding.place.column for finding in found(settings=settings(council=council))]


def test_a_rule_points_to_the_cell_the_sheet_shows(tmp_path):
    workspace = office(tmp_path, partners=[PARTNER | {"topics": "energie; wasser"}])
    [finding] = findings(workspace)
    assert (finding.place.cell, finding.place.column, finding.subject) == ("S2", "Themen", "P-001")


def test_a_doubled_partner_row_with_its_contact_is_told_once(tmp_path):
    [finding] = findings(office(tmp_path, partners=[PARTNER, PARTNER]), "unique")
    assert (finding.place.cell, finding.subject) == ("A3", "P-001")


@pytest.mark.parametrize(("day", "name"), [
    (dt.date(2017, 4, 14), "Karfreitag"), (dt.date(2017, 5, 25), "Christi Himmelfahrt"), (dt.date(2017, 6, 15), "Fronleichnam"),
    (dt.date(2017, 10, 31), "Reformationstag"), (dt.date(2018, 10, 3), "Tag der Deutschen Einheit")])
def test_a_meeting_on_a_public_holiday_is_told_of(day, name):
    [finding] = meetings_are_possible(alliance(meetings=(meeting(date=day, reply_by=None),)))
    assert (finding.severity, name in finding.message) == (Severity.WARNING, True)


@pytest.mark.parametrize("day", [dt.date(2018, 10, 31), dt.date(2017, 6, 14), dt.date(2017, 6, 20), dt.date(2017, 8, 15)])
def test_a_meeting_on_a_working_day_is_fine(day):
    assert list(meetings_are_possible(alliance(meetings=(meeting(date=day, reply_by=None),)))) == []


@pytest.mark.parametrize(("year", "month", "day"), [(1954, 4, 18), (1981, 4, 19), (2000, 4, 23), (2017, 4, 16), (2024, 3, 31), (2038, 4, 25)])
def test_easter_is_when_the_church_says(year, month, day):
    assert easter(year) == dt.date(year, month, day)


def test_a_meeting_before_the_date_of_the_papers_that_nobody_attended_is_told_of():
    past = meeting("M-009", date=dt.date(2017, 4, 3), reply_by=None)
    [finding] = past_meetings_were_held(alliance(meetings=(past,)))
    assert (finding.rule, finding.severity) == ("meeting", Severity.WARNING)
    assert list(past_meetings_were_held(alliance(meetings=(past,), partners=(partner(attended=("M-009",)),)))) == []
