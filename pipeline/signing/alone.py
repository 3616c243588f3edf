"""One at a time: whoever puts signatures on papers, or takes those of others, does it alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from pipeline.errors import SigningError
from pipeline.workspace import Workspace

PATIENCE = 5.0    # seconds to wait for another signer before saying so


class SignersBusy(SigningError):
    """Another run is signing."""

    def __init__(self) -> None:
        super().__init__("ein anderer Lauf unterzeichnet gerade", hint="Warten, bis er fertig ist, und noch einmal versuchen.")


@contextmanager
def alone(workspace: Workspace) -> Iterator[None]:
    """Two signers at once would each lose the other's signature; the lock goes with its process, however that ends."""
    workspace.outputs.mkdir(parents=True, exist_ok=True)
    lock = FileLock(workspace.outputs / ".signing.lock", timeout=PATIENCE)
    try:
        lock.acquire()
    except Timeout as error:
        raise SignersBusy from error
    try:
        yield
    finally:
        lock.release()
