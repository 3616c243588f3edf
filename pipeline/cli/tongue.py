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
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TextIO

LANGUAGES = ("de", "en")
VARIABLE = "GREMIUM_LANG"
LOCALE = Path(__file__).parent / "locale"
DEEPEST = 4        # values within values
BEGINNING = 3      # letters by which sentences with placeholders are sorted

_FIELD = re.compile(r"\{(\w+)\}")
_EDGE = re.compile(r"^(\W*)(.*?)(\s*)$", re.DOTALL)
_QUOTED = re.compile(r"^[„\"'(\[«]")


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


class Catalogue:
    """Known sentences, and what they are in the other language."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        self._exact = {_plain(german): _plain(other) for german, other in messages.items() if not _FIELD.search(german)}
        self._messages = {german: other for german, other in messages.items() if _FIELD.search(german)}
        self.say = lru_cache(maxsize=4096)(self._say)

    @cached_property
    def _patterns(self) -> Mapping[str, Sequence[Pattern]]:
        """By their beginning, the ones that say most first; "" holds those that begin with a value."""
        sorted_: dict[str, list[Pattern]] = {}
        for german, other in sorted(self._messages.items(), key=lambda pair: len(_FIELD.sub("", pair[0])), reverse=True):
            head = _FIELD.split(german, maxsplit=1)[0]
            sorted_.setdefault(head[:BEGINNING] if len(head) >= BEGINNING else "", []).append(Pattern(german, other))
        return sorted_

    def _say(self, sentence: str, depth: int = 0) -> str:
        """The sentence in the other language; itself when it is not known."""
        found = self._exact.get(sentence)
        if found is not None:
            return found
        if depth > DEEPEST or len(sentence) < 2:
            return sentence
        for pattern in (*self._patterns.get(sentence[:BEGINNING], ()), *self._patterns.get("", ())):
            values = pattern.values(sentence)
            if values is not None:
                return pattern.filled({name: self.say(value, depth + 1) for name, value in values.items()})
        return self._pieces(sentence, depth + 1)

    def _pieces(self, sentence: str, depth: int) -> str:
        """What stands around or beside a known sentence stays: arrows and blanks before it, a place and a colon, other items of a list."""
        before, inside, after = _EDGE.fullmatch(sentence).groups()      # type: ignore[union-attr]  # fits every text
        if (before or after) and inside and not _QUOTED.match(sentence):
            return f"{before}{self.say(inside, depth)}{after}"
        for separator in (": ", "; ", " – ", " · ", ", "):
            left, found, right = sentence.partition(separator)
            while found:
                said = self.say(left, depth), self.say(right, depth)
                if said != (left, right):
                    return separator.join(said)
                more, found, right = right.partition(separator)
                left = f"{left}{separator}{more}"
        return sentence


class Pattern:
    """One sentence with placeholders."""

    def __init__(self, german: str, other: str) -> None:
        self._german, self._other = german, other

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        pieces = _FIELD.split(self._german)
        return re.compile("".join(re.escape(_plain(piece)) if number % 2 == 0 else f"(?P<{piece}>.*?)" for number, piece in enumerate(pieces)),
                          re.DOTALL)

    @cached_property
    def _literals(self) -> tuple[str, ...]:
        return tuple(_plain(piece) for number, piece in enumerate(_FIELD.split(self._german)) if number % 2 == 0 and piece)

    def values(self, sentence: str) -> Mapping[str, str] | None:
        """The values, when this is the sentence."""
        if not all(literal in sentence for literal in self._literals):      # cheaper than the expression, and mostly enough
            return None
        found = self._expression.fullmatch(sentence)
        return found.groupdict() if found else None

    def filled(self, values: Mapping[str, str]) -> str:
        """The other sentence with these values."""
        return _plain(_FIELD.sub(lambda found: values.get(found[1], ""), self._other))


def _plain(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")


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
TEXTS = frozenset({"message", "hint", "error", "reason", "text", "sentence", "what", "stopped", "meaning"})


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
    _catalogue = load(asked)
    if not isinstance(sys.stdout, Translating):
        sys.stdout, sys.stderr = Translating(sys.stdout), Translating(sys.stderr)      # type: ignore[assignment]  # all that is asked of a stream


def load(asked: str) -> Catalogue:
    """The catalogue of one language."""
    from gettext import GNUTranslations
    with (LOCALE / asked / "LC_MESSAGES" / "gremium.mo").open("rb") as file:
        messages: dict[str, str] = GNUTranslations(file)._catalog      # type: ignore[attr-defined]  # gettext gives no list of what it knows
    return Catalogue({german: other for german, other in messages.items() if german})
