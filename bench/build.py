"""What a build costs beside the rooms' own work: nothing to do, planning, memory, processes, overhead, help.

    python -m bench.build [NAME …]        (default: all)

Times are processor time, as other work on the machine does not change it, unless a line says otherwise; compared commands run
in the order A B A B, the figures are medians.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.measure import ROOT, Result, Values, missed, peak, resident, spent, turns
from pipeline.build.executors import Failure
from pipeline.build.forms import remembered
from pipeline.build.inputs import seen
from pipeline.build.plan import Plan, plan
from pipeline.build.produce import Artefact, Job
from pipeline.build.run import run
from pipeline.ledger import DocumentRow, Ledger
from pipeline.papers.draft import Draft
from pipeline.papers.kinds import drafts
from pipeline.tables.load import load
from pipeline.workspace import Workspace

ROUNDS = 5
PAPERS = 100        # of each kind, for the comparison of one process with two
IDLE, ADDED, TWO, HELP = 3.0, 0.1, 1.8, 2.5        # the goals of issue 6
MANY, PLAN, HELD, ABOUT = 100_000, 6.0, 400.0, 1.05     # and of its plan: papers, seconds, megabytes, and what "about" is taken to mean
NOW = dt.datetime(2017, 5, 4, 10, tzinfo=dt.UTC)
AT_ONCE = 1000      # papers noted together; their inputs would else count as the plan's memory
MADE = b"made"
SAME = hashlib.sha256(MADE).hexdigest()


def beside(ours: Sequence[object], peer: str, other: Sequence[object]) -> tuple[Values, dict[str, Values]]:
    """Two commands in turns, their processor seconds."""
    taken = turns({"gremium": lambda: spent(*ours).cpu, peer: lambda: spent(*other).cpu}, ROUNDS)
    return taken.pop("gremium"), taken


def figure(what: str, ours: Values, unit: str, **rest: object) -> Result:
    """One figure of this room."""
    return Result(program="build", what=what, ours=ours, unit=unit, **rest)  # type: ignore[arg-type]  # peers, bound, kept, note


@contextmanager
def office() -> Iterator[Workspace]:
    """A copy of the example, in which nothing was built."""
    with tempfile.TemporaryDirectory() as folder:
        for part in ("inputs", "templates"):
            shutil.copytree(ROOT / part, Path(folder) / part)
        yield Workspace.open(Path(folder))


def invitations(workspace: Workspace, count: int) -> list[Draft]:
    """The example's invitations, repeated under keys of their own."""
    ours = [draft for draft in drafts(load(workspace).value) if draft.kind == "invitation"]
    return [replace(ours[number % len(ours)], key=f"invitation/M-{number // 1000:03}/{number:06}", stem=f"invitation-{number:06}",
                    context={**ours[number % len(ours)].context, "date": f"{number}"}) for number in range(count)]


def noted(workspace: Workspace, made: Plan, ledger: Ledger) -> None:
    """As if the plan had been carried out, with four bytes for each file."""
    remembered(made.templates.values(), ledger)
    rows: list[DocumentRow] = []
    for entry in made.due:
        if len(rows) == AT_ONCE:
            ledger.built(rows, NOW)
            rows.clear()
        assert entry.draft
        stem = f"outputs/{entry.kind}/{entry.draft.stem}"
        for ending in ("docx", "pdf"):
            path = workspace.root / f"{stem}.{ending}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(MADE)
        rows.append(DocumentRow(
            key=entry.key, kind=entry.kind, subject=entry.draft.stem, docx=f"{stem}.docx", pdf=f"{stem}.pdf", revision=1,
            fingerprint=entry.fingerprint, inputs=made.inputs(entry.draft), docx_sha256=SAME, pdf_sha256=SAME, seconds=0.1, built_by="bench",
            built_at="2017-05-04T10:00:00Z", docx_seen=seen(workspace.root / f"{stem}.docx"), pdf_seen=seen(workspace.root / f"{stem}.pdf")))
    ledger.built(rows, NOW)


_BASELINE = ("import sys; from pathlib import Path; from pipeline.tables.load import load; from pipeline.workspace import Workspace; "
             "from pipeline.build.watch import contents; w = Workspace.open(Path(sys.argv[1])); load(w); contents(w)")


def nothing() -> Iterator[Result]:
    """`gremium build` with nothing to do, beside reading the tables and hashing the inputs alone."""
    from bench.tables import workspace as tables
    with tempfile.TemporaryDirectory() as folder:
        root = tables(Path(folder), 2000).parent.parent
        workspace = Workspace.open(root)
        papers = drafts(load(workspace).value)
        with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
            noted(workspace, plan(workspace, papers, {}, ledger), ledger)
        ours, peers = beside((sys.executable, "-m", "pipeline", "-C", root, "-q", "build", "--keep-going"),
                             "tables and hashes alone", (sys.executable, "-c", _BASELINE, root))
    ratio = median(ours) / median(peers["tables and hashes alone"])
    yield figure(f"nothing to do for {len(papers):,} papers, processor", ours, "s", peers=peers, bound=f"at most {IDLE:g} times", kept=ratio <= IDLE)


