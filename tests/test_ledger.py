"""The ledger: steps with backups, a log without gaps, and tables that anybody can read."""

import datetime as dt
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pipeline import ledger as room
from pipeline.audit import audit
from pipeline.build.inputs import reasons
from pipeline.ledger import ApprovalRow, DocumentRow, Ledger, LedgerDamaged, LedgerTooNew, NoBackup, SignatureRow, TemplateRow
from pipeline.ledger.migrations import MIGRATIONS
from pipeline.workspace import Workspace
from tests import makers

NOW = dt.datetime(2017, 5, 4, 10, tzinfo=dt.UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, makers.settings())


@pytest.fixture
def path(workspace: Workspace) -> Path:
    return workspace.outputs / "ledger.sqlite"


def row(key: str = "memorandum/P-001", **changes: object) -> DocumentRow:
    values = {"key": key, "kind": "memorandum", "subject": "m", "docx": "m.docx", "pdf": "m.pdf", "revision": 1, "fingerprint": "f",
              "inputs": {"person.phone": "1"}, "docx_sha256": "d1", "pdf_sha256": "p1", "seconds": 0.1, "built_by": "test",
              "built_at": "2017-05-04T10:00:00Z"}
    return DocumentRow(**values | changes)


def version_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("PRAGMA user_version").fetchone()[0]


def tamper(path: Path, *statements: str) -> None:
    """What a person with another program may do."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for trigger in ("events_stay", "events_last"):
            db.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            assert db.execute(statement).rowcount, statement


def test_every_revision_keeps_its_hashes(path):
    with Ledger(path) as ledger:
        ledger.built([row()], NOW)
        ledger.built([row(revision=2, docx_sha256="d2", pdf_sha256="p2")], NOW)
        assert [(kept.revision, kept.pdf_sha256) for kept in ledger.revisions()["memorandum/P-001"]] == [(1, "p1"), (2, "p2")]
        assert dict(ledger.documents()["memorandum/P-001"].inputs) == {"person.phone": "1"}


def test_failures_are_kept_until_the_paper_is_built(path):
    with Ledger(path) as ledger:
        ledger.failed({"memorandum/P-001": "kein Platz", "memorandum/P-002": "x"}, NOW)
        ledger.built([row()], NOW)
        assert ledger.failures() == {"memorandum/P-002": "x"}


def test_a_template_is_known_by_its_bytes_and_by_what_it_says(path):
    known = TemplateRow(file="a", reading=1, essence="e", fonts=frozenset({"Arial"}), pieces={"Absatz 2": "x", "Absatz 10": "y"})
    with Ledger(path) as ledger:
        ledger.know([known])
        assert ledger.template("a", 1).fonts == {"Arial"}
        assert ledger.template("a", 2) is None
        assert list(ledger.template_like("e").pieces.items()) == [("Absatz 2", "x"), ("Absatz 10", "y")]


def full(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.built([row(), row("memorandum/P-002", pdf_sha256="p2")], NOW)
        ledger.approve([ApprovalRow(key="memorandum/P-001", revision=1, docx_sha256="d1", pdf_sha256="p1", approved_by="Muster",
                                    approved_at="2017-05-04T10:00:00Z")], NOW)
        ledger.signed(SignatureRow(key="memorandum/P-001", revision=1, field="stadt", signer="CN=Stadt", path="signed.pdf", base_sha256="p1",
                                   sha256="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", signed_at="2017-05-04T10:00:00Z"), NOW)
    (path.parent.parent / "signed.pdf").write_bytes(b"")


def test_an_untouched_ledger_passes_its_audit(workspace, path):
    full(path)
    with Ledger(path, read_only=True) as ledger:
        found = audit(ledger, workspace)
    assert (found.events, found.problems) == (4, ())
    assert len(found.last) == 64


@pytest.mark.parametrize(("statement", "words"), [
    ("UPDATE events SET detail = replace(detail, 'Muster', 'Meier') WHERE what = 'approved'", "Ereignis 3 (2017-05-04T10:00:00Z, approved"),
    ("DELETE FROM events WHERE id = 2", "Ereignis 3"),
    ("DELETE FROM events WHERE id = 4", "memorandum/P-001 ist im Feld stadt unterschrieben, aber kein Ereignis belegt es"),
    ("UPDATE documents SET pdf_sha256 = 'other' WHERE key = 'memorandum/P-002'", "memorandum/P-002 hat Revision 1, aber"),
    ("INSERT INTO approvals (key, revision, docx_sha256, pdf_sha256, approved_by, approved_at) VALUES ('memorandum/P-002', 1, 'd', 'p2', 'X', 't')",
     "memorandum/P-002 ist von X freigegeben"),
])
def test_whoever_alters_the_ledger_is_found_out(workspace, path, statement, words):
    full(path)
    tamper(path, statement)
    with Ledger(path, read_only=True) as ledger:
        problems = audit(ledger, workspace).problems
    assert any(words in problem for problem in problems), problems


def test_a_signed_file_that_was_altered_is_found_out(workspace, path):
    full(path)
    (workspace.root / "signed.pdf").write_bytes(b"other")
    with Ledger(path, read_only=True) as ledger:
        assert audit(ledger, workspace).problems == ("signed.pdf ist nicht mehr die unterschriebene Datei",)


@pytest.mark.parametrize("statement", ["UPDATE events SET at = ''", "DELETE FROM events"])
def test_the_ledger_itself_refuses_to_change_what_happened(path, statement):
    full(path)
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError, match="events are never"):
        db.execute(statement)


def older(path: Path, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger as an older tool left it."""
    with monkeypatch.context() as past:
        past.setattr("pipeline.ledger.store.MIGRATIONS", MIGRATIONS[:version])
        Ledger(path).close()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO documents (key, kind, subject, docx, pdf, revision, fingerprint, inputs, docx_sha256, pdf_sha256, seconds,"
                   " built_by, built_at) VALUES ('memorandum/P-001', 'memorandum', 'm', 'd', 'p', 1, 'f', x'', 'd1', 'p1', 0.1, 'test', '')")
        db.executemany("INSERT INTO events (at, what, key, detail) VALUES ('2017-05-04T10:00:00Z', ?, 'memorandum/P-001', ?)",
                       [("built", '{"docx": "d1", "pdf": "p1", "revision": 1}'),
                        ("approved", '{"by": "Muster", "docx": "d1", "pdf": "p1", "revision": 1}'), ("frozen", "{}")])
        db.execute("INSERT INTO approvals (key, revision, docx_sha256, pdf_sha256, approved_by, approved_at)"
                   " VALUES ('memorandum/P-001', 1, 'd1', 'p1', 'Muster', '2017-05-04T10:00:00Z')")


