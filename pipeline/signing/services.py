"""What a signature level needs of others: the time-stamp service, and the evidence that a certificate counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.errors import SigningError
from pipeline.signing import archive, keys
from pipeline.signing.key import Key
from pipeline.signing.passphrases import Passphrase
from pipeline.signing.pen import Pen, Stroke, write
from pipeline.signing.revocation import Evidence, Inquiry, inquire, inquire_time
from pipeline.signing.timeservice import NoTimeService, TimeService
from pipeline.workspace import Workspace

STAMPED = ("B-T", "B-LT", "B-LTA")      # each signature with a time stamp
LASTING = ("B-LT", "B-LTA")             # and with evidence


class DemoCannotLast(SigningError):
    """A demonstration key has nobody who would answer for it."""

    def __init__(self, level: str) -> None:
        super().__init__(f"mit Demonstrationsschlüsseln ist die Stufe {level} nicht erreichbar: niemand gibt über sie Auskunft",
                         hint='Zum Vorführen in inputs/alliance.toml unter [signing] level = "B-B" oder "B-T" eintragen.')


@dataclass(frozen=True, slots=True)
class Level:
    """A signature level, with what it takes to reach it in this run."""

    name: str
    service: TimeService | None = None
    room: int = 0                                                # bytes kept free for a time stamp
    evidence: dict[str, Evidence] = field(default_factory=dict)  # by the key's owner; the service's under its host

    def sign(self, pdf: bytes, strokes: Sequence[tuple[Pen, Stroke]]) -> tuple[bytes, ...]:
        """The PDF after each signature; the last with what the level adds for all of them. Raises SigningError."""
        made: list[bytes] = []
        for pen, stroke in strokes:
            pdf = write(pdf, pen, stroke, self.service, self.room)
            made.append(pdf)
        if self.name in LASTING and made and self.service is not None:
            proofs = [self.evidence[owner] for owner in (*(pen.key.owner for pen, _ in strokes), self.service.host)]
            last = archive.with_evidence(pdf, proofs) if self.name == "B-LT" else archive.with_stamp(pdf, proofs, self.service, self.room)
            made[-1] = last
        return tuple(made)


def reach(workspace: Workspace, opened: Sequence[Key], now: dt.datetime, passphrase: Passphrase) -> Level:
    """Sets up the level of the settings for these keys, and asks whether they still count. Raises SigningError.

    Nothing of a paper is written before this has succeeded; a lower level is never chosen instead.
    """
    settings = workspace.settings.signing
    lasting = settings.level in LASTING
    if lasting and any(key.demo for key in opened):
        raise DemoCannotLast(settings.level)
    inquiry = Inquiry(trust=keys.trusted(workspace), now=now, required=lasting or settings.revocation == "required", attempts=settings.attempts)
    evidence: dict[str, Evidence | None] = {}
    if lasting or settings.revocation != "off":
        evidence = {key.owner: inquire(key, inquiry) for key in opened if not key.demo}
    service, room = None, 0
    if settings.level in STAMPED:
        if not settings.timestamp:
            raise NoTimeService(settings.level)
        service = TimeService(settings.timestamp, attempts=settings.attempts, now=now, passphrase=passphrase)
        room = service.reserve()
        evidence[service.host] = inquire_time(service, inquiry)
    return Level(settings.level, service, room, {owner: found for owner, found in evidence.items() if found is not None})
