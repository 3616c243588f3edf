"""What handing over a message is: the message, the receipt, and the ways it can fail. The simplest post is a folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from pipeline.errors import SendingError
from pipeline.workspace import place


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message as it leaves the house."""

    id: str            # Message-ID without angle brackets
    name: str          # path in a folder of messages: "M-003/invitation-M-003-P-017-1a2b3c4d.eml"
    sender: str
    recipient: str
    data: bytes        # the whole message, lines ended by CR LF


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was said when a message was taken."""

    reply: str


class Refused(SendingError):
    """The server will not take this message, now or later."""

    def __init__(self, reply: str) -> None:
        super().__init__(f"vom Server abgelehnt: {reply}")


class Scope(Enum):
    """Who has to wait when a server puts a message off."""

    RECIPIENT = "recipient"    # this message alone
    DOMAIN = "domain"          # all to the same domain
    SERVER = "server"          # all


class Deferred(SendingError):
    """The server did not take this message, but may take it later; nothing was delivered."""

    def __init__(self, reply: str, *, scope: Scope = Scope.RECIPIENT) -> None:
        super().__init__(f"vorläufig nicht angenommen: {reply}", hint="Später noch einmal senden.")
        self.scope = scope


class InDoubt(SendingError):
    """The message was handed over whole, and the reply never came: nobody knows whether it was delivered."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"übergeben, aber ohne Antwort des Servers: {reason}", hint="Nachfragen, dann mit „gremium resolve“ klären.")


class Unreachable(SendingError):
    """There is no way to the server, or it does not let us in."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"Mailserver {where}: {reason}", hint="mail.url in inputs/alliance.toml, Netz und Passwort prüfen; dann erneut senden.")


class Withheld(SendingError):
    """The message must not leave: another run has it, or that it leaves could not be noted. Nothing was delivered."""

    def __init__(self) -> None:
        super().__init__("von einem anderen Lauf übernommen")


Go = Callable[[], None]
"""Waits until it is on disk that a message leaves. Raises Withheld."""


class Post(Protocol):
    """A way for messages out of the house."""

    def open(self) -> None:
        """Gets ready to hand over. Raises Unreachable."""

    def deliver(self, message: Outgoing, go: Go) -> Receipt:
        """Hands over one message, and calls `go` before the one act that can make it arrive.

        Raises Refused, Deferred, InDoubt or Unreachable, and lets pass what `go` raises.
        """

    def close(self) -> None:
        """Lets go."""


class Folder:
    """A folder of .eml files, for offices without a mail server at hand, and for looking first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self) -> None:
        """Nothing to get ready."""

    def deliver(self, message: Outgoing, go: Go) -> Receipt:
        """Puts the message into the folder; where it lies there already, it stays. Raises Deferred."""
        go()
        path = self.folder / message.name
        try:
            if not (path.is_file() and path.read_bytes() == message.data):
                place(path, message.data)
        except OSError as error:
            raise Deferred(error.strerror or str(error)) from error
        return Receipt("im Ordner abgelegt")

    def close(self) -> None:
        """Nothing to let go."""
