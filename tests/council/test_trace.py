import re

import pytest

from pipeline.council.trace import NoSuchFigure, trace
from pipeline.papers import kinds
from pipeline.papers.figures import at
from pipeline.papers.sample import sample_alliance
from tests import makers

COUNTS = re.compile(r"(by_topic\.\d+\.(?!name)|teams\.\d+\.partners|consortia\.\d+\.partners|steering\.\d+\.partners|counted\.|effects\."
                    r"|memoranda\.steps\.\d+\.count|survey\.|interest$|founding\.organisations|first_meeting\.present)")


def briefing(alliance):
    return kinds.drafts(alliance, ["briefing"])[0]


def numbers(value, path=""):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numbers(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for place, item in enumerate(value, 1):
            yield from numbers(item, f"{path}.{place}")
    elif COUNTS.match(path) and value not in (None, "") and not isinstance(value, bool):
        yield path


def test_every_counted_number_of_the_paper_knows_its_rows():
    draft = briefing(sample_alliance())
    counted = {path for path in numbers(draft.context) if at(draft.context, path) not in ("noch offen",)}
    assert counted <= {figure.path for figure in draft.figures}
    for figure in draft.figures:
        assert figure.text == at(draft.context, figure.path)
        assert figure.keys or figure.source or figure.text in ("0", "keines", "nicht beziffert", "noch offen"), figure


def test_a_number_leads_to_the_rows_and_their_places():
    alliance = makers.alliance(projects=(makers.project(), makers.project("J-002", title="Licht", local=False, transferable=True)))
    found = trace(alliance, briefing(alliance), "2")
    survey = next(traced for traced in found if traced.figure.path == "survey.projects")
    assert [(row.key, row.name, row.place) for row in survey.rows] == [
        ("J-001", "Wärme aus dem Kanal", "projects.xlsx Blatt „Tabelle1“ Zeile 2"), ("J-002", "Licht", "projects.xlsx Blatt „Tabelle1“ Zeile 2")]


def test_a_number_may_be_asked_for_by_its_words_or_its_path():
    alliance = makers.alliance()
    assert [traced.figure.path for traced in trace(alliance, briefing(alliance), "1 Allianzpartner")] == ["first_meeting.present"]
    assert [row.key for row in trace(alliance, briefing(alliance), "interest")[0].rows] == ["P-001"]


def test_a_number_that_only_the_settings_know_names_the_setting():
    alliance = makers.alliance()
    [founding] = trace(alliance, briefing(alliance), "120")
    assert founding.figure.source == "inputs/alliance.toml, [alliance.founding] organisations"


def test_a_number_the_paper_does_not_print_is_refused_with_those_it_does():
    alliance = makers.alliance()
    with pytest.raises(NoSuchFigure, match="keine gezählte Zahl „4711“") as caught:
        trace(alliance, briefing(alliance), "4711")
    assert "120" in caught.value.hint


def test_a_paper_without_counted_numbers_says_so():
    alliance = makers.alliance()
    with pytest.raises(NoSuchFigure) as caught:
        trace(alliance, kinds.drafts(alliance, ["memorandum"])[0], "1")
    assert caught.value.hint == "Dieses Papier nennt keine gezählten Zahlen."
