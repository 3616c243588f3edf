"""What the office should do now: each thing by a rule of its own, in the order in which one waits for the other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.next import RULES, turn
from pipeline.workspace import Initiator, Settings, Signatory, SigningSettings
from tests.makers import settings
from tests.office import gremium


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
