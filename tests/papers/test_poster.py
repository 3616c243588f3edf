"""The posters of the gallery walk."""

from pathlib import Path

from pipeline.cli.desk import Desk
from pipeline.papers import poster
from pipeline.papers.kinds import KINDS, drafts
from tests.makers import alliance, partner, person, project, topic
from tests.office import small


def test_each_project_has_a_poster_of_its_own() -> None:
    found = drafts(alliance(projects=(project("J-001"), project("J-002"))), ["poster"])

    assert [draft.key for draft in found] == ["poster/J-001", "poster/J-002"]
    assert all(draft.public for draft in found)


def test_white_letters_stand_on_dark_topics_only() -> None:
    shades = [next(poster.drafts(alliance(topics=(topic(colour=colour),)))).context["topic"] for colour in ("#362B70", "#B55A0A", "#F2C14E")]

    assert [shade["dark"] for shade in shades] == [True, True, False]      # type: ignore[index,call-overload]
    assert shades[0]["colour"] == "362B70"      # type: ignore[index,call-overload]


def test_the_code_begins_a_mail_about_the_project_and_says_so_to_those_who_cannot_see_it() -> None:
    code = next(poster.drafts(alliance())).context["code"]

    assert "E-Mail an" in code.alt      # type: ignore[union-attr]


def test_a_poster_names_no_person() -> None:
    [draft, *_] = drafts(alliance(partners=(partner(),), persons=(person(last_name="Unverwechselbar"),)), ["poster"])

    assert "Unverwechselbar" not in str(draft.context)


def test_posters_are_made_when_asked_for() -> None:
    assert KINDS["poster"].on_request


def test_a_plan_holds_posters_only_when_they_were_asked_for(tmp_path: Path) -> None:
    def kinds(*asked: str) -> set[str]:
        desk = Desk(folder=tmp_path, date=None, quiet=True)
        desk.kinds(asked)
        with desk.ledger(read_only=True) as ledger:
            return {entry.kind for entry in desk.plan(ledger).entries}

    small(tmp_path)

    assert "poster" not in kinds()
    assert "poster" in kinds("poster")
