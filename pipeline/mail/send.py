"""Sending: every message frozen first, then each claimed, handed over and accounted for, one step on disk before the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SendingError
from pipeline.ledger import Ledger, MessageRow
from pipeline.mail.outbox import NotAsFrozen, alone, freeze, name, outgoing, recover, thaw
from pipeline.mail.post import Deferred, InDoubt, Outgoing, Post, Refused, Unreachable
from pipeline.mail.routes import opened
from pipeline.mail.sheet import Desk, Due, Mailing, Note, Sheet, plan

Tally = dict[str, list[Note]]     # what became of each message, by the lists of an outcome
OPEN = ("unknown", "failed")      # states a person may settle


class OtherNumber(SendingError):
    """The number confirmed is not the number of messages."""

    def __init__(self, confirmed: int, number: int) -> None:
        super().__init__(f"bestätigt wurden {confirmed} Nachrichten, anstehen {number}",
                         hint="Die Vorschau (ohne --really) ansehen und die Zahl von dort nehmen; es wurde nichts verschickt.")


class NothingInDoubt(SendingError):
    """There is no open question about this paper's message."""

    def __init__(self, key: str) -> None:
        super().__init__(f"zu {key} ist keine Nachricht ungeklärt", hint="„gremium status“ zeigt, welche es sind.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of each paper; every recipient stands in exactly one of the lists."""

    sent: tuple[Note, ...] = ()
    already: tuple[Note, ...] = ()
    paper: tuple[Note, ...] = ()
    held: tuple[Note, ...] = ()
    impossible: tuple[Note, ...] = ()
    deferred: tuple[Note, ...] = ()      # goes out with the next run
    failed: tuple[Note, ...] = ()
    unknown: tuple[Note, ...] = ()
    left: tuple[Note, ...] = ()          # not tried, because the server could not be reached any more
    stopped: str = ""                    # why the run ended early

    @property
    def complete(self) -> bool:
        """Everything that was due went out, and nothing is in doubt."""
        return not (self.deferred or self.failed or self.unknown or self.left or self.stopped)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The journal, the way out, the clock, and whom to tell how far it is."""

    ledger: Ledger
    post: Post
    clock: Callable[[], dt.datetime]                                     # aware
    progress: Callable[[int, int], None] = lambda done, total: None      # messages done, messages due


def send(mailing: Mailing, run: Run, *, confirmed: int | None = None) -> Outcome:
    """Sends what is due, and nothing twice; `confirmed` is the number somebody has agreed to, None agrees to any.

    Raises before the first message: AlreadySending, OtherNumber, WrongRecipient and whatever keeps a message from being
    composed; Unreachable when there is no way out, then everything stays frozen.
    """
    with alone(mailing.workspace):
        if not mailing.redirect:
            recover(run.ledger, run.clock())
        found = plan(mailing, run.ledger)
        if confirmed is not None and confirmed != found.number:
            raise OtherNumber(confirmed, found.number)
        run.progress(0, found.number)
        tally: Tally = {}
        stopped = ""
        if found.due:
            stopped = (_try_out if mailing.redirect else _deliver)(mailing, found.due, run, tally)
    return _outcome(found, tally, stopped)


def resolve(ledger: Ledger, key: str, *, sent: bool, now: dt.datetime) -> None:
    """Settles, on a person's word, a message whose fate is unknown or that was refused; one not sent goes out next time.

    Raises NothingInDoubt.
    """
    rows = [row for row in ledger.messages() if row.key == key and row.state in OPEN]
    if not rows:
        raise NothingInDoubt(key)
    for row in rows:
        ledger.settle(row.id, "sent" if sent else "frozen", now, reply="geklärt: zugestellt" if sent else "geklärt: nicht zugestellt")


def _deliver(mailing: Mailing, due: tuple[Due, ...], run: Run, tally: Tally) -> str:
    """All that is due, one after the other; why it ended early, or nothing."""
    freeze(mailing, due, run.ledger, run.clock())
    frozen = {row.id: row for row in run.ledger.messages()}
    with opened(run.post):
        for done, entry in enumerate(due, 1):
            try:
                _attempt(mailing, frozen[entry.id], run, tally)
            except Unreachable as error:
                _note(tally, "deferred", entry.draft.key, str(error))
                _leave(tally, due[done:])
                return str(error)
            run.progress(done, len(due))
    return ""


def _attempt(mailing: Mailing, row: MessageRow, run: Run, tally: Tally) -> None:
    """One message: checked against its hash, claimed, handed over, settled. Raises Unreachable, settled as well."""
    try:
        message = thaw(mailing.workspace, row)
    except NotAsFrozen as error:
        _note(tally, "failed", row.key, str(error))
        return
    if not run.ledger.claim(row.id, run.clock()):
        _note(tally, "already", row.key, "von einem anderen Lauf übernommen")
        return
    run.ledger.settle(row.id, "sending", run.clock())
    try:
        state, reply = _handed_over(run.post, message)
    except Unreachable as error:
        run.ledger.settle(row.id, "deferred", run.clock(), reply=str(error))
        raise
    run.ledger.settle(row.id, state, run.clock(), reply=reply)
    _note(tally, state, row.key, reply)


def _handed_over(post: Post, message: Outgoing) -> tuple[str, str]:
    """Tries once; the state that follows, and the words of the server. Raises Unreachable."""
    try:
        return "sent", post.deliver(message).reply
    except (Refused, Deferred, InDoubt) as error:
        return _STATES[type(error)], str(error)


_STATES: dict[type[SendingError], str] = {Refused: "failed", Deferred: "deferred", InDoubt: "unknown"}


def _try_out(mailing: Mailing, due: tuple[Due, ...], run: Run, tally: Tally) -> str:
    """A trial goes to the office itself: guarded like the real thing, but neither frozen nor noted, for doubles hurt nobody."""
    desk, now = Desk(mailing), run.clock()
    for entry in due:
        desk.message(entry, now)
    with opened(run.post):
        for done, entry in enumerate(due, 1):
            try:
                state, reply = _handed_over(run.post, outgoing(entry.id, Path("trial") / name(entry), desk.message(entry, now).as_bytes(mailing.sign)))
            except Unreachable as error:
                _leave(tally, due[done - 1:])
                return str(error)
            _note(tally, state, entry.draft.key, reply)
            run.progress(done, len(due))
    return ""


def _note(tally: Tally, place: str, key: str, reason: str) -> None:
    tally.setdefault(place, []).append(Note(key=key, reason=reason))


def _leave(tally: Tally, due: Sequence[Due]) -> None:
    for entry in due:
        _note(tally, "left", entry.draft.key, "nicht mehr versucht")


def _outcome(sheet: Sheet, tally: Tally, stopped: str) -> Outcome:
    def both(place: str, before: tuple[Note, ...] = ()) -> tuple[Note, ...]:
        return (*before, *tally.get(place, ()))
    return Outcome(sent=both("sent"), already=both("already", sheet.already), paper=sheet.paper, held=sheet.held,
                   impossible=sheet.impossible, deferred=both("deferred"), failed=both("failed", sheet.failed),
                   unknown=both("unknown", sheet.unknown), left=both("left"), stopped=stopped)
