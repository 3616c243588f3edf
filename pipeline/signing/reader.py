"""PDFs read by pyHanko, at the speed a paper with a thousand small objects needs."""

from __future__ import annotations

from io import BytesIO
from typing import IO, Any

from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    PdfObject,
    Reference,
    StreamObject,
    read_object,
)
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader

from pipeline.signing import swiftness  # noqa: F401  # makes what is read here quicker
from pipeline.signing.fence import Unreadable
from pipeline.signing.tables import unambiguous
from pipeline.signing.usages import Revision, Shared

REVISIONS = 100       # of one file; a paper with all its signatures and proofs has some twenty


class Reader(PdfFileReader):
    """Reads the directory of each object stream once; pyHanko reads it from the start for each object in it."""

    def __init__(self, stream: IO[bytes], *, strict: bool = True) -> None:
        """Not `strict`, it also reads what office suites and other programs write a little beside the rules."""
        self._directories: dict[int, tuple[bytes, dict[int, int]]] = {}
        self._revisions: dict[int, Revision] = {}
        self._shared = Shared()
        super().__init__(stream, strict=strict)
        if self.total_revisions > REVISIONS:
            raise Unreadable(f"{self.total_revisions} Stände in einer Datei")
        unambiguous(stream, map(self.xrefs.get_xref_container_info, range(self.total_revisions)))

    def bounded(self) -> Reader:
        """Itself, once its form is found to be a tree: fields that hold each other would be gone through for ever. Raises PdfReadError."""
        waiting, met = [], set[Reference]()
        if "/AcroForm" in self.root and "/Fields" in self.root["/AcroForm"]:
            waiting.append(self.root["/AcroForm"]["/Fields"])
        while waiting:
            fields = waiting.pop()
            for field in fields if isinstance(fields, ArrayObject) else ():
                if isinstance(field, IndirectObject):
                    if field.reference in met:
                        raise PdfReadError("a form field is in the form twice")
                    met.add(field.reference)
                found = field.get_object()
                if isinstance(found, DictionaryObject) and "/Kids" in found:
                    waiting.append(found["/Kids"])
        return self

    def get_historical_resolver(self, revision: int) -> Revision:
        """The file as it was after one of its revisions, counted from 0."""
        if revision not in self._revisions:
            self._revisions[revision] = Revision(self, revision, self._shared)
        return self._revisions[revision]

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
        if len(set(numbers[::2])) * 2 != len(numbers):      # readers would differ in which of the two they take
            raise PdfReadError(f"object stream {number} holds an object twice")
        return data, {key: first + offset for key, offset in zip(numbers[::2], numbers[1::2], strict=True)}
