import re

import pytest

from pipeline.papers import kinds
from tests.makers import alliance, partner, person

ALL = list(kinds.KINDS)


@pytest.mark.parametrize("kind", ALL)
def test_every_field_of_a_kind_is_explained_and_every_explanation_has_its_field(kind: str) -> None:
    paths = {field.path for field in kinds.fields(kind)}

    assert paths == set(kinds.KINDS[kind].meanings)
    assert all(field.meaning for field in kinds.fields(kind))


@pytest.mark.parametrize("kind", ALL)
def test_the_sample_is_complete(kind: str) -> None:
    def leaves(value: object) -> list[object]:
        if isinstance(value, dict):
            return [leaf for part in value.values() for leaf in leaves(part)]
        if isinstance(value, list | tuple):
            return [leaf for part in value for leaf in leaves(part)] or [None]
        return [value]

    assert None not in leaves(kinds.sample(kind))


def test_a_list_and_its_items_are_fields_with_their_types() -> None:
    types = {field.path: field.type for field in kinds.fields("memorandum")}

    assert types["projects"] == "list"
    assert types["projects[].title"] == "text"
    assert types["purposes"] == "list of text"
    assert types["demo"] == "boolean"
    assert types["parties[].line"] == "signature"
    assert {field.path: field.type for field in kinds.fields("briefing")}["chart"] == "picture"


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(kinds.UnknownKind, match="„brief“ ist keine Art von Papier") as refused:
        kinds.drafts(alliance(), ["brief"])

    assert "memorandum" in refused.value.hint
    assert refused.value.exit_code == 2


def test_the_annexes_come_with_the_council_paper() -> None:
    assert [draft.key for draft in kinds.drafts(alliance(), ["briefing"])] == [
        "briefing/2017-06", "annex-pilots/2017-06", "annex-projects/2017-06", "annex-partners/2017-06", "annex-bodies/2017-06"]


def test_drafting_some_kinds_gives_the_same_as_drafting_all() -> None:
    everything = kinds.drafts(alliance())

    assert tuple(draft for kind in ALL for draft in kinds.drafts(alliance(), [kind]) if draft.kind == kind) == everything


def test_file_names_are_ascii_and_differ_even_without_regard_to_case() -> None:
    partners = (partner("P-00a", short="Straße & Öl"), partner("P-00A", short="straße & öl"), partner("Ä/1", short="🜁"))
    stems = [draft.stem for draft in kinds.drafts(alliance(partners=partners, persons=()))]

    assert all(re.fullmatch(r"[A-Za-z0-9-]+", stem) for stem in stems)
    assert len({stem.lower() for stem in stems}) == len(stems)
    assert stems[0] == "memorandum-P-00a-strasse-oel"


def test_no_draft_names_a_person_in_its_key_or_file_name() -> None:
    for draft in kinds.drafts(alliance(persons=(person(last_name="Unverwechselbar"),))):
        assert "unverwechselbar" not in f"{draft.key} {draft.stem}".lower()
