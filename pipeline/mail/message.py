"""One complete message: text, calendar entry and letter for one recipient, the same bytes for the same input."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from email.charset import Charset
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from itertools import groupby, repeat
from typing import Any

from pipeline.errors import SendingError
from pipeline.mail import calendar
from pipeline.mail.address import domain, named, office_address
from pipeline.mail.texts import Text
from pipeline.papers.draft import Draft
from pipeline.records import Meeting
from pipeline.workspace import Settings

_LINE = 76
_ADDRESSES = frozenset({"from", "to", "reply-to"})
_PARSED = _ADDRESSES | {"date", "message-id", "mime-version", "content-type", "content-transfer-encoding", "content-disposition"}
_WORD = 75                   # an encoded word's greatest length (RFC 2047, 2)
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_UTF8 = Charset("utf-8")


class UnsafeHeader(SendingError):
    """A value would break out of its header line."""

    def __init__(self, name: str, key: str) -> None:
        super().__init__(f"{key}: die Kopfzeile „{name}“ enthält einen Zeilenumbruch oder ein Steuerzeichen",
                         hint="Den Wert in der Tabelle berichtigen; es wurde nichts verschickt.")


class WholeHeaders(EmailPolicy):
    """Writes headers so that every reader gets back what was put in.

    Python's own folding loses the space between two encoded words, or writes words no reader takes (cpython#92081,
    #121284); so a value outside ASCII is encoded whole by `email.header`, and one in ASCII is never broken inside a word.
    """

    def fold(self, name: str, value: object) -> str:
        """The header as it stands in the message."""
        return f"{name}: {self._written(name, value)}{self.linesep}"

    def fold_binary(self, name: str, value: object) -> bytes:
        """The same as bytes."""
        return self.fold(name, value).encode("ascii")

    def _written(self, name: str, value: object) -> str:
        if name.lower() in _ADDRESSES:
            return f",{self.linesep} ".join(self._address(name, entry) for entry in getattr(value, "addresses", ()))
        text = str(value)
        if text.isascii() and "=?" not in text:
            return text
        return Header(text, "utf-8", maxlinelen=_LINE, header_name=name).encode(linesep=self.linesep)

    def _address(self, name: str, entry: Address) -> str:
        shown = entry.display_name
        plain = shown.isascii() and "=?" not in shown
        words = [str(entry).removesuffix(f" <{entry.addr_spec}>")] if plain and shown else [*_phrase(shown)] if shown else []
        lines = [f"{name}:"]
        for word in (*words, f"<{entry.addr_spec}>"):
            if len(lines[-1]) + 1 + len(word) <= _LINE or lines[-1] == f"{name}:":
                lines[-1] += f" {word}"
            else:
                lines.append(f" {word}")
        return self.linesep.join(lines).removeprefix(f"{name}: ")

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """Keeps plain text as it is: parsed, "=?utf-8?q?x?=" would turn into what it stands for, line breaks included."""
        if isinstance(value, str) and name.lower() not in _PARSED:
            return name, value
        return super().header_store_parse(name, value)


def _phrase(shown: str) -> Iterator[str]:
    """A name as the words of a header: one encoded word where it fits, else encoded words between plain ones.

    Two encoded words side by side are legal, but many a reader shows a space between them (cpython#92081).
    """
    whole = _UTF8.header_encode(shown)
    if len(whole) <= _WORD:
        yield whole
        return
    for plain, words in groupby(shown.split(" "), key=lambda word: bool(_ATOM.fullmatch(word)) and "=?" not in word):
        run = " ".join(words)
        yield from run.split(" ") if plain else (part for part in _UTF8.header_encode_lines(run, repeat(_WORD)) if part)


POLICY = WholeHeaders(linesep="\r\n", cte_type="7bit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What one message carries, and to whom."""

    draft: Draft
    meeting: Meeting | None    # None for a paper that invites to nothing
    pdf: bytes
    address: str               # usable; another than the recipient's own in a trial
    sequence: int = 0          # how often this recipient's calendar entry was changed before

    @property
    def name(self) -> str:
        """The recipient's name, or the organisation's."""
        return self.draft.recipient.name if self.draft.recipient else ""


def identify(draft: Draft, pdf_sha256: str, address: str, office_domain: str) -> str:
    """The Message-ID, without angle brackets, of one letter to one address; known before anything is sent."""
    told = "\n".join((draft.key, draft.recipient.key if draft.recipient else "", pdf_sha256, address))
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}@{office_domain}"


def compose(letter: Letter, text: Text, settings: Settings, *, date: dt.datetime) -> EmailMessage:
    """The message for one recipient; `date` is the time it carries. Raises SendingError."""
    draft, office = letter.draft, settings.office
    sender_name, sender = settings.mail.sender_name or office.name, office_address(office.email)
    reply_to = office_address(settings.mail.reply_to or office.email)
    message_id = identify(draft, hashlib.sha256(letter.pdf).hexdigest(), letter.address, domain(sender))
    message = EmailMessage(policy=POLICY)
    headers: tuple[tuple[str, str | Address], ...] = (
        ("From", named(_clean("From", sender_name, draft.key), sender)),
        ("Reply-To", named(_clean("Reply-To", sender_name, draft.key), reply_to)),
        ("To", named(_clean("To", letter.name, draft.key), letter.address)),
        ("Subject", text.subject),
        ("Date", format_datetime(date.astimezone(dt.UTC))),
        ("Message-ID", f"<{message_id}>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Gremium-Key", draft.key),
        ("X-Gremium-Campaign", "/".join(part for part in (draft.kind, draft.meeting) if part)),
    )
    for name, value in headers:
        message[name] = _clean(name, value, draft.key) if isinstance(value, str) else value
    message.set_content(text.plain, cte="quoted-printable")
    message.add_alternative(text.html, subtype="html", cte="quoted-printable")
    if letter.meeting is not None:
        entry = calendar.invite(letter.meeting, organizer=(sender_name, sender), attendee=(letter.name, letter.address),
                                sequence=letter.sequence, stamp=date)
        message.add_alternative(entry.decode(), subtype="calendar", cte="base64", params={"method": "REQUEST"})
        message.add_attachment(entry, maintype="application", subtype="ics", filename="invite.ics")
    message.add_attachment(letter.pdf, maintype="application", subtype="pdf", filename=f"{draft.stem}.pdf")
    message["Content-Language"] = "de"
    _bound(message, message_id)
    return message


def _clean(name: str, value: str, key: str) -> str:
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in value):
        raise UnsafeHeader(name, key)
    return value


def _bound(message: EmailMessage, message_id: str) -> None:
    """Boundaries from the Message-ID; "=_" occurs in no part, because each is quoted-printable or base64 (RFC 2045, 6.7)."""
    for number, part in enumerate(_multiparts(message)):
        part.set_boundary(f"=_{message_id[:24]}_{number}")


def _multiparts(message: EmailMessage) -> Iterator[EmailMessage]:
    return (part for part in message.walk() if part.is_multipart())
