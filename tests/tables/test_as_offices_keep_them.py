"""Sheets as they come: headers in two rows, merged and hidden cells, sums below, formulas that fail."""

import datetime as dt
import subprocess

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from pipeline.findings import Severity
from pipeline.tables.load import load
from tests.tables.offices import PARTNER, csv, findings, office

HEAD = ("Kürzel", "Topthema", "Reihenfolge", "Farbe")
ROWS = (("energie", "Energie", 1, "#B45309"), ("hafen", "Hafenumfeld", 2, "#1B6CA8"))


def topics(tmp_path, *rows):
    """A workspace whose topics are this sheet; returns both."""
    workspace = office(tmp_path)
    book = Workbook()
    for row in rows:
        book.active.append(row)
    return workspace, book


def saved(workspace, book):
    book.save(workspace.inputs / "topics.xlsx")
    return workspace


def keys(workspace):
    return [topic.key for topic in load(workspace).value.topics]


def test_a_header_in_two_languages_is_one_header(tmp_path):
    workspace, book = topics(tmp_path, HEAD, ("key", "name", "order", "colour"), *ROWS)
    assert keys(saved(workspace, book)) == ["energie", "hafen"]
    assert findings(workspace) == []


def test_a_header_may_be_broken_over_two_rows(tmp_path):
    text = "Partner-;Organi-;;;Interessens-\nNr.;sation;PLZ;Ort;stand\nP-001;Firma;44135;Dortmund;Teilnahme\n"
    workspace = csv(office(tmp_path, changes={"tables": {"aliases": {"partners": {"Interessensstand": "status"}}}}), "partners", text)
    [partner] = load(workspace).value.partners
    assert (partner.key, partner.name, partner.origin.row) == ("P-001", "Firma", 3)


def test_groups_over_the_headings_tell_two_columns_of_one_name_apart(tmp_path):
    workspace = office(tmp_path)
    book = Workbook()
    book.active.append(("Organisation", None, "Anschrift", None, "Ansprechpartner", None, "Stand"))
    book.active.append(("Nr.", "Name", "PLZ", "Ort", "Vorname", "Name", "Status"))
    book.active.append(("P-001", "Firma", "44135", "Dortmund", "Mia", "Muster", "Teilnahme"))
    for area in ("A1:B1", "C1:D1", "E1:F1"):
        book.active.merge_cells(area)
    book.save(workspace.inputs / "partners.xlsx")
    checked = load(workspace)
    assert (checked.value.partners[0].name, checked.value.persons[0].last_name) == ("Firma", "Muster")
    assert checked.errors == ()


def test_a_title_and_a_blank_row_above_the_header_are_no_part_of_it(tmp_path):
    workspace, book = topics(tmp_path, ("Topthemen", "Stand: März"), (), HEAD, *ROWS)
    assert keys(saved(workspace, book)) == ["energie", "hafen"]
    assert findings(workspace) == []


def test_a_merged_cell_counts_for_all_its_rows_and_is_told_of(tmp_path):
    workspace, book = topics(tmp_path, HEAD, *ROWS)
    book.active["B3"] = None
    book.active.merge_cells("B2:B3")
    checked = load(saved(workspace, book))
    assert [topic.name for topic in checked.value.topics] == ["Energie", "Energie"]
    [note] = checked.findings
    assert (note.rule, note.place.cell, note.severity, note.value) == ("merged", "B2", Severity.NOTE, "Energie")


def test_hidden_rows_columns_and_sheets_are_read_and_told_of(tmp_path):
    workspace, book = topics(tmp_path, (*HEAD, "Intern"), *((*row, "x") for row in ROWS))
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["E"].hidden = True
    book.active.sheet_state = "hidden"
    book.create_sheet("Leer")
    assert keys(saved(workspace, book)) == ["energie", "hafen"]
    told = [finding.message for finding in findings(workspace, "hidden")]
    assert told == ["Das ausgeblendete Blatt „Sheet“ ist mitgelesen", "Die ausgeblendete Spalte E ist mitgelesen",
                    "Die ausgeblendete Zeile 3 ist mitgelesen"]


@pytest.mark.parametrize("label", ["Summe", "Gesamt:", "Anzahl Themen", "insgesamt 2", "Summe der Themen"])
def test_a_row_of_totals_below_is_left_out_and_told_of(tmp_path, label):
    workspace, book = topics(tmp_path, HEAD, *ROWS, (), (None, label, 3, None))
    assert keys(saved(workspace, book)) == ["energie", "hafen"]
    [note] = findings(workspace)
    assert (note.rule, note.place.row, note.severity) == ("totals", 5, Severity.NOTE)


def test_a_partner_named_total_is_no_sum(tmp_path):
    workspace = office(tmp_path, partners=[PARTNER, PARTNER | {"key": "P-002", "name": "Total", "street": "Ring 1", "email": "t@total.example"}])
    assert [partner.name for partner in load(workspace).value.partners] == ["Brückner & Söhne GmbH", "Total"]


