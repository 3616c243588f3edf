"""Whether an attachment is one of this house's papers come back: by what a PDF says of itself, or by the mark on its pages."""

from __future__ import annotations

from pipeline.errors import GremiumError
from pipeline.pdf import provenance

LOOKED_AT = 4       # pages of a scan; a memorandum bears its mark on each


def says_so(pdf: bytes) -> bool:
    """The PDF carries our note of origin."""
    try:
        return provenance.read(pdf) is not None
    except GremiumError:
        return False      # no PDF at all: somebody else's business


def bears_mark(data: bytes) -> bool:
    """One of the first pages of a PDF or picture bears a mark of ours; takes a good part of a second a page."""
    from pipeline.pdf.pictures import opened
    from pipeline.pdf.scan import scanned
    try:
        with opened(data) as pictures:
            return any(scanned(pictures, number).marks for number in range(min(len(pictures), LOOKED_AT)))
    except GremiumError:
        return False      # no picture, or one that nobody can look at
