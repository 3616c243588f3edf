import re
import subprocess
import zipfile
from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import ColorScaleRule

from pipeline.tables.load import load
from pipeline.tables.mark import copies, marked
from tests.tables.offices import PARTNER, csv, office


def copy(workspace):
    return load_workbook(BytesIO(marked(workspace, load(workspace).findings)))


def test_findings_of_one_workbook_are_marked_in_a_copy_of_it(tmp_path):
    workspace = office(tmp_path, partners=[PARTNER | {"postcode": "4414", "email": "keine"}])
    before = (workspace.inputs / "partners.xlsx").read_bytes()
    book = copy(workspace)
    sheet = book["Partner"]
    assert book.sheetnames == ["Partner"]
    assert sheet["G2"].fill.fgColor.rgb == "FFFFC7CE"
    assert "Fehler: „4414“ ist keine deutsche Postleitzahl" in sheet["G2"].comment.text
    assert "keine E-Mail-Adresse" in sheet["O2"].comment.text
    assert sheet.auto_filter.ref == "A1:U2"
    assert sheet.column_dimensions["B"].width == 40
    assert len(sheet.data_validations.dataValidation) == 4
    assert (workspace.inputs / "partners.xlsx").read_bytes() == before


def test_findings_of_several_tables_are_listed_and_marked_in_one_workbook(tmp_path):
    workspace = office(tmp_path, partners=[PARTNER | {"email": "keine", "Notiz": "=1+1"}])
    csv(workspace, "topics", "Kürzel;Topthema;Reihenfolge;Farbe\nenergie;Energie;eins;#B45309\nhafen;+Hafen\x07;2;#000000\n")
    book = copy(workspace)
    assert book.sheetnames == ["Befunde", "Partner", "Topthemen"]
    assert "keine Zahl" in book["Topthemen"]["C2"].comment.text
    assert (book["Topthemen"]["B3"].value, book["Topthemen"]["B3"].data_type) == ("+Hafen␇", "s")
    assert (book["Partner"]["V2"].value, book["Partner"]["V2"].data_type) == ("=1+1", "s")
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


def lively(workspace):
    """A topics workbook with everything an office may put into it: chart, filter, colours, merged cells, own comments, a second sheet."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Themen"
    sheet.append(["Kürzel", "Topthema", "Reihenfolge", "Farbe"])
    sheet.append(["energie", "Energie", "eins", "#B45309"])
    sheet.append(["hafen", "Hafen", 2, None])
    sheet["B2"].comment = Comment("Von mir", "Büro")
    sheet.auto_filter.ref = "A1:D3"
    sheet.column_dimensions["B"].width = 33
    sheet.merge_cells("D3:E4")
    sheet.conditional_formatting.add("C2:C9", ColorScaleRule(start_type="min", start_color="FF0000", end_type="max", end_color="00FF00"))
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=3, min_row=1, max_row=3))
    sheet.add_chart(chart, "G2")
    book.create_sheet("Notizen")["A1"] = "=1+1"
    book.save(workspace.inputs / "topics.xlsx")
    return workspace


def parts(data):
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_everything_else_in_the_copied_workbook_is_unchanged_to_the_byte(tmp_path):
    workspace = lively(office(tmp_path))
    before = (workspace.inputs / "topics.xlsx").read_bytes()
    after = marked(workspace, load(workspace).findings)
    old, new = parts(before), parts(after)
    changed = {name for name in old if old[name] != new[name]}
    assert old.keys() <= new.keys()
    assert changed <= {"xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/comments/comment1.xml", "xl/drawings/commentsDrawing1.vml",
                       "[Content_Types].xml", "xl/worksheets/_rels/sheet1.xml.rels", "xl/worksheets/sheet2.xml"}

    def plain(xml):
        return re.sub(rb'<c r="[A-Z0-9]+"(?: s="[0-9]+")?/>| s="[0-9]+"|<legacyDrawing [^>]*>', b"", xml)
    assert plain(old["xl/worksheets/sheet1.xml"]) == plain(new["xl/worksheets/sheet1.xml"])
    assert (workspace.inputs / "topics.xlsx").read_bytes() == before


def test_marks_join_the_comments_a_workbook_has(tmp_path):
    workspace = lively(office(tmp_path))
    sheet = copy(workspace)["Themen"]
    assert sheet["B2"].comment.text == "Von mir"
    assert "keine ganze Zahl" in sheet["C2"].comment.text or "keine Zahl" in sheet["C2"].comment.text
    assert sheet["C2"].fill.fgColor.rgb == "FFFFC7CE"
    assert "„Farbe“ fehlt" in sheet["D3"].comment.text


def test_a_cell_that_has_a_comment_keeps_it_and_gets_more(tmp_path):
    workspace = office(tmp_path)
    book = load_workbook(workspace.inputs / "topics.xlsx")
    book.active["C2"] = "eins"
    book.active["C2"].comment = Comment("Siehe Protokoll", "Büro")
    book.save(workspace.inputs / "topics.xlsx")
    text = copy(workspace).active["C2"].comment.text
    assert text.startswith("Siehe Protokoll")
    assert "keine Zahl" in text


def test_a_sheet_without_comments_and_rows_without_cells_can_be_marked(tmp_path):
    workspace = office(tmp_path)
    book = Workbook()
    for row in (["Kürzel", "Topthema", "Reihenfolge", "Farbe"], ["energie", None, 1, "#B45309"], [None] * 3 + ["#000000"]):
        book.active.append(row)
    book.save(workspace.inputs / "topics.xlsx")
    sheet = copy(workspace).active
    assert {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.comment} == {"B2", "A3", "B3", "C3"}


def test_several_workbooks_are_copied_each_for_itself(tmp_path):
    workspace = lively(office(tmp_path, partners=[PARTNER | {"email": "keine"}]))
    made = copies(workspace, load(workspace).findings)
    assert list(made) == ["partners.xlsx", "topics.xlsx"]
    assert load_workbook(BytesIO(made["topics.xlsx"])).sheetnames == ["Themen", "Notizen"]


def test_a_copy_of_a_workbook_with_macros_is_one_without(tmp_path):
    workspace = lively(office(tmp_path))
    data = parts((workspace.inputs / "topics.xlsx").read_bytes())
    types = data["[Content_Types].xml"].replace(b"spreadsheetml.sheet.main+xml", b"X").replace(
        b"application/vnd.openxmlformats-officedocument.X", b"application/vnd.ms-excel.sheet.macroEnabled.main+xml")
    (workspace.inputs / "topics.xlsx").unlink()
    with zipfile.ZipFile(workspace.inputs / "topics.xlsm", "w") as archive:
        for name, content in (data | {"[Content_Types].xml": types, "xl/vbaProject.bin": b"macro"}).items():
            archive.writestr(name, content)
    after = parts(marked(workspace, load(workspace).findings))
    assert "xl/vbaProject.bin" not in after
    assert b"macroEnabled" not in after["[Content_Types].xml"]


@pytest.mark.slow
def test_libreoffice_shows_the_marks(tmp_path):
    workspace = lively(office(tmp_path))
    (tmp_path / "marked.xlsx").write_bytes(marked(workspace, load(workspace).findings))
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/lo", "--convert-to", "ods", "--outdir", tmp_path,
                    tmp_path / "marked.xlsx"], check=True, capture_output=True, timeout=120)
    with zipfile.ZipFile(tmp_path / "marked.ods") as archive:
        content = archive.read("content.xml").decode()
    assert content.count("<office:annotation ") == 3
    assert "keine Zahl" in content
