"""Every command the manual shows is given, and prints what the manual says it prints."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import docx
import openpyxl
import pytest

from pipeline.cli.main import main
from tests.docs.manual import PAGES, ROOT, Command, Note, mentioned, shown
from tests.office import small

RUN = tuple(page for page in PAGES if any(isinstance(step, Command) and not step.no_run for step in shown(page)))
LEFT = tuple(step for page in PAGES for step in shown(page) if isinstance(step, Command) and step.no_run)

# The manual speaks of the shipped example; these are their like in the small workspace, and folders a test may write to.
INSTEAD = {"J-059": "J-002", "/backup": "backup", "/tmp/": ""}
BEFORE: Mapping[str, tuple[tuple[str, ...], ...]] = {      # what the reader of a page has done already
    "council.md": (("build", "briefing"), ("approve", "briefing", "--by", "Prüfung"), ("council",)),
    "ledger.md": (("build", "handout"),),
    "pdf.md": (("build", "handout"),),
}


def prepare(folder: Path, page: str) -> None:
    small(folder)
    (folder / "backup").mkdir()
    for words in BEFORE.get(page, ()):
        done = give(folder, words)
        assert done.returncode == 0, done.stderr
    if page == "pdf.md":
        shutil.copy(next(folder.glob("outputs/handout/*.docx")), folder / "vermerk.docx")


def give(folder: Path, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "120", "GREMIUM_LANG": "de"}
    return subprocess.run([sys.executable, "-m", "pipeline", *words], cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False, timeout=240)


def said(line: str) -> re.Pattern[str]:
    """A line as a page shows it: „…“ stands for anything, and seconds and sizes are never the same."""
    pattern = re.escape(" ".join(line.split())).replace("…", ".*")
    return re.compile(re.sub(r"\d+((?:\\\.|,)\d+)?(?=\\ (?:kB|MB|s)\b)", r"[0-9.,]+", pattern))


def by_hand(folder: Path, note: str) -> None:
    """What the reader does in Excel and Word, and sees in the PDF."""
    if found := re.fullmatch(r"cell (\S+) (\S+) (.+?) = (.+)", note):
        file, key, heading, value = found.groups()
        book = openpyxl.load_workbook(folder / file)
        head, *rows = book.active.iter_rows()
        column = [cell.value for cell in head].index(heading)
        [row] = [row for row in rows if row[0].value == key]
        row[column].value = value
        book.save(folder / file)
    elif found := re.fullmatch(r"sentence (\S+): (.+) → (.+)", note):
        file, before, after = found.groups()
        document = docx.Document(str(folder / file))
        [run] = [run for paragraph in document.paragraphs for run in paragraph.runs if before in run.text]
        run.text = run.text.replace(before, after)
        document.save(str(folder / file))
    elif found := re.fullmatch(r"pdf (\S+) says (.+)", note):
        [pdf] = folder.glob(found[1])
        text = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
        assert found[2] in " ".join(text.split())
    else:
        pytest.fail(f"nobody knows how to do this by hand: {note}")


@pytest.mark.slow
@pytest.mark.parametrize("page", RUN, ids=[page.name if page.parent != ROOT else f"the {page.name}" for page in RUN])
def test_the_commands_of_a_page_do_in_order_what_the_page_says(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / "office"
    prepare(folder, page.name)
    for step in shown(page):
        if isinstance(step, Note):
            by_hand(folder, step.said)
        elif not step.no_run:
            folder = one(folder, step)


def one(folder: Path, step: Command) -> Path:
    """Gives one command; the folder one stands in afterwards."""
    words = step.words
    if words[0] == "cd":
        return (folder / words[1]).resolve()
    for theirs, ours in INSTEAD.items():
        words = tuple(word.replace(theirs, ours) for word in words)
    done = give(folder, words[1:])
    printed = [" ".join(line.split()) for line in (done.stdout + done.stderr).splitlines()]
    assert done.returncode == 0, f"{step}\n{done.stderr}"
    for line in step.prints:
        assert any(said(line).search(each) for each in printed), f"{step} does not print\n  {line}\nbut\n  " + "\n  ".join(printed[:40])
    return folder


def test_few_commands_are_not_run_and_each_says_why() -> None:
    assert len(LEFT) <= 8
    assert all(len(step.no_run.split()) > 1 for step in LEFT)


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_command_and_option_a_page_names_is_one_the_tool_knows(page: Path) -> None:
    for step in (*mentioned(page), *(step for step in shown(page) if isinstance(step, Command) and step.words[0] == "gremium")):
        assert [*unknown(step)] == [], str(step)


def unknown(step: Command) -> Iterator[str]:
    """Words of a command that the tool does not understand; words in capitals stand for something."""
    command: click.Command = main
    options = {"-C", "--lang", "--date", "--version", "--help", "-h", "-q", "--debug", "--json"}
    after_value = False
    for word in step.words[1:]:
        if word.startswith("-"):
            name = word.partition("=")[0]
            if name != "…" and name not in options | {each for parameter in command.params for each in (*parameter.opts, *parameter.secondary_opts)}:
                yield name
            after_value = command is main and name in ("-C", "--date", "--lang")
        elif after_value:
            after_value = False
        elif isinstance(command, click.Group) and not word.isupper() and word not in ("…", "/"):
            known = command.list_commands(click.Context(command))
            found = command.get_command(click.Context(command), word) if word in known else None
            if found is None:
                yield word
                return
            command = found
