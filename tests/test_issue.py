from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.issue import NotIssued, NoWithdrawalReason, issue, present, remindable, reminders, withdraw
from pipeline.ledger import DocumentRow, Ledger, SignatureRow, personal
from pipeline.papers.memorandum import drafts
from pipeline.records import PartnerStatus
from pipeline.release import Approver, approve
from pipeline.workspace import Workspace
from tests import makers

NOW = dt.datetime(2017, 6, 1, 8, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
KEY = "memorandum/P-001"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "outputs" / "ledger.sqlite") as opened:
        yield opened


@pytest.fixture
def house(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, makers.settings())


def written(root: Path, path: str, text: str) -> str:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")
    return hashlib.sha256(text.encode()).hexdigest()


def built(house: Workspace, ledger: Ledger, *, revision: int = 1, approved: bool = True) -> DocumentRow:
    paths = {ending: f"outputs/memorandum/m.{ending}" for ending in ("docx", "pdf")}
    sha256 = {ending: written(house.root, path, f"{ending} {revision}") for ending, path in paths.items()}
    row = DocumentRow(key=KEY, kind="memorandum", subject="m", docx=paths["docx"], pdf=paths["pdf"], revision=revision, fingerprint="f",
                      inputs={"partner.name": f"Name {revision}"}, docx_sha256=sha256["docx"], pdf_sha256=sha256["pdf"], seconds=0.1,
                      built_by="muster", built_at="2017-06-01T08:00:00Z")
    ledger.built([row], NOW)
    if approved:
        approve(house, ledger, [row], Approver(name="Leitung"), NOW)
    return row


def signed(house: Workspace, ledger: Ledger, row: DocumentRow, *fields: str) -> None:
    path = "outputs/signed/memorandum/m.pdf"
    for field in fields:
        sha256 = written(house.root, path, f"signed {field} {row.revision}")
        ledger.signed(SignatureRow(key=row.key, revision=row.revision, field=field, signer=field, path=path, base_sha256=row.pdf_sha256,
                                   sha256=sha256, signed_at="2017-06-01T09:00:00Z"), NOW)


def out(house: Workspace, ledger: Ledger, **changes: Any) -> DocumentRow:
    row = built(house, ledger, **changes)
    signed(house, ledger, row, "stadt", "kammer")
    issue(house, ledger, [row], "post", NOW)
    return row


def test_what_is_released_and_signed_goes_out_and_the_ledger_knows_which_bytes_since_when(house: Workspace, ledger: Ledger) -> None:
    row = out(house, ledger)
    given = present(ledger.issues()[KEY], row)
    assert given is not None
    assert (given.revision, given.way, given.issued_at, given.path) == (1, "post", "2017-06-01T08:00:00Z", "outputs/signed/memorandum/m.pdf")
    assert given.sha256 == hashlib.sha256(b"signed kammer 1").hexdigest()


def test_the_same_bytes_go_out_once(house: Workspace, ledger: Ledger) -> None:
    row = out(house, ledger)
    assert issue(house, ledger, [row], "hand", NOW + DAY).already == (KEY,)
    assert len(ledger.issues()[KEY]) == 1


def test_a_paper_not_released_stays(house: Workspace, ledger: Ledger) -> None:
    row = built(house, ledger, approved=False)
    assert issue(house, ledger, [row], "hand", NOW).held == ((KEY, "memorandum/P-001 wird nicht ausgegeben: nicht freigegeben"),)
    assert ledger.issues() == {}


def test_a_paper_that_lacks_signatures_stays_unless_the_partner_signs_first(house: Workspace, ledger: Ledger) -> None:
    row = built(house, ledger)
    signed(house, ledger, row, "stadt")
    [(_, why)] = issue(house, ledger, [row], "hand", NOW).held
    assert why == "memorandum/P-001 wird nicht ausgegeben: es fehlt die Unterschrift von Kammer zu Dortmund"
    assert issue(house, ledger, [row], "hand", NOW, unsigned=True).issued == (KEY,)


