import hashlib
import io
import json
import zipfile

import pikepdf
import pytest

from pipeline.council.dossier import Altered, NoCouncil, NotBuilt, NotReleased, NotWritten, Stale, dossier, submitted
from pipeline.papers.kinds import KINDS
from tests import makers
from tests.council.conftest import Office


def put(office: Office, **options: bool):
    return dossier(office.workspace, office.alliance, submitted(office.workspace, office.drafts, office.ledger), **options)


def test_the_dossier_holds_paper_annexes_hashes_checklist_tree_and_zip(office):
    made = put(office)
    assert made.folder == office.workspace.outputs / "council/2017-06-01"
    assert made.changed
    names = {path for path in made.files if "/" not in path}
    assert {"checkliste.txt", "manifest.json", "mappe-2017-06-01.zip"} < names
    for draft in office.drafts:
        there = f"{draft.stem}.pdf" in names and f"{draft.stem}.docx" in names
        assert there == (draft.public and KINDS[draft.kind].council), draft.key
    assert (made.folder / "oparl/paper/2017-06-01.json").is_file()
    assert not list((office.workspace.outputs / "council").glob(".*"))


def test_the_manifest_names_every_file_with_its_hash(office):
    made = put(office)
    manifest = json.loads((made.folder / "manifest.json").read_bytes())
    listed = {file["path"]: file["sha256"] for file in manifest["files"]}
    on_disk = {path: hashlib.sha256((made.folder / path).read_bytes()).hexdigest() for path in made.files}
    assert listed == {path: digest for path, digest in on_disk.items() if path not in ("manifest.json", "mappe-2017-06-01.zip")}
    assert manifest["papers"][0]["key"] == "briefing/2017-06"
    assert manifest["papers"][0]["approved_by"] == ["Muster"]


def test_the_zip_holds_the_folder(office):
    made = put(office)
    with zipfile.ZipFile(made.folder / "mappe-2017-06-01.zip") as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == sorted(set(made.files) - {"mappe-2017-06-01.zip"})
        for name in archive.namelist():
            assert archive.read(name) == (made.folder / name).read_bytes()


def test_a_second_run_with_the_same_papers_changes_nothing(office):
    first = put(office)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in first.folder.rglob("*") if path.is_file()}
    second = put(office)
    assert not second.changed
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in second.folder.rglob("*") if path.is_file()} == before


