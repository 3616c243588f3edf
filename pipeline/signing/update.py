"""Incremental updates of a paper: something appended, and what was built left as it was."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import IO, Any

from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import PdfObject, Reference, StreamObject, read_object
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader


class Addition(IncrementalPdfFileWriter):
    """An incremental update that keeps the paper's title, dates and provenance as they were built."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Reads the paper, strictly: our own build made it."""
        super().__init__(stream, prev=_Reader(stream))

    def _update_meta(self) -> None:
        # pyHanko would write today's date and its own name, and rewrite the XMP packet
        pass


class _Reader(PdfFileReader):
    """Reads the directory of each object stream once; pyHanko reads it from the start for each object in it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._directories: dict[int, tuple[bytes, dict[int, int]]] = {}
        super().__init__(stream)

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> PdfObject:
        if stmnum not in self._directories:
            self._directories[stmnum] = self._directory(stmnum)
        data, places = self._directories[stmnum]
        if idnum not in places:
            return super()._get_object_from_stream(idnum, stmnum, idx)  # type: ignore[no-any-return, no-untyped-call]  # it says what is wrong
        content = BytesIO(data)
        content.seek(places[idnum])
        return read_object(content, Reference(idnum, 0, self))

    def _directory(self, number: int) -> tuple[bytes, dict[int, int]]:
        """The content of an object stream, and where in it each object begins (ISO 32000-1, 7.5.7)."""
        stream: Any = Reference(number, 0, self).get_object()
        assert isinstance(stream, StreamObject)
        data, first = stream.read_data(DecodePurpose.OBJECT_STREAM), int(stream["/First"])
        numbers = [int(word) for word in data[:first].split()]
        return data, {key: first + offset for key, offset in zip(numbers[::2], numbers[1::2], strict=True)}


@lru_cache(maxsize=64)
def parsed(pdf: bytes) -> PdfFileReader:
    """A PDF of our own, read once however often it is drawn."""
    return PdfFileReader(BytesIO(pdf))