def test_a_formula_without_a_stored_value_is_an_error_at_its_cell(tmp_path):
    workspace, book = topics(tmp_path, HEAD, *ROWS)
    book.active["C3"] = "=C2+1"
    [error] = load(saved(workspace, book)).errors
    assert (error.place.cell, error.rule, error.message) == ("C3", "formula", "Die Formel in der Zelle hat keinen gespeicherten Wert")


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_formulas_give_their_stored_value_or_name_their_fault(tmp_path, ending):
    workspace, book = topics(tmp_path, HEAD, *ROWS)
    book.active["B2"], book.active["C2"], book.active["C3"] = '="Ener"&"gie"', "=4-3", "=1/0"
    saved(workspace, book)
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/lo", "--convert-to", ending, "--outdir", tmp_path / "made",
                    workspace.inputs / "topics.xlsx"], check=True, capture_output=True, timeout=120)
    (workspace.inputs / "topics.xlsx").unlink()
    (tmp_path / f"made/topics.{ending}").rename(workspace.inputs / f"topics.{ending}")
    checked = load(workspace)
    assert (checked.value.topics[0].name, checked.value.topics[0].order) == ("Energie", 1)
    [error] = checked.errors
    assert (error.place.cell, error.message) == ("C3", "Die Zelle zeigt den Fehlerwert #DIV/0!")


@pytest.mark.slow
def test_hidden_parts_of_an_old_workbook_are_read_and_told(tmp_path):
    workspace, book = topics(tmp_path, HEAD, *ROWS)
    book.active.row_dimensions[3].hidden = book.active.column_dimensions["B"].hidden = True
    saved(workspace, book)
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/lo", "--convert-to", "xls", "--outdir", workspace.inputs,
                    workspace.inputs / "topics.xlsx"], check=True, capture_output=True, timeout=120)
    (workspace.inputs / "topics.xlsx").unlink()
    checked = load(workspace)
    assert len(checked.value.topics) == len(ROWS)
    assert [finding.message for finding in checked.findings] == [
        "Die ausgeblendete Spalte B ist mitgelesen", "Die ausgeblendete Zeile 3 ist mitgelesen"]


def test_workbooks_of_the_1904_calendar_keep_their_days(tmp_path):
    workspace = office(tmp_path)
    book = load_workbook(workspace.inputs / "meetings.xlsx")
    book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    at = {cell.value: cell.column for cell in sheet[1]}["Datum"]
    sheet.cell(2, at, dt.date(2017, 3, 2)).number_format = "DD.MM.YYYY"
    for column, value in ((1, "M-002"), (at, 41334)):
        sheet.cell(3, column, value).number_format = "General"
    for heading, value in (("Titel", "Zweites"), ("Beginn", "10:00"), ("Ort", "Rathaus")):
        sheet.cell(3, {cell.value: cell.column for cell in sheet[1]}[heading], value)
    book.save(workspace.inputs / "meetings.xlsx")
    assert [meeting.date for meeting in load(workspace).value.meetings] == [dt.date(2017, 3, 2), dt.date(2017, 3, 2)]


def test_a_line_of_the_program_that_wrote_the_file_is_passed_over(tmp_path):
    text = '"EXTF";700;21;"Buchungsstapel";13\nKürzel;Topthema;Reihenfolge;Farbe\nenergie;Energie;1;#B45309\n'
    workspace = csv(office(tmp_path), "topics", text)
    assert [topic.origin.row for topic in load(workspace).value.topics] == [3]
    assert [finding.message for finding in findings(workspace)] == ["Die erste Zeile gehört zum Programm, das die Datei schrieb, und wird übergangen"]


def test_unicode_without_its_mark_is_recognised(tmp_path):
    workspace = csv(office(tmp_path), "topics", "Kürzel;Topthema;Reihenfolge;Farbe\nenergie;Energie;1;#B45309\n", charset="utf-16-le")
    assert keys(workspace) == ["energie"]


def test_quotation_marks_that_would_be_lost_are_told_of(tmp_path):
    workspace = csv(office(tmp_path), "topics", 'Kürzel;Topthema;Reihenfolge;Farbe\nenergie;"Energie" neu;1;#B45309\n')
    [finding] = findings(workspace)
    assert (finding.rule, finding.place.row, finding.severity) == ("quotes", 2, Severity.WARNING)


def test_a_quotation_mark_that_is_never_closed_loses_no_row(tmp_path):
    workspace = csv(office(tmp_path), "topics", 'Kürzel;Topthema;Reihenfolge;Farbe\nenergie;"Energie;1;#B45309\nhafen;Hafen;2;#000000\n')
    assert "nie geschlossen" in findings(workspace, "file")[0].message


def test_an_unreadable_table_is_told_of_once_and_holds_back_all_that_refer_to_it(tmp_path):
    rows = [PARTNER | {"key": f"P-{n:03}", "name": f"{chr(64 + n) * 9} GmbH", "street": f"Weg {n}"} for n in range(1, 9)]
    workspace = office(tmp_path, partners=rows)
    (workspace.inputs / "topics.xlsx").write_bytes(b"%PDF")
    checked = load(workspace)
    assert [finding.rule for finding in checked.errors] == ["reference", "file"]
    assert set(checked.blocked) == {f"P-{n:03}" for n in range(1, 9)}


def test_columns_without_end_are_read_or_refused_in_words(tmp_path):
    workspace, book = topics(tmp_path, HEAD, *ROWS)
    book.active.cell(3, 16_384, "weit draußen")
    checked = load(saved(workspace, book))
    assert [topic.key for topic in checked.value.topics] == ["energie", "hafen"]
    assert [finding.message for finding in checked.findings] == ["Spalte XFD hat Werte, aber keine Überschrift"]


def test_a_document_type_in_a_workbook_is_never_followed(tmp_path):
    import zipfile
    workspace, book = topics(tmp_path, HEAD, *ROWS)
    saved(workspace, book)
    path = workspace.inputs / "topics.xlsx"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    bomb = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    parts["xl/workbook.xml"] = bomb + parts["xl/workbook.xml"]
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert [finding.message for finding in findings(workspace, "file")] == ["Die Datei ist beschädigt oder unvollständig"]


