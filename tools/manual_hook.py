"""What mkdocs has to know of our pages: the fences' own words for tests, and the language of each page."""

from __future__ import annotations

import re
from typing import Any

FENCE = re.compile(r"^```(\w+) +(?!\{)(.+)$", re.MULTILINE)      # ```python pipeline/papers/topic.py, ```console no-run="…"
ENGLISH = "For engineers"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """A file named behind a fence becomes its title; what concerns the tests alone goes."""
    return FENCE.sub(lambda found: f"```{found[1]}" if "no-run=" in found[2] else f'```{found[1]} title="{found[2]}"', markdown)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """The pages for engineers are English, for voices that read aloud as well."""
    above = page.parent.title if page.parent else ""
    return output.replace('<html lang="de"', '<html lang="en"', 1) if above == ENGLISH else output
