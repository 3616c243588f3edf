"""Handing over what is frozen: through one connection or several, at the pace that is set, one step on disk before the next.

A message is carried to the server while it is noted that it leaves; its final dot, without which no server may take it
(RFC 5321, 4.1.1.4), waits until the note is on disk.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from pipeline.ledger import Ledger, MessageRow
from pipeline.mail.outbox import NotAsFrozen, thaw
from pipeline.mail.pace import Queue, Waiting, rates, within
from pipeline.mail.post import Deferred, Go, InDoubt, Outgoing, Post, Receipt, Refused, Scope, Unreachable, Withheld
from pipeline.mail.sheet import Note
from pipeline.workspace import Workspace

Tally = dict[str, list[Note]]     # what became of each message, by the lists of an outcome
WORTH_SAYING = 5.0                # seconds of waiting that a person should know of

End = Receipt | Refused | Deferred | InDoubt | Unreachable | Withheld
STATES: Mapping[type[object], str] = {Receipt: "sent", Refused: "failed", Deferred: "deferred", InDoubt: "unknown", Unreachable: "deferred"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The journal, the ways out, the clocks, and whom to tell how far it is."""

    ledger: Ledger
    posts: Sequence[Post]                                                # one a connection; each carries one message at a time
    clock: Callable[[], dt.datetime]                                     # aware; may be set back without harm
    timer: Callable[[], float]                                           # seconds, never going back
    sleep: Callable[[float], None]
    pauses: Sequence[int] = ()                                           # seconds before each further try; none: the next run tries
    progress: Callable[[int, int], None] = lambda done, total: None      # messages done, messages due
    say: Callable[[str], None] = lambda line: None                       # why nothing happens just now


def handed_over(post: Post, message: Outgoing, go: Go = lambda: None) -> End:
    """Tries once; what the server said, or how it failed."""
    try:
        return post.deliver(message, go)
    except (Refused, Deferred, InDoubt, Unreachable, Withheld) as error:
        return error


class _Noted:
    """Whether it is on disk that a message leaves, for the thread that carries it."""

    def __init__(self) -> None:
        self._known: Future[bool] = Future()

    def __call__(self) -> None:
        """Waits until that is known. Raises Withheld."""
        if not self._known.result():
            raise Withheld

    def is_so(self, noted: bool) -> None:
        """Lets the message go, or keeps it."""
        self._known.set_result(noted)


