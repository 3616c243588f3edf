"""What the ledger gives back: one frozen record for each row."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.errors import LedgerError


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """One paper's present revision."""

    key: str
    kind: str
    subject: str
    docx: str
    pdf: str
    revision: int
    fingerprint: str
    inputs: Mapping[str, str]
    docx_sha256: str
    pdf_sha256: str
    seconds: float
    built_by: str
    built_at: str
    docx_seen: str = ""     # what the file system said of the file when its bytes were last compared; "" for never
    pdf_seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRow:
    """One revision a paper has or had."""

    key: str
    revision: int
    fingerprint: str
    docx_sha256: str
    pdf_sha256: str
    built_by: str
    built_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRow:
    """A template as papers were made from it."""

    file: str                       # sha-256 of its bytes
    reading: int                    # number of the rules by which it was read
    essence: str                    # sha-256 of what it says and looks like
    fonts: frozenset[str]
    pieces: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, as the log has it."""

    id: int
    at: str
    what: str
    key: str
    detail: str                     # JSON
    chain: str

    def follows(self, link: str) -> bool:
        """The event was noted after this link, and word for word as it stands."""
        return self.chain == chained(link, self.at, self.what, self.key, self.detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    """One release, or one rejection."""

    key: str
    revision: int
    docx_sha256: str
    pdf_sha256: str
    approved_by: str
    approved_at: str
    envelope: str = ""             # sha-256 of recipient and mail text it covers; "" for papers not mailed
    reason: str = ""               # why it was rejected; "" for a release
    login: str = ""                # who sat at the machine
    inputs: Mapping[str, str] = field(default_factory=dict, repr=False)   # what that revision was made from
    proof: bytes = field(default=b"", repr=False)                         # the approver's signature (CMS); empty without a key

    @property
    def released(self) -> bool:
        """A release, not a rejection."""
        return not self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRow:
    """A revision that left the house."""

    id: int = 0                    # 0 before it stands in the ledger
    key: str
    revision: int
    base_sha256: str
    sha256: str
    path: str
    way: str                       # hand, post, mail
    issued_at: str
    reminded: int = 0
    reminded_at: str = ""
    withdrawn_at: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentRow:
    """What one message or letter is to a paper that is given out; noted of the paper once it has left."""

    message: str                   # its id in the journal
    purpose: str                   # issue, reminder, notice
    issue: IssueRow                # which it is about; of an issue what is to be noted, with id 0
    done: bool = False             # it has left, and that is noted


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRow:
    """One signature."""

    key: str
    revision: int
    field: str
    signer: str
    path: str
    base_sha256: str
    sha256: str
    signed_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRow:
    """What one received file says about one paper: a file with five memoranda has five rows, the same file twice has one."""

    sha256: str                    # of the file as it was received
    name: str                      # file name it came under
    origin: str                    # file, mail, scan
    key: str                       # of the paper; "" where the file does not tell
    revision: int                  # 0 where the file does not tell
    state: str                     # accepted, to-confirm, refused, unclear
    answers: Mapping[str, Mapping[str, str]]   # integrity, signatory, change, document → indication, reason, sentence
    sentence: str                  # all of it in German, for the office
    path: str                      # the original, from the workspace
    missing: tuple[int, ...] = ()  # pages that did not come
    received_at: str
    confirmed_by: str = ""         # who looked at it and said that it holds; of one that is unclear, who put it aside
    confirmed_at: str = ""

    @property
    def dismissed(self) -> bool:
        """Somebody has looked at what says nothing, and put it aside: a blank sheet, a letter, half a scan."""
        return self.state == "unclear" and bool(self.confirmed_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One message of the journal."""

    id: str
    key: str
    kind: str
    pdf_sha256: str
    path: str
    sha256: str
    state: str
    attempts: int
    reply: str
    changed_at: str


