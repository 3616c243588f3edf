"""What a build leaves behind when the world is against it."""

import errno
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
from collections import deque
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.alone import Unlockable
from pipeline.build import shelf
from pipeline.build.executors import Failure, Pool
from pipeline.build.inputs import sha256_of
from pipeline.build.plan import plan
from pipeline.build.run import _files, _jobs
from pipeline.build.watch import changed, contents
from pipeline.ledger import Ledger
from pipeline.workspace import Workspace, place
from tests.build.office import build, drafts, look, office, template

ROOT = Path(__file__).parents[2]
WORD = "outputs/memorandum/memorandum-P-002.docx"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return office(tmp_path)


def sound(workspace: Workspace) -> None:
    with Ledger(workspace.outputs / "ledger.sqlite", read_only=True) as ledger:
        for row in ledger.documents().values():
            assert sha256_of(workspace.root / row.docx) == row.docx_sha256
            assert sha256_of(workspace.root / row.pdf) == row.pdf_sha256
    assert not list(workspace.outputs.rglob("*.part"))


def test_a_word_file_edited_by_hand_is_set_aside_before_it_is_overwritten(workspace):
    build(workspace, drafts())
    (workspace.root / WORD).write_bytes(b"a sentence of my own")
    result = build(workspace, drafts())
    assert result.built == ("memorandum/P-002",)
    [copy] = result.aside
    assert copy.startswith("outputs/aside/memorandum/memorandum-P-002-")
    assert (workspace.root / copy).read_bytes() == b"a sentence of my own"
    assert result.as_json()["aside"] == [copy]
    sound(workspace)


def test_nothing_is_set_aside_of_what_a_build_made(workspace):
    build(workspace, drafts())
    assert build(workspace, drafts(phone="+49 231 2")).aside == ()
    assert not (workspace.outputs / "aside").exists()


def test_what_a_killed_build_had_written_is_not_taken_for_somebody_s_work(workspace, monkeypatch):
    build(workspace, drafts())

    def killed(self: shelf.Shelf) -> None:
        raise SystemExit

    with monkeypatch.context() as patched, pytest.raises(SystemExit):
        patched.setattr(shelf.Shelf, "note", killed)        # the files lie there, and the ledger never hears of them
        build(workspace, drafts(phone="+49 231 2"))
    assert build(workspace, drafts(phone="+49 231 3")).aside == ()
    assert not (workspace.outputs / ".making").exists()


def test_a_note_of_a_killed_build_that_cannot_be_read_holds_up_nobody(workspace):
    build(workspace, drafts())
    (workspace.outputs / ".making").write_bytes("Müll\n".encode("cp1252"))
    assert build(workspace, drafts(phone="+49 231 2")).built == ("memorandum/P-001",)
    assert not (workspace.outputs / ".making").exists()


@pytest.mark.skipif(os.name == "nt", reason="Windows locks by other means")
@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_drive_that_knows_no_locks_is_named_at_once(workspace, monkeypatch, number):
    import fcntl
    build(workspace, drafts())

    def unknown(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", unknown)
    for _ in range(2):
        with pytest.raises(Unlockable, match="outputs lässt sich nicht sperren") as told:
            build(workspace, drafts(phone="+49 231 2"))
        assert told.value.exit_code == 2
    assert (workspace.outputs / ".lock").exists()
    monkeypatch.undo()
    assert build(workspace, drafts(phone="+49 231 2")).exit_code == 0


def test_files_nobody_knows_of_any_more_are_set_aside_when_they_differ(workspace):
    build(workspace, drafts())
    for name in ("ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"):
        (workspace.outputs / name).unlink(missing_ok=True)
    (workspace.root / WORD).write_bytes(b"edited")
    assert len(build(workspace, drafts()).aside) == 1


def test_a_disk_that_fills_up_keeps_and_names_what_was_finished(workspace, monkeypatch):
    left = [5]      # files until it is full

    def filling(path: Path, data: bytes) -> None:
        if path.suffix in (".docx", ".pdf"):
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        place(path, data)

    monkeypatch.setattr(shelf, "place", filling)
    result = build(workspace, drafts(4))
    assert result.built == ("memorandum/P-001", "memorandum/P-002")
    assert result.left == ("memorandum/P-003", "memorandum/P-004")
    assert "memorandum-P-003.pdf lässt sich nicht schreiben" in result.halt.error
    assert (result.exit_code, result.as_json()["halted"]) == (1, result.halt.error)
    sound(workspace)
    left[0] = 99
    assert build(workspace, drafts(4)).built == ("memorandum/P-003", "memorandum/P-004")
    sound(workspace)


@pytest.mark.slow
def test_a_real_small_disk_fills_up(tmp_path):
    probe = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", f"mount -t tmpfs -o size=64k none {tmp_path}"]
    if shutil.which("unshare") is None or subprocess.run(probe, capture_output=True, check=False).returncode:
        pytest.skip("no disk of our own here")
    office(tmp_path)
    outputs = tmp_path / "outputs"
    full = (f"mkdir {outputs} && mount -t tmpfs -o size=400k none {outputs} && {sys.executable} -m tests.build.office {tmp_path} 40 1; "
            f"echo code $?; ls -a {outputs} {outputs}/memorandum")
    done = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", full], capture_output=True, text=True, check=False,
                          cwd=ROOT)
    assert "code 1" in done.stdout, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert "halted" in done.stdout
    assert ".part" not in done.stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_outputs_that_may_not_be_written_to_are_named(workspace):
    (workspace.outputs / "memorandum").mkdir(parents=True)
    (workspace.outputs / "memorandum").chmod(0o500)
    try:
        assert "lässt sich nicht schreiben" in build(workspace, drafts()).halt.error
    finally:
        (workspace.outputs / "memorandum").chmod(0o700)


