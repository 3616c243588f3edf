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
DEEPEST = 8        # values within values
BEGINNING = 3      # letters by which sentences with placeholders are sorted

METAVAR = "metavar:"      # before what stands for a value on the line: the same word may mean another thing elsewhere
WEAK = 5           # letters a sentence must have beside its values to be known by them, when it begins with one

_FIELD = re.compile(r"\{(\w+)\}")
_QUOTED_FIELD = re.compile(r"[„\"](?:gremium )?\{(\w+)\}[“\"]")      # a name, which is the same in every language
_MARGIN = re.compile(r"([\s→]*)(.*?)(\s*)", re.DOTALL)
_EDGE = re.compile(r"([\W\d_]*)(.*?)([\s.:]*)", re.DOTALL)
_PLACE = re.compile(r"(?:Blatt „(?P<sheet>[^“]*)“)|\b(?P<word>Zelle|Zeile)(?= [A-Z]*\d)")
_LOCATED = re.compile(r"((?:[a-z-]+/[\w./-]+"                       # the key of a paper, or a place in a file
                      r"|\S+\.(?:xlsx|xls|ods|csv|toml|docx|css)(?: Blatt „[^“]*“)?(?: (?:Zelle|Zeile) \w+)?(?: \([^)]*\))?)(?:(?:: |, )|$))(.*)",
                      re.DOTALL)
_QUOTES = re.compile(r"„([^“]*)“")
_AND_MORE = re.compile(r"(.*) (und \d+ .*)", re.DOTALL)
_COLUMNS = re.compile(r"( {2,})")
_LISTS = ("; ", " × ", " · ", ", ")
_CLAUSES = (": ", " – ")


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
            head = _plain(_FIELD.split(german, maxsplit=1)[0])
            begins = head[:BEGINNING] if len(head) >= BEGINNING else ""
            if begins or sum(map(str.isalpha, _FIELD.sub("", german))) >= WEAK:
                sorted_.setdefault(begins, []).append(Pattern(german, other))
        return sorted_

    def _say(self, sentence: str, depth: int = 0) -> str:
        """The sentence in the other language; itself when it is not known."""
        found = self._exact.get(sentence)
        if found is not None:
            return found
        if depth > DEEPEST or len(sentence) < 2:
            return sentence
        before, inside, after = _MARGIN.fullmatch(sentence).groups()      # type: ignore[union-attr]  # fits every text
        if before or after:
            return f"{before}{self.say(inside, depth)}{after}"
        said = self._fitting(self._patterns.get(sentence[:BEGINNING], ()), sentence, depth)
        if said is None:
            said = self._fitting(self._patterns.get("", ()), sentence, depth)
        if said is None and (located := _LOCATED.fullmatch(sentence)):
            said = _placed(located[1]) + self.say(located[2], depth)
        return self._pieces(sentence, depth + 1) if said is None else said

    def _fitting(self, patterns: Sequence[Pattern], sentence: str, depth: int) -> str | None:
        for pattern in patterns:
            values = pattern.values(sentence)
            if values is not None:
                return pattern.filled({name: value if name in pattern.names else self.say(value, depth + 1) for name, value in values.items()})
        return None

    def _pieces(self, sentence: str, depth: int) -> str:
        """What stands around or beside a known sentence stays: a number or a bracket before it, other items of a list."""
        before, inside, after = _EDGE.fullmatch(sentence).groups()      # type: ignore[union-attr]  # fits every text
        if (before or after) and inside and (said := self.say(inside, depth)) != inside:
            return f"{before}{said}{after}"
        if len(columns := _COLUMNS.split(sentence)) > 1:
            return "".join(self.say(column, depth) for column in columns)
        if more := _AND_MORE.fullmatch(sentence):
            return " ".join(self.say(part, depth) for part in more.groups())
        for separator in (_LISTS[0], *_CLAUSES, *_LISTS[1:]):
            parts = sentence.split(separator, 1 if separator in _CLAUSES else -1)
            if len(parts) > 1 and (translated := [self.say(part, depth) for part in parts]) != parts:
                return separator.join(translated)
        return sentence


def _placed(place: str) -> str:
    """A place in a table, its words in English."""
    return _PLACE.sub(lambda found: f'sheet "{found["sheet"]}"' if found["sheet"] is not None else {"Zelle": "cell", "Zeile": "row"}[found["word"]],
                      place)


class Pattern:
    """One sentence with placeholders."""

    def __init__(self, german: str, other: str) -> None:
        self._german, self._other = german, other
        self.names = frozenset(_QUOTED_FIELD.findall(german))
        self._open = german.startswith("{") and not german.startswith("{{")

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        pieces = _FIELD.split(self._german)
        seen: set[str] = set()
        said = ""
        for number, piece in enumerate(pieces):
            said += re.escape(_plain(piece)) if number % 2 == 0 else f"(?P={piece})" if piece in seen else f"(?P<{piece}>.*?)"
            seen |= {piece} if number % 2 else set()
        return re.compile(said, re.DOTALL)

    @cached_property
    def _literals(self) -> tuple[str, ...]:
        return tuple(_plain(piece) for number, piece in enumerate(_FIELD.split(self._german)) if number % 2 == 0 and piece)

    def values(self, sentence: str) -> Mapping[str, str] | None:
        """The values, when this is the sentence."""
        if not all(literal in sentence for literal in self._literals):      # cheaper than the expression, and mostly enough
            return None
        found = self._expression.fullmatch(sentence)
        if found is None or (self._open and ": " in found[1]):      # the first value would be a place, or another sentence
            return None
        return found.groupdict()

    def filled(self, values: Mapping[str, str]) -> str:
        """The other sentence with these values."""
        return _plain(_FIELD.sub(lambda found: _QUOTES.sub(r'"\1"', values.get(found[1], "")), self._other))


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
    _catalogue = load(asked)
    if not isinstance(sys.stdout, Translating):
        sys.stdout, sys.stderr = Translating(sys.stdout), Translating(sys.stderr)  # all that is asked of a stream


def load(asked: str) -> Catalogue:
    """The catalogue of one language."""
    from gettext import GNUTranslations
    with (LOCALE / asked / "LC_MESSAGES" / "gremium.mo").open("rb") as file:
        messages: dict[str, str] = GNUTranslations(file)._catalog      # type: ignore[attr-defined]  # gettext gives no list of what it knows
    return Catalogue({german: other for german, other in messages.items() if german})
