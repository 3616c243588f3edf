"""Signing: the initiators' signatures, in their order, on released papers alone.

What is built is never touched: the signed file is the built one with signatures appended. Each paper is either as it
was or signed and in its place; a run that breaks off is started again and does the rest.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from zoneinfo import ZoneInfo

from pipeline.errors import SigningError, VerificationError
from pipeline.ledger import DocumentRow, Ledger
from pipeline.processes import processors
from pipeline.release import built_pdf
from pipeline.settings import Initiator, Signatory
from pipeline.signing import demo, keys
from pipeline.signing.alone import alone
from pipeline.signing.crew import Outcome, Task, ends, outcomes
from pipeline.signing.due import Order, Plan, order, plan, set_aside, signature, signed_path
from pipeline.signing.key import Key
from pipeline.signing.passphrases import Passphrase
from pipeline.signing.pen import Stroke
from pipeline.signing.services import Level, reach
from pipeline.signing.tokens import Tokens
from pipeline.signing.turn import Turn, turns
from pipeline.workspace import Workspace, place

HERE = ZoneInfo("Europe/Berlin")
WORTH = 30          # signatures for which another process is worth beginning: about a second of them

Progress = Callable[[int, int], object]
"""Told after each paper: how many are through, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A paper that waits or was refused, and why."""

    key: str
    reason: str       # a German sentence without full stop
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What one run of signing did."""

    signed: tuple[tuple[str, str], ...] = ()   # (paper, field), in the order of signing
    done: tuple[str, ...] = ()                 # papers on which nothing was missing before this run
    waiting: tuple[Held, ...] = ()             # open points, not faults: not released, not its turn, no authority, no key
    refused: tuple[Held, ...] = ()             # something is wrong with the paper; it is as it was


