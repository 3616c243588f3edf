"""Which kind of value is written how, and what a compiled template calls to have it written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sized
from decimal import Decimal
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from pipeline.records import Picture, SignatureLine
from pipeline.word import objects, text
from pipeline.word.absent import Absent
from pipeline.word.bounds import RENDERING
from pipeline.word.rendering import Rendering, Site
from pipeline.word.values import InlineImage, Listing, RichText, RichTextParagraph, Subdoc

_UNUSUAL = re.compile("[^ -%'-;=?-~\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Writer = Callable[[Rendering, Any, Site], str]

_WRITERS: tuple[tuple[type, Writer], ...] = (      # in this order: a Markup is a text as well
    (Markup, text.markup), (Picture, objects.picture), (SignatureLine, objects.signature), (RichText, text.rich),
    (RichTextParagraph, text.rich_paragraphs), (Listing, text.listing), (InlineImage, objects.image), (Subdoc, objects.document),
    (Undefined, text.absent),
)

# Word would print what Python calls these; nobody wants to read that.
_UNPRINTABLE: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "leer"),
    (bool, "ein Wahrheitswert"),
    ((list, tuple, set, frozenset), "eine Liste"),
    (dict, "ein Datensatz"),
    ((bytes, bytearray), "kein Text"),
)
_PRINTABLE = (str, int, float, Decimal, dt.date, dt.time)


def written(rendering: Rendering, value: object, site: Site) -> str:
    """The XML of any value at a place. Raises DocumentError when it cannot be shown there."""
    for kind, writer in _WRITERS:
        if isinstance(value, kind):
            return writer(rendering, value, site)
    if value is None and rendering.draft:
        return text.absent(rendering, Absent(name=site.path), site)
    for kinds, what in _UNPRINTABLE:
        if isinstance(value, kinds):
            raise text.NotText(rendering.document, site.path, what)
    if not isinstance(value, _PRINTABLE):
        raise text.NotText(rendering.document, site.path, f"ein Objekt der Art {type(value).__name__}")
    return text.plain(rendering, value, site)


# What the compiled template calls --------------------------------------------------------------------


@pass_context
def write_text(context: Context, value: Any, number: int) -> str:
    """A value between `<w:t>` and `</w:t>`: by far the most frequent case, so it is short."""
    rendering: Rendering = context.parent[RENDERING]
    rendering.left -= 32
    if type(value) is str and not _UNUSUAL.search(value):
        rendering.spend(len(value))
        rendering.written.append(value)
        return value
    return write_any(context, value, number)


@pass_context
def write_any(context: Context, value: Any, number: int) -> str:
    """A value anywhere."""
    rendering: Rendering = context.parent[RENDERING]
    made = written(rendering, value, rendering.sites[number])
    rendering.spend(len(made) + 32)
    return made


@pass_context
def write_number(context: Context, _: Any) -> str:
    """The next drawing's id."""
    rendering: Rendering = context.parent[RENDERING]
    rendering.drawings += 1
    return str(rendering.drawings)


@pass_context
def count_turns(context: Context, turns: Iterable[Any], weight: int) -> Iterable[Any]:
    """What a loop goes through, paid for before its first turn."""
    if isinstance(turns, Undefined):
        return turns                      # says what is missing when the loop starts
    if not isinstance(turns, Sized):
        turns = list(turns)
    context.parent[RENDERING].spend(len(turns) * weight)
    return turns


@pass_context
def tick(context: Context, _: Any) -> str:
    """One turn of a loop: writes nothing, looks at the clock."""
    context.parent[RENDERING].tick()
    return ""


TEXT_WRITER, ANY_WRITER, NUMBER_WRITER, TURNS, TICK = "write text", "write any", "write number", "the turns", "one turn"
WRITERS: dict[str, Callable[..., str]] = {TEXT_WRITER: write_text, ANY_WRITER: write_any, NUMBER_WRITER: write_number, TICK: tick}