RETURN_STATES = ("accepted", "to-confirm", "refused", "unclear")
CAME_BACK = ("accepted", "to-confirm")      # what counts as a paper that came back; the others are files that claim to be one
COUNTERSIGNED = "countersigned"             # the event of initiators' signatures that somebody saw on the paper itself
MESSAGE_STATES = ("frozen", "claimed", "sending", "sent", "deferred", "failed", "unknown", "printed", "posted", "withdrawn")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One calendar entry, as one message carries it to one person."""

    message: str                   # Message-ID without angle brackets
    key: str                       # of the paper: invitation/M-003/P-017
    meeting: str                   # M-003
    person: str                    # key of the recipient in the tables
    uid: str                       # of the meeting in all calendars
    sequence: int
    method: str                    # REQUEST, CANCEL
    start: str                     # 2017-06-20T16:00, on clocks in Berlin; "" where the entry is older than these pages
    said: Mapping[str, object] = field(repr=False)    # the meeting as the entry tells of it, to name later what has changed
    sha256: str                    # of the entry
    name_sha256: str               # `attendance.personal` of the recipient's name
    address_sha256: str            # and of the address it went to
    state: str = "frozen"          # of the message


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """One answer to an invitation. All are kept; of those to the entry a person holds, the later counts."""

    source: str                    # Message-ID of the answer, without angle brackets; the same one is never kept twice
    key: str                       # of the paper it answers: invitation/M-003/P-017
    uid: str                       # "" where it was no calendar reply
    attendee_sha256: str           # `attendance.personal` of the address that answers, by the calendar reply; "" where it does not say
    answer: str                    # accepted, declined, tentative, counter
    sequence: int                  # the entry it answers
    proposed: str = ""             # 2017-06-21T16:00, on clocks in Berlin: the time a counter-proposal names
    received_at: str               # UTC
    from_sha256: str               # `attendance.personal` of the address it was sent from


ANSWERS = ("accepted", "declined", "tentative", "counter")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """One reminder that an answer is awaited."""

    message: str
    key: str
    number: int                    # from 1
    day: str                       # 2017-06-01
    state: str = "frozen"          # of the message


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One mail of the office's inbox that was read."""

    id: str                # sha-256 over its Message-ID and its text
    place: str             # where it was read: "imap://post.example/INBOX;uidvalidity=7/;uid=12"; the file's name elsewhere
    sort: str              # what it was taken for: hard, soft, auto-reply, calendar …
    message: str = ""      # Message-ID of the one of our messages it is about; "" for none
    code: str = ""         # status code of a bounce (RFC 3463)
    read_at: str = ""


class LedgerDamaged(LedgerError):
    """One value of the ledger cannot be read; the rest can."""

    def __init__(self, of: str) -> None:
        super().__init__(f"im Verzeichnis ledger.sqlite ist beschädigt, was zu {of} gehört",
                         hint="Ein Papier erstellt „gremium build --force --only SCHLÜSSEL“ neu. Hilft das nicht und bleibt die Meldung, "
                              "während kein anderer Befehl läuft, die letzte Sicherung zurückspielen.")


class Packed(Mapping[str, str]):
    """A mapping fetched and unpacked when somebody asks: a plan of 100,000 papers looks at the inputs of few."""

    def __init__(self, fetch: Callable[[], bytes], of: str) -> None:
        self._fetch = fetch
        self._of = of           # what it belongs to, for whoever cannot read it
        self._fields: dict[str, str] | None = None

    def kept(self) -> bytes:
        """As it is kept, for a copy."""
        return self._fetch()

    def _unpacked(self) -> dict[str, str]:
        if self._fields is None:
            self._fields = unpacked(self._fetch(), self._of)
        return self._fields

    def __getitem__(self, path: str) -> str:
        return self._unpacked()[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._unpacked())

    def __len__(self) -> int:
        return len(self._unpacked())


def packed(inputs: Mapping[str, str]) -> bytes:
    """Fields as they are kept: deflated JSON; what was never unpacked is copied."""
    if isinstance(inputs, Packed):
        return inputs.kept()
    return zlib.compress(json.dumps(dict(inputs), ensure_ascii=False).encode())


def unpacked(kept: bytes, of: str) -> dict[str, str]:
    """The same, read again. Raises LedgerDamaged."""
    try:
        text = zlib.decompress(kept).decode()
    except (zlib.error, ValueError) as error:
        raise LedgerDamaged(of) from error
    found: dict[str, str] = parsed(text, dict, of)
    if not all(isinstance(value, str) for value in found.values()):
        raise LedgerDamaged(of)
    return found


def parsed(text: str, sort: type, of: str) -> Any:
    """A cell that holds JSON of this sort. Raises LedgerDamaged."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LedgerDamaged(of) from error
    if not isinstance(found, sort):
        raise LedgerDamaged(of)
    return found


def chained(link: str, at: str, what: str, key: str, detail: str) -> str:
    """The link of one event: sha-256 over the link before it and the event, as a JSON list of strings."""
    return hashlib.sha256(json.dumps([link, at, what, key, detail], ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
