"""One mail as it came in: its head, its parts and its words, read within bounds and whatever its sender has written into it.

Heads are read by Python's own parser. The parts are found here, by looking for their boundaries in the bytes: Python's parser keeps
every line and every part of a mail as an object of its own, so that one mail of 30 MB can fill a gigabyte, or nest until it breaks off.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value, parseaddr
from functools import cached_property
from html import unescape

MOST_BYTES = 2**25          # of one mail
MOST_HEAD = 2**18           # of its head, or of one part's
MOST_PARTS, MOST_DEPTH = 500, 12
LONGEST = 50_000            # characters of its text that are looked at
_RAW = 4 * LONGEST          # bytes of a text part that are decoded for them
_GAP = re.compile(rb"\r?\n\r?\n")
_ID = re.compile(rb"(?im)^message-id:[ \t]*(?:\r?\n[ \t]+)?(\S+)")
_WHO = re.compile(rb"(?im)^(?:date|from|subject):.*")
_KEY = re.compile(rb"(?im)^x-gremium-key:[ \t]*([\w/.-]{1,100})[ \t]*\r?$")
_TOKEN = re.compile(r"(?<![\w.+-])[0-9a-f]{32}@[a-z0-9.-]*[a-z0-9]", re.IGNORECASE)
_MARKUP = re.compile(r"<(?P<end>/?)(?P<tag>[a-zA-Z]+)?[^<>]*>|[^<]+|<")
_BREAKS = ("br", "p", "div", "tr", "li", "h1", "h2", "h3", "blockquote")
_MUTE = ("style", "script", "head")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a mail that holds no further ones; a message within the mail is such a part."""

    head: Message = field(repr=False)
    raw: bytes = field(repr=False)      # as it was sent, encoded
    deep: bool = False                  # holds further ones, too deep to be looked at

    @property
    def kind(self) -> str:
        """Its type, in small letters: "application/pdf"; as Python reads it, "text/plain" where it is none."""
        return self.head.get_content_type()

    @property
    def filename(self) -> str:
        """The name it was attached under; "" for none."""
        try:
            return readable(self.head.get_filename(""))
        except (ValueError, LookupError, TypeError):      # seen on broken RFC 2231 parameters
            return ""

    @property
    def data(self) -> bytes:
        """Its bytes, decoded as far as they can be."""
        return _decoded(self.raw, str(self.head.get("content-transfer-encoding", "")))

    @property
    def text(self) -> str:
        """Its words; those of an HTML part without the markup."""
        text = lettered(_decoded(self.raw[:_RAW], str(self.head.get("content-transfer-encoding", ""))), self.parameter("charset"))
        return (_unmarked(text) if self.kind == "text/html" else text)[:LONGEST]

    def parameter(self, name: str) -> str:
        """A parameter of its type: charset, method, report-type."""
        return _parameter(self.head, name)


class Mail:
    """One mail, read as data alone: nothing in it is opened, followed or answered."""

    def __init__(self, place: str, data: bytes) -> None:
        self.place, self.data = place, data
        gap = _GAP.search(data)
        self._body = gap.end() if gap else len(data)
        self._head = _head(data[:self._body])

    @cached_property
    def id(self) -> str:
        """The same for the same mail, whichever store it was read from: sha-256 over its Message-ID and its text.

        Stores add header lines, end lines as they like, and put a ">" before "From".
        """
        head, body = self.data[:self._body], self.data[self._body:].replace(b"\r\n", b"\n").replace(b"\n>From ", b"\nFrom ").rstrip(b"\n")
        found = _ID.search(head)
        name = found[1] if found else b"\n".join(line.strip() for line in _WHO.findall(head))
        return hashlib.sha256(name + b"\0" + hashlib.sha256(body).digest()).hexdigest()

    @cached_property
    def odd(self) -> str:
        """Why it cannot be read as a mail; "" when it can."""
        if self._body > MOST_HEAD:
            return "der Kopf ist unmäßig lang"
        if not self.data.strip():
            return "die Nachricht ist leer"
        if not self._head.keys():
            return "die Nachricht hat keinen Kopf"
        if len(self.parts) >= MOST_PARTS:
            return "die Nachricht besteht aus unmäßig vielen Teilen"
        if any(part.deep for part in self.parts):
            return "die Nachricht ist unmäßig tief verschachtelt"
        return ""

    def head(self, name: str) -> str:
        """A header line, named in small letters, as one line of plain text; "" where there is none."""
        return readable(next((value for known, value in self._head.raw_items() if known.lower() == name), ""))

    @property
    def kind(self) -> str:
        """The type of the whole."""
        return self._head.get_content_type()

    def parameter(self, name: str) -> str:
        """A parameter of the type of the whole."""
        return _parameter(self._head, name)

    @property
    def subject(self) -> str:
        """What it says it is about."""
        return self.head("subject")

    @property
    def message_id(self) -> str:
        """Its Message-ID without angle brackets; what stands for one where it has none."""
        return self.head("message-id").strip("<> ") or f"sha256:{self.id}"

    @cached_property
    def sender(self) -> str:
        """The address it says it comes from, in small letters; "" for none."""
        address = parseaddr(self.head("from"))[1]
        return address.casefold() if "@" in address else ""

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Its parts, those of parts included; never more than so many, and not deeper than so deep."""
        found = []
        for part in _parts(self._head, self.data[self._body:], 0):
            found.append(part)
            if len(found) >= MOST_PARTS:
                break
        return tuple(found)

    @cached_property
    def text(self) -> str:
        """The words of its first part that has some: plain ones where there are any, else those of the HTML."""
        for kind in ("text/plain", "text/html"):
            for part in self.parts:
                if part.kind == kind and not part.filename and (text := part.text).strip():
                    return text
        return ""

    @cached_property
    def answered(self) -> tuple[str, ...]:
        """The Message-IDs it names in its head as answered, in small letters, if they could be ours: the one it answers first."""
        return tuple(dict.fromkeys((*tokens(self.head("in-reply-to")), *reversed(tokens(self.head("references"))))))

    @cached_property
    def quoted(self) -> tuple[str, ...]:
        """All Message-IDs in it that could be ours, in small letters: those of returned header lines first."""
        text = self.data.decode("latin-1")
        found = [*_returned(text), *self.answered, *tokens(text[self._body:])]
        if not found:       # some servers return the message in base64, or break its lines
            for part in self.parts:
                if part.kind.startswith(("text/", "message/")):
                    inner = part.data[:MOST_HEAD].decode("latin-1")
                    found += [*_returned(inner), *tokens(inner)]
        return tuple(dict.fromkeys(found))

    @cached_property
    def quoted_keys(self) -> frozenset[str]:
        """The keys of papers that stand in it on header lines of ours."""
        return frozenset(found.decode() for found in _KEY.findall(self.data))


def tokens(text: str) -> tuple[str, ...]:
    """What in a text could be a Message-ID of ours, in small letters."""
    return tuple(found.casefold() for found in _TOKEN.findall(text))


def _returned(text: str) -> Iterator[str]:
    """Message-IDs on header lines of a message within a text; that of the text itself is another's and looks different."""
    for line in re.finditer(r"(?im)^(?:message-id|original-envelope-id|x-ms-exchange-parent-message-id):[ \t]*(?:\r?\n[ \t]+)?\S+", text):
        yield from tokens(line[0])


