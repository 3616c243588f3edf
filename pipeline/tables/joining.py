"""Joining mails → proposals: who writes, for which organisation, and how sure each of it is.

A message is read as data alone: nothing in it is opened, followed or answered.
"""

from __future__ import annotations

import hashlib
import mailbox
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from enum import StrEnum
from html.parser import HTMLParser
from pathlib import Path

from pipeline.errors import TableError
from pipeline.tables.clean import mended
from pipeline.tables.signature import Guess, Sure, name_parts, signature

WANTED = "ich bin allianz-partner"
MOST_BYTES = 2**25           # of one message
LONGEST = 50_000             # characters of its text that are looked at

_PREFIX = re.compile(r"(?:(?:re|aw|antw|antwort|sv|wg|fw|fwd)(?:\[[0-9]+\]|\([0-9]+\))? ?: ?)+", re.IGNORECASE)
_FORWARDED = re.compile(r"(?:wg|fwd?) ?:", re.IGNORECASE)
_HYPHENS = re.compile("[\u2010-\u2015\u2212]")
_QUOTE = re.compile(r"(?:-{3,} ?(?:ursprüngliche|original|weitergeleitete|forwarded)|am .{5,80} schrieb|on .{5,80} wrote)", re.IGNORECASE)
_FROM = re.compile(r"(?:von|from): *(?P<name>[^<\n]*?) *(?:<|\[mailto:)(?P<mail>[^<>\s\]]+@[^<>\s\]]+)[>\]]", re.IGNORECASE)


class NoMessages(TableError):
    """A source without messages."""

    def __init__(self, source: Path, why: str) -> None:
        super().__init__(f"{source} {why}",
                         hint="Eine .eml-Datei, eine mbox-Datei, einen Maildir-Ordner oder einen Ordner voller .eml-Dateien angeben.")


