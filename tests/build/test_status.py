import datetime as dt
import hashlib
from pathlib import Path

import pytest

from pipeline.build.plan import plan
from pipeline.ledger import DocumentRow, IssueRow, Ledger, MessageRow, ReturnRow, SignatureRow
from pipeline.release import Approver, decision
from pipeline.status import Status, status
from pipeline.workspace import Workspace
from tests import makers
from tests.build.drafts import draft

NOW = dt.datetime(2017, 5, 4, 10, tzinfo=dt.UTC)
MADE = hashlib.sha256(b"made").hexdigest()
KEY = "memorandum/P-001"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    for path in ("templates/memorandum.docx", "templates/style.css", "outputs/memorandum/m.docx", "outputs/memorandum/m.pdf",
                 "outputs/signed/memorandum/m.pdf"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"made")
    return Workspace(tmp_path, makers.settings())


@pytest.fixture
def ledger(workspace: Workspace):
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        yield ledger


def look(workspace: Workspace, ledger: Ledger) -> Status:
    return status(workspace, plan(workspace, [draft(KEY)], {}, ledger), ledger)


def build(workspace: Workspace, ledger: Ledger, **changes: object) -> DocumentRow:
    made = plan(workspace, [draft(KEY)], {}, ledger)
    values = {"key": KEY, "kind": "memorandum", "subject": "m", "docx": "outputs/memorandum/m.docx", "pdf": "outputs/memorandum/m.pdf",
              "revision": 1, "fingerprint": made[KEY].fingerprint, "inputs": made.inputs(draft(KEY)), "docx_sha256": MADE,
              "pdf_sha256": MADE, "seconds": 0.1, "built_by": "test", "built_at": "2017-05-04T10:00:00Z"}
    row = DocumentRow(**values | changes)
    ledger.built([row], NOW)
    return row


def sign(ledger: Ledger, **changes: object) -> None:
    values = {"key": KEY, "revision": 1, "field": "stadt", "signer": "CN=Stadt", "path": "outputs/signed/memorandum/m.pdf",
              "base_sha256": MADE, "sha256": "0", "signed_at": "2017-05-04T10:00:00Z"}
    ledger.signed(SignatureRow(**values | changes), NOW)


def test_a_paper_goes_from_missing_to_fresh_to_approved_to_signed(workspace, ledger):
    words = [look(workspace, ledger).documents[0].state]
    row = build(workspace, ledger)
    words.append(look(workspace, ledger).documents[0].state)
    ledger.approve([decision(row, Approver(name="Muster"), NOW)], NOW)
    words.append(look(workspace, ledger).documents[0].state)
    sign(ledger)
    words.append(look(workspace, ledger).documents[0].state)
    assert words == ["missing", "fresh", "approved", "signed 1/1"]


def test_a_release_of_older_bytes_is_outdated(workspace, ledger):
    ledger.approve([decision(build(workspace, ledger, pdf_sha256="older"), Approver(name="Muster"), NOW)], NOW)
    build(workspace, ledger, revision=2)
    assert look(workspace, ledger).documents[0].state == "outdated"


def test_a_signature_on_an_older_pdf_does_not_count(workspace, ledger):
    build(workspace, ledger)
    sign(ledger, base_sha256="older")
    found = look(workspace, ledger).documents[0]
    assert (found.state, found.signed) == ("fresh", None)


def test_a_stale_paper_keeps_the_way_to_its_signed_file(workspace, ledger):
    build(workspace, ledger)
    sign(ledger)
    (workspace.templates / "memorandum.docx").write_bytes(b"other")
    found = look(workspace, ledger).documents[0]
    assert (found.state, found.signed) == ("stale", "outputs/signed/memorandum/m.pdf")


