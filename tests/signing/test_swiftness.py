"""What makes pyHanko quicker reads as pyHanko does: the same values, the same errors, the same place in the file."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic, xref
from pyhanko.pdf_utils.misc import PdfReadError

from pipeline.signing import swiftness
from pipeline.signing.reader import Reader


def read(way: Callable[[BytesIO], Any], data: bytes) -> tuple[object, ...]:
    stream = BytesIO(data)
    try:
        found = way(stream)
    except Exception as error:
        return type(error), str(error)
    return type(found), found, stream.tell()


@given(st.text("0123456789abcdefABCDEF \n%>(/zß", max_size=60), st.sampled_from(["", ">", "> rest", ">>"]))
@example("ab", ">")
@example("abc", "> 1")
@example("ab %cd>\n12", ">")
@example("0" * 10_000, ">endobj")
@example("0" * 4095, ">")
@example("FEFF00e4", ">")
def test_a_hexadecimal_string_is_read_as_before(digits: str, after: str):
    data = f"<{digits}{after}".encode()
    assert read(generic.read_hex_string_from_stream, data) == read(swiftness._hexadecimal, data)


@given(st.binary(max_size=12))
@example(b"StructElem")
@example(b"A#20B")
@example(b"A#2")
@example(b"\xe4")
def test_a_name_is_read_as_before_and_is_one_of_its_own(written: bytes):
    plain = swiftness._known_name.__wrapped__
    assert read(lambda _: generic._decode_name(written), b"") == read(lambda _: plain(written), b"")
    assert read(lambda _: generic._decode_name(written) is generic._decode_name(written), b"")[1] is not True


def test_a_paper_read_again_has_the_same_objects_in_the_same_places(tagged: bytes, monkeypatch: pytest.MonkeyPatch):
    swiftness.tables.clear()
    first, again = (places(tagged) for _ in range(2))
    assert len(swiftness.tables) == 1
    monkeypatch.setattr(xref, "parse_xref_stream", swiftness._table)
    assert len(first) > 50
    assert first == again == places(tagged)


def places(pdf: bytes) -> dict[int, object]:
    """Where each object of a file stands."""
    reader = Reader(BytesIO(pdf))
    [section] = reader.xrefs._xref_sections
    return dict(section.xref_data.standard_xrefs) | dict(section.xref_data.xrefs_in_objstm)


def test_few_tables_are_remembered_and_no_large_one(tagged: bytes, monkeypatch: pytest.MonkeyPatch):
    swiftness.tables.clear()
    monkeypatch.setattr(swiftness, "REMEMBERED", 2)
    for number in range(5):
        places(tagged.replace(b"/XRef/", b"/XRef/N " + str(number).encode() + b"/"))
        assert len(swiftness.tables) <= 2
    for bound in ("SMALL", "FEW"):
        swiftness.tables.clear()
        monkeypatch.setattr(swiftness, bound, 10)
        assert len(places(tagged)) > 50
        assert not swiftness.tables
        monkeypatch.undo()


def test_a_table_of_millions_is_refused_before_it_fills_the_memory():
    entries, size = 2_000_000, 2_000_001
    table = zlib.compress(b"\1\0\0\0\0\0" * entries, 9)
    said = b"<< /Type /XRef /Size %d /W [1 4 1] /Index [1 %d] /Root 1 0 R /Filter /FlateDecode /Length %d >>" % (size, entries, len(table))
    pdf = b"%PDF-1.7\n1 0 obj\n" + said + b"\nstream\n" + table + b"\nendstream"
    pdf += b"\nendobj\nstartxref\n9\n%%EOF\n"
    with pytest.raises(PdfReadError, match="a table of more than 500000 objects"):
        Reader(BytesIO(pdf), strict=False)
