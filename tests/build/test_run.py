import datetime as dt
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.build import run as running
from pipeline.build.inputs import sha256_of
from pipeline.build.lock import Held, held
from pipeline.build.plan import NoTemplate, plan
from pipeline.build.run import Blocked
from pipeline.errors import TemplateError
from pipeline.findings import Finding
from pipeline.ledger import Ledger
from pipeline.records import Place
from pipeline.workspace import Workspace
from tests.build.drafts import draft
from tests.build.office import NOW, build, drafts, files, look, office, template
from tests.office import living

ROOT = Path(__file__).parents[2]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return office(tmp_path)


def begin(workspace: Workspace, number: int, jobs: int) -> subprocess.Popen[str]:
    """The same build in another process, in a group of its own as from a terminal."""
    return subprocess.Popen([sys.executable, "-m", "tests.build.office", str(workspace.root), str(number), str(jobs)], cwd=ROOT, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def await_line(process: subprocess.Popen[str], start: str) -> None:
    assert process.stdout
    for line in process.stdout:
        if line.startswith(start):
            return
    raise AssertionError(process.communicate()[1])


def sound(workspace: Workspace) -> None:
    """What the ledger says was built lies on disk in these very bytes, and nothing half written beside it."""
    with Ledger(workspace.outputs / "ledger.sqlite", read_only=True) as ledger:
        for row in ledger.documents().values():
            assert sha256_of(workspace.root / row.docx) == row.docx_sha256
            assert sha256_of(workspace.root / row.pdf) == row.pdf_sha256


def test_a_build_makes_word_and_pdf_and_a_second_one_nothing(workspace):
    first = build(workspace, drafts())
    assert first.built == ("memorandum/P-001", "memorandum/P-002", "memorandum/P-003")
    assert (first.fresh, first.exit_code) == (0, 0)
    made = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in workspace.outputs.rglob("*.*f")}
    assert len(made) == 3
    sound(workspace)
    second = build(workspace, drafts())
    assert (second.built, second.fresh) == ((), 3)
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in workspace.outputs.rglob("*.*f")} == made


def test_one_phone_number_rebuilds_the_papers_of_one_partner(workspace):
    build(workspace, drafts())
    before = files(workspace)
    result = build(workspace, drafts(phone="+49 231 2"))
    assert (result.built, result.fresh) == (("memorandum/P-001",), 2)
    assert {name for name, data in files(workspace).items() if data != before[name]} == {"memorandum-P-001.docx", "memorandum-P-001.pdf"}
    with Ledger(workspace.outputs / "ledger.sqlite", read_only=True) as ledger:
        assert {key: row.revision for key, row in ledger.documents().items()} == {
            "memorandum/P-001": 2, "memorandum/P-002": 1, "memorandum/P-003": 1}


def test_a_lost_file_comes_back_in_the_same_bytes_and_revision(workspace):
    build(workspace, drafts())
    before = files(workspace)
    (workspace.outputs / "memorandum/memorandum-P-002.pdf").unlink()
    assert build(workspace, drafts()).built == ("memorandum/P-002",)
    assert files(workspace) == before
    assert look(workspace, drafts())["memorandum/P-002"].revision == 1


def test_force_builds_what_is_fresh_and_leaves_the_same_bytes(workspace):
    build(workspace, drafts())
    before = files(workspace)
    result = build(workspace, drafts(), force=["memorandum/P-001"])
    assert (result.built, result.fresh) == (("memorandum/P-001",), 2)
    assert files(workspace) == before


def test_other_bytes_of_the_same_inputs_get_a_revision_of_their_own(workspace, monkeypatch):
    build(workspace, drafts(1))
    before = files(workspace)
    monkeypatch.setattr(running, "version", lambda package: "99.0")
    assert build(workspace, drafts(1), force=["memorandum/P-001"]).built == ("memorandum/P-001",)
    assert files(workspace) != before
    assert look(workspace, drafts(1))["memorandum/P-001"].revision == 2
    sound(workspace)


def test_a_renamed_paper_leaves_no_file_under_its_former_name(workspace):
    papers = drafts(2)
    build(workspace, papers)
    build(workspace, [replace(papers[0], stem="memorandum-P-001-neu"), papers[1]])
    assert set(files(workspace)) == {"memorandum-P-001-neu.docx", "memorandum-P-001-neu.pdf", "memorandum-P-002.docx", "memorandum-P-002.pdf"}