class NotWritten(SigningError):
    """The signed file could not be put in its place."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} konnte nicht geschrieben werden: {reason}", hint="Das Papier ist, wie es war.")


def sign(workspace: Workspace, ledger: Ledger, rows: Sequence[DocumentRow], signers: Sequence[str] = (), *,  # noqa: PLR0913
         now: dt.datetime, passphrase: Passphrase, progress: Progress | None = None, jobs: int = 1) -> Signed:
    """Puts on each paper the signatures that are due: those of `signers`, or of all initiators whose turn it is.

    Every key that will be needed is opened and checked before the first file is written; `jobs` is the number of
    processes, where the keys are files; 0 takes what the machine has, as far as it is worth it. Raises SigningError when
    nothing can be signed at all; what concerns one paper alone stands in the result.
    """
    asked = order(workspace, signers, now)
    with alone(workspace), Tokens() as tokens:
        plans, refused = _plans(asked, ledger, rows)
        opened = _opened(asked, plans, passphrase, tokens)
        desk = _Desk(asked, ledger, opened)
        level = reach(workspace, opened, now, passphrase) if opened else Level("B-B")
        signed: list[tuple[str, str]] = []
        for number, (due, outcome) in enumerate(zip(plans, outcomes(level, opened, map(desk.task, plans), _hands(plans, jobs)),
                                                      strict=False), 1):
            try:
                signed += desk.finish(due, outcome)
            except SigningError as error:
                refused.append(_held(due.row, error))
                if ends(error):
                    refused += [_held(left.row, error) for left in plans[number:] if left.due]
                    break
            if progress is not None:
                progress(number, len(plans))
    through = [due for due in plans if due.row.key not in {held.key for held in refused}]
    return Signed(
        signed=tuple(signed),
        done=tuple(due.row.key for due in through if due.stop is None and not due.due),
        waiting=tuple(_held(due.row, due.stop) for due in through if due.stop is not None),
        refused=tuple(refused),
    )


def _hands(plans: Sequence[Plan], jobs: int) -> int:
    """How many processes sign."""
    return jobs or max(1, min(processors(), sum(len(due.due) for due in plans) // WORTH))


def _plans(asked: Order, ledger: Ledger, rows: Sequence[DocumentRow]) -> tuple[list[Plan], list[Held]]:
    approvals, signatures = ledger.approvals(), ledger.signatures()
    plans: list[Plan] = []
    refused: list[Held] = []
    for row in rows:
        known = [made for made in signatures.get(row.key, ()) if made.base_sha256 == row.pdf_sha256]
        try:
            plans.append(plan(asked, row, approvals.get(row.key, ()), known))
        except (SigningError, VerificationError) as error:
            refused.append(_held(row, error))
    return plans, refused


def _opened(asked: Order, plans: Sequence[Plan], passphrase: Passphrase, tokens: Tokens) -> list[Key]:
    """The keys of all who will sign something, opened and checked."""
    return [keys.load(asked.workspace, turn, now=asked.now, passphrase=passphrase, tokens=tokens)
            for turn in turns(asked.workspace.settings.initiators) if any(turn in due.due for due in plans)]


class _Desk:
    """Where papers are laid out to be signed, and put away afterwards."""

    def __init__(self, asked: Order, ledger: Ledger, opened: Sequence[Key]) -> None:
        self._asked = asked
        self._ledger = ledger
        self._keys = {key.owner: key for key in opened}

    def task(self, due: Plan) -> Task | SigningError | None:
        """What is to be signed on one paper; None when nothing is, an error when the paper is not what was released."""
        if not due.due:
            return None
        try:
            data = due.present or built_pdf(self._asked.workspace, due.row)
        except SigningError as error:
            return error
        return Task(data, tuple((turn.field, self._stroke(turn)) for turn in due.due))

    def finish(self, due: Plan, outcome: Outcome) -> list[tuple[str, str]]:
        """Puts one signed paper in its place, and then notes it. Raises SigningError, also the one that kept it from being signed."""
        for found in due.found:
            self._ledger.signed(found, self._asked.now)
        if isinstance(outcome, SigningError):
            raise outcome
        if not outcome:
            return []
        self._put(due, outcome[-1])
        made = [signature(due.row, turn.field, self._keys[turn.field].holder, hashlib.sha256(state).hexdigest(), self._asked.now)
                for turn, state in zip(due.due, outcome, strict=True)]
        for row in made:
            self._ledger.signed(row, self._asked.now)
        return [(row.key, row.field) for row in made]

    def _stroke(self, turn: Turn) -> Stroke:
        key, signatory, initiator = self._keys[turn.field], turn.signatory, turn.initiator
        assert signatory is not None      # `due` lets nobody sign who is not named
        lines = _lines(initiator, signatory, key.demo, self._asked)
        reason = demo.ORGANISATION if key.demo else f"{'Siegel' if signatory.seal else 'Unterzeichnung'} für {initiator.name}"
        return Stroke(field=turn.field, name=initiator.name, reason=reason, at=self._asked.now, picture=partial(_picture, lines))

    def _put(self, due: Plan, data: bytes) -> None:
        name = signed_path(due.row)
        try:
            if not due.present:
                set_aside(self._asked.workspace.root / name)
            place(self._asked.workspace.root / name, data)
        except OSError as error:
            raise NotWritten(name, error.strerror or str(error)) from error


def _lines(initiator: Initiator, signatory: Signatory, demonstration: bool, asked: Order) -> tuple[str, ...]:
    """What the signature says for itself: name, function, organisation, date, level; and whether it is worth nothing."""
    done = "Elektronisch gesiegelt" if signatory.seal else "Elektronisch signiert"
    level = f"{asked.now.astimezone(HERE):%d.%m.%Y} · PAdES {asked.workspace.settings.signing.level}"
    return (
        f"{done} · DEMONSTRATION" if demonstration else done,
        ", ".join(part for part in (signatory.name, signatory.function) if part),
        initiator.name,
        f"{level} · keine gültige Signatur" if demonstration else level,
    )


@cache
def _picture(lines: tuple[str, ...], width: float, height: float) -> bytes:
    from pipeline.pdf.stamp import signature_page
    return signature_page(lines, width, height)


def _held(row: DocumentRow, error: SigningError | VerificationError) -> Held:
    return Held(key=row.key, reason=str(error), hint=error.hint)
