import datetime as dt
from decimal import Decimal

import pytest

from pipeline.findings import Severity
from pipeline.tables.clean import mended, shown, spotless
from pipeline.tables.columns import Kind, Spec
from pipeline.tables.readings import Cell
from pipeline.tables.values import value


def read(kind, text, **more):
    choices = more.pop("choices", ())
    return value(Cell(text, Spec("field", kind, ("Feld",), "", choices=choices), **more))


@pytest.mark.parametrize(("typed", "text"), [
    (44135.0, "44135"), (0.1, "0,1"), (1234.5, "1234,5"), (True, "ja"), (dt.date(2017, 3, 2), "2017-03-02"), (dt.time(14), "14:00"),
    (dt.datetime.fromisoformat("2017-03-02"), "2017-03-02"), (dt.datetime.fromisoformat("2017-03-02 14:30"), "2017-03-02 14:30"),
    (dt.timedelta(hours=30), "30:00"), ("01067", "01067"),
])
def test_cells_are_shown_as_the_sheet_shows_them(typed, text):
    assert shown(typed) == text


@pytest.mark.parametrize(("before", "after"), [
    ("Mu\u0308ller", "Müller"), ("Dr.\u00a0Muster", "Dr. Muster"), ("Haf\u00aden", "Hafen"), ("A\u200bB", "AB"), ("  Bochum ", "Bochum"),
    ("a  b", "a b"), ("Firma\nAbteilung", "Firma Abteilung"), ("a\u0085b", "a b"),
])
def test_every_repair_is_a_note_with_before_and_after(before, after):
    text, [note] = mended(before, lines=False)
    assert (text, note.severity) == (after, Severity.NOTE)
    assert f"→ „{after}“" in note.message
    assert not spotless(["clean", before, "clean"], lines=False)


@pytest.mark.parametrize("sign", ["\0", "\x07", "\x0b", "\x1b", "\ufffe", "\ud800", "\u202e"])
def test_control_characters_are_refused(sign):
    text, [error] = mended(f"a{sign}b", lines=True)
    assert (text, error.severity) == ("", Severity.ERROR)


def test_umlauts_lost_on_the_way_are_told_of():
    assert mended("MÃ¼ller", lines=False)[1][0].severity is Severity.WARNING


@pytest.mark.parametrize("text", ["2017-03-02", "02.03.2017", "2. März 2017", "2. Mrz. 2017", "Donnerstag, 2. März 2017",
                                  "Do., 02.03.2017", "Donnerstag, den 2.3.2017"])
def test_dates_are_read_as_offices_write_them(text):
    assert read(Kind.DATE, text) == read(Kind.DATE, "2017-03-02")


@pytest.mark.parametrize(("text", "rule"), [("Mittwoch, 01.06.2017", "weekday"), ("31.02.2017", "date"), ("demnächst", "date"),
                                            ("03/02/2017", "date"), ("42796", "date")])
def test_dates_that_do_not_fit_are_refused(text, rule):
    reading = read(Kind.DATE, text)
    assert reading.value is None
    assert [remark.rule for remark in reading.remarks] == [rule]


def test_a_number_in_a_date_column_is_the_day_excel_counts():
    reading = read(Kind.DATE, "42796", number=True)
    assert reading.value == dt.date(2017, 3, 2)
    assert reading.remarks[0].severity is Severity.NOTE


@pytest.mark.parametrize("text", ["14:00", "14.00", "14 Uhr", "14:00 Uhr", "14:00:00"])
def test_times_are_read_as_offices_write_them(text):
    assert read(Kind.TIME, text).value == dt.time(14)


@pytest.mark.parametrize(("text", "number"), [("1234,5", "1234.5"), ("1.234,50 €", "1234.50"), ("EUR 5.000.000", "5000000"), ("12,-", "12"),
                                              ("1 200", "1200"), ("1.500", "1500"), ("12.5", "12.5")])
def test_numbers_are_read_the_german_way(text, number):
    assert read(Kind.NUMBER, text).value == Decimal(number)