def test_a_paper_that_fails_stops_the_build_and_finished_ones_stay(workspace):
    papers = drafts(4)
    papers[1] = replace(papers[1], context={"projects": []})
    result = build(workspace, papers)
    assert result.built == ("memorandum/P-001",)
    assert result.left == ("memorandum/P-003", "memorandum/P-004")
    [failure] = result.failed
    assert failure.key == "memorandum/P-002"
    assert "person" in failure.error
    assert "\n" not in failure.error
    assert result.exit_code == failure.exit_code == 4
    assert build(workspace, drafts(4)).fresh == 1


def test_with_keep_going_only_the_paper_that_fails_is_missing(workspace):
    papers = drafts(4)
    papers[1] = replace(papers[1], context={"projects": []})
    result = build(workspace, papers, keep_going=True)
    assert result.built == ("memorandum/P-001", "memorandum/P-003", "memorandum/P-004")
    assert (result.exit_code, result.left) == (4, ())


FINDING = Finding(place=Place(file="partners.xlsx", row=3), rule="postcode", message="die Postleitzahl fehlt", subject="P-002")


def test_findings_stop_a_build_before_it_writes(workspace):
    with pytest.raises(Blocked, match=r"1 Papier ist durch Befunde .* memorandum/P-002: partners.xlsx Zeile 3") as caught:
        build(workspace, drafts(), blocked={"P-002": FINDING})
    assert caught.value.exit_code == 3
    assert not (workspace.outputs / "memorandum").exists()


def test_with_keep_going_findings_hold_back_their_papers_alone(workspace):
    result = build(workspace, drafts(), blocked={"P-002": FINDING}, keep_going=True)
    assert (result.built, result.blocked) == (("memorandum/P-001", "memorandum/P-003"), ("memorandum/P-002",))
    assert result.exit_code == 3


def test_a_template_that_does_not_open_stops_the_build_before_it_writes(workspace):
    template(workspace.templates / "poster.docx", "{% for x in %}")
    with pytest.raises(TemplateError):
        build(workspace, [*drafts(), draft("poster/J-001", template="poster.docx")])
    assert not (workspace.outputs / "memorandum").exists()


def test_a_template_saved_during_the_run_is_noticed(workspace):
    papers = drafts()

    def saved(done: int, total: int, trouble: str = "") -> None:
        if done == 0:
            template(workspace.templates / "memorandum.docx", "Neu {{ person.phone }}")
            from pipeline.build.produce import opened
            opened.cache_clear()

    result = build(workspace, papers, progress=saved)
    assert result.built == ()
    assert result.failed[0].error == "memorandum.docx wurde während des Laufs geändert"


def test_the_progress_counts_up_to_all(workspace):
    said = []
    build(workspace, drafts(), progress=lambda done, total: said.append((done, total)))
    assert said == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_outputs_that_cannot_be_written_are_named(workspace):
    (workspace.outputs).mkdir()
    (workspace.outputs / "memorandum").write_text("no folder")
    result = build(workspace, drafts())
    assert "outputs/memorandum/memorandum-P-001.docx lässt sich nicht schreiben" in result.halt.error
    assert (result.built, len(result.left), result.exit_code) == ((), 3, 1)


def test_the_result_reads_as_the_contract_promises(workspace):
    papers = drafts(2)
    papers[1] = replace(papers[1], context={"projects": []})
    given = build(workspace, papers).as_json()
    assert given["built"] == ["memorandum/P-001"]
    assert given["fresh"] == 0
    assert [set(failed) for failed in given["failed"]] == [{"key", "error"}]
    assert given["seconds"] > 0


def test_a_second_build_says_who_holds_the_workspace(workspace):
    later = NOW + dt.timedelta(minutes=3)
    with (held(workspace.outputs, command="gremium build", now=NOW),
          pytest.raises(Held, match=rf"„gremium build“, Prozess {os.getpid()} auf .+, seit 3 Minuten"),
          held(workspace.outputs, command="gremium build", now=later, patience=0)):
        pass
    with held(workspace.outputs, command="gremium build", now=NOW, patience=0):
        pass


