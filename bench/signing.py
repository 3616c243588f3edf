"""How long signatures take: this tool against pyHanko's own loop, one process against two, and the floor under both.

    .venv/bin/python -m bench.signing [--papers 500] [--rounds 2] [--jobs 2]

Real memoranda (tagged, PDF/A-3a, with fields), one 3072-bit RSA key, PAdES B-B, every file written. Measured A B A B;
medians and ratios are printed. What one process does is compared by processor time, which other programs on the
machine do not change; two processes against one by the clock, which only a quiet machine tells truly. The floor is
one RSA signature and one empty incremental update.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

from pipeline.ledger import DocumentRow, Ledger
from pipeline.release import Approver, approve
from pipeline.signing import demo
from pipeline.signing.sign import sign
from pipeline.workspace import Workspace, place
from tests.office import gremium, small

NOW = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
FIELD = "stadt"
Taken = tuple[float, float]


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--papers", type=int, default=500)
    words.add_argument("--rounds", type=int, default=2)
    words.add_argument("--jobs", type=int, default=2)
    words.add_argument("--naive", type=int, default=40, help="papers for pyHanko's loop; its price a paper does not depend on their number")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        house = small(Path(folder))
        built = gremium(house, "build", "memorandum")
        if built.returncode:
            sys.exit(built.stderr)
        workspace = Workspace.open(house)
        pdf = sorted((workspace.outputs / "memorandum").glob("*.pdf"))[0].read_bytes()
        demo.key(workspace, workspace.settings.initiators[0])
        key = workspace.outputs / "demo-keys" / f"{FIELD}.p12"
        ways: dict[str, Callable[[], Taken]] = {
            "pyHanko, SimpleSigner": lambda: naive(pdf, key, asked.naive, Path(folder) / "naive"),
            "gremium sign": lambda: ours(workspace, pdf, asked.papers, 1),
            f"gremium sign --jobs {asked.jobs}": lambda: ours(workspace, pdf, asked.papers, asked.jobs),
            "floor: RSA and an update": lambda: floor(pdf, key, asked.naive),
        }
        taken: dict[str, list[Taken]] = {name: [] for name in ways}
        for _ in range(asked.rounds):
            for name, way in ways.items():
                taken[name].append(way())
    show(taken, len(pdf), asked)


class Clock:
    """Measures from its making on: milliseconds a paper by the clock on the wall and by the processor."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def taken(self, papers: int) -> Taken:
        return (time.perf_counter() - self._wall) * 1000 / papers, (time.process_time() - self._cpu) * 1000 / papers


def naive(pdf: bytes, key: Path, papers: int, out: Path) -> Taken:
    """The loop of pyHanko's own documentation."""
    out.mkdir(exist_ok=True)
    signer = signers.SimpleSigner.load_pkcs12(str(key))
    assert signer is not None
    clock = Clock()
    for number in range(papers):
        meta = signers.PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256")
        done = signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), meta, signer=signer, existing_fields_only=True)
        place(out / f"{number}.pdf", done.getvalue())
    return clock.taken(papers)


def ours(workspace: Workspace, pdf: bytes, papers: int, jobs: int) -> Taken:
    """The command's own function, ledger and all."""
    shutil.rmtree(workspace.outputs / "signed", ignore_errors=True)
    (workspace.outputs / "bench.sqlite").unlink(missing_ok=True)
    sha256 = hashlib.sha256(pdf).hexdigest()
    (workspace.outputs / "bench").mkdir(exist_ok=True)
    rows = []
    for number in range(papers):
        name = f"outputs/bench/{number}.pdf"
        (workspace.root / name).write_bytes(pdf)
        rows.append(DocumentRow(key=f"memorandum/B-{number}", kind="memorandum", subject="", docx=name, pdf=name, revision=1, fingerprint="",
                                inputs={}, docx_sha256=sha256, pdf_sha256=sha256, seconds=0, built_by="bench", built_at="2026-12-31T00:00:00Z"))
    with Ledger(workspace.outputs / "bench.sqlite") as ledger:
        ledger.built(rows, NOW)
        approve(workspace, ledger, rows, Approver(name="Bench"), NOW)
        clock = Clock()
        done = sign(workspace, ledger, rows, [FIELD], now=NOW, passphrase=lambda owner: None, jobs=jobs)
        taken = clock.taken(papers)
    assert len(done.signed) == papers, done.refused[:1]
    return taken


def floor(pdf: bytes, key: Path, papers: int) -> Taken:
    """What nobody can do without: the RSA operation, and reading the file and appending something."""
    private = pkcs12.load_pkcs12(key.read_bytes(), None).key
    clock = Clock()
    for _ in range(papers):
        stream = BytesIO(pdf)
        writer = IncrementalPdfFileWriter(stream)
        writer.root["/Lang"] = writer.root["/Lang"]
        writer.update_root()
        writer.write_in_place()
        private.sign(stream.getvalue(), PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr]
    return clock.taken(papers)


def show(taken: dict[str, list[Taken]], size: int, asked: argparse.Namespace) -> None:
    wall = {name: statistics.median(each[0] for each in rounds) for name, rounds in taken.items()}
    cpu = {name: statistics.median(each[1] for each in rounds) for name, rounds in taken.items()}
    print(f"Signing {asked.papers} memoranda of {size / 1000:.0f} kB, RSA-3072, B-B; {asked.rounds} rounds, medians, ms a signature\n")
    print(f"{'':28} {'wall':>8} {'processor':>10}   (this process alone)")
    for name, rounds in taken.items():
        print(f"{name:28} {wall[name]:8.1f} {cpu[name]:10.1f}   {', '.join(f'{each[0]:.0f}/{each[1]:.0f}' for each in rounds)}")
    plain, one, several, least = taken
    print(f"\npyHanko / one process        {cpu[plain] / cpu[one]:8.1f} × processor time (wanted: 6)")
    print(f"one / {asked.jobs} processes            {wall[one] / wall[several]:8.2f} × on the wall      (wanted: 1.8 for 2)")
    print(f"one process / floor          {cpu[one] / cpu[least]:8.1f} × processor time")


if __name__ == "__main__":
    main()
