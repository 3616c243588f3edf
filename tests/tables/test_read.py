import datetime as dt
import os
import random
import zipfile
from io import BytesIO

import pytest
from openpyxl import Workbook

from pipeline.tables.load import load
from pipeline.tables.read import read
from pipeline.tables.sheets import Locked, Unreadable
from tests.tables.locks import PROTECTED
from tests.tables.offices import office

ODS = ('<?xml version="1.0" encoding="UTF-8"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
       'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
       'office:version="1.2"><office:body><office:spreadsheet><table:table table:name="Themen">{rows}</table:table>'
       '</office:spreadsheet></office:body></office:document-content>')


def workbook(rows, *, at=1):
    book = Workbook()
    for number, row in enumerate(rows, start=at):
        for column, value in enumerate(row, start=1):
            book.active.cell(number, column, value)
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def ods(rows):
    def cell(value):
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", ODS.format(rows=body))
        archive.writestr("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest="
                         '"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')
    return data.getvalue()


def cells(path):
    [sheet] = read(path)
    return [list(row) for row in sheet.rows]


def test_blank_rows_and_columns_before_the_table_keep_their_place(tmp_path):
    path = tmp_path / "partners.xlsx"
    path.write_bytes(workbook([["", "PLZ"], ["", 44135]], at=3))
    assert cells(path) == [["", ""], ["", ""], ["", "PLZ"], ["", 44135.0]]


def test_typed_cells_keep_their_type(tmp_path):
    path = tmp_path / "meetings.xlsx"
    path.write_bytes(workbook([[dt.date(2017, 3, 2), dt.time(14), True, "01067"]]))
    assert cells(path) == [[dt.date(2017, 3, 2), dt.time(14), True, "01067"]]


def test_a_workbook_is_known_by_its_content_and_not_by_its_name(tmp_path):
    path = tmp_path / "themen.csv"
    path.write_bytes(ods([["Kürzel", "Topthema"], ["energie", "Energie"]]))
    assert cells(path) == [["Kürzel", "Topthema"], ["energie", "Energie"]]


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_text_files_are_read_in_their_charset_and_with_their_separator(tmp_path, charset, separator):
    rows = [["Kürzel", "Straße", "Ort"], ["a", "Hafenstraße 12", "Köln"], ["b", "Große Gasse 1\nHinterhof", "Münster"]]
    text = "\r\n".join(separator.join(f'"{value}"' for value in row) for row in rows)
    path = tmp_path / "partner.csv"
    path.write_bytes(text.encode(charset))
    assert cells(path) == rows


def test_a_line_that_names_the_separator_is_taken_as_excel_takes_it(tmp_path):
    path = tmp_path / "partner.csv"
    path.write_text("sep=|\na|b\n\nc|d\n")
    assert cells(path) == [["a", "b"], ["", ""], ["c", "d"]]


@pytest.mark.parametrize(("data", "why"), [
    (b"", "leer"), (b" \n", "leer"), (b"%PDF-1.7\n%...", "PDF"), (b"<!DOCTYPE html><table>", "HTML"), (b'{"a": 1}', "JSON"),
    (b"a\0b\0c", "Textdatei"), (workbook([["a"]])[:900], "beschädigt"), (ods([["a"]])[:-40], "beschädigt"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "Kennwort"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\1" * 2000, "beschädigt"),
])
def test_what_is_no_table_says_so(tmp_path, data, why, capfd):
    path = tmp_path / "partners.xlsx"
    path.write_bytes(data)
    with pytest.raises(Unreadable, match=why):
        read(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods"])
def test_a_workbook_with_a_password_is_named_as_such_and_the_others_are_read(tmp_path, ending, capfd):
    workspace = office(tmp_path)
    (workspace.inputs / "topics.xlsx").unlink()
    path = workspace.inputs / f"topics.{ending}"
    path.write_bytes((PROTECTED / path.name).read_bytes())
    assert b"Energie" not in path.read_bytes()
    with pytest.raises(Locked, match="mit einem Kennwort geschützt"):
        read(path)
    result = load(workspace)
    [finding] = [finding for finding in result.findings if finding.rule == "file"]
    assert (finding.place.file, finding.hint) == (path.name, "Die Datei ohne Kennwort speichern.")
    assert len(result.value.partners) == 1
    assert capfd.readouterr().err == ""


def test_every_cut_of_a_workbook_is_refused_in_words(tmp_path):
    data, path = workbook([["Kürzel", "Topthema"], ["energie", "Energie"]]), tmp_path / "topics.xlsx"
    for end in range(1, len(data) - 1, 331):
        path.write_bytes(data[:end])
        try:
            read(path)
        except Unreadable as error:
            assert str(error).startswith("topics.xlsx ")


def test_damage_anywhere_in_a_workbook_is_refused_in_words_or_does_no_harm(tmp_path):
    data, path, chance = workbook([["Kürzel", "Topthema"], ["energie", "Energie"]]), tmp_path / "topics.xlsx", random.Random(7)
    for _ in range(300):
        damaged = bytearray(data)
        for _ in range(6):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        path.write_bytes(bytes(damaged))
        try:
            read(path)
        except Unreadable as error:
            assert str(error).startswith("topics.xlsx ")


def test_a_small_file_that_unpacks_to_gigabytes_is_not_unpacked(tmp_path):
    path = tmp_path / "partners.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        entry = zipfile.ZipInfo("xl/worksheets/sheet1.xml")
        archive.writestr(entry, b"0" * 1000, zipfile.ZIP_DEFLATED)
        entry.file_size = 2**31      # what the archive's directory then declares
    with pytest.raises(Unreadable, match="zu groß"):
        read(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told_of(tmp_path):
    path = tmp_path / "partners.xlsx"
    path.write_bytes(workbook([["a"]]))
    path.chmod(0)
    with pytest.raises(Unreadable, match="keine Berechtigung"):
        read(path)


def test_a_folder_with_the_name_of_a_table_is_told_of(tmp_path):
    (tmp_path / "partners.xlsx").mkdir()
    with pytest.raises(Unreadable, match="Ordner"):
        read(tmp_path / "partners.xlsx")


def test_a_pipe_with_the_name_of_a_table_keeps_nobody_waiting(tmp_path):
    os.mkfifo(tmp_path / "partners.csv")
    with pytest.raises(Unreadable, match="keine Tabelle"):
        read(tmp_path / "partners.csv")
