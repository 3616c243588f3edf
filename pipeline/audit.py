"""Whether the ledger still says what was noted in it: each event follows from the last, each row has its event, each event its row."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.ledger import ApprovalRow, DocumentRow, Event, Ledger
from pipeline.workspace import Workspace

Said = tuple[str, ...]      # what an event and its row both say
RELEASES: Mapping[str, str] = {"approved": "freigegeben", "rejected": "abgelehnt"}


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
    """Follows the log from its first event to its last, and lays every revision, release and signature beside its event.

    Signed files are read as well, as nothing can make them again. What is written meanwhile counts for the next audit.
    """
    return ledger.at_once(lambda: _audit(ledger, workspace))


def _audit(ledger: Ledger, workspace: Workspace) -> Audit:
    reading = _Reading()
    problems = [*reading.problems(ledger.log()), *_papers(ledger, reading), *_releases(ledger, reading), *_signatures(ledger, reading),
                *_lost(ledger, workspace)]
    return Audit(events=reading.events, last=reading.link, problems=tuple(problems))


class _Reading:
    """The log, read once."""

    def __init__(self) -> None:
        self.events = 0
        self.link = ""
        self.built: dict[tuple[str, int], Said] = {}            # key, revision → hashes of Word file and PDF
        self.latest: dict[str, tuple[int, str | None]] = {}     # key → revision built last, and by whom; None: older tools did not note it
        self.again: set[tuple[str, int]] = set()                # built more than once: with the same bytes, perhaps by somebody else
        self.fingerprints: dict[tuple[str, int], str] = {}      # key, revision → of what somebody took it for
        self.releases: Counter[Said] = Counter()
        self.signed: Counter[Said] = Counter()

    def problems(self, log: Iterator[Event]) -> Iterator[str]:
        for event in log:
            self.events += 1
            if not event.follows(self.link):
                yield f"Ereignis {event.id} ({event.at}, {event.what} {event.key}) folgt nicht auf das vorige: geändert, oder davor fehlt etwas"
            self.link = event.chain
            detail = _detail(event)
            if detail is None:
                yield f"Ereignis {event.id} ({event.at}, {event.what} {event.key}) ist beschädigt: seine Angaben lassen sich nicht lesen"
            else:
                self._note(event, detail)

    def _note(self, event: Event, detail: Mapping[str, object]) -> None:
        key = event.key
        said = {name: str(value) for name, value in detail.items()}
        revision = int(number) if (number := said.get("revision", "")).isdecimal() else 0
        if event.what == "built":
            if (key, revision) in self.built:
                self.again.add((key, revision))
            self.built[key, revision] = (said.get("docx", ""), said.get("pdf", ""))
            self.latest[key] = (revision, said.get("by"))
            self.fingerprints.pop((key, revision), None)
        elif event.what == "accepted":
            self.fingerprints[key, revision] = said.get("fingerprint", "")
        elif event.what in RELEASES:
            self.releases[event.what, key, str(revision), said.get("by", ""), said.get("docx", ""), said.get("pdf", ""), event.at] += 1
        elif event.what == "signed":
            self.signed[key, said.get("field", ""), said.get("sha256", "")] += 1


def _detail(event: Event) -> Mapping[str, object] | None:
    try:
        detail = json.loads(event.detail)
    except (ValueError, RecursionError):
        return None
    return detail if isinstance(detail, dict) else None


def _papers(ledger: Ledger, reading: _Reading) -> Iterator[str]:
    builders: dict[str, str] = {}       # of the papers whose last event does not say who built them
    gone: set[tuple[str, int]] = set()
    yield from _revisions(ledger, reading, builders, gone)
    documents = ledger.documents()      # after the revisions, so that only one of the two is held in memory
    for row in documents.values():
        yield from _paper(row, reading, builders.get(row.key))
    for key, revision in reading.built:
        if key not in documents or (key, revision) in gone:
            yield f"{key} wurde in Revision {revision} erstellt, sagt ein Ereignis, aber die Zeile dazu fehlt"


def _revisions(ledger: Ledger, reading: _Reading, builders: dict[str, str], gone: set[tuple[str, int]]) -> Iterator[str]:
    revisions = ledger.revisions()
    for row in (row for rows in revisions.values() for row in rows):
        if reading.built.get((row.key, row.revision)) != (row.docx_sha256, row.pdf_sha256):
            yield f"{row.key} hatte Revision {row.revision}, aber kein Ereignis belegt es"
        if reading.latest.get(row.key) == (row.revision, None):
            builders[row.key] = row.built_by
    for key, revision in reading.built:
        kept = [row.revision for row in revisions.get(key, ())]
        if revision not in kept and revision > min(kept, default=0):      # tools before version 3 kept the present revision alone
            gone.add((key, revision))


def _paper(row: DocumentRow, reading: _Reading, builder: str | None) -> Iterator[str]:
    if reading.built.get((row.key, row.revision)) != (row.docx_sha256, row.pdf_sha256):
        yield f"{row.key} hat Revision {row.revision}, aber kein Ereignis belegt es"
        return
    latest, by = reading.latest[row.key]
    if by is None:      # who was the last of several is then nowhere noted
        by = row.built_by if (row.key, row.revision) in reading.again else builder
    if latest != row.revision:
        yield f"{row.key} hat Revision {row.revision}, das letzte Ereignis erstellte Revision {latest}"
    elif row.built_by != by:
        yield f"{row.key} hat {row.built_by} erstellt, aber kein Ereignis belegt es"
    accepted = reading.fingerprints.get((row.key, row.revision))
    if accepted is not None and accepted != row.fingerprint:
        yield f"{row.key} gilt als erstellt aus etwas anderem, als das Ereignis sagt"


def _releases(ledger: Ledger, reading: _Reading) -> Iterator[str]:
    rows = Counter(_release(given) for given in (given for found in ledger.approvals().values() for given in found))
    for what, key, _, by, *_ in (rows - reading.releases).elements():
        yield f"{key} ist von {by} {RELEASES[what]}, aber kein Ereignis belegt es"
    for what, key, _, by, *_ in (reading.releases - rows).elements():
        yield f"{key} wurde von {by} {RELEASES[what]}, sagt ein Ereignis, aber die Zeile dazu fehlt oder sagt anderes"


def _release(given: ApprovalRow) -> Said:
    return ("approved" if given.released else "rejected", given.key, str(given.revision), given.approved_by, given.docx_sha256, given.pdf_sha256,
            given.approved_at)


def _signatures(ledger: Ledger, reading: _Reading) -> Iterator[str]:
    rows: Counter[Said] = Counter((given.key, given.field, given.sha256) for found in ledger.signatures().values() for given in found)
    for key, field, _ in (rows - reading.signed).elements():
        yield f"{key} ist im Feld {field} unterschrieben, aber kein Ereignis belegt es"
    for key, field, _ in (reading.signed - rows).elements():
        yield f"{key} wurde im Feld {field} unterschrieben, sagt ein Ereignis, aber die Zeile dazu fehlt oder sagt anderes"


def _lost(ledger: Ledger, workspace: Workspace) -> Iterator[str]:
    """Signed files that are gone or altered; a file carries all signatures so far, the last one's hash counts."""
    latest = {given.path: given for signatures in ledger.signatures().values() for given in signatures}
    for path, given in latest.items():
        file = workspace.root / path
        if not file.is_file():
            yield f"{path} fehlt, mit der Unterschrift im Feld {given.field}"
        elif hashlib.sha256(file.read_bytes()).hexdigest() != given.sha256:
            yield f"{path} ist nicht mehr die unterschriebene Datei"
