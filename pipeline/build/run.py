"""Carries out a plan: jobs to an executor, files to disk, and to the ledger only what is safely there."""

from __future__ import annotations

import datetime as dt
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from statistics import fmean
from typing import TYPE_CHECKING, Protocol

from pipeline.build.forms import remembered
from pipeline.build.lock import held
from pipeline.build.plan import Entry, NoTemplate, Plan, State, renewed
from pipeline.build.shelf import Shelf, hashes, sweep
from pipeline.errors import GremiumError, TableError, TemplateError, WorkspaceError
from pipeline.findings import Finding
from pipeline.ledger import Ledger
from pipeline.records import Place
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pipeline.build.executors import Executor, Failure
    from pipeline.build.produce import Artefact, File, Job

WORTH = 4                   # papers for which another process pays its start

UNTRIED = 0.2               # seconds a paper takes of which nobody knows yet


class Progress(Protocol):
    """Hears how far a build is."""

    def __call__(self, done: int, total: int, trouble: str = "") -> None:
        """So many papers of so many are done; `trouble` is the last one that failed, and why."""


class Blocked(TableError):
    """Findings hold papers back, and nobody said to go on without them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        first = entries[0]
        many = f"{len(entries)} Papiere sind" if len(entries) > 1 else "1 Papier ist"
        where = f": {first.finding.place}, {first.finding.message}" if first.finding else ""
        super().__init__(f"{many} durch Befunde in den Tabellen gesperrt, zuerst {first.key}{where}",
                         hint="„gremium check“ nennt alle Befunde; --keep-going baut die übrigen.")
        self.keys = tuple(entry.key for entry in entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a build did."""

    built: tuple[str, ...] = ()
    fresh: int = 0
    failed: tuple[Failure, ...] = ()
    blocked: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()      # templates that are not there; their papers are among the blocked
    damaged: tuple[Failure, ...] = ()       # templates that cannot be opened, likewise; each by its file name
    left: tuple[str, ...] = ()      # not begun, because a paper failed or somebody said stop
    interrupted: bool = False
    halt: Failure | None = None     # what ended the build before its time: no space left, no cluster any more
    aside: tuple[str, ...] = ()     # copies of files that somebody had altered by hand
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """That of the first paper that failed, or of what ended the build; 1 when interrupted, 3 when findings held papers back,
        4 when a template is missing or damaged.
        """
        if self.failed:
            return self.failed[0].exit_code
        if self.halt:
            return self.halt.exit_code
        if self.interrupted:
            return GremiumError.exit_code
        if self.lost or self.damaged:
            return TemplateError.exit_code
        return TableError.exit_code if self.blocked else 0

    def as_json(self) -> dict[str, object]:
        """The result as `build --json` gives it."""
        return {"built": list(self.built), "fresh": self.fresh,
                "failed": [{"key": failure.key, "error": failure.error} for failure in self.failed],
                "blocked": list(self.blocked), "lost": list(self.lost),
                "damaged": [{"template": failure.key, "error": failure.error} for failure in self.damaged],
                "left": list(self.left), "aside": list(self.aside),
                "halted": self.halt.error if self.halt else None, "seconds": round(self.seconds, 2)}


def run(workspace: Workspace, plan: Plan, ledger: Ledger, *, jobs: int, keep_going: bool, progress: Progress,  # noqa: PLR0913 the command's own options
        now: Callable[[], dt.datetime], by: str, force: Collection[str] = (), cluster: str = "") -> Result:
    """Builds what is due, and the papers in `force` besides; on the cluster at that address, or here in so many processes.

    A paper that fails stops the build after those under way, unless `keep_going`; a full disk or a lost cluster stops it at
    once, and the result says so and what was finished. Raises what `admitted` raises, before anything is written; Held when
    another build has the workspace, Unlockable when nobody can.
    """
    began = time.perf_counter()
    plan, result = admitted(workspace, plan, keep_going=keep_going, force=force)
    wanted = replace(plan, entries=tuple(entry for entry in plan.entries if _chosen(entry, force)))
    remembered(plan.templates.values(), ledger)
    compared = [entry.row for entry in plan.entries if entry.compared and entry.row]
    if compared:
        ledger.seen(compared)
    if not wanted.entries:
        return replace(result, seconds=time.perf_counter() - began)
    with held(workspace.outputs, command="gremium build", now=now()):
        entries = [_chosen(entry, force) for entry in renewed(workspace, wanted, ledger).entries]
        due = [entry for entry in entries if entry]
        shelf = Shelf(workspace, wanted, ledger, by, now)
        done = _Course(workspace, wanted, due, shelf, keep_going).run(_executor(workspace, wanted, due, jobs, cluster), progress)
        _remember(ledger, done, now())
    fresh = result.fresh - sum(entry.key in force for entry in plan.of(State.FRESH)) + len(entries) - len(due)
    return replace(result, built=done.built, fresh=fresh, failed=done.failed, left=done.left, interrupted=done.interrupted, halt=done.halt,
                   aside=done.aside, seconds=time.perf_counter() - began)


