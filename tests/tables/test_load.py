import datetime as dt
import subprocess
from decimal import Decimal

import pytest

from pipeline.findings import Severity
from pipeline.records import Gender, PartnerStatus
from pipeline.tables.load import load
from tests.tables.offices import PARTNER, TOPIC, csv, findings, office

HEAD = "Partner-Nr.;Organisation;Straße;PLZ;Ort;Nachname;E-Mail;Zeichnet;Status\n"
ROW = "P-{n:03};Firma {n} am Hafen {n};Gasse {n};44147;Dortmund;Muster;m@f{n}.example;ja;Interessensbekundung\n"


def test_a_clean_office_has_no_findings(tmp_path):
    checked = load(office(tmp_path))
    assert checked.findings == ()
    [partner], [person] = checked.value.partners, checked.value.persons
    assert (partner.short, partner.status, partner.topics) == ("Brückner & Söhne GmbH", PartnerStatus.INTEREST, ("energie",))
    assert (person.key, person.partner, person.gender, person.signs) == ("P-001", "P-001", Gender.FEMALE, True)
    assert str(partner.origin.cell("postcode")) == "partners.xlsx Blatt „Partner“ Zelle G2 (PLZ)"


def test_a_partner_row_without_a_name_of_a_contact_has_no_contact(tmp_path):
    checked = load(office(tmp_path, partners=[PARTNER | {"gender": None, "first_name": None, "last_name": None}]))
    assert checked.value.persons == ()
    assert [finding.rule for finding in checked.findings] == ["signatory"]


def test_contacts_of_the_persons_table_come_after_the_one_in_the_partner_row(tmp_path):
    checked = load(office(tmp_path, persons=[{"partner": "P-001", "key": "P-001-2", "last_name": "Zweit", "email": "z@b.example"}]))
    assert [person.key for person in checked.value.contacts("P-001")] == ["P-001", "P-001-2"]


def test_title_lines_and_blank_rows_keep_the_row_numbers(tmp_path):
    text = f"Partnerliste 2017;;\n;;\n{HEAD}\n{ROW.format(n=1)}\n\n{ROW.format(n=2).replace('44147', '4414')}"
    checked = load(csv(office(tmp_path), "partners", text))
    assert [partner.origin.row for partner in checked.value.partners] == [5, 8]
    [note] = checked.findings
    assert (note.place.cell, note.place.row, note.severity) == ("D8", 8, Severity.NOTE)


def test_a_windows_file_is_read_and_told_of(tmp_path):
    workspace = csv(office(tmp_path), "partners", HEAD + ROW.format(n=1).replace("Firma 1", "Müller & Söhne"), charset="cp1252")
    assert load(workspace).value.partners[0].name == "Müller & Söhne am Hafen 1"
    assert [finding.message for finding in findings(workspace)] == ["Gelesen als Windows-1252"]


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["ods", "xls"])
def test_what_libreoffice_saves_reads_the_same(tmp_path, ending):
    workspace = office(tmp_path)
    before = load(workspace).value
    for name in ("partners", "topics", "meetings"):
        path = workspace.inputs / f"{name}.xlsx"
        subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/lo", "--convert-to", ending, "--outdir",
                        workspace.inputs, path], check=True, capture_output=True, timeout=120)
        path.unlink()
    checked = load(workspace)
    assert checked.findings == ()
    assert checked.value.partners == before.partners
    assert checked.value.meetings == before.meetings


def test_no_row_is_lost(tmp_path):
    rows = [ROW.format(n=n) for n in range(1, 21)]
    rows[3] = rows[3].replace("P-004", "")
    rows[7] = rows[7].replace("P-008", "P/008")
    rows[11] = rows[11].replace("Interessensbekundung", "vielleicht")
    rows[15] = ";nur ein Name;;;;;;;\n"
    checked = load(csv(office(tmp_path), "partners", HEAD + "".join(rows)))
    lost = {finding.place.row for finding in checked.errors if finding.place.column == "Partner-Nr."}
    assert len(checked.value.partners) + len(lost) == 20
    assert lost == {5, 9, 17}
    assert list(checked.blocked) == ["P-012"]
    assert checked.value.partner["P-012"].status is PartnerStatus.PARTICIPANT


def test_every_error_names_its_cell_and_the_key_it_holds_back(tmp_path):
    [error] = findings(office(tmp_path, partners=[PARTNER | {"email": "mia(at)brueckner.example"}]))
    assert (error.place.cell, error.subject, error.value) == ("O2", "P-001", "mia(at)brueckner.example")


def test_a_postcode_stored_as_a_number_gets_its_zero_back(tmp_path):
    checked = load(office(tmp_path, partners=[PARTNER | {"postcode": 1067}]))
    assert checked.value.partners[0].address.postcode == "01067"
    assert [(finding.severity, finding.place.cell, finding.value) for finding in checked.findings] == [(Severity.NOTE, "G2", "1067")]


def test_unknown_columns_are_kept_for_templates(tmp_path):
    checked = load(office(tmp_path, partners=[PARTNER | {"Stand-Nr.": "17 b"}, PARTNER | {"key": "P-002", "name": "Zeche & Co. KG"}]))
    assert [partner.extra for partner in checked.value.partners] == [{"Stand-Nr.": "17 b"}, {"Stand-Nr.": ""}]


def test_english_headings_and_those_of_the_settings_are_understood(tmp_path):
    aliases = {"tables": {"aliases": {"partners": {"Mitglied": "name"}}}}
    text = "ID;Mitglied;Zip;city;STATUS;street\nP-001;Firma;01067;Dresden;teilnahme;Elbufer 1\n"
    [partner] = load(csv(office(tmp_path, changes=aliases), "partners", text)).value.partners
    assert (partner.key, partner.name, partner.address.postcode) == ("P-001", "Firma", "01067")


