from decimal import Decimal

import pytest

from pipeline.council.contradictions import contradictions
from pipeline.findings import Severity
from pipeline.records import BodyKind, ProjectStatus
from tests import makers

SOUND = {"pilot": True, "body": "B-02", "cost": Decimal(100), "own_funds": Decimal(50)}


def said(council=None, **changes):
    known = makers.settings()
    route = (*known.council.route[:-1], known.council.route[-1].model_copy(update={"body": known.council.body}))
    changed = known.model_copy(update={"council": known.council.model_copy(update={"route": route} | (council or {}))})
    bodies = (makers.body(), makers.body("B-02", name="Konsortium", kind=BodyKind.CONSORTIUM))
    return contradictions(makers.alliance(**{"settings": changed, "projects": (makers.project(**SOUND),), "bodies": bodies} | changes))


def test_a_sound_proposal_is_not_spoken_of():
    assert said() == ()


@pytest.mark.parametrize(("change", "words"), [
    ({"cost": None}, "nennt keine Kosten"), ({"body": ""}, "hat kein Konsortium"), ({"body": "B-01"}, "ist kein Konsortium"),
    ({"local": False, "place": "Hagen"}, "an einem anderen Ort erprobt werden: Hagen"), ({"status": ProjectStatus.DONE}, "schon abgeschlossen")])
def test_a_doubtful_proposal_is_named_with_its_row(change, words):
    [finding] = said(projects=(makers.project(**SOUND | change),))
    assert words in finding.message
    assert finding.place.file == "projects.xlsx"
    assert finding.severity is Severity.WARNING


def test_a_city_share_above_the_cost_holds_the_pilot_back():
    [finding] = said(projects=(makers.project(**SOUND | {"own_funds": Decimal(200)}),))
    assert (finding.severity, finding.subject, finding.rule) == (Severity.ERROR, "J-001", "figure")


def test_a_number_typed_into_the_settings_must_be_what_is_counted():
    [finding] = said({"next_steps": ("Alle 90 Projekte werden besucht.",)})
    assert finding.message == "„90 Projekte“ widerspricht den Tabellen: Gezählt sind 1"
    assert said({"next_steps": ("Das 1 Projekte-Treffen, 2 Tage im Mai",)}) == ()


def test_infrastructure_is_asked_for_and_allowed_alike():
    found = said({"infrastructure": ("Laternen", "Brücken")}, projects=(makers.project(**SOUND | {"infrastructure": "Laternen; Kanäle"}),))
    assert [finding.message for finding in found] == [
        "„Kanäle“ fehlt im Beschlussvorschlag", "„Brücken“ soll genutzt werden dürfen, aber kein Pilotvorschlag braucht es"]


def test_a_route_that_is_missing_or_ends_elsewhere_is_named():
    assert [finding.message for finding in said({"route": ()})] == ["Die Beratungsfolge fehlt"]
    assert [finding.rule for finding in said({"body": "Kreistag"})] == ["route"]


def test_no_pilot_and_a_topic_without_project_are_worth_a_word():
    found = said(projects=(makers.project(),), topics=(makers.topic(), makers.topic("hafen", name="Hafenumfeld")))
    assert [finding.message for finding in found] == [
        "Kein Projekt ist als Pilot vorgeschlagen", "Zum Topthema „Hafenumfeld“ ist kein Projekt verzeichnet"]


def test_without_a_council_nothing_is_compared():
    assert contradictions(makers.alliance(settings=makers.settings(council=None))) == ()