def admitted(workspace: Workspace, plan: Plan, *, keep_going: bool, force: Collection[str] = ()) -> tuple[Plan, Result]:
    """The plan as a build may carry it out, and the result if there were nothing to do; reads, and writes nothing.

    With `keep_going`, papers whose template cannot be opened are blocked like those whose template is not there. Without, it
    raises Blocked when findings hold papers back, and TemplateError; so it does for the style sheet, which all papers share.
    """
    blocked = plan.of(State.BLOCKED)
    if blocked and not keep_going:
        raise NoTemplate(f"templates/{plan.lost[0]}") if plan.lost else Blocked(blocked)
    wanted = [entry for entry in plan.entries if _chosen(entry, force)]
    damaged = _damaged(workspace, plan, wanted)
    if damaged and not keep_going:
        raise next(iter(damaged.values()))
    if damaged:
        told = {name: Finding(place=Place(file=name), rule="template", message=str(error), hint=error.hint) for name, error in damaged.items()}
        plan = plan.without({entry.key: told[entry.draft.template] for entry in wanted if entry.draft and entry.draft.template in told})
    return plan, Result(fresh=len(plan.of(State.FRESH)), blocked=tuple(entry.key for entry in plan.of(State.BLOCKED)), lost=plan.lost,
                        damaged=_failures(damaged))


def _failures(damaged: Mapping[str, TemplateError]) -> tuple[Failure, ...]:
    if not damaged:
        return ()       # and nothing of the machinery of processes is loaded, which a dry run has no use for
    from pipeline.build.executors import failure_of
    return tuple(failure_of(name, error) for name, error in damaged.items())


def _damaged(workspace: Workspace, plan: Plan, entries: Sequence[Entry]) -> Mapping[str, TemplateError]:
    """The templates that cannot be opened, by file name, before anything is written. Raises TemplateError for the style sheet."""
    if not entries:
        return {}
    from pipeline.build.produce import opened, styled
    files, style = _files(workspace, plan, entries)
    styled(style)
    found: dict[str, TemplateError] = {}
    for file in files:
        try:
            opened(file)
        except TemplateError as error:
            found[file.path.name] = error
    return found


def _remember(ledger: Ledger, done: Result, at: dt.datetime) -> None:
    """Notes what failed, for `build --failed`; where the disk is full, what was finished is worth more than this note."""
    if done.failed and not done.halt:
        ledger.failed({failure.key: failure.error for failure in done.failed}, at)


def _chosen(entry: Entry, force: Collection[str]) -> Entry | None:
    if entry.key in force:
        entry = entry.forced()
    return entry if entry.due else None


def _files(workspace: Workspace, plan: Plan, entries: Sequence[Entry]) -> tuple[tuple[File, ...], File]:
    from pipeline.build.produce import File
    names = sorted({entry.draft.template for entry in entries if entry.draft})
    return (tuple(File(path=workspace.templates / name, sha256=plan.templates[name].sha256) for name in names),
            File(path=workspace.templates / "style.css", sha256=plan.style))


