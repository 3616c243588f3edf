"""Papers to look at before everything is there: missing fields marked, and nothing of it in the ledger.

What the ledger does not know can be neither released nor signed nor sent. Besides, a preview has no signature fields,
is revision 0, and says in its name and title what it is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.metadata import version

from pipeline.build.executors import Failure, attempt
from pipeline.build.lock import Unwritable
from pipeline.build.plan import Entry, NoTemplate, Plan
from pipeline.build.produce import Artefact, File, Job, sketch
from pipeline.build.run import Result
from pipeline.workspace import Workspace, place

FOLDER = "drafts"      # below outputs/


def preview(workspace: Workspace, plan: Plan, progress: Callable[[int, int], None]) -> Result:
    """Writes a preview of every paper of the plan, whatever its state; one that fails leaves the others.

    Raises Unwritable, NoTemplate.
    """
    began = time.perf_counter()
    if plan.lost:
        raise NoTemplate(f"templates/{plan.lost[0]}")
    jobs = [_job(workspace, plan, entry) for entry in plan.entries if entry.draft]
    built: list[str] = []
    failed: list[Failure] = []
    for job in jobs:
        outcome = attempt(job, sketch)
        if isinstance(outcome, Failure):
            failed.append(outcome)
        else:
            _write(workspace, job, outcome)
            built.append(outcome.key)
        progress(len(built) + len(failed), len(jobs))
    return Result(built=tuple(built), failed=tuple(failed), seconds=time.perf_counter() - began)


def _job(workspace: Workspace, plan: Plan, entry: Entry) -> Job:
    assert entry.draft is not None
    name = entry.draft.template
    return Job(draft=entry.draft, template=File(path=workspace.templates / name, sha256=plan.templates[name].sha256),
               style=File(path=workspace.templates / "style.css", sha256=plan.style), revision=0, fingerprint=entry.fingerprint,
               tool=f"gremium {version('gremium')}")


def _write(workspace: Workspace, job: Job, made: Artefact) -> None:
    stem = f"{FOLDER}/{job.draft.kind}/{job.draft.stem}-entwurf"
    for ending, data in (("docx", made.docx), ("pdf", made.pdf)):
        try:
            place(workspace.outputs / f"{stem}.{ending}", data)
        except OSError as error:
            raise Unwritable(f"outputs/{stem}.{ending}", error.strerror or str(error)) from error
