"""Signing what the PDF room makes: tagged papers with fields, which must stay what they were for archives and screen readers."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import page
import pytest

from pipeline.signing import demo, pen
from pipeline.signing.keys import trusted
from pipeline.signing.verdict import Indication, Verdict
from pipeline.signing.verify import verify

NOW = dt.datetime(2017, 7, 1, tzinfo=dt.UTC)


@pytest.fixture
def paper(tagged: bytes) -> bytes:
    return tagged


@pytest.fixture
def there(office: Callable[..., Any], paper: bytes) -> Any:
    made = office()
    made.released(pdf=paper)
    return made


def judged(there: Any, pdf: bytes) -> Verdict:
    return verify(pdf, now=NOW, trust=trusted(there.workspace), known=there.ledger.documents())


def failures(pdf: bytes, profile: page.ValidationProfile) -> list[str]:
    return [failure.rule_id for failure in page.validate_pdf_bytes(pdf, profile=profile).failures]


def test_a_signed_paper_is_still_pdf_a_3a_and_pdf_ua_1(there: Any) -> None:
    there.sign("stadt")
    once = there.signed_file().read_bytes()
    assert (failures(once, page.ValidationProfile.PDF_A_3A), failures(once, page.ValidationProfile.PDF_UA_1)) == ([], [])
    there.sign()
    whole = there.signed_file().read_bytes()
    # of several signatures only the last can reach the end of the file; veraPDF asks for the end of its own revision, this referee does not
    assert set(failures(whole, page.ValidationProfile.PDF_A_3A)) <= {"PDFA3A-SIGNATURE-BYTERANGE-001"}
    assert failures(whole, page.ValidationProfile.PDF_UA_1) == []


def test_a_signed_paper_is_all_that_it_should_be(there: Any) -> None:
    there.sign()
    verdict = judged(there, there.signed_file().read_bytes())
    assert verdict.good
    assert (verdict.change.indication, verdict.document.indication) == (Indication.PASSED, Indication.PASSED)
    assert verdict.document.sentence == "memorandum/P-001, Revision 1, gebaut am 01.06.2017 um 10:00 Uhr"


def test_a_built_paper_is_known_by_its_bytes(there: Any, paper: bytes) -> None:
    assert judged(there, paper).good
    verdict = judged(there, there.repainted(paper))
    assert (verdict.good, verdict.integrity.indication) == (False, Indication.FAILED)


def test_an_older_revision_is_told_from_the_present_one(there: Any, paper: bytes) -> None:
    there.sign()
    old = there.signed_file().read_bytes()
    there.build(revision=2)
    assert judged(there, old).document.sentence == "memorandum/P-001, Revision 1; vorliegend ist hier Revision 2"


def test_a_paper_changed_and_then_signed_by_whomever_is_not_the_paper(there: Any, paper: bytes) -> None:
    stranger = pen.Pen(demo.key(there.workspace, there.workspace.settings.initiators[0]))
    forged = pen.write(there.repainted(paper), stranger, pen.Stroke(field="stadt", name="Stadt", reason="", at=NOW, picture=lambda w, h: paper))
    verdict = judged(there, forged)
    assert (verdict.integrity.indication, verdict.change.indication) == (Indication.PASSED, Indication.PASSED)
    assert (verdict.good, verdict.document.sentence) == (False, "nennt sich memorandum/P-001, wurde aber zwischen Bau und Unterschrift verändert")


def test_what_is_painted_over_a_signed_tagged_paper_is_found(there: Any) -> None:
    there.sign()
    verdict = judged(there, there.repainted(there.signed_file().read_bytes()))
    assert (verdict.good, verdict.change.indication) == (False, Indication.FAILED)


def test_signing_leaves_title_dates_and_provenance_alone(there: Any, paper: bytes) -> None:
    import pikepdf
    there.sign()
    with pikepdf.open(io.BytesIO(paper)) as built, pikepdf.open(there.signed_file()) as signed:
        assert signed.Root.Metadata.read_bytes() == built.Root.Metadata.read_bytes()
        assert {key: str(value) for key, value in signed.docinfo.items()} == {key: str(value) for key, value in built.docinfo.items()}