@pytest.mark.parametrize("text", ["viel", "1,2,3", "-5", "12%", "1e9", "٣"])
def test_what_is_no_number_is_refused(text):
    assert read(Kind.NUMBER, text).remarks[0].severity is Severity.ERROR


@pytest.mark.parametrize(("text", "truth"), [("ja", True), ("J", True), ("x", True), ("WAHR", True), ("1", True), ("nein", False), ("0", False)])
def test_yes_and_no_have_many_spellings(text, truth):
    assert read(Kind.YESNO, text).value is truth


def test_a_near_miss_of_a_choice_is_proposed_and_not_taken():
    reading = read(Kind.CHOICE, "Interesensbekundung", choices=("Teilnahme", "Interessensbekundung"))
    assert reading.value == ""
    assert reading.remarks[0].hint == "Meinten Sie „Interessensbekundung“?"


@pytest.mark.parametrize(("text", "address"), [
    ("mia.muster@brueckner.example", "mia.muster@brueckner.example"), ("info@müller-söhne.example", "info@müller-söhne.example"),
    ("Mia Muster <mia@firma.example>", "mia@firma.example"), ("mailto:mia@firma.example", "mia@firma.example"),
    ("a@firma.example; b@firma.example", "a@firma.example"),
])
def test_addresses_are_read_as_people_paste_them(text, address):
    reading = read(Kind.EMAIL, text)
    assert reading.value == address
    assert all(remark.severity is not Severity.ERROR for remark in reading.remarks)


@pytest.mark.parametrize("text", ["mia", "mia@", "mia@firma", "mia@@firma.example", "mia@firma..example", "m ia@firma.example", "mia@firma.example."])
def test_what_is_no_address_is_refused(text):
    assert read(Kind.EMAIL, text).remarks[0].severity is Severity.ERROR


@pytest.mark.parametrize(("text", "number", "country", "postcode"), [
    ("01067", False, "", "01067"), ("1067", True, "", "01067"), ("D-44135", False, "", "44135"), ("44 135", False, "", "44135"),
    ("1010", True, "Österreich", "1010"), ("1012 AB", False, "Niederlande", "1012 AB"), ("NL-1012 AB", False, "Niederlande", "1012 AB"),
])
def test_postcodes_keep_their_zeros_and_their_country(text, number, country, postcode):
    assert read(Kind.POSTCODE, text, number=number, country=country).value == postcode


@pytest.mark.parametrize(("text", "country"), [("1067", ""), ("441355", ""), ("A-1010", ""), ("4413O", ""), ("?", "Niederlande")])
def test_postcodes_that_fit_no_country_are_refused(text, country):
    assert read(Kind.POSTCODE, text, country=country).remarks[0].rule == "postcode"


def test_a_zero_put_back_is_a_note():
    assert read(Kind.POSTCODE, "1067", number=True).remarks[0].message == "Die führende Null der PLZ war verloren: „1067“ → „01067“"


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.EMAIL, Kind.NUMBER, Kind.REFS, Kind.DATE])
@pytest.mark.parametrize("text", ["-", "k. A.", "n/a"])
def test_words_for_nothing_are_nothing(kind, text):
    reading = read(kind, text)
    assert not reading.value
    assert reading.remarks[0].severity is Severity.NOTE


def test_an_error_value_of_a_formula_is_an_error():
    assert read(Kind.TEXT, "#BEZUG!").remarks[0].rule == "formula"


def test_lists_are_split_at_semicolons_commas_and_lines():
    assert read(Kind.REFS, "energie; hafen,mensch\nenergie").value == ("energie", "hafen", "mensch")
    assert read(Kind.LINES, "1. Begrüßung\n2. Wahl, Aussprache").value == ("Begrüßung", "Wahl, Aussprache")


@pytest.mark.parametrize("text", ["P/017", "P 017", "-", "..", "a" * 61])
def test_keys_that_could_not_be_file_names_are_refused(text):
    assert not read(Kind.KEY, text).value


def test_colours_are_completed():
    assert [read(Kind.COLOUR, text).value for text in ("#1b6ca8", "1B6CA8", "#abc")] == ["#1B6CA8", "#1B6CA8", "#AABBCC"]
