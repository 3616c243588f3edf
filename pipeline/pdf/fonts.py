"""Which font files stand behind a family's name on this machine, as fontconfig finds them for the PDF."""

from __future__ import annotations

import ctypes
import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path

from pipeline.errors import DocumentError
from pipeline.pdf.html.formatting import FALLBACK, family
from pipeline.pdf.style import Style

_FACES = ("", ":bold", ":italic", ":bold:italic")
_FAMILY = re.compile(r"font-family\s*:\s*([^;}]+)")
_NAMES, _FILE, _CALLED = 0, b"file", b"family"        # FcMatchPattern, FC_FILE, FC_FAMILY (fontconfig.h)


class NoFonts(DocumentError):
    """There is no font on this machine: pages would stay empty, or Pango would end the process."""

    def __init__(self) -> None:
        super().__init__("auf diesem Rechner ist keine Schrift installiert",
                         hint="Das Paket fonts-liberation installieren (oder die Einstellungen von fontconfig prüfen).")


def required() -> None:
    """Looks whether there is any font at all. Raises NoFonts."""
    if _fontconfig() is not None and not _asked("sans-serif", "", _FILE):
        raise NoFonts


def families(style: Style) -> frozenset[str]:
    """The families a style sheet names."""
    return named(style.css)


def named(css: str) -> frozenset[str]:
    """The families some CSS names."""
    return frozenset(name.strip().strip("\"'") for said in _FAMILY.findall(css) for name in said.split(","))


def missing(names: Collection[str]) -> Mapping[str, str]:
    """The families that are not installed, each with the one that stands in for it; none where there is no fontconfig to ask."""
    found = {name: stand_in for name in sorted(names) if (stand_in := _called(family(name)))}
    return {name: stand_in for name, stand_in in found.items() if stand_in.lower() != family(name).lower()}


def typefaces(names: Collection[str]) -> Mapping[str, str]:
    """For each family, and those that stand in for missing signs: the sha-256 of the files that draw it; "" without fontconfig."""
    return {name: _drawn(name) for name in sorted({*names, *FALLBACK})}


@cache
def _drawn(name: str) -> str:
    files = list(dict.fromkeys(_matched(family(name))))
    return hashlib.sha256("".join(_sha256(file) for file in files).encode()).hexdigest() if files else ""


@cache
def _sha256(file: str) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()


def _matched(name: str) -> Iterator[str]:
    """The file of each face. fontconfig alone knows aliases and substitutes; its program would cost a process a face."""
    return filter(None, (_asked(name, face, _FILE) for face in _FACES))


@cache
def _called(name: str) -> str:
    return _asked(name, "", _CALLED)


def _asked(name: str, face: str, what: bytes) -> str:
    """What fontconfig says of the font it takes for a family; "" without fontconfig."""
    library = _fontconfig()
    if library is None:
        return ""
    pattern = library.FcNameParse((re.sub(r"([\\\-:,])", r"\\\1", name) + face).encode())
    library.FcConfigSubstitute(None, pattern, _NAMES)
    library.FcDefaultSubstitute(pattern)
    match = library.FcFontMatch(None, pattern, ctypes.byref(ctypes.c_int()))
    said = ctypes.c_char_p()
    known = bool(match) and library.FcPatternGetString(match, what, 0, ctypes.byref(said)) == 0 and said.value
    text = said.value.decode() if known and said.value else ""
    for item in filter(None, (match, pattern)):
        library.FcPatternDestroy(item)
    return text


@cache
def _fontconfig() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL("libfontconfig.so.1")
    except OSError:
        return None
    pointer = ctypes.c_void_p
    for name, gives, takes in (
        ("FcNameParse", pointer, [ctypes.c_char_p]), ("FcConfigSubstitute", ctypes.c_int, [pointer, pointer, ctypes.c_int]),
        ("FcDefaultSubstitute", None, [pointer]), ("FcFontMatch", pointer, [pointer, pointer, pointer]),
        ("FcPatternGetString", ctypes.c_int, [pointer, ctypes.c_char_p, ctypes.c_int, pointer]), ("FcPatternDestroy", None, [pointer]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = gives, takes
    return library
