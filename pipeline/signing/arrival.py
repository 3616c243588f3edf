"""What arrives, and what is said of it: the records that returned files and returned paper have in common.

`sort` of `pipeline.signing.stacks` reads scans and images; `receive` of `pipeline.signing.returns` everything else:

    def sort(scans: Sequence[Received], house: House, progress: Progress) -> Iterator[Return]

It gets all scans and images of one run, in the order they came, and gives one `Return` for each received file and each
paper found in it, and one with an empty key where a file holds pages of no known paper. It reads nothing but these
arguments and the issued files under `house.workspace`, and writes nothing: `receive` keeps originals and the ledger.

Somebody who confirms a return calls `pipeline.signing.returns.confirm`, which notes it and, for a signed file, makes it
the one that the countersignatures are put on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from cryptography import x509

from pipeline.ledger import DocumentRow, IssueRow, ReturnRow, RevisionRow, SignatureRow
from pipeline.signing.verdict import Answer, Indication, Reason, worst
from pipeline.workspace import Workspace

Progress = Callable[[int, int], object]
"""Told how many pages or files are through, of how many."""


class State(StrEnum):
    """What the office does with a return."""

    ACCEPTED = "accepted"           # it counts, and what is due next is due
    TO_CONFIRM = "to-confirm"       # a person has to look at it: paper, or a signatory nobody has vouched for
    REFUSED = "refused"             # it does not count
    UNCLEAR = "unclear"             # nothing can be said: pages missing, no mark to be read, an unknown file


# what a person may settle by looking at it, when everything else holds
FOR_A_PERSON = frozenset((Reason.PAPER, Reason.NO_CHAIN, Reason.CHAIN_CONSTRAINTS, Reason.DEMO, Reason.EXPIRED, Reason.NO_TIME, Reason.TRY_LATER,
                          Reason.OTHER_PARTY))


def state(answers: Iterable[Answer]) -> State:
    """What follows from the four answers: one that has failed refuses, all passed accepts, and a person settles what a person can."""
    said = tuple(answers)
    if worst(said, "").indication is Indication.FAILED:
        return State.REFUSED
    open_points = [answer for answer in said if answer.indication is Indication.INDETERMINATE]
    if not open_points:
        return State.ACCEPTED
    return State.TO_CONFIRM if all(answer.reason in FOR_A_PERSON for answer in open_points) else State.UNCLEAR


@dataclass(frozen=True)
class Received:
    """One file that came back, as it came."""

    name: str                       # file name, without any folder
    data: bytes = field(repr=False)
    origin: str = "file"            # file, mail, scan

    @cached_property
    def sha256(self) -> str:
        """Of its bytes: the same file twice is the same return."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What this office knows when something comes back."""

    workspace: Workspace
    documents: Mapping[str, DocumentRow]
    revisions: Mapping[str, Sequence[RevisionRow]]
    issues: Mapping[str, Sequence[IssueRow]]
    signatures: Mapping[str, Sequence[SignatureRow]]
    returns: Mapping[str, Sequence[ReturnRow]]
    trust: Sequence[x509.Certificate]
    now: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """The verdict on one received file, for one paper in it."""

    received: Received
    key: str                        # "" where it cannot be told
    revision: int                   # 0 where it cannot be told
    state: State
    integrity: Answer               # are these the bytes, or the pages, that were given out?
    signatory: Answer               # is it known who signed?
    change: Answer                  # was only added what may be added?
    document: Answer                # is it the paper that was given out, and wanted back?
    sentence: str                   # all of it, for the office: German, without full stop
    missing: tuple[int, ...] = ()   # pages of the paper that did not come, counted from 1
    known_since: str = ""           # when this very file was received the first time, UTC; "" for just now

    @property
    def answers(self) -> Mapping[str, Answer]:
        """The four answers by their names."""
        return {"integrity": self.integrity, "signatory": self.signatory, "change": self.change, "document": self.document}

    @property
    def total(self) -> Indication:
        """The gravest of the four."""
        return worst(self.answers.values(), "").indication

    def as_json(self) -> dict[str, object]:
        """The return as `receive --json` gives it."""
        return {"file": self.received.name, "sha256": self.received.sha256, "origin": self.received.origin, "key": self.key,
                "revision": self.revision, "state": str(self.state), "total": str(self.total), "sentence": self.sentence,
                "missing": list(self.missing), "known_since": self.known_since, **{name: answer.as_json() for name, answer in self.answers.items()}}
