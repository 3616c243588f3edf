import datetime as dt
from decimal import Decimal

import pytest

from pipeline.papers import briefing
from pipeline.papers.draft import Draft
from pipeline.records import BodyKind, PartnerStatus, ProjectStatus
from tests.makers import alliance, body, membership, partner, person, project, settings, topic


def only(**changes: object) -> Draft:
    [draft] = briefing.drafts(alliance(**changes))
    return draft


def effects(*pilots: object) -> dict:
    return only(projects=pilots).context["effects"]


def test_figures_follow_the_tables() -> None:
    projects = (project("J-001"), project("J-002", status=ProjectStatus.PLANNED),
                project("J-003", local=False, transferable=True, place="Hagen", topic="hafen"), project("J-004", local=False))
    context = only(projects=projects, topics=(topic(), topic("hafen", name="Hafen", order=2)),
                   partners=(partner(), partner("P-002", status=PartnerStatus.PARTICIPANT), partner("P-003", attended=()))).context

    assert context["survey"] == {"projects": "4\N{NO-BREAK SPACE}Projekte", "local": "2", "elsewhere": "1"}
    assert context["interest"] == "2\N{NO-BREAK SPACE}Organisationen"
    assert context["first_meeting"]["present"] == "2\N{NO-BREAK SPACE}Allianzpartnern"
    assert [tuple(row.values()) for row in context["by_topic"]] == [
        ("Energie", 2, 1, 0, 3, 2), ("Hafen", 1, 0, 0, 1, 0), ("Insgesamt", 3, 1, 0, 4, 2)]
    assert [row["place"] for row in context["transferable"]] == ["Hagen"]


def test_the_chart_shows_what_the_table_says() -> None:
    context = only(projects=(project(), project("J-002", status=ProjectStatus.DONE))).context

    assert context["chart"].alt.endswith("nach Topthema und Stand. Energie: 1 laufend und 1 abgeschlossen.")
    assert context["by_topic"][0]["done"] == 1


def test_a_project_of_no_known_topic_is_counted_all_the_same() -> None:
    rows = only(projects=(project(), project("J-002", topic="fehlt"))).context["by_topic"]

    assert [(row["name"], row["all"]) for row in rows] == [("Energie", 1), ("ohne Topthema", 1), ("Insgesamt", 2)]


def test_what_no_pilot_states_is_neither_zero_nor_none() -> None:
    found = effects(project(pilot=True), project("J-002", pilot=True))

    assert found["cost"] == {"stated": 0, "open": 2, "sum": "nicht beziffert", "none": False}


def test_sums_say_how_many_pilots_they_hold() -> None:
    found = effects(project(pilot=True, cost=Decimal("1000.50"), staff=Decimal("0.50")), project("J-002", pilot=True),
                    project("J-003", pilot=True, cost=Decimal(2000), staff=Decimal(1)), project("J-004", cost=Decimal(9)))

    assert found["count"] == 3
    assert found["cost"] == {"stated": 2, "open": 1, "sum": "3.000,50\N{NO-BREAK SPACE}€", "none": False}
    assert found["staff"] == {"stated": 2, "open": 1, "sum": "1,5", "none": False}


def test_none_is_said_only_when_the_tables_say_zero() -> None:
    assert effects(project(pilot=True, own_funds=Decimal(0)))["own_funds"]["none"] is True
    assert effects(project(pilot=True, own_funds=None))["own_funds"]["none"] is False


@pytest.mark.parametrize(("day", "holds"), [(dt.date(2019, 7, 3), False), (dt.date(2019, 7, 4), True)])
def test_effects_on_the_climate_are_shown_from_the_fourth_of_july_2019(day: dt.date, holds: bool) -> None:
    dated = settings(alliance={"name": "Allianz", "city": "Dortmund", "date": day})

    assert only(settings=dated).context["sections"]["climate"] is holds


def test_no_person_and_no_partners_address_stands_in_it() -> None:
    text = repr(only(persons=(person(last_name="Vertraulich"),)).context)

    assert "Vertraulich" not in text
    assert "brueckner.example" not in text
    assert "5550-10" not in text


def test_bodies_are_counted_by_kind_with_the_partners_in_them() -> None:
    bodies = (body(), body("B-02", name="Konsortium 1", kind=BodyKind.CONSORTIUM, topic=""), body("B-03", kind=BodyKind.STEERING))
    context = only(bodies=bodies, memberships=(membership(), membership(person="P-001-2"), membership(partner="P-002"))).context

    assert context["counted"] == {"teams": "ein Expertenteam", "consortia": "ein Konsortium"}
    assert context["teams"][0]["partners"] == "2"
    assert (context["consortia"][0]["topic"], context["consortia"][0]["partners"]) == ("themenübergreifend", "noch offen")


def test_infrastructure_comes_from_the_settings_or_else_from_the_pilots() -> None:
    pilots = (project(pilot=True, infrastructure="Laternen"), project("J-002", pilot=True, infrastructure="Laternen"), project("J-003"))

    assert only(projects=pilots).context["infrastructure"] == ["Laternen"]


def test_an_initiator_without_signatory_is_named_as_open() -> None:
    assert only(settings=settings(initiators=[{"key": "led", "name": "Leitstelle"}])).context["unproven"] == "Leitstelle"


def test_without_council_settings_there_is_no_paper() -> None:
    assert list(briefing.drafts(alliance(settings=settings(council=None)))) == []


def test_without_projects_there_is_no_chart() -> None:
    context = only(projects=()).context

    assert (context["chart"], context["survey"], context["pilots"]) == (None, None, [])


def test_an_association_may_call_those_present_otherwise() -> None:
    called = settings().alliance.model_copy(update={"counted": ("Mitglied", "Mitgliedern")})
    context = only(settings=settings(alliance=called)).context
    assert context["first_meeting"]["present"] == "1\N{NO-BREAK SPACE}Mitglied"
