import datetime as dt
import functools
import hashlib
import io
from pathlib import Path

import docx
import pikepdf
import pytest

from pipeline.alliance import Alliance
from pipeline.ledger import DocumentRow, Ledger
from pipeline.papers.draft import Draft
from pipeline.papers.kinds import drafts
from pipeline.release import Approver, decision
from pipeline.workspace import Workspace
from tests import makers

NOW = dt.datetime(2017, 5, 4, 10, tzinfo=dt.UTC)


@functools.cache
def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


@functools.cache
def sheet(name: str) -> bytes:
    """A PDF of one empty page that knows its name."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.docinfo["/Title"] = name
    target = io.BytesIO()
    pdf.save(target, deterministic_id=True)
    return target.getvalue()


class Office:
    """A workspace whose council papers stand in the ledger as if they had been built."""

    def __init__(self, root: Path, **settings: object) -> None:
        self.alliance: Alliance = makers.alliance(settings=makers.settings(**settings))
        self.workspace = Workspace(root, self.alliance.settings)
        self.ledger = Ledger(self.workspace.outputs / "ledger.sqlite")
        self.drafts: tuple[Draft, ...] = drafts(self.alliance)

    def build(self, *, revision: int = 1) -> list[DocumentRow]:
        rows = []
        for draft in self.drafts:
            made = {"docx": word(draft.subject, f"Revision {revision}"), "pdf": sheet(f"{draft.key} {revision}")}
            paths = {ending: f"outputs/{draft.kind}/{draft.stem}.{ending}" for ending in made}
            for ending, data in made.items():
                path = self.workspace.root / paths[ending]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            rows.append(DocumentRow(
                key=draft.key, kind=draft.kind, subject=draft.stem, docx=paths["docx"], pdf=paths["pdf"], revision=revision,
                fingerprint="f", inputs={}, docx_sha256=hashlib.sha256(made["docx"]).hexdigest(),
                pdf_sha256=hashlib.sha256(made["pdf"]).hexdigest(), seconds=0.1, built_by="test", built_at="2017-05-04T10:00:00Z"))
        self.ledger.built(rows, NOW)
        return rows

    def release(self) -> None:
        self.ledger.approve([decision(row, Approver(name="Muster"), NOW) for row in self.ledger.documents().values()], NOW)


@pytest.fixture
def office(tmp_path: Path):
    office = Office(tmp_path)
    office.build()
    office.release()
    yield office
    office.ledger.close()
