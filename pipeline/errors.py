"""Everything that can stop a command, each with its own sentence, hint and exit code.

    GremiumError                1   our fault, or interrupted
    ├── WorkspaceError          2   the folder or its settings cannot be used
    ├── TableError              3   a table cannot be read at all (single cells are findings)
    ├── TemplateError           4   a Word template is wrong
    ├── DocumentError           5   a paper could not be made, or a Word file not be followed
    ├── SigningError            6   a key, a release or a signature is missing or wrong
    ├── SendingError            7   messages were not sent
    ├── VerificationError       8   a file is not what it claims to be
    └── LedgerError             1   the ledger cannot be used

Rooms derive their own classes from these, in their own modules; the class words the sentence (German, small first
letter where grammar allows, no full stop), the raiser passes facts.
"""

from __future__ import annotations


class GremiumError(Exception):
    """Something stopped the command; the text is one German line for the person at the keyboard."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class WorkspaceError(GremiumError):
    """The workspace or its settings cannot be used."""

    exit_code = 2


class TableError(GremiumError):
    """A table cannot be read at all."""

    exit_code = 3


class TemplateError(GremiumError):
    """A Word template is wrong."""

    exit_code = 4


class DocumentError(GremiumError):
    """A paper could not be made, or a Word file cannot be followed."""

    exit_code = 5


class SigningError(GremiumError):
    """A key, a release or a signature is missing or wrong."""

    exit_code = 6


class SendingError(GremiumError):
    """Messages were not sent."""

    exit_code = 7


class VerificationError(GremiumError):
    """A file is not what it claims to be."""

    exit_code = 8


class LedgerError(GremiumError):
    """The ledger cannot be used."""
