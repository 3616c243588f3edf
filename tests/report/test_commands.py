"""The commands that write the page, and those that renew it."""

import json
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.office import gremium

LINK = re.compile(r'(?:href=\\?"|href=\\u0022)(\.\.?/[^"\\]+)')


def links(page: Path) -> set[Path]:
    return {page.parent / unquote(found) for found in LINK.findall(page.read_text("utf-8"))}


@pytest.mark.slow
def test_every_link_of_a_finished_page_leads_to_a_file(finished):
    found = links(finished / "outputs" / "report.html")
    assert len(found) > 20 and [path for path in found if not path.is_file()] == []


@pytest.mark.slow
def test_the_page_can_be_written_elsewhere_and_its_links_still_lead_home(finished, tmp_path):
    page = tmp_path / "stand.html"
    done = gremium(finished, "status", "--html", str(page))
    found = links(page)
    assert done.returncode == 0 and len(found) > 20 and all(path.is_file() for path in found)


@pytest.mark.slow
def test_a_finished_page_opens_and_its_links_are_the_browsers_too(finished, opened):
    page = opened(finished / "outputs" / "report.html")
    with page.expect_popup() as other:
        page.evaluate("window.open(document.querySelector('#papiere .links a[href$=pdf]').href)")
    assert other.value.url.endswith(".pdf")


@pytest.mark.slow
def test_what_changes_the_ledger_renews_the_page_and_what_changes_nothing_leaves_it(finished, tmp_path):
    folder = tmp_path / "office"
    shutil.copytree(finished, folder)
    page = folder / "outputs" / "report.html"
    before, at = page.read_bytes(), page.stat().st_mtime_ns
    assert gremium(folder, "build").returncode == 0
    assert page.stat().st_mtime_ns == at
    assert gremium(folder, "reject", "briefing/2017-06", "--by", "Prüfung", "--reason", "Zahlen prüfen").returncode == 0
    assert page.read_bytes() != before and "zurückgewiesen" in page.read_text("utf-8")


@pytest.mark.slow
def test_a_page_that_was_never_wanted_is_not_made_and_one_that_is_always_wanted_is(workspace):
    page = workspace / "outputs" / "report.html"
    assert gremium(workspace, "build", "handout").returncode == 0
    assert not page.exists()
    with (workspace / "inputs" / "alliance.toml").open("a", encoding="utf-8") as file:
        file.write('\n[report]\nrenew = "always"\n')
    assert gremium(workspace, "build", "talks").returncode == 0
    assert page.exists()


@pytest.mark.slow
@pytest.mark.parametrize("page", ["old", "none"])
def test_what_only_reads_and_a_dry_run_write_no_page(finished, tmp_path, page):
    folder = tmp_path / "office"
    shutil.copytree(finished, folder)
    path = folder / "outputs" / "report.html"
    if page == "old":
        path.write_text("made before the last event", "utf-8")
    else:
        path.unlink()
        with (folder / "inputs" / "alliance.toml").open("a", encoding="utf-8") as file:
            file.write('\n[report]\nrenew = "always"\n')
    before = {path: path.stat().st_mtime_ns for path in (folder / "outputs").rglob("*") if path.is_file()}
    for words in (("build", "-n"), ("build", "-n", "--force"), ("status",), ("next",), ("check",), ("why", "handout/all"), ("send", "invitation")):
        assert gremium(folder, *words).returncode == 0
        assert {path: path.stat().st_mtime_ns for path in (folder / "outputs").rglob("*") if path.is_file()} == before, words


def test_status_without_a_file_writes_the_page_to_its_usual_place(workspace):
    assert gremium(workspace, "status", "--html").returncode == 0
    first = (workspace / "outputs" / "report.html").read_bytes()
    assert json.loads(gremium(workspace, "report", "--json").stdout) == {"path": "outputs/report.html", "changed": False}
    assert first.startswith(b"<!DOCTYPE html>")


def test_one_missing_template_stops_neither_status_nor_page(workspace):
    (workspace / "templates" / "memorandum.docx").unlink()
    done = gremium(workspace, "status", "--html")
    assert done.returncode == 0
    assert "die Vorlage templates/memorandum.docx fehlt" in done.stdout
    assert "die Vorlage templates/memorandum.docx fehlt" in (workspace / "outputs" / "report.html").read_text("utf-8")
