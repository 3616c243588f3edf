from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.ledger import DocumentRow, Ledger
from pipeline.papers.draft import Draft, Recipient
from pipeline.release import (
    Approver,
    BuilderMayNotApprove,
    ChangedAfterBuilding,
    FileMissing,
    NoApprover,
    NoReason,
    NotAnApprover,
    SameLogin,
    Standing,
    State,
    approve,
    envelopes,
    reject,
    standing,
    statement,
)
from pipeline.settings import ReleaseSettings
from pipeline.workspace import Workspace
from tests import makers

NOW = dt.datetime(2017, 6, 1, 8, tzinfo=dt.UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "outputs" / "ledger.sqlite") as opened:
        yield opened


def workspace(tmp_path: Path, **release: Any) -> Workspace:
    return Workspace(tmp_path, makers.settings(release=release))


def built(tmp_path: Path, ledger: Ledger, key: str = "memorandum/P-001", text: str = "Erste Fassung", revision: int = 1) -> DocumentRow:
    stem = "outputs/memorandum/" + key.replace("/", "-")
    sha256 = {}
    for ending in ("docx", "pdf"):
        path = tmp_path / f"{stem}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text} {ending}", "utf-8")
        sha256[ending] = hashlib.sha256(path.read_bytes()).hexdigest()
    row = DocumentRow(key=key, kind="memorandum", subject=key, docx=f"{stem}.docx", pdf=f"{stem}.pdf", revision=revision, fingerprint="f",
                      inputs={}, docx_sha256=sha256["docx"], pdf_sha256=sha256["pdf"], seconds=0.1, built_by="muster",
                      built_at="2017-06-01T08:00:00Z")
    ledger.built([row], NOW)
    return row