def test_a_build_that_waited_does_not_make_again_what_the_first_one_made(workspace):
    papers = drafts()
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        outdated = plan(workspace, papers, {}, ledger)
        build(workspace, papers)
        result = running.run(workspace, outdated, ledger, jobs=1, keep_going=False, progress=lambda done, total: None, now=lambda: NOW,
                             by="test")
    assert (result.built, result.fresh) == ((), 3)


@pytest.mark.slow
def test_two_processes_make_the_same_bytes_as_one(workspace, tmp_path_factory):
    other = office(tmp_path_factory.mktemp("other"))
    (other.templates / "memorandum.docx").write_bytes((workspace.templates / "memorandum.docx").read_bytes())
    assert len(build(workspace, drafts(10), jobs=2).built) == 10
    build(other, drafts(10), jobs=1)
    assert files(workspace) == files(other)


@pytest.mark.slow
def test_two_processes_lose_no_error_and_no_paper(workspace):
    papers = drafts(10)
    papers[3] = replace(papers[3], context={"projects": []})
    result = build(workspace, papers, jobs=2, keep_going=True)
    assert [failure.key for failure in result.failed] == ["memorandum/P-004"]
    assert len(result.built) == 9


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_ends_after_the_papers_under_way_and_says_what_is_left(workspace, jobs):
    process = begin(workspace, 40, jobs)
    await_line(process, "2 of 40")
    os.killpg(process.pid, signal.SIGINT)
    said, complaint = process.communicate(timeout=60)
    assert process.returncode == 1, complaint
    assert complaint == ""
    assert "interrupted True" in said
    assert "left 0" not in said
    sound(workspace)
    kept = len(look(workspace, drafts(40)).entries) - len(look(workspace, drafts(40)).due)
    assert 2 <= kept < 40


@pytest.mark.slow
def test_a_build_killed_anywhere_leaves_nothing_half_done_and_the_next_one_completes(workspace):
    chance = random.Random(6)
    for number in range(3):
        process = begin(workspace, 12, 1 + number % 2)
        if number:
            await_line(process, f"{chance.randrange(0, 3)} of")
        time.sleep(chance.random() * 0.3)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        if (workspace.outputs / "ledger.sqlite").exists():
            sound(workspace)
    assert build(workspace, drafts(12)).exit_code == 0
    sound(workspace)
    assert len(files(workspace)) == 24
    assert not look(workspace, drafts(12)).due
    assert not list(workspace.outputs.rglob("*.part"))
    with sqlite3.connect(workspace.outputs / "ledger.sqlite") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


@pytest.mark.slow
def test_a_killed_build_leaves_no_process_behind(workspace):
    process = begin(workspace, 40, 2)
    await_line(process, "1 of")
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    deadline = time.monotonic() + 20
    while living(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert living(process.pid) == []


@pytest.mark.slow
def test_two_builds_at_once_both_end_well(workspace):
    both = [begin(workspace, 6, 1), begin(workspace, 6, 1)]
    said = [process.communicate(timeout=60) for process in both]
    codes = [process.returncode for process in both]
    assert codes == [0, 0] or (sorted(codes) == [0, 1] and "wird schon gebaut" in said[0][1] + said[1][1]), said
    sound(workspace)
    assert not look(workspace, drafts(6)).due


def test_without_a_template_the_build_stops_or_leaves_its_papers_out(workspace):
    build(workspace, drafts())
    papers = [*drafts(phone="+49 231 2"), draft("poster/J-001", template="poster.docx")]
    with pytest.raises(NoTemplate) as caught:
        build(workspace, papers)
    assert caught.value.exit_code == 4
    result = build(workspace, papers, keep_going=True)
    assert (result.built, result.blocked, result.lost, result.exit_code) == (("memorandum/P-001",), ("poster/J-001",), ("poster.docx",), 4)


def test_a_lost_template_leaves_built_papers_as_they_stand(workspace):
    build(workspace, drafts())
    (workspace.templates / "memorandum.docx").unlink()
    result = build(workspace, drafts(), keep_going=True, force=["memorandum/P-001"])
    assert (result.built, len(result.blocked)) == ((), 3)
    assert len(files(workspace)) == 6