def test_made_anew_the_dossier_has_the_same_bytes(office):
    made = put(office)
    before = (made.folder / "mappe-2017-06-01.zip").read_bytes()
    for path in sorted(made.folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    assert (put(office).folder / "mappe-2017-06-01.zip").read_bytes() == before


def test_a_new_revision_replaces_the_whole_folder(office):
    (put(office).folder / "leftover.txt").write_text("x")
    office.build(revision=2)
    office.release()
    made = put(office)
    assert made.changed
    assert "leftover.txt" not in made.files
    assert not (made.folder / "leftover.txt").exists()
    assert json.loads((made.folder / "manifest.json").read_bytes())["papers"][0]["revision"] == 2


def test_what_a_killed_run_left_behind_is_tidied_up(office):
    left = office.workspace.outputs / "council/.2017-06-01.part"
    left.mkdir(parents=True)
    (left / "half.pdf").write_bytes(b"%P")
    made = put(office)
    assert not left.exists()
    assert not (made.folder / "half.pdf").exists()


def test_papers_nobody_released_stay_out_unless_it_is_a_draft(office):
    office.build(revision=2)
    with pytest.raises(NotReleased, match="briefing/2017-06") as caught:
        put(office)
    assert caught.value.exit_code == 6
    assert not (office.workspace.outputs / "council").exists()
    made = put(office, draft=True)
    assert "Noch nicht freigegeben: briefing/2017-06." in made.open_points
    assert json.loads((made.folder / "manifest.json").read_bytes())["draft"] is True


def test_a_file_altered_after_the_release_stops_the_dossier(office):
    (office.workspace.root / office.ledger.documents()["briefing/2017-06"].pdf).write_bytes(b"%PDF other")
    with pytest.raises(Altered, match=r"outputs/briefing/.*\.pdf ist nicht die Datei") as caught:
        put(office)
    assert caught.value.exit_code == 8
    assert not (office.workspace.outputs / "council").exists()


def test_a_dossier_of_papers_never_built_names_them(tmp_path):
    office = Office(tmp_path)
    with pytest.raises(NotBuilt, match="briefing/2017-06"):
        put(office)
    office.ledger.close()


def test_a_workspace_without_a_council_says_so(tmp_path):
    office = Office(tmp_path, council=None)
    with pytest.raises(NoCouncil):
        put(office)
    office.ledger.close()


def test_a_closed_annex_goes_into_its_own_folder_and_never_into_the_tree(office):
    from dataclasses import replace
    papers = submitted(office.workspace, office.drafts, office.ledger)
    closed = [replace(paper, draft=replace(paper.draft, public=not paper.annex)) for paper in papers]
    made = dossier(office.workspace, office.alliance, closed)
    stem = closed[1].draft.stem
    assert f"nichtoeffentlich/{stem}.pdf" in made.files
    assert f"{stem}.pdf" not in made.files
    secret = (made.folder / f"nichtoeffentlich/{stem}.pdf").read_bytes()
    for path in made.files:
        if path.startswith("oparl/"):
            data = (made.folder / path).read_bytes()
            assert stem.encode() not in data
            assert secret not in data


def test_the_checklist_names_what_somebody_has_yet_to_settle(tmp_path):
    office = Office(tmp_path, initiators=[{"key": "led", "name": "Leitstelle"}])
    office.alliance = makers.alliance(settings=office.alliance.settings, projects=(makers.project(pilot=True),))
    office.build()
    made = put(office, draft=True)
    said = (made.folder / "checkliste.txt").read_text("utf-8")
    assert "Die Drucksachennummer fehlt" in said
    assert "Leitstelle: Wer das Memorandum unterzeichnen darf, ist nicht nachgewiesen." in said
    assert "Pilot J-001 „Wärme aus dem Kanal“: nicht angegeben sind Kosten, städtischer Anteil" in said
    assert set(made.open_points) == {line.removeprefix("[ ] ") for line in said.splitlines() if line.startswith("[ ]")}
    office.ledger.close()


def test_a_folder_that_cannot_be_written_is_named(office):
    (office.workspace.outputs / "council").write_text("no folder")
    with pytest.raises(NotWritten, match="outputs/council/2017-06-01 lässt sich nicht schreiben"):
        put(office)


def test_the_draft_dossier_is_a_well_formed_zip_of_dated_members(office):
    data = (put(office).folder / "mappe-2017-06-01.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(2017, 5, 4, 0, 0, 0)}


def test_all_public_papers_stand_in_one_file_with_bookmarks_and_pages_numbered_by_annex(office):
    made = put(office)
    with pikepdf.open(made.folder / "vorlage-mit-anlagen.pdf") as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root] == [
            "Allianz Musterstadt", "Anlage 1: Vorschläge für Pilotprojekte", "Anlage 2: Projekte der Erhebung", "Anlage 3: Beteiligte Organisationen"]
        assert [pdf.pages[number].label for number in range(len(pdf.pages))] == ["1", "A1-1", "A2-1", "A3-1"]


def test_what_is_closed_is_bound_in_the_closed_folder_alone(office):
    made = put(office)
    with pikepdf.open(made.folder / "nichtoeffentlich/vorlage-mit-anlagen-nichtoeffentlich.pdf") as pdf, pdf.open_outline() as outline:
        assert [item.title for item in outline.root][-1] == "Anlage 4: Gremien und Ansprechpersonen"
    assert not [path for path in made.files if "annex-bodies" in path and not path.startswith("nichtoeffentlich/")]


def test_a_paper_the_tables_have_outrun_stops_the_dossier_unless_it_is_a_draft(office):
    papers = submitted(office.workspace, office.drafts, office.ledger, ["briefing/2017-06"])
    with pytest.raises(Stale, match="veraltet: briefing/2017-06") as caught:
        dossier(office.workspace, office.alliance, papers)
    assert caught.value.exit_code == 5
    made = dossier(office.workspace, office.alliance, papers, draft=True)
    assert "Nach einer Änderung noch nicht neu gebaut: briefing/2017-06." in made.open_points


def test_the_checklist_asks_for_what_a_pilot_leaves_open_and_for_the_state_of_the_memoranda(office):
    said = put(office).open_points
    assert "Der Stand der Memoranden ist nicht gezählt und fehlt in der Vorlage („gremium council state“)." in said
