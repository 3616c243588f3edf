"""Sending: every message frozen first, then each claimed, handed over and accounted for, one step on disk before the next."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SendingError
from pipeline.ledger import Ledger
from pipeline.mail.dispatch import STATES, Dispatch, Run, Tally, handed_over
from pipeline.mail.outbox import alone, freeze, name, outgoing, recover, withdraw
from pipeline.mail.pace import OutsideHours, queued, within
from pipeline.mail.post import Receipt, Unreachable
from pipeline.mail.routes import opened
from pipeline.mail.sheet import Desk, Due, Mailing, Note, Sheet, plan

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
    by_hand: tuple[Note, ...] = ()       # to be told by a person that they are not invited any more
    deferred: tuple[Note, ...] = ()      # goes out with the next run
    failed: tuple[Note, ...] = ()
    unknown: tuple[Note, ...] = ()
    left: tuple[Note, ...] = ()          # not tried, because the server could not be reached any more
    stopped: str = ""                    # why the run ended early

    @property
    def complete(self) -> bool:
        """Everything that was due went out, and nothing is in doubt."""
        return not (self.deferred or self.failed or self.unknown or self.left or self.stopped)


def send(mailing: Mailing, run: Run, *, confirmed: int | None = None) -> Outcome:
    """Sends what is due, and nothing twice; `confirmed` is the number somebody has agreed to, None agrees to any.

    Raises before the first message: AlreadySending, OtherNumber, OutsideHours, WrongRecipient and whatever keeps a message from being
    composed; Unreachable when there is no way out, then everything stays frozen.
    """
    with alone(mailing.workspace):
        if not mailing.redirect:
            recover(run.ledger, run.clock())
        found = plan(mailing, run.ledger)
        if confirmed is not None and confirmed != found.number:
            raise OtherNumber(confirmed, found.number)
        window = mailing.workspace.settings.mail.window
        if found.due and not mailing.redirect and not within(window, run.clock()):
            raise OutsideHours(window)
        if not mailing.redirect:
            withdraw(mailing, found, run.ledger, run.clock())
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
    """All that is due; why it ended early, or nothing."""
    freeze(mailing, due, run.ledger, run.clock())
    queue = queued(((entry.id, entry.draft.key, entry.address) for entry in due), run.pauses)
    with opened(run.posts):
        return Dispatch(mailing.workspace, run, queue, tally).go()


def _try_out(mailing: Mailing, due: tuple[Due, ...], run: Run, tally: Tally) -> str:
    """A trial goes to the office itself: guarded like the real thing, but neither frozen nor noted, for doubles hurt nobody."""
    desk, now = Desk(mailing), run.clock()
    for entry in due:
        desk.message(entry, now)
    with opened(run.posts):
        for done, entry in enumerate(due, 1):
            data = desk.message(entry, now).as_bytes(mailing.sign)
            end = handed_over(run.posts[0], outgoing(entry.id, Path("trial") / name(entry), data))
            if isinstance(end, Unreachable):
                for rest in due[done - 1:]:
                    _note(tally, "left", rest.draft.key, "nicht mehr versucht")
                return str(end)
            _note(tally, STATES[type(end)], entry.draft.key, end.reply if isinstance(end, Receipt) else str(end))
            run.progress(done, len(due))
    return ""


def _note(tally: Tally, place: str, key: str, reason: str) -> None:
    tally.setdefault(place, []).append(Note(key=key, reason=reason))


def _outcome(sheet: Sheet, tally: Tally, stopped: str) -> Outcome:
    def both(place: str, before: tuple[Note, ...] = ()) -> tuple[Note, ...]:
        return (*before, *tally.get(place, ()))
    return Outcome(sent=both("sent"), already=both("already", sheet.already), paper=sheet.paper, held=sheet.held,
                   impossible=sheet.impossible, by_hand=sheet.by_hand, deferred=both("deferred"), failed=both("failed", sheet.failed),
                   unknown=both("unknown", sheet.unknown), left=both("left"), stopped=stopped)
