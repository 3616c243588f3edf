from __future__ import annotations

import datetime as dt
import hashlib
import multiprocessing
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from pipeline.settings import Initiator
from pipeline.signing import demo, pen
from pipeline.signing.alone import SignersBusy
from pipeline.signing.due import NoAuthority, UnknownSigner
from pipeline.signing.keys import KeyNotConfigured
from pipeline.signing.timeservice import NoTimeService
from tests.makers import settings

PAPER = "memorandum/P-001"
NOW = dt.datetime(2017, 6, 8, 9, 30, tzinfo=dt.UTC)
ALL = ((PAPER, "stadt"), (PAPER, "kammer"), (PAPER, "firma"))


def judged(path: Path) -> list[tuple[str, bool, bool]]:
    """What poppler's pdfsig says of each signature: field, valid, whole document signed."""
    said = subprocess.run(["pdfsig", str(path)], capture_output=True, text=True, check=False).stdout
    found = []
    for part in re.split(r"Signature #\d+:", said)[1:]:
        if "is not signed" not in part:
            field = re.search(r"Field Name: (\S+)", part)
            assert field is not None
            found.append((field[1], "Signature is Valid." in part, "- Total document signed" in part))
    return found


def test_all_initiators_sign_in_the_order_of_the_settings(office: Callable[..., Any]) -> None:
    there = office()
    there.released()
    assert there.sign().signed == ALL
    assert judged(there.signed_file()) == [("stadt", True, False), ("kammer", True, False), ("firma", True, True)]


def test_what_was_built_stays_and_the_signed_file_begins_with_it(office: Callable[..., Any]) -> None:
    there = office()
    row = there.released()
    there.sign()
    assert (there.workspace.root / row.pdf).read_bytes() == there.pdf
    assert there.signed_file().read_bytes().startswith(there.pdf)


def test_the_ledger_knows_each_signature_and_its_bytes(office: Callable[..., Any]) -> None:
    there = office()
    row = there.released()
    there.sign()
    rows = there.ledger.signatures()[PAPER]
    assert [(made.field, made.signer) for made in rows] == [
        ("stadt", "DEMO Stadt Dortmund"), ("kammer", "DEMO Kammer zu Dortmund"), ("firma", "DEMO Netz GmbH")]
    assert {made.base_sha256 for made in rows} == {row.pdf_sha256}
    assert rows[-1].sha256 == hashlib.sha256(there.signed_file().read_bytes()).hexdigest()
    assert rows[0].signed_at == "2017-06-08T09:30:00Z"


def test_signing_twice_signs_nothing_twice(office: Callable[..., Any]) -> None:
    there = office()
    there.released()
    there.sign()
    before = there.signed_file().read_bytes()
    again = there.sign(passphrase=lambda owner: pytest.fail("no key is needed"))
    assert (again.signed, again.done) == ((), (PAPER,))
    assert there.signed_file().read_bytes() == before


def test_one_initiator_at_a_time_gives_the_same_order(office: Callable[..., Any]) -> None:
    there = office()
    there.released()
    early = there.sign("kammer")
    assert (early.signed, early.waiting[0].reason) == ((), "zuerst unterzeichnet Stadt Dortmund")
    assert not there.signed_file().exists()
    assert there.sign("stadt").signed == ALL[:1]
    assert there.sign("kammer").signed == ALL[1:2]
    assert judged(there.signed_file()) == [("stadt", True, False), ("kammer", True, True)]


def test_only_released_bytes_are_signed(office: Callable[..., Any]) -> None:
    there = office()
    there.build()
    result = there.sign()
    assert (result.signed, result.waiting[0].reason) == ((), "nicht freigegeben")
    assert not there.signed_file().exists()


def test_a_paper_changed_between_release_and_signature_is_refused_and_the_others_are_signed(office: Callable[..., Any]) -> None:
    there = office()
    changed = there.released("memorandum/P-001")
    there.released("memorandum/P-002")
    (there.workspace.root / changed.pdf).write_bytes(there.pdf + b"\n% more")
    result = there.sign()
    assert [held.key for held in result.refused] == ["memorandum/P-001"]
    assert {key for key, _ in result.signed} == {"memorandum/P-002"}
    assert not there.signed_file("memorandum/P-001").exists()


def test_an_initiator_without_signatories_is_an_open_point_and_nobody_signs_after_it(office: Callable[..., Any]) -> None:
    there = office(initiators=[
        {"key": "stadt", "name": "Stadt Dortmund", "signatories": [{"function": "Oberbürgermeister"}]},
        {"key": "kammer", "name": "Leitstelle Energiewende"},
        {"key": "firma", "name": "Netz GmbH", "signatories": [{"function": "Geschäftsführung"}]}])
    there.released()
    result = there.sign()
    assert result.signed == ALL[:1]
    assert [held.reason for held in result.waiting] == ["Zeichnungsbefugnis für Leitstelle Energiewende nicht nachgewiesen"]
    with pytest.raises(NoAuthority):
        there.sign("kammer")


