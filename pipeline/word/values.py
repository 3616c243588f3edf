"""What a context may hold besides text, numbers, lists and records, for programs that call the engine themselves.

Named and used as in docxtpl, so that its documentation stays valid; what differs stands in `docs/templates.md`. Unlike
docxtpl's, these are data: they become XML when they are written, and belong to no template.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.word import package


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a piece of rich text looks; what is not given is as in the paragraph."""

    style: str | None = None          # id of a character style
    color: str | None = None          # "#B45309" or "B45309"
    highlight: str | None = None      # colour behind the text
    size: int | None = None           # half points: 24 is 12 pt
    subscript: bool | None = None
    superscript: bool | None = None
    bold: bool = False
    italic: bool = False
    underline: str | bool = False     # True is "single"
    strike: bool = False
    font: str | None = None           # "Liberation Sans", or "eastAsia:…" for one script
    url: str | None = None            # http, https, mailto or tel: the text becomes a link
    rtl: bool = False                 # written from right to left
    lang: str | None = None           # "en-GB"


class RichText:
    r"""Text in several looks, for `{{r … }}`; `\n`, `\t`, `\a` (paragraph) and `\f` (page) are honoured."""

    def __init__(self, text: object = None, **look: object) -> None:
        """As `add`."""
        self.pieces: list[tuple[str, Look]] = []
        if text is not None and text != "":
            self.add(text, **look)

    def add(self, text: object, **look: object) -> None:
        """Appends a text, or another RichText as it is; `look` are the fields of `Look`."""
        if isinstance(text, RichText):
            self.pieces += text.pieces
        else:
            self.pieces.append((str(text), Look(**look)))     # type: ignore[arg-type]  # Look refuses what it does not know


class RichTextParagraph:
    """Whole paragraphs, for `{{p … }}`."""

    def __init__(self, text: object = None, parastyle: str | None = None) -> None:
        """As `add`."""
        self.paragraphs: list[tuple[RichText, str | None]] = []
        if text is not None and text != "":
            self.add(text, parastyle)

    def add(self, text: object, parastyle: str | None = None) -> None:
        """Appends a paragraph of a text or a RichText; `parastyle` is the id of a paragraph style."""
        self.paragraphs.append((text if isinstance(text, RichText) else RichText(text), parastyle))


@dataclass(frozen=True, slots=True)
class Listing:
    r"""A text whose `\a` begins a new paragraph and whose `\f` a new page, in the format that stands there."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineImage:
    """A picture file of any kind Word shows: PNG, JPEG, GIF, BMP or TIFF."""

    data: bytes = field(repr=False)
    width: int | None = None      # EMU, as `docx.shared.Mm(80)` gives them; one side alone keeps the proportions
    height: int | None = None
    anchor: str = ""              # where a click leads: http, https, mailto or tel
    alt: str = ""                 # says what it shows, to those who cannot see it


class Subdoc:
    """Another Word document whose text is put in at `{{p … }}`; its tags are printed, not merged."""

    def __init__(self, source: str | os.PathLike[str] | bytes, name: str = "Teildokument") -> None:
        """Reads the document. Raises TemplateError subclasses, as for a template."""
        self.package = package.unpack(name, source) if isinstance(source, bytes) else package.read(Path(source))
        self.name = self.package.name       # how messages call it


R, RP = RichText, RichTextParagraph
