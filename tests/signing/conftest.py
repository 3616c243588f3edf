from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from pipeline.ledger import DocumentRow, Ledger
from pipeline.release import Approver, approve
from pipeline.settings import Settings
from pipeline.signing import demo
from pipeline.signing.sign import Signed, sign
from pipeline.workspace import Workspace
from tests import makers
from tests.signing.tagged import tagged_paper

NOW = dt.datetime(2017, 6, 8, 9, 30, tzinfo=dt.UTC)
INITIATORS = [
    {"key": "stadt", "name": "Stadt Dortmund", "signatories": [{"function": "Oberbürgermeister"}]},
    {"key": "kammer", "name": "Kammer zu Dortmund", "signatories": [{"function": "Präsident", "name": "Egon Muster"}]},
    {"key": "firma", "name": "Netz GmbH", "signatories": [{"function": "Geschäftsführung"}]},
]


def with_fields(*names: str) -> bytes:
    """A plain PDF with empty signature fields."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    plain = BytesIO()
    pdf.save(plain, deterministic_id=True)
    writer = IncrementalPdfFileWriter(plain)
    for number, name in enumerate(names):
        append_signature_field(writer, SigFieldSpec(name, box=(70, 700 - 80 * number, 270, 760 - 80 * number)))
    ready = BytesIO()
    writer.write(ready)
    whole = pikepdf.open(ready)
    built = BytesIO()
    whole.save(built, deterministic_id=True)
    return built.getvalue()


def repainted(pdf: bytes) -> bytes:
    """The same file with something painted over its first page by an incremental update."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.add_stream_to_page(0, writer.add_object(StreamObject(stream_data=b"0 0 200 200 re f")))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def settings(**changes: Any) -> Settings:
    return makers.settings(**{"initiators": INITIATORS, "signing": {"demo": True}} | changes)


@dataclass
class Office:
    """A workspace with built papers and its ledger."""

    workspace: Workspace
    ledger: Ledger
    pdf: bytes
    with_fields = staticmethod(with_fields)
    repainted = staticmethod(repainted)

    def build(self, key: str = "memorandum/P-001", revision: int = 1, pdf: bytes | None = None) -> DocumentRow:
        stem = key.replace("/", "-")
        files = {}
        for ending, data in (("docx", f"{key} {revision}".encode()), ("pdf", pdf or self.pdf)):
            path = self.workspace.outputs / "memorandum" / f"{stem}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            files[ending] = hashlib.sha256(data).hexdigest()
        row = DocumentRow(
            key=key, kind="memorandum", subject=stem, docx=f"outputs/memorandum/{stem}.docx", pdf=f"outputs/memorandum/{stem}.pdf",
            revision=revision, fingerprint="f" * 64, inputs={}, docx_sha256=files["docx"], pdf_sha256=files["pdf"],
            seconds=0.1, built_by="muster", built_at="2017-06-01T08:00:00Z")
        self.ledger.built([row], NOW)
        return row

    def released(self, key: str = "memorandum/P-001", **changes: Any) -> DocumentRow:
        row = self.build(key, **changes)
        approve(self.workspace, self.ledger, [row], Approver(name="Leitung"), NOW)
        return row

    def sign(self, *signers: str, **changes: Any) -> Signed:
        options: dict[str, Any] = {"now": NOW, "passphrase": lambda owner: None} | changes
        return sign(self.workspace, self.ledger, list(self.ledger.documents().values()), signers, **options)

    def signed_file(self, key: str = "memorandum/P-001") -> Path:
        return self.workspace.outputs / "signed" / "memorandum" / (key.replace("/", "-") + ".pdf")

    def files(self) -> set[str]:
        return {path.relative_to(self.workspace.outputs).as_posix() for path in self.workspace.outputs.rglob("*.pdf")}


@pytest.fixture(scope="session")
def demo_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Demonstration keys, made once for all tests."""
    workspace = Workspace(tmp_path_factory.mktemp("keys"), settings())
    for initiator in workspace.settings.initiators:
        demo.key(workspace, initiator)
    return workspace.outputs / "demo-keys"


@pytest.fixture(scope="session")
def pdf() -> bytes:
    return with_fields("stadt", "kammer", "firma", "partner")


@pytest.fixture(scope="session")
def tagged() -> bytes:
    """A tagged paper with provenance and the same fields."""
    return tagged_paper()


@pytest.fixture
def office(tmp_path: Path, demo_keys: Path, pdf: bytes) -> Iterator[Callable[..., Office]]:
    opened: list[Ledger] = []

    def make(**changes: Any) -> Office:
        shutil.copytree(demo_keys, tmp_path / "outputs" / "demo-keys", dirs_exist_ok=True)
        opened.append(Ledger(tmp_path / "outputs" / "ledger.sqlite"))
        return Office(Workspace(tmp_path, settings(**changes)), opened[-1], pdf)
    yield make
    for ledger in opened:
        ledger.close()
