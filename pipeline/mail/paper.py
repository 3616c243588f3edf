"""A paper that is given out to be signed and sent back, as one message is about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline import wording
from pipeline.ledger import IssueRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a message has to say of a paper, and what the ledger notes of it once the message has left."""

    issue: IssueRow                # what is noted then; of a reminder or a notice the one it is about
    signed: tuple[str, ...] = ()   # the initiators whose signatures it carries
    after: tuple[str, ...] = ()    # those who sign when the partner has signed
    return_by: dt.date
    number: int = 0                # of a letter: how often this revision went out before; of a reminder: its number
    reason: str = ""               # why it counts no more
    stop: str = ""                 # why nothing is to be said of it now

    @property
    def marks(self) -> tuple[str, ...]:
        """What tells a letter from earlier ones with the same file to the same address."""
        return (f"AGAIN{self.number}",) if self.number else ()


def worded(paper: Paper, zone: dt.tzinfo) -> Mapping[str, object]:
    """The fields of a mail text that speak of the paper, in German."""
    issue = paper.issue
    given = dt.datetime.fromisoformat(issue.issued_at).astimezone(zone).date() if issue.issued_at else None
    return {
        "key": issue.key, "revision": issue.revision, "signed": list(paper.signed), "after": list(paper.after),
        "signed_by": wording.listing(paper.signed), "after_by": wording.listing(paper.after),
        "return_by": wording.weekday_date(paper.return_by), "given": wording.date(given) if given else "",
        "way": {"hand": "persönlich", "post": "per Post", "mail": "per E-Mail"}.get(issue.way, ""), "reason": paper.reason,
    }
