"""Whatever the help and the manual let somebody type is there in the example that gremium brings."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from pipeline.alliance import Alliance
from pipeline.cli.guidance import examples
from pipeline.cli.main import GROUPS, main
from pipeline.papers.kinds import KINDS, drafts
from pipeline.tables.load import load
from pipeline.workspace import Workspace
from tests.docs.manual import PAGES, ROOT, Command, mentioned, shown

PAPER = re.compile(rf"\b(?:{'|'.join(KINDS)})/(?:[A-Z]-\d[\w/-]*|\d{{4}}-\d\d)")
ROW = re.compile(r"(?<![\w/-])[A-Z]-\d+(?:-\d+)?\b")       # P-018, P-003-2, J-059, M-005: alone, not within the key of a paper
ANSWER = re.compile(r"attendance (\S+) .*--answer (\S+)=")


@pytest.fixture(scope="module")
def alliance() -> Alliance:
    """The shipped example."""
    return load(Workspace.open(ROOT)).value


@pytest.fixture(scope="module")
def papers(alliance: Alliance) -> frozenset[str]:
    """The keys of all its papers."""
    return frozenset(draft.key for draft in drafts(alliance, tuple(KINDS)))


@pytest.fixture(scope="module")
def rows(alliance: Alliance) -> frozenset[str]:
    """The keys of all rows of its tables."""
    tables = (alliance.partners, alliance.persons, alliance.projects, alliance.bodies, alliance.meetings)
    return frozenset(row.key for table in tables for row in table)


def commands() -> Iterator[click.Command]:
    for name in (name for names in GROUPS.values() for name in names):
        command = main.get_command(click.Context(main), name)
        assert command is not None
        yield command
        yield from command.commands.values() if isinstance(command, click.Group) else ()


def helped() -> list[str]:
    """What the help says that holds a key: its examples, and the words on each option."""
    return [line for command in commands()
            for line in (*examples(command), *(each.help or "" for each in command.params if isinstance(each, click.Option)))]


def typed() -> list[str]:
    """The commands of the manual."""
    return [" ".join(step.words) for page in PAGES for step in (*mentioned(page), *shown(page)) if isinstance(step, Command)]


def test_every_paper_that_help_or_manual_name_is_one_of_the_example(papers: frozenset[str]) -> None:
    said = [*helped(), *(page.read_text("utf-8") for page in PAGES)]
    named = {found for text in said for found in PAPER.findall(text)}
    assert len(named) > 5
    assert named - papers == set()


def test_every_number_in_a_command_is_one_of_the_examples_tables(rows: frozenset[str]) -> None:
    named = {found for text in (*helped(), *typed()) for found in ROW.findall(text)}
    assert len(named) > 2
    assert named - rows == set()


def test_whoever_answers_in_an_example_was_invited_there(papers: frozenset[str]) -> None:
    given = [found.groups() for text in (*helped(), *typed()) if (found := ANSWER.search(text))]
    assert given
    assert [pair for pair in given if "invitation/{}/{}".format(*pair) not in papers] == []
