"""What was given out stays as it is, until somebody takes it back or asks for a new one by its name."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.office import gremium, small

KEY = "memorandum/P-001"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = small(tmp_path_factory.mktemp("house"))
    for words in (("build", "memorandum"), ("approve", "memorandum", "--by", "Leitung"), ("sign", "memorandum"),
                  ("issue", "--only", KEY, "--by", "hand")):
        done = gremium(folder, *words)
        assert done.returncode == 0, (words, done.stderr)
    partners = folder / "inputs" / "partners.csv"
    partners.write_text(partners.read_text("utf-8").replace("+49 231 5550-101", "+49 231 5550-999"), "utf-8")
    return folder


@pytest.fixture
def house(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "house"))


def state(house: Path) -> dict[str, str]:
    return {document["key"]: document["state"] for document in json.loads(gremium(house, "status", "--json").stdout)["documents"]}


def test_a_build_leaves_what_is_given_out_and_says_so(house):
    pdf = next((house / "outputs" / "memorandum").glob("memorandum-P-001*.pdf"))
    before = pdf.read_bytes()
    done = gremium(house, "build", "memorandum")
    assert done.returncode == 0
    assert KEY in done.stderr and "withdraw" in done.stderr
    assert pdf.read_bytes() == before
    assert state(house)[KEY] == "issued"


def test_why_names_what_has_changed_since_and_what_to_do(house):
    said = gremium(house, "why", KEY).stdout
    assert "ausgegeben" in said and "5550-999" in said and "withdraw" in said


def test_a_dry_run_tells_both_ways(house):
    assert json.loads(gremium(house, "build", "-n", "memorandum", "--json").stdout)["held"] == [KEY]
    named = json.loads(gremium(house, "build", "-n", "memorandum", "--only", KEY, "--json").stdout)
    assert [due["key"] for due in named["due"]] == [KEY]
    assert "5550-999" in str(named["due"])


@pytest.mark.slow
def test_taken_back_by_mistake_it_becomes_a_new_revision_when_it_is_asked_for(house):
    other = "memorandum/P-002"
    for words in (("issue", "--only", other, "--by", "hand"), ("withdraw", other, "--reason", "verwechselt")):
        assert gremium(house, *words).returncode == 0
    held = gremium(house, "issue", "--only", other, "--by", "hand")
    assert f"gremium build --force --only {other}" in held.stdout + held.stderr
    for words in (("build", "--force", "--only", other), ("approve", "memorandum", "--by", "Leitung"), ("sign", "memorandum"),
                  ("issue", "--only", other, "--by", "hand")):
        assert gremium(house, *words).returncode == 0, words
    revision = {document["key"]: document["revision"] for document in json.loads(gremium(house, "status", "--json").stdout)["documents"]}
    assert revision[other] == 2


@pytest.mark.slow
def test_named_or_taken_back_it_becomes_a_new_revision(house):
    assert gremium(house, "withdraw", KEY, "--reason", "Telefon geändert").returncode == 0
    assert gremium(house, "build", "memorandum").returncode == 0
    revision = {document["key"]: document["revision"] for document in json.loads(gremium(house, "status", "--json").stdout)["documents"]}
    assert revision[KEY] == 2
    for words in (("approve", "memorandum", "--by", "Leitung"), ("sign", "memorandum"), ("issue", "--only", KEY, "--by", "hand")):
        assert gremium(house, *words).returncode == 0
    partners = house / "inputs" / "partners.csv"
    partners.write_text(partners.read_text("utf-8").replace("+49 231 5550-999", "+49 231 5550-998"), "utf-8")
    assert gremium(house, "build", "memorandum", "--only", KEY).returncode == 0
    assert {document["key"]: document["revision"] for document in json.loads(gremium(house, "status", "--json").stdout)["documents"]}[KEY] == 3
