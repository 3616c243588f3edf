"""Releases whose proof does not hold: nothing goes out on them, and whoever has none to judge loads nothing for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.ledger import ApprovalRow
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pipeline.signing.proof import Proofs


class Refuted:
    """Finds decisions that cannot have been their givers'."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def why(self, decisions: Sequence[ApprovalRow]) -> str:
        """What refutes one of these decisions, a German sentence; "" for none. Raises SigningError as `Proofs.broken`."""
        return self._proofs.broken(decisions) if any(given.proof for given in decisions) else ""

    @cached_property
    def _proofs(self) -> Proofs:
        from pipeline.signing.proof import Proofs  # opens the signing libraries, half a second
        return Proofs(self._workspace)
