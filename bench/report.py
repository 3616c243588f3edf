"""How long the status page takes to be made, to open and to answer, for many papers.

    python -m bench.report [PAPERS …]        (default: 1000 10000)

Making is processor time of this process, the median of several rounds. Opening and answering are seconds in the distribution's
Chromium, from the page's own clock: from the start of loading until the script is through, and from an input until the list is
drawn anew, the pause after the last key included. Ends with exit code 1 when an answer takes longer than people call at once.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.measure import Result, Values, missed, processor
from pipeline.report.page import page
from tests.report.views import many, view

ROUNDS = 3
AT_ONCE = 0.4          # seconds, on a machine that has other things to do
CHROMIUM = "/usr/bin/chromium"
_TYPED = """text => new Promise(told => {
    const field = document.querySelector("#papiere-suche"), rows = document.querySelector("[data-rows=papiere]"), begun = performance.now();
    new MutationObserver((_, seen) => { seen.disconnect(); requestAnimationFrame(() => told((performance.now() - begun) / 1000)); })
        .observe(rows, { childList: true });
    field.value = text; field.dispatchEvent(new Event("input", { bubbles: true }));
})"""


def making(count: int) -> tuple[Values, bytes]:
    """Seconds of processor time for one page of so many papers, and the page."""
    shown, data = view(many(count)), [b""]

    def make() -> None:
        data[0] = page(shown)
    return tuple(processor(make) for _ in range(ROUNDS)), data[0]


def answering(opened: Page) -> tuple[float, float]:
    """Seconds until the page is ready, and the slowest answer to a search; the first one reads all texts."""
    ready = opened.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd / 1000")
    return ready, max(opened.evaluate(_TYPED, text) for text in ("p-00", "feld2", "niemand", ""))


def measures(counts: Sequence[int] = (1_000, 10_000), *, quick: bool = False) -> Iterator[Result]:
    """Making, opening and answering, for each number of papers; quick: for the first alone."""
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for count in counts[:1] if quick else counts:
            took, data = making(count)
            path = Path(folder, "report.html")
            path.write_bytes(data)
            opened = browser.new_page()
            opened.goto(path.as_uri())
            ready, answer = answering(opened)
            opened.close()
            yield Result(program="report", what=f"making the page of {count:,} papers, {len(data) / 1e6:.1f} MB, processor", ours=took, unit="s")
            yield Result(program="report", what=f"opening it in Chromium, {count:,} papers", ours=(ready,), unit="s")
            yield Result(program="report", what=f"the slowest answer to a search, {count:,} papers", ours=(answer,), unit="s",
                         bound=f"at most {AT_ONCE:g} s", kept=answer <= AT_ONCE)
        browser.close()


if __name__ == "__main__":
    sys.exit(missed(measures([int(word) for word in sys.argv[1:]] or (1_000, 10_000))))
