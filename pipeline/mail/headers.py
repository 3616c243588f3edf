"""Header lines that every reader gets back as they were put in (RFC 5322, RFC 2047)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from email.charset import Charset
from email.header import Header
from functools import lru_cache
from itertools import groupby, repeat

from pipeline.errors import SendingError

END = "\r\n"
_LINE = 76
_WORD = 75                   # an encoded word's greatest length (RFC 2047, 2)
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_QUOTED = re.compile(r'(["\\])')
_UNSAFE = ("Cc", "Cs", "Zl", "Zp")
_UTF8 = Charset("utf-8")


class UnsafeHeader(SendingError):
    """A value would break out of its header line."""

    def __init__(self, name: str, key: str) -> None:
        super().__init__(f"{key}: die Kopfzeile „{name}“ enthält einen Zeilenumbruch oder ein Steuerzeichen",
                         hint="Den Wert in der Tabelle berichtigen; es wurde nichts verschickt.")


def safe(name: str, value: str, key: str) -> str:
    """The value, when it holds no line break and no control character. Raises UnsafeHeader."""
    if not (value.isascii() and value.isprintable()) and any(unicodedata.category(letter) in _UNSAFE for letter in value):
        raise UnsafeHeader(name, key)
    return value


@lru_cache(maxsize=1024)
def text(name: str, value: str) -> str:
    """A header line of words.

    Python's own folding loses the space between two encoded words, or writes words no reader takes (cpython#92081, #121284);
    so a value outside ASCII is encoded whole, and one in ASCII is never broken.
    """
    if value.isascii() and "=?" not in value:
        return f"{name}: {value}{END}"
    return f"{name}: {Header(value, 'utf-8', maxlinelen=_LINE, header_name=name).encode(linesep=END)}{END}"


@lru_cache(maxsize=1024)
def mailbox(name: str, shown: str, address: str) -> str:
    """A header line of one address with the name shown for it; commas, quotes and umlauts are safe in it."""
    shown = " ".join(shown.split())
    plain = shown.isascii() and "=?" not in shown
    words = [_quoted(shown)] if plain and shown else [*_phrase(shown)] if shown else []
    lines = [f"{name}:"]
    for word in (*words, f"<{address}>"):
        if len(lines[-1]) + 1 + len(word) <= _LINE or lines[-1] == f"{name}:":
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    return END.join(lines) + END


def _quoted(shown: str) -> str:
    if _ATOMS.fullmatch(shown):
        return shown
    escaped = _QUOTED.sub(r"\\\1", shown)
    return f'"{escaped}"'


def _phrase(shown: str) -> Iterator[str]:
    """A name as the words of a header: one encoded word where it fits, else encoded words between plain ones.

    Two encoded words side by side are legal, but many a reader shows a space between them (cpython#92081).
    """
    whole = _UTF8.header_encode(shown)
    if len(whole) <= _WORD:
        yield whole
        return
    for plain, words in groupby(shown.split(" "), key=lambda word: bool(_ATOM.fullmatch(word)) and "=?" not in word):
        run = " ".join(words)
        yield from run.split(" ") if plain else (part for part in _UTF8.header_encode_lines(run, repeat(_WORD)) if part)