def readable(value: object) -> str:
    """A header value as one line of text, whatever encoding it claims."""
    raw = str(value).encode("ascii", "surrogateescape") if not str(value).isascii() and _escaped(str(value)) else None
    text = lettered(raw, "utf-8") if raw is not None else str(value)
    if "=?" in text:
        try:
            pieces = decode_header(text)
        except (HeaderParseError, ValueError):
            pieces = []
        text = "".join(lettered(piece, charset or "ascii") if isinstance(piece, bytes) else piece for piece, charset in pieces) or text
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[:2000]).split())


def _escaped(text: str) -> bool:
    return all(letter.isascii() or "\udc80" <= letter <= "\udcff" for letter in text)


def lettered(data: bytes, charset: str) -> str:
    """Bytes as text: in the encoding they claim, and where that is wrong, in the one they have."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(name or "utf-8").replace("\0", "")
        except (LookupError, ValueError):
            continue
    return data.decode("cp1252", "replace").replace("\0", "")


def _head(data: bytes) -> Message:
    return BytesParser(policy=compat32).parsebytes(data[:MOST_HEAD], headersonly=True)


def _parts(head: Message, body: bytes, depth: int) -> Iterator[Part]:
    boundary = _parameter(head, "boundary") if head.get_content_maintype() == "multipart" else ""
    if not boundary or depth >= MOST_DEPTH:
        yield Part(head=head, raw=body, deep=bool(boundary))
        return
    line = re.compile(rb"(?m)^--" + re.escape(boundary.encode("utf-8", "surrogateescape")) + rb"(--)?[ \t]*\r?$\n?")
    begin = None
    for found in line.finditer(body):
        if begin is not None:
            yield from _part(body[begin:found.start()], depth)
        if found[1]:
            return
        begin = found.end()
    if begin is None:           # the boundary it promises never comes: all of it is text
        yield Part(head=Message(), raw=body)
    else:                       # cut off: what there is counts
        yield from _part(body[begin:], depth)


def _part(data: bytes, depth: int) -> Iterator[Part]:
    if data[:2] in (b"\r\n", b"\n") or data[:1] == b"\n":
        data = b"\n" + data     # a part without a head
    gap = _GAP.search(data)
    yield from _parts(_head(data[:gap.start()]), data[gap.end():], depth + 1) if gap else _parts(Message(), data, depth + 1)


def _parameter(head: Message, name: str) -> str:
    try:
        value = head.get_param(name, "")
        return collapse_rfc2231_value(value) if isinstance(value, (str, tuple)) else ""
    except (ValueError, LookupError, TypeError):          # seen on broken RFC 2231 parameters
        return ""


def _decoded(data: bytes, encoding: str) -> bytes:
    way = encoding.strip().lower()
    try:
        if way == "base64":
            return _base64(data)
        return binascii.a2b_qp(data) if way == "quoted-printable" else data
    except (binascii.Error, ValueError):
        return data


def _base64(data: bytes) -> bytes:
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", data.partition(b"=")[0])
    return binascii.a2b_base64(letters[:len(letters) - (len(letters) % 4 == 1)] + b"=" * (-len(letters) % 4 % 3))


def _unmarked(markup: str) -> str:
    """The words of HTML, a line for each block."""
    pieces: list[str] = []
    mute = ""
    for found in _MARKUP.finditer(markup):
        tag = (found["tag"] or "").lower()
        if not tag:
            pieces.append("" if mute or found[0][:2] == "<!" else found[0].replace("\n", " "))
        elif found["end"] and tag == mute:
            mute = ""
        elif not found["end"] and tag in _MUTE and not mute:
            mute = tag
        elif tag in _BREAKS:
            pieces.append("\n")
    return unescape("".join(pieces))