def test_the_json_says_what_the_contract_promises(workspace, ledger):
    build(workspace, ledger)
    ledger.frozen([MessageRow(id="1@x", key=KEY, kind="memorandum", pdf_sha256=MADE, path="p", sha256="s", state="frozen", attempts=0,
                              reply="", changed_at="")], NOW)
    given = look(workspace, ledger).as_json()
    assert given["documents"] == [{
        "key": KEY, "kind": "memorandum", "subject": "Memorandum", "state": "fresh", "docx": "outputs/memorandum/m.docx",
        "pdf": "outputs/memorandum/m.pdf", "signed": None, "revision": 1, "sha256": MADE, "reasons": (), "failure": ""}]
    assert given["messages"]["frozen"] == 1
    assert {"frozen", "sending", "sent", "deferred", "failed", "unknown"} <= set(given["messages"])


def returned(ledger: Ledger, state: str, **changes: object) -> None:
    values = {"sha256": "r", "name": "m.pdf", "origin": "file", "key": KEY, "revision": 1, "state": state, "answers": {}, "sentence": "", "path": "p",
              "received_at": "2017-05-04T10:00:00Z"}
    ledger.returned(ReturnRow(**values | changes), NOW)


def give_out(ledger: Ledger, **changes: object) -> None:
    values = {"key": KEY, "revision": 1, "base_sha256": MADE, "sha256": MADE, "path": "outputs/memorandum/m.pdf", "way": "post",
              "issued_at": "2017-05-04T10:00:00Z"}
    ledger.issue([IssueRow(**values | changes)], NOW)


@pytest.mark.parametrize(("state", "word"), [("to-confirm", "returned"), ("accepted", "returned"), ("refused", "issued"), ("unclear", "issued")])
def test_what_came_back_is_returned_while_signatures_are_missing(workspace, ledger, state, word):
    build(workspace, ledger)
    give_out(ledger)
    returned(ledger, state)
    assert look(workspace, ledger).documents[0].state == word


def test_what_all_have_signed_and_the_office_accepted_is_concluded(workspace, ledger):
    settings = makers.settings(initiators=[{"key": "stadt", "name": "Stadt", "countersigns": True, "signatories": [{"function": "Leitung"}]}])
    workspace = Workspace(workspace.root, settings)
    build(workspace, ledger)
    give_out(ledger)
    sign(ledger, field="partner")
    returned(ledger, "accepted")
    words = [look(workspace, ledger).documents[0].state]
    sign(ledger, field="stadt")
    assert [*words, look(workspace, ledger).documents[0].state] == ["returned", "concluded"]


def test_a_former_revision_that_came_back_says_nothing_of_this_one(workspace, ledger):
    build(workspace, ledger, revision=2)
    returned(ledger, "accepted", revision=1)
    assert look(workspace, ledger).documents[0].state == "fresh"


def test_a_missing_template_holds_its_own_papers_back_and_no_others(workspace, ledger):
    build(workspace, ledger)
    drafts = [draft("handout/all", kind="handout", template="handout.docx"), draft(KEY), draft("memorandum/P-002")]
    found = status(workspace, plan(workspace, drafts, {}, ledger), ledger)
    assert [(one.key, one.state) for one in found.documents] == [("handout/all", "blocked"), (KEY, "fresh"), ("memorandum/P-002", "missing")]
    assert found.documents[0].reasons == ("handout.docx: die Vorlage templates/handout.docx fehlt",)


def test_a_built_paper_whose_template_is_gone_keeps_the_way_to_its_files(workspace, ledger):
    build(workspace, ledger)
    (workspace.templates / "memorandum.docx").unlink()
    [found] = status(workspace, plan(workspace, [draft(KEY)], {}, ledger), ledger).documents
    assert (found.state, found.pdf, found.revision) == ("blocked", "outputs/memorandum/m.pdf", 1)


def test_what_was_never_built_has_no_files_and_no_revision(workspace, ledger):
    found = look(workspace, ledger).documents[0]
    assert (found.docx, found.pdf, found.revision, found.sha256) == (None, None, None, None)
