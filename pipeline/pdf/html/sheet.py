"""The style sheet that grows while a document is read: a class for each Word style, one for each direct formatting."""

from __future__ import annotations

import re
import unicodedata

from pipeline.pdf.html.formatting import Declarations

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def slug(name: str) -> str:
    """A style's name as a class: "Rücksendeangabe" → "ruecksendeangabe", "heading 1" → "heading-1"."""
    plain = unicodedata.normalize("NFKD", name.translate(_GERMAN)).encode("ascii", "ignore").decode()
    found = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return found if found[:1].isalpha() else f"style-{found}"


def block(selector: str, declarations: Declarations) -> str:
    """One rule, or nothing where there is nothing to say."""
    return f"{selector} {{ {'; '.join(f'{name}: {value}' for name, value in declarations.items())} }}\n" if declarations else ""


class Sheet:
    """Classes for what is formatted directly: the same formatting always the same class, in order of first use."""

    def __init__(self) -> None:
        self._classes: dict[str, str] = {}
        self._rules: list[str] = []

    def direct(self, declarations: Declarations) -> str:
        """The class that carries these declarations; "" for none."""
        if not declarations:
            return ""
        text = "; ".join(f"{name}: {value}" for name, value in declarations.items())
        if text not in self._classes:
            self._classes[text] = f"_{len(self._classes) + 1}"
        return self._classes[text]

    def rule(self, text: str) -> None:
        """A rule of its own: a page, for instance."""
        self._rules.append(text)

    @property
    def css(self) -> str:
        """All rules so far."""
        return "".join(self._rules) + "".join(f".{name} {{ {text} }}\n" for text, name in self._classes.items())
