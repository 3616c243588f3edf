from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from pipeline.signing.fence import Encrypted, NotAPaper, Unreadable
from pipeline.signing.keys import trusted
from pipeline.signing.verdict import Indication, Verdict
from pipeline.signing.verify import verify

NOW = dt.datetime(2017, 7, 1, tzinfo=dt.UTC)


@pytest.fixture
def signed(office: Callable[..., Any]) -> Any:
    there = office()
    there.released()
    there.sign()
    return there


def judged(there: Any, pdf: bytes) -> Verdict:
    return verify(pdf, now=NOW, trust=trusted(there.workspace), known=there.ledger.documents())


def test_three_signatures_in_order_are_all_intact(signed: Any) -> None:
    verdict = judged(signed, signed.signed_file().read_bytes())
    assert [(found.field, found.integrity.indication) for found in verdict.signatures] == [
        ("stadt", Indication.PASSED), ("kammer", Indication.PASSED), ("firma", Indication.PASSED)]
    assert [found.whole for found in verdict.signatures] == [False, False, True]
    assert (verdict.good, verdict.change.indication) == (True, Indication.PASSED)


def test_a_demonstration_is_never_taken_for_a_signature(signed: Any) -> None:
    verdict = judged(signed, signed.signed_file().read_bytes())
    assert all(found.demo for found in verdict.signatures)
    assert verdict.signatory.indication is Indication.INDETERMINATE
    assert "DEMO Stadt Dortmund: Demonstrationsschlüssel aus diesem Arbeitsordner, keine gültige Signatur" in verdict.signatory.sentence


def test_a_demonstration_key_of_another_house_is_a_stranger(signed: Any) -> None:
    verdict = verify(signed.signed_file().read_bytes(), now=NOW)
    assert "DEMO Stadt Dortmund: Demonstrationsschlüssel unbekannter Herkunft" in verdict.signatory.sentence


def test_one_changed_byte_breaks_integrity(signed: Any) -> None:
    pdf = signed.signed_file().read_bytes().replace(b"/MediaBox [ 0 0 595 842 ]", b"/MediaBox [ 0 0 595 841 ]")
    assert pdf != signed.signed_file().read_bytes()
    verdict = judged(signed, pdf)
    assert (verdict.good, verdict.integrity.indication) == (False, Indication.FAILED)


def test_something_painted_over_after_signing_is_found_though_every_signature_is_intact(signed: Any) -> None:
    verdict = judged(signed, signed.repainted(signed.signed_file().read_bytes()))
    assert verdict.integrity.indication is Indication.PASSED
    assert (verdict.good, verdict.change.indication) == (False, Indication.FAILED)
    assert "wurde die Datei in unerlaubter Weise verändert" in verdict.change.sentence


@pytest.mark.parametrize("more", [b"x", b"\n% nothing to see", b"\nstartxref\n0\n%%EOF\n"])
def test_bytes_that_belong_to_no_signature_are_not_passed_over(signed: Any, more: bytes) -> None:
    try:
        verdict = judged(signed, signed.signed_file().read_bytes() + more)
    except Unreadable:
        return      # refused altogether
    assert not verdict.good
    assert verdict.change.indication is Indication.FAILED


def test_an_unsigned_file_without_a_workspace_proves_nothing(office: Callable[..., Any]) -> None:
    verdict = verify(office().pdf, now=NOW)
    assert not verdict.good
    assert verdict.integrity.indication is Indication.INDETERMINATE


@pytest.mark.parametrize("length", [20, 700, 5000])
def test_a_truncated_file_is_unreadable_or_not_good(signed: Any, length: int) -> None:
    try:
        verdict = judged(signed, signed.signed_file().read_bytes()[:length])
    except Unreadable as error:
        assert error.exit_code == 8
    else:
        assert not verdict.good


@pytest.mark.parametrize("data", [b"", b"Guten Tag", b"\x89PNG\r\n\x1a\n"])
def test_what_is_neither_pdf_nor_word_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPaper):
        verify(data, now=NOW)


def test_an_encrypted_pdf_is_named_as_such(office: Callable[..., Any]) -> None:
    import pikepdf
    out = BytesIO()
    pikepdf.open(BytesIO(office().pdf)).save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(Encrypted):
        verify(out.getvalue(), now=NOW)


def word(**said: str) -> bytes:
    """A Word file as small as it gets, with custom properties."""
    properties = "".join(f'<property name="gremium:{name}"><lpwstr>{value}</lpwstr></property>' for name, value in said.items())
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>')
        archive.writestr("word/document.xml", "<document/>")
        archive.writestr("docProps/custom.xml", f"<Properties>{properties}</Properties>")
    return packed.getvalue()


def test_a_word_file_says_from_which_build_it_is() -> None:
    verdict = verify(word(key="memorandum/P-001", revision="2", fingerprint="f", template="t", tool="gremium 0.1.0"), now=NOW)
    assert verdict.document.sentence == "nach eigener Angabe memorandum/P-001, Revision 2; nachprüfen lässt sich das nur im Arbeitsordner"


def test_a_word_file_changed_by_hand_is_not_what_was_built(office: Callable[..., Any]) -> None:
    there = office()
    there.build()
    verdict = judged(there, word(key="memorandum/P-001", revision="1", fingerprint="f", template="t", tool="gremium 0.1.0"))
    assert (verdict.good, verdict.document.sentence) == (False, "nennt sich memorandum/P-001, Revision 1, ist aber nicht die gebaute Datei")


def test_the_sentences_are_german_and_have_no_full_stop(signed: Any) -> None:
    said = judged(signed, signed.signed_file().read_bytes()).as_json()
    for name in ("integrity", "signatory", "change", "document"):
        assert not re.search(r"\.$", said[name]["sentence"])
