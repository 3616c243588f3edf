"""One build a workspace: who holds the lock says so, and a lock left behind by a dead process holds nobody up."""

from __future__ import annotations

import datetime as dt
import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.alone import alone
from pipeline.errors import GremiumError
from pipeline.workspace import place

NAME, HOLDER = ".lock", ".lock.json"
PATIENCE = 5.0      # seconds a second build waits for the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who builds here."""

    host: str
    pid: int
    command: str
    since: str      # UTC, ISO 8601


class Held(GremiumError):
    """Another command builds in this workspace."""

    def __init__(self, holder: Holder | None, now: dt.datetime) -> None:
        who = "" if holder is None else f": „{holder.command}“, Prozess {holder.pid} auf {holder.host}, {_age(holder, now)}"
        super().__init__(f"in diesem Arbeitsordner wird schon gebaut{who}", hint="Warten, bis er fertig ist, oder ihn dort beenden.")


class Unwritable(GremiumError):
    """The outputs cannot be written."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} lässt sich nicht schreiben: {reason}", hint="Was fertig war, ist gesichert; danach noch einmal bauen.")


@contextmanager
def held(outputs: Path, *, command: str, now: dt.datetime, patience: float = PATIENCE) -> Iterator[None]:
    """Holds the workspace's lock for this process; the system lets it go when the process dies. Raises Held, Unwritable, Unlockable."""
    holder = Holder(host=socket.gethostname(), pid=os.getpid(), command=command, since=now.astimezone(dt.UTC).isoformat())
    with ExitStack() as held_here:
        try:
            held_here.enter_context(alone(outputs / NAME, lambda: Held(_holder(outputs), now), patience=patience))
            place(outputs / HOLDER, json.dumps(asdict(holder)).encode())
        except OSError as error:
            raise Unwritable(outputs.name, error.strerror or str(error)) from error
        held_here.callback((outputs / HOLDER).unlink, missing_ok=True)
        yield


def _holder(outputs: Path) -> Holder | None:
    try:
        return Holder(**json.loads((outputs / HOLDER).read_bytes()))
    except (OSError, ValueError, TypeError):      # just let go, or just taken
        return None


def _age(holder: Holder, now: dt.datetime) -> str:
    minutes = int((now - dt.datetime.fromisoformat(holder.since)).total_seconds()) // 60
    if minutes < 1:
        return "seit weniger als einer Minute"
    return f"seit {minutes} Minuten" if minutes > 1 else "seit einer Minute"
