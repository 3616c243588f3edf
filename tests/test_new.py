"""A new workspace: what it asks for, what it leaves, and that it works at once."""

from __future__ import annotations

import datetime as dt
import io
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.starter.files import Beginning, keys, settings
from pipeline.starter.neutral import WORDS, neutral
from pipeline.tables.columns import TABLES
from tests.office import ROOT, gremium

ANSWERS = ("--name", "Energieforum „Kiel“", "--city", "Kiel", "--street", "Hafenweg 1", "--postcode", "24103",
           "--email", "post@forum.example", "--initiator", "Stadt Kiel", "--initiator", "Stadtwerke Kiel")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new") / "forum"
    done = gremium(Path(), "new", str(folder), *ANSWERS)
    assert done.returncode == 0, done.stderr
    return folder


def _texts(docx: Path) -> str:
    with zipfile.ZipFile(docx) as package:
        parts = [package.read(name).decode("utf-8") for name in package.namelist() if name.startswith("word/") and name.endswith(".xml")]
    return "\n".join(text for part in parts for text in re.findall(r"<w:t[^>]*>([^<]*)</w:t>", part)).replace("\u00a0", " ")


def test_it_passes_check_and_build_at_once(begun):
    done = gremium(begun, "check")
    assert done.returncode == 0, done.stderr
    built = gremium(begun, "build")
    assert built.returncode == 0, built.stderr


def test_the_settings_hold_what_was_answered(begun):
    settings = tomllib.loads((begun / "inputs" / "alliance.toml").read_text("utf-8"))
    assert settings["alliance"]["name"] == "Energieforum „Kiel“"
    assert settings["office"]["postcode"] == "24103"
    assert [(initiator["key"], initiator["name"]) for initiator in settings["initiators"]] == [
        ("stadt", "Stadt Kiel"), ("stadtwerke", "Stadtwerke Kiel")]


@pytest.mark.parametrize(("names", "expected"), [
    (("1. Vorsitzende", "Kassenwart"), ["vorsitzende", "kassenwart"]), (("1. FC Kiel", "2. FC Kiel"), ["fc", "kiel"]), (("1860",), ["1860"]),
])
def test_a_number_alone_names_no_initiator(names, expected):
    assert list(keys(names)) == expected


def test_no_article_stands_before_a_name_of_any_gender(begun):
    for path in sorted((begun / "templates").glob("*.docx")):
        assert not re.search(r"\b(der|die|zur|Die|Der) \{\{ alliance\.name", _texts(path)), path.name


def test_every_table_is_there_empty_with_its_headings_and_drop_downs(begun):
    for table, specs in TABLES.items():
        sheet = openpyxl.load_workbook(begun / "inputs" / f"{table}.xlsx").active
        assert [cell.value for cell in sheet[1]] == [spec.heading for spec in specs]
        assert sheet.max_row == 1
        chosen = [spec for spec in specs if spec.choices]
        assert len(sheet.data_validations.dataValidation) >= len(chosen)


def test_nothing_of_the_first_alliance_is_left(begun):
    for path in begun.rglob("*"):
        if path.suffix == ".docx":
            text = _texts(path)
        elif path.suffix in (".toml", ".md", ".txt", ".html"):
            text = path.read_text("utf-8")
        else:
            continue
        for name in ("Dortmund", "Smart City", "Allianz", "CISCO", "L.E.D.", "IHK", "GO NRW"):
            assert name not in text, (path.name, name)


def test_every_neutral_wording_replaces_something_in_a_shipped_template():
    said = "\n".join(_texts(path) for path in (ROOT / "templates").glob("*.docx"))
    assert [words for words in WORDS if words not in said] == []


