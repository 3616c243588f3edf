"""The council's commands on a whole small workspace, as the office gives them."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.office import gremium, small

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = small(tmp_path_factory.mktemp("council"))
    for words in (("build", "briefing"), ("approve", "briefing", "--by", "Probe"), ("council",)):
        done = gremium(folder, *words)
        assert done.returncode == 0, done.stderr
    return folder


def proposed(office: Path) -> str:
    said = json.loads(gremium(office, "why", "briefing/2017-06", "--figure", "effects.count", "--json").stdout)
    return said["figures"][0]["rows"][0]["key"]


def test_a_number_of_the_paper_is_traced_to_its_rows(office):
    said = gremium(office, "why", "briefing/2017-06", "--figure", "survey.projects")
    assert said.returncode == 0, said.stderr
    assert "projects.csv" in said.stdout
    refused = gremium(office, "why", "briefing/2017-06", "--figure", "4711")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 2)


def test_the_state_of_the_memoranda_enters_the_paper_and_ends_its_release(office):
    counted = json.loads(gremium(office, "council", "state", "--day", "2017-05-04", "--json").stdout)
    assert counted["day"] == "2017-05-04"
    stopped = gremium(office, "council")
    assert stopped.returncode == 5
    assert "veraltet: briefing/2017-06" in stopped.stderr
    for words in (("build", "briefing"), ("approve", "briefing", "--by", "Probe"), ("council",)):
        assert gremium(office, *words).returncode == 0, words
    said = json.loads(gremium(office, "council", "--json").stdout)
    assert not [point for point in said["open"] if "Stand der Memoranden" in point]
    assert said["changed"] is False


def test_a_decision_is_kept_and_makes_excerpts_without_touching_the_paper(office):
    pilot = proposed(office)
    said = gremium(office, "council", "result", "beschlossen", "--ayes", "61", "--noes", "20", "--pilot", f"{pilot}=vertagt")
    assert said.returncode == 0, said.stderr
    assert f"{pilot}: vertagt" in said.stderr
    plan = json.loads(gremium(office, "build", "-n", "--json", "briefing").stdout)
    assert plan["due"] == []


@pytest.mark.parametrize(("words", "part"), [
    (("geändert beschlossen",), "braucht den Wortlaut der Änderung"), (("beschlossen", "--session", "2016-01-01"), "keine freigegebene Vorlage"),
    (("beschlossen", "--pilot", "J-999=vertagt"), "„J-999“ war nicht vorgeschlagen"), (("beschlossen", "--noes", "-1"), "kleiner als null")])
def test_a_decision_that_cannot_be_ends_in_one_line(office, words, part):
    refused = gremium(office, "council", "result", *words)
    assert refused.returncode == 2
    assert part in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("words", [("state", "--day", "gestern"), ("result", "vielleicht"), ("result", "beschlossen", "--pilot", "J-001")])
def test_a_word_the_command_does_not_know_is_a_usage_error(office, words):
    assert gremium(office, "council", *words).returncode == 2


def test_one_changed_project_shows_in_paper_annexes_chart_and_tree_after_one_build(tmp_path):
    office = small(tmp_path)

    def made() -> None:
        for words in (("build",), ("approve", "--by", "Prüfung"), ("council",)):
            done = gremium(office, *words)
            assert done.returncode == 0, done.stderr

    def alternative_texts() -> str:
        [paper] = (office / "outputs" / "briefing").glob("*.docx")
        with zipfile.ZipFile(paper) as package:
            return " ".join(re.findall(r'descr="([^"]*)"', package.read("word/document.xml").decode()))

    def everywhere() -> dict[str, bool]:
        tree = " ".join(path.read_text("utf-8") for path in (office / "outputs" / "council").rglob("oparl/file/*.json"))
        texts = {kind: subprocess.run(["pdftotext", "-layout", str(next((office / "outputs" / kind).glob("*.pdf"))), "-"], capture_output=True,
                                      text=True, check=True).stdout for kind in ("briefing", "annex-pilots", "annex-projects")}
        return {name: "Licht bei Nacht" in re.sub(r"\s+", " ", text) for name, text in (*texts.items(), ("tree", tree))}

    made()
    chart = alternative_texts()
    assert not any(everywhere().values())
    projects = office / "inputs" / "projects.csv"
    changed = projects.read_text("utf-8").replace("Licht nach Bedarf;energie;geplant", "Licht bei Nacht;energie;laufend")
    projects.write_text(changed, "utf-8")
    made()
    assert all(everywhere().values()), everywhere()
    assert alternative_texts() != chart