def test_tables_and_templates_that_change_during_the_run_are_named_and_their_papers_stale(workspace):
    (workspace.inputs).mkdir()
    (workspace.inputs / "partners.csv").write_text("old", "utf-8")
    (workspace.inputs / "~$partners.xlsx").write_text("open in Excel", "utf-8")
    before = contents(workspace)

    def meanwhile(done: int, total: int) -> None:
        (workspace.inputs / "partners.csv").write_text("new", "utf-8")
        (workspace.inputs / "~$partners.xlsx").unlink(missing_ok=True)
        if done == 2:
            template(workspace.templates / "memorandum.docx", "Neu {{ person.phone }}")

    result = build(workspace, drafts(), progress=meanwhile)
    assert len(result.built) == 3
    assert changed(before, contents(workspace)) == ("inputs/partners.csv", "templates/memorandum.docx")
    assert len(look(workspace, drafts()).due) == 3      # they were made from the template as it was


@pytest.mark.slow
def test_killed_at_fifty_random_moments_nothing_is_ever_half_done(workspace):
    """One process that has everything loaded forks the builds, so that fifty of them take seconds."""
    done = subprocess.run([sys.executable, "-m", "tests.build.kills", str(workspace.root), "50"], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    killed, finished = (int(word) for word in done.stdout.split()[1::2])
    assert killed == 50, f"{finished} builds ended before they could be killed"
    papers = drafts(12)
    assert build(workspace, papers).exit_code == 0
    sound(workspace)
    assert not look(workspace, papers).due


def children() -> list[int]:
    """The processes this one has started with multiprocessing."""
    return [child.pid for child in multiprocessing.active_children() if child.pid]


@pytest.mark.slow
def test_what_a_lost_process_had_in_hand_is_made_again(workspace):
    papers, killed = drafts(30), []

    def watch(done: int, total: int, trouble: str = "") -> None:
        if done >= 5 and not killed:
            killed.extend(children()[:1])
            os.kill(killed[0], signal.SIGKILL)

    result = build(workspace, papers, jobs=2, progress=watch)
    assert killed
    assert (len(result.built), result.failed, result.halt) == (30, (), None)
    sound(workspace)


class Deadly(dict):
    """A context that ends the process that opens it."""

    def __reduce__(self):
        return os._exit, (9,)


@pytest.mark.slow
def test_a_paper_that_takes_its_process_down_is_named_and_the_others_are_made(workspace):
    papers = drafts(12)
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        made = plan(workspace, papers, {}, ledger)
        entries = tuple(replace(entry, draft=replace(entry.draft, context=Deadly(entry.draft.context))) if entry.key == "memorandum/P-005" else entry
                        for entry in made.entries)
        executor = Pool(2, *_files(workspace, made, made.due), papers=12)
        jobs = deque(_jobs(workspace, replace(made, entries=entries), entries))
        outcomes = list(executor.outcomes(lambda: jobs.popleft() if jobs else None))
    failed = [outcome for outcome in outcomes if isinstance(outcome, Failure)]
    assert [(failure.key, failure.exit_code) for failure in failed] == [("memorandum/P-005", 5)]
    assert len(outcomes) == 12
