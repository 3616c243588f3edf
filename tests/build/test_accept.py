"""Taking over what only a newer tool would make differently."""

import pytest

from pipeline.audit import audit
from pipeline.build import inputs
from pipeline.build.accept import Accepted, accept
from pipeline.build.plan import plan
from pipeline.ledger import Ledger
from pipeline.workspace import Workspace
from tests.build.office import NOW, build, drafts, files, look, office

BEFORE = inputs.ROOMS["@pdf"]


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    made = office(tmp_path)
    build(made, drafts())
    return made


def taken(workspace: Workspace, papers) -> Accepted:
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        return accept(workspace, plan(workspace, papers, {}, ledger), ledger, by="Muster", now=NOW)


@pytest.fixture
def upgraded(monkeypatch):
    monkeypatch.setattr(inputs, "ROOMS", {**inputs.ROOMS, "@pdf": "99"})


def test_an_upgrade_makes_papers_stale_and_says_so(workspace, upgraded):
    with Ledger(workspace.outputs / "ledger.sqlite", read_only=True) as ledger:
        made = plan(workspace, drafts(), {}, ledger)
        assert [str(reason) for reason in made["memorandum/P-001"].reasons] == [f"Fassung der PDF-Ausgabe: {BEFORE} → 99"]


def test_papers_taken_over_are_fresh_with_the_same_bytes_and_revision(workspace, upgraded):
    before = files(workspace)
    assert taken(workspace, drafts()).accepted == ("memorandum/P-001", "memorandum/P-002", "memorandum/P-003")
    assert not look(workspace, drafts()).due
    assert files(workspace) == before
    with Ledger(workspace.outputs / "ledger.sqlite", read_only=True) as ledger:
        assert {row.revision for row in ledger.documents().values()} == {1}
        assert [(what, detail["by"]) for _, what, _, detail in ledger.events(limit=3)] == [("accepted", "Muster")] * 3
        assert audit(ledger, workspace).problems == ()


def test_a_paper_whose_content_changed_is_never_taken_over(workspace, upgraded):
    papers = drafts(phone="+49 231 2")
    assert taken(workspace, papers) == Accepted(accepted=("memorandum/P-002", "memorandum/P-003"), left=("memorandum/P-001",))
    assert [entry.key for entry in look(workspace, papers).due] == ["memorandum/P-001"]


def test_a_paper_altered_on_disk_is_never_taken_over(workspace, upgraded):
    (workspace.outputs / "memorandum/memorandum-P-002.docx").write_bytes(b"by hand")
    assert taken(workspace, drafts()).left == ("memorandum/P-002",)


def test_without_an_upgrade_there_is_nothing_to_take_over(workspace):
    assert taken(workspace, drafts()) == Accepted()
