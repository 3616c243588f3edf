"""Files and cells as offices send them, each through the front door: what is read of it, and what is said about it."""

import datetime as dt
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import Workbook

from pipeline.findings import Severity
from pipeline.tables.load import load
from tests.tables.offices import PARTNER, office

HEAD = ("Kürzel", "Topthema", "Reihenfolge", "Farbe")
ROWS = (("energie", "Energie", 1, "#B45309"), ("hafen", "Häfen & Schiffe", 2, "#1B6CA8"))
SAME = [("energie", "Energie", 1, "#B45309"), ("hafen", "Häfen & Schiffe", 2, "#1B6CA8")]


def book(*rows, sheets=()):
    """A workbook of these rows; `sheets` stand behind it."""
    made = Workbook()
    for row in rows:
        made.active.append(row)
    for name, more in sheets:
        sheet = made.create_sheet(name)
        for row in more:
            sheet.append(row)
    data = BytesIO()
    made.save(data)
    return data.getvalue()


def text(*rows, separator=";", before="", end="\r\n", charset="utf-8"):
    """A text file of these rows."""
    lines = (separator.join(str(cell) for cell in row) for row in rows)
    return (before + end.join(lines) + end).encode(charset)


FILES = {
    "xlsx": ("topics.xlsx", book(HEAD, *ROWS), []),
    "xlsm": ("topics.xlsm", book(HEAD, *ROWS), []),
    "an xlsx called .xls": ("topics.xls", book(HEAD, *ROWS), []),
    "an xlsx called .csv": ("topics.csv", book(HEAD, *ROWS), []),
    "a text file called .xlsx": ("topics.xlsx", text(HEAD, *ROWS), []),
    "csv": ("topics.csv", text(HEAD, *ROWS), []),
    "tsv": ("topics.tsv", text(HEAD, *ROWS, separator="\t"), []),
    "comma": ("topics.csv", text(HEAD, *ROWS, separator=","), []),
    "pipe": ("topics.txt", text(HEAD, *ROWS, separator="|"), []),
    "Unix lines": ("topics.csv", text(HEAD, *ROWS, end="\n"), []),
    "old Mac lines": ("topics.csv", text(HEAD, *ROWS, end="\r"), []),
    "UTF-8 with mark": ("topics.csv", text(HEAD, *ROWS, charset="utf-8-sig"), []),
    "UTF-16": ("topics.csv", text(HEAD, *ROWS, charset="utf-16"), []),
    "Windows-1252": ("topics.csv", text(HEAD, *ROWS, charset="cp1252"), ["charset"]),
    "Mac Roman": ("topics.csv", text(HEAD, *ROWS, charset="mac_roman"), ["charset"]),
    "a line sep=": ("topics.csv", text(HEAD, *ROWS, separator="|", before="sep=|\r\n"), []),
    "a line sep= with mark": ("topics.csv", text(HEAD, *ROWS, before="sep=;\r\n", charset="utf-8-sig"), []),
    "a line of the bookkeeping": ("topics.csv", text(HEAD, *ROWS, before='"EXTF";700;21;"Debitoren"\r\n'), ["header"]),
    "title and blank rows above": ("topics.xlsx", book(("Topthemen 2017",), (), HEAD, *ROWS), []),
    "blank rows between": ("topics.xlsx", book(HEAD, (), ROWS[0], (), (), ROWS[1]), []),
    "two header rows": ("topics.xlsx", book(HEAD, ("key", "name", "order", "colour"), *ROWS), []),
    "columns in any order": ("topics.xlsx", book(HEAD[::-1], *(row[::-1] for row in ROWS)), []),
    "headings in English": ("topics.xlsx", book(("key", "name", "order", "color"), *ROWS), []),
    "headings in capitals, spaced": ("topics.xlsx", book(("KÜRZEL ", " Top-Thema", "reihen folge", "FARBE:"), *ROWS), []),
    "headings without umlauts": ("topics.xlsx", book(("Kuerzel", *HEAD[1:]), *ROWS), []),
    "an unknown column": ("topics.xlsx", book((*HEAD, "Notiz"), *((*row, "x") for row in ROWS)), []),
    "one table on two sheets": ("topics.xlsx", book(HEAD, ROWS[0], sheets=[("Mehr", (HEAD, ROWS[1]))]), []),
    "a sheet of notes beside": ("topics.xlsx", book(HEAD, *ROWS, sheets=[("Notizen", [("nicht vergessen",)])]), ["sheet"]),
    "a row of totals": ("topics.xlsx", book(HEAD, *ROWS, (None, "Summe", 3)), ["totals"]),
    "numbers stored as text": ("topics.xlsx", book(HEAD, *((*row[:2], str(row[2]), row[3]) for row in ROWS)), []),
    "quoted newlines": ("topics.csv", text((*HEAD, "Beschreibung"), *((*row, '"ein\r\nSatz; lang"') for row in ROWS)), []),
}


