"""Carries out a plan: jobs to an executor, files to disk, and to the ledger only what is safely there."""

from __future__ import annotations

import datetime as dt
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING

from pipeline.build.lock import held
from pipeline.build.plan import Entry, Plan, State, renewed
from pipeline.build.shelf import Shelf, hashes, sweep
from pipeline.errors import GremiumError, TableError
from pipeline.ledger import Ledger
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pipeline.build.executors import Executor, Failure
    from pipeline.build.produce import Artefact, File, Job

WORTH = 4                   # papers for which another process pays its start

Progress = Callable[[int, int], None]


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
    left: tuple[str, ...] = ()      # not begun, because a paper failed or somebody said stop
    interrupted: bool = False
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        """That of the first paper that failed; 1 when interrupted, 3 when findings held papers back."""
        if self.failed:
            return self.failed[0].exit_code
        if self.interrupted:
            return GremiumError.exit_code
        return TableError.exit_code if self.blocked else 0

    def as_json(self) -> dict[str, object]:
        """The result as `build --json` gives it."""
        return {"built": list(self.built), "fresh": self.fresh,
                "failed": [{"key": failure.key, "error": failure.error} for failure in self.failed],
                "blocked": list(self.blocked), "left": list(self.left), "seconds": round(self.seconds, 2)}


def run(workspace: Workspace, plan: Plan, ledger: Ledger, *, jobs: int, keep_going: bool, progress: Progress,  # noqa: PLR0913 the command's own options
        now: Callable[[], dt.datetime], by: str, force: Collection[str] = ()) -> Result:
    """Builds what is due, and the papers in `force` besides.

    A paper that fails stops the build after those under way, unless `keep_going`. Raises Blocked before anything is
    written when findings hold papers back and not `keep_going`; TemplateError before anything is written; Held when
    another build has the workspace; Unwritable and LedgerError with all that was finished kept.
    """
    began = time.perf_counter()
    blocked = plan.of(State.BLOCKED)
    if blocked and not keep_going:
        raise Blocked(blocked)
    wanted = replace(plan, entries=tuple(entry for entry in plan.entries if entry.due or (entry.key in force and entry.draft)))
    result = Result(fresh=len(plan.of(State.FRESH)), blocked=tuple(entry.key for entry in blocked))
    if not any(_chosen(entry, force) for entry in wanted.entries):
        return replace(result, seconds=time.perf_counter() - began)
    _open_all(workspace, wanted)
    with held(workspace.outputs, command="gremium build", now=now()):
        entries = [_chosen(entry, force) for entry in renewed(workspace, wanted, ledger).entries]
        due = [entry for entry in entries if entry]
        shelf = Shelf(workspace, wanted, ledger, by, now)
        done = _Course(workspace, wanted, due, shelf, keep_going).run(_executor(workspace, wanted, due, jobs), progress)
    fresh = result.fresh - sum(entry.key in force for entry in plan.of(State.FRESH)) + len(entries) - len(due)
    return replace(done, fresh=fresh, blocked=result.blocked, seconds=time.perf_counter() - began)


def _chosen(entry: Entry, force: Collection[str]) -> Entry | None:
    if entry.key in force:
        entry = entry.forced()
    return entry if entry.due else None


def _files(workspace: Workspace, plan: Plan, entries: Sequence[Entry]) -> tuple[tuple[File, ...], File]:
    from pipeline.build.produce import File
    names = sorted({entry.draft.template for entry in entries if entry.draft})
    return (tuple(File(path=workspace.templates / name, sha256=plan.templates[name]) for name in names),
            File(path=workspace.templates / "style.css", sha256=plan.style))


def _open_all(workspace: Workspace, plan: Plan) -> None:
    """Every template, before anything is written: one that cannot be opened stops the build here. Raises TemplateError."""
    from pipeline.build.produce import opened, styled
    files, style = _files(workspace, plan, plan.entries)
    styled(style)
    for file in files:
        opened(file)


def _executor(workspace: Workspace, plan: Plan, due: Sequence[Entry], jobs: int) -> Executor:
    from pipeline.build.executors import Here, Pool
    processes = min(jobs, len(due) // WORTH)
    return Pool(processes, *_files(workspace, plan, due)) if processes > 1 else Here()


class _Course:
    """One build from its first job to its last."""

    def __init__(self, workspace: Workspace, plan: Plan, due: Sequence[Entry], shelf: Shelf, keep_going: bool) -> None:
        self._entries = {entry.key: entry for entry in due}
        self._shelf = shelf
        self._keep_going = keep_going
        self._waiting = deque(_jobs(workspace, plan, due))
        self._given: dict[str, Job] = {}
        self._stopped = self._interrupted = False

    def run(self, executor: Executor, progress: Progress) -> Result:
        """Builds until all is done, a paper fails, or somebody says stop; what was finished is in the ledger in any case."""
        from pipeline.build.executors import Failure
        built: list[str] = []
        failed: list[Failure] = []
        sweep(self._shelf.workspace, {entry.kind for entry in self._entries.values()})
        progress(0, len(self._entries))
        try:
            with _listening(self._interrupt):
                for outcome in executor.outcomes(self._take):
                    if isinstance(outcome, Failure):
                        failed.append(outcome)
                        self._stopped = self._stopped or not self._keep_going
                    elif self._keeps(outcome):
                        built.append(outcome.key)
                    progress(len(built) + len(failed), len(self._entries))
        finally:
            self._shelf.note()
        return Result(built=tuple(built), failed=tuple(failed), left=tuple(job.draft.key for job in self._waiting),
                      interrupted=self._interrupted)

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
    for entry in due:
        if entry.draft:
            yield Job(draft=entry.draft, template=template[entry.draft.template], style=style, revision=entry.revision,
                      fingerprint=entry.fingerprint, tool=tool)


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