def test_a_missing_required_column_proposes_the_one_that_may_be_meant(tmp_path):
    workspace = csv(office(tmp_path), "partners", "Partner-Nr.;Organisation;Statuss\nP-001;Firma;Teilnahme\n")
    [finding] = findings(workspace, "column")
    assert (finding.message, finding.hint) == ("Die Spalte „Status“ fehlt", "Ist „Statuss“ gemeint? Dann die Überschrift ändern.")
    assert load(workspace).value.partners == ()


def test_a_heading_that_stands_twice_is_told_of(tmp_path):
    workspace = csv(office(tmp_path), "topics", "Kürzel;Topthema;Reihenfolge;Farbe;Farbe\nenergie;Energie;1;#B45309;#000000\n")
    assert [finding.place.cell for finding in findings(workspace, "heading")] == ["E1"]


def test_an_alias_for_a_field_that_does_not_exist_is_told_of(tmp_path):
    [finding] = findings(office(tmp_path, changes={"tables": {"aliases": {"partners": {"Mitglied": "nam"}}}}))
    assert (str(finding.place), finding.hint) == ("inputs/alliance.toml (tables.aliases.partners.Mitglied)", "Meinten Sie „name“?")


def test_a_missing_required_table_is_a_finding(tmp_path):
    workspace = office(tmp_path, partners=[PARTNER | {"topics": None}])
    (workspace.inputs / "topics.xlsx").unlink()
    assert [(str(finding.place), finding.message) for finding in findings(workspace)] == [("topics.xlsx", "Die Tabelle Topthemen fehlt")]


def test_two_files_for_one_table_are_told_of(tmp_path):
    workspace = office(tmp_path)
    (workspace.inputs / "themen.csv").write_text("Kürzel\n")
    assert [finding.place.file for finding in findings(workspace, "file")] == ["topics.xlsx"]


def test_locks_and_proposals_are_not_tables(tmp_path):
    workspace = office(tmp_path)
    for name in ("~$partners.xlsx", "joining.xlsx", ".partners.csv", "README.md"):
        (workspace.inputs / name).write_bytes(b"\0")
    assert findings(workspace) == []


def test_a_file_with_nearly_the_name_of_a_table_is_told_of(tmp_path):
    workspace = office(tmp_path)
    (workspace.inputs / "mitglider.csv").write_text("a;b\n")
    assert [finding.hint for finding in findings(workspace)] == ["Meinten Sie „mitglieder.csv“? Dann die Datei umbenennen."]


@pytest.mark.parametrize("data", [
    b"", b"%PDF-1.7", b"PK\x03\x04 and then nothing", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b'{"a": 1}', b"nur ein Satz"])
def test_a_file_nobody_can_read_stops_no_other(tmp_path, data):
    workspace = office(tmp_path)
    (workspace.inputs / "meetings.xlsx").write_bytes(data)
    checked = load(workspace)
    assert [finding.place.file for finding in checked.errors if finding.rule in ("file", "header")] == ["meetings.xlsx"]
    assert len(checked.value.partners) == 1


def test_control_characters_hold_the_row_back(tmp_path):
    text = HEAD + ROW.format(n=1).replace("Gasse 1", "Gasse\x07 1")
    checked = load(csv(office(tmp_path), "partners", text))
    assert [(finding.rule, finding.place.cell) for finding in checked.errors] == [("characters", "C2")]
    assert list(checked.blocked) == ["P-001"]


def test_projects_know_whether_they_are_local_and_what_is_not_stated(tmp_path):
    project = {"key": "J-001", "title": "Wärme", "topic": "energie", "status": "laufend", "place": "DORTMUND", "carrier": "Brückner",
               "cost": "1.250.000 €", "own_funds": None, "staff": "0,5", "seeks": "k. A."}
    checked = load(office(tmp_path, projects=[project, project | {"key": "J-002", "place": "Bochum"}]))
    first, second = checked.value.projects
    assert (first.local, second.local) == (True, False)
    assert (first.cost, first.own_funds, first.staff, first.seeks) == (Decimal(1250000), None, Decimal("0.5"), "")


def test_a_meeting_with_a_wrong_date_is_kept_and_held_back(tmp_path):
    meetings = [{"key": "M-001", "title": "Treffen", "date": "Mittwoch, 01.06.2017", "start": "10:00", "place": "Rathaus", "agenda": "A\nB"}]
    checked = load(office(tmp_path, meetings=meetings))
    assert list(checked.blocked) == ["M-001"]
    assert checked.value.meeting["M-001"].date == dt.date.min
    assert checked.value.upcoming() == ()


def test_a_note_sheet_beside_the_table_is_not_read_but_told_of(tmp_path):
    from openpyxl import load_workbook
    workspace = office(tmp_path, topics=[TOPIC])
    path = workspace.inputs / "topics.xlsx"
    book = load_workbook(path)
    book.create_sheet("Notizen")["A1"] = "nicht vergessen"
    book.save(path)
    [note] = findings(workspace)
    assert (note.place.sheet, note.severity) == ("Notizen", Severity.NOTE)


def test_findings_come_in_the_order_of_files_and_rows(tmp_path):
    workspace = csv(office(tmp_path), "partners", HEAD + "".join(ROW.format(n=n).replace("44147", "x") for n in range(1, 13)))
    rows = [finding.place.row for finding in findings(workspace, "postcode")]
    assert rows == list(range(2, 14))