@pytest.mark.parametrize("spelling", FILES)
def test_one_table_in_every_kind_of_file(tmp_path, spelling):
    name, data, said = FILES[spelling]
    workspace = office(tmp_path)
    (workspace.inputs / "topics.xlsx").unlink()
    (workspace.inputs / name).write_bytes(data)
    checked = load(workspace)
    assert [(topic.key, topic.name, topic.order, topic.colour) for topic in checked.value.topics] == SAME
    assert [finding.rule for finding in checked.findings] == said
    assert all(finding.severity is Severity.NOTE for finding in checked.findings)


@pytest.mark.parametrize(("name", "data", "why"), [
    ("topics.csv", b'[{"key": "energie"}]', "eine JSON-Datei"), ("topics.csv", b'\xef\xbb\xbf{"key": 1}', "eine JSON-Datei"),
    ("topics.csv", b"<!DOCTYPE html><table><tr><td>a", "eine HTML-Seite"), ("topics.xls", b"<html xmlns:x='excel'><table>", "eine HTML-Seite"),
    ("topics.xlsx", b"%PDF-1.7\n", "eine PDF-Datei"), ("topics.ods", b"<?xml version='1.0'?><a/>", "eine XML-Datei"),
])
def test_a_name_that_lies_is_told_by_the_content(tmp_path, name, data, why):
    workspace = office(tmp_path)
    (workspace.inputs / "topics.xlsx").unlink()
    (workspace.inputs / name).write_bytes(data)
    [finding] = [finding for finding in load(workspace).findings if finding.rule == "file"]
    assert finding.message == f"Die Datei ist {why}, keine Tabelle"


NOTE, WARNING, ERROR = Severity.NOTE, Severity.WARNING, Severity.ERROR

# field of the partner or its contact → the cell, what is read, and the severity of what is said
PARTNERS = [
    ("postcode", 1067, "01067", [NOTE]), ("postcode", "01067", "01067", []), ("postcode", 44135, "44135", []),
    ("postcode", "D-44135", "44135", [NOTE]), ("postcode", "1067", "", [ERROR]),
    *(("signs", word, True, []) for word in ("ja", "JA", "j", "x", "X", "yes", "y", "wahr", "true", "1", "✓", True, 1)),
    *(("signs", word, False, []) for word in ("nein", "n", "no", "falsch", "false", "0", False, 0, None)), ("signs", "vielleicht", False, [ERROR]),
    ("topics", "energie; hafen", ("energie", "hafen"), []), ("topics", "energie,hafen", ("energie", "hafen"), []),
    ("topics", "energie\nhafen", ("energie", "hafen"), []),
    ("phone", "+49 231 50-12345", "+49 231 50-12345", []), ("phone", "(0231) 50 12 345", "(0231) 50 12 345", []),
    ("phone", "0231/5012345 App. 17", "0231/5012345 App. 17", []),
    ("phone", 2315012345, "2315012345", [WARNING]), ("phone", "ruf an", "ruf an", [WARNING]),
    ("email", "Mia Muster <mia@firma.example>", "mia@firma.example", [NOTE]),
    ("email", "a@firma.example; b@firma.example", "a@firma.example", [WARNING]),
    ("email", "a@firma.example b@firma.example", "a@firma.example", [WARNING]), ("email", "info@müller.example", "info@müller.example", []),
    ("email", "info@straße.example", "info@straße.example", []), ("email", "info@ma\u0308rz.example", "info@märz.example", [NOTE]),
    ("email", "kaputt(at)firma.example", "", [ERROR]),
    ("city", "Dort\u00admund", "Dortmund", [NOTE]), ("city", "Bad\u00a0Ems", "Bad Ems", [NOTE]), ("city", "Dort\u200bmund", "Dortmund", [NOTE]),
    ("city", "Mu\u0308nster", "Münster", [NOTE]), ("city", " Unna ", "Unna", [NOTE]), ("city", "Bad\nEms", "Bad Ems", [NOTE]),
    ("city", "Bad\x85Ems", "Bad Ems", [NOTE]), ("city", "Un\u202ena", "", [ERROR]),
    *(("department", word, "", [NOTE]) for word in ("n/a", "-", "k. A.", "N/A", "–", "entfällt")),
    ("department", "=1+1", "=1+1", []), ("department", "+Plus", "+Plus", []), ("department", "@home", "@home", []),
]

