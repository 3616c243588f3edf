"""Signature levels against a time-stamp service and an authority of our own on loopback."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import page
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

from pipeline.signing.keys import trusted
from pipeline.signing.renew import Renewed, renew
from pipeline.signing.revocation import IssuerUnknown, KeyRevoked, StatusUnknown
from pipeline.signing.services import DemoCannotLast
from pipeline.signing.timeservice import BadTimeService, ClockWrong, TimeServiceDown, TimeServiceRefused
from pipeline.signing.verdict import Indication
from pipeline.signing.verify import verify
from pipeline.workspace import Workspace
from tests.signing.authority import Authority, running

NOW = dt.datetime(2017, 6, 8, 9, 30, tzinfo=dt.UTC)
PAPER = "memorandum/P-001"
OWN = {name: {"certificate": f"{name}-certificate.pem", "key": f"{name}.pem"} for name in ("stadt", "kammer", "firma")}
REVOKED = [{"key": "kammer", "name": "Kammer zu Dortmund", "signatories": [{"function": "Präsident", "name": "Egon Muster"}]}]
INITIATORS = [{"key": "stadt", "name": "Stadt Dortmund", "signatories": [{"function": "Oberbürgermeister"}]},
              {"key": "firma", "name": "Netz GmbH", "signatories": [{"function": "Geschäftsführung"}]}]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with running(tmp_path_factory.mktemp("authority"), NOW) as there:
        yield there


@pytest.fixture
def house(office: Callable[..., Any], authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """An office with keys of that authority, whose root it trusts, and one released paper."""
    monkeypatch.setattr("pipeline.signing.timeservice.FIRST_PAUSE", 0.01)
    authority.asked.clear()
    authority.broken.clear()
    authority.moment = NOW

    def make(level: str, *, trust: bool = True, initiators: Any = INITIATORS, pdf: bytes | None = None, **signing: Any) -> Any:
        for path in authority.folder.glob("*.pem"):
            shutil.copy(path, tmp_path)
        if trust:
            (tmp_path / "inputs" / "trust").mkdir(parents=True)
            (tmp_path / "inputs" / "trust" / "root.pem").write_bytes(authority.root)
        there = office(initiators=initiators, signing={"keys": OWN, "level": level, "timestamp": authority.time} | signing)
        there.released(pdf=pdf)
        return there
    return make


def untouched(there: Any) -> bool:
    return not there.signed_file().exists() and not there.ledger.signatures()


def read(there: Any) -> PdfFileReader:
    return PdfFileReader(there.signed_file().open("rb"))


def test_b_t_carries_a_stamp_in_each_signature(house: Callable[..., Any], authority: Authority) -> None:
    there = house("B-T")
    assert len(there.sign().signed) == 2
    found = read(there).embedded_regular_signatures
    assert [len(list(extract_tst_data_iter(signature.signer_info, signed=False))) for signature in found] == [1, 1]
    assert "/DSS" not in read(there).root


def test_b_lt_brings_the_evidence_and_it_is_enough_when_the_authority_is_gone(house: Callable[..., Any], authority: Authority) -> None:
    there = house("B-LT")
    there.sign()
    store = read(there).root["/DSS"]
    assert (len(store["/OCSPs"]), len(store["/CRLs"])) == (2, 1)
    later = dt.datetime(2024, 6, 8, tzinfo=dt.UTC)     # the signing certificates ended in 2018
    verdict = verify(there.signed_file().read_bytes(), now=later, trust=trusted(there.workspace), known=there.ledger.documents())
    assert [(found.level, found.signatory.indication) for found in verdict.signatures] == [("B-LT", Indication.PASSED)] * 2
    assert verdict.good


def test_b_lta_ends_with_a_stamp_over_everything_and_stays_an_archive_file(house: Callable[..., Any], tagged: bytes) -> None:
    there = house("B-LTA", pdf=tagged)
    there.sign()
    data = there.signed_file().read_bytes()
    assert [stamp.field_name for stamp in read(there).embedded_timestamp_signatures] == ["zeitstempel-1"]
    failures = {failure.rule_id for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1)
                for failure in page.validate_pdf_bytes(data, profile=profile).failures}
    assert failures <= {"PDFA3A-SIGNATURE-BYTERANGE-001"}
    verdict = verify(data, now=NOW, trust=trusted(there.workspace), known=there.ledger.documents())
    assert verdict.good
    assert {found.level for found in verdict.signatures} == {"B-LTA"}


def test_signing_in_two_runs_ends_at_the_same_level(house: Callable[..., Any]) -> None:
    there = house("B-LTA")
    there.sign("stadt")
    there.sign("firma")
    verdict = verify(there.signed_file().read_bytes(), now=NOW, trust=trusted(there.workspace), known=there.ledger.documents())
    assert verdict.good
    assert len(read(there).embedded_timestamp_signatures) == 2


def test_a_run_that_broke_off_before_the_ledger_is_taken_up_with_its_evidence(house: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    there = house("B-LTA")
    there.sign("stadt")

    def dies(row: Any, at: Any) -> None:
        raise KeyboardInterrupt
    monkeypatch.setattr(there.ledger, "signed", dies)
    with pytest.raises(KeyboardInterrupt):
        there.sign()
    monkeypatch.undo()
    on_disk = there.signed_file().read_bytes()
    assert there.sign().signed == ()
    assert [made.field for made in there.ledger.signatures()[PAPER]] == ["stadt", "firma"]
    assert there.signed_file().read_bytes() == on_disk


def test_a_service_that_stumbles_is_asked_again(house: Callable[..., Any], authority: Authority) -> None:
    there = house("B-T", attempts=3)
    authority.broken["/tsa/"] = 2
    assert len(there.sign().signed) == 2


def test_a_service_that_is_down_is_a_refusal_and_no_lower_level(house: Callable[..., Any], authority: Authority) -> None:
    there = house("B-T", attempts=2)
    authority.broken["/tsa/"] = 99
    with pytest.raises(TimeServiceDown, match=r"antwortet nicht \(2 Versuche, zuletzt: HTTP 503\)"):
        there.sign()
    assert untouched(there)
    assert authority.asked.count("/office/tsa/tsa") == 2


def test_a_service_that_fails_half_way_leaves_each_paper_whole_and_the_rest_for_later(house: Callable[..., Any], authority: Authority,
                                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    there = house("B-T", attempts=1)
    there.released("memorandum/P-002")
    there.released("memorandum/P-003")
    done = there.sign(progress=lambda through, of: authority.broken.update({"/tsa/": 1}))
    assert {key for key, _ in done.signed} == {"memorandum/P-001"}
    assert [held.key for held in done.refused] == ["memorandum/P-002", "memorandum/P-003"]
    assert not there.signed_file("memorandum/P-002").exists()
    assert {key for key, _ in there.sign().signed} == {"memorandum/P-002", "memorandum/P-003"}


def test_a_service_nobody_trusts_is_refused(house: Callable[..., Any]) -> None:
    there = house("B-T", trust=False, revocation="off")
    assert there.sign("stadt").signed       # B-T asks nothing about the service's certificate when told not to
    other = house("B-LT", trust=False)
    with pytest.raises(IssuerUnknown):
        other.sign("firma")


def test_a_clock_that_is_wrong_is_told_by_the_service(house: Callable[..., Any], authority: Authority) -> None:
    there = house("B-T")
    authority.moment = NOW + dt.timedelta(hours=1)
    with pytest.raises(ClockWrong, match=r"zeigt 08[.]06[.]2017 09:30 UTC, die des Zeitstempeldienstes 08[.]06[.]2017 10:30 UTC"):
        there.sign()
    assert untouched(there)


@pytest.mark.parametrize("url", ["ftp://x.example", "tsa.example", "https://name:word@tsa.example"])
def test_an_address_that_is_none_is_refused(house: Callable[..., Any], url: str) -> None:
    with pytest.raises(BadTimeService):
        house("B-T", timestamp=url).sign()


def test_what_answers_but_is_no_time_service_is_refused(house: Callable[..., Any], authority: Authority) -> None:
    with pytest.raises(TimeServiceRefused, match="HTTP 404"):
        house("B-T", timestamp=f"{authority.url}/office/elsewhere").sign()


@pytest.mark.parametrize("level", ["B-B", "B-LT"])
def test_a_revoked_certificate_is_refused_on_every_level_before_anything_is_written(house: Callable[..., Any], level: str) -> None:
    there = house(level, initiators=REVOKED)
    with pytest.raises(KeyRevoked):
        there.sign()
    assert untouched(there)


def test_an_authority_out_of_reach_stops_what_needs_its_answer_and_nothing_else(house: Callable[..., Any], authority: Authority) -> None:
    there = house("B-B", attempts=1)
    authority.broken.update({"/ocsp/": 99, "/crls/": 99})
    assert there.sign("stadt").signed
    strict = house("B-B", trust=False, attempts=1, revocation="required")
    (strict.workspace.inputs / "trust" / "root.pem").write_bytes(authority.root)
    with pytest.raises(StatusUnknown):
        strict.sign("firma")


def test_a_demonstration_cannot_claim_evidence(house: Callable[..., Any]) -> None:
    with pytest.raises(DemoCannotLast):
        house("B-LT", keys={}, demo=True).sign()


@pytest.mark.slow
@pytest.mark.parametrize("level", ["B-T", "B-LTA"])
def test_several_processes_reach_every_level(house: Callable[..., Any], level: str) -> None:
    there = house(level)
    for number in range(2, 6):
        there.released(f"memorandum/P-{number:03}")
    assert len(there.sign(jobs=2).signed) == 10
    verdict = verify(there.signed_file("memorandum/P-005").read_bytes(), now=NOW, trust=trusted(there.workspace), known=there.ledger.documents())
    assert (verdict.good, {found.level for found in verdict.signatures}) == (True, {level})


@pytest.mark.slow
def test_a_service_that_is_down_stops_all_processes(house: Callable[..., Any], authority: Authority) -> None:
    there = house("B-T", attempts=1)
    for number in range(2, 12):
        there.released(f"memorandum/P-{number:03}")
    done = there.sign(jobs=2, progress=lambda through, of: authority.broken.update({"/tsa/": 999}))
    assert done.signed
    assert {held.reason.partition(" (")[0] for held in done.refused} == {"der Zeitstempeldienst 127.0.0.1 antwortet nicht"}
    assert len({key for key, _ in done.signed}) + len(done.refused) == 11
    authority.broken.clear()
    assert len({key for key, _ in there.sign(jobs=2).signed}) == len(done.refused)


def renewed(there: Any, authority: Authority, at: dt.datetime, **changes: Any) -> Renewed:
    """Renews with the authority's later time-stamp service, at a later time."""
    authority.moment = at
    signing = there.workspace.settings.signing.model_copy(update={"timestamp": f"{authority.url}/office/tsa/later"} | changes)
    workspace = Workspace(there.workspace.root, there.workspace.settings.model_copy(update={"signing": signing}))
    return renew(workspace, there.ledger, list(there.ledger.documents().values()), now=at, passphrase=lambda owner: None)


