import datetime as dt

from pipeline.papers import kinds
from pipeline.records import PartnerStatus
from tests.makers import alliance, partner, person, project, settings, topic


def draft_of(kind: str, **changes: object):
    [found] = kinds.drafts(alliance(**changes), [kind])
    return found


def test_annexes_are_numbered_in_the_order_of_the_paper() -> None:
    drafts = kinds.drafts(alliance(), ["briefing"])

    listed = [(annex["number"], annex["title"]) for annex in drafts[0].context["annexes"]]
    assert listed == [(annex.context["number"], annex.context["title"]) for annex in drafts[1:]]


def test_a_pilot_without_consortium_or_cost_says_so() -> None:
    [pilot] = draft_of("annex-pilots", projects=(project(pilot=True, partners=("P-001",)), project("J-002"))).context["pilots"]

    assert (pilot["consortium"], pilot["cost"], pilot["staff"]) == ("noch offen", "nicht beziffert", "nicht beziffert")
    assert pilot["partners"] == "Brückner & Söhne GmbH"


def test_projects_stand_under_their_topics_in_the_order_of_their_numbers() -> None:
    found = draft_of("annex-projects", topics=(topic(), topic("hafen", name="Hafen", order=0)),
                  projects=(project("J-010"), project("J-002", transferable=True, seeks="Netzbetreiber"), project("J-003", topic="hafen")))

    assert [(group["name"], [row["key"] for row in group["projects"]]) for group in found.context["topics"]] == [
        ("Hafen", ["J-003"]), ("Energie", ["J-002", "J-010"])]
    assert found.context["topics"][1]["projects"][0]["remark"] == "übertragbar, sucht Partner"


def test_organisations_are_listed_under_their_main_name_without_those_who_left() -> None:
    partners = (partner("P-001", name="Zeta GmbH"), partner("P-002", name="Ölwerk AG", status=PartnerStatus.PARTICIPANT, attended=()),
                partner("P-003", name="Fort GmbH", status=PartnerStatus.LEFT))
    rows = draft_of("annex-partners", partners=partners).context["partners"]

    assert [(row["name"], row["interested"], row["present"]) for row in rows] == [("Ölwerk AG", "–", "–"), ("Zeta GmbH", "ja", "ja")]


def test_public_annexes_hold_no_personal_data() -> None:
    for found in kinds.drafts(alliance(persons=(person(last_name="Vertraulich"),), projects=(project(pilot=True),)), ["briefing"]):
        personal = any(private in repr(found.context) for private in ("Vertraulich", "brueckner.example", "5550-10", "Hafenstraße"))
        assert found.public is not personal, found.key
        assert personal == (found.kind == "annex-bodies")


def test_an_annex_is_closed_by_the_settings_and_the_paper_says_so() -> None:
    closed = settings(council={"body": "Rat", "session": dt.date(2017, 6, 1), "subject": "Allianz", "closed": ["annex-pilots"]})
    drafts = {found.kind: found for found in kinds.drafts(alliance(settings=closed), ["briefing"])}

    assert not drafts["annex-pilots"].public
    assert drafts["annex-projects"].public
    assert [annex["visibility"] for annex in drafts["briefing"].context["annexes"]] == [
        "nichtöffentlich", "öffentlich", "öffentlich", "nichtöffentlich"]


def test_the_annex_that_names_people_stays_closed_whatever_the_settings_say() -> None:
    assert not draft_of("annex-bodies").public


def test_a_body_lists_its_people_by_name_and_says_whom_to_turn_to() -> None:
    [found] = draft_of("annex-bodies").context["bodies"]

    assert found["contact"].startswith("Frau Dr. Mia Muster")
    assert [(seat["name"], seat["organisation"], seat["role"]) for seat in found["seats"]] == [
        ("Frau Dr. Mia Muster", "Brückner & Söhne GmbH", "Mitglied")]
