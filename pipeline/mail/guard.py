"""The last look before anything leaves: is this message for this recipient, and for nobody else?"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from email.utils import getaddresses
from functools import lru_cache
from itertools import pairwise

from pipeline.errors import SendingError
from pipeline.mail.address import usable
from pipeline.mail.message import Message
from pipeline.papers.draft import Draft, Recipient
from pipeline.records import Provenance

_BEFORE_AT = re.compile(r"[\w.+-]+")                  # of an address written backwards
_AFTER_AT = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<[^>]*>")


class WrongRecipient(SendingError):
    """A message would have told somebody what was meant for another; nothing was sent."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}", hint="Es wurde keine einzige Nachricht verschickt. Mailtext und Tabellen prüfen, dann neu bauen.")


class Crowd:
    """Everybody a mailing goes to, by what must not stand in another's message."""

    def __init__(self, recipients: Iterable[Recipient]) -> None:
        self._phrases: set[str] = set()               # names and salutations
        self._lengths: dict[str, set[int]] = {}       # last word → how many words the phrases have that end with it
        self._addresses: set[str] = set()
        for recipient in recipients:
            self._addresses |= _forms(recipient.email)
            for phrase in _phrases(recipient):
                words = phrase.split()
                self._phrases.add(phrase)
                self._lengths.setdefault(words[-1], set()).add(len(words))

    def strangers(self, text: str, own: Recipient, shared: str, address: str) -> Iterator[str]:
        """What of another recipient stands in this text and is neither the recipient's own nor in everybody's message."""
        common, mails = _everybodys(shared)
        known = f"{common}|{'|'.join(_words(part) for part in (own.name, own.organisation, own.salutation, *own.address))}"
        words = _words(text).split()
        # What ends with a word is looked up, not gone through: of 100,000 recipients thousands may end alike.
        for end, word in enumerate(words, 1):
            for length in self._lengths.get(word, ()):
                phrase = " ".join(words[max(0, end - length):end])
                if phrase in self._phrases and phrase not in known:
                    yield "ein fremder Name"
        if not self._addresses.isdisjoint(_addresses(text) - mails - _forms(own.email) - _forms(address)):
            yield "eine fremde E-Mail-Adresse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """One message under guard, and what it ought to be."""

    message: Message
    draft: Draft
    recipient: Recipient
    address: str           # the only one it may go to
    shared: str            # what stands in everybody's message
    crowd: Crowd
    provenance: Callable[[bytes], Provenance | None]


def letter_is_this_recipients(suspect: Suspect) -> Iterator[str]:
    """The PDF says of itself that it is the paper this message carries; a message without one has nothing to say."""
    if not suspect.message.pdf:
        return
    made = suspect.provenance(suspect.message.pdf)
    if made is None:
        yield "der Anhang trägt keinen Herkunftsvermerk"
    elif made.key != suspect.draft.key:
        yield f"der Anhang gehört zu {made.key}"


def goes_to_one(suspect: Suspect) -> Iterator[str]:
    """One recipient a message, and the right one, by the header lines as they will be sent."""
    head = HeaderParser().parsestr(suspect.message.head)
    found = [address for name in ("to", "cc", "bcc") for _, address in getaddresses(head.get_all(name, []))]
    if found != [suspect.address]:
        yield f"{len(found)} Empfänger statt des einen richtigen"


def tells_of_nobody_else(suspect: Suspect) -> Iterator[str]:
    """No other recipient's name or address in any text, calendar entry included."""
    message = suspect.message
    markup = html.unescape(_TAG.sub(" ", message.text.html))
    entry = message.entry.decode().replace("\r\n ", "")
    text = "\n".join((message.text.subject, suspect.recipient.name, message.text.plain, markup, entry))
    for stranger in suspect.crowd.strangers(text, suspect.recipient, suspect.shared, suspect.address):
        yield f"im Text steht {stranger}"


RULES: tuple[Callable[[Suspect], Iterator[str]], ...] = (goes_to_one, letter_is_this_recipients, tells_of_nobody_else)


def guard(suspect: Suspect) -> None:
    """Lets a message pass that is for its recipient alone. Raises WrongRecipient."""
    for rule in RULES:
        for reason in rule(suspect):
            raise WrongRecipient(suspect.draft.key, reason)


@lru_cache(maxsize=64)
def _everybodys(shared: str) -> tuple[str, frozenset[str]]:
    """The words and the addresses that stand in everybody's message."""
    return _words(shared), _addresses(shared)


def _addresses(text: str) -> frozenset[str]:
    """All that looks like an address; searched from each "@", for from the left every word would be tried at every letter."""
    sides = ((_BEFORE_AT.match(before[::-1]), _AFTER_AT.match(after)) for before, after in pairwise(text.split("@")))
    return frozenset(f"{local[0][::-1]}@{domain[0]}".casefold() for local, domain in sides if local and domain)


def _forms(email: str) -> set[str]:
    """An address as the table has it, and as servers have it."""
    return {form.casefold() for form in (email, usable(email)) if form}


def _phrases(recipient: Recipient) -> Iterator[str]:
    for text in (re.sub(r"^(?:Frau|Herr) ", "", recipient.name), recipient.salutation):
        words = _words(text).strip()
        if " " in words and words != "sehr geehrte damen und herren":
            yield words


def _words(text: str) -> str:
    """The words alone, small, each between single spaces."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "
