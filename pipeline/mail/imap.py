"""A mailbox on a server, over IMAP (RFC 3501): looked at without leaving a trace, and changed only when told to move.

The folder is opened with EXAMINE, and mails are fetched with BODY.PEEK: to everybody else they stay unread.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial

from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailBoxStartTls, MailBoxUnencrypted

from pipeline.errors import SendingError
from pipeline.mail.incoming import MOST_BYTES
from pipeline.mail.server import Around, Service, access
from pipeline.mail.sources import Found

TIMEOUT = 60.0       # seconds a server may take for one reply
_ERRORS = (imaplib.IMAP4.error, ImapToolsError, OSError, ValueError)


class BadMailbox(SendingError):
    """The address of a mailbox does not say what is needed."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Adresse des Postfachs: {reason}",
                         hint="Erlaubt ist imap://name@server/INBOX?tls=implicit (oder tls=starttls); in inputs/alliance.toml unter inbox.source.")


IMAP = Service(ports={"implicit": 993, "starttls": 143, "none": 143}, nameless=False, refusal=BadMailbox,
               secrets={"password": "GREMIUM_IMAP_PASSWORD", "xoauth2": "GREMIUM_IMAP_TOKEN"})


class MailboxUnreachable(SendingError):
    """There is no way into the mailbox."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"Postfach {where}: {reason}", hint="Adresse, Netz und Passwort prüfen; im Postfach wurde nichts verändert.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A mailbox and how to get into it."""

    host: str
    port: int
    tls: str                # implicit, starttls, or none on this machine
    user: str
    folder: str = "INBOX"
    auth: str = "password"  # or xoauth2, with an access token as the secret
    secret: str = field(default="", repr=False)
    context: ssl.SSLContext | None = None     # None: the system's certificates, always checked

    def __str__(self) -> str:
        return f"{self.user}@{self.host}/{self.folder}"


class Mailbox:
    """A folder of a mailbox, open to be read."""

    lasting = True          # RFC 3501, 2.3.1.1: with UIDVALIDITY, a UID never stands for another mail

    def __init__(self, account: Account, box: BaseMailBox) -> None:
        self._account, self._box = account, box
        box.folder.set(account.folder, readonly=True)
        [validity] = box.client.response("UIDVALIDITY")[1] or [b"0"]
        self._place = f"imap://{account.host}/{account.folder};uidvalidity={int(validity or 0)}/;uid="
        self._numbers = sorted(box.uids(), key=int)

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Found]:
        for number in self._numbers:
            yield Found(place=f"{self._place}{number}", shown=f"{self._account.folder}, UID {number}", number=number,
                        read=partial(self._whole, number))

    def _whole(self, number: str) -> bytes | None:
        try:
            # not more than one byte too many, whatever size the server speaks of
            _, found = self._box.client.uid("FETCH", number, f"(BODY.PEEK[]<0.{MOST_BYTES + 1}>)")
        except _ERRORS as error:
            raise MailboxUnreachable(str(self._account), _reason(error)) from error
        data = next((bytes(part[1]) for part in found if isinstance(part, tuple)), b"")
        return data if len(data) <= MOST_BYTES else None

    def move(self, numbers: Sequence[str], folder: str) -> None:
        """Moves mails into another folder, which is made where it is missing (RFC 6851). Raises MailboxUnreachable.

        Without the server's own MOVE nothing is done: copying and deleting would also remove what others have marked as deleted.
        """
        try:
            client = self._box.client
            client.capabilities = tuple(bytes(client.capability()[1][0]).decode("ascii").upper().split())     # servers tell more after the login
            if "MOVE" not in client.capabilities:
                raise MailboxUnreachable(str(self._account), "der Server kann Nachrichten nicht verschieben (MOVE)")
            if not self._box.folder.exists(folder):
                self._box.folder.create(folder)
            self._box.folder.set(self._account.folder)
            self._box.move(list(numbers), folder, chunks=200)
        except _ERRORS as error:
            raise MailboxUnreachable(str(self._account), _reason(error)) from error


def account(source: str, around: Around) -> Account:
    """The mailbox an address names; its secret comes from the environment, the keyring, or whoever sits there. Raises BadMailbox, NoPassword."""
    found = access(source, IMAP, around)
    return Account(host=found.host, port=found.port, tls=found.tls, user=found.user, folder=found.path or "INBOX", auth=found.auth,
                   secret=found.secret)


@contextmanager
def opened(source: str | Account, around: Around) -> Iterator[Mailbox]:
    """A mailbox for the length of a `with`. Raises BadMailbox, NoPassword, MailboxUnreachable."""
    found = account(source, around) if isinstance(source, str) else source
    box = _entered(found)
    try:
        try:
            mailbox = Mailbox(found, box)
        except _ERRORS as error:
            raise MailboxUnreachable(str(found), f"den Ordner gibt es nicht oder er ist gesperrt ({_reason(error)})") from error
        yield mailbox
    finally:
        with suppress(imaplib.IMAP4.error, ImapToolsError, OSError):      # the goodbye is a courtesy; all that counts has its own reply
            box.logout()


def _entered(found: Account) -> BaseMailBox:
    try:
        box = _connected(found)
    except ssl.SSLCertVerificationError as error:
        raise MailboxUnreachable(str(found), f"Zertifikat nicht vertrauenswürdig ({error.verify_message})") from error
    except _ERRORS as error:
        raise MailboxUnreachable(str(found), _reason(error)) from error
    try:
        if found.auth == "xoauth2":
            box.xoauth2(found.user, found.secret, initial_folder=None)
        elif found.user.isascii() and found.secret.isascii():
            box.login(found.user, found.secret, initial_folder=None)
        else:
            box.login_utf8(found.user, found.secret, initial_folder=None)
    except _ERRORS as error:
        box.client.shutdown()
        raise MailboxUnreachable(str(found), f"Anmeldung abgelehnt ({_reason(error)})") from error
    return box


def _connected(found: Account) -> BaseMailBox:
    context = found.context or ssl.create_default_context()
    if found.tls == "none":
        return MailBoxUnencrypted(found.host, found.port, timeout=TIMEOUT)
    if found.tls == "starttls":
        return MailBoxStartTls(found.host, found.port, timeout=TIMEOUT, ssl_context=context)
    return MailBox(found.host, found.port, timeout=TIMEOUT, ssl_context=context)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "keine Antwort in der gesetzten Zeit"
    said = re.findall(r"b'([^']*)'|b\"([^\"]*)\"", str(error))       # replies stand there as Python writes bytes
    text = " ".join(first or second for first, second in said) or getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(text.split())[:200]
