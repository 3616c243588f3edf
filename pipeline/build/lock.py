"""One build a workspace: who holds the lock says so, and a lock left behind by a dead process holds nobody up."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.errors import GremiumError, WorkspaceError
from pipeline.workspace import place

NAME, HOLDER = ".lock", ".lock.json"
PATIENCE = 5.0      # seconds a second build waits for the first
NO_LOCKS = frozenset({errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK})     # some network drives, flock(2)


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


class Unlockable(WorkspaceError):
    """The file system of the outputs knows no locks."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} lässt sich nicht sperren: das Dateisystem dort kennt keine Sperren, und zwei Läufe kämen einander in die Quere",
                         hint="Den Arbeitsordner auf ein anderes Laufwerk legen, oder die Freigabe mit Sperren einbinden lassen.")


@contextmanager
def held(outputs: Path, *, command: str, now: dt.datetime, patience: float = PATIENCE) -> Iterator[None]:
    """Holds the workspace's lock for this process; the system lets it go when the process dies. Raises Held, Unwritable, Unlockable."""
    from filelock import FileLock, Timeout  # half as long to import as all of a plan, and only a build with something to do waits
    holder = Holder(host=socket.gethostname(), pid=os.getpid(), command=command, since=now.astimezone(dt.UTC).isoformat())
    lock = FileLock(outputs / NAME, fallback_to_soft=False)    # a soft lock takes the file that stays for a holder, and waits for ever
    try:
        outputs.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=patience)
        place(outputs / HOLDER, json.dumps(asdict(holder)).encode())
    except Timeout as error:
        raise Held(_holder(outputs), now) from error
    except OSError as error:
        lock.release()
        if error.errno in NO_LOCKS:
            raise Unlockable(outputs) from error
        raise Unwritable(outputs.name, error.strerror or str(error)) from error
    try:
        yield
    finally:
        (outputs / HOLDER).unlink(missing_ok=True)
        lock.release()


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