def _executor(workspace: Workspace, plan: Plan, due: Sequence[Entry], jobs: int, cluster: str) -> Executor:
    from pipeline.build.executors import Here, Pool
    if cluster:
        from pipeline.build.cluster import Cluster
        return Cluster(cluster)
    processes = min(jobs, len(due) // WORTH)
    return Pool(processes, *_files(workspace, plan, due), papers=len(due)) if processes > 1 else Here()


class _Course:
    """One build from its first job to its last."""

    def __init__(self, workspace: Workspace, plan: Plan, due: Sequence[Entry], shelf: Shelf, keep_going: bool) -> None:
        self._entries = {entry.key: entry for entry in due}
        self._shelf = shelf
        self._keep_going = keep_going
        self._waiting = deque(_jobs(workspace, plan, due))
        self._given: dict[str, Job] = {}
        self._built: list[str] = []
        self._failed: list[Failure] = []
        self._stopped = self._interrupted = False

    def run(self, executor: Executor, progress: Progress) -> Result:
        """Builds until all is done, a paper fails, or somebody says stop; what was finished is in the ledger in any case."""
        halt: Failure | None = None
        try:
            sweep(self._shelf.workspace, {entry.kind for entry in self._entries.values()})
            progress(0, len(self._entries))
            try:
                with _listening(self._interrupt):
                    self._carry_out(executor, progress)
            finally:
                self._shelf.note()
            self._shelf.done()
        except WorkspaceError:
            raise       # nothing was begun: a wrong address of the cluster
        except GremiumError as error:
            from pipeline.build.executors import failure_of
            halt = failure_of("", error)
        unsafe = {row.key for row in self._shelf.rows}       # on disk, but the ledger could not be told
        done = {*self._built, *(failure.key for failure in self._failed)} - unsafe
        return Result(built=tuple(key for key in self._built if key not in unsafe), failed=tuple(self._failed),
                      left=tuple(key for key in self._entries if key not in done), interrupted=self._interrupted, halt=halt,
                      aside=tuple(self._shelf.aside))

    def _carry_out(self, executor: Executor, progress: Progress) -> None:
        from pipeline.build.executors import Failure, Waiting
        for outcome in executor.outcomes(self._take):
            trouble: tuple[str, ...] = ()
            if isinstance(outcome, Waiting):
                if self._stopped:
                    return      # for those under way there would be no end to it
                trouble = (outcome.message,) if outcome.message else ()
            elif isinstance(outcome, Failure):
                self._failed.append(outcome)
                self._stopped = self._stopped or not self._keep_going
                trouble = (f"{outcome.key}: {outcome.error}",)
            elif self._keeps(outcome):
                self._built.append(outcome.key)
            progress(len(self._built) + len(self._failed), len(self._entries), *trouble)

    def _take(self) -> Job | None:
        if self._stopped or not self._waiting:
            return None
        job = self._waiting.popleft()
        self._given[job.draft.key] = job
        return job

    def _keeps(self, made: Artefact) -> bool:
        """Shelves a paper; one that came out different of the same inputs, under another tool, is made again as a new revision."""
        job, entry = self._given.pop(made.key), self._entries[made.key]
        row = entry.row
        if row and job.revision == row.revision and hashes(made) != (row.docx_sha256, row.pdf_sha256):
            self._waiting.append(replace(job, revision=row.revision + 1))
            return False
        self._shelf.put(entry, job.revision, made)
        return True

    def _interrupt(self) -> None:
        self._stopped = self._interrupted = True


def _jobs(workspace: Workspace, plan: Plan, due: Sequence[Entry]) -> Iterator[Job]:
    from pipeline.build.produce import Job
    files, style = _files(workspace, plan, due)
    template = {file.path.name: file for file in files}
    tool = f"gremium {version('gremium')}"
    cost = _experience(plan)
    for entry in due:
        if entry.draft:
            yield Job(draft=entry.draft, template=template[entry.draft.template], style=style, revision=entry.revision,
                      fingerprint=entry.fingerprint, tool=tool, fonts=plan.templates[entry.draft.template].fonts,
                      cost=entry.row.seconds if entry.row else cost.get(entry.kind, UNTRIED))


def _experience(plan: Plan) -> Mapping[str, float]:
    """What a paper of each kind took, on average."""
    taken: dict[str, list[float]] = {}
    for entry in plan.entries:
        if entry.row:
            taken.setdefault(entry.kind, []).append(entry.row.seconds)
    return {kind: fmean(seconds) for kind, seconds in taken.items()}


@contextmanager
def _listening(stop: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C, or a polite kill, asks to stop; the second is not for us any more."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def once(*_: object) -> None:
        stop()
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in before:
        signal.signal(number, once)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
