"""The ledger: what was made, released, signed and sent, in one SQLite file that any tool can read.

It holds personal data, as papers do: the inputs of a paper are the very values it prints, names and telephone numbers
among them, because `why` has to tell old from new. Papers and messages go by their keys, and who approved or signed by the
name they act under in their office. Times are UTC, and come in as arguments. `docs/ledger.md` describes every table.
"""

from __future__ import annotations

from pipeline.ledger.attendance import Attendance, personal
from pipeline.ledger.book import Book
from pipeline.ledger.erasure import Erasure
from pipeline.ledger.inbox import Inbox
from pipeline.ledger.messages import Messages
from pipeline.ledger.papers import Papers
from pipeline.ledger.releases import Releases
from pipeline.ledger.returns import Returns
from pipeline.ledger.rows import (
    ANSWERS,
    CAME_BACK,
    COUNTERSIGNED,
    MESSAGE_STATES,
    RETURN_STATES,
    AnswerRow,
    ApprovalRow,
    ConsignmentRow,
    DocumentRow,
    EntryRow,
    Event,
    InboxRow,
    IssueRow,
    LedgerDamaged,
    MessageRow,
    ReminderRow,
    ReturnRow,
    RevisionRow,
    SignatureRow,
    TemplateRow,
    chained,
)
from pipeline.ledger.store import LedgerTooNew, LedgerUnreadable, NoBackup, Store, begun

__all__ = [
    "ANSWERS", "CAME_BACK", "COUNTERSIGNED", "MESSAGE_STATES", "RETURN_STATES", "AnswerRow", "ApprovalRow", "ConsignmentRow", "DocumentRow",
    "EntryRow", "Event", "InboxRow", "IssueRow", "Ledger", "LedgerDamaged", "LedgerTooNew", "LedgerUnreadable", "MessageRow", "NoBackup",
    "ReminderRow", "ReturnRow", "RevisionRow", "SignatureRow", "Store", "TemplateRow", "begun", "chained", "personal",
]


class Ledger(Papers, Releases, Returns, Messages, Inbox, Attendance, Erasure, Book):
    """The open ledger. Each writing method is one transaction that is on disk when it returns."""
