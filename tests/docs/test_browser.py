"""The manual as its readers meet it: opened from disk in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

pytestmark = pytest.mark.slow

GERMAN = ("index", "first-hour", "vorlagen", "messages", "administration")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def opened(browser: Browser, site: Path, name: str, *, width: int = 1280, scheme: str = "light") -> tuple[Page, list[str]]:
    """A page of the manual, and what it asked of anybody but the disk or complained of."""
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()      # type: ignore[arg-type]  # light or dark
    said: list[str] = []
    page.on("request", lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:", "blob:", "about:")) else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto((site / f"{name}.html").as_uri())
    return page, said


def test_the_search_finds_a_message_without_a_server_and_asks_nobody(browser: Browser, site: Path) -> None:
    page, said = opened(browser, site, "index")
    page.get_by_role("textbox", name="Suche").click()
    page.keyboard.type("Postleitzahl")
    expect(page.locator(".md-search-result__item").first).to_contain_text("Meldungen", timeout=10_000)
    assert said == []


@pytest.mark.parametrize("name", GERMAN)
def test_a_page_fits_a_phone(browser: Browser, site: Path, name: str) -> None:
    page, said = opened(browser, site, name, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "first-hour", "administration"])
def test_what_we_wrote_is_accessible(browser: Browser, site: Path, name: str, scheme: str) -> None:
    page, _ = opened(browser, site, name, scheme=scheme)
    found = Axe().run(page, context="article", options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    assert [(fault["id"], [node["target"] for node in fault["nodes"]][:3]) for fault in found] == []
