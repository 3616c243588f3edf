"""Jobs on the machines of a Dask cluster that runs already: the same pure function, over the network."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from pipeline.build.executors import AHEAD, KillsItsProcess, Outcome, Take, Waiting, attempts, chunk, failure, unforeseen
from pipeline.errors import GremiumError, WorkspaceError

if TYPE_CHECKING:
    from pipeline.build.produce import Job

PATIENCE = 10           # seconds until the scheduler has answered
GOODBYE = 2             # seconds a scheduler that has gone is waited for
ALARM, DESERTED = 5, 60     # seconds without any worker until that is said, and until nobody is waited for any more
MOST = 32               # papers handed over together
_ALONE = threading.Lock()


class NoDask(WorkspaceError):
    """The cluster's library is not installed."""

    def __init__(self) -> None:
        super().__init__("für --cluster fehlt die Bibliothek dask.distributed", hint="pip install \"gremium[cluster]\"")


class Unreachable(WorkspaceError):
    """Nobody answers at the scheduler's address."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(f"der Cluster {address} ist nicht erreichbar ({reason})",
                         hint="Läuft dort „dask scheduler“, und mindestens ein „dask worker“?")


class ClusterLost(GremiumError):
    """The scheduler went away, or every worker did and none came back."""

    def __init__(self, address: str, *, deserted: bool = False) -> None:
        super().__init__(f"auf dem Cluster {address} arbeitet niemand mehr" if deserted else f"die Verbindung zum Cluster {address} ist abgerissen",
                         hint="Was fertig war, ist gesichert; derselbe Befehl macht damit weiter.")


class Cluster:
    """The workers of one scheduler. They need the same gremium and fonts, and see the templates under the same path."""

    def __init__(self, address: str) -> None:
        self._address = address

    def outcomes(self, take: Take) -> Iterator[Outcome]:
        """The outcome of every job, as they end; what a lost worker had is made by another.

        Raises NoDask, Unreachable, ClusterLost.
        """
        client = _connected(self._address)
        try:
            yield from self._course(client, take)
        finally:
            client.close(timeout=GOODBYE)

    def _course(self, client: Any, take: Take) -> Iterator[Outcome]:
        running: dict[Any, tuple[Job, ...]] = {}
        ended: SimpleQueue[Any] = SimpleQueue()
        suspects: deque[Job] = deque()      # of a chunk that took down one worker after the other: now one by one
        while True:
            # Workers come and go: there is as much under way as those now there can do.
            while len(running) < AHEAD * max(1, self._threads(client)) and (jobs := _next(suspects, take)):
                future = client.submit(alone, jobs, pure=False)
                running[future] = jobs
                future.add_done_callback(ended.put)
            if not running:
                return
            future = yield from self._patiently(client, lambda _: ended.get(timeout=1))
            jobs = running.pop(future)
            try:
                yield from (yield from self._patiently(client, partial(self._fetched, future)))
            except _KilledWorkers:
                if len(jobs) == 1:
                    yield failure(jobs[0], KillsItsProcess())
                suspects.extend(jobs if len(jobs) > 1 else ())
            except _Broken as error:
                if len(jobs) == 1:
                    yield unforeseen(jobs[0], error.reason)
                suspects.extend(jobs if len(jobs) > 1 else ())

    def _patiently(self, client: Any, get: Callable[[float], Any]) -> Generator[Outcome, None, Any]:
        """What `get` gives within so many seconds, sooner or later. While there is no worker at all, it hands the word back now and then."""
        since, told, seconds = time.monotonic(), False, 1.0
        while True:
            try:
                return get(seconds)
            except (Empty, TimeoutError):
                if client.status != "running":
                    raise ClusterLost(self._address) from None
            if self._threads(client):
                since, told, seconds = time.monotonic(), False, 2 * seconds
                continue
            alone, seconds = time.monotonic() - since, 1.0
            if alone > DESERTED:
                raise ClusterLost(self._address, deserted=True)
            if alone > ALARM and not told:
                told, left = True, DESERTED - ALARM
                yield Waiting(message=f"auf dem Cluster {self._address} arbeitet niemand mehr; gewartet wird noch {left} s")
            else:
                yield Waiting()

    def _threads(self, client: Any) -> int:
        try:
            return sum(client.nthreads().values())
        except (OSError, TimeoutError) as error:
            raise ClusterLost(self._address) from error

    def _fetched(self, future: Any, seconds: float) -> list[Outcome]:
        """What came of a chunk. It may have gone with its worker after all, and is made again: then it raises TimeoutError."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError
        try:
            outcomes: list[Outcome] = future.result(timeout=seconds)
        except KilledWorker as error:
            raise _KilledWorkers from error
        except TimeoutError as error:
            if future.status == "error":
                raise _Broken(error) from error
            raise
        except (FutureCancelledError, OSError) as error:
            raise ClusterLost(self._address) from error
        except Exception as error:      # whatever a worker's own Python, its memory or the way back may raise
            raise _Broken(error) from error
        return outcomes


class _Broken(Exception):
    """A chunk came to nothing, and not by a paper's own fault: made one by one, it is known which."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


class _KilledWorkers(GremiumError):
    """A chunk took down one worker after the other."""

    def __init__(self) -> None:
        super().__init__("mehrere Arbeiter des Clusters wurden beendet")


def alone(jobs: Sequence[Job]) -> list[Outcome]:
    """Several jobs, by one thread of this process at a time: setting pages is not made for more."""
    with _ALONE:
        return attempts(jobs)


def _next(suspects: deque[Job], take: Take) -> tuple[Job, ...]:
    return (suspects.popleft(),) if suspects else chunk(take, MOST)


def _connected(address: str) -> Any:
    try:
        import distributed
    except ImportError as error:
        raise NoDask from error
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)      # they tell of every lost connection, which we do in words
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise Unreachable(address, str(error).partition("\n")[0][:120]) from error
    if not client.nthreads():
        client.close()
        raise Unreachable(address, "es ist kein Arbeiter angemeldet")
    return client
