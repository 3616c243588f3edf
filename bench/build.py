"""What a build costs beside the rooms' own work: nothing to do, planning, memory, processes, overhead, help.

    python -m bench.build [NAME …]        (default: all)

Times are processor time, as other work on the machine does not change it, unless a line says otherwise; compared commands run
in the order A B A B, the figures are medians.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import resource
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
EXAMPLE = Path(__file__).parent.parent
NOW = dt.datetime(2017, 5, 4, 10, tzinfo=dt.UTC)
MADE = b"made"
SAME = hashlib.sha256(MADE).hexdigest()


def spent(*command: str) -> tuple[float, float]:
    """Processor and wall seconds of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - start


def compared(one: Sequence[str], other: Sequence[str]) -> tuple[float, float]:
    """The medians of two commands."""
    pairs = [(spent(*one)[0], spent(*other)[0]) for _ in range(ROUNDS)]
    return median(first for first, _ in pairs), median(second for _, second in pairs)


@contextmanager
def office() -> Iterator[Workspace]:
    """A copy of the example, in which nothing was built."""
    with tempfile.TemporaryDirectory() as folder:
        for part in ("inputs", "templates"):
            shutil.copytree(EXAMPLE / part, Path(folder) / part)
        yield Workspace.open(Path(folder))


def invitations(workspace: Workspace, count: int) -> list[Draft]:
    """The example's invitations, repeated under keys of their own."""
    ours = [draft for draft in drafts(load(workspace).value) if draft.kind == "invitation"]
    return [replace(ours[number % len(ours)], key=f"invitation/M-{number // 1000:03}/{number:06}", stem=f"invitation-{number:06}",
                    context=ours[number % len(ours)].context | {"date": f"{number}"}) for number in range(count)]


def noted(workspace: Workspace, made: Plan, ledger: Ledger) -> None:
    """As if the plan had been carried out, with four bytes for each file."""
    rows = []
    for entry in made.due:
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
    remembered(made.templates.values(), ledger)
    ledger.built(rows, NOW)


_BASELINE = ("import sys; from pathlib import Path; from pipeline.tables.load import load; from pipeline.workspace import Workspace; "
             "from pipeline.build.watch import contents; w = Workspace.open(Path(sys.argv[1])); load(w); contents(w)")


def nothing() -> Iterator[str]:
    """`gremium build` with nothing to do, beside reading the tables and hashing the inputs alone."""
    from bench.tables import workspace as tables
    with tempfile.TemporaryDirectory() as folder:
        root = tables(Path(folder), 2000).parent.parent
        workspace = Workspace.open(root)
        papers = drafts(load(workspace).value)
        with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
            noted(workspace, plan(workspace, papers, {}, ledger), ledger)
        alone, build = compared((sys.executable, "-c", _BASELINE, str(root)),
                                (sys.executable, "-m", "pipeline", "-C", str(root), "-q", "build", "--keep-going"))
        start = median(spent(sys.executable, "-c", "pass")[0] for _ in range(ROUNDS))
        yield (f"nothing to do, {len(papers)} papers: tables and hashes {alone:.2f} s, build {build:.2f} s, ratio {build / alone:.2f} (at most 3); "
               f"beyond interpreter start {build - start:.2f} s")


def planning() -> Iterator[str]:
    """A plan of many papers, missing and fresh; each in a process of its own."""
    for count in (10_000, 30_000):        # linear; 100,000 write 200,000 files first
        said = subprocess.run([sys.executable, "-m", "bench.build", "--plan", str(count)], check=True, capture_output=True, text=True).stdout
        yield said.strip()


def planned(count: int) -> None:
    """One process's part of `planning`: prints its figures."""
    with office() as workspace:
        papers = invitations(workspace, count)
        with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
            before, start = _memory(), time.process_time()
            made = plan(workspace, papers, {}, ledger)
            missing, held = time.process_time() - start, _memory() - before
            noted(workspace, made, ledger)
            del made
            start = time.process_time()
            made = plan(workspace, papers, {}, ledger)
            fresh = time.process_time() - start
            assert not made.due
    print(f"planning {count} papers: missing {missing:.2f} s ({missing / count * 1e6:.0f} µs each), plan holds {held:.0f} MB; "
          f"fresh {fresh:.2f} s ({fresh / count * 1e6:.0f} µs each); peak of all {_peak():.0f} MB, drafts included")


class Pretended:
    """An executor that makes papers of the usual size and does no work."""

    def outcomes(self, take: Callable[[], Job | None]) -> Iterator[Artefact | Failure]:
        while (job := take()) is not None:
            yield Artefact(key=job.draft.key, docx=job.draft.key.encode() + os.urandom(1000) * 20, pdf=os.urandom(1000) * 60, seconds=0.1)


def memory() -> Iterator[str]:
    """The coordinator's memory along 10,000 invitations, whose making is pretended."""
    from pipeline.build import run as running
    with office() as workspace, Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        papers = invitations(workspace, 10_000)
        made = plan(workspace, papers, {}, ledger)
        at: dict[int, float] = {}
        running._executor = lambda *_: Pretended()  # type: ignore[attr-defined,assignment]  # what is measured is all the rest

        def watch(done: int, total: int, trouble: str = "") -> None:
            if done in (1000, 5000, 10_000):
                at[done] = _memory()

        start = time.process_time()
        run(workspace, made, ledger, jobs=2, keep_going=True, progress=watch, now=lambda: NOW, by="bench")
        each = (time.process_time() - start) / len(papers)
    yield ("10,000 invitations: coordinator holds " + ", ".join(f"{held:.0f} MB after {done}" for done, held in at.items())
           + f"; its own work {each * 1000:.1f} ms a paper")


def overhead() -> Iterator[str]:
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
    yield (f"overhead: the rooms {rooms / 100 * 1000:.0f} ms a paper, the build itself {outside / 100 * 1000:.1f} ms, "
           f"{outside / rooms * 100:.1f} % of theirs (at most 10)")


def processes() -> Iterator[str]:
    """One process and two: wall time, so only on a quiet machine."""
    figures = []
    with office() as workspace:
        for _ in range(3):
            pair = []
            for jobs in ("1", "2"):
                shutil.rmtree(workspace.outputs, ignore_errors=True)
                pair.append(spent(sys.executable, "-m", "pipeline", "-C", str(workspace.root), "-q", "build", "invitation", "--jobs", jobs))
            figures.append(pair)
    one, two = (median(pair[side][1] for pair in figures) for side in (0, 1))
    work = [median(pair[side][0] for pair in figures) for side in (0, 1)]
    yield (f"processes, wall: one {one:.1f} s, two {two:.1f} s, ratio {one / two:.2f} (at least 1.8 on a quiet machine; load now "
           f"{os.getloadavg()[0]:.1f}); processor {work[0]:.1f} s and {work[1]:.1f} s")


def help() -> Iterator[str]:
    """`gremium --help` beside importing click."""
    alone, ours = compared((sys.executable, "-c", "import click"), (sys.executable, "-m", "pipeline", "--help"))
    yield f"help: import click {alone * 1000:.0f} ms, gremium --help {ours * 1000:.0f} ms, ratio {ours / alone:.2f} (at most 2.5)"


def _memory() -> float:
    """Megabytes this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


MEASURES = {measure.__name__: measure for measure in (help, nothing, overhead, planning, memory, processes)}


def main(names: Sequence[str]) -> None:
    """Prints one line a figure."""
    for name in names or MEASURES:
        for line in MEASURES[name]():
            print(line, flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--plan"]:
        planned(int(sys.argv[2]))
    else:
        main(sys.argv[1:])