def test_a_paper_nobody_released_is_open(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    assert str(standing(row, [], ReleaseSettings())) == "nicht freigegeben"


def test_a_release_holds_for_these_bytes(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    assert approve(workspace(tmp_path), ledger, [row], Approver(name="Leitung"), NOW).approved == ("memorandum/P-001",)
    stands = standing(row, ledger.approvals()[row.key], ReleaseSettings())
    assert (stands.approved, str(stands)) == (True, "freigegeben von Leitung")


def test_a_release_dies_with_the_bytes_and_says_so(tmp_path: Path, ledger: Ledger) -> None:
    approve(workspace(tmp_path), ledger, [built(tmp_path, ledger, revision=3)], Approver(name="Leitung"), NOW)
    again = built(tmp_path, ledger, text="Zweite Fassung", revision=4)
    stands = standing(again, ledger.approvals()[again.key], ReleaseSettings())
    assert (stands.state, str(stands)) == (State.OUTDATED, "freigegeben wurde Revision 3, vorliegend ist Revision 4")


def test_releasing_the_same_bytes_again_changes_nothing(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    approve(workspace(tmp_path), ledger, [row], Approver(name="Leitung"), NOW)
    second = approve(workspace(tmp_path), ledger, [row], Approver(name="Leitung"), NOW)
    assert (second.approved, second.already) == ((), ("memorandum/P-001",))
    assert len(ledger.approvals()[row.key]) == 1


def test_one_changed_file_stops_the_whole_release(tmp_path: Path, ledger: Ledger) -> None:
    rows = [built(tmp_path, ledger, "memorandum/P-001"), built(tmp_path, ledger, "memorandum/P-002")]
    (tmp_path / rows[1].docx).write_text("von Hand geändert", "utf-8")
    with pytest.raises(ChangedAfterBuilding, match=r"^nach dem Bauen verändert: outputs/memorandum/memorandum-P-002\.docx$"):
        approve(workspace(tmp_path), ledger, rows, Approver(name="Leitung"), NOW)
    assert ledger.approvals() == {}


def test_a_missing_file_is_not_released(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    (tmp_path / row.pdf).unlink()
    with pytest.raises(FileMissing):
        approve(workspace(tmp_path), ledger, [row], Approver(name="Leitung"), NOW)


def test_only_those_named_release_a_kind(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    rules = workspace(tmp_path, approvers={"memorandum": ["Leitung"]})
    with pytest.raises(NotAnApprover) as caught:
        approve(rules, ledger, [row], Approver(name="Praktikum"), NOW)
    assert (caught.value.exit_code, caught.value.hint) == (6, "Zur Freigabe berechtigt: Leitung.")
    assert approve(rules, ledger, [row], Approver(name="leitung "), NOW).approved


def test_whoever_built_does_not_release_where_four_eyes_are_asked_for(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    with pytest.raises(BuilderMayNotApprove):
        approve(workspace(tmp_path, four_eyes=True), ledger, [row], Approver(name="Muster"), NOW)
    assert approve(workspace(tmp_path, four_eyes=True), ledger, [row], Approver(name="Leitung"), NOW).approved


def test_a_release_counts_no_more_once_its_giver_is_struck_from_the_settings(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    approve(workspace(tmp_path), ledger, [row], Approver(name="Leitung"), NOW)
    rules = ReleaseSettings(approvers={"memorandum": ("Vorstand",)})
    assert standing(row, ledger.approvals()[row.key], rules).state is State.OPEN


def test_a_release_needs_a_name(tmp_path: Path, ledger: Ledger) -> None:
    with pytest.raises(NoApprover):
        approve(workspace(tmp_path), ledger, [built(tmp_path, ledger)], Approver(name="  "), NOW)


def stands(row: DocumentRow, ledger: Ledger, envelope: str | None = None, **rules: Any) -> Standing:
    return standing(row, ledger.approvals().get(row.key, []), ReleaseSettings(**rules), envelope)


def test_a_kind_may_ask_for_two_people(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    rules = workspace(tmp_path, needed={"memorandum": 2})
    done = approve(rules, ledger, [row], Approver(name="Leitung"), NOW)
    assert (done.approved, done.missing) == (("memorandum/P-001",), (("memorandum/P-001", 1),))
    assert str(stands(row, ledger, needed={"memorandum": 2})) == "freigegeben von Leitung, es fehlt noch 1"
    approve(rules, ledger, [row], Approver(name=" leitung"), NOW)
    assert not stands(row, ledger, needed={"memorandum": 2}).approved
    assert approve(rules, ledger, [row], Approver(name="Vorstand"), NOW).missing == ()
    assert stands(row, ledger, needed={"memorandum": 2}).by == ("Leitung", "Vorstand")


def test_a_rejection_holds_until_the_same_person_takes_it_back_or_the_bytes_change(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    approve(workspace(tmp_path), ledger, [row], Approver(name="Leitung"), NOW)
    reject(workspace(tmp_path), ledger, [row], Approver(name="Recht"), NOW, "Anlage 2\n fehlt")
    assert str(stands(row, ledger)) == "zurückgewiesen von Recht: Anlage 2 fehlt"
    approve(workspace(tmp_path), ledger, [row], Approver(name="Leitung"), NOW)
    assert stands(row, ledger).state is State.REJECTED
    later = NOW + dt.timedelta(hours=1)
    assert approve(workspace(tmp_path), ledger, [row], Approver(name="Recht"), later).approved
    assert stands(row, ledger).by == ("Leitung", "Recht")
    reject(workspace(tmp_path), ledger, [row], Approver(name="Recht"), later + dt.timedelta(hours=1), "doch nicht")
    again = built(tmp_path, ledger, text="Zweite Fassung", revision=2)
    assert stands(again, ledger).state is State.OUTDATED


def test_a_rejection_says_why(tmp_path: Path, ledger: Ledger) -> None:
    with pytest.raises(NoReason):
        reject(workspace(tmp_path), ledger, [built(tmp_path, ledger)], Approver(name="Recht"), NOW, "  ")


def test_a_release_of_a_letter_covers_its_recipient_and_its_text(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger, "invitation/M-002/P-001")
    approve(workspace(tmp_path), ledger, [row], Approver(name="Leitung"), NOW, envelopes={row.key: "one"})
    assert stands(row, ledger, "one").approved
    assert str(stands(row, ledger, "other")) == "freigegeben wurden andere Empfänger oder Texte, als jetzt vorliegen"
    again = approve(workspace(tmp_path), ledger, [row], Approver(name="Leitung"), NOW, envelopes={row.key: "other"})
    assert again.approved == (row.key,)
    assert stands(row, ledger, "other").approved


def test_the_envelope_changes_with_recipient_text_and_sender(tmp_path: Path) -> None:
    who = Recipient(key="P-001", partner="P-001", name="Frau Muster", organisation="Brückner", email="muster@brueckner.example",
                    salutation="Sehr geehrte Frau Muster", address=("Hafenstraße 12", "44147 Dortmund"))
    draft = Draft(key="invitation/M-002/P-001", kind="invitation", subject="Einladung", template="invitation.docx", stem="i", date=makers.DATE,
                  context={}, recipient=who)
    mail = tmp_path / "templates" / "mail"
    mail.mkdir(parents=True)
    (mail / "invitation.txt").write_text("Betreff: Einladung", "utf-8")
    first = envelopes(workspace(tmp_path))(draft)
    moved = envelopes(workspace(tmp_path))(replace(draft, recipient=replace(who, email="mia@brueckner.example")))
    (mail / "invitation.txt").write_text("Betreff: Ausladung", "utf-8")
    reworded = envelopes(workspace(tmp_path))(draft)
    (mail / "foot.txt").write_text("Telefon 1", "utf-8")
    assert len({first, moved, reworded, envelopes(workspace(tmp_path))(draft)}) == 4
    assert envelopes(workspace(tmp_path))(replace(draft, recipient=None)) == ""


def test_four_eyes_are_two_logins_too_unless_a_key_tells_the_people_apart(tmp_path: Path, ledger: Ledger) -> None:
    row, rules = built(tmp_path, ledger), workspace(tmp_path, four_eyes=True)
    with pytest.raises(BuilderMayNotApprove):
        approve(rules, ledger, [row], Approver(name="Leitung", login="muster"), NOW)
    assert ledger.approvals() == {}
    signed = Approver(name="Leitung", login="muster", proof=lambda statement: b"signature")
    assert approve(rules, ledger, [row], signed, NOW).approved
    assert stands(row, ledger, four_eyes=True).approved


def test_a_builder_who_built_again_loses_the_release_given_before(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    approve(workspace(tmp_path), ledger, [row], Approver(name="Leitung", login="leitung"), NOW)
    assert stands(replace(row, built_by="leitung"), ledger, four_eyes=True).state is State.OPEN


def test_a_proof_signs_a_statement_the_ledger_can_rebuild(tmp_path: Path, ledger: Ledger) -> None:
    row, seen = built(tmp_path, ledger), []

    def proof(said: bytes) -> bytes:
        seen.append(said)
        return b"signature"
    approve(workspace(tmp_path), ledger, [row], Approver(name="Leitung"), NOW)
    approve(workspace(tmp_path), ledger, [row], Approver(name="Leitung", proof=proof), NOW)
    given = ledger.approvals()[row.key][-1]
    assert (given.proof, statement(given)) == (b"signature", seen[0])
    assert row.pdf_sha256.encode() in seen[0]


@pytest.mark.parametrize("again", ["K.  Müster", "k. müster", "K. MÜSTER", "K. Mu\u0308ster", "K.\u00a0Müster", "Ｋ. Müster", "K. Mü\u200bster"])
def test_one_person_is_one_however_the_name_is_spelled(tmp_path: Path, ledger: Ledger, again: str) -> None:
    row, rules = built(tmp_path, ledger), workspace(tmp_path, needed={"memorandum": 2})
    approve(rules, ledger, [row], Approver(name="K. Müster", login="karla"), NOW)
    assert approve(rules, ledger, [row], Approver(name=again, login="egon"), NOW).already == (row.key,)
    ledger.approve([replace(given, approved_by=again, login="egon") for given in ledger.approvals()[row.key]], NOW)
    assert stands(row, ledger, needed={"memorandum": 2}).missing == 1


def test_a_builder_stays_the_builder_however_the_name_is_spelled(tmp_path: Path, ledger: Ledger) -> None:
    row = replace(built(tmp_path, ledger), built_by="K. Müster")
    with pytest.raises(BuilderMayNotApprove):
        approve(workspace(tmp_path, four_eyes=True), ledger, [row], Approver(name="k.  Mu\u0308ster"), NOW)


def test_two_people_are_two_logins_too_unless_keys_tell_them_apart(tmp_path: Path, ledger: Ledger) -> None:
    row, rules = built(tmp_path, ledger), workspace(tmp_path, needed={"memorandum": 2})
    approve(rules, ledger, [row], Approver(name="Leitung", login="karla"), NOW)
    with pytest.raises(SameLogin, match=r"^„Vorstand“ gibt memorandum/P-001 unter derselben Anmeldung frei wie „Leitung“"):
        approve(rules, ledger, [row], Approver(name="Vorstand", login="Karla"), NOW)
    assert approve(workspace(tmp_path), ledger, [row], Approver(name="Vorstand", login="karla"), NOW).missing == ()     # one was enough then
    assert str(stands(row, ledger, needed={"memorandum": 2})) == "freigegeben von Leitung, Vorstand, es fehlt noch 1"
    assert approve(rules, ledger, [row], Approver(name="Recht", login="egon"), NOW).missing == ()


def test_two_keys_at_one_login_are_two_people_and_a_name_beside_a_key_is_none(tmp_path: Path, ledger: Ledger) -> None:
    row, rules = built(tmp_path, ledger), workspace(tmp_path, needed={"memorandum": 2})
    approve(rules, ledger, [row], Approver(name="Leitung", login="karla", proof=lambda statement: b"one"), NOW)
    with pytest.raises(SameLogin):
        approve(rules, ledger, [row], Approver(name="Vorstand", login="karla"), NOW)
    signed = Approver(name="Vorstand", login="karla", proof=lambda statement: b"two")
    assert approve(rules, ledger, [row], signed, NOW).missing == ()


def test_a_rejection_is_taken_back_however_the_name_is_spelled(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    reject(workspace(tmp_path), ledger, [row], Approver(name="K. Muster"), NOW, "Anlage fehlt")
    approve(workspace(tmp_path), ledger, [row], Approver(name=" K.  MUSTER "), NOW + dt.timedelta(hours=1))
    assert stands(row, ledger).approved