def planning() -> Iterator[Result]:
    """A plan of many papers, missing and fresh; each in a process of its own."""
    for count in (10_000, 30_000, 100_000):
        said = subprocess.run([sys.executable, "-m", "bench.build", "--plan", str(count)], check=True, capture_output=True, text=True).stdout
        told = json.loads(said)
        for state in ("missing", "fresh"):
            promised: dict[str, object] = {} if count < MANY else {
                "bound": f"about {PLAN:g} s and {HELD:g} MB for {MANY:,}",
                "kept": told[state] <= ABOUT * PLAN and told["peak"] <= ABOUT * HELD}
            yield figure(f"planning one of {count:,} papers that are all {state}, processor", (told[state] / count * 1e6,), "µs", **promised,
                         note=f"the plan holds {told['held']:.0f} MB; peak of all, drafts included, {told['peak']:.0f} MB")


def planned(count: int) -> None:
    """One process's part of `planning`: prints its figures."""
    with office() as workspace:
        papers = invitations(workspace, count)
        with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
            before, start = resident(), time.process_time()
            made = plan(workspace, papers, {}, ledger)
            missing, held = time.process_time() - start, resident() - before
            noted(workspace, made, ledger)
            del made
            start = time.process_time()
            made = plan(workspace, papers, {}, ledger)
            fresh = time.process_time() - start
            assert not made.due
    print(json.dumps({"missing": missing, "fresh": fresh, "held": held, "peak": peak()}))


class Pretended:
    """An executor that makes papers of the usual size and does no work."""

    def outcomes(self, take: Callable[[], Job | None]) -> Iterator[Artefact | Failure]:
        while (job := take()) is not None:
            yield Artefact(key=job.draft.key, docx=job.draft.key.encode() + os.urandom(1000) * 20, pdf=os.urandom(1000) * 60, seconds=0.1)


def memory() -> Iterator[Result]:
    """The coordinator's memory along 10,000 invitations, whose making is pretended."""
    from pipeline.build import run as running
    with office() as workspace, Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        papers = invitations(workspace, 10_000)
        made = plan(workspace, papers, {}, ledger)
        at: dict[int, float] = {}
        running._executor = lambda *_: Pretended()      # what is measured is all the rest

        def watch(done: int, total: int, trouble: str = "") -> None:
            if done in (1000, 5000, 10_000):
                at[done] = resident()

        start = time.process_time()
        run(workspace, made, ledger, jobs=2, keep_going=True, progress=watch, now=lambda: NOW, by="bench")
        each = (time.process_time() - start) / len(papers)
    yield figure("coordinator's memory after 10,000 invitations, whose making is pretended", (at[10_000],), "MB",
                 note=", ".join(f"{held:.0f} MB after {done:,}" for done, held in at.items()))
    yield figure("coordinator's own work for one of them: files to disk, ledger; processor", (each * 1000,), "ms")


def overhead() -> Iterator[Result]:
    """A build in one process: what it spends outside the rooms, planning and files and ledger, beside what they spend."""
    from pipeline.build import executors
    inside = [0.0]
    make = executors.attempt

    def watched(job: Job) -> Artefact | Failure:
        start = time.process_time()
        outcome = make(job)
        inside[0] += time.process_time() - start
        return outcome

    executors.attempt = watched  # type: ignore[assignment]  # a stopwatch around the rooms
    with office() as workspace, Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        papers = invitations(workspace, 100)
        start = time.process_time()
        run(workspace, plan(workspace, papers, {}, ledger), ledger, jobs=1, keep_going=True, progress=lambda done, total, trouble="": None,
            now=lambda: NOW, by="bench")
        whole = time.process_time() - start
    rooms, outside = inside[0], whole - inside[0]
    yield figure("what a build adds to one paper, processor", (outside / 100 * 1000,), "ms", peers={"the rooms": (rooms / 100 * 1000,)},
                 bound=f"at most {ADDED:.0%} of the rooms' own work", kept=outside <= ADDED * rooms)


def processes() -> Iterator[Result]:
    """One process and two: wall time, so only on a quiet machine. Reading the tables and planning are in it, and only one process does that."""
    from bench.whole import office as large
    with tempfile.TemporaryDirectory() as name:
        folder = large(Path(name) / "office", PAPERS)

        def build(jobs: str) -> float:
            shutil.rmtree(folder / "outputs", ignore_errors=True)
            return spent(sys.executable, "-m", "pipeline", "-C", folder, "-q", "build", "memorandum", "invitation", "--jobs", jobs).wall
        taken = turns({"gremium": lambda: build("2"), "one process": lambda: build("1")}, 3)
    ours, one = taken.values()
    yield figure(f"building {PAPERS} memoranda and as many invitations in two processes, by the clock", ours, "s", peers={"one process": one},
                 bound=f"{TWO:g} times faster than one, on a quiet machine", kept=median(one) >= TWO * median(ours),
                 note=f"load {os.getloadavg()[0]:.1f}")


def help() -> Iterator[Result]:
    """`gremium --help` beside importing click."""
    ours, peers = beside((sys.executable, "-m", "pipeline", "--help"), "import click", (sys.executable, "-c", "import click"))
    yield figure("gremium --help, processor", ours, "s", peers=peers, bound=f"at most {HELP:g} times importing click",
                 kept=median(ours) <= HELP * median(peers["import click"]))


QUICK = ("help", "nothing", "overhead")
MEASURES = {measure.__name__: measure for measure in (help, nothing, overhead, planning, memory, processes)}


def measures(names: Sequence[str] = (), *, quick: bool = False) -> Iterator[Result]:
    """All figures of this room, or those named."""
    for name in names or (QUICK if quick else MEASURES):
        yield from MEASURES[name]()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--plan"]:
        planned(int(sys.argv[2]))
    else:
        sys.exit(missed(measures(sys.argv[1:])))
