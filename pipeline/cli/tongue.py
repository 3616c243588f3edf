"""Which language the tool speaks. German is written in the code; English is looked up where a sentence leaves the house.

Rooms word their sentences in German, with values in them. At the front door such a sentence is found again: as it stands, or
by the one of the known sentences with placeholders that it fits. Its values are looked up in the same way and put into the English
sentence. What is not known stays German. Papers are German always. See docs/languages.md.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from pipeline.cli.catalogue import Catalogue

LANGUAGES = ("de", "en")
VARIABLE = "GREMIUM_LANG"
METAVAR = "metavar:"      # before what stands for a value on the line: the same word may mean another thing elsewhere


def language(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language asked for: on the line, in GREMIUM_LANG, or by the machine's settings; German when nobody says anything else."""
    for at, word in enumerate(arguments):
        name, equals, value = word.partition("=")
        if name == "--lang":
            return value if equals else (arguments[at + 1] if at + 1 < len(arguments) else "")
    if environment.get(VARIABLE):
        return environment[VARIABLE][:2].lower()
    said = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "de" if not said or said[:2].lower() == "de" or said.partition(".")[0] in ("C", "POSIX") else "en"


_catalogue: Catalogue | None = None       # None is German


def tr(sentence: str) -> str:
    """The sentence in the language asked for."""
    return sentence if _catalogue is None else _catalogue.say(sentence)


def said(document: Any) -> Any:
    """What a program gets, its texts for people in the language asked for; keys, names and numbers stay as they are."""
    if _catalogue is None:
        return document
    if isinstance(document, Mapping):
        return {key: tr(value) if key in TEXTS and isinstance(value, str) else said(value) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [said(item) if not isinstance(item, str) else item for item in document]
    return document


# Names under which the commands' JSON carries sentences for people.
TEXTS = frozenset({"message", "hint", "error", "reason", "text", "sentence", "what", "stopped"})


class Translating(io.TextIOBase):
    """A stream that says every line in the language asked for."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Writes it line by line, looked up."""
        self.stream.write("".join(tr(line) if line.strip() else line for line in re.split(r"(\r?\n)", text)))
        return len(text)

    def flush(self) -> None:
        """Brings it out."""
        self.stream.flush()

    def isatty(self) -> bool:
        """Whether a person reads along."""
        return self.stream.isatty()

    def fileno(self) -> int:
        """The number of the stream itself."""
        return self.stream.fileno()

    @property
    def encoding(self) -> str:       # type: ignore[override]  # read-only here
        """That of the stream itself."""
        return self.stream.encoding

    @property
    def errors(self) -> str | None:       # type: ignore[override]  # read-only here
        """That of the stream itself."""
        return self.stream.errors

    @property
    def buffer(self) -> Any:
        """The bytes behind the stream, for what is no text."""
        return self.stream.buffer


def plain(stream: TextIO) -> TextIO:
    """The stream itself, past any translation."""
    return stream.stream if isinstance(stream, Translating) else stream


def install(arguments: Sequence[str], environment: Mapping[str, str]) -> None:
    """Chooses the language; for German there is nothing to do."""
    global _catalogue       # noqa: PLW0603  # one language for one run of the command
    asked = language(arguments, environment)
    if asked == "de" or asked not in LANGUAGES:
        return
    from pipeline.cli.catalogue import load
    _catalogue = load(asked)
    if not isinstance(sys.stdout, Translating):
        sys.stdout, sys.stderr = Translating(sys.stdout), Translating(sys.stderr)  # all that is asked of a stream
