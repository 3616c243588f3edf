"""Paths through a file are those that pyHanko finds, in every revision of every file that comes back."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pytest
from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import HistoricalResolver

from pipeline.signing.reader import Reader
from pipeline.signing.usages import TooEntangled
from tests.signing import forgeries
from tests.signing.partners import key, paper, signed

GIVEN = ("signed by a stranger", "in an invisible field of its own", "page added, then signed", "page removed after signing", "revoked",
         "shadow attack: hide with layers", "sneaky signature", "an object stream overridden", "evil annotation", "saved anew, then signed")
CASES = forgeries.BEFORE | forgeries.AFTER | forgeries.SIGNERS


def same(pdf: bytes) -> int:
    """How many revisions were compared."""
    reader = Reader(BytesIO(pdf), strict=False)
    for number in range(reader.total_revisions):
        theirs, ours = HistoricalResolver(reader, number), reader.get_historical_resolver(number)
        theirs._load_reverse_xref_cache()  # type: ignore[no-untyped-call]
        found = theirs._indirect_object_access_cache
        assert found
        everything = [Reference(each, 0, ours) for each in range(2 * len(found) + 1000)]
        assert {ref: paths for ref in everything if (paths := ours._get_usages_of_ref(ref))} == found
    return reader.total_revisions


@pytest.mark.parametrize("case", GIVEN)
def test_every_path_is_the_one_pyhanko_finds(case: str) -> None:
    assert same(CASES[case][0](signed(paper("P-001"), key("Stadt Dortmund"), "stadt"))) > 1


def test_a_tagged_paper_has_the_same_paths(tagged: bytes) -> None:
    assert same(signed(tagged, key("Stadt Dortmund"), "stadt")) == 2


def test_objects_that_all_point_at_each_other_are_given_up_at_once() -> None:
    pdf = BytesIO(forgeries.entangled(paper("P-001")))
    with pytest.raises(TooEntangled):
        Reader(pdf, strict=False).get_historical_resolver(0)._load_reverse_xref_cache()


def test_what_an_object_that_is_only_a_reference_points_at_is_used_as_well() -> None:
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    hidden = pdf.make_indirect(pikepdf.Dictionary(Hidden=True))
    page.Mark = pdf.make_indirect(pikepdf.Dictionary())
    out = BytesIO()
    page.Mark.Way = hidden
    pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    plain = out.getvalue()
    number = int(plain[:plain.index(b"<< /Hidden")].split()[-3])
    between = int(plain[:plain.index(b"<< /Way")].split()[-3])
    chained = plain.replace(b"<< /Way %d 0 R >>" % number, (b"%d 0 R" % number).ljust(len(b"<< /Way %d 0 R >>" % number)))
    revision = Reader(BytesIO(chained), strict=False).get_historical_resolver(0)
    assert [path.path for path in revision._get_usages_of_ref(Reference(number, 0, revision))] == [
        path.path for path in revision._get_usages_of_ref(Reference(between, 0, revision))] != []


def test_a_page_that_is_in_the_page_tree_twice_is_no_file_of_ours() -> None:
    pdf = pikepdf.open(BytesIO(paper("P-001")))
    pdf.Root.Pages.Kids.append(pdf.Root.Pages.Kids[0])
    out = BytesIO()
    pdf.save(out, static_id=True)
    with pytest.raises(PdfReadError):
        Reader(BytesIO(out.getvalue()), strict=False).get_historical_resolver(0)._load_reverse_xref_cache()
