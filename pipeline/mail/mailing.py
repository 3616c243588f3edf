"""What a mailing is: one kind of paper, all that decides about it, and what it comes to for each recipient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pipeline.ledger import DocumentRow, EntryRow, MessageRow
from pipeline.mail.message import Sign
from pipeline.mail.paper import Paper
from pipeline.papers.draft import Draft, Recipient
from pipeline.records import Meeting, Provenance
from pipeline.workspace import Workspace

WAITING = ("frozen", "claimed", "deferred", "withdrawn")     # states that a run may still send from


class Purpose(StrEnum):
    """What a message is for; the value, but for the first, is the name of its text in `templates/mail/`."""

    LETTER = "letter"               # carries a released paper; its text is named after the kind
    CANCELLATION = "cancellation"   # takes an invitation back; carries none
    REMINDER = "reminder"           # asks once more for an answer; carries none
    RETURN = "memorandum-reminder"          # asks for a paper that is out and has not come back; carries none
    WITHDRAWAL = "memorandum-withdrawal"    # says that a paper that is out counts no more; carries none


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """One kind of paper that is to go out, and all that decides about it."""

    workspace: Workspace
    kind: str
    drafts: Sequence[Draft]                                  # of that kind, present state
    meetings: Mapping[str, Meeting]
    released: Mapping[str, DocumentRow]                      # by key: papers whose present bytes are released
    held: Mapping[str, str] = field(default_factory=dict)    # by key: why a paper is not among them
    provenance: Callable[[bytes], Provenance | None]         # reads from a PDF what it was made from
    sign: Sign | None = None                                 # puts an S/MIME signature on each message
    redirect: str = ""                                       # a trial: everything goes to this address, and nothing is noted
    silent: frozenset[str] = frozenset()                     # keys of people who get nothing: erased, or they object
    hushed: frozenset[str] = frozenset()                     # hashes of addresses nothing may go to
    known: Mapping[str, Recipient] = field(default_factory=dict)   # by key: everybody in the tables, invited or not
    doubt: str = ""                                          # why nobody can be told for sure to be invited no more
    reminding: Callable[[Draft], int] | None = None          # reminders instead of letters: the number of the one due, 0 for none
    papers: Mapping[str, Paper] = field(default_factory=dict)    # by key: papers that are given out to be signed and sent back
    out: Mapping[str, str] = field(default_factory=dict)     # by key: why a paper is not given out once more
    about: Purpose = Purpose.LETTER                          # what is said of those papers
    chosen: frozenset[str] = frozenset()                     # keys of papers, and nothing is done about others; empty for all


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One paper and what is to be said about it."""

    key: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One message that is to go."""

    draft: Draft
    row: DocumentRow | None                # the paper it carries; None for a message without one
    recipient: Recipient
    address: str
    id: str
    sequence: int = 0
    uid: str = ""                          # of the calendar entry; "" for a paper that invites to nothing
    meeting: Meeting | None = None         # as the message tells of it: of a cancellation, as the recipient knows it
    before: EntryRow | None = None         # the entry the recipient holds
    purpose: Purpose = Purpose.LETTER
    off: bool = False                      # of a cancellation: the meeting is not held at all
    moved: bool = False                    # the recipient's address is another than that of the last invitation
    dead: bool = False                     # the last message to this address came back as undeliverable
    number: int = 0                        # of a reminder
    paper: Paper | None = None             # one that is given out to be signed and sent back
    waiting: MessageRow | None = None      # frozen by an earlier run


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One message to look at before sending."""

    key: str
    to: str
    subject: str
    text: str
    reason: str = ""      # why it is unusual


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What `send` would do; every recipient stands in exactly one of the lists."""

    due: tuple[Due, ...]
    already: tuple[Note, ...]        # sent or printed before, in these very bytes
    unknown: tuple[Note, ...]        # handed over once, without reply: for a person to settle
    failed: tuple[Note, ...]         # refused for good before
    paper: tuple[Note, ...]          # no e-mail: the print batch
    held: tuple[Note, ...]           # not released, or not allowed
    impossible: tuple[Note, ...]     # neither e-mail nor postal address
    by_hand: tuple[Note, ...] = ()   # not invited any more, and no e-mail can tell them
    samples: tuple[Sample, ...] = ()
    unusual: tuple[Sample, ...] = ()

    @property
    def number(self) -> int:
        """How many messages would go out."""
        return len(self.due)

    @property
    def updates(self) -> tuple[Due, ...]:
        """Those that change an entry somebody holds."""
        return tuple(due for due in self.due if due.purpose is Purpose.LETTER and due.before is not None)

    @property
    def cancellations(self) -> tuple[Due, ...]:
        """Those that take an invitation back."""
        return tuple(due for due in self.due if due.purpose is Purpose.CANCELLATION)
