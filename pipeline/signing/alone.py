"""One at a time: whoever puts signatures on papers, or takes those of others, does it alone."""

from __future__ import annotations

from contextlib import AbstractContextManager

from pipeline.alone import alone as apart
from pipeline.errors import SigningError
from pipeline.workspace import Workspace

PATIENCE = 5.0    # seconds to wait for another signer before saying so


class SignersBusy(SigningError):
    """Another run is signing."""

    def __init__(self) -> None:
        super().__init__("ein anderer Lauf unterzeichnet gerade", hint="Warten, bis er fertig ist, und noch einmal versuchen.")


def alone(workspace: Workspace) -> AbstractContextManager[None]:
    """Two signers at once would each lose the other's signature. Raises SignersBusy, Unlockable."""
    return apart(workspace.outputs / ".signing.lock", SignersBusy, patience=PATIENCE)
