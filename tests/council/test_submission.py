"""The submission of the shipped example and of odd ones: recounted, changed, and looked through for people."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import subprocess
import zipfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import openpyxl
import pikepdf
import pytest

from pipeline.build.inputs import flat
from pipeline.council.text import text_of
from pipeline.papers import kinds
from pipeline.pdf.render import to_pdf
from pipeline.pdf.style import Style
from pipeline.records import ProjectStatus
from pipeline.tables.load import load
from pipeline.word.template import Template
from pipeline.workspace import Workspace
from tests import makers

ROOT = Path(__file__).parents[2]
STYLE = Style.open(ROOT / "templates" / "style.css")


@pytest.fixture(scope="module")
def example():
    return load(Workspace.open(ROOT)).value


@pytest.fixture(scope="module")
def briefing(example):
    return kinds.drafts(example, ["briefing"])[0]


def docx_of(draft) -> bytes:
    return Template.open(ROOT / "templates" / draft.template).render(draft.context, title=draft.subject, author=draft.author, date=draft.date)


def read(draft) -> str:
    return re.sub(r"\s+", " ", text_of(docx_of(draft)))


def rows(table: str) -> list[dict[str, object]]:
    head, *body = openpyxl.load_workbook(ROOT / "inputs" / f"{table}.xlsx").active.iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in body]


# figures


def test_the_figures_by_topic_and_status_equal_a_recount_with_another_library(briefing):
    sheet = io.StringIO((ROOT / "inputs/topics.csv").read_text("utf-8-sig"))
    topics = {row["Kürzel"]: row["Topthema"] for row in csv.DictReader(sheet, delimiter=";")}
    counted = Counter((topics[str(row["Topthema"])], row["Status"]) for row in rows("projects"))
    local = Counter(topics[str(row["Topthema"])] for row in rows("projects") if row["Ort"] == "Dortmund")
    for line in briefing.context["by_topic"][:-1]:
        name = line["name"]
        assert (line["running"], line["planned"], line["done"], line["local"]) == (
            counted[name, "laufend"], counted[name, "geplant"], counted[name, "abgeschlossen"], local[name]), name
        shown = " und ".join(filter(None, [", ".join(f"{counted[name, status]} {status}" for status in ("laufend", "geplant")),
                                           f"{counted[name, 'abgeschlossen']} abgeschlossen"]))
        assert f"{name}: {shown}" in briefing.context["chart"].alt
    assert briefing.context["by_topic"][-1]["all"] == len(rows("projects"))


def test_the_money_of_the_pilots_equals_a_recount_with_another_library(briefing):
    pilots = [row for row in rows("projects") if row["Pilot"] == "ja"]
    for field, column in (("cost", "Kosten (Euro)"), ("own_funds", "Städtischer Anteil (Euro)"), ("staff", "Stellen der Stadt")):
        stated = [float(str(row[column])) for row in pilots if row[column] is not None]
        effects = briefing.context["effects"][field]
        digits = re.sub(r"[^\d,]", "", effects["sum"]).replace(",", ".")
        assert (effects["stated"], effects["open"], float(digits)) == (len(stated), len(pilots) - len(stated), sum(stated)), field


def test_every_figure_of_the_paper_leads_to_as_many_rows_as_it_says(briefing):
    counting = [figure for figure in briefing.figures if figure.keys and figure.text.split("\u00a0")[0].split(" ")[0].isdecimal()
                and not re.search(r"\.(sum|cost|own_funds|staff)$", figure.path)]
    assert len(counting) > 40
    for figure in counting:
        assert int(re.split(r"[\s\u00a0]", figure.text)[0]) == len(figure.keys), figure.path


def test_one_changed_project_shows_in_paper_annex_chart_and_data(example):
    [first, *others] = example.projects
    other = replace(first, title="Ganz anderer Titel", status=ProjectStatus.RUNNING, local=True, pilot=True, transferable=False)
    changed = replace(example, projects=(other, *others))
    before, after = ({draft.kind: draft for draft in kinds.drafts(alliance, ["briefing"])} for alliance in (example, changed))
    assert before["briefing"].context["chart"].png != after["briefing"].context["chart"].png
    assert flat(before["briefing"].context) != flat(after["briefing"].context)
    assert [figure.keys for figure in before["briefing"].figures] != [figure.keys for figure in after["briefing"].figures]
    for kind in ("briefing", "annex-projects", "annex-pilots"):
        assert "Ganz anderer Titel" in read(after[kind]), kind


# people


@pytest.mark.slow
def test_no_personal_datum_stands_in_any_part_of_any_public_paper(example):
    personal = {f"{person.first_name} {person.last_name}".strip() for person in example.persons}
    personal |= {value for record in (*example.persons, *example.partners) for value in (record.email, record.phone) if value}
    assert len(personal) > 200
    for draft in kinds.drafts(example, ["briefing", "talks", "handout"]):
        docx = docx_of(draft)
        pdf = to_pdf(docx, style=STYLE, data=repr(draft.context).encode(), date=draft.date)
        said = "\n".join(_everything(docx, pdf))
        found = sorted(datum for datum in personal if datum in said)
        assert bool(found) is not draft.public, (draft.key, found[:3])


def _everything(docx: bytes, pdf: bytes):
    """The parts of the Word file, the text of the PDF, its metadata and what is attached to it."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        for name in package.namelist():
            yield re.sub(r"<[^>]+>", "", package.read(name).decode("utf-8", "replace"))
    yield subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        yield str(opened.docinfo)
        yield str(opened.open_metadata())
        for attached in opened.attachments.values():
            yield attached.get_file().read_bytes().decode("utf-8", "replace")