def test_a_ledger_of_the_first_version_is_raised_with_a_copy_before_each_step(workspace, path, monkeypatch):
    older(path, 1, monkeypatch)
    with Ledger(path) as ledger:
        assert ledger.revisions()["memorandum/P-001"][0].pdf_sha256 == "p1"
        assert audit(ledger, workspace).problems == ()
    assert version_of(path) == len(MIGRATIONS)
    assert sorted(copy.name for copy in path.parent.glob("ledger.v*")) == [f"ledger.v{number}.sqlite" for number in range(1, len(MIGRATIONS))]
    assert version_of(path.with_name("ledger.v1.sqlite")) == 1
    with closing(sqlite3.connect(path.with_name("ledger.v1.sqlite"))) as db:
        assert db.execute("SELECT count(*) FROM events").fetchone() == (3,)


def test_a_copy_before_a_step_never_replaces_another(path, monkeypatch):
    older(path, len(MIGRATIONS) - 1, monkeypatch)
    before = path.read_bytes()
    Ledger(path).close()
    path.write_bytes(before)
    Ledger(path).close()
    assert len(list(path.parent.glob(f"ledger.v{len(MIGRATIONS) - 1}*"))) == 2


def test_looking_into_an_older_ledger_writes_nothing(path, monkeypatch):
    older(path, 1, monkeypatch)
    before = path.read_bytes()
    with Ledger(path, read_only=True) as ledger:
        assert list(ledger.documents()) == ["memorandum/P-001"]
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["ledger.sqlite"]


def test_a_step_that_fails_leaves_the_ledger_as_it_was(path, monkeypatch):
    full(path)
    with monkeypatch.context() as broken:
        broken.setattr("pipeline.ledger.store.MIGRATIONS", (*MIGRATIONS, "CREATE TABLE extra (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n"))
        with pytest.raises(room.LedgerUnreadable):
            Ledger(path)
    with Ledger(path) as ledger:
        assert len(ledger.documents()) == 2
    with closing(sqlite3.connect(path)) as db:
        assert not db.execute("SELECT name FROM sqlite_master WHERE name = 'extra'").fetchall()


