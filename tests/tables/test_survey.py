from io import BytesIO

from openpyxl import load_workbook

from pipeline.tables.load import load
from pipeline.tables.survey import form, gathered
from tests.tables.offices import TOPIC, office

PROJECT = {"key": "J-007", "title": "Wärme", "topic": "energie", "status": "laufend", "place": "Dortmund", "carrier": "Stadt"}
LAMPS = ("Kluge Lampen", "Energie", "geplant", "Bochum", "ja", "Licht e. V.", "Lampen, die zählen.", "Kommunen", "Ada Lampe", "ada@licht.example")


def returned(workspace, name, *rows):
    book = load_workbook(BytesIO(form(load(workspace).value)))
    for at, row in enumerate(rows, start=7):
        for number, value in enumerate(row, start=1):
            book["Projekte"].cell(at, number, value)
    path = workspace.root / name
    book.save(path)
    return path


def gather(workspace, *paths):
    return gathered(workspace, load(workspace).value, paths)


def test_the_form_offers_topics_status_and_place_and_locks_its_headings(tmp_path):
    workspace = office(tmp_path, topics=[TOPIC, TOPIC | {"key": "hafen", "name": "Hafenumfeld", "order": 2}])
    book = load_workbook(BytesIO(form(load(workspace).value)))
    sheet = book["Projekte"]
    assert [cell.value for cell in book["Listen"]["A"] if cell.value] == ["Energie", "Hafenumfeld"]
    assert {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation} == {
        "B7:B31": "Listen!$A$1:$A$2", "C7:C31": "Listen!$B$1:$B$3", "D7:D31": "Listen!$C$1:$C$1", "E7:E31": "Listen!$D$1:$D$2"}
    assert sheet.protection.sheet
    assert (sheet["A6"].protection.locked, sheet["A7"].protection.locked) == (True, False)


def test_the_form_is_the_same_whenever_it_is_made(tmp_path):
    alliance = load(office(tmp_path)).value
    assert form(alliance) == form(alliance)


def test_returned_forms_become_rows_of_the_project_table(tmp_path):
    workspace = office(tmp_path, projects=[PROJECT])
    found = gather(workspace, returned(workspace, "a.xlsx", LAMPS), returned(workspace, "b.xlsx", ("Boot", *LAMPS[1:])))
    assert found.added == (("J-008", "Kluge Lampen", "a.xlsx"), ("J-009", "Boot", "b.xlsx"))
    found.path.write_bytes(found.data)
    checked = load(workspace)
    assert checked.errors == ()
    lamps = checked.value.project["J-008"]
    assert (lamps.topic, str(lamps.status), lamps.place, lamps.transferable, lamps.seeks) == ("energie", "geplant", "Bochum", True, "Kommunen")


def test_without_a_project_table_one_is_made(tmp_path):
    workspace = office(tmp_path)
    found = gather(workspace, returned(workspace, "a.xlsx", LAMPS))
    found.path.write_bytes(found.data)
    assert [project.key for project in load(workspace).value.projects] == ["J-001"]


def test_the_same_form_twice_adds_nothing_twice(tmp_path):
    workspace = office(tmp_path)
    path = returned(workspace, "a.xlsx", LAMPS)
    found = gather(workspace, path, path)
    assert len(found.added) == 1
    assert [finding.rule for finding in found.findings] == ["doublet"]


def test_wrong_rows_are_named_by_file_and_the_others_still_read(tmp_path):
    workspace = office(tmp_path)
    (tmp_path / "c.xlsx").write_bytes(b"%PDF")
    wrong = ("Boot", "Energy", "vielleicht", "Bochum", "ja", "Hafen")
    found = gather(workspace, returned(workspace, "a.xlsx", wrong, LAMPS), tmp_path / "c.xlsx", tmp_path / "fehlt.xlsx")
    assert [title for _, title, _ in found.added] == ["Kluge Lampen"]
    assert [(finding.place.file, finding.place.cell, finding.rule) for finding in found.findings] == [
        ("a.xlsx", "C7", "choice"), ("a.xlsx", "B7", "reference"), ("c.xlsx", None, "file"), ("fehlt.xlsx", None, "file")]
    assert found.findings[1].hint == "Meinten Sie „Energie“?"


def test_a_dry_look_changes_nothing(tmp_path):
    workspace = office(tmp_path, projects=[PROJECT])
    before = (workspace.inputs / "projects.xlsx").read_bytes()
    gather(workspace, returned(workspace, "a.xlsx", LAMPS))
    assert (workspace.inputs / "projects.xlsx").read_bytes() == before
