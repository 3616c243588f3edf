"""One complete message: text, calendar entry and letter for one recipient, the same bytes for the same input."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime

from pipeline.mail import calendar, headers, mime
from pipeline.mail.address import domain, office_address
from pipeline.mail.texts import Text
from pipeline.papers.draft import Draft
from pipeline.records import Meeting
from pipeline.settings import Settings

Sign = Callable[[bytes], bytes]
"""Takes the body of a message with its own headers, gives the same signed (RFC 8551)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What one message carries, and to whom."""

    draft: Draft
    meeting: Meeting | None    # None for a paper that invites to nothing
    pdf: bytes                 # b"" for a message that carries no paper
    address: str               # usable; another than the recipient's own in a trial
    id: str = ""               # Message-ID without angle brackets; "" makes it from the paper and the address
    uid: str = ""              # of the meeting in all calendars; "" makes it from the meeting
    sequence: int = 0          # how often this recipient's calendar entry was changed before
    cancelled: bool = False    # takes the entry back

    @property
    def name(self) -> str:
        """The recipient's name, or the organisation's."""
        return self.draft.recipient.name if self.draft.recipient else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message before it is a row of bytes: what the guard looks at is what is written."""

    head: str                  # all header lines of its own, as they are sent
    text: Text
    entry: bytes               # calendar entry; b"" for a paper that invites to nothing
    method: str = "REQUEST"    # what the entry asks of calendars
    pdf: bytes                 # b"" for none
    filename: str              # of the PDF
    boundary: str

    def as_bytes(self, sign: Sign | None = None) -> bytes:
        """The message as it leaves the house, lines ended by CR LF; 7-bit but for an address with umlauts before the "@"."""
        body = self._body()
        return f"{self.head}MIME-Version: 1.0\r\n".encode() + (sign(body) if sign else body)

    def _body(self) -> bytes:
        """Structured as Outlook, Gmail and Apple accept it.

        The boundaries stand in no part: "=_" cannot occur in quoted-printable or base64 (RFC 2045, 6.7).
        """
        readings = [mime.text("plain", self.text.plain), mime.text("html", self.text.html)]
        files = [mime.base64("application/pdf", self.pdf, filename=self.filename)] if self.pdf else []
        if self.entry:
            readings.append(mime.base64(f'text/calendar; charset="utf-8"; method={self.method}', self.entry))
            files.insert(0, mime.base64("application/ics", self.entry, filename="cancel.ics" if self.method == "CANCEL" else "invite.ics"))
        return mime.multipart("mixed", f"=_{self.boundary}_0", [mime.multipart("alternative", f"=_{self.boundary}_1", readings), *files])


def identify(draft: Draft, pdf_sha256: str, address: str, office_domain: str, *marks: str) -> str:
    """The Message-ID, without angle brackets, of one letter to one address; known before anything is sent.

    Marks tell apart messages that carry the same paper to the same address, or none: "CANCEL", "2".
    """
    told = "\n".join((draft.key, draft.recipient.key if draft.recipient else "", pdf_sha256, address, *marks))
    return f"{hashlib.sha256(told.encode()).hexdigest()[:32]}@{office_domain}"


def compose(letter: Letter, text: Text, settings: Settings, *, date: dt.datetime) -> Message:
    """The message for one recipient; `date` is the time it carries. Raises SendingError."""
    draft, office = letter.draft, settings.office
    sender_name, sender = settings.mail.sender_name or office.name, office_address(office.email)
    message_id = letter.id or identify(draft, hashlib.sha256(letter.pdf).hexdigest(), letter.address, domain(sender))
    mailboxes = (
        ("From", sender_name, sender),
        ("Reply-To", sender_name, office_address(settings.mail.reply_to or office.email)),
        ("To", letter.name, letter.address),
    )
    words = (
        ("Subject", text.subject),
        ("Date", format_datetime(date.astimezone(dt.UTC))),
        ("Message-ID", f"<{message_id}>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Gremium-Key", draft.key),
        ("X-Gremium-Campaign", "/".join(part for part in (draft.kind, draft.meeting) if part)),
        ("Content-Language", "de"),
    )
    lines = [headers.mailbox(name, headers.safe(name, shown, draft.key), address) for name, shown, address in mailboxes]
    lines += [headers.text(name, headers.safe(name, value, draft.key)) for name, value in words]
    state = _state(letter, (sender_name, sender), date)
    return Message(head="".join(lines), text=text, entry=calendar.entry(state, (letter.name, letter.address)) if state else b"",
                   method=state.method if state else "REQUEST", pdf=letter.pdf, filename=f"{draft.stem}.pdf", boundary=message_id[:24])


def _state(letter: Letter, organizer: tuple[str, str], date: dt.datetime) -> calendar.State | None:
    """What the recipient's calendar is to know."""
    if letter.meeting is None:
        return None
    return calendar.State(meeting=letter.meeting, organizer=organizer, uid=letter.uid or calendar.uid(letter.meeting.key, domain(organizer[1])),
                          sequence=letter.sequence, cancelled=letter.cancelled, stamp=date)
