"""Where in the XML a reader of the source stands: what may be written there, and how.

The source is read once, in order. If every branch of an `if` ends with the same elements open, and every turn of a loop
ends as it began, then whatever the values are, the result is well-formed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PIECE = re.compile(r"<!--.*?-->|<\?.*?\?>|<(/?)([A-Za-z_][\w.:-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Spot:
    """A kind of place a value can be put into, with what it needs around it."""

    name: str
    before: str = ""            # around a text
    after: str = ""
    before_drawing: str = ""    # around a drawing
    after_drawing: str = ""
    breaks: bool = True         # a line break can be shown
    texts: bool = True          # a text can stand here at all


_T = '<w:t xml:space="preserve">'
TEXT = Spot("text", before_drawing="</w:t>", after_drawing=_T)
IN_RUN = Spot("run", before=_T, after="</w:t>")
RUNS = Spot("runs", before=f"<w:r>{_T}", after="</w:t></w:r>", before_drawing="<w:r>", after_drawing="</w:r>")
BLOCKS = Spot("blocks", before=f"<w:p><w:r>{_T}", after="</w:t></w:r></w:p>", before_drawing="<w:p><w:r>", after_drawing="</w:r></w:p>")
ATTRIBUTE = Spot("attribute", breaks=False)
PLAIN = Spot("plain", breaks=False)
NOWHERE = Spot("nowhere", breaks=False, texts=False)

_SPOTS = {
    "w:t": TEXT,
    "w:r": IN_RUN,
    **dict.fromkeys(("w:p", "w:hyperlink", "w:ins", "w:smartTag", "w:fldSimple"), RUNS),
    **dict.fromkeys(("w:body", "w:tc", "w:hdr", "w:ftr", "w:footnote", "w:endnote", "w:comment", "w:txbxContent"), BLOCKS),
    **dict.fromkeys(("w:instrText", "w:delText", "a:t", "wp:posOffset", "value"), PLAIN),
}
_TRANSPARENT = ("w:sdt", "w:sdtContent")
_FORMATS = {"w:r": "w:rPr", "w:p": "w:pPr"}
_FORMATTED = {inner: outer for outer, inner in _FORMATS.items()}
_SECTION = re.compile(r"<w:sectPr\b[^>]*/>|<w:sectPr\b.*?</w:sectPr>", re.DOTALL)     # a page layout is said once


@dataclass(frozen=True, slots=True)
class Position:
    """Which elements are open, whether a start tag is being written, and how the present run is formatted."""

    open: tuple[str, ...] = ()
    pending: str = ""           # the beginning of a tag whose end has not come yet
    formatting: str = ""        # `<w:rPr>…</w:rPr>` of the run that is open
    paragraph: str = ""         # `<w:pPr>…</w:pPr>` of the paragraph that is open

    @property
    def shape(self) -> tuple[tuple[str, ...], bool]:
        """What two ways through the source must agree in."""
        return self.open, bool(self.pending)

    @property
    def spot(self) -> Spot:
        """What may be written here."""
        if self.pending:
            return ATTRIBUTE
        for name in reversed(self.open):
            if name not in _TRANSPARENT:
                return _SPOTS.get(name, NOWHERE)
        return NOWHERE

    @property
    def splits(self) -> bool:
        """The paragraph may end here and go on as another: nothing but its run is open in it."""
        return self.open[-3:] == ("w:p", "w:r", "w:t") or self.open[-1:] == ("w:p",)

    def after(self, data: str) -> Position:
        """The position after a piece of XML. Raises ValueError when an element is closed that is not open."""
        text = self.pending + data
        opened = list(self.open)
        formats = {"w:rPr": self.formatting, "w:pPr": self.paragraph}
        begun: dict[str, int] = {}
        end = 0
        for piece in _PIECE.finditer(text):
            end = piece.end()
            closing, name, _, empty = piece.groups()
            if name is None or empty:
                continue
            if closing:
                if not opened or opened.pop() != name:
                    raise ValueError(name)
                if name in begun and opened[-1] == _FORMATTED[name]:
                    formats[name] = _SECTION.sub("", text[begun.pop(name):end])
            else:
                if name in formats and opened and opened[-1] == _FORMATTED[name]:
                    begun[name] = piece.start()
                elif name in _FORMATS:
                    formats[_FORMATS[name]] = ""
                opened.append(name)
        rest = text[end:]
        start = rest.find("<")
        return Position(tuple(opened), rest[start:] if start >= 0 else "", formats["w:rPr"], formats["w:pPr"])
