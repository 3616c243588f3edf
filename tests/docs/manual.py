"""The manual as its tests read it: pages, the commands they show, what they say these print."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "inputs" / "README.md", *sorted(DOCS.glob("*.md")))

_FENCE = re.compile(
    r"^ *(?P<fence>```+)(?P<language>\w*) *(?P<info>.*)\n(?P<body>(?:.*\n)*?) *(?P=fence)$|^<!-- test: (?P<note>.*) -->$", re.MULTILINE)
_NO_RUN = re.compile(r'no-run="([^"]+)"')
_OURS = re.compile(r"(?:\$ )?(?:\.venv/bin/)?gremium\s")
_INLINE = re.compile(r"`(?:\.venv/bin/)?(gremium [^`]+)`")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page, with the lines that the page says it prints."""

    page: str
    words: tuple[str, ...]                     # "gremium" first, or "cd"
    prints: list[str] = field(default_factory=list)
    no_run: str = ""                           # why it is not run

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)}"


@dataclass(frozen=True, slots=True)
class Note:
    """What a reader does by hand between two commands, written for the tests in a comment that the page does not show."""

    said: str


def shown(page: Path) -> list[Command | Note]:
    """What a page lets its reader do, in order."""
    return [step for found in _FENCE.finditer(page.read_text("utf-8"))
            for step in ([Note(found["note"])] if found["note"] else _commands(page, found))]


def _commands(page: Path, block: re.Match[str]) -> Iterator[Command]:
    console = block["language"] == "console"
    if not console and block["language"] not in ("", "sh", "bash"):
        return
    reason = _NO_RUN.search(block["info"])
    latest: Command | None = None
    for line in block["body"].splitlines():
        if _OURS.match(line.strip()) or (console and line.startswith("$ cd ")):
            words = shlex.split(line.strip().removeprefix("$ "), comments=True)
            latest = Command(page.name, (words[0].rpartition("/")[2], *words[1:]), no_run=reason[1] if reason else "")
            yield latest
        elif console and latest and line.strip():
            latest.prints.append(line)


def mentioned(page: Path) -> list[Command]:
    """The commands a page names within its sentences."""
    return [Command(page.name, tuple(_words(found[1]))) for found in _INLINE.finditer(page.read_text("utf-8").replace("\\|", "|"))]


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
