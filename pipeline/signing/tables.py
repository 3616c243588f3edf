"""Tables of objects that readers would take for different things are refused: what one shows is not what another judged.

A table may say twice where an object stands (ISO 32000-1, 7.5.4 forbids it): some readers take the first entry, some the last. So it
is with a trailer that names the table before it twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from os import SEEK_CUR
from typing import IO, Any

from pyhanko.pdf_utils import xref
from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.pdf_utils.misc import PdfReadError, read_non_whitespace
from pyhanko.pdf_utils.xref import read_object_header

MOST = 500_000      # objects of a revision; a paper of a thousand pages has a tenth of that


class _Strict:
    """Who asks for a dictionary: one that takes no key twice."""

    strict = True

    def get_pdf_handler(self) -> _Strict:
        """Itself."""
        return self


def once(parse: Callable[..., Iterator[xref.XRefEntry]]) -> Callable[..., Iterator[xref.XRefEntry]]:
    """A parser of tables that names each object once, or else in the same words, and not millions. The parser raises PdfReadError."""
    @wraps(parse)
    def entries(*arguments: Any, **options: Any) -> Iterator[xref.XRefEntry]:
        met: dict[int, xref.XRefEntry] = {}
        for entry in parse(*arguments, **options):
            if met.setdefault(entry.idnum, entry) != entry:
                raise PdfReadError(f"a table says twice where object {entry.idnum} stands")
            if len(met) > MOST:
                raise PdfReadError(f"a table of more than {MOST} objects")
            yield entry
    return entries


def unambiguous(stream: IO[bytes], tables: Iterable[xref.XRefSectionMetaInfo]) -> None:
    """Reads the trailer of each revision once more, strictly. Raises PdfReadError where it says something twice."""
    for table in tables:
        if table.xref_section_type is xref.XRefSectionType.STREAM:        # its dictionary is its trailer
            stream.seek(table.start_location)
            read_object_header(stream, strict=False)  # type: ignore[no-untyped-call]
        else:
            stream.seek(table.end_location)
        read_non_whitespace(stream)  # type: ignore[no-untyped-call]
        stream.seek(-1, SEEK_CUR)
        DictionaryObject.read_from_stream(stream, _Strict())  # type: ignore[arg-type]  # it asks for no more than this


xref.parse_xref_table = once(xref.parse_xref_table)
xref.parse_xref_stream = once(xref.parse_xref_stream)
