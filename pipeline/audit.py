"""Whether the ledger still says what was noted in it: each event follows from the last, and each row has its event."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.ledger import Event, Ledger
from pipeline.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit found."""

    events: int
    last: str                       # the last link; written down elsewhere, it shows later whether the end was cut off
    problems: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """As `status --audit --json` gives it."""
        return {"events": self.events, "last": self.last, "problems": list(self.problems)}


def audit(ledger: Ledger, workspace: Workspace) -> Audit:
    """Follows the log from its first event to its last, and looks for the event of every revision, release and signature.

    Signed files are read as well, as nothing can make them again.
    """
    reading = _Reading()
    problems = list(reading.problems(ledger.log()))
    problems += [f"{what}, aber kein Ereignis belegt es" for what in _unproven(ledger, reading.noted)]
    problems += _lost(ledger, workspace)
    return Audit(events=reading.events, last=reading.link, problems=tuple(problems))


class _Reading:
    """The log, read once."""

    def __init__(self) -> None:
        self.events = 0
        self.link = ""
        self.noted: set[tuple[str, str, str]] = set()      # what, key, sha-256 of the PDF or signed file

    def problems(self, log: Iterator[Event]) -> Iterator[str]:
        for event in log:
            self.events += 1
            if not event.follows(self.link):
                yield f"Ereignis {event.id} ({event.at}, {event.what} {event.key}) folgt nicht auf das vorige: geändert, oder davor fehlt etwas"
            self.link = event.chain
            detail = json.loads(event.detail)
            self.noted.add((event.what, event.key, str(detail.get("pdf") or detail.get("sha256") or "")))


def _unproven(ledger: Ledger, noted: set[tuple[str, str, str]]) -> Iterator[str]:
    for row in ledger.documents().values():
        if ("built", row.key, row.pdf_sha256) not in noted:
            yield f"{row.key} hat Revision {row.revision}"
    for key, revisions in ledger.revisions().items():
        yield from (f"{key} hatte Revision {row.revision}" for row in revisions if ("built", key, row.pdf_sha256) not in noted)
    for key, approvals in ledger.approvals().items():
        yield from (f"{key} ist von {given.approved_by} {'freigegeben' if given.released else 'abgelehnt'}" for given in approvals
                    if ("approved" if given.released else "rejected", key, given.pdf_sha256) not in noted)
    for key, signatures in ledger.signatures().items():
        yield from (f"{key} ist im Feld {given.field} unterschrieben" for given in signatures if ("signed", key, given.sha256) not in noted)


def _lost(ledger: Ledger, workspace: Workspace) -> Iterator[str]:
    """Signed files that are gone or altered; a file carries all signatures so far, the last one's hash counts."""
    latest = {given.path: given for signatures in ledger.signatures().values() for given in signatures}
    for path, given in latest.items():
        file = workspace.root / path
        if not file.is_file():
            yield f"{path} fehlt, mit der Unterschrift im Feld {given.field}"
        elif hashlib.sha256(file.read_bytes()).hexdigest() != given.sha256:
            yield f"{path} ist nicht mehr die unterschriebene Datei"
