"""What the sections of the page say."""

import datetime as dt
from collections import Counter
from dataclasses import replace

import pytest

from pipeline.findings import Finding
from pipeline.records import Place
from pipeline.report import charts, gallery, meetings, memoranda
from pipeline.report.discretion import Discretion
from pipeline.report.view import Facts
from pipeline.report.way import way
from tests import makers
from tests.report.views import alliance, document, made, message, signature, view


def stages(shown):
    return {stage.name: (stage.done, stage.total) for branch in way(shown) for stage in branch.stages}


def test_the_way_counts_each_paper_at_every_station_it_has_passed():
    states = ["signed 1/3", "signed 3/3", "issued", "returned", "concluded", "stale"]
    shown = view([document(f"memorandum/P-00{n}", state) for n, state in enumerate(states)], ())
    assert stages(shown) == {
        "geprüft": (1, 1), "erstellt": (5, 6), "freigegeben": (5, 6), "unterschrieben": (4, 6), "ausgegeben": (3, 6), "zurück": (2, 6),
        "abgeschlossen": (1, 6)}


def test_the_way_shows_only_those_branches_for_which_there_are_papers():
    assert [branch.name for branch in way(view((), ()))] == ["Alle Papiere"]
    assert [branch.name for branch in way(view([document("briefing/2017-06")], ()))] == ["Alle Papiere", "Rat"]


def test_a_message_whose_fate_is_unknown_stops_the_way_there():
    shown = view([document("invitation/M-002/P-001", "approved")], [message(state="unknown")])
    [sent] = [stage for branch in way(shown) for stage in branch.stages if stage.name == "versandt"]
    assert (sent.look, sent.below) == ("held", "1 zu klären")


@pytest.mark.parametrize(("state", "steps", "half", "held"), [
    ("missing", 0, False, False), ("blocked", 0, False, True), ("stale", 0, True, False), ("fresh", 1, False, False), ("rejected", 1, False, True),
    ("approved", 2, False, False), ("signed 2/5", 2, True, False), ("signed 5/5", 3, False, False), ("issued", 4, False, False),
    ("returned", 5, False, False), ("concluded", 6, False, False)])
def test_a_memorandum_has_come_so_many_steps(state, steps, half, held):
    [row] = memoranda.memoranda(view([document(state=state)]))
    assert (row.steps, row.half, row.held) == (steps, half, held)


def test_a_meeting_to_come_says_who_was_asked_by_which_way():
    stayed_away = makers.partner("P-002", attended=())
    [coming], [past] = meetings.meetings(view(alliance=alliance(partners=(makers.partner(), stayed_away))))
    assert (coming.asked, coming.sentence) == (1, "1 per E-Mail eingeladen")
    assert (past.asked, past.sentence) == (2, "1 anwesend, 1 nicht vermerkt")


def test_answers_stand_where_there_are_some():
    facts = Facts(messages=[message()], answers={"M-002": Counter(accepted=1)})
    [coming], _ = meetings.meetings(view(facts=facts))
    assert coming.sentence == "1 zugesagt"


def test_projects_are_counted_by_topic_and_those_without_one_are_not_lost():
    bars = charts.by_topic(gallery.walls(view(alliance=alliance(topics=(makers.topic(),)))))
    assert [(bar.name, bar.total, [part.count for part in bar.parts]) for bar in bars] == [
        ("Energie", 2, [2, 0, 0]), ("Ohne Topthema", 1, [1, 0, 0])]


@pytest.mark.parametrize(("days", "stretch", "columns"), [
    ((dt.date(2017, 5, 4), dt.date(2017, 5, 6)), "Tag", [1, 0, 1]),
    ((dt.date(2017, 5, 1), dt.date(2017, 6, 12)), "Woche ab", [1, 0, 0, 0, 0, 0, 1]),
    ((dt.date(2017, 1, 1), dt.date(2017, 12, 1)), "Monat", [1, *[0] * 10, 1]),
    ((dt.date(2010, 1, 1), dt.date(2017, 12, 1)), "Jahr", [1, *[0] * 6, 1])])
def test_time_is_divided_so_that_it_fits(days, stretch, columns):
    given = [signature(day, field=f"f{place}") for place, day in enumerate(days)]
    found = charts.signatures(view(facts=Facts(signatures={"memorandum/P-001": given})))
    assert (found.stretch, [column.count for column in found.columns], found.columns[-1].sofar) == (stretch, columns, 2)


def test_a_signature_on_a_former_revision_is_not_counted():
    found = charts.signatures(view(facts=Facts(signatures={"memorandum/P-001": [signature(dt.date(2017, 5, 4), base_sha256="former")]})))
    assert found.total == 0


# people


SAID = "Frau Dr. Mia Muster, mia.muster@brueckner.example, +49 231 5550-101"


def test_without_leave_the_page_names_nobody():
    finding = Finding(place=Place(file="partners.xlsx", column="E-Mail"), rule="email", message="„mia.muster(at)brueckner“ ist keine Adresse",
                      value="mia.muster(at)brueckner", hint="Meinten Sie „mia.muster@brueckner.example“?")
    reason = document(state="stale", subject=SAID, reasons=("contact.name: „Muster“ → „Mustermann“",), failure=SAID)
    text = made([reason], [message(reply=f"550 <{SAID}>")], findings=(finding,)).decode()
    assert "Muster," not in text and "mia.muster" not in text and "5550-101" not in text and "Mustermann" not in text
    assert "contact.name geändert" in text and "[E-Mail-Adresse]" in text and "„…“ ist keine Adresse" in text


def test_with_leave_it_says_what_stands_there():
    settings = makers.settings(report={"persons": True})
    text = made([document(state="stale", reasons=("contact.name: „Muster“ → „Mustermann“",))], [message(reply=SAID)],
                alliance=alliance(settings=settings)).decode()
    assert "„Muster“ → „Mustermann“" in text and "mia.muster@brueckner.example" in text and "sie gehört nicht in fremde Hände" in text


@pytest.mark.parametrize(("said", "shown"), [
    ("Mia Muster", "[Name]"), ("Herrn von der Heide fehlt", "[Name] fehlt"), ("Der Kanal am Muster", "Der Kanal am Muster"),
    ("am 04.05.2017 um 14:00 Uhr", "am 04.05.2017 um 14:00 Uhr"), ("0231 5550-101", "[Telefonnummer]"), ("44135 Dortmund", "44135 Dortmund"),
    ("Drucksache 0815-17", "Drucksache 0815-17")])
def test_people_are_taken_out_and_nothing_else(said, shown):
    people = (makers.person(), makers.person("P-001-2", first_name="Jan", last_name="von der Heide"))
    assert Discretion(alliance(persons=people), persons=False).text(said) == shown


def test_organisations_are_named():
    assert "Brückner &amp; Söhne GmbH" in made().decode()


def test_a_state_or_a_kind_nobody_foresaw_is_shown_as_it_is():
    shown = view([document("novelty/1", "puzzled")], [replace(message(), state="sent")])
    assert [stage.total for stage in way(shown)[0].stages[1:]] == [1, 1]
    assert "puzzled" in made([document("novelty/1", "puzzled")]).decode()
