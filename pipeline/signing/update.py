"""Incremental updates of a paper: something appended, and what was built left as it was."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import IO

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from pipeline.signing.reader import Reader


class Addition(IncrementalPdfFileWriter):
    """An incremental update that keeps the paper's title, dates and provenance as they were built."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Reads the paper, strictly: our own build made it."""
        super().__init__(stream, prev=Reader(stream))

    def _update_meta(self) -> None:
        # pyHanko would write today's date and its own name, and rewrite the XMP packet
        pass


@lru_cache(maxsize=64)
def parsed(pdf: bytes) -> PdfFileReader:
    """A PDF of our own, read once however often it is drawn."""
    return PdfFileReader(BytesIO(pdf))
