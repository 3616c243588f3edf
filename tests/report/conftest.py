"""One browser for each file of tests of the page, and pages that may not reach anything but themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"

Open = Callable[..., Page]


# Not for the whole session: while it is open, an event loop runs in this process, and signatures need one of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens the bytes of a page from disk; a request, an error or a word on the console fails the test."""
    contexts, said = [], []

    def open_(data: bytes | Path, *, width: int = 1280, **options: object) -> Page:
        path = data if isinstance(data, Path) else tmp_path / "report.html"
        if isinstance(data, bytes):
            path.write_bytes(data)
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: said.append(request.url) if request.url.partition("#")[0] != path.as_uri() else None)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert said == []
