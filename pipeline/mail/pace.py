"""How fast messages leave: rates, hours, and pauses that grow where a server is not ready. Seconds are those of a steady clock."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from pipeline.errors import SendingError
from pipeline.mail.address import domain
from pipeline.mail.post import Deferred, Scope
from pipeline.settings import MailSettings

ZONE = ZoneInfo("Europe/Berlin")
_EVERYWHERE = ""        # stands for the server itself among the domains


class OutsideHours(SendingError):
    """Messages leave at certain hours only, and it is not the time."""

    def __init__(self, window: str) -> None:
        super().__init__(f"versandt wird nur von {window.replace('-', ' bis ')} Uhr (mail.window)",
                         hint="Später erneut senden; was eingefroren ist, bleibt und geht dann hinaus.")


def within(window: str, now: dt.datetime) -> bool:
    """Whether the hours allow sending, such as "08:00-18:00" or, past midnight, "20:00-06:00", on clocks in Berlin; "" always does."""
    if not window:
        return True
    begin, end = (dt.time.fromisoformat(part) for part in window.split("-"))
    moment = now.astimezone(ZONE).time()
    return begin <= moment < end if begin <= end else moment >= begin or moment < end


class Rate:
    """So many messages in so many seconds, and no more, whatever the run they were sent by."""

    def __init__(self, number: int, seconds: float, ages: Iterable[float], now: float) -> None:
        self._seconds = seconds
        self._gone = deque(sorted(now - age for age in ages if age < seconds)[-number:], maxlen=number)

    def wait(self, now: float) -> float:
        """Seconds until one more may go."""
        if len(self._gone) < (self._gone.maxlen or 0):
            return 0.0
        return max(0.0, self._gone[0] + self._seconds - now)

    def went(self, now: float) -> None:
        """One more has gone."""
        self._gone.append(now)


def rates(settings: MailSettings, ages: Sequence[float], now: float) -> tuple[Rate, ...]:
    """The rates of the settings; `ages` are the seconds since each message that went before."""
    wanted = ((settings.per_minute, 60.0), (settings.per_hour, 3600.0))
    return tuple(Rate(number, seconds, ages, now) for number, seconds in wanted if number)


@dataclass(slots=True)
class Waiting:
    """One message in the queue."""

    id: str
    key: str
    domain: str
    tried: int = 0
    ready: float = 0.0         # not before this second


@dataclass
class Queue:
    """The messages still to go, in their order, with the pauses each must keep."""

    pauses: Sequence[int]                               # seconds, after the first failure, the second …
    waiting: list[Waiting] = field(default_factory=list)
    _quiet: dict[str, float] = field(default_factory=dict)      # domain → not before this second
    _failures: dict[str, int] = field(default_factory=dict)     # domain → failures in a row

    def take(self, now: float) -> Waiting | None:
        """The first message that may go now."""
        if self._quiet.get(_EVERYWHERE, 0.0) > now:
            return None
        for place, entry in enumerate(self.waiting):
            if entry.ready <= now and self._quiet.get(entry.domain, 0.0) <= now:
                return self.waiting.pop(place)
        return None

    def pause(self, now: float) -> float:
        """Seconds until the next message may go; 0 when one may go now."""
        soonest, everywhere = float("inf"), self._quiet.get(_EVERYWHERE, 0.0)
        for entry in self.waiting:
            soonest = min(soonest, max(entry.ready, self._quiet.get(entry.domain, 0.0), everywhere))
            if soonest <= now:      # as a rule the first one: thousands are not looked at after each message
                return 0.0
        return soonest - now if self.waiting else 0.0

    def went(self, entry: Waiting) -> None:
        """A server has answered for good: its pauses start small again."""
        for place in (entry.domain, _EVERYWHERE):
            self._failures.pop(place, None)

    def again(self, entry: Waiting, error: Deferred, now: float) -> bool:
        """Puts a message back that was not taken, after all that may go earlier; False when it was tried often enough."""
        for place in _places(entry, error.scope):
            failures = self._failures[place] = self._failures.get(place, 0) + 1
            self._quiet[place] = now + self._length(failures)
        entry.tried += 1
        if entry.tried > len(self.pauses):
            return False
        entry.ready = now + self._length(entry.tried)
        self.waiting.append(entry)
        return True

    def _length(self, failures: int) -> float:
        return float(self.pauses[min(failures, len(self.pauses)) - 1]) if self.pauses else 0.0


def _places(entry: Waiting, scope: Scope) -> Iterator[str]:
    if scope is Scope.DOMAIN:
        yield entry.domain
    elif scope is Scope.SERVER:
        yield _EVERYWHERE


def queued(messages: Iterable[tuple[str, str, str]], pauses: Sequence[int]) -> Queue:
    """A queue of messages: id, key and address of each."""
    return Queue(pauses, [Waiting(id=number, key=key, domain=domain(address).casefold()) for number, key, address in messages])
