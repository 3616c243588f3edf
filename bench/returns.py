"""How long it takes to verify a signed memorandum, and to receive one: wanted are 150 ms for the first, once loaded.

    .venv/bin/python -m bench.returns [--rounds 9]

A real memorandum (tagged, PDF/A-3a, five pages) with the signatures of two initiators and the partner. Measured by turns
against pyHanko's own validation of the same signatures, which looks at less: not at what lies before the first signature,
not at what acts by itself, not at the pages. Medians; processor time is what other programs on the machine do not change.
"""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from bench.measure import Result, missed
from pipeline.ledger import Ledger
from pipeline.settings import Initiator
from pipeline.signing import demo
from pipeline.signing.arrival import Received
from pipeline.signing.changes import AFTER_SIGNING
from pipeline.signing.keys import trusted
from pipeline.signing.pen import Pen, Stroke, write
from pipeline.signing.returns import receive
from pipeline.signing.verify import verify
from pipeline.workspace import Workspace
from tests.office import gremium, small

WANTED = 150.0       # milliseconds
Taken = tuple[float, float]


def measures(rounds: int = 9, *, quick: bool = False) -> Iterator[Result]:
    """Verifying and receiving, in turns with pyHanko's own validation."""
    rounds = 3 if quick else rounds
    logging.disable(logging.CRITICAL)       # pyHanko tells of each key it does not know
    with tempfile.TemporaryDirectory() as folder:
        house = small(Path(folder))
        for step in (("build",), ("approve", "--by", "Bench"), ("sign",), ("issue",)):
            done = gremium(house, step[0], "memorandum", *step[1:])
            if done.returncode:
                sys.exit(done.stderr)
        workspace = Workspace.open(house)
        pdf = returned(workspace)
        now, trust = dt.datetime.now(dt.UTC), trusted(workspace)
        with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
            known = ledger.documents()
            ways: dict[str, Callable[[int], object]] = {
                "pyHanko, signatures alone": lambda _: naive(pdf),
                "gremium verify": lambda _: verify(pdf, now=now, trust=trust, known=known),
                "gremium receive": lambda number: receive([Received(f"{number}.pdf", pdf)], workspace, ledger, now=now),
            }
            taken: dict[str, list[Taken]] = {name: [] for name in ways}
            for number in range(-1, rounds):
                for name, way in ways.items():
                    once = measured(lambda way=way, number=number: way(number))  # type: ignore[misc]
                    if number >= 0:          # the first round loads
                        taken[name].append(once)
    peer, verified, received = (tuple(each[1] for each in values) for values in taken.values())
    yield Result(program="returns", what=f"verifying a memorandum of {len(pdf) / 1000:.0f} kB with three signatures, processor", unit="ms",
                 ours=verified, peers={"pyHanko, signatures alone": peer}, bound=f"at most {WANTED:.0f} ms",
                 kept=statistics.median(verified) <= WANTED,
                 note="pyHanko's validation looks at less: not before the first signature, not at what acts by itself, not at the pages")
    yield Result(program="returns", what="receiving it: verified, sorted, noted; processor", ours=received, unit="ms")


def returned(workspace: Workspace) -> bytes:
    """A memorandum as the partner would send it back."""
    given = sorted((workspace.outputs / "signed" / "memorandum").glob("*.pdf"))[0].read_bytes()
    who = demo.key(workspace, Initiator(key="partner", name="Partner"))
    from pipeline.pdf.stamp import signature_page
    stroke = Stroke(field="partner", name="Partner", reason="", at=dt.datetime.now(dt.UTC),
                    picture=lambda width, height: signature_page(("Partner",), width, height))
    return write(given, Pen(who), stroke)


def naive(pdf: bytes) -> None:
    """The loop of pyHanko's own documentation, with the rules for tagged papers."""
    reader = PdfFileReader(BytesIO(pdf))
    for embedded in reader.embedded_regular_signatures:
        validate_pdf_signature(embedded, ValidationContext(trust_roots=[]), diff_policy=AFTER_SIGNING)


def measured(way: Callable[[], object]) -> Taken:
    """Milliseconds by the clock and of the processor."""
    wall, cpu = time.perf_counter(), time.process_time()
    way()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


if __name__ == "__main__":
    words = argparse.ArgumentParser()
    words.add_argument("--rounds", type=int, default=9)
    sys.exit(missed(measures(words.parse_args().rounds)))
