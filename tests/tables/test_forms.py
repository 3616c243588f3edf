import datetime as dt
from io import BytesIO

import pytest
from openpyxl import load_workbook
from python_calamine import load_workbook as read_back

from pipeline.records import Gender, PartnerStatus
from pipeline.tables.columns import TABLES
from pipeline.tables.forms import empty_table, table


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_a_form_with_its_headings_and_what_they_mean(name):
    sheet = load_workbook(BytesIO(empty_table(name))).active
    assert [cell.value for cell in sheet[1]] == [spec.heading for spec in TABLES[name]]
    assert all(spec.meaning in cell.comment.text for spec, cell in zip(TABLES[name], sheet[1], strict=True))


def test_the_form_offers_the_status_words_and_keeps_postcodes_text():
    sheet = load_workbook(BytesIO(empty_table("partners"))).active
    offered = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert offered["R2:R1048576"] == '"Teilnahme,Interessensbekundung,ausgeschieden"'
    assert sheet.column_dimensions["G"].number_format == "@"


def test_rows_are_written_as_an_office_would_and_formulas_stay_text():
    data = table("partners", [{"key": "P-001", "name": "=1+1", "postcode": "01067", "gender": Gender.FEMALE, "signs": True,
                               "status": PartnerStatus.INTEREST, "topics": ("energie", "hafen"), "Farbcode": "@blau"}])
    head, row = read_back(BytesIO(data)).get_sheet_by_index(0).to_python()
    told = dict(zip(head, row, strict=True))
    assert (told["Organisation"], told["PLZ"], told["Anrede"], told["Zeichnet"], told["Themen"], told["Farbcode"]) == (
        "=1+1", "01067", "Frau", "ja", "energie; hafen", "@blau")


def test_dates_and_times_are_dates_and_times():
    data = table("meetings", [{"key": "M-1", "date": dt.date(2017, 3, 2), "start": dt.time(14), "agenda": ("Begrüßung", "Wahl")}])
    row = read_back(BytesIO(data)).get_sheet_by_index(0).to_python()[1]
    assert row[3:5] == [dt.date(2017, 3, 2), dt.time(14)]
    assert "Begrüßung\nWahl" in row


def test_the_same_table_gives_the_same_bytes():
    assert empty_table("topics") == empty_table("topics")