HEADINGS = {"postcode": "PLZ", "city": "Ort", "signs": "Zeichnet", "topics": "Themen", "phone": "Telefon", "email": "E-Mail",
            "department": "Abteilung"}


@pytest.mark.parametrize(("field", "cell", "value", "said"), PARTNERS)
def test_cells_of_a_partner_are_read_as_offices_write_them(tmp_path, field, cell, value, said):
    topics = [{"key": key, "name": key, "order": 1, "colour": "#B45309"} for key in ("energie", "hafen")]
    checked = load(office(tmp_path, topics=topics, partners=[PARTNER | {field: cell}]))
    [partner], [person] = checked.value.partners, checked.value.persons
    whose = partner.address if field in ("postcode", "city") else person if field in ("signs", "phone", "email") else partner
    assert getattr(whose, field) == value
    own = [finding for finding in checked.findings
           if finding.place.column == HEADINGS[field] and finding.rule not in ("signatory", "address", "reachable")]
    assert [finding.severity for finding in own] == said
    assert all(f"→ „{value}“" in finding.message for finding in own if finding.severity is NOTE and finding.rule == "repair" and value)


MEETINGS = [
    *(("date", cell, dt.date(2017, 3, 2), []) for cell in (
        "02.03.2017", "2.3.2017", "2017-03-02", "2. März 2017", "2. Mär. 2017", "Donnerstag, 2. März 2017", "Do., 02.03.2017", "Do 2.3.2017",
        dt.date(2017, 3, 2), dt.datetime.fromisoformat("2017-03-02"))),
    ("date", 42796, dt.date(2017, 3, 2), [NOTE]), ("date", "02.03.17", dt.date(2017, 3, 2), [NOTE]),
    ("date", "Mittwoch, 02.03.2017", dt.date.min, [ERROR]), ("date", "31.02.2017", dt.date.min, [ERROR]), ("date", "bald", dt.date.min, [ERROR]),
    *(("start", cell, dt.time(14, 30), []) for cell in ("14:30", "14.30", "14:30 Uhr", "14.30 Uhr", "14:30:00", "14:30 h", dt.time(14, 30))),
    ("start", "14 Uhr", dt.time(14), []), ("start", 0.604166666666667, dt.time(14, 30), [NOTE]), ("start", "25:00", dt.time.min, [ERROR]),
]


@pytest.mark.parametrize(("field", "cell", "value", "said"), MEETINGS)
def test_days_and_times_are_read_as_offices_write_them(tmp_path, field, cell, value, said):
    workspace = office(tmp_path)
    row = {"Treffen-Nr.": "M-001", "Titel": "Erstes", "Datum": "02.03.2017", "Beginn": "14:00", "Ort": "Rathaus"}
    row["Datum" if field == "date" else "Beginn"] = cell
    (workspace.inputs / "meetings.xlsx").write_bytes(book(tuple(row), tuple(row.values())))
    checked = load(workspace)
    assert getattr(checked.value.meetings[0], field) == value
    assert [finding.severity for finding in checked.findings] == said


@pytest.mark.parametrize(("cell", "value", "said"), [
    ("12500,50", "12500.50", []), ("1.234,50 €", "1234.50", []), ("EUR 5.000.000", "5000000", []), ("1 200 Euro", "1200", [NOTE]),
    (1234.5, "1234.5", []), ("1.500", "1500", [NOTE]), ("12.5", "12.5", [NOTE]),
    ("12,-", "12", []), ("12,– €", "12", []), ("12,-- EUR", "12", []), ("€ 12,-", "12", []),
    ("k. A.", None, [NOTE]), ("viel", None, [ERROR]),
])
def test_amounts_are_read_the_german_way(tmp_path, cell, value, said):
    row = {"key": "J-001", "title": "Wärme", "topic": "energie", "status": "laufend", "place": "Dortmund", "carrier": "Brückner", "cost": cell}
    checked = load(office(tmp_path, projects=[row]))
    assert checked.value.projects[0].cost == (None if value is None else Decimal(value))
    assert [finding.severity for finding in checked.findings] == said
