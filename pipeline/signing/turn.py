"""Who signs for an initiator: one signature, one field and one key each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.settings import Initiator, Signatory


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One signature on an initiator's side: whose it is, and the field it goes into."""

    initiator: Initiator
    field: str                      # names the field in the paper, the key in the settings, and the signature in the ledger
    signatory: Signatory | None     # None: who may sign is not proven yet

    @property
    def name(self) -> str:
        """For whom it is: "Stadt Dortmund", and where several sign for one initiator "Stadt Dortmund (Kämmerer)"."""
        several = len(self.initiator.fields) > 1 and self.signatory is not None
        return f"{self.initiator.name} ({self.signatory.function})" if several and self.signatory else self.initiator.name


def turns(initiators: Sequence[Initiator]) -> tuple[Turn, ...]:
    """All signatures of these initiators, in the order of the settings; of one without signatories the line that waits for them."""
    return tuple(Turn(initiator=initiator, field=field, signatory=signatory) for initiator in initiators
                 for field, signatory in zip(initiator.fields, initiator.signatories or (None,), strict=True))
