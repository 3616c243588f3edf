"""The audit: whatever somebody alters in the ledger with another program is named, and what the office does itself is not."""

import pytest

from pipeline.audit import audit
from pipeline.ledger import ApprovalRow, Ledger
from pipeline.workspace import Workspace
from tests.test_ledger import NOW, full, path, row, tamper, workspace

__all__ = ["path", "workspace"]      # the fixtures

P1, P2 = "memorandum/P-001", "memorandum/P-002"
COPY = ("INSERT INTO approvals (key, revision, docx_sha256, pdf_sha256, approved_by, approved_at) "
        "SELECT key, revision, docx_sha256, pdf_sha256, approved_by, approved_at FROM approvals")


def problems(workspace: Workspace) -> tuple[str, ...]:
    with Ledger(workspace.outputs / "ledger.sqlite", read_only=True) as ledger:
        return audit(ledger, workspace).problems


UNPROVEN = "aber kein Ereignis belegt es"
GONE = "sagt ein Ereignis, aber die Zeile dazu fehlt"


@pytest.mark.parametrize(("statement", "expected"), [
    ("UPDATE approvals SET approved_by = 'Mallory'",
     {f"{P1} ist von Mallory freigegeben, {UNPROVEN}", f"{P1} wurde von Muster freigegeben, {GONE} oder sagt anderes"}),
    ("UPDATE approvals SET revision = 2",
     {f"{P1} ist von Muster freigegeben, {UNPROVEN}", f"{P1} wurde von Muster freigegeben, {GONE} oder sagt anderes"}),
    ("UPDATE approvals SET docx_sha256 = 'other'",
     {f"{P1} ist von Muster freigegeben, {UNPROVEN}", f"{P1} wurde von Muster freigegeben, {GONE} oder sagt anderes"}),
    ("UPDATE approvals SET approved_at = '2018-01-01T00:00:00Z'",
     {f"{P1} ist von Muster freigegeben, {UNPROVEN}", f"{P1} wurde von Muster freigegeben, {GONE} oder sagt anderes"}),
    ("UPDATE approvals SET reason = 'nein'",
     {f"{P1} ist von Muster abgelehnt, {UNPROVEN}", f"{P1} wurde von Muster freigegeben, {GONE} oder sagt anderes"}),
    ("DELETE FROM approvals", {f"{P1} wurde von Muster freigegeben, {GONE} oder sagt anderes"}),
    (COPY, {f"{P1} ist von Muster freigegeben, {UNPROVEN}"}),
    (f"UPDATE documents SET revision = 7 WHERE key = '{P2}'", {f"{P2} hat Revision 7, {UNPROVEN}"}),
    (f"UPDATE documents SET docx_sha256 = 'other' WHERE key = '{P2}'", {f"{P2} hat Revision 1, {UNPROVEN}"}),
    (f"UPDATE documents SET built_by = 'Mallory' WHERE key = '{P2}'", {f"{P2} hat Mallory erstellt, {UNPROVEN}"}),
    (f"DELETE FROM documents WHERE key = '{P2}'", {f"{P2} wurde in Revision 1 erstellt, {GONE}"}),
    (f"UPDATE revisions SET docx_sha256 = 'other' WHERE key = '{P2}'", {f"{P2} hatte Revision 1, {UNPROVEN}"}),
    (f"DELETE FROM revisions WHERE key = '{P2}'", {f"{P2} wurde in Revision 1 erstellt, {GONE}"}),
    ("DELETE FROM signatures", {f"{P1} wurde im Feld stadt unterschrieben, {GONE} oder sagt anderes"}),
])
def test_a_row_and_its_event_that_say_different_things_are_named(workspace, path, statement, expected):
    full(path)
    tamper(path, statement)
    assert set(problems(workspace)) == expected


def test_an_older_revision_put_in_the_place_of_the_present_one_is_named(workspace, path):
    full(path)
    with Ledger(path) as ledger:
        ledger.built([row(P2, revision=2, docx_sha256="d2", pdf_sha256="q2")], NOW)
    assert problems(workspace) == ()
    tamper(path, f"UPDATE documents SET revision = 1, docx_sha256 = 'd1', pdf_sha256 = 'p2' WHERE key = '{P2}'")
    assert problems(workspace) == (f"{P2} hat Revision 1, das letzte Ereignis erstellte Revision 2",)


@pytest.mark.parametrize("detail", ["x", "[]", "null", "", '{"by": ', "[" * 5000])
def test_an_event_that_says_nothing_readable_is_a_finding_like_another(workspace, path, detail):
    full(path)
    tamper(path, f"UPDATE events SET detail = '{detail}' WHERE what = 'approved'")
    found = problems(workspace)
    assert "Ereignis 3 (2017-05-04T10:00:00Z, approved memorandum/P-001) ist beschädigt: seine Angaben lassen sich nicht lesen" in found
    assert f"{P1} ist von Muster freigegeben, {UNPROVEN}" in found


def test_what_the_office_does_itself_is_no_finding(workspace, path):
    full(path)
    given = ApprovalRow(key=P2, revision=1, docx_sha256="d1", pdf_sha256="p2", approved_by="Muster", approved_at="2017-05-04T10:00:00Z")
    with Ledger(path) as ledger:
        ledger.approve([given], NOW)
        ledger.approve([given], NOW)                                            # once more, now with a key
        ledger.built([row(P2, pdf_sha256="p2", built_by="Kollegin")], NOW)       # the same bytes again
        ledger.accepted([row(P2, pdf_sha256="p2", built_by="Kollegin", fingerprint="g")], "Muster", NOW)
        ledger.built([row(P1, revision=2, docx_sha256="d2", pdf_sha256="q2")], NOW)      # release and signature are overtaken
        ledger.forget("P-001", lambda _, inputs: dict.fromkeys(inputs, "sha256:0"), lambda words: words, [], NOW)
    assert problems(workspace) == ()


def test_who_takes_a_paper_for_another_than_the_event_says_is_named(workspace, path):
    full(path)
    with Ledger(path) as ledger:
        ledger.accepted([row(P2, pdf_sha256="p2", fingerprint="g")], "Muster", NOW)
    tamper(path, f"UPDATE documents SET fingerprint = 'h' WHERE key = '{P2}'")
    assert problems(workspace) == (f"{P2} gilt als erstellt aus etwas anderem, als das Ereignis sagt",)
