"""Bad input never wins: each kind of it ends in one worded line or a located finding, with its exit code and nothing half written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.office import gremium


def change(file: str, old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / "inputs" / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), "utf-8")
    return apply


def overwrite(file: str, data: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / file).write_bytes(data) and None


def remove(file: str) -> Callable[[Path], None]:
    return lambda folder: (folder / file).unlink()


# what is wrong · the command · its exit code · what the person reads
STOPS = [
    ("no settings", remove("inputs/alliance.toml"), ("build",), 2, "kein Arbeitsordner"),
    ("settings are no TOML", overwrite("inputs/alliance.toml", b"[alliance\n"), ("build",), 2, "alliance.toml"),
    ("an unknown setting", change("alliance.toml", "[signing]", "[signing]\ncolour = 1"), ("check",), 2, "signing.colour"),
    ("a date that is none", change("alliance.toml", "date = 2017-05-04", 'date = "im Mai"'), ("check",), 2, "alliance.date"),
    ("a kind that is none", lambda folder: None, ("build", "memoranda"), 2, "memoranda"),
    ("a key that is none", lambda folder: None, ("build", "--only", "memorandum/P-999"), 2, "memorandum/P-999"),
    ("a missing table", remove("inputs/partners.csv"), ("build",), 3, ""),
    ("a table that is none", overwrite("inputs/projects.csv", b"\x00\x01\x02%PDF-1.7"), ("build",), 3, ""),
    ("a partner without number", change("partners.csv", "P-001;", ";"), ("build",), 3, ""),
    ("a project on an unknown topic", change("projects.csv", ";mobilitaet;", ";mobilitat;"), ("build",), 3, ""),
    ("a missing template", remove("templates/memorandum.docx"), ("build",), 4, "memorandum.docx"),
    ("a template that is no Word file", overwrite("templates/memorandum.docx", b"PK\x03\x04nothing"), ("build",), 4, "memorandum.docx"),
    ("signing before release", lambda folder: None, ("sign", "memorandum", "--as", "nobody"), 6, "nobody"),
    ("verifying nonsense", lambda folder: None, ("verify", "NONSENSE"), 8, ""),
    ("converting nonsense", lambda folder: None, ("convert", "NONSENSE"), 5, ""),
]


@pytest.mark.parametrize(("break_it", "words", "code", "said"), [case[1:] for case in STOPS], ids=[case[0] for case in STOPS])
def test_one_line_says_what_is_wrong_and_nothing_is_half_written(workspace, break_it, words, code, said):
    break_it(workspace)
    (workspace / "nonsense.pdf").write_bytes(b"nothing of the kind")
    words = tuple(str(workspace / "nonsense.pdf") if word == "NONSENSE" else word for word in words)
    done = gremium(workspace, *words)
    assert done.returncode == code, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 12, done.stderr
    made = [path for path in (workspace / "outputs").rglob("*") if path.suffix in (".docx", ".pdf", ".part")]
    assert made == []


def test_debug_shows_where_in_the_program_it_happened(workspace):
    (workspace / "inputs" / "alliance.toml").unlink()
    assert "Traceback" in gremium(workspace, "--debug", "build").stderr


def test_a_finding_names_file_row_cell_value_and_what_to_do(workspace):
    change("projects.csv", ";mobilitaet;", ";mobilitat;")(workspace)
    done = gremium(workspace, "check", "--json")
    assert done.returncode == 3
    [finding] = [found for found in json.loads(done.stdout)["findings"] if found["severity"] == "error"]
    assert (finding["file"], finding["row"], finding["column"], finding["cell"]) == ("projects.csv", 4, "Topthema", "C4")
    assert finding["value"] == "mobilitat"
    assert "mobilitaet" in finding["message"] + finding["hint"]


def test_a_row_without_number_is_left_out_only_when_somebody_says_so(workspace):
    change("projects.csv", "J-001;", ";")(workspace)
    done = gremium(workspace, "build", "annex-projects")
    assert done.returncode == 3
    assert "projects.csv" in done.stderr
    assert gremium(workspace, "build", "annex-projects", "--keep-going").returncode == 0


def test_a_table_that_cannot_be_read_stops_every_paper(workspace):
    (workspace / "inputs" / "projects.csv").write_bytes(b"%PDF-1.7 no table")
    done = gremium(workspace, "build", "--keep-going")
    assert done.returncode == 3
    assert "projects.csv" in done.stderr


def lose_column(folder: Path) -> None:
    change("partners.csv", "Partner-Nr.;", "Quark;")(folder)


def lose_rows(folder: Path) -> None:
    path = folder / "inputs" / "topics.csv"
    heading, *rows = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([heading, *(";" + row.partition(";")[2] for row in rows)]), "utf-8")


def twice(folder: Path) -> None:
    """Two partners under one number, whom no other table names any more: the fault stands in one cell alone."""
    for file in ("memberships", "projects", "bodies"):
        path = folder / "inputs" / f"{file}.csv"
        path.write_text(path.read_text("utf-8").replace("P-002", "P-001"), "utf-8")
    change("partners.csv", "P-002;", "P-001;")(folder)


def junk(folder: Path) -> None:
    (folder / "templates" / "memorandum.docx").write_bytes(b"PK\x03\x04nothing")


@pytest.mark.slow
@pytest.mark.parametrize("lose", [lose_column, lose_rows])
def test_papers_that_count_over_a_table_never_count_over_a_lost_one(workspace, lose):
    assert gremium(workspace, "build", "handout", "annex-partners").returncode == 0
    before = {path: path.read_bytes() for path in (workspace / "outputs").rglob("*.pdf")}
    lose(workspace)
    for words in (("build",), ("build", "--keep-going"), ("build", "annex-partners", "--keep-going", "--force")):
        done = gremium(workspace, *words)
        assert done.returncode == 3
        assert "nicht vollständig lesbar: " in done.stderr
        assert "--keep-going" not in done.stderr      # nobody is sent where nothing is to be had
    assert {path: path.read_bytes() for path in (workspace / "outputs").rglob("*.pdf")} == before


@pytest.mark.slow
def test_a_number_given_twice_holds_back_its_papers_with_the_cell_and_all_else_goes_on(workspace):
    twice(workspace)
    done = gremium(workspace, "build", "memorandum")
    assert done.returncode == 3
    assert "memorandum/P-001: partners.csv Zelle A3 (Partner-Nr.)" in done.stderr
    done = gremium(workspace, "build", "memorandum", "--keep-going", "--json")
    assert (done.returncode, json.loads(done.stdout)["built"], json.loads(done.stdout)["blocked"]) == (3, ["memorandum/P-003"], ["memorandum/P-001"])
    for words in (("status",), ("next",), ("report",), ("why", "memorandum/P-001")):
        assert gremium(workspace, *words).returncode == 0
    assert "partners.csv Zelle A3" in gremium(workspace, "status").stdout


@pytest.mark.slow
def test_numbers_that_differ_by_case_alone_hold_back_each_other(workspace):
    twice(workspace)
    path = workspace / "inputs" / "partners.csv"
    path.write_text("p-001;".join(path.read_text("utf-8").rsplit("P-001;", 1)), "utf-8")
    done = gremium(workspace, "build", "memorandum", "--keep-going", "--json")
    assert json.loads(done.stdout)["blocked"] == ["memorandum/P-001", "memorandum/p-001"]


@pytest.mark.slow
def test_a_damaged_template_holds_back_its_own_papers_and_no_others(workspace):
    junk(workspace)
    done = gremium(workspace, "build", "memorandum", "handout", "--keep-going", "--json")
    result = json.loads(done.stdout)
    assert (done.returncode, result["built"]) == (4, ["handout/all"])
    assert sorted(result["blocked"]) == ["memorandum/P-001", "memorandum/P-002", "memorandum/P-003"]
    assert [lost["template"] for lost in result["damaged"]] == ["memorandum.docx"]
    assert "Fehler: memorandum.docx" in done.stderr and "ihre Papiere sind ausgelassen" in done.stderr


# what is wrong · whether the build goes on all the same
DRY = [
    (lambda folder: None, ()), (lose_column, ()), (lose_rows, ("--keep-going",)), (twice, ()), (twice, ("--keep-going",)),
    (junk, ()), (junk, ("--keep-going",)), (remove("templates/memorandum.docx"), ()), (remove("templates/memorandum.docx"), ("--keep-going",)),
    (change("projects.csv", "J-001;", ";"), ()),
]


@pytest.mark.slow
@pytest.mark.parametrize(("break_it", "words"), DRY)
def test_a_dry_run_says_and_exits_as_the_build_will(workspace, break_it, words):
    break_it(workspace)
    dry = gremium(workspace, "build", "memorandum", "-n", *words)
    given = gremium(workspace, "build", "memorandum", "-n", "--json", *words)
    assert not (workspace / "outputs").exists()
    real = gremium(workspace, "build", "memorandum", *words)
    assert dry.returncode == given.returncode == real.returncode
    wrong = [line for line in real.stderr.splitlines() if line.startswith(("Fehler:", "  →"))]
    assert [line for line in dry.stderr.splitlines() if line.startswith(("Fehler:", "  →"))] == wrong
    plan = json.loads(given.stdout)
    refused = "Erstellt: " not in real.stderr
    assert ("error" in plan, "Zu erstellen" in dry.stderr) == (refused, not refused)
    if not refused:
        assert f"Erstellt: {len(plan['due'])} Papier" in real.stderr


def test_a_wrong_row_holds_back_its_own_papers_and_no_others(workspace):
    change("partners.csv", "01067", "1067x")(workspace)
    assert gremium(workspace, "build", "memorandum").returncode == 3
    done = gremium(workspace, "build", "memorandum", "--keep-going", "--json")
    result = json.loads(done.stdout)
    assert sorted(result["built"]) == ["memorandum/P-001", "memorandum/P-003"]
    assert result["blocked"] == ["memorandum/P-002"]
    assert done.returncode == 3


def test_a_field_the_template_misspells_is_named_with_what_was_perhaps_meant(workspace):
    import docx
    path = workspace / "templates" / "memorandum.docx"
    document = docx.Document(str(path))
    document.add_paragraph("Kennung {{ partner.nmae }}")
    document.save(str(path))
    done = gremium(workspace, "build", "memorandum")
    assert done.returncode == 4
    assert "partner.nmae" in done.stderr
    assert "partner.name" in done.stderr
    checked = json.loads(gremium(workspace, "check", "--json").stdout)["findings"]
    assert [found["file"] for found in checked if found["severity"] == "error"] == ["memorandum.docx"]


@pytest.mark.parametrize("words", [
    ("convert", "FOLDER/templates/memorandum.docx", "-o", "FOLDER/templates/memorandum.docx"),
    ("convert", "FOLDER/templates/memorandum.docx"),
    ("convert", "FOLDER/templates/memorandum.docx", "-o", "FOLDER/nowhere/memorandum.pdf"),
    ("status", "--html", "FOLDER/inputs/alliance.toml"),
    ("check", "--marked", "FOLDER/inputs/partners.xlsx"),
    ("check", "--marked", "FOLDER/findings.txt"),
])
def test_no_command_writes_over_what_the_office_has_made(workspace, words):
    before = {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()}
    done = gremium(workspace, *(word.replace("FOLDER", str(workspace)) for word in words))
    assert done.returncode == 2, done.stderr
    assert {path: path.read_bytes() for path in workspace.rglob("*") if path.is_file()} == before


def test_a_lost_ledger_stops_everything_that_would_go_out_a_second_time(workspace):
    mail = workspace / "outputs" / "outbox" / "M-002" / "invitation.eml"
    mail.parent.mkdir(parents=True)
    mail.write_bytes(b"Subject: Einladung")
    done = gremium(workspace, "build")
    assert done.returncode == 1
    assert "ledger.sqlite fehlt" in done.stderr


def test_a_paper_whose_row_cannot_be_read_is_not_called_unknown(workspace):
    (workspace / "inputs" / "partners.csv").write_bytes(b"%PDF-1.7 no table")
    done = gremium(workspace, "build", "--only", "memorandum/P-001")
    assert done.returncode == 3
    assert "partners.csv" in done.stderr
