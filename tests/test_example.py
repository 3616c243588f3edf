"""The shipped example, recounted with other libraries than the ones that read it for the papers."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.findings import Severity
from pipeline.records import BodyKind
from pipeline.settings import Settings
from pipeline.tables.columns import TABLES
from pipeline.tables.load import load
from pipeline.workspace import Workspace

INPUTS = Path(__file__).parent.parent / "inputs"
WORKBOOKS = tuple(name for name in TABLES if name != "topics")
Row = dict[str, Any]


@cache
def sheet(table: str) -> Worksheet:
    found = openpyxl.load_workbook(INPUTS / f"{table}.xlsx").active
    assert isinstance(found, Worksheet)
    return found


@cache
def rows(table: str) -> tuple[Row, ...]:
    """The rows of a shipped table, heading → value, as another program reads them."""
    if table == "topics":
        return tuple(csv.DictReader(io.StringIO((INPUTS / "topics.csv").read_text("utf-8-sig")), delimiter=";"))
    head, *body = sheet(table).iter_rows(values_only=True)
    return tuple(dict(zip(map(str, head), row, strict=True)) for row in body)


def keys(table: str, column: str, **where: Any) -> set[str]:
    return {row[column] for row in rows(table) if all(row[name] == value for name, value in where.items())}


def parts(cell: str | None) -> list[str]:
    return [part.strip() for part in (cell or "").split(";") if part.strip()]


@cache
def settings() -> Settings:
    return Settings.model_validate(tomllib.loads((INPUTS / "alliance.toml").read_text("utf-8")))


def persons() -> set[str]:
    return keys("persons", "Personen-Nr.") | {row["Partner-Nr."] for row in rows("partners") if row["Nachname"]}


# the figures of the alliance


def test_ninety_partners_were_at_the_first_meeting_and_fifty_five_have_declared_their_interest() -> None:
    present = {row["Partner-Nr."] for row in rows("partners") if "M-001" in parts(row["Teilnahme an"])}
    interested = keys("partners", "Partner-Nr.", Status="Interessensbekundung")
    assert (len(rows("partners")), len(present), len(interested)) == (104, 90, 55)
    assert (len(present & interested), len(interested - present)) == (41, 14)
    assert settings().alliance.first_meeting == "M-001"


def test_of_88_projects_71_are_in_dortmund_and_the_others_can_be_carried_over() -> None:
    elsewhere = [row for row in rows("projects") if row["Ort"] != settings().alliance.city]
    assert (len(rows("projects")), len(elsewhere)) == (88, 17)
    assert {row["Übertragbar"] for row in elsewhere} == {"ja"}


def test_six_topics_each_have_an_expert_team_beside_eight_consortia_and_one_steering_body() -> None:
    assert Counter(row["Art"] for row in rows("bodies")) == {"Expertenteam": 6, "Konsortium": 8, "Lenkungsgremium": 1}
    assert [row["Topthema"] for row in rows("topics")] == [
        "Energie", "Mobilität und Logistik", "Mensch und Demographischer Wandel", "IT-Plattformen und Bürgerservices",
        "Hafenumfeld", "Sicherheit"]
    assert sorted(row["Topthema"] for row in rows("bodies") if row["Art"] == "Expertenteam") == sorted(keys("topics", "Kürzel"))


def test_each_consortium_proposes_one_pilot_that_names_the_infrastructure_it_needs() -> None:
    pilots = [row for row in rows("projects") if row["Pilot"] == "ja"]
    assert sorted(row["Konsortium"] for row in pilots) == sorted(keys("bodies", "Gremium-Nr.", Art="Konsortium"))
    asked = {part for row in pilots for part in parts(row["Infrastruktur"])}
    council = settings().council
    assert council is not None
    assert asked == set(council.infrastructure)
    assert {row["Status"] for row in pilots} == {"geplant"}      # the council has yet to allow them
    figures = [(row["Kosten (Euro)"], row["Städtischer Anteil (Euro)"], row["Stellen der Stadt"]) for row in pilots]
    assert sum(None not in figure for figure in figures) == 6
    assert figures.count((None, None, None)) == 2
    assert all(cost >= own for cost, own, _ in figures if cost is not None)


def test_the_partners_of_a_pilot_sit_in_its_consortium() -> None:
    for row in rows("projects"):
        if row["Pilot"] == "ja":
            assert set(parts(row["Partner-Nrn."])) <= keys("memberships", "Partner-Nr.", **{"Gremium-Nr.": row["Konsortium"]})


def test_the_two_named_projects_seek_partners_and_claim_no_partner_of_the_alliance() -> None:
    named = {row["Träger"]: row for row in rows("projects") if row["Träger"] in ("IBM", "Telekom")}
    assert named["IBM"]["Projekt"] == "Intelligent Video Analytics für Zivil- und Eventschutz"
    assert named["Telekom"]["Projekt"] == "Smart Collect/Smart Parking – digitale Parkdienstleistung"
    assert all(row["sucht Partner"] and not row["Partner-Nrn."] and not row["Pilot"] for row in named.values())
    assert 12 <= sum(bool(row["sucht Partner"]) for row in rows("projects")) <= 14


# the whole hangs together


@pytest.mark.parametrize("table", TABLES)
def test_every_reference_leads_to_a_row(table: str) -> None:
    known = {"partners": keys("partners", "Partner-Nr."), "persons": persons(), "topics": keys("topics", "Kürzel"),
             "bodies": keys("bodies", "Gremium-Nr."), "meetings": keys("meetings", "Treffen-Nr.")}
    for spec in TABLES[table]:
        if spec.refers:
            assert {part for row in rows(table) for part in parts(row[spec.aliases[0]])} <= known[spec.refers], spec.aliases[0]


@pytest.mark.parametrize(("table", "pattern"), [("partners", r"P-\d{3}"), ("persons", r"P-\d{3}-2"), ("topics", r"[a-z]+"),
                                                ("projects", r"J-\d{3}"), ("bodies", r"B-\d\d"), ("meetings", r"M-\d{3}")])
def test_keys_are_of_one_form_and_none_comes_twice(table: str, pattern: str) -> None:
    [heading] = [spec.aliases[0] for spec in TABLES[table] if spec.field == "key"]
    found = [row[heading] for row in rows(table)]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch(pattern, key) for key in found)


def test_seats_are_as_many_as_such_bodies_have_and_each_body_is_led() -> None:
    sizes = {"Expertenteam": range(8, 15), "Konsortium": range(4, 8), "Lenkungsgremium": range(9, 10)}
    for body in rows("bodies"):
        seats = [row for row in rows("memberships") if row["Gremium-Nr."] == body["Gremium-Nr."]]
        assert len(seats) in sizes[body["Art"]], body["Gremium"]
        assert Counter(row["Rolle"] for row in seats)["Leitung"] == 1
        people = [row["Personen-Nr."] or row["Partner-Nr."] for row in seats]
        assert len(set(people)) == len(people), body["Gremium"]


def test_interested_partners_sit_in_three_bodies_at_most_and_work_on_four_projects_at_most() -> None:
    seats = {(row["Partner-Nr."], row["Gremium-Nr."]) for row in rows("memberships")}
    bodies = Counter(partner for partner, _ in seats)
    projects = Counter(part for row in rows("projects") for part in parts(row["Partner-Nrn."]))
    interested = keys("partners", "Partner-Nr.", Status="Interessensbekundung")
    assert {bodies[partner] for partner in interested} == set(range(4))
    assert {projects[partner] for partner in interested} == set(range(5))
    assert any(not bodies[partner] and not projects[partner] for partner in interested)
    assert all(1 <= len(parts(row["Themen"])) <= 3 for row in rows("partners") if row["Partner-Nr."] in interested)


def test_every_body_meets_once_on_a_working_day_of_its_own() -> None:
    first, *others = rows("meetings")
    assert (first["Datum"], first["Gremium-Nr."]) == (dt.datetime(2017, 3, 2), None)  # noqa: DTZ001 – as openpyxl reads a date
    assert sorted(row["Gremium-Nr."] for row in others) == sorted(keys("bodies", "Gremium-Nr."))
    days = [row["Datum"].date() for row in others]
    assert len(set(days)) == len(days)
    assert (min(days), max(days)) == (dt.date(2017, 6, 19), dt.date(2017, 7, 13))
    for row in others:
        assert row["Datum"].weekday() < 5
        assert row["Beginn"] < row["Ende"]
        assert settings().alliance.date < row["Rückmeldung bis"].date() <= row["Datum"].date() - dt.timedelta(days=10)
        assert row["Rückmeldung bis"].weekday() < 5
        assert 4 <= len(row["Tagesordnung"].split("\n")) <= 6


def test_the_route_names_the_right_weekdays_and_ends_with_the_decision() -> None:
    council = settings().council
    assert council is not None
    names = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag")
    assert [stage.weekday for stage in council.route] == [names[stage.date.weekday()] for stage in council.route]
    assert [stage.competence.value for stage in council.route] == ["Empfehlung", "Empfehlung", "Beschluss"]
    assert council.route[-1].date == council.session
    assert len(council.financing) == 3


# the people are made up, and of every sort


def test_no_address_can_reach_anybody() -> None:
    found = [row["E-Mail"] for row in rows("partners") + rows("persons") if row["E-Mail"]]
    assert all(address.endswith(".example") for address in found)
    assert len(set(found)) == len(found)
    assert settings().office.email.endswith(".example")
    numbers = [row["Telefon"] for row in rows("partners") + rows("persons") if row["Telefon"]]
    assert all(re.fullmatch(r"\+49 \d{3,4} 5550-\d{3}|\+31 53 555 0145", number) for number in numbers)


def test_the_partners_hold_every_case_the_papers_must_master() -> None:
    partners = rows("partners")
    assert sum(not row["E-Mail"] for row in partners) == 6
    assert any(not row["Nachname"] and row["Status"] == "Interessensbekundung" for row in partners)
    assert {row["Anrede"] for row in partners} == {"Frau", "Herr", "divers", None}
    assert any(not row["Anrede"] and row["Nachname"] and row["Status"] == "Interessensbekundung" for row in partners)
    titles = {row["Titel"] for row in partners}
    assert {"Dr.", "Prof. Dr.", "Prof. Dr.-Ing. Dr. h. c.", "Dipl.-Ing.", "M. A."} <= titles
    surnames = {str(row["Nachname"]) for row in partners}
    assert {"von der Heide", "Graf von Musterstein", "Freiherr zu Beispielburg"} <= surnames
    names = " ".join(row["Organisation"] for row in partners)
    assert all(mark in names for mark in ("&", "ß", "„", '"', "'"))
    assert max(len(row["Organisation"]) for row in partners) > 70
    assert [row["PLZ"] for row in partners if row["Land"]] == ["1234 AB"]
    assert any(row["PLZ"] == "01067" for row in partners)
    assert any(not row["E-Mail"].isascii() for row in partners if row["E-Mail"])
    assert len(rows("persons")) == 9


# what the papers read is what stands there


def test_reading_finds_no_error_and_only_what_an_office_really_leaves_open() -> None:
    checked = load(Workspace.open(INPUTS.parent))
    assert not checked.errors
    assert {finding.severity for finding in checked.findings} <= {Severity.WARNING, Severity.NOTE}
    assert len(checked.findings) <= 10
    unsigned = {finding.subject or finding.message for finding in checked.findings if finding.rule == "signatory"}
    assert any("P-010" in text for text in unsigned)
    assert any("P-075" in text for text in unsigned)


def test_the_alliance_counts_what_the_tables_show() -> None:
    alliance = load(Workspace.open(INPUTS.parent)).value
    assert (len(alliance.partners), len(alliance.present("M-001")), len(alliance.interested)) == (104, 90, 55)
    assert (len(alliance.projects), len(alliance.local_projects), len(alliance.projects_elsewhere), len(alliance.pilots)) == (88, 71, 17, 8)
    assert [len(alliance.bodies_of(kind)) for kind in (BodyKind.EXPERT_TEAM, BodyKind.CONSORTIUM, BodyKind.STEERING)] == [6, 8, 1]
    assert {person.key for person in alliance.persons} == persons()
    assert sum(len(alliance.invited(meeting)) for meeting in alliance.upcoming()) == len(rows("memberships"))


# the files are kept as an office keeps them


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_the_first_headings_of_the_columns_module(table: str) -> None:
    assert list(rows(table)[0]) == [spec.aliases[0] for spec in TABLES[table]]


@pytest.mark.parametrize("table", WORKBOOKS)
def test_a_workbook_is_filtered_frozen_and_offers_its_choices(table: str) -> None:
    page = sheet(table)
    assert page.freeze_panes == "B2"
    assert page.auto_filter.ref == page.dimensions
    assert all(cell.font.b for cell in page[1])
    offered = {str(rule.formula1).strip('"') for rule in page.data_validations.dataValidation}
    assert {",".join(spec.choices) for spec in TABLES[table] if spec.choices} <= offered


def test_postcodes_are_text_and_dates_are_dates() -> None:
    head = [cell.value for cell in sheet("partners")[1]]
    column = head.index("PLZ") + 1
    for row in range(2, sheet("partners").max_row + 1):
        cell = sheet("partners").cell(row, column)
        assert (cell.data_type, cell.number_format) == ("s", "@")
    assert all(isinstance(row["Datum"], dt.datetime) and isinstance(row["Beginn"], dt.time) for row in rows("meetings"))


def test_the_topics_open_in_excel_and_their_colours_read_on_white_and_in_grey() -> None:
    assert (INPUTS / "topics.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    light = sorted(luminance(row["Farbe"]) for row in rows("topics"))
    assert all(1.05 / (value + 0.05) >= 4.5 for value in light)
    assert all(bright / dark > 1.2 for dark, bright in zip([value + 0.05 for value in light], [value + 0.05 for value in light[1:]], strict=False))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = (int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4 for value in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_readme_explains_each_column_in_the_words_of_the_columns_module() -> None:
    text = (INPUTS / "README.md").read_text("utf-8")
    found = [tuple(cell.strip() for cell in line.strip("|").split("|")[:2]) for line in text.splitlines()
             if line.startswith("| ") and not line.startswith("| Spalte")]
    assert found == [(spec.aliases[0], spec.meaning) for specs in TABLES.values() for spec in specs]
