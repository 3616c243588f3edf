"""Which papers are to be made, and why: what each would be made from now against what the ledger says it was made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from pipeline.build.forms import Form, NoTemplate, differences, form
from pipeline.build.inputs import DOCX, FORCED, NEVER, PDF, TEMPLATE, Flattening, Reason, fingerprint, inputs_of, reasons, seen, sha256_of
from pipeline.errors import DocumentError
from pipeline.findings import Finding
from pipeline.ledger import DocumentRow, Ledger
from pipeline.papers.draft import Draft
from pipeline.pdf.fonts import families
from pipeline.pdf.style import Style
from pipeline.records import Place
from pipeline.workspace import Workspace

__all__ = ["Entry", "NoTemplate", "Plan", "SameName", "State", "plan", "renewed"]


class State(StrEnum):
    """Where a paper stands before anybody has released it."""

    BLOCKED = "blocked"     # a finding holds one of its records back, or its template is not there
    MISSING = "missing"     # never made, or a file of it is gone
    STALE = "stale"         # made from something else than what is there now, or altered since
    FRESH = "fresh"
    ORPHANED = "orphaned"   # made once, and nothing asks for it any more


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
    why: Callable[[], tuple[Reason, ...]] = field(default=tuple, compare=False, repr=False)
    draft: Draft | None                 # None for the orphaned
    revision: int                       # the one it has, or gets when it is built
    fingerprint: str                    # of what it would be made from now; of what it was made from for the orphaned
    finding: Finding | None = None      # what blocks it
    row: DocumentRow | None             # what the ledger says; None when it was never built
    compared: bool = False              # its files were read whole, and are what the ledger says
    held: bool = False                  # given out: it stays as it is, whatever has changed since, and counts as fresh
    back: bool = False                  # given out and taken back: these very bytes never go out again

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it is not fresh, field by field; to be asked while the ledger is open."""
        return self.why()

    @property
    def due(self) -> bool:
        """To be built now."""
        return self.state in (State.MISSING, State.STALE)

    def forced(self) -> Entry:
        """The same paper, built whether it is due or not; a blocked one stays blocked, one that was ever given out becomes a new revision."""
        if self.state is not State.FRESH:
            return self
        revision = self.row.revision + 1 if self.row and (self.held or self.back) else self.revision
        return replace(self, state=State.STALE, why=self.why if self.held else partial(_because, Reason(FORCED)), revision=revision, held=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a build would do; nothing was written for it."""

    entries: tuple[Entry, ...]
    templates: Mapping[str, Form]       # by file name; those that are not there are missing here too
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

    @property
    def held(self) -> tuple[Entry, ...]:
        """The papers that are given out and no longer what would be made now; each stays until it is taken back, or named."""
        return tuple(entry for entry in self.entries if entry.held)

    @property
    def lost(self) -> tuple[str, ...]:
        """The templates that papers need and that are not there."""
        return tuple(sorted({entry.draft.template for entry in self.entries if entry.draft} - self.templates.keys()))

    def without(self, stopped: Mapping[str, Finding]) -> Plan:
        """The same plan, in which the papers with these keys are blocked, each by its finding."""
        return replace(self, entries=tuple(
            replace(entry, state=State.BLOCKED, why=tuple, finding=stopped[entry.key], held=False) if entry.key in stopped else entry
            for entry in self.entries))

    def only(self, *, kinds: Collection[str] = (), keys: Collection[str] = ()) -> Plan:
        """The part of the plan a person asked for; no kinds and no keys means all."""
        wanted = (entry for entry in self.entries if (not kinds or entry.kind in kinds) and (not keys or entry.key in keys))
        return replace(self, entries=tuple(wanted))

    def forced(self, keys: Collection[str]) -> Plan:
        """The same plan, in which the papers with these keys are due as well."""
        wanted = frozenset(keys)
        return replace(self, entries=tuple(entry.forced() if entry.key in wanted else entry for entry in self.entries))

    def among(self, keys: Collection[str]) -> Plan:
        """The part of the plan with these keys, be they none."""
        return replace(self, entries=tuple(entry for entry in self.entries if entry.key in keys))

    def inputs(self, draft: Draft, flattening: Flattening | None = None) -> dict[str, str]:
        """What a paper is made from under this plan."""
        form = self.templates[draft.template]
        return inputs_of(draft, template=form.essence, style=self.style, fonts=form.fonts, flattening=flattening)


def plan(workspace: Workspace, drafts: Sequence[Draft], blocked: Mapping[str, Finding], ledger: Ledger) -> Plan:
    """Compares every draft with the ledger and the files on disk; reads, and writes nothing.

    Takes all drafts of the workspace, as a paper without one counts as orphaned; `Plan.only` narrows afterwards.
    Papers whose template is not there are blocked, and so are two that would share a file because of a finding in the tables.
    Raises TemplateError, DocumentError when two would share one without any.
    """
    twice = _named_twice(drafts, blocked)
    style = Style.open(workspace.templates / "style.css")
    styled = families(style)
    templates: dict[str, Form] = {}
    lost: dict[str, Finding] = {}
    for name in sorted({draft.template for draft in drafts}):
        try:
            templates[name] = form(workspace.templates / name, ledger, styled)
        except NoTemplate as error:
            lost[name] = Finding(place=Place(file=name), rule="template-missing", message=str(error), hint=error.hint)
    making = _Making(workspace, Plan(entries=(), templates=templates, style=style.sha256), ledger)
    rows = ledger.documents()
    entries = [making.entry(draft, lost.get(draft.template) or twice.get(draft.key) or _blocking(draft, blocked), rows.pop(draft.key, None))
               for draft in (_firsts(drafts) if twice else drafts)]
    entries += [_orphan(row) for row in rows.values()]
    return replace(making.plan, entries=tuple(entries))


def renewed(workspace: Workspace, plan: Plan, ledger: Ledger) -> Plan:
    """The same plan against the ledger as it is now, for a build that had to wait for another."""
    rows = ledger.documents()
    making = _Making(workspace, plan, ledger)
    entries = (making.entry(entry.draft, entry.finding, rows.get(entry.key)) for entry in plan.entries if entry.draft)
    return replace(plan, entries=tuple(entries))


def _named_twice(drafts: Sequence[Draft], blocked: Mapping[str, Finding]) -> Mapping[str, Finding]:
    """The papers that share key or file name with another, each with the finding in the tables that tells of it.

    Names are compared without regard to case, as some file systems want it. Raises SameName where no finding does.
    """
    found: dict[str, Finding] = {}
    for said in (lambda draft: draft.key, lambda draft: f"{draft.kind}/{draft.stem}".lower()):
        for name in [name for name, number in Counter(map(said, drafts)).items() if number > 1]:
            alike = [draft for draft in drafts if said(draft) == name]
            finding = next(filter(None, (_blocking(draft, blocked) for draft in alike)), None)
            if finding is None:
                raise SameName(name, [draft.key for draft in alike])
            found |= {draft.key: finding for draft in alike}
    return found


def _firsts(drafts: Sequence[Draft]) -> Collection[Draft]:
    """One draft a key, as a key names one paper."""
    first: dict[str, Draft] = {}
    for draft in drafts:
        first.setdefault(draft.key, draft)
    return first.values()


def _blocking(draft: Draft, blocked: Mapping[str, Finding]) -> Finding | None:
    return next((blocked[key] for key in draft.records if key in blocked), None)


class _Making:
    """A plan in the making: what its entries share."""

    def __init__(self, workspace: Workspace, plan: Plan, ledger: Ledger) -> None:
        self.plan = plan
        self._root = str(workspace.root)
        self._ledger = ledger
        self._flattening = Flattening()
        self._changes: dict[tuple[str, str], tuple[Reason, ...]] = {}
        issues = ledger.issues()
        self._out = {(key, given.base_sha256) for key, all_given in issues.items() for given in all_given if not given.withdrawn_at}
        self._back = {(key, given.base_sha256) for key, all_given in issues.items() for given in all_given if given.withdrawn_at} - self._out

    def entry(self, draft: Draft, finding: Finding | None, row: DocumentRow | None) -> Entry:
        """Where one paper stands."""
        if draft.template not in self.plan.templates:
            return self._entry(draft, finding, row, (State.BLOCKED, tuple, row.fingerprint if row else ""))
        print_now = fingerprint(self.plan.inputs(draft, self._flattening))
        if row is None:
            state, why = State.MISSING, _NEVER
        elif row.fingerprint != print_now:
            state, why = State.STALE, partial(self._reasons, draft, row)
            if (row.key, row.pdf_sha256) in self._out and finding is None and not any(reason for reason, _ in self._files(row)):
                return replace(self._entry(draft, None, row, (State.FRESH, why, print_now)), revision=row.revision, held=True)
        else:
            files = tuple(self._files(row))
            altered = tuple(reason for reason, _ in files if reason)
            state = State.MISSING if any(reason.new is None for reason in altered) else State.STALE if altered else State.FRESH
            why = partial(tuple, altered)
            if not altered and (files[0][1], files[1][1]) != (row.docx_seen, row.pdf_seen):
                row = replace(row, docx_seen=files[0][1], pdf_seen=files[1][1])
                return self._entry(draft, finding, row, (state, why, print_now), compared=True)
        return self._entry(draft, finding, row, (state, why, print_now))

    def _entry(self, draft: Draft, finding: Finding | None, row: DocumentRow | None, found: tuple[State, Callable[[], tuple[Reason, ...]], str],
               *, compared: bool = False) -> Entry:
        state, why, print_now = found
        same = row is not None and row.fingerprint == print_now
        return Entry(key=draft.key, kind=draft.kind, state=State.BLOCKED if finding else state, why=tuple if finding else why, draft=draft,
                     revision=row.revision + (not same and finding is None) if row else 1, fingerprint=print_now, finding=finding, row=row,
                     compared=compared, back=row is not None and (row.key, row.pdf_sha256) in self._back)

    def _files(self, row: DocumentRow) -> Iterator[tuple[Reason | None, str]]:
        """For each file how it differs, and what the file system says of it; bytes are read only when that is new."""
        for path, name, digest, known in ((DOCX, row.docx, row.docx_sha256, row.docx_seen), (PDF, row.pdf, row.pdf_sha256, row.pdf_seen)):
            now = seen(f"{self._root}/{name}")
            if now and now == known:
                yield None, now
                continue
            found = sha256_of(Path(self._root, name))
            yield (None if found == digest else Reason(path, digest, found)), now

    def _reasons(self, draft: Draft, row: DocumentRow) -> tuple[Reason, ...]:
        """Field by field, and of a changed template its paragraphs."""
        found: list[Reason] = []
        for reason in reasons(row.inputs, self.plan.inputs(draft)):
            found += self._of_template(draft, reason) if reason.path == TEMPLATE else (reason,)
        return tuple(found)

    def _of_template(self, draft: Draft, reason: Reason) -> tuple[Reason, ...]:
        change = (reason.old or "", reason.new or "")
        if change not in self._changes:
            self._changes[change] = differences(self._ledger.template_like(change[0]), self.plan.templates[draft.template].row)
        return self._changes[change]


def _because(*reasons: Reason) -> tuple[Reason, ...]:
    return reasons


_NEVER = partial(_because, Reason(NEVER))


def _orphan(row: DocumentRow) -> Entry:
    return Entry(key=row.key, kind=row.kind, state=State.ORPHANED, draft=None, revision=row.revision, fingerprint=row.fingerprint, row=row)