@pytest.mark.parametrize("read_only", [True, False])
def test_a_ledger_of_a_newer_tool_is_refused_and_left_alone(path, read_only):
    full(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
        db.execute("PRAGMA journal_mode = DELETE")      # as a copy is: to open it for writing would change its head
    before = path.read_bytes()
    with pytest.raises(LedgerTooNew, match="stammt von einer neueren Fassung des Programms"):
        Ledger(path, read_only=read_only)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["ledger.sqlite"]


def test_a_backup_is_one_whole_file_taken_while_somebody_writes(path, tmp_path):
    full(path)
    with Ledger(path) as writing, Ledger(path, read_only=True) as ledger:
        writing.built([row("memorandum/P-003")], NOW)
        ledger.backup(tmp_path / "copy.sqlite")
    moved = tmp_path / "elsewhere" / "ledger.sqlite"
    moved.parent.mkdir()
    shutil.copy(tmp_path / "copy.sqlite", moved)
    with Ledger(moved, read_only=True) as again:
        assert len(again.documents()) == 3
    assert [file.name for file in moved.parent.iterdir()] == ["ledger.sqlite"]


def test_a_backup_leaves_nothing_beside_the_ledger(path, tmp_path):
    full(path)
    with Ledger(path, read_only=True) as ledger:
        ledger.backup(tmp_path / "copy.sqlite")
    assert [file.name for file in path.parent.iterdir()] == ["ledger.sqlite"]


def test_a_backup_of_nothing_or_to_nowhere_says_so(path, tmp_path):
    with Ledger(path, read_only=True) as ledger, pytest.raises(NoBackup, match="gibt es noch nicht"):
        ledger.backup(tmp_path / "copy.sqlite")
    full(path)
    with Ledger(path, read_only=True) as ledger, pytest.raises(NoBackup, match="lässt sich nicht schreiben"):
        ledger.backup(tmp_path / "no such folder" / "copy.sqlite")


def test_the_manual_names_every_table_and_column(path):
    manual = (Path(__file__).parent.parent / "docs/ledger.md").read_text("utf-8")
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as db:
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
            section = manual.partition(f"### `{table}`")[2].partition("###")[0]
            assert section, table
            for column in db.execute(f"PRAGMA table_info({table})").fetchall():
                assert f"`{column[1]}`" in section, (table, column[1])


def test_a_new_ledger_leaves_no_copies(path):
    full(path)
    assert not list(path.parent.glob("ledger.v*"))


def test_a_file_that_is_no_ledger_is_refused_in_the_offices_words(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("kaputt" * 1000)
    with pytest.raises(room.LedgerUnreadable, match="die Datei ist keine Datenbank"):
        Ledger(path)


NO_TEXT = "CAST(x'ff41c3' AS TEXT)"


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize(("statement", "look"), [
    (f"UPDATE documents SET subject = {NO_TEXT}", Ledger.documents),
    (f"UPDATE approvals SET approved_by = {NO_TEXT}", Ledger.approvals),
    (f"UPDATE events SET detail = {NO_TEXT}", lambda ledger: ledger.noted("built")),
    (f"UPDATE events SET key = {NO_TEXT}", lambda ledger: list(ledger.log())),
])
def test_text_that_is_none_is_said_to_be_damage_and_not_repeated(path, read_only, statement, look):
    full(path)
    tamper(path, statement)
    with Ledger(path, read_only=read_only) as ledger, pytest.raises(room.LedgerUnreadable, match=r"wo Text stehen müsste, steht keiner$"):
        look(ledger)


@pytest.mark.parametrize("blob", ["x'00'", "x''", "x'789c030000000001'", "x'789cab0200007d007c'"])
def test_what_a_paper_was_made_from_may_be_damaged_and_all_else_be_read(path, blob):
    full(path)
    tamper(path, f"UPDATE documents SET inputs = {blob} WHERE key = 'memorandum/P-002'")
    with Ledger(path, read_only=True) as ledger:
        papers = ledger.documents()
        assert dict(papers["memorandum/P-001"].inputs) == {"person.phone": "1"}
        with pytest.raises(LedgerDamaged, match="was zu memorandum/P-002 gehört"):
            dict(papers["memorandum/P-002"].inputs)
        assert [reason.path for reason in reasons(papers["memorandum/P-002"].inputs, {"person.phone": "2"})] == ["@unreadable"]


def test_an_event_whose_detail_is_damaged_is_named(path):
    full(path)
    tamper(path, "UPDATE events SET detail = '[]' WHERE id = 2")
    with Ledger(path, read_only=True) as ledger:
        with pytest.raises(LedgerDamaged, match="Ereignis 2"):
            ledger.noted("built")
        with pytest.raises(LedgerDamaged, match="Ereignis 2"):
            ledger.events()


def test_a_template_whose_row_is_damaged_is_unknown_until_it_is_read_again(path):
    known = TemplateRow(file="a", reading=1, essence="e", fonts=frozenset({"Arial"}), pieces={"Absatz 2": "x"})
    full(path)
    with Ledger(path) as ledger:
        ledger.know([known])
    tamper(path, "UPDATE templates SET pieces = x'00'")
    with Ledger(path) as ledger:
        assert (ledger.template("a", 1), ledger.template_like("e")) == (None, None)
        ledger.know([known])
        assert ledger.template("a", 1) == known


@pytest.mark.parametrize("content", [None, b"", "no tables", "no version", "no event"])
def test_a_ledger_that_is_gone_or_emptied_has_not_begun(path, content):
    full(path)
    assert room.begun(path)
    path.unlink()
    if content == "no event":
        Ledger(path).close()
    elif isinstance(content, str):
        with closing(sqlite3.connect(path)) as db:
            db.execute(f"PRAGMA user_version = {len(MIGRATIONS) if content == 'no tables' else 0}")
            db.execute("CREATE TABLE other (id INTEGER)")
    elif content is not None:
        path.write_bytes(content)
    assert not room.begun(path)
