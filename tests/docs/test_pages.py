"""The manual hangs together, can be read without a network, and lists every message as the code words it."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

import pipeline
from pipeline.errors import GremiumError
from tests.docs.manual import DOCS, PAGES, ROOT
from tools import manual

_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def links(page: Path) -> Iterator[tuple[str, str]]:
    """File and anchor of each link of a page that stays in the house."""
    yield from ((found[1], found[2] or "") for found in _LINK.finditer(_CODE.sub("", page.read_text("utf-8"))))


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    assert [target for target, _ in links(page) if target and not (page.parent / target).exists()] == []


def test_every_page_of_the_manual_stands_in_its_contents_and_every_entry_is_a_page() -> None:
    listed = re.findall(r"([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == sorted(page.name for page in DOCS.glob("*.md")), "a new page wants its line under nav in mkdocs.yml"


def test_the_readme_leads_to_every_page_of_the_office() -> None:
    linked = {Path(target).name for target, _ in links(ROOT / "README.md")}
    contents = (ROOT / "mkdocs.yml").read_text("utf-8").split("For engineers")[0]
    assert set(re.findall(r"([\w-]+\.md)$", contents, re.MULTILINE)) <= linked


def test_the_pictures_of_the_manual_are_used_and_small() -> None:
    pictures = list((DOCS / "pictures").iterdir())
    text = "".join(page.read_text("utf-8") for page in PAGES) + (ROOT / "mkdocs.yml").read_text("utf-8")
    assert [path.name for path in pictures if path.name not in text] == []
    assert sum(path.stat().st_size for path in pictures) < 1_000_000


# the built pages


class Assets(HTMLParser):
    """What a page loads by itself when it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "link" and given.get("rel") not in ("canonical", "prev", "next"):
            self.found.append(given.get("href") or "")
        elif tag in ("script", "img", "iframe", "source", "video", "object", "embed"):
            self.found.append(given.get("src") or given.get("data") or "")


@pytest.mark.slow
def test_no_page_and_no_style_loads_anything_from_the_network(site: Path) -> None:
    for page in site.rglob("*.html"):
        assets = Assets()
        assets.feed(page.read_text("utf-8"))
        assert [address for address in assets.found if re.match(r"(https?:)?//", address)] == [], page.name
    for style in site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)\"']*", style.read_text("utf-8")) == [], style.name


@pytest.mark.slow
def test_no_markup_is_left_in_the_text_of_a_page(site: Path) -> None:
    for page in site.glob("*.html"):
        text = re.sub(r"<pre.*?</pre>|<code.*?</code>|<script.*?</script>|<!--.*?-->|<[^>]+>", "", page.read_text("utf-8"), flags=re.DOTALL)
        assert re.findall(r"```|no-run=|\]\(|^\|.*\|$|@@\w+@@|\{ ?width", text, re.MULTILINE) == [], page.name


@pytest.mark.slow
def test_pages_for_engineers_say_that_they_are_english(site: Path) -> None:
    assert '<html lang="en"' in (site / "ledger.html").read_text("utf-8")
    assert '<html lang="de"' in (site / "first-hour.html").read_text("utf-8")


# the page of messages


def kinds(error: type[GremiumError]) -> Iterator[tuple[str, str]]:
    for each in error.__subclasses__():
        yield each.__module__, each.__name__
        yield from kinds(each)


def test_the_page_of_messages_is_as_the_code_words_them() -> None:
    assert manual.page() + "\n" == manual.PAGE.read_text("utf-8"), "python -m tools.manual writes it anew"


def test_every_error_has_a_sentence_on_the_page_unless_others_speak_for_it() -> None:
    for module in pkgutil.walk_packages(pipeline.__path__, "pipeline."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    silent = set(kinds(GremiumError)) - {(f"pipeline.{one.room}", one.what) for one in manual.errors()}
    assert {name for module, name in silent if module.startswith("pipeline.") and module != "pipeline.errors"} <= {"Obstacle", "_Told"}


def test_every_rule_of_a_finding_stands_on_the_page() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "pipeline").rglob("*.py") if path.name != "next.py")
    rules = set(re.findall(r'(?:\brule=|\bRemark\(|\brefused\(|\b_note\(sheet, )"([a-z-]+)"', code))
    page = manual.PAGE.read_text("utf-8")
    assert len(rules) > 40
    assert sorted(rule for rule in rules if f"`{rule}`" not in page) == []


def test_every_exit_code_stands_on_the_page() -> None:
    used = {int(code) for path in (ROOT / "pipeline").rglob("*.py") for code in re.findall(r"\bexit_code = (\d+)", path.read_text("utf-8"))}
    assert used | {0} == set(manual.CODES)
