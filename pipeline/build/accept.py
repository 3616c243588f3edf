"""Papers made with an older tool or other fonts, taken as they are because a person says so."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from pipeline.build.forms import remembered
from pipeline.build.inputs import seen, sha256_of
from pipeline.build.lock import held
from pipeline.build.plan import Entry, Plan, State, renewed
from pipeline.ledger import DocumentRow, Ledger
from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What was taken over, by the papers' keys."""

    accepted: tuple[str, ...] = ()
    left: tuple[str, ...] = ()      # stale for another reason as well, or altered on disk: to be built

    def as_json(self) -> dict[str, object]:
        """As `build --accept --json` gives it."""
        return {"accepted": list(self.accepted), "left": list(self.left)}


def accept(workspace: Workspace, plan: Plan, ledger: Ledger, *, by: str, now: dt.datetime) -> Accepted:
    """Lets the papers of the plan that only the tool or its fonts make stale count as fresh; their files stay untouched.

    A paper whose tables, template or style changed is never taken over: it would say something else. Raises Held, LedgerError.
    """
    with held(workspace.outputs, command="gremium build --accept", now=now):
        stale = renewed(workspace, plan, ledger).of(State.STALE)
        rows = {entry.key: row for entry in stale if (row := _taken(workspace, plan, entry))}
        if rows:
            remembered(plan.templates.values(), ledger)
            ledger.accepted(list(rows.values()), by, now)
    return Accepted(accepted=tuple(rows), left=tuple(entry.key for entry in stale if entry.key not in rows))


def _taken(workspace: Workspace, plan: Plan, entry: Entry) -> DocumentRow | None:
    row = entry.row
    if row is None or entry.draft is None or not all(reason.of_the_tool for reason in entry.reasons):
        return None
    docx, pdf = workspace.root / row.docx, workspace.root / row.pdf
    if (sha256_of(docx), sha256_of(pdf)) != (row.docx_sha256, row.pdf_sha256):
        return None
    return replace(row, fingerprint=entry.fingerprint, inputs=plan.inputs(entry.draft), docx_seen=seen(docx), pdf_seen=seen(pdf))
