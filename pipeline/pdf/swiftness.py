"""What makes WeasyPrint quicker without changing a byte of what it makes."""

from __future__ import annotations

import copy
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydyf
from weasyprint.layout import inline, preferred
from weasyprint.text import line_break


@contextmanager
def undisturbed() -> Iterator[None]:
    """The collector of circular rubbish rests while a paper is made, and works once after it.

    All that a page is made of lives until it is written: looking through it again and again for rubbish costs a tenth of the whole time.
    """
    working = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if working:
            gc.enable()


def _references(pdf: Any) -> tuple[bytes, ...]:
    """The references of all pages; pydyf lists them anew for each tag, which at 1,000 pages takes longer than everything else."""
    pages = pdf.pages["Kids"][::3] if pdf.pages["Count"] != len(getattr(pdf, "_listed", ())) else ()
    if pages:
        pdf._listed = tuple(f"{number} 0 R".encode() for number in pages)
    return getattr(pdf, "_listed", ())


pydyf.PDF.page_references = property(_references)


# What of a text's style decides where its line ends.
DECISIVE = (
    "direction", "font_family", "font_feature_settings", "font_kerning", "font_language_override", "font_size", "font_stretch", "font_style",
    "font_variant_alternates", "font_variant_caps", "font_variant_east_asian", "font_variant_ligatures", "font_variant_numeric",
    "font_variant_position", "font_variation_settings", "font_weight", "hyphenate_character", "hyphenate_limit_chars",
    "hyphenate_limit_zone", "hyphens", "lang", "letter_spacing", "overflow_wrap", "tab_size", "text_decoration_line", "white_space",
    "word_break", "word_spacing")
REMEMBERED = 2048       # lines; 3 MB
_split = line_break.split_first_line
lines: dict[object, tuple[Any, ...]] = {}       # what decides → where the line ends


def _first_line(text: str, style: Any, context: Any, width: Any, spacing: Any, is_line_start: bool = True,  # noqa: PLR0913, PLR0917  # called by WeasyPrint
                minimum: bool = False) -> tuple[Any, ...]:
    """Where the first line of a text ends. Papers of one kind have most of their sentences in common: what was found once is remembered.

    What WeasyPrint finds is plain until the line is drawn; so a copy is kept, and a copy given out.
    """
    key = (text, width, spacing, is_line_start, minimum, *map(style.__getitem__, DECISIVE))
    try:
        found = lines.get(key)
    except TypeError:           # a set or a list among them: underlined text, unusual features of a font
        return tuple(_split(text, style, context, width, spacing, is_line_start, minimum))
    if found is None:
        found = _split(text, style, context, width, spacing, is_line_start, minimum)
        if len(lines) >= REMEMBERED:
            lines.clear()
        lines[key] = found
    layout, *rest = found
    return copy.copy(layout), *rest


inline.split_first_line = preferred.split_first_line = _first_line