def test_a_stamp_that_ends_within_months_is_renewed_and_outlasts_its_own_certificate(house: Callable[..., Any], authority: Authority,
                                                                                     tagged: bytes) -> None:
    there = house("B-LTA", pdf=tagged)
    there.sign()
    before = there.signed_file().read_bytes()
    assert renewed(there, authority, dt.datetime(2028, 6, 1, tzinfo=dt.UTC)).lasting == ((PAPER, dt.date(2030, 1, 1)),)
    assert not (there.workspace.outputs / "archive").exists()
    assert renewed(there, authority, dt.datetime(2029, 6, 1, tzinfo=dt.UTC)).renewed == (PAPER,)
    kept = (there.workspace.outputs / "archive" / "memorandum" / there.signed_file().name).read_bytes()
    assert there.signed_file().read_bytes() == before
    assert kept.startswith(before)
    assert len(PdfFileReader(BytesIO(kept)).embedded_timestamp_signatures) == 2
    later: dict[str, Any] = {"now": dt.datetime(2032, 1, 1, tzinfo=dt.UTC), "trust": trusted(there.workspace), "known": there.ledger.documents()}
    assert verify(before, **later).signatory.indication is Indication.INDETERMINATE     # the stamp's own certificate has ended
    assert verify(kept, **later).signatory.indication is Indication.PASSED
    assert {found.level for found in verify(kept, **later).signatures} == {"B-LTA"}
    failures = {failure.rule_id for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1)
                for failure in page.validate_pdf_bytes(kept, profile=profile).failures}
    assert failures <= {"PDFA3A-SIGNATURE-BYTERANGE-001"}
    assert renewed(there, authority, dt.datetime(2029, 7, 1, tzinfo=dt.UTC)).lasting == ((PAPER, dt.date(2034, 1, 1)),)


def test_a_renewal_that_cannot_be_had_leaves_the_paper_as_it_was(house: Callable[..., Any], authority: Authority) -> None:
    there = house("B-LTA", attempts=1)
    there.sign()
    authority.broken["/tsa/"] = 99
    [held] = renewed(there, authority, dt.datetime(2029, 6, 1, tzinfo=dt.UTC)).refused
    assert "antwortet nicht" in held.reason
    authority.broken.clear()
    [late] = renewed(there, authority, dt.datetime(2031, 6, 1, tzinfo=dt.UTC)).refused
    assert late.reason == "das Zertifikat des letzten Zeitstempels ist am 01.01.2030 abgelaufen, er lässt sich nicht mehr erneuern"
    assert not (there.workspace.outputs / "archive").exists()


def test_a_paper_without_any_time_stamp_has_nothing_to_renew(house: Callable[..., Any], authority: Authority) -> None:
    there = house("B-B")
    there.sign()
    assert renewed(there, authority, dt.datetime(2029, 6, 1, tzinfo=dt.UTC)).unstamped == (PAPER,)
