"""Previews: what is missing is marked, and nobody can release, sign or send what the ledger does not know."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pikepdf
import pytest
from docx import Document

from tests.office import gremium


def unfinished(workspace: Path) -> None:
    """A sentence of the memorandum asks for fields that no table has."""
    path = workspace / "templates" / "memorandum.docx"
    document = Document(str(path))
    document.paragraphs[3].insert_paragraph_before("Ansprechperson {{ person.name }}, Fax {{ partner.fax }}")
    document.save(str(path))


@pytest.mark.slow
def test_a_preview_marks_what_is_missing_and_changes_nothing_else(workspace: Path) -> None:
    unfinished(workspace)
    refused = gremium(workspace, "build", "memorandum")
    assert refused.returncode == 4
    shutil.rmtree(workspace / "outputs", ignore_errors=True)

    made = gremium(workspace, "build", "memorandum", "--draft", "--json")
    assert made.returncode == 0, made.stderr
    built = json.loads(made.stdout)["built"]
    files = sorted(path.name for path in (workspace / "outputs" / "drafts" / "memorandum").iterdir())
    assert len(files) == 2 * len(built) > 0
    assert all("-entwurf." in name for name in files)

    word = next((workspace / "outputs" / "drafts" / "memorandum").glob("*.docx"))
    text = "\n".join(paragraph.text for paragraph in Document(str(word)).paragraphs)
    assert "Ansprechperson «fehlt: person.name», Fax «fehlt: partner.fax»" in text
    with pikepdf.open(word.with_suffix(".pdf")) as pdf:
        assert str(pdf.docinfo["/Title"]).startswith("Entwurf: ")
        assert "/AcroForm" not in pdf.Root
    assert gremium(workspace, "verify", str(word.with_suffix(".pdf"))).returncode == 8

    state = json.loads(gremium(workspace, "status", "--json").stdout)
    assert {document["state"] for document in state["documents"] if document["kind"] == "memorandum"} == {"missing"}
    gremium(workspace, "approve", "memorandum", "--by", "Prüfung")
    state = json.loads(gremium(workspace, "status", "--json").stdout)
    assert {document["state"] for document in state["documents"] if document["kind"] == "memorandum"} == {"missing"}