def test_a_signer_nobody_knows_is_refused_with_those_who_are_known(office: Callable[..., Any]) -> None:
    with pytest.raises(UnknownSigner) as caught:
        office().sign("bund")
    assert caught.value.hint == "In inputs/alliance.toml stehen: stadt, kammer, firma."


def test_without_a_key_the_paper_waits(office: Callable[..., Any]) -> None:
    there = office(signing={"demo": False})
    there.released()
    assert there.sign().waiting[0].reason == "kein Schlüssel für „stadt“"
    with pytest.raises(KeyNotConfigured):
        there.sign("stadt")


def test_a_paper_without_the_field_is_refused_and_not_half_signed(office: Callable[..., Any]) -> None:
    there = office()
    there.released(pdf=there.with_fields("stadt"))
    assert there.sign().refused[0].reason == "das Papier hat kein Unterschriftsfeld „kammer“"
    assert not there.signed_file().exists()


def test_a_run_that_broke_off_before_the_ledger_is_taken_up(office: Callable[..., Any]) -> None:
    there = office()
    there.released()
    there.sign("stadt")
    lost = there.signed_file().read_bytes()
    there.ledger.close()
    (there.workspace.outputs / "ledger.sqlite").unlink()
    there = office()
    there.released()
    assert there.sign("stadt").signed == ()
    assert [made.field for made in there.ledger.signatures()[PAPER]] == ["stadt"]
    assert there.sign().signed == ALL[1:]
    assert there.signed_file().read_bytes().startswith(lost)
    assert [valid for _, valid, _ in judged(there.signed_file())] == [True, True, True]


def test_a_tampered_signed_file_is_refused_and_left_alone(office: Callable[..., Any]) -> None:
    there = office()
    there.released()
    there.sign("stadt")
    tampered = there.signed_file().read_bytes().replace(b"/MediaBox", b"/MEdiaBox")
    there.signed_file().write_bytes(tampered)
    assert there.sign().refused[0].reason.startswith("die unterzeichnete Datei wurde verändert")
    assert there.signed_file().read_bytes() == tampered


def test_a_lost_signed_file_is_reported_not_made_again(office: Callable[..., Any]) -> None:
    there = office()
    there.released()
    there.sign("stadt")
    there.signed_file().unlink()
    assert there.sign().refused[0].reason.startswith("die unterzeichnete Datei fehlt")


def test_a_new_revision_starts_anew_and_the_old_signatures_are_kept(office: Callable[..., Any]) -> None:
    there = office()
    there.released()
    there.sign()
    old = there.signed_file().read_bytes()
    there.build(revision=2, pdf=there.with_fields("stadt", "kammer", "firma"))
    assert there.sign().waiting[0].reason == "freigegeben wurde Revision 1, vorliegend ist Revision 2"
    assert there.signed_file().read_bytes() == old
    there.released(revision=2, pdf=there.with_fields("stadt", "kammer", "firma"))
    assert there.sign().signed == ALL
    [earlier] = (there.signed_file().parent / "earlier").iterdir()
    assert earlier.read_bytes() == old


