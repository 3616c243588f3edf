from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.ledger import DocumentRow, Ledger
from pipeline.release import (
    BuilderMayNotApprove,
    ChangedAfterBuilding,
    FileMissing,
    NoApprover,
    NotAnApprover,
    State,
    approve,
    standing,
)
from pipeline.workspace import ReleaseSettings, Workspace
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
    assert approve(workspace(tmp_path), ledger, [row], "Leitung", NOW).approved == ("memorandum/P-001",)
    stands = standing(row, ledger.approvals()[row.key], ReleaseSettings())
    assert (stands.approved, str(stands)) == (True, "freigegeben von Leitung")


def test_a_release_dies_with_the_bytes_and_says_so(tmp_path: Path, ledger: Ledger) -> None:
    approve(workspace(tmp_path), ledger, [built(tmp_path, ledger, revision=3)], "Leitung", NOW)
    again = built(tmp_path, ledger, text="Zweite Fassung", revision=4)
    stands = standing(again, ledger.approvals()[again.key], ReleaseSettings())
    assert (stands.state, str(stands)) == (State.OUTDATED, "freigegeben wurde Revision 3, vorliegend ist Revision 4")


def test_releasing_the_same_bytes_again_changes_nothing(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    approve(workspace(tmp_path), ledger, [row], "Leitung", NOW)
    second = approve(workspace(tmp_path), ledger, [row], "Leitung", NOW)
    assert (second.approved, second.already) == ((), ("memorandum/P-001",))
    assert len(ledger.approvals()[row.key]) == 1


def test_one_changed_file_stops_the_whole_release(tmp_path: Path, ledger: Ledger) -> None:
    rows = [built(tmp_path, ledger, "memorandum/P-001"), built(tmp_path, ledger, "memorandum/P-002")]
    (tmp_path / rows[1].docx).write_text("von Hand geändert", "utf-8")
    with pytest.raises(ChangedAfterBuilding, match=r"^nach dem Bauen verändert: outputs/memorandum/memorandum-P-002\.docx$"):
        approve(workspace(tmp_path), ledger, rows, "Leitung", NOW)
    assert ledger.approvals() == {}


def test_a_missing_file_is_not_released(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    (tmp_path / row.pdf).unlink()
    with pytest.raises(FileMissing):
        approve(workspace(tmp_path), ledger, [row], "Leitung", NOW)


def test_only_those_named_release_a_kind(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    rules = workspace(tmp_path, approvers={"memorandum": ["Leitung"]})
    with pytest.raises(NotAnApprover) as caught:
        approve(rules, ledger, [row], "Praktikum", NOW)
    assert (caught.value.exit_code, caught.value.hint) == (6, "Zur Freigabe berechtigt: Leitung.")
    assert approve(rules, ledger, [row], "leitung ", NOW).approved


def test_whoever_built_does_not_release_where_four_eyes_are_asked_for(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    with pytest.raises(BuilderMayNotApprove):
        approve(workspace(tmp_path, four_eyes=True), ledger, [row], "Muster", NOW)
    assert approve(workspace(tmp_path, four_eyes=True), ledger, [row], "Leitung", NOW).approved


def test_a_release_counts_no_more_once_its_giver_is_struck_from_the_settings(tmp_path: Path, ledger: Ledger) -> None:
    row = built(tmp_path, ledger)
    approve(workspace(tmp_path), ledger, [row], "Leitung", NOW)
    rules = ReleaseSettings(approvers={"memorandum": ("Vorstand",)})
    assert standing(row, ledger.approvals()[row.key], rules).state is State.OPEN


def test_a_release_needs_a_name(tmp_path: Path, ledger: Ledger) -> None:
    with pytest.raises(NoApprover):
        approve(workspace(tmp_path), ledger, [built(tmp_path, ledger)], "  ", NOW)
