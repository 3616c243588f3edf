"""One at a time: a lock that is let go when its process dies, and stands in nobody's way afterwards."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import GremiumError, WorkspaceError

NO_LOCKS = frozenset({errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK})     # some network drives, flock(2)


class Unlockable(WorkspaceError):
    """The file system of a lock knows none."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} lässt sich nicht sperren: das Dateisystem dort kennt keine Sperren, und zwei Läufe kämen einander in die Quere",
                         hint="Den Arbeitsordner auf ein anderes Laufwerk legen, oder die Freigabe mit Sperren einbinden lassen.")


@contextmanager
def alone(path: Path, busy: Callable[[], GremiumError], *, patience: float = 0.0) -> Iterator[None]:
    """Keeps other processes out while the block runs; waits up to `patience` seconds. Raises what `busy` gives, Unlockable, OSError."""
    from filelock import FileLock, Timeout  # half as long to import as all of a plan, and only who has something to do waits
    lock = FileLock(path, fallback_to_soft=False)     # a soft lock takes the file that stays for a holder, and waits for ever
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=patience)
    except Timeout as error:
        raise busy() from error
    except OSError as error:
        lock.release()
        if error.errno in NO_LOCKS:
            raise Unlockable(path.parent) from error
        raise
    try:
        yield
    finally:
        lock.release()
