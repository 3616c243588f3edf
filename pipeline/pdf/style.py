"""The house style sheet, prepared once a process."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from pipeline.errors import TemplateError

ELEMENTS = (files("pipeline.pdf") / "html.css").read_text("utf-8")      # what HTML's elements are; stands below everything else
BASE = (files("pipeline.pdf") / "base.css").read_text("utf-8")          # what every page needs


class NoStyle(TemplateError):
    """The style sheet is missing or no text."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"die Stilvorlage {path} lässt sich nicht lesen", hint="Die Datei style.css aus „gremium new“ übernehmen.")


@dataclass(frozen=True, slots=True)
class Style:
    """A house style sheet: its text, and the hash that tells whether papers made with it are stale."""

    css: str = field(repr=False)
    sha256: str

    @classmethod
    def open(cls, path: Path) -> Style:
        """Reads a style sheet. Raises TemplateError where it is missing or not in UTF-8."""
        try:
            return cls.of(path.read_bytes().decode("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise NoStyle(path) from error

    @classmethod
    def of(cls, css: str) -> Style:
        """A style sheet from its text; its hash covers what every page gets besides."""
        return cls(css, hashlib.sha256((ELEMENTS + "\0" + BASE + "\0" + css).encode()).hexdigest())


@lru_cache(maxsize=1)
def plain() -> Style:
    """The base style alone: what a Word file looks like without a house style."""
    return Style.of("")
