"""How long it takes to receive a stack of scanned memoranda: sorted by their marks, compared page by page with what was given out.

    .venv/bin/python -m bench.scans [--papers 50] [--rounds 1] [--jobs 2] [--shuffled]

Real memoranda of four pages, printed, signed and scanned by `tests.scanner`: 150 dpi, grey, JPEG, each sheet askew in its own way.
Measured is `pipeline.signing.stacks.sort`, everything from the bytes of one PDF to the verdicts. Wanted: 200 pages under 90 s on
two cores. Time on the wall tells only on a quiet machine; the processor's time, which is printed with --jobs 1, tells anywhere.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bench.measure import Result, missed
from pipeline.ledger import DocumentRow, IssueRow
from pipeline.papers.kinds import KINDS
from pipeline.papers.sample import sample_alliance
from pipeline.pdf.render import to_pdf
from pipeline.pdf.scan import pages
from pipeline.records import Provenance
from pipeline.signing.arrival import House, Received
from pipeline.signing.stacks import sort
from pipeline.word.template import Template
from pipeline.workspace import Workspace
from tests.office import ROOT
from tests.scanner import DPI, Scanner, handwriting, printed, stack, with_writing

NOW = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
WANTED = 90.0


def main() -> int:
    """Prints the figures; 1 where something promised is missed."""
    words = argparse.ArgumentParser()
    words.add_argument("--papers", type=int, default=50)
    words.add_argument("--rounds", type=int, default=1)
    words.add_argument("--jobs", type=int, default=2)
    words.add_argument("--shuffled", action="store_true", help="the pages of all papers in any order")
    asked = words.parse_args()
    return missed(measures(asked.papers, asked.rounds, asked.jobs, shuffled=asked.shuffled))


def measures(papers: int = 50, rounds: int = 1, jobs: int = 2, *, shuffled: bool = False, quick: bool = False) -> Iterator[Result]:
    """Receiving one stack."""
    papers = 5 if quick else papers
    with tempfile.TemporaryDirectory() as folder:
        house, sheets = office(Path(folder), papers)
        if shuffled:
            random.Random(1).shuffle(sheets)
        scanned = stack([Scanner(angle=random.Random(number).uniform(-2, 2) + 180 * (number % 7 == 3), seed=number).scan(sheet)
                         for number, sheet in enumerate(sheets)])
        taken = [round_of(scanned, house, papers, jobs) for _ in range(rounds)]
    wall = tuple(each[0] for each in taken)
    most = WANTED * len(sheets) / 200
    yield Result(program="scans", what=f"receiving {len(sheets)} scanned pages of {papers} memoranda, {jobs} processes, by the clock",
                 ours=wall, unit="s", bound=f"at most {most:.0f} s on a quiet machine with two cores", kept=statistics.median(wall) <= most,
                 note=f"{statistics.median(wall) / len(sheets) * 1000:.0f} ms a page, {len(scanned) / 1e6:.1f} MB")
    if jobs == 1:     # what other processes use is theirs
        cpu = tuple(each[1] for each in taken)
        yield Result(program="scans", what="the same, processor", ours=cpu, unit="s", note=f"{statistics.median(cpu) / 2:.1f} s on two cores")


def office(folder: Path, papers: int) -> tuple[House, list[object]]:
    """Memoranda given out, and their sheets as partners send them back."""
    alliance = sample_alliance()
    draft = next(KINDS["memorandum"].drafts(alliance))
    template = Template.open(ROOT / "templates" / draft.template)
    documents: dict[str, DocumentRow] = {}
    issues: dict[str, list[IssueRow]] = {}
    sheets: list[object] = []
    for number in range(papers):
        key = f"memorandum/B-{number:03}"
        origin = Provenance(key=key, revision=1, fingerprint="f" * 64, template=template.sha256, tool="bench")
        docx = template.render(draft.context, title=draft.subject, date=draft.date, provenance=origin)
        pdf = to_pdf(docx, signatures=draft.signatures, provenance=origin, date=draft.date)
        name, sha256 = f"{number}.pdf", hashlib.sha256(pdf).hexdigest()
        (folder / name).write_bytes(pdf)
        documents[key] = DocumentRow(key=key, kind="memorandum", subject="", docx=name, pdf=name, revision=1, fingerprint="", inputs={},
                                     docx_sha256=sha256, pdf_sha256=sha256, seconds=0, built_by="bench", built_at="2026-12-31T00:00:00Z")
        issues[key] = [IssueRow(key=key, revision=1, base_sha256=sha256, sha256=sha256, path=name, way="post", issued_at="2026-12-31T00:00:00Z")]
        paper = printed(pdf)
        place, box = next((at, field.box) for at, page in enumerate(pages(pdf)) for field in page.fields if field.name == "partner")
        paper[place] = with_writing(paper[place], [handwriting(box[0] * 25.4 / DPI + 3, box[1] * 25.4 / DPI + 2, seed=number)])
        sheets += paper
    house = House(workspace=Workspace(folder, alliance.settings), documents=documents, revisions={}, issues=issues, signatures={}, returns={},
                  trust=(), now=NOW)
    return house, sheets


def round_of(scanned: bytes, house: House, papers: int, jobs: int) -> tuple[float, float]:
    began, before = time.perf_counter(), processors()
    found = list(sort([Received("stack.pdf", scanned, "scan")], replace(house), lambda done, total: None, jobs=jobs))
    taken = time.perf_counter() - began, processors() - before
    states = {str(each.state) for each in found}
    assert (len(found), states) == (papers, {"to-confirm"}), [each.sentence for each in found if each.state != "to-confirm"][:3]
    return taken


def processors() -> float:
    """Seconds of processor time so far, of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
