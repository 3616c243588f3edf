from io import BytesIO

from openpyxl import load_workbook

from pipeline.tables.load import load
from pipeline.tables.mark import marked
from tests.tables.offices import PARTNER, csv, office


def copy(workspace):
    return load_workbook(BytesIO(marked(workspace, load(workspace).findings)))


def test_findings_of_one_workbook_are_marked_in_a_copy_of_it(tmp_path):
    workspace = office(tmp_path, partners=[PARTNER | {"postcode": "4414", "email": "keine"}])
    before = (workspace.inputs / "partners.xlsx").read_bytes()
    book = copy(workspace)
    sheet = book["Partner"]
    assert book.sheetnames == ["Partner"]
    assert sheet["G2"].fill.fgColor.rgb == "00FFC7CE"
    assert "Fehler: „4414“ ist keine deutsche Postleitzahl" in sheet["G2"].comment.text
    assert "keine E-Mail-Adresse" in sheet["O2"].comment.text
    assert sheet.auto_filter.ref == "A1:T2"
    assert sheet.column_dimensions["B"].width == 40
    assert len(sheet.data_validations.dataValidation) == 3
    assert (workspace.inputs / "partners.xlsx").read_bytes() == before


def test_findings_of_several_tables_are_listed_and_marked_in_one_workbook(tmp_path):
    workspace = office(tmp_path, partners=[PARTNER | {"email": "keine", "Notiz": "=1+1"}])
    csv(workspace, "topics", "Kürzel;Topthema;Reihenfolge;Farbe\nenergie;Energie;eins;#B45309\nhafen;+Hafen\x07;2;#000000\n")
    book = copy(workspace)
    assert book.sheetnames == ["Befunde", "Partner", "Topthemen"]
    assert "keine Zahl" in book["Topthemen"]["C2"].comment.text
    assert (book["Topthemen"]["B3"].value, book["Topthemen"]["B3"].data_type) == ("+Hafen␇", "s")
    assert (book["Partner"]["U2"].value, book["Partner"]["U2"].data_type) == ("=1+1", "s")
    assert [row[2].value for row in book["Befunde"].iter_rows(min_row=2)] == ["O2", "C2", "B3"]


def test_a_file_nobody_can_read_stands_in_the_list(tmp_path):
    workspace = office(tmp_path)
    (workspace.inputs / "meetings.xlsx").write_bytes(b"%PDF")
    book = copy(workspace)
    assert "meetings.xlsx" in [row[0].value for row in book["Befunde"].iter_rows(min_row=2)]


def test_without_findings_the_list_is_empty(tmp_path):
    assert copy(office(tmp_path)).sheetnames == ["Befunde"]


def test_the_same_findings_give_the_same_copy(tmp_path):
    workspace = office(tmp_path, partners=[PARTNER | {"email": "keine"}])
    findings = load(workspace).findings
    assert marked(workspace, findings) == marked(workspace, findings)
