"""Whatever is written into a table is read back as it was, from each sort of file."""

import csv
import datetime as dt
import zipfile
from io import BytesIO, StringIO
from xml.sax.saxutils import escape

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from pipeline.tables.clean import shown
from pipeline.tables.read import read
from pipeline.tables.workbook import put, to_bytes

SIGNS = st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co"), whitelist_characters="\n")
TEXT = st.text(SIGNS, max_size=30).filter(lambda text: not text.startswith("_x")) | st.sampled_from(
    ["01067", "=1+1", "+49 231 50-1", "@home", "-", "Müller & Söhne", "a;b,c|d", 'Gasthaus "Zur Post"', "zwei\nZeilen", "4.7", "#NV", "WAHR"])
TYPED = TEXT | st.integers(-10**9, 10**9) | st.dates(dt.date(1901, 1, 1), dt.date(2099, 1, 1)) | st.decimals(-10**6, 10**6, places=2)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def tables(cells):
    return st.integers(2, 5).flatmap(lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=6))


def cells(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    [sheet] = read(path)
    return [[shown(value) if not isinstance(value, str) else value for value in row] for row in sheet.rows]


def trimmed(rows):
    """Without the blank rows and columns at the end, which no file keeps."""
    rows = [list(row) for row in rows]
    while rows and not any(rows[-1]):
        rows.pop()
    while rows and rows[0] and not any(row[-1] for row in rows):
        rows = [row[:-1] for row in rows]
    return rows


@MANY
@given(rows=tables(TYPED))
def test_excel_workbooks(tmp_path, rows):
    book = Workbook()
    for at, row in enumerate(rows, start=1):
        for number, value in enumerate(row, start=1):
            put(book.active.cell(at, number), value)
    expected = trimmed([[shown(value) if isinstance(value, int | dt.date) else
                         shown(float(value)) if not isinstance(value, str) else value for value in row] for row in rows])
    assert trimmed(cells(tmp_path, "a.xlsx", to_bytes(book))) == expected


@MANY
@given(rows=tables(TEXT))
def test_text_files_that_name_their_separator(tmp_path, rows):
    for separator, charset in ((";", "utf-8"), (",", "utf-8-sig"), ("\t", "utf-16"), ("|", "utf-8")):
        text = StringIO(newline="")
        csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
        found = cells(tmp_path, "a.csv", f"sep={separator}\r\n{text.getvalue()}".encode(charset))
        assert trimmed(found) == trimmed(rows)


@MANY
@given(rows=tables(st.text(st.sampled_from("abcäöüß 0123456789"), min_size=1, max_size=12)))
def test_text_files_whose_separator_must_be_found(tmp_path, rows):
    for separator in ";,\t|":
        text = StringIO(newline="")
        csv.writer(text, delimiter=separator).writerows(rows)
        assert cells(tmp_path, "a.csv", text.getvalue().encode()) == rows


def open_document(rows):
    def paragraph(line):
        return f"<text:p>{escape(line).replace(' ', '<text:s/>')}</text:p>"

    def cell(text):
        return (f'<table:table-cell office:value-type="string">{"".join(map(paragraph, text.split(chr(10))))}</table:table-cell>'
                if text else "<table:table-cell/>")
    names = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    data = BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names} office:version="1.2"><office:body>'
                                        f'<office:spreadsheet><table:table table:name="A">{body}</table:table></office:spreadsheet></office:body>'
                                        "</office:document-content>")
        archive.writestr("META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')
    return data.getvalue()


@MANY
@given(rows=tables(TEXT))
def test_open_document_sheets(tmp_path, rows):
    assert trimmed(cells(tmp_path, "a.ods", open_document(rows))) == trimmed(rows)