class Origin(StrEnum):
    """In what part of a message a field was found."""

    SENDER = "Absender"
    SIGNATURE = "Signatur"
    FORWARDED = "weitergeleitete Nachricht"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One mail that asks to join."""

    message: str                     # its Message-ID, or what stands for one: the same mail never makes two proposals
    source: str                      # name of the file or folder it came from
    received: str                    # "2017-03-14 09:12", as its head says; "" when it does not
    subject: str
    fields: Mapping[str, Guess]      # field of the partner table → what was found


def proposals(source: Path) -> Iterator[Proposal]:
    """The joining mails of a source, in its order; all other messages are passed over. Raises NoMessages."""
    return asking(_messages(source))


def asking(messages: Iterable[tuple[str, bytes]]) -> Iterator[Proposal]:
    """The joining mails among messages, each with the name of where it lay; all others are passed over."""
    for name, data in messages:
        message = message_from_bytes(data, policy=policy.default)
        if isinstance(message, EmailMessage) and wanted(_head(message, "subject")):
            yield _proposal(name, message, data)


def wanted(subject: str) -> bool:
    """The subject is the one the alliance asks for, with or without the marks that answering adds."""
    text = " ".join(_HYPHENS.sub("-", _PREFIX.sub("", subject.strip(), count=1)).split())
    return re.sub(r" ?- ?", "-", text.casefold()).strip(" .!\"'„“”") == WANTED


def _head(message: EmailMessage, name: str) -> str:
    """A header as text; one that breaks the rules is taken as it stands, or as nothing."""
    try:
        return mended(str(message.get(name, "")), lines=False)[0]
    except (ValueError, LookupError, IndexError, AttributeError, TypeError):     # each seen in email's parser on broken headers
        return ""


# Sources -----------------------------------------------------------------------------------------


def _messages(source: Path) -> Iterator[tuple[str, bytes]]:
    try:
        if source.is_dir():
            yield from _folder(source)
        elif not source.exists():
            raise NoMessages(source, "gibt es nicht")
        elif not source.is_file():
            raise NoMessages(source, "ist keine Datei")
        else:
            yield from _file(source)
    except OSError as error:
        raise NoMessages(source, f"lässt sich nicht lesen ({error.strerror or error})") from error


def _folder(source: Path) -> Iterator[tuple[str, bytes]]:
    maildir = [source / part for part in ("cur", "new") if (source / part).is_dir()]
    files = sorted(path for folder in maildir for path in folder.iterdir()) if maildir else sorted(source.glob("*.eml"))
    if not files and not maildir:
        raise NoMessages(source, "enthält keine Nachrichten")
    for path in files:
        if path.is_file() and path.stat().st_size <= MOST_BYTES:
            yield path.name, path.read_bytes()


def _file(source: Path) -> Iterator[tuple[str, bytes]]:
    with source.open("rb") as file:
        start = file.read(2048)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise NoMessages(source, "ist eine Outlook-Nachricht (.msg)")
    if start.startswith(b"From "):
        box = mailbox.mbox(source, create=False)
        try:
            for number, key in enumerate(box.iterkeys(), start=1):
                yield f"{source.name} Nr. {number}", box.get_bytes(key)
        finally:
            box.close()
    elif not re.match(rb"(?:[!-9;-~]+:.*\r?\n(?:[ \t].*\r?\n)*)+", start):
        raise NoMessages(source, "ist keine Nachricht")
    elif source.stat().st_size <= MOST_BYTES:
        yield source.name, source.read_bytes()


# One message -------------------------------------------------------------------------------------


def _proposal(name: str, message: EmailMessage, data: bytes) -> Proposal:
    subject, text = _head(message, "subject"), _body(message)[:LONGEST]
    identity = _head(message, "message-id").strip() or f"sha256:{hashlib.sha256(data).hexdigest()}"
    fields = _sender(message)
    if _FORWARDED.match(subject) and (found := _FROM.search(text)):
        # who forwards is not who joins
        fields = {"email": Guess(found["mail"], Sure.LIKELY, Origin.FORWARDED), **name_parts(found["name"], Sure.LIKELY, Origin.FORWARDED)}
        text = text[found.end():]
    signed = signature(_own(text), Origin.SIGNATURE)
    return Proposal(message=identity, source=name, received=_received(message), subject=subject,
                    fields={**signed, **{field: guess for field, guess in fields.items() if guess.text}})


def _sender(message: EmailMessage) -> dict[str, Guess]:
    try:
        address = message["from"].addresses[0]
        mail, shown = address.addr_spec, address.display_name
    except (AttributeError, IndexError, ValueError):
        found = re.search(r"[^\s<>@\"]+@[^\s<>@\"]+", _head(message, "from"))
        mail, shown = (found[0] if found else ""), ""
    return {"email": Guess(mended(mail, lines=False)[0], Sure.CERTAIN, Origin.SENDER),
            **name_parts(mended(shown, lines=False)[0], Sure.CERTAIN, Origin.SENDER)}


def _received(message: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(_head(message, "date")).isoformat(" ", "minutes")[:16]
    except (ValueError, TypeError, IndexError):
        return ""


def _body(message: EmailMessage) -> str:
    try:
        part = message.get_body(("plain", "html"))
        text = str(part.get_content()) if part else ""
    except (LookupError, ValueError, AttributeError, TypeError):      # unknown charset, broken transfer encoding
        payload = message.get_payload(decode=True)
        return payload.decode("latin-1") if isinstance(payload, bytes) else ""
    return text if part is None or part.get_content_subtype() != "html" else _plain(text)


def _own(text: str) -> str:
    """What the sender wrote: without the message it answers to."""
    lines: list[str] = []
    for line in text.splitlines():
        if _QUOTE.match(line.strip()):
            break
        if not line.lstrip().startswith((">", "|")):
            lines.append(mended(line, lines=False)[0])
    return "\n".join(lines)


class _Text(HTMLParser):
    """The text of an HTML message, a line for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._mute = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("style", "script", "head"):
            self._mute += 1
        elif tag in ("br", "p", "div", "tr", "li", "h1", "h2", "h3", "blockquote"):
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "head"):
            self._mute -= 1

    def handle_data(self, data: str) -> None:
        if self._mute <= 0:
            self.pieces.append(" ".join(data.split(" ")).replace("\n", " "))


def _plain(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    return "".join(parser.pieces)
