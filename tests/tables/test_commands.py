"""The commands of this room, as somebody at the keyboard meets them."""

import json
import re

import click
import pytest
from click.testing import CliRunner

from pipeline.cli.check import command as check
from pipeline.cli.desk import Desk
from pipeline.cli.intake import command as intake
from pipeline.cli.main import main
from pipeline.cli.survey import command as survey
from pipeline.cli.survey_form import command as survey_form
from tests.tables.offices import PARTNER, office

SETTINGS = """[alliance]
name = "Allianz Musterstadt"
city = "Dortmund"
date = 2017-05-04
first_meeting = "M-001"
[office]
name = "Büro"
street = "Platz 1"
postcode = "44135"
city = "Dortmund"
email = "buero@stadt.example"
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.cli.check.template_findings", lambda desk: ())      # the templates are another room's

    def call(command, *arguments, **tables):
        if tables or not (tmp_path / "inputs").exists():
            office(tmp_path, **tables)
        (tmp_path / "inputs/alliance.toml").write_text(SETTINGS, "utf-8")
        return CliRunner().invoke(command, list(map(str, arguments)), obj=Desk(folder=tmp_path, date=None, quiet=False), standalone_mode=False)
    return call


def test_check_shows_the_row_once_and_each_finding_at_its_cell(run):
    result = run(check, partners=[PARTNER | {"postcode": "4414", "email": "keine"}])
    assert result.return_value == 3
    assert result.stdout.count("Zeile 2: P-001 · Brückner & Söhne GmbH") == 1
    assert re.search(r"Fehler +G2 \(PLZ\): „4414“ ist keine deutsche Postleitzahl", result.stdout)
    assert "Vom Bau ausgeschlossen, bis sie berichtigt sind: P-001." in result.stderr


def test_check_gives_every_finding_as_json(run):
    result = run(check, "--json", partners=[PARTNER | {"postcode": 1067}])
    [finding] = json.loads(result.stdout)["findings"]
    assert (finding["file"], finding["sheet"], finding["row"], finding["column"], finding["cell"], finding["value"], finding["severity"]) == (
        "partners.xlsx", "Partner", 2, "PLZ", "G2", "1067", "note")


def test_the_words_of_the_summary_agree_with_their_numbers(run):
    bodies = [{"key": f"B-{number:02}", "name": f"Gremium {number}", "kind": "Expertenteam"} for number in (1, 2)]
    said = run(check, bodies=bodies[:1]).stderr
    assert "Gelesen: 1 Partner, 1 Person, 0 Projekte, 1 Thema, 1 Gremium, 0 Sitze, 1 Treffen." in said
    said = run(check, bodies=bodies, partners=[PARTNER, PARTNER | {"key": "P-002"}],
               memberships=[{"body": "B-01", "partner": "P-001"}]).stderr
    assert "Gelesen: 2 Partner, 2 Personen, 0 Projekte, 1 Thema, 2 Gremien, 1 Sitz, 1 Treffen." in said


def test_a_silent_repair_fails_the_strict_check_alone(run):
    assert run(check, partners=[PARTNER | {"postcode": 1067}]).return_value == 0
    assert run(check, "--strict").return_value == 3


def test_the_marked_copy_is_never_written_over_an_input(run, tmp_path):
    target = tmp_path / "inputs/partners.xlsx"
    result = run(check, "--marked", target, partners=[PARTNER | {"email": "keine"}])
    assert "unter inputs/ liegen" in str(result.exception)
    run(check, "--marked", tmp_path / "befunde.xlsx")
    assert (tmp_path / "befunde.xlsx").read_bytes() != target.read_bytes()


def test_each_workbook_with_findings_gets_its_own_copy(run, tmp_path):
    run(check, "--marked", tmp_path / "befunde.xlsx", partners=[PARTNER | {"email": "keine"}], persons=[{"partner": "P-001", "key": "P-001-2"}])
    assert {path.name for path in tmp_path.glob("befunde*")} == {"befunde.xlsx", "befunde-partners.xlsx", "befunde-persons.xlsx"}


def test_intake_proposes_then_accepts_and_keeps_a_copy(run, tmp_path):
    (tmp_path / "post.eml").write_text(
        "From: Ada Lampe <ada@licht.example>\nSubject: Ich bin Allianz-Partner\nMessage-ID: <1@b>\n\n--\nLicht e. V.\n")
    assert "Vorgeschlagen: Licht e. V." in run(intake, tmp_path / "post.eml").stderr
    assert "joining.xlsx: 0; schon bekannte Nachrichten: 1" in run(intake, tmp_path / "post.eml").stderr
    from openpyxl import load_workbook
    book = load_workbook(tmp_path / "inputs/joining.xlsx")
    book["Vorschläge"]["A2"] = "ja"
    book.save(tmp_path / "inputs/joining.xlsx")
    result = run(intake, "--accept")
    assert "Übernommen: P-002 Licht e. V." in result.stderr
    assert len(list((tmp_path / "inputs/sicherung").iterdir())) == 2
    assert run(check).return_value == 0


def test_intake_wants_either_a_source_or_a_tick(run):
    assert "Entweder" in str(run(intake).exception)


def test_a_survey_goes_out_and_comes_back(run, tmp_path):
    assert run(survey_form, tmp_path / "abfrage.xlsx").return_value == 0
    assert "gibt es schon" in str(run(survey_form, tmp_path / "abfrage.xlsx").exception)
    from openpyxl import load_workbook
    book = load_workbook(tmp_path / "abfrage.xlsx")
    for number, value in enumerate(("Boot", "Energie", "laufend", "Dortmund", None, "Hafen"), start=1):
        book["Projekte"].cell(7, number, value)
    book.save(tmp_path / "zurück.xlsx")
    assert run(survey, "-n", tmp_path / "zurück.xlsx").return_value == 0
    assert not (tmp_path / "inputs/projects.xlsx").exists()
    assert "J-001 Boot" in run(survey, tmp_path / "zurück.xlsx").stderr
    assert run(check).return_value == 0


def test_the_commands_are_found_under_their_names():
    listed = main.list_commands(None)
    assert {"check", "intake", "survey", "survey-form"} <= set(listed)
    assert main.get_command(click.Context(main), "survey-form") is survey_form
