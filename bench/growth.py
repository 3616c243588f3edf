"""What one document costs when there are 100, 1,000, 10,000, 100,000 of them, beside what its bytes alone cost.

    python -m bench.growth [--most 100000] [--quick] [--everything]

Every number of documents is measured in a process of its own, in processor time; memory is the most that process held. The floors:

    check      python-calamine reads the same cells
    plan       the papers' contents as JSON, hashed
    merge      Jinja, deflate and zip on the prepared template, without the proof
    make       really making papers, Word and PDF, all in one process; the floor is WeasyPrint's layout alone
    build      files of the same size written, synced, renamed; the making of papers is pretended, or it would hide the rest
    approve    the same files read and hashed
    sign       one RSA signature and one empty update
    freeze     the letter in base64, written, synced, renamed
    send       the same bytes by smtplib over one connection, without a journal
    status     the same files looked for
    report     the page's facts about each paper as JSON

Draws docs/pictures/growth.svg from what is kept in bench/results.json: `python -m bench.growth --draw`.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.measure import ROOT, Result, missed, peak, processor

if TYPE_CHECKING:
    from pipeline.ledger import Ledger
    from pipeline.papers.draft import Draft
    from pipeline.workspace import Workspace

COUNTS = (100, 1_000, 10_000, 100_000)
LARGEST = {"make": 10_000, "sign": 10_000}      # unless everything is asked for: ten times as many take two hours, and three quarters of one
STEEPER = 1.5           # times the price a document has at a tenth of the number: more is not linear
PICTURE = ROOT / "docs" / "pictures" / "growth.svg"
Prices = dict[str, float]       # seconds for all: ours, the floor; megabytes


def check(count: int) -> Prices:
    """`gremium check` of so many partner rows, start included."""
    from bench.tables import _ALONE, measured, workspace
    with tempfile.TemporaryDirectory() as folder:
        path = workspace(Path(folder), count)
        ours = measured([sys.executable, "-m", "pipeline", "-C", str(path.parent.parent), "check"])
        alone = measured([sys.executable, "-c", _ALONE, str(path)])
    return {"seconds": ours[0], "floor": alone[0], "memory": ours[2]}


def planned(count: int) -> Prices:
    """A plan in which all is missing."""
    from bench.build import invitations, office
    from pipeline.build.inputs import flat
    from pipeline.build.plan import plan
    from pipeline.ledger import Ledger
    with office() as workspace:
        papers = invitations(workspace, count)
        with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
            took = processor(lambda: plan(workspace, papers, {}, ledger))
        floor = processor(lambda: [hashlib.sha256(json.dumps(dict(flat(paper.context))).encode()).digest() for paper in papers])
    return {"seconds": took, "floor": floor, "memory": peak()}


def merge(count: int) -> Prices:
    """Memoranda merged in memory, by one process."""
    from bench.word import PARTNERS, contexts, floor, ours, turn
    given = contexts()
    took = turn(ours(given), 0, count)
    held, some = peak(), min(count, 10_000)
    return {"seconds": took * count / 1000, "floor": turn(floor(given), PARTNERS, some) * count / 1000, "memory": held}


def build(count: int) -> Prices:
    """What the coordinator does for papers others make: files to disk, ledger."""
    from bench.build import NOW, Pretended, invitations, office
    from pipeline.build import run as running
    from pipeline.build.plan import plan
    from pipeline.ledger import Ledger
    running._executor = lambda *_: Pretended()  # type: ignore[attr-defined,assignment]  # what is measured is all the rest
    with office() as workspace, Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        made = plan(workspace, invitations(workspace, count), {}, ledger)
        took = processor(lambda: running.run(workspace, made, ledger, jobs=2, keep_going=True, progress=lambda *_: None,
                                             now=lambda: NOW, by="bench"))
        held = peak()
        docx, pdf = os.urandom(20_000), os.urandom(60_000)
        some = min(count, 10_000)
        floor = processor(lambda: [_written(workspace.root / f"floor-{number}", data) for number in range(some) for data in (docx, pdf)])
    return {"seconds": took, "floor": floor * count / some, "memory": held}


def _written(path: Path, data: bytes) -> None:
    beside = path.with_suffix(".part")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def make(count: int) -> Prices:
    """Papers really made, in one process."""
    from bench.build import NOW, invitations, office
    from bench.pdf import LAYOUT_ALONE, warm, words
    from pipeline.build.plan import plan
    from pipeline.build.run import run
    from pipeline.ledger import Ledger
    with office() as workspace, Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        made = plan(workspace, invitations(workspace, count), {}, ledger)
        took = processor(lambda: run(workspace, made, ledger, jobs=1, keep_going=True, progress=lambda *_: None, now=lambda: NOW, by="bench"))
        held = peak()
        layout = median(warm(words("invitation", 1, workspace.root)[0], workspace.root)[LAYOUT_ALONE])
    return {"seconds": took, "floor": layout * count / 1000, "memory": held}


def approve(count: int) -> Prices:
    """Papers released: their files read and hashed, one decision each noted."""
    from bench.build import NOW
    from pipeline.release import Approver, envelopes
    from pipeline.release import approve as approved
    with _built(count) as (workspace, papers, ledger):
        rows, envelope = tuple(ledger.documents().values()), envelopes(workspace)
        took = processor(lambda: approved(workspace, ledger, rows, Approver(name="Leitung"), NOW,
                                          envelopes={draft.key: envelope(draft) for draft in papers}))
        held = peak()
        floor = processor(lambda: [hashlib.sha256((workspace.root / name).read_bytes()).hexdigest() for row in rows for name in (row.docx, row.pdf)])
    return {"seconds": took, "floor": floor, "memory": held}


def status(count: int) -> Prices:
    """Where each paper stands, the plan ready."""
    from pipeline.build.plan import plan
    from pipeline.status import status as stands
    with _built(count) as (workspace, papers, ledger):
        made = plan(workspace, papers, {}, ledger)
        took = processor(lambda: stands(workspace, made, ledger))
        held, rows = peak(), tuple(ledger.documents().values())
        floor = processor(lambda: [(workspace.root / name).stat() for row in rows for name in (row.docx, row.pdf)])
    return {"seconds": took, "floor": floor, "memory": held}


@contextmanager
def _built(count: int) -> Iterator[tuple[Workspace, list[Draft], Ledger]]:
    """A workspace in which so many papers lie, of four bytes each file."""
    from bench.build import invitations, noted, office
    from pipeline.build.plan import plan
    from pipeline.ledger import Ledger
    with office() as workspace, Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        papers = invitations(workspace, count)
        noted(workspace, plan(workspace, papers, {}, ledger), ledger)
        yield workspace, papers, ledger


def sign(count: int) -> Prices:
    """Memoranda signed once each by one process, PAdES B-B."""
    from bench.signing import FIELD, floor, ours
    from pipeline.signing import demo
    from pipeline.workspace import Workspace
    from tests.office import gremium, small
    with tempfile.TemporaryDirectory() as folder:
        house = small(Path(folder))
        if (built := gremium(house, "build", "memorandum")).returncode:
            sys.exit(built.stderr)
        workspace = Workspace.open(house)
        pdf = min((workspace.outputs / "memorandum").glob("*.pdf")).read_bytes()
        demo.key(workspace, workspace.settings.initiators[0])
        took = ours(workspace, pdf, count, 1)[1]
        held, some = peak(), min(count, 1_000)
        alone = floor(pdf, workspace.outputs / "demo-keys" / f"{FIELD}.p12", some)[1]
    return {"seconds": took * count / 1000, "floor": alone * count / 1000, "memory": held}


def freeze(count: int) -> Prices:
    """Messages composed, checked, on disk, noted."""
    from bench.mail import NOW, letters
    from pipeline.ledger import Ledger
    from pipeline.mail.outbox import freeze as frozen
    from pipeline.mail.sheet import plan
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mailing = letters(folder, count)
        with Ledger(folder / "outputs" / "ledger.sqlite") as ledger:
            due = plan(mailing, ledger).due
            took = processor(lambda: frozen(mailing, due, ledger, NOW))
        held, letter = peak(), os.urandom(40_000)
        some = min(count, 10_000)
        floor = processor(lambda: [_written(folder / f"floor-{number}", base64.encodebytes(letter)) for number in range(some)])
    return {"seconds": took, "floor": floor * count / some, "memory": held}


def send(count: int) -> Prices:
    """Frozen messages handed over one by one to a server that does nothing."""
    from bench.mail import NOW, gremium, letters, push
    from pipeline.ledger import Ledger
    from pipeline.mail.outbox import freeze as frozen
    from pipeline.mail.sheet import plan
    from tests.mail.servers import sink
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        mailing = letters(folder, count)
        ledger = stack.enter_context(Ledger(folder / "outputs" / "ledger.sqlite"))
        due = plan(mailing, ledger).due
        frozen(mailing, due, ledger, NOW)
        server = stack.enter_context(sink())
        took = processor(lambda: gremium(mailing, ledger, server, due, 1))
        held = peak()
        some = [path.read_bytes() for path in sorted((folder / "outputs" / "outbox").rglob("*.eml"))[:1000]]
        floor = processor(lambda: push(server, some))
    return {"seconds": took, "floor": floor * count / len(some), "memory": held}


def report(count: int) -> Prices:
    """The status page of so many papers."""
    from pipeline.report.page import page
    from tests.report.views import many, view
    shown = view(many(count))
    took = processor(lambda: page(shown))
    held = peak()
    return {"seconds": took, "floor": processor(lambda: json.dumps([asdict(document) for document in shown.status.documents])), "memory": held}


STAGES: Mapping[str, Callable[[int], Prices]] = {
    "check": check, "plan": planned, "merge": merge, "make": make, "build": build, "approve": approve, "sign": sign,
    "freeze": freeze, "send": send, "status": status, "report": report}


def measures(most: int = 100_000, *, quick: bool = False, everything: bool = False) -> Iterator[Result]:
    """Every stage at every number of documents up to the largest."""
    most = 1_000 if quick else most
    for stage in STAGES:
        before = 0.0
        largest = most if everything else min(most, LARGEST.get(stage, most))
        for count in (count for count in COUNTS if count <= largest):
            found = _apart(stage, count)
            each, floor = found["seconds"] / count * 1000, found.get("floor", 0.0) / count * 1000
            yield Result(program="growth", what=f"{stage}, one of {count:,}, processor", ours=(each,), unit="ms",
                         peers={"floor": (floor,)} if floor else {},
                         bound=f"at most {STEEPER:g} times the price at a tenth of the number" if before else "",
                         kept=each <= STEEPER * before if before else None, note=f"memory {found['memory']:.0f} MB")
            before = each


def _apart(stage: str, count: int) -> Prices:
    done = subprocess.run([sys.executable, "-m", "bench.growth", "--stage", stage, str(count)], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{stage} {count}: {done.stderr[-2000:]}")
    found: Prices = json.loads(done.stdout.splitlines()[-1])
    return found


def draw(results: list[Result]) -> None:
    """The prices of one document and the memory, over the number of documents."""
    import matplotlib as mpl
    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "gremium", "svg.fonttype": "none", "font.family": "sans-serif"})
    from matplotlib import pyplot
    figure, (prices, memory) = pyplot.subplots(1, 2, figsize=(9.6, 4), layout="constrained")
    colours = pyplot.get_cmap("tab20").colors      # type: ignore[attr-defined]  # of a list of colours
    for stage, colour in zip(STAGES, (*colours[::2], "black"), strict=False):
        matched = ((re.match(rf"{stage}, one of ([\d,]+),", result.what), result) for result in results)
        points = [(int(found[1].replace(",", "")), result) for found, result in matched if found]
        counts = [count for count, _ in points]
        prices.plot(counts, [result.mine for _, result in points], marker="o", color=colour, label=stage)
        floors = [(count, result.peers["floor"][0]) for count, result in points if "floor" in result.peers]
        if floors:
            prices.plot(*zip(*floors, strict=True), linestyle=":", color=colour)
        memory.plot(counts, [float(result.note.split()[1]) for _, result in points], marker="o", color=colour)
    for axes, title in ((prices, "processor time for one document, ms (dotted: its floor)"), (memory, "memory, MB")):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xticks(COUNTS, [f"{count:,}" for count in COUNTS])
        axes.set_title(title, fontsize=9)
        axes.set_xlabel("documents", fontsize=9)
        axes.grid(alpha=0.3)
    prices.set_yticks(marks := (0.01, 0.1, 1, 10, 100), [f"{mark:g}" for mark in marks])
    memory.set_ylim(40, 1000)
    memory.set_yticks(marks := (50, 100, 200, 500, 1000), [f"{mark:g}" for mark in marks])
    memory.tick_params(which="minor", labelleft=False)
    figure.legend(loc="outside right center", fontsize=8)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, metadata={"Date": None, "Title": "What one document costs, by how many there are"})


def main() -> int:
    """Prints the figures; 1 where something is not linear."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=100_000)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--everything", action="store_true", help="make and sign up to the largest number as well, which takes three hours")
    parser.add_argument("--stage", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--draw", action="store_true")
    asked = parser.parse_args()
    if asked.stage:
        print(json.dumps(STAGES[asked.stage[0]](int(asked.stage[1]))))
        return 0
    if asked.draw:
        from bench.__main__ import RESULTS, read
        draw([read(values) for values in json.loads(RESULTS.read_text("utf-8"))["programs"]["growth"]["results"]])
        return 0
    return missed(measures(asked.most, quick=asked.quick, everything=asked.everything))


if __name__ == "__main__":
    sys.exit(main())