def test_what_is_not_a_word_stays_byte_for_byte():
    before = (ROOT / "templates" / "badges.docx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(io.BytesIO(neutral(before))) as new:
        assert old.namelist() == new.namelist()
        assert [name for name in old.namelist() if old.read(name) != new.read(name) and not name.endswith(".xml")] == []


def test_initiators_get_short_keys_that_differ():
    assert list(keys(["Stadt Kiel", "Stadt Preetz", "Stadt Kiel", "Übersee AG", "Partner"])) == [
        "stadt", "preetz", "kiel", "uebersee", "partner-2"]


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_a_name_holds_the_settings_stay_settings(name, initiator):
    made = settings(Beginning(name=name, city="Kiel", email="post@forum.example", initiators=[initiator], date=dt.date(2025, 1, 31)))
    found = tomllib.loads(made)
    assert set(found) == {"alliance", "office", "initiators"}
    assert len(found["initiators"]) == 1


def test_without_answers_and_without_terminal_it_says_what_is_missing(tmp_path):
    done = gremium(tmp_path, "new", str(tmp_path / "x"), "--name", "Forum")
    assert done.returncode == 2
    assert "fehlt Ort" in done.stderr
    assert not (tmp_path / "x").exists()


def test_it_never_writes_into_a_folder_in_use(begun):
    done = gremium(Path(), "new", str(begun), *ANSWERS)
    assert done.returncode == 2
    assert "nicht leer" in done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gremium command of a fresh environment, installed from the wheel; the other packages are those of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "bench/")):
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder), str(source)], check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    python = folder / "env" / "bin" / "python"
    [packages] = (folder / "env" / "lib").glob("python3*/site-packages")
    here = next(path for path in map(Path, sys.path) if path.name == "site-packages")
    # A path alone, so that the finder of the checkout installed in place is not among them.
    (packages / "borrowed.pth").write_text(f"{here}\n", "utf-8")
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", "--no-compile", "-q",
                    "--ignore-installed", str(wheel)], check=True, capture_output=True)
    return folder / "env" / "bin" / "gremium"


def _pdf_text(path: Path) -> str:
    return subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True, check=True).stdout


@pytest.mark.slow
def test_a_newcomer_installs_the_wheel_and_reaches_a_changed_partner_and_a_changed_sentence(installed, tmp_path):
    import docx

    def run(*words: str) -> str:
        done = subprocess.run([str(installed), *words], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=240)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout + done.stderr

    folder = tmp_path / "forum"
    where = subprocess.run([str(installed.with_name("python")), "-c", "import pipeline; print(pipeline.__file__)"], cwd=tmp_path,
                           capture_output=True, text=True, check=True).stdout
    assert str(ROOT) not in where, "the wheel is what is tried, not the checkout"
    run("new", "forum", *ANSWERS)
    run("-C", "forum", "check")
    run("-C", "forum", "build")

    _append(folder / "inputs" / "topics.xlsx", {"Kürzel": "waerme", "Topthema": "Wärme", "Reihenfolge": 1, "Farbe": "#1B6CA8"})
    _append(folder / "inputs" / "partners.xlsx", {
        "Partner-Nr.": "P-001", "Organisation": "Werft am Fluss GmbH", "Straße": "Kai 1", "PLZ": "24103", "Ort": "Kiel", "Anrede": "Frau",
        "Nachname": "Muster", "Vorname": "Mia", "E-Mail": "mia.muster@werft.example", "Status": "Interessensbekundung", "Themen": "waerme"})
    run("-C", "forum", "build")
    [pdf] = (folder / "outputs" / "memorandum").glob("*.pdf")
    before = " ".join(_pdf_text(pdf).split())
    assert "Werft am Fluss GmbH" in before
    assert "Energieforum „Kiel“" in before

    workbook = openpyxl.load_workbook(folder / "inputs" / "partners.xlsx")
    [cell] = [cell for row in workbook.active.iter_rows() for cell in row if cell.value == "Werft am Fluss GmbH"]
    cell.value = "Werft am Strom GmbH"
    workbook.save(folder / "inputs" / "partners.xlsx")
    template = folder / "templates" / "memorandum.docx"
    document = docx.Document(str(template))
    [sentence] = [paragraph for paragraph in document.paragraphs if "bestätigt die Absicht" in paragraph.text]
    sentence.runs[0].text = sentence.runs[0].text.replace("bestätigt die Absicht", "bekräftigt die Absicht")
    document.save(str(template))
    said = run("-C", "forum", "build")
    assert "1 Memorandum" in said
    [pdf] = (folder / "outputs" / "memorandum").glob("*strom*.pdf")
    after = " ".join(_pdf_text(pdf).split())
    assert "Werft am Strom GmbH" in after
    assert "bekräftigt die Absicht" in after
    assert "freigeben" in run("-C", "forum", "next")


def _append(path: Path, row: dict[str, object]) -> None:
    workbook = openpyxl.load_workbook(path)
    sheet = workbook.active
    at = sheet.max_row + 1
    for cell in sheet[1]:
        if cell.value in row:
            sheet.cell(at, cell.column, row[cell.value])
    workbook.save(path)
