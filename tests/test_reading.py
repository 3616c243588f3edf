"""Reading the ledger while others write: no error, no mixture, and nothing left behind."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.audit import audit
from pipeline.ledger import Ledger, LedgerUnreadable, begun
from tests.test_ledger import NOW, full, path, row, workspace

__all__ = ["path", "workspace"]      # the fixtures

WRITER = """
import sys
from pathlib import Path
from tests.test_ledger import NOW, row
from pipeline.ledger import Ledger
for turn in range(int(sys.argv[2])):
    with Ledger(Path(sys.argv[1])) as ledger:
        ledger.built([row(f"memorandum/W-{turn:03}-{number:02}", pdf_sha256=f"{turn}-{number}") for number in range(20)], NOW)
"""


def writes(path: Path, turns: int) -> "subprocess.Popen[bytes]":
    """Another command, which opens the ledger, writes twenty papers and closes it, so many times."""
    return subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(turns)], cwd=Path(__file__).parent.parent)


def test_whoever_reads_goes_on_when_others_have_written_underneath(path):
    full(path)
    with Ledger(path, read_only=True) as reader:
        assert len(reader.documents()) == 2
        for turn in range(2):
            with Ledger(path) as writer:
                writer.built([row(f"memorandum/{turn}-{number}", inputs={"said": str(number) * 500}) for number in range(200)], NOW)
        assert len(reader.documents()) == 402
        assert {len(paper.inputs["said"]) for key, paper in reader.documents().items() if "/0-" in key} == {500, 1000, 1500}
        assert len(reader.revisions()) == 402
    assert [file.name for file in path.parent.iterdir()] == ["ledger.sqlite"]


def test_a_reader_beside_a_writer_that_never_rests_sees_whole_batches(path):
    full(path)
    seen = [2]
    with writes(path, 40) as writer:
        while writer.poll() is None:
            with Ledger(path, read_only=True) as reader:
                seen += [len(reader.documents()), len(reader.documents())]
    assert writer.returncode == 0
    assert seen == sorted(seen)
    assert {(number - 2) % 20 for number in seen} == {0}
    with Ledger(path, read_only=True) as reader:
        assert len(reader.documents()) == 802


def test_an_audit_beside_a_writer_finds_nothing_that_is_only_half_there(workspace, path):
    full(path)
    with writes(path, 30) as writer:
        while writer.poll() is None:
            with Ledger(path, read_only=True) as reader:
                assert audit(reader, workspace).problems == ()


def test_a_paper_written_in_the_midst_of_an_audit_belongs_to_the_next(workspace, path, monkeypatch):
    full(path)
    revisions, turns = Ledger.revisions, iter(range(2))

    def meanwhile(ledger: Ledger) -> object:
        if next(turns, None) is not None:
            with Ledger(path) as writer:
                writer.built([row(f"memorandum/N-{number}") for number in range(50)], NOW)
        return revisions(ledger)

    monkeypatch.setattr(Ledger, "revisions", meanwhile)
    with Ledger(path, read_only=True) as reader:
        found = audit(reader, workspace)
    assert (found.problems, found.events) == ((), 104)


def test_reading_leaves_nothing_beside_the_ledger_and_changes_nothing_of_it(workspace, path):
    full(path)
    before = (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest())
    with Ledger(path, read_only=True) as reader:
        reader.documents()
        audit(reader, workspace)
        assert begun(path)
        assert [file.name for file in path.parent.iterdir()] == ["ledger.sqlite"]
    assert (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()) == before
    assert [file.name for file in path.parent.iterdir()] == ["ledger.sqlite"]


def test_who_opened_it_to_read_cannot_write(path):
    full(path)
    with Ledger(path, read_only=True) as reader, pytest.raises(LedgerUnreadable, match="die Datei ist schreibgeschützt"):
        reader.built([row()], NOW)


def test_a_damaged_ledger_is_asked_again_before_anybody_speaks_of_a_backup(path):
    full(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with Ledger(path, read_only=True) as reader, pytest.raises(LedgerUnreadable, match="die Datei ist beschädigt") as told:
        reader.documents()
    assert told.value.hint.startswith("Denselben Befehl noch einmal geben, während kein anderer läuft; erst wenn die Meldung bleibt")


def test_a_ledger_that_is_whole_again_a_moment_later_is_read(path, monkeypatch):
    full(path)
    whole = path.read_bytes()
    with Ledger(path, read_only=True) as reader:
        path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
        monkeypatch.setattr("pipeline.ledger.reading.time.sleep", lambda _: path.write_bytes(whole))
        assert len(reader.documents()) == 2
