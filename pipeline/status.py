"""Where every paper and every message stands: the plan, the releases, the signatures and the journal in one word each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from pipeline.build.plan import Entry, Plan, State
from pipeline.conclusion import state
from pipeline.ledger import COUNTERSIGNED, MESSAGE_STATES, ApprovalRow, EntryRow, Ledger, SignatureRow
from pipeline.papers.draft import Draft
from pipeline.release import State as Release
from pipeline.release import envelopes, standing
from pipeline.workspace import Workspace

SHOWN = 20      # reasons of one paper


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStatus:
    """Where one paper stands."""

    key: str
    kind: str
    subject: str            # its title; the file stem when nothing asks for it any more
    state: str              # blocked, missing, stale, fresh, approved, outdated, rejected, "signed 2/5", issued, returned, concluded, orphaned
    docx: str | None        # path from the workspace; None when there is no such file
    pdf: str | None
    signed: str | None      # the file with all signatures so far, on the present PDF
    revision: int | None    # None: never built
    sha256: str | None      # of the PDF as built
    reasons: tuple[str, ...] = ()       # why it is blocked, missing or stale, to the field
    failure: str = ""       # why the last build of it failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where everything stands."""

    documents: tuple[DocumentStatus, ...]
    messages: Mapping[str, int]     # every state of a message → how many are in it
    entries: tuple[EntryRow, ...] = ()    # the calendar entry each invited person holds

    @property
    def counts(self) -> Mapping[str, int]:
        """How many papers are in each state; "signed" whatever the number of signatures."""
        return Counter(document.state.partition(" ")[0] for document in self.documents)

    def as_json(self) -> dict[str, object]:
        """The status as `status --json` gives it."""
        return {"documents": [asdict(document) for document in self.documents], "counts": dict(self.counts), "messages": dict(self.messages),
                "entries": [{"key": row.key, "uid": row.uid, "sequence": row.sequence, "method": row.method, "start": row.start}
                            for row in self.entries]}


def status(workspace: Workspace, plan: Plan, ledger: Ledger) -> Status:
    """Where every paper of the plan stands, in the plan's order, and how many messages are in which state; only reads."""
    approvals, signatures, failures = ledger.approvals(), ledger.signatures(), ledger.failures()
    issues, returns, countersigned = ledger.issues(), ledger.returns(), dict(ledger.noted(COUNTERSIGNED))
    envelope = envelopes(workspace)

    def document(entry: Entry) -> DocumentStatus:
        row = entry.row
        signed = [given for given in signatures.get(entry.key, ()) if row and given.base_sha256 == row.pdf_sha256]
        release = _release(workspace, entry, approvals.get(entry.key, ()), envelope)
        out = state(workspace.settings, row, issues.get(entry.key, ()), signed, returns.get(entry.key, ()),
                    countersigned.get(entry.key, {})) if row else ""
        return DocumentStatus(
            key=entry.key, kind=entry.kind, subject=entry.draft.subject if entry.draft else row.subject if row else "",
            state=_word(entry, release, signed, out), docx=_there(workspace, row.docx) if row else None,
            pdf=_there(workspace, row.pdf) if row else None, signed=_there(workspace, signed[-1].path) if signed else None,
            revision=row.revision if row else None, sha256=row.pdf_sha256 if row else None, reasons=_reasons(entry),
            failure=failures.get(entry.key, "") if entry.due else "",
        )

    journal = Counter(message.state for message in ledger.messages())
    return Status(documents=tuple(document(entry) for entry in plan.entries), messages={state: journal[state] for state in MESSAGE_STATES},
                  entries=tuple(ledger.held().values()))


def _release(workspace: Workspace, entry: Entry, approvals: Sequence[ApprovalRow], envelope: Callable[[Draft], str]) -> Release:
    if entry.row is None:
        return Release.OPEN
    # a paper that is given out goes by whatever way: its recipient and text are looked at when it is sent
    covers = envelope(entry.draft) if entry.draft and not entry.draft.signatures else None
    return standing(entry.row, approvals, workspace.settings.release, covers).state


def _word(entry: Entry, release: Release, signed: Sequence[SignatureRow], out: str) -> str:
    if entry.state is not State.FRESH:
        return str(entry.state)
    if release is Release.REJECTED:
        return str(release)
    if out:
        return out
    if signed and entry.draft:
        return f"signed {len({given.field for given in signed})}/{len(entry.draft.signatures)}"
    return str(State.FRESH if release is Release.OPEN else release)


def _reasons(entry: Entry) -> tuple[str, ...]:
    if entry.finding:
        return (f"{entry.finding.place}: {entry.finding.message}",)
    reasons = [str(reason) for reason in entry.reasons]
    return (*reasons[:SHOWN], f"und {len(reasons) - SHOWN} weitere") if len(reasons) > SHOWN else tuple(reasons)


def _there(workspace: Workspace, path: str) -> str | None:
    return path if (workspace.root / path).is_file() else None
