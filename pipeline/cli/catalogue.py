"""Sentences found again with their values in them, and said in the other language. See docs/languages.md."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from gettext import GNUTranslations
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
DEEPEST = 8        # values within values
BEGINNING = 3      # letters by which sentences with placeholders are sorted

WEAK = 5           # letters a sentence must have beside its values to be known by them, when it begins with one

_FIELD = re.compile(r"\{(\w+)\}")
_QUOTED_FIELD = re.compile(r"[„\"](?:gremium )?\{(\w+)\}[“\"]")      # a name, which is the same in every language
_MARGIN = re.compile(r"([\s→·]*)(.*?)(\s*)", re.DOTALL)
_EDGE = re.compile(r"([\W\d_]*)(.*?)([\W\d_]*)", re.DOTALL)
_PLACE = re.compile(r"(?:Blatt „(?P<sheet>[^“]*)“)|\b(?P<word>Zelle|Zeile)(?= [A-Z]*\d)")
_LOCATED = re.compile(r"((?:[a-z-]+/[\w./-]+"                       # the key of a paper, or a place in a file
                      r"|\S+\.(?:xlsx|xls|ods|csv|toml|docx|css)(?: Blatt „[^“]*“)?(?: (?:Zelle|Zeile) \w+)?(?: \([^)]*\))?)(?:(?:: |, )|$))(.*)",
                      re.DOTALL)
_QUOTES = re.compile(r"„([^“]*)“")
_AND_MORE = re.compile(r"(.*) (und \d+ .*|\([^()]*\))", re.DOTALL)
_COLUMNS = re.compile(r"( {2,})")
_LISTS = ("; ", " × ", " · ", ", ")
_CLAUSES = (": ", " – ")


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
        if said is None and "; " in sentence:       # several sentences of the same sort, each known
            parts = sentence.split("; ")
            translated = [self.say(part, depth + 1) for part in parts]
            said = "; ".join(translated) if all(part != other for part, other in zip(parts, translated, strict=True)) else None
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
        for head, body, tail in ((before, inside + after, ""), (before, inside, after)):
            if body and body != sentence and (said := self.say(body, depth)) != body:
                return f"{head}{said}{tail}"
        if len(columns := _COLUMNS.split(sentence)) > 1:
            return "".join(self.say(column, depth) for column in columns)
        if more := _AND_MORE.fullmatch(sentence):
            return " ".join(self.say(part, depth) for part in more.groups())
        for separator in (_LISTS[0], *_CLAUSES, *_LISTS[1:]):
            parts = sentence.split(separator, 1 if separator in _CLAUSES else -1)
            if len(parts) > 1 and (translated := [self.say(part, depth) for part in parts]) != parts:
                return separator.join(translated)
        parts = sentence.split(" und ")
        translated = [self.say(part, depth) for part in parts]
        return " and ".join(translated) if len(parts) > 1 and translated != parts else sentence


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
        self._counts = german.startswith("{number}")

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
        if self._counts and not found[1].replace(".", "").isdecimal():      # "Müller & Partner" is a name, "12 Partner" a count
            return None
        return found.groupdict()

    def filled(self, values: Mapping[str, str]) -> str:
        """The other sentence with these values."""
        return _plain(_FIELD.sub(lambda found: _QUOTES.sub(r'"\1"', values.get(found[1], "")), self._other))


def _plain(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")


def load(asked: str) -> Catalogue:
    """The catalogue of one language."""
    with (LOCALE / asked / "LC_MESSAGES" / "gremium.mo").open("rb") as file:
        messages: dict[str, str] = GNUTranslations(file)._catalog      # type: ignore[attr-defined]  # gettext gives no list of what it knows
    return Catalogue({german: other for german, other in messages.items() if german})
