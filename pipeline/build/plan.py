"""Which papers are to be made, and why: what each would be made from now against what the ledger says it was made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from pipeline.build.inputs import DOCX, FORCED, NEVER, PDF, Reason, fingerprint, inputs_of, reasons, sha256_of
from pipeline.errors import DocumentError, TemplateError
from pipeline.findings import Finding
from pipeline.ledger import DocumentRow, Ledger
from pipeline.papers.draft import Draft
from pipeline.pdf.style import Style
from pipeline.workspace import Workspace


class State(StrEnum):
    """Where a paper stands before anybody has released it."""

    BLOCKED = "blocked"     # a finding holds one of its records back
    MISSING = "missing"     # never made, or a file of it is gone
    STALE = "stale"         # made from something else than what is there now, or altered since
    FRESH = "fresh"
    ORPHANED = "orphaned"   # made once, and nothing asks for it any more


class NoTemplate(TemplateError):
    """A template is not there."""

    def __init__(self, path: str) -> None:
        super().__init__(f"die Vorlage {path} fehlt", hint="„gremium new ORDNER“ legt Vorlagen an, die sich übernehmen lassen.")


class SameName(DocumentError):
    """Two papers would be written to the same file."""

    def __init__(self, name: str, keys: Sequence[str]) -> None:
        super().__init__(f"{' und '.join(keys)} hießen beide {name}", hint="Die Schlüssel in den Tabellen müssen sich unterscheiden.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One paper of the plan."""

    key: str
    kind: str
    state: State
    reasons: tuple[Reason, ...] = ()    # why it is not fresh, field by field
    draft: Draft | None                 # None for the orphaned
    revision: int                       # the one it has, or gets when it is built
    fingerprint: str                    # of what it would be made from now; of what it was made from for the orphaned
    finding: Finding | None = None      # what blocks it
    row: DocumentRow | None             # what the ledger says; None when it was never built

    @property
    def due(self) -> bool:
        """To be built now."""
        return self.state in (State.MISSING, State.STALE)

    def forced(self) -> Entry:
        """The same paper, built whether it is due or not; a blocked one stays blocked."""
        return replace(self, state=State.STALE, reasons=(Reason(FORCED),)) if self.state is State.FRESH else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a build would do; nothing was written for it."""

    entries: tuple[Entry, ...]
    templates: Mapping[str, str]        # file name → sha-256
    style: str                          # sha-256 of the style sheet and of what lies under it

    def __getitem__(self, key: str) -> Entry:
        return next(entry for entry in self.entries if entry.key == key)

    def of(self, *states: State) -> tuple[Entry, ...]:
        """The papers in one of these states."""
        return tuple(entry for entry in self.entries if entry.state in states)

    @property
    def due(self) -> tuple[Entry, ...]:
        """The papers to be built."""
        return tuple(entry for entry in self.entries if entry.due)

    def only(self, *, kinds: Collection[str] = (), keys: Collection[str] = ()) -> Plan:
        """The part of the plan a person asked for; no kinds and no keys means all."""
        wanted = (entry for entry in self.entries if (not kinds or entry.kind in kinds) and (not keys or entry.key in keys))
        return replace(self, entries=tuple(wanted))

    def inputs(self, draft: Draft) -> dict[str, str]:
        """What a paper is made from under this plan."""
        return inputs_of(draft, template=self.templates[draft.template], style=self.style)


def plan(workspace: Workspace, drafts: Sequence[Draft], blocked: Mapping[str, Finding], ledger: Ledger) -> Plan:
    """Compares every draft with the ledger and the files on disk; reads, and writes nothing.

    Takes all drafts of the workspace, as a paper without one counts as orphaned; `Plan.only` narrows afterwards.
    Raises TemplateError when a template is missing, DocumentError when two papers would share a file.
    """
    _named_apart(drafts)
    style = Style.open(workspace.templates / "style.css").sha256
    templates = {name: _sha256(workspace.templates / name, workspace) for name in sorted({draft.template for draft in drafts})}
    empty = Plan(entries=(), templates=templates, style=style)
    rows = ledger.documents()
    entries = [_entry(workspace, draft, empty.inputs(draft), _blocking(draft, blocked), rows.pop(draft.key, None)) for draft in drafts]
    entries += [_orphan(row) for row in rows.values()]
    return replace(empty, entries=tuple(entries))


def renewed(workspace: Workspace, plan: Plan, ledger: Ledger) -> Plan:
    """The same plan against the ledger as it is now, for a build that had to wait for another."""
    rows = ledger.documents()
    entries = (_entry(workspace, entry.draft, plan.inputs(entry.draft), entry.finding, rows.get(entry.key))
               for entry in plan.entries if entry.draft)
    return replace(plan, entries=tuple(entries))


def _named_apart(drafts: Sequence[Draft]) -> None:
    """Keys and file names are unique, the names without regard to case, as some file systems want it."""
    for said in (lambda draft: draft.key, lambda draft: f"{draft.kind}/{draft.stem}".lower()):
        for name, number in Counter(map(said, drafts)).items():
            if number > 1:
                raise SameName(name, [draft.key for draft in drafts if said(draft) == name])


def _sha256(path: Path, workspace: Workspace) -> str:
    found = sha256_of(path)
    if found is None:
        raise NoTemplate(path.relative_to(workspace.root).as_posix())
    return found


def _blocking(draft: Draft, blocked: Mapping[str, Finding]) -> Finding | None:
    return next((blocked[key] for key in draft.records if key in blocked), None)


def _entry(workspace: Workspace, draft: Draft, inputs: Mapping[str, str], finding: Finding | None, row: DocumentRow | None) -> Entry:
    print_now = fingerprint(inputs)
    state, why = _state(workspace, inputs, print_now, row)
    same = row is not None and row.fingerprint == print_now
    revision = row.revision + (not same and finding is None) if row else 1
    return Entry(key=draft.key, kind=draft.kind, state=State.BLOCKED if finding else state, reasons=() if finding else why, draft=draft,
                 revision=revision, fingerprint=print_now, finding=finding, row=row)


def _state(workspace: Workspace, inputs: Mapping[str, str], print_now: str, row: DocumentRow | None) -> tuple[State, tuple[Reason, ...]]:
    if row is None:
        return State.MISSING, (Reason(NEVER),)
    if row.fingerprint != print_now:
        return State.STALE, reasons(row.inputs, inputs)
    on_disk = ((DOCX, row.docx_sha256, sha256_of(workspace.root / row.docx)), (PDF, row.pdf_sha256, sha256_of(workspace.root / row.pdf)))
    why = tuple(Reason(path, old, new) for path, old, new in on_disk if old != new)
    if any(reason.new is None for reason in why):
        return State.MISSING, why
    return (State.STALE, why) if why else (State.FRESH, ())


def _orphan(row: DocumentRow) -> Entry:
    return Entry(key=row.key, kind=row.kind, state=State.ORPHANED, draft=None, revision=row.revision, fingerprint=row.fingerprint, row=row)
