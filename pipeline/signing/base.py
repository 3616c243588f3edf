"""What a returned file rests on: which of the files given out it begins with, byte for byte.

A signature is appended, and so is everything else that may be done to a paper outside. So the first bytes tell which
paper it is, surer than anything the file says of itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.ledger import IssueRow
from pipeline.settings import PARTNER
from pipeline.signing.arrival import House

EOF = b"%%EOF"
MARKS = 400                                       # end-of-file marks looked at; a paper with all its signatures has some twenty
_LINE_ENDS = (b"", b"\n", b"\r", b"\r\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The part of a file that is ours."""

    key: str
    revision: int
    length: int                        # bytes
    issue: IssueRow | None             # None: built or signed here, but never given out


@dataclass(slots=True)
class Known:
    """Every file of ours by its hash."""

    issued: dict[str, IssueRow] = field(default_factory=dict)
    made: dict[str, tuple[str, int]] = field(default_factory=dict)     # built or signed: paper and revision

    @classmethod
    def of(cls, house: House) -> Known:
        """All that this house gave out, built or signed."""
        known = cls()
        for key, revisions in house.revisions.items():
            known.made |= {row.pdf_sha256: (key, row.revision) for row in revisions}
        for key, signatures in house.signatures.items():
            known.made |= {row.sha256: (key, row.revision) for row in signatures if row.field != PARTNER}
        known.made |= {row.pdf_sha256: (key, row.revision) for key, row in house.documents.items()}
        known.issued = {row.sha256: row for rows in house.issues.values() for row in rows}
        return known

    def base(self, data: bytes) -> Base | None:
        """The longest beginning of a file that was given out; else the longest that was made here; None for a stranger's."""
        made: Base | None = None
        issued: Base | None = None
        for length, sha256 in beginnings(data):
            if sha256 in self.issued:
                row = self.issued[sha256]
                issued = Base(key=row.key, revision=row.revision, length=length, issue=row)
            elif sha256 in self.made:
                key, revision = self.made[sha256]
                made = Base(key=key, revision=revision, length=length, issue=None)
        return issued or made


def beginnings(data: bytes) -> Iterator[tuple[int, str]]:
    """Length and sha-256 of each state a file went through, as far as it was only appended to; the whole file is the last."""
    running, done = hashlib.sha256(), 0
    for end in _ends(data):
        running.update(memoryview(data)[done:end])
        done = end
        yield end, running.hexdigest()


def _ends(data: bytes) -> Iterator[int]:
    place = last = 0
    for _ in range(MARKS):
        place = data.find(EOF, place)
        if place < 0:
            break
        place += len(EOF)
        for more in range(3):
            if place + more <= len(data) and data[place:place + more] in _LINE_ENDS and place + more > last:
                last = place + more
                yield last
    if last < len(data):
        yield len(data)