def test_a_signed_file_that_was_changed_stays(house: Workspace, ledger: Ledger) -> None:
    row = built(house, ledger)
    signed(house, ledger, row, "stadt", "kammer")
    written(house.root, "outputs/signed/memorandum/m.pdf", "etwas anderes")
    [(_, why)] = issue(house, ledger, [row], "hand", NOW).held
    assert why == "nach dem Bauen verändert: outputs/signed/memorandum/m.pdf"


def test_a_withdrawal_says_why_and_the_same_bytes_do_not_go_out_again(house: Workspace, ledger: Ledger) -> None:
    row = out(house, ledger)
    with pytest.raises(NoWithdrawalReason):
        withdraw(ledger, KEY, " ", NOW)
    withdraw(ledger, KEY, "Partner\n umbenannt", NOW + DAY)
    [given] = ledger.issues()[KEY]
    assert (given.withdrawn_at, given.reason) == ("2017-06-02T08:00:00Z", "Partner umbenannt")
    assert present([given], row) is None
    with pytest.raises(NotIssued):
        withdraw(ledger, KEY, "noch einmal", NOW)
    [(_, why)] = issue(house, ledger, [row], "hand", NOW).held
    assert why == (f"{KEY} wird nicht ausgegeben: Revision 1 wurde am 02.06.2017 zurückgenommen, weil: Partner umbenannt; "
                   "erst berichtigen und neu erstellen (gremium build; wo nichts zu berichtigen war: "
                   "gremium build --force --only memorandum/P-001), dann freigeben und unterzeichnen")
    anew = built(house, ledger, revision=2)
    signed(house, ledger, anew, "stadt", "kammer")
    assert issue(house, ledger, [anew], "hand", NOW).issued == (KEY,)


def test_a_new_revision_is_not_out_while_the_old_one_is(house: Workspace, ledger: Ledger) -> None:
    out(house, ledger)
    again = built(house, ledger, revision=2)
    assert present(ledger.issues()[KEY], again) is None


def test_reminders_fall_due_after_the_days_set_and_end_when_all_were_given(house: Workspace, ledger: Ledger) -> None:
    out(house, ledger)
    assert reminders(house, ledger, NOW + 13 * DAY) == ()
    [first] = reminders(house, ledger, NOW + 14 * DAY)
    assert (first.days, first.number) == (14, 1)
    ledger.reminded([first.row], NOW + 14 * DAY)
    assert reminders(house, ledger, NOW + 27 * DAY) == ()
    [second] = reminders(house, ledger, NOW + 30 * DAY)
    assert (second.days, second.number) == (30, 2)
    ledger.reminded([second.row], NOW + 30 * DAY)
    assert reminders(house, ledger, NOW + 300 * DAY) == ()


def test_who_has_signed_or_has_nothing_any_more_is_not_reminded(house: Workspace, ledger: Ledger) -> None:
    row = out(house, ledger)
    signed(house, ledger, row, "partner")
    assert reminders(house, ledger, NOW + 99 * DAY) == ()
    fresh = replace(row, revision=2, pdf_sha256="other")
    assert present(ledger.issues()[KEY], fresh) is None
    withdraw(ledger, KEY, "neu gefasst", NOW)
    assert reminders(house, ledger, NOW + 99 * DAY) == ()


def test_a_partner_who_has_left_and_a_person_not_to_be_written_to_are_not_reminded(house: Workspace, ledger: Ledger) -> None:
    def reminded(silent: frozenset[str] = frozenset(), hushed: frozenset[str] = frozenset(), **changes: Any) -> list[str]:
        papers = drafts(makers.alliance(partners=(makers.partner(**changes),), persons=(makers.person(email="mia@partner.example"),)))
        return [due.row.key for due in reminders(house, ledger, NOW + 14 * DAY, remindable(papers, silent, hushed))]

    out(house, ledger)
    assert reminded() == [KEY]
    assert reminded(status=PartnerStatus.LEFT) == []
    assert reminded(silent=frozenset({"P-001"})) == []
    assert reminded(hushed=frozenset({personal("mia@partner.example")})) == []