def test_a_full_disk_leaves_the_paper_as_it_was(office: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        raise OSError(28, "No space left on device")
    there = office()
    there.released()
    monkeypatch.setattr("pipeline.signing.sign.place", full)
    assert "konnte nicht geschrieben werden" in there.sign().refused[0].reason
    assert there.ledger.signatures() == {}
    monkeypatch.undo()
    assert there.sign().signed == ALL


def test_no_lower_level_than_the_settings_ask_for(office: Callable[..., Any]) -> None:
    there = office(signing={"demo": True, "level": "B-T"})
    there.released()
    with pytest.raises(NoTimeService):
        there.sign()


def test_progress_counts_papers(office: Callable[..., Any]) -> None:
    there = office()
    there.released("memorandum/P-001")
    there.released("memorandum/P-002")
    seen: list[tuple[int, int]] = []
    there.sign("stadt", progress=lambda through, of: seen.append((through, of)))
    assert seen == [(1, 2), (2, 2)]


def test_a_run_that_broke_off_between_two_notes_is_taken_up(office: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    there = office()
    there.released()
    noted, real = [], there.ledger.signed

    def dies(row: Any, at: Any) -> None:
        if noted:
            raise KeyboardInterrupt
        noted.append(row)
        real(row, at)
    monkeypatch.setattr(there.ledger, "signed", dies)
    with pytest.raises(KeyboardInterrupt):
        there.sign()
    monkeypatch.undo()
    on_disk = there.signed_file().read_bytes()
    assert there.sign().signed == ()
    assert [made.field for made in there.ledger.signatures()[PAPER]] == ["stadt", "kammer", "firma"]
    assert there.signed_file().read_bytes() == on_disk


def test_two_signers_at_once_do_not_lose_each_others_signatures(office: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    there = office()
    there.released()
    monkeypatch.setattr("pipeline.signing.alone.PATIENCE", 0.05)
    with FileLock(there.workspace.outputs / ".signing.lock"), pytest.raises(SignersBusy):
        there.sign()
    assert there.sign().signed == ALL


def test_a_name_in_another_script_and_a_long_one_do_not_stop_the_demonstration(office: Callable[..., Any]) -> None:
    name = "Zukunft & Wärme „Ωμέγα“ " + "sehr langer Name " * 6
    there = office(initiators=[{"key": "verein", "name": name, "signatories": [{"function": "Vorstand"}]}])
    there.released(pdf=there.with_fields("verein"))
    assert there.sign().signed == ((PAPER, "verein"),)
    assert judged(there.signed_file()) == [("verein", True, True)]


@pytest.mark.slow
def test_two_processes_sign_the_same_papers(office: Callable[..., Any]) -> None:
    there = office()
    keys = [f"memorandum/P-{number:03}" for number in range(1, 8)]
    for key in keys:
        there.released(key)
    (there.workspace.root / there.ledger.documents()[keys[2]].pdf).write_bytes(b"%PDF-")
    there.released(keys[3], pdf=there.with_fields("stadt"))
    done = there.sign(jobs=2)
    assert [key for key, field in done.signed if field == "stadt"] == [*keys[:2], *keys[4:]]
    assert [held.key for held in done.refused] == keys[2:4]
    assert all(valid for key in (keys[0], keys[6]) for _, valid, _ in judged(there.signed_file(key)))


def test_in_parallel_each_signs_when_it_can(office: Callable[..., Any]) -> None:
    there = office(signing={"demo": True, "parallel": True})
    there.released()
    assert there.sign("firma").signed == ALL[2:]
    assert there.sign("stadt").signed == ALL[:1]
    assert there.sign().signed == ALL[1:2]
    assert judged(there.signed_file()) == [("stadt", True, False), ("kammer", True, True), ("firma", True, False)]


def test_in_parallel_an_open_point_holds_nobody_up(office: Callable[..., Any]) -> None:
    there = office(signing={"demo": True, "parallel": True}, initiators=[
        {"key": "stadt", "name": "Stadt Dortmund"}, {"key": "firma", "name": "Netz GmbH", "signatories": [{"function": "Geschäftsführung"}]}])
    there.released()
    done = there.sign()
    assert done.signed == ALL[2:]
    assert [held.reason for held in done.waiting] == ["Zeichnungsbefugnis für Stadt Dortmund nicht nachgewiesen"]


def test_a_countersignature_waits_for_the_partner(office: Callable[..., Any]) -> None:
    there = office(initiators=[
        {"key": "stadt", "name": "Stadt Dortmund", "signatories": [{"function": "Oberbürgermeister"}], "countersigns": True},
        {"key": "firma", "name": "Netz GmbH", "signatories": [{"function": "Geschäftsführung"}]}])
    row = there.released()
    done = there.sign()
    assert (done.signed, done.waiting[0].reason) == (ALL[2:], "Stadt Dortmund zeichnet gegen, wenn der Partner unterzeichnet hat")
    partner = pen.Pen(demo.key(there.workspace, Initiator(key="partner", name="Partner GmbH")))
    back = pen.write(there.signed_file().read_bytes(), partner, pen.Stroke(field="partner", name="Partner", reason="", at=NOW,
                                                                          picture=lambda width, height: there.pdf))
    there.signed_file().write_bytes(back)
    assert there.sign().signed == ALL[:1]
    assert [field for field, _, _ in judged(there.signed_file())] == ["stadt", "firma", "partner"]
    assert [made.field for made in there.ledger.signatures()[row.key]] == ["firma", "partner", "stadt"]


TWO = [{"key": "stadt", "name": "Stadt Dortmund",
        "signatories": [{"function": "Oberbürgermeister"}, {"function": "Kämmerer", "name": "Egon Muster"}]},
       {"key": "firma", "name": "Netz GmbH", "signatories": [{"function": "Geschäftsführung"}]}]


def test_each_who_signs_for_an_initiator_has_a_field_a_key_and_a_place_in_the_order(office: Callable[..., Any]) -> None:
    there = office(initiators=TWO)
    there.released(pdf=there.with_fields("stadt", "stadt-2", "firma", "partner"))
    assert there.sign("firma").waiting[0].reason == "zuerst unterzeichnet Stadt Dortmund (Oberbürgermeister)"
    assert there.sign("stadt-2").waiting[0].reason == "zuerst unterzeichnet Stadt Dortmund (Oberbürgermeister)"
    assert there.sign("stadt").signed == ((PAPER, "stadt"), (PAPER, "stadt-2"))
    assert there.sign().signed == ((PAPER, "firma"),)
    assert judged(there.signed_file()) == [("stadt", True, False), ("stadt-2", True, False), ("firma", True, True)]
    assert [made.field for made in there.ledger.signatures()[PAPER]] == ["stadt", "stadt-2", "firma"]
    assert {path.stem for path in (there.workspace.outputs / "demo-keys").glob("*.p12")} >= {"stadt", "stadt-2", "firma"}


def test_one_of_several_signatories_may_sign_alone_and_the_other_is_still_due(office: Callable[..., Any]) -> None:
    there = office(initiators=TWO, signing={"keys": {}, "demo": True, "parallel": True})
    there.released(pdf=there.with_fields("stadt", "stadt-2", "firma", "partner"))
    assert there.sign("stadt-2").signed == ((PAPER, "stadt-2"),)
    assert there.sign("stadt").signed == ((PAPER, "stadt"),)


def test_the_field_of_a_second_signatory_is_nobody_elses_name() -> None:
    clash = [TWO[0], {"key": "stadt-2", "name": "Stadtwerke"}]
    with pytest.raises(ValueError, match="das Kürzel „stadt-2“ benennt schon das Unterschriftsfeld"):
        settings(initiators=clash)


def test_a_clock_that_goes_back_is_told_before_anything_is_written(office: Callable[..., Any]) -> None:
    there = office()
    there.released()
    there.sign("stadt")
    before = there.signed_file().read_bytes()
    done = there.sign(now=NOW - dt.timedelta(hours=2))
    assert done.refused[0].reason == "die Uhr dieses Rechners geht nach: das Papier wurde schon am 08.06.2017 um 09:30 UTC freigegeben"
    assert there.signed_file().read_bytes() == before


def test_a_field_that_is_filled_is_left_alone(office: Callable[..., Any]) -> None:
    there = office()
    held = pen.Pen(demo.key(there.workspace, there.workspace.settings.initiators[0]))
    stroke = pen.Stroke(field="stadt", name="Stadt", reason="", at=NOW, picture=lambda width, height: there.pdf)
    once = pen.write(there.pdf, held, stroke)
    with pytest.raises(pen.FieldFilled, match="das Unterschriftsfeld „stadt“ ist schon ausgefüllt"):
        pen.write(once, held, stroke)


def test_a_paper_whose_field_somebody_filled_before_is_refused_and_the_others_are_signed(office: Callable[..., Any]) -> None:
    there = office()
    held = pen.Pen(demo.key(there.workspace, there.workspace.settings.initiators[0]))
    stroke = pen.Stroke(field="stadt", name="Stadt", reason="", at=NOW, picture=lambda width, height: there.pdf)
    there.released(pdf=pen.write(there.pdf, held, stroke))
    there.released("memorandum/P-002")
    done = there.sign()
    assert [(refused.key, refused.reason) for refused in done.refused] == [(PAPER, "das Unterschriftsfeld „stadt“ ist schon ausgefüllt")]
    assert {key for key, _ in done.signed} == {"memorandum/P-002"}
    assert not there.signed_file().exists()


def test_a_key_file_that_vanishes_half_way_was_read_at_the_beginning(office: Callable[..., Any]) -> None:
    there = office()
    there.released()
    there.released("memorandum/P-002")
    done = there.sign(progress=lambda through, of: shutil.rmtree(there.workspace.outputs / "demo-keys", ignore_errors=True))
    assert len(done.signed) == 6
    assert all(valid for _, valid, _ in judged(there.signed_file("memorandum/P-002")))


@pytest.mark.slow
def test_a_process_ended_from_outside_leaves_each_paper_whole_and_the_rest_for_later(office: Callable[..., Any]) -> None:
    there = office()
    keys = [f"memorandum/P-{number:03}" for number in range(1, 13)]
    for key in keys:
        there.released(key)

    def end(through: int, of: int) -> None:
        for child in multiprocessing.active_children() if through == 2 else ():      # the first is signed here
            child.kill()
    done = there.sign(jobs=2, progress=end)
    assert {refused.reason for refused in done.refused} == {"ein Arbeitsprozess wurde von außen beendet"}
    whole = {key for key, _ in done.signed}
    assert whole | {refused.key for refused in done.refused} == set(keys)
    assert {path.name for path in (there.workspace.outputs / "signed" / "memorandum").glob("*")} == {there.signed_file(key).name for key in whole}
    assert {key for key, _ in there.sign().signed} == set(keys) - whole
