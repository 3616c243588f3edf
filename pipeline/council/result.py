"""What the council decided, as the office reports it: checked against what was submitted before it is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from pipeline.council.memory import note_decision, submitted_pilots
from pipeline.errors import WorkspaceError
from pipeline.ledger import Ledger
from pipeline.records import Decision, Outcome


class NothingSubmitted(WorkspaceError):
    """No dossier was put together for the session."""

    def __init__(self, session: dt.date) -> None:
        super().__init__(f"zur Sitzung am {session:%d.%m.%Y} wurde keine freigegebene Vorlage mit Pilotvorschlägen zusammengestellt",
                         hint="Erst „gremium council“ ohne --draft; eine andere Sitzung mit --session JJJJ-MM-TT.")


class NotProposed(WorkspaceError):
    """A pilot was decided on that was not proposed to the session."""

    def __init__(self, pilot: str, proposed: Sequence[str]) -> None:
        super().__init__(f"„{pilot}“ war nicht vorgeschlagen", hint=f"Vorgeschlagen waren: {', '.join(proposed)}.")


class AmendmentMissing(WorkspaceError):
    """An amended resolution without its amendment."""

    def __init__(self) -> None:
        super().__init__("„geändert beschlossen“ braucht den Wortlaut der Änderung", hint="Mit --amendment \"…\" angeben, auch mehrfach.")


class VotesBelowZero(WorkspaceError):
    """A number of votes below zero."""

    def __init__(self) -> None:
        super().__init__("eine Stimmenzahl kann nicht kleiner als null sein", hint="--ayes, --noes und --abstentions prüfen.")


def decide(ledger: Ledger, said: Decision, now: dt.datetime) -> tuple[Decision, bool]:
    """Keeps the council's decision. `said.pilots` are those decided differently from the rest; what comes back names them all.
    False when it was known already.

    Raises WorkspaceError: nothing was submitted, a pilot was not proposed, an amendment has no words.
    """
    proposed = submitted_pilots(ledger, said.session)
    if not proposed:
        raise NothingSubmitted(said.session)
    for pilot in said.pilots:
        if pilot not in proposed:
            raise NotProposed(pilot, proposed)
    if Outcome.AMENDED in (said.outcome, *said.pilots.values()) and not said.amendments:
        raise AmendmentMissing
    if any(number is not None and number < 0 for number in (said.ayes, said.noes, said.abstentions)):
        raise VotesBelowZero
    decision = replace(said, pilots={pilot: said.pilots.get(pilot, said.outcome) for pilot in proposed})
    return decision, note_decision(ledger, decision, now)