class Dispatch:
    """One run of frozen messages out of the house."""

    def __init__(self, workspace: Workspace, run: Run, queue: Queue, tally: Tally) -> None:
        self._workspace, self._run, self._queue, self._tally = workspace, run, queue, tally
        rows = run.ledger.messages()
        self._rows: dict[str, MessageRow] = {row.id: row for row in rows}
        self._total, self._done = len(queue.waiting), 0
        self._rates = rates(workspace.settings.mail, _ages(rows, run.clock()), run.timer())
        self._free = list(reversed(run.posts))
        self._flying: dict[Future[End], tuple[Post, Waiting]] = {}
        self._landed: SimpleQueue[Future[End]] = SimpleQueue()
        self._ended: list[tuple[str, str, str]] = []      # known, and not yet on disk
        self._ready: dict[str, Outgoing | NotAsFrozen] = {}        # read from disk while others were under way
        self._stopped = ""

    def go(self) -> str:
        """Sends until nothing is left or nothing more can be done; why it ended early, or nothing."""
        self._claim()
        with ThreadPoolExecutor(len(self._run.posts)) as pool:
            try:
                while self._turn(pool):
                    pass
            finally:      # an interrupted run still hears, and notes, what became of the messages under way
                while self._flying:
                    self._land(None)
                self._note()
                self._run.ledger.release(self._run.clock())
        for entry in self._queue.waiting:
            self._tell("deferred" if entry.tried else "left", entry.key, "noch nicht angenommen" if entry.tried else "nicht mehr versucht")
        return self._stopped

    def _claim(self) -> None:
        """Takes all that waits for this run."""
        ours = self._run.ledger.claim((entry.id for entry in self._queue.waiting), self._run.clock())
        theirs = [entry for entry in self._queue.waiting if entry.id not in ours]
        for entry in theirs:
            self._queue.waiting.remove(entry)
            self._end(entry, "already", str(Withheld()))

    def _turn(self, pool: ThreadPoolExecutor) -> bool:
        """Starts what may start, then waits for the next thing to happen; False when nothing will."""
        now = self._run.timer()
        self._start(pool, now)
        if self._stopped and not self._flying:
            return False
        delay = max((self._queue.pause(now), *(rate.wait(now) for rate in self._rates)))
        if self._flying:
            self._look_ahead()
            self._land(delay if self._free and self._queue.waiting and not self._stopped else None)
        elif self._queue.waiting and delay:
            if delay >= WORTH_SAYING:
                self._run.say(f"Pause von {delay:.0f} Sekunden, dann weiter mit {len(self._queue.waiting)} Nachrichten.")
            self._run.sleep(delay)
        return bool(self._flying or self._queue.waiting or self._ended)

    def _start(self, pool: ThreadPoolExecutor, now: float) -> None:
        """Notes what has ended and what begins in one write, while what begins is on its way to the server but for the final dot."""
        chosen: dict[str, tuple[Waiting, Outgoing]] = {}
        while len(chosen) < len(self._free) and (entry := self._next(now)):
            message = self._thawed(entry)
            if isinstance(message, NotAsFrozen):
                self._end(entry, "failed", str(message))
            else:
                chosen[entry.id] = entry, message
        going = {number: _Noted() for number in chosen}
        taken: frozenset[str] = frozenset()
        try:
            for number, (entry, message) in chosen.items():
                post = self._free.pop()
                future = pool.submit(handed_over, post, message, going[number])
                self._flying[future] = post, entry
                future.add_done_callback(self._landed.put)
            taken = self._note(tuple(chosen))
        finally:
            for number, noted in going.items():
                noted.is_so(number in taken)

    def _thawed(self, entry: Waiting) -> Outgoing | NotAsFrozen:
        if entry.id in self._ready:
            return self._ready.pop(entry.id)
        try:
            return thaw(self._workspace, self._rows[entry.id])
        except NotAsFrozen as error:
            return error

    def _look_ahead(self) -> None:
        """Reads what is probably next while the servers are busy."""
        for entry in self._queue.waiting[:len(self._run.posts)]:
            if entry.id not in self._ready and len(self._ready) < 2 * len(self._run.posts):
                self._ready[entry.id] = self._thawed(entry)

    def _next(self, now: float) -> Waiting | None:
        """The message that may leave now, counted against the rates."""
        window = self._workspace.settings.mail.window
        if self._queue.waiting and not self._stopped and not within(window, self._run.clock()):
            self._stopped = f"Sendezeit zu Ende ({window.replace('-', ' bis ')} Uhr)"
        if self._stopped or any(rate.wait(now) for rate in self._rates):
            return None
        entry = self._queue.take(now)
        if entry is not None:
            for rate in self._rates:
                rate.went(now)
        return entry

    def _land(self, timeout: float | None) -> None:
        """Waits for messages under way, at most so many seconds, and sorts what became of them."""
        try:
            landed = [self._landed.get(timeout=timeout)]
        except Empty:
            return
        while not self._landed.empty():
            landed.append(self._landed.get())
        for future in landed:
            post, entry = self._flying.pop(future)
            self._free.append(post)
            self._sort(entry, future.result())

    def _sort(self, entry: Waiting, end: End) -> None:
        if isinstance(end, Withheld):
            self._end(entry, "already", str(end))
            return
        state, reply = STATES[type(end)], end.reply if isinstance(end, Receipt) else str(end)
        self._ended.append((entry.id, state, reply))
        error = Deferred(reply, scope=Scope.SERVER) if isinstance(end, Unreachable) else end
        if not isinstance(error, Deferred):
            self._queue.went(entry)
        elif self._queue.again(entry, error, self._run.timer()):
            return
        elif isinstance(end, Unreachable):
            self._stopped = reply
        self._end(entry, state, reply)

    def _note(self, begun: Sequence[str] = ()) -> frozenset[str]:
        if not self._ended and not begun:
            return frozenset()
        ended, self._ended = self._ended, []
        return self._run.ledger.step(ended, begun, self._run.clock())

    def _end(self, entry: Waiting, place: str, reason: str) -> None:
        self._tell(place, entry.key, reason)
        self._done += 1
        self._run.progress(self._done, self._total)

    def _tell(self, place: str, key: str, reason: str) -> None:
        self._tally.setdefault(place, []).append(Note(key=key, reason=reason))


def _ages(rows: Sequence[MessageRow], now: dt.datetime) -> list[float]:
    """Seconds since each message that went; one noted in the future, by a clock set back since, counts as just gone."""
    return [max(0.0, (now - dt.datetime.fromisoformat(row.changed_at)).total_seconds()) for row in rows if row.state in ("sent", "unknown")]
