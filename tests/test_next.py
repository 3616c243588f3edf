"""What the office should do now: each thing by a rule of its own, in the order in which one waits for the other."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.ledger import Ledger, MessageRow, ReturnRow
from pipeline.next import RULES, refused, returns, turn
from pipeline.settings import Initiator, Settings, Signatory, SigningSettings
from tests.makers import settings
from tests.office import gremium

NOW = dt.datetime(2017, 6, 1, 8, tzinfo=dt.UTC)


def due(folder: Path) -> dict[str, dict[str, object]]:
    done = gremium(folder, "next", "--json")
    assert done.returncode == 0, done.stderr
    return {step["rule"]: step for step in json.loads(done.stdout)["next"]}


def test_a_new_office_is_told_to_build_and_then_to_release_and_then_to_sign(workspace):
    assert list(due(workspace)) == ["build"]
    assert gremium(workspace, "build", "memorandum").returncode == 0
    steps = due(workspace)
    assert list(steps) == ["build", "release"]
    assert steps["release"]["count"] == 3
    assert steps["release"]["command"] == "gremium approve memorandum --show"
    assert gremium(workspace, "approve", "memorandum", "--by", "K. Muster").returncode == 0
    steps = due(workspace)
    assert "release" not in steps
    assert steps["signatures"]["count"] == 3
    assert steps["signatures"]["keys"] == ["memorandum/P-001", "memorandum/P-002", "memorandum/P-003"]


def test_a_finding_comes_first_with_the_papers_it_holds_back(workspace):
    path = workspace / "inputs" / "partners.csv"
    path.write_text(path.read_text("utf-8").replace("01067", "1067x"), "utf-8")
    first = next(iter(due(workspace).values()))
    assert first["rule"] == "findings"
    assert first["count"] == 1
    assert "partners.csv" in first["what"]
    assert "memorandum/P-002" in first["keys"]


def test_people_read_count_task_who_and_the_command_to_type_where_they_stand(workspace):
    done = gremium(workspace, "next")
    assert f"gremium -C {workspace} build" in done.stdout
    assert "Geschäftsstelle:" in done.stdout


def test_it_only_looks(workspace):
    before = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}
    due(workspace)
    assert {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()} == before


def test_after_the_main_job_what_is_left_is_named(finished):
    steps = due(finished)
    assert "build" not in steps
    assert "release" not in steps
    assert not {"findings", "unknown", "send"} & set(steps)


@pytest.mark.parametrize(("parallel", "filled", "expected"), [
    (False, set(), ["stadt"]),
    (False, {"stadt"}, ["ihk"]),
    (False, {"stadt", "ihk"}, []),
    (False, {"stadt", "ihk", "partner"}, ["led"]),
    (True, set(), ["stadt", "ihk"]),
    (True, {"stadt", "partner"}, ["ihk", "led"]),
])
def test_who_signs_next_follows_the_order_and_the_countersignature_waits_for_the_partner(parallel, filled, expected):
    initiators = (Initiator(key="led", name="L.E.D.", signatories=(Signatory(function="x"),), countersigns=True),
                  Initiator(key="stadt", name="Stadt", signatories=(Signatory(function="x"),)),
                  Initiator(key="ihk", name="IHK", signatories=(Signatory(function="x"),)))
    house: Settings = settings().model_copy(update={"initiators": initiators, "signing": SigningSettings(parallel=parallel)})
    assert [initiator.key for initiator in turn(house, filled)] == expected


def test_every_rule_is_one_function_with_a_reason():
    assert len({rule.__name__ for rule in RULES}) == len(RULES)
    assert all(rule.__doc__ for rule in RULES)


def test_an_office_without_partners_is_told_to_fill_its_tables(tmp_path):
    assert gremium(tmp_path, "new", str(tmp_path / "verein"), "--name", "Verein", "--city", "Kiel", "--email", "post@verein.example",
                   "--initiator", "Vorstand").returncode == 0
    first = next(iter(due(tmp_path / "verein").values()))
    assert first["rule"] == "tables"
    assert first["keys"] == ["topics", "partners", "meetings"]


def test_an_undeliverable_mail_is_settled_by_the_letter_that_went_instead(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        office = SimpleNamespace(ledger=ledger)
        froze(ledger, "a", "failed")
        [step] = refused(office)
        assert (step.count, step.command) == (1, "gremium letters invitation")
        froze(ledger, "b", "posted")
        assert list(refused(office)) == []


def test_a_half_scan_is_settled_by_the_whole_paper_that_came_after_it(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        office = SimpleNamespace(ledger=ledger)
        ledger.returned(came("a", "unclear"), NOW)
        assert [step.rule for step in returns(office)] == ["unclear"]
        ledger.returned(came("b", "to-confirm"), NOW)
        assert [step.rule for step in returns(office)] == ["returns"]


def test_an_unclear_scan_is_named_with_the_command_that_puts_it_aside_and_then_no_more(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        office = SimpleNamespace(ledger=ledger)
        blank = replace(came("a", "unclear"), key="", revision=0)
        ledger.returned(blank, NOW)
        [step] = returns(office)
        assert (step.rule, step.command) == ("unclear", f"gremium confirm --dismiss {'a' * 16} --by NAME")
        assert ledger.dismiss(blank, "K. Muster", NOW)
        assert not ledger.dismiss(blank, "K. Muster", NOW)
        assert list(returns(office)) == []
        assert not ledger.returned(blank, NOW)      # received again, it says what it said
        assert list(returns(office)) == []
        assert [detail["by"] for _, detail in ledger.noted("dismissed")] == ["K. Muster"]


def test_what_was_put_aside_is_named_again_when_more_is_known_of_it(tmp_path):
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        office = SimpleNamespace(ledger=ledger)
        ledger.returned(came("a", "unclear"), NOW)
        ledger.dismiss(came("a", "unclear"), "K. Muster", NOW)
        ledger.returned(came("a", "to-confirm"), NOW)
        assert not ledger.dismiss(came("a", "to-confirm"), "K. Muster", NOW)
        assert [step.rule for step in returns(office)] == ["returns"]


def froze(ledger: Ledger, number: str, state: str) -> None:
    ledger.frozen([MessageRow(id=number, key="invitation/M-001/P-001", kind="invitation", pdf_sha256="0" * 64, path=f"{number}.eml",
                              sha256="1" * 64, state="frozen", attempts=0, reply="", changed_at="2017-06-01T08:00:00Z")], NOW)
    ledger.settle(number, state, NOW)


def came(number: str, state: str) -> ReturnRow:
    return ReturnRow(sha256=number * 64, name=f"{number}.pdf", origin="scan", key="memorandum/P-001", revision=1, state=state, answers={},
                     sentence="", path=f"outputs/returned/{number}.pdf", missing=(), received_at="2017-06-01T08:00:00Z", confirmed_by="",
                     confirmed_at="")
