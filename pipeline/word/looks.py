"""Rich text as WordprocessingML runs: the properties of a look, in the order the schema wants."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from xml.sax.saxutils import quoteattr

from pipeline.word.values import Look

_UNDERLINES = ("single", "double", "thick", "dotted", "dash", "dotDash", "dotDotDash", "wave")
_COLOUR = re.compile(r"#?([0-9A-Fa-f]{6}|auto)")
_URL = re.compile(r"(?:https?|mailto|tel):[^\s<>\"{}|\\^`]+", re.IGNORECASE)
_SCRIPTS = ("ascii", "hAnsi", "cs", "eastAsia")


class WrongLook(ValueError):
    """A look says something Word has no word for; the text says what, in German."""


def _colour(value: str) -> str:
    found = _COLOUR.fullmatch(value)
    if found is None:
        raise WrongLook(f"„{value}“ ist keine Farbe (sechs Stellen, etwa #B45309)")
    return found[1]


def _fonts(value: str) -> str:
    script, _, font = value.rpartition(":")
    names = [*_SCRIPTS[:3], *([script] if script in _SCRIPTS[3:] else ())]
    if script and script not in _SCRIPTS:
        raise WrongLook(f"„{script}“ ist keine Schriftart einer Schrift (ascii, hAnsi, cs, eastAsia)")
    return "<w:rFonts" + "".join(f" w:{name}={quoteattr(font)}" for name in names) + "/>"


def _underline(value: str | bool) -> str:
    return f'<w:u w:val="{value if value in _UNDERLINES else "single"}"/>'


# What each field of a look becomes, in the order of CT_RPr (ECMA-376 part 1, 17.3.2.28).
_PROPERTIES: tuple[tuple[str, Callable[[Look], str]], ...] = (
    ("style", lambda look: f"<w:rStyle w:val={quoteattr(str(look.style))}/>"),
    ("font", lambda look: _fonts(str(look.font))),
    ("bold", lambda look: "<w:b/><w:bCs/>" if look.rtl else "<w:b/>"),
    ("italic", lambda look: "<w:i/><w:iCs/>" if look.rtl else "<w:i/>"),
    ("strike", lambda _: "<w:strike/>"),
    ("color", lambda look: f'<w:color w:val="{_colour(str(look.color))}"/>'),
    ("size", lambda look: f'<w:sz w:val="{int(look.size or 0)}"/><w:szCs w:val="{int(look.size or 0)}"/>'),
    ("underline", lambda look: _underline(look.underline)),
    ("highlight", lambda look: f'<w:shd w:val="clear" w:fill="{_colour(str(look.highlight))}"/>'),
    ("subscript", lambda look: "" if look.superscript else '<w:vertAlign w:val="subscript"/>'),
    ("superscript", lambda _: '<w:vertAlign w:val="superscript"/>'),
    ("rtl", lambda _: '<w:rtl w:val="true"/>'),
    ("lang", lambda look: f"<w:lang w:val={quoteattr(str(look.lang))}/>"),
)


def formatting(look: Look) -> str:
    """The run properties of a look; "" when it says nothing. Raises WrongLook."""
    made = "".join(_written(look))
    return f"<w:rPr>{made}</w:rPr>" if made else ""


def _written(look: Look) -> Iterator[str]:
    for name, write in _PROPERTIES:
        if getattr(look, name):
            yield write(look)


def address(url: str) -> str:
    """A link's address. Raises WrongLook for all but the harmless kinds."""
    if not _URL.fullmatch(url):
        raise WrongLook(f"„{url}“ ist keine Adresse, die ein Dokument verlinken darf (http, https, mailto, tel)")
    return url
