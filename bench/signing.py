"""How long signatures take: this tool against pyHanko's own loop, one process against two, and the floor under both.

    .venv/bin/python -m bench.signing [--papers 500] [--rounds 2]

Real memoranda (tagged, PDF/A-3a, with fields), one 3072-bit RSA key, PAdES B-B, every file written. Measured A B A B.
What one process does is compared by processor time, which other programs on the machine do not change; two processes
against one by the clock, which only a quiet machine tells truly. The floor is one RSA signature and one empty
incremental update.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

from bench.measure import Result, missed
from pipeline.ledger import DocumentRow, Ledger
from pipeline.release import Approver, approve
from pipeline.settings import KeyPair, SigningSettings
from pipeline.signing import demo
from pipeline.signing.sign import sign
from pipeline.signing.timeservice import TimeService
from pipeline.workspace import Workspace, place
from tests.office import gremium, small

NOW = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
FIELD = "stadt"
PYHANKO, TWO = 6.0, 1.8        # the goals of issue 9
Taken = tuple[float, float]


def main() -> int:
    """Prints the figures; 1 where something promised is missed."""
    words = argparse.ArgumentParser()
    words.add_argument("--papers", type=int, default=500)
    words.add_argument("--rounds", type=int, default=2)
    words.add_argument("--naive", type=int, default=40, help="papers for pyHanko's loop; its price a paper does not depend on their number")
    asked = words.parse_args()
    return missed(measures(asked.papers, asked.rounds, asked.naive))


def measures(papers: int = 500, rounds: int = 2, few: int = 40, *, quick: bool = False) -> Iterator[Result]:
    """One signature by every way, in turns."""
    papers, few = (40, 5) if quick else (papers, few)
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
            "gremium": lambda: ours(workspace, pdf, papers, 1), "two processes": lambda: ours(workspace, pdf, papers, 2),
            "pyHanko, SimpleSigner": lambda: naive(pdf, key, few, Path(folder) / "naive"), "floor: RSA and an update": lambda: floor(pdf, key, few),
        }
        taken: dict[str, list[Taken]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                taken[name].append(way())
        lasting = waited(workspace, pdf, min(papers, 60), rounds)
    yield from judged(taken, f"one signature on a memorandum of {len(pdf) / 1000:.0f} kB, RSA-3072, B-B")
    yield lasting


def judged(taken: dict[str, list[Taken]], what: str) -> Iterator[Result]:
    """The figures, and what was promised of them."""
    wall, cpu = ({name: tuple(each[place] for each in values) for name, values in taken.items()} for place in (0, 1))
    alone = cpu.pop("two processes")       # of the process that reads, puts in place and notes; the signers' own is not in it
    yield Result(program="signing", what=f"{what}, processor", ours=cpu.pop("gremium"), peers=cpu, unit="ms",
                 bound=f"pyHanko at least {PYHANKO:g} times",
                 kept=statistics.median(cpu["pyHanko, SimpleSigner"]) >= PYHANKO * statistics.median(each[1] for each in taken["gremium"]),
                 note="pyHanko's loop keeps no ledger, asks for no release, draws no appearance and looks at nothing afterwards")
    yield Result(program="signing", what="of it in one process however many sign: read, compare, put in place, note", ours=alone,
                 peers={"all of it": tuple(each[1] for each in taken["gremium"])}, unit="ms",
                 note="the share that cannot be divided, beside the waiting for the disk")
    one, two = wall.pop("gremium"), wall.pop("two processes")
    yield Result(program="signing", what="the same in two processes, by the clock", ours=two, peers={"one process": one}, unit="ms",
                 bound=f"{TWO:g} times faster than one, on a quiet machine", kept=statistics.median(one) >= TWO * statistics.median(two))


def waited(workspace: Workspace, pdf: bytes, papers: int, rounds: int) -> Result:
    """One signature of level B-LT: what it costs here, and how long the time-stamp service lets it wait."""
    taken: list[Taken] = []
    waits: list[float] = []
    with authority(workspace.root) as service:
        signing = SigningSettings(level="B-LT", timestamp=service, keys={FIELD: KeyPair(certificate=f"{FIELD}-certificate.pem", key=f"{FIELD}.pem")})
        lasting = Workspace(workspace.root, workspace.settings.model_copy(update={"signing": signing}))
        for _ in range(rounds):
            with patched(waits):
                taken.append(ours(lasting, pdf, papers, 1))
    return Result(program="signing", what="one signature of level B-LT, processor", ours=tuple(each[1] for each in taken), unit="ms",
                  peers={"by the clock": tuple(each[0] for each in taken), "of that waiting for the service": (sum(waits) * 1000 / papers / rounds,)},
                  note="the authority answers on this machine, from a process of its own; revocation is asked about once a run")


@contextmanager
def patched(waits: list[float]) -> Iterator[None]:
    """Keeps how long the time-stamp service took for each answer."""
    ask = TimeService._post

    def timed(service: TimeService, body: bytes) -> bytes:
        start = time.perf_counter()
        try:
            return ask(service, body)
        finally:
            waits.append(time.perf_counter() - start)
    with patch.object(TimeService, "_post", timed):
        yield


@contextmanager
def authority(root: Path) -> Iterator[str]:
    """The tests' authority in a process of its own, trusted in this workspace; gives the address of its time-stamp service."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        process = context.Process(target=serving, args=(folder, there))
        process.start()
        service: str = here.recv()
        (root / "inputs" / "trust").mkdir(exist_ok=True)
        shutil.copy(f"{folder}/root-certificate.pem", root / "inputs" / "trust" / "bench.pem")
        for name in (f"{FIELD}.pem", f"{FIELD}-certificate.pem"):
            shutil.copy(f"{folder}/{name}", root / name)
        try:
            yield service
        finally:
            here.send("done")
            process.join()


def serving(folder: str, pipe: Connection) -> None:
    """What that process does, until it is told that it is over."""
    from tests.signing import authority as certification
    certification.CONFIG = certification.CONFIG.replace("2018-01-01", "2029-01-01")     # the keys of the tests end before this bench
    with certification.running(Path(folder), NOW) as there:
        pipe.send(there.time)
        pipe.recv()


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


if __name__ == "__main__":
    sys.exit(main())
