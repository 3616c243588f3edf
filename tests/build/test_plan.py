import dataclasses
import datetime as dt
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipeline.build import plan as planning
from pipeline.build.forms import remembered
from pipeline.build.inputs import Reason, fingerprint, inputs_of
from pipeline.build.plan import Plan, SameName, State, plan
from pipeline.findings import Finding
from pipeline.ledger import DocumentRow, Ledger
from pipeline.papers.draft import Draft
from pipeline.pdf import fonts
from pipeline.records import Picture, Place
from pipeline.workspace import Workspace
from tests import makers
from tests.build.drafts import draft
from tests.build.office import template

NOW = dt.datetime(2017, 5, 4, 10, tzinfo=dt.UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/memorandum.docx").write_bytes(b"word")
    (tmp_path / "templates/style.css").write_bytes(b"css")
    return Workspace(tmp_path, makers.settings())


@pytest.fixture
def ledger(workspace: Workspace):
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        yield ledger


def note(workspace: Workspace, ledger: Ledger, made: Plan) -> None:
    """As if all of the plan had been built, with these words as files."""
    rows = []
    for entry in made.due:
        paths = [f"outputs/{entry.kind}/{entry.draft.stem}.{ending}" for ending in ("docx", "pdf")]
        for path in paths:
            (workspace.root / path).parent.mkdir(parents=True, exist_ok=True)
            (workspace.root / path).write_bytes(b"made")
        digest = hashlib.sha256(b"made").hexdigest()
        rows.append(DocumentRow(key=entry.key, kind=entry.kind, subject=entry.draft.stem, docx=paths[0], pdf=paths[1],
                                revision=entry.revision, fingerprint=entry.fingerprint, inputs=made.inputs(entry.draft), docx_sha256=digest,
                                pdf_sha256=digest, seconds=0.1, built_by="test", built_at="2017-05-04T10:00:00Z"))
    remembered(made.templates.values(), ledger)
    ledger.built(rows, NOW)


def states(made: Plan) -> dict[str, str]:
    return {entry.key: str(entry.state) for entry in made.entries}


def said(made: Plan, key: str = "memorandum/P-001") -> list[str]:
    return [str(reason) for reason in made[key].reasons]


def changed(**fields: object) -> Draft:
    return draft(context=dict(draft().context) | fields)


def test_what_was_never_built_is_missing_in_revision_one(workspace, ledger):
    made = plan(workspace, [draft()], {}, ledger)
    assert states(made) == {"memorandum/P-001": "missing"}
    assert made["memorandum/P-001"].revision == 1
    assert said(made) == ["noch nicht gebaut"]


def test_what_was_built_of_the_same_is_fresh_whatever_the_file_times_say(workspace, ledger):
    note(workspace, ledger, plan(workspace, [draft()], {}, ledger))
    for path in workspace.root.rglob("*.*"):
        os.utime(path, (1, 1))
    made = plan(workspace, [draft()], {}, ledger)
    assert made["memorandum/P-001"].state is State.FRESH
    assert made["memorandum/P-001"].revision == 1


def test_a_changed_phone_number_is_named_old_and_new(workspace, ledger):
    others = [draft(f"memorandum/P-00{number}") for number in (2, 3)]
    note(workspace, ledger, plan(workspace, [draft(), *others], {}, ledger))
    made = plan(workspace, [changed(person={"phone": "+49 231 2", "signs": True}), *others], {}, ledger)
    assert [entry.key for entry in made.due] == ["memorandum/P-001"]
    assert said(made) == ["person.phone: +49 231 1 → +49 231 2"]
    assert made["memorandum/P-001"].revision == 2


@pytest.mark.parametrize(("now", "sentences"), [
    ({"projects": [{"title": "Kanal"}]}, ["projects.2.title: entfällt (war Hafen)"]),
    ({"projects": []}, ["projects: neu []", "projects.1.title: entfällt (war Kanal)", "projects.2.title: entfällt (war Hafen)"]),
    ({"person": {"phone": "", "signs": False}}, ["person.phone: +49 231 1 → (leer)", "person.signs: true → false"]),
    ({"note": "Neues"}, ["note: neu Neues"]),
])
def test_what_came_and_went_is_named(workspace, ledger, now, sentences):
    note(workspace, ledger, plan(workspace, [draft()], {}, ledger))
    assert said(plan(workspace, [changed(**now)], {}, ledger)) == sentences


def test_a_long_text_is_shown_where_it_differs():
    old = "Die Partner wollen gemeinsam an Vorhaben arbeiten, die der ganzen Stadt dienen, und sich dabei abstimmen."
    reason = str(Reason("text", old, old.replace("abstimmen", "absprechen")))
    assert "abstimmen" in reason
    assert "absprechen" in reason
    assert len(reason) < 160


def test_a_changed_sentence_makes_its_kind_stale_and_names_the_paragraph(workspace, ledger):
    template(workspace.templates / "memorandum.docx", "Parteien", "Telefon {{ person.phone }}", "Zuletzt")
    template(workspace.templates / "briefing.docx", "Vorlage")
    drafts = [draft(), draft("briefing/2017-06", template="briefing.docx")]
    note(workspace, ledger, plan(workspace, drafts, {}, ledger))
    template(workspace.templates / "memorandum.docx", "Parteien", "Fernruf {{ person.phone }}", "Neu dazu", "Zuletzt")
    made = plan(workspace, drafts, {}, ledger)
    assert [entry.key for entry in made.due] == ["memorandum/P-001"]
    assert said(made) == ["Vorlage, Absatz 2: Telefon {{ person.phone }} → Fernruf {{ person.phone }}", "Vorlage, Absatz 3: neu Neu dazu"]


def test_a_template_saved_anew_without_a_change_makes_nothing_stale(workspace, ledger):
    path = workspace.templates / "memorandum.docx"
    template(path, "Parteien")
    note(workspace, ledger, plan(workspace, [draft()], {}, ledger))
    before = path.read_bytes()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("docProps/thumbnail.jpeg.bak", b"")
    assert path.read_bytes() != before
    assert not plan(workspace, [draft()], {}, ledger).due


def test_a_template_that_is_no_word_file_counts_by_its_bytes_and_shows_no_hashes(workspace, ledger):
    note(workspace, ledger, plan(workspace, [draft()], {}, ledger))
    (workspace.templates / "memorandum.docx").write_bytes(b"other word")
    assert said(plan(workspace, [draft()], {}, ledger)) == ["Vorlage geändert"]


def test_another_font_file_under_the_same_name_makes_papers_stale(workspace, ledger, monkeypatch):
    note(workspace, ledger, plan(workspace, [draft()], {}, ledger))
    fonts._drawn.cache_clear()
    monkeypatch.setattr(fonts, "_sha256", lambda file: f"other {file}")
    made = plan(workspace, [draft()], {}, ledger)
    fonts._drawn.cache_clear()
    assert said(made) == ["Schrift DejaVu Sans geändert", "Schrift Liberation Sans geändert"]
    assert all(reason.of_the_tool for reason in made["memorandum/P-001"].reasons)


def test_files_are_read_again_only_when_the_file_system_says_so(workspace, ledger, monkeypatch):
    note(workspace, ledger, plan(workspace, [draft()], {}, ledger))
    looked = plan(workspace, [draft()], {}, ledger)["memorandum/P-001"]
    assert looked.compared
    ledger.seen([looked.row])
    read = []
    monkeypatch.setattr(planning, "sha256_of", read.append)
    again = plan(workspace, [draft()], {}, ledger)["memorandum/P-001"]
    assert (again.state, again.compared, read) == (State.FRESH, False, [])


def test_a_changed_style_sheet_makes_everything_stale(workspace, ledger):
    note(workspace, ledger, plan(workspace, [draft()], {}, ledger))
    (workspace.templates / "style.css").write_bytes(b"other css")
    assert said(plan(workspace, [draft()], {}, ledger)) == ["Formatvorlage style.css geändert"]


@pytest.mark.parametrize(("change", "state", "sentence"), [
    (lambda path: path.unlink(), State.MISSING, "PDF-Datei fehlt"),
    (lambda path: path.write_bytes(b"edited"), State.STALE, "PDF-Datei wurde nach dem Bauen verändert"),
])
def test_files_on_disk_count_and_the_revision_stays(workspace, ledger, change, state, sentence):
    note(workspace, ledger, plan(workspace, [draft()], {}, ledger))
    change(workspace.outputs / "memorandum/memorandum-P-001.pdf")
    made = plan(workspace, [draft()], {}, ledger)
    assert (made["memorandum/P-001"].state, said(made)) == (state, [sentence])
    assert made["memorandum/P-001"].revision == 1


def test_a_finding_on_a_record_blocks_its_papers_alone(workspace, ledger):
    finding = Finding(place=Place(file="partners.xlsx", row=2), rule="postcode", message="die Postleitzahl fehlt", subject="P-001")
    made = plan(workspace, [draft(), draft("memorandum/P-002")], {"P-001": finding}, ledger)
    assert states(made) == {"memorandum/P-001": "blocked", "memorandum/P-002": "missing"}
    assert made["memorandum/P-001"].finding is finding


def test_a_paper_nothing_asks_for_any_more_is_orphaned(workspace, ledger):
    note(workspace, ledger, plan(workspace, [draft(), draft("memorandum/P-002")], {}, ledger))
    made = plan(workspace, [draft("memorandum/P-002")], {}, ledger)
    assert states(made) == {"memorandum/P-002": "fresh", "memorandum/P-001": "orphaned"}


def test_a_plan_narrows_to_kinds_and_keys(workspace, ledger):
    made = plan(workspace, [draft(), draft("memorandum/P-002"), draft("briefing/2017-06")], {}, ledger)
    assert len(made.only(kinds=["memorandum"]).entries) == 2
    assert [entry.key for entry in made.only(keys=["briefing/2017-06"]).entries] == ["briefing/2017-06"]
    assert made.only() == made


def test_a_missing_template_blocks_its_own_papers_and_no_others(workspace, ledger):
    made = plan(workspace, [draft(), draft("poster/J-001", template="poster.docx")], {}, ledger)
    assert [entry.state for entry in made.entries] == [State.MISSING, State.BLOCKED]
    assert made.lost == ("poster.docx",)
    assert "die Vorlage templates/poster.docx fehlt" in made["poster/J-001"].finding.message
    assert made.only(keys=["memorandum/P-001"]).lost == ()


def test_two_papers_never_share_a_file_name(workspace, ledger):
    with pytest.raises(SameName, match="memorandum/P-001 und memorandum/p-001"):
        plan(workspace, [draft(), draft("memorandum/p-001")], {}, ledger)


def test_papers_that_a_finding_says_share_a_name_are_blocked_by_it_and_the_others_are_not(workspace, ledger):
    finding = Finding(place=Place(file="partners.xlsx", cell="A3"), rule="unique", message="„p-001“ steht schon in Zeile 2")
    drafts = [draft(records=("P-001",)), draft("memorandum/p-001", records=("p-001",)), draft("memorandum/p-001", records=("p-001",)),
              draft("memorandum/P-002", records=("P-002",))]
    made = plan(workspace, drafts, {"p-001": finding}, ledger)
    assert [(entry.key, str(entry.state), entry.finding) for entry in made.entries] == [
        ("memorandum/P-001", "blocked", finding), ("memorandum/p-001", "blocked", finding), ("memorandum/P-002", "missing", None)]


def test_a_plan_on_an_empty_workspace_writes_nothing(workspace):
    with Ledger(workspace.outputs / "ledger.sqlite", read_only=True) as ledger:
        assert plan(workspace, [draft()], {}, ledger).due
    assert not workspace.outputs.exists()


def test_a_plan_beside_a_ledger_at_rest_leaves_no_file(workspace):
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        note(workspace, ledger, plan(workspace, [draft()], {}, ledger))
    before = sorted((path, path.stat().st_mtime_ns) for path in workspace.root.rglob("*"))
    with Ledger(workspace.outputs / "ledger.sqlite", read_only=True) as ledger:
        assert not plan(workspace, [draft()], {}, ledger).due
    assert sorted((path, path.stat().st_mtime_ns) for path in workspace.root.rglob("*")) == before


def test_a_ledger_killed_while_it_was_made_reads_as_empty(workspace):
    workspace.outputs.mkdir()
    for half in (b"", sqlite_header(workspace)):
        (workspace.outputs / "ledger.sqlite").write_bytes(half)
        with Ledger(workspace.outputs / "ledger.sqlite", read_only=True) as ledger:
            assert ledger.documents() == {}
        assert (workspace.outputs / "ledger.sqlite").read_bytes() == half
        with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
            assert ledger.documents() == {}


def sqlite_header(workspace: Workspace) -> bytes:
    """A database in which nothing was made yet but the choice of its journal."""
    path = workspace.root / "empty.sqlite"
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode = WAL")
    db.close()
    return path.read_bytes()


def test_a_picture_counts_with_its_bytes_and_its_words():
    picture = Picture(name="chart", png=b"png", svg=b"svg", alt="12 Projekte", width=120, height=60)
    def printed(one: Picture) -> str:
        return fingerprint(inputs_of(draft(context={"chart": one}), template="t", style="s"))
    changes = ({"png": b"x"}, {"svg": b"x"}, {"svg": None}, {"alt": "13"}, {"width": 90})
    others = [dataclasses.replace(picture, **change) for change in changes]
    assert len({printed(one) for one in (picture, *others)}) == 6


def test_a_column_with_a_dot_in_its_name_is_no_nested_field():
    one = inputs_of(draft(context={"a": {"b": "1"}}), template="t", style="s")
    other = inputs_of(draft(context={"a.b": "1"}), template="t", style="s")
    assert fingerprint(one) != fingerprint(other)


def test_the_fingerprint_is_the_same_in_every_process():
    program = ("from pipeline.build.inputs import fingerprint, inputs_of; from tests.build.drafts import draft; "
               "print(fingerprint(inputs_of(draft(), template='t', style='s')))")
    here = fingerprint(inputs_of(draft(), template="t", style="s"))
    for seed in ("1", "2"):
        there = subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo"},
                               capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]).stdout.strip()
        assert there == here


def test_the_inputs_in_the_ledger_read_as_they_were_written(workspace, ledger):
    made = plan(workspace, [draft()], {}, ledger)
    note(workspace, ledger, made)
    assert dict(ledger.documents()["memorandum/P-001"].inputs) == made.inputs(draft())
    assert json.loads(json.dumps(dict(ledger.documents()["memorandum/P-001"].inputs)))["person.phone"] == "+49 231 1"