# odd submissions


def paper(**changes):
    return {draft.kind: draft for draft in kinds.drafts(makers.alliance(**changes), ["briefing"])}


def test_without_pilots_the_annex_says_so_and_has_no_table():
    assert "Zum Stand dieser Anlage liegt kein Vorschlag für ein Pilotprojekt vor." in read(paper()["annex-pilots"])


def test_a_pilot_that_states_nothing_gets_words_instead_of_zeros():
    said = read(paper(projects=(makers.project(pilot=True),))["annex-pilots"])
    for words in ("nicht beziffert", "noch offen", "noch nicht festgelegt", "noch nicht benannt", "noch nicht geprüft"):
        assert words in said
    assert not re.search(r"\b0 €", said)


def test_a_topic_without_project_is_said_to_have_none():
    said = read(paper(topics=(makers.topic(), makers.topic("hafen", name="Hafen", order=2)))["annex-projects"])
    assert "Hafen Zu diesem Topthema ist kein Projekt verzeichnet." in said


def test_a_route_without_council_is_said_to_be_open():
    settings = makers.settings(council={"body": "Rat", "session": dt.date(2017, 6, 1), "subject": "Allianz", "route": []})
    said = read(paper(settings=settings)["briefing"])
    assert "Die Beratungsfolge ist noch nicht festgelegt." in said
    assert "nimmt die Vorlage mit folgendem Inhalt zur Kenntnis:" in said


def test_a_body_without_seats_is_said_to_be_open():
    assert "Das Gremium ist noch nicht besetzt." in read(paper(memberships=())["annex-bodies"])


@pytest.mark.slow
def test_two_thousand_projects_and_a_title_of_four_hundred_letters_make_a_paper():
    long = "Sehr langer Titel " * 22 + "Ende."
    projects = tuple(makers.project(f"J-{number:04}", title=long if number == 7 else f"Projekt {number}", pilot=number in (7, 8))
                     for number in range(2000))
    made = paper(projects=projects)
    pdf = to_pdf(docx_of(made["annex-projects"]), style=STYLE, date=makers.DATE)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) > 50
    assert "Ende." in read(made["briefing"])
    assert "2.000 Projekte" in read(made["briefing"])
    to_pdf(docx_of(made["briefing"]), style=STYLE, date=makers.DATE)
    to_pdf(docx_of(made["annex-pilots"]), style=STYLE, date=makers.DATE)
