"""What a mail of the inbox is: rules that are asked in turn, each of which knows one sort of mail or passes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.ledger import AnswerRow, EntryRow, Ledger, MessageRow, personal
from pipeline.ledger.store import stamp
from pipeline.mail import bounces
from pipeline.mail.address import usable
from pipeline.mail.bounces import Bounce
from pipeline.mail.incoming import Mail, Part
from pipeline.mail.replies import Reply, automatic, calendar_replies, receipt, received
from pipeline.settings import Settings
from pipeline.tables.joining import wanted

LEAST_PICTURE = 50_000      # bytes: smaller ones are logos under letters, not scans
_PAPERS = ("application/pdf", "image/tiff", "image/jpeg", "image/png")

Look = Callable[[bytes], bool]
"""Whether an attachment is one of this house's papers."""


def _never(data: bytes) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """One sort of mail."""

    words: str              # for people, in the plural
    left: bool = False      # somebody has to look at it


SORTS: Mapping[str, Sort] = {
    "hard": Sort(words="unzustellbar; der Empfänger bekommt Papier"),
    "soft": Sort(words="vorübergehend unzustellbar; zählt weiter als versandt"),
    "delayed": Sort(words="Zustellung verzögert; der Server versucht es weiter"),
    "delivered": Sort(words="Zustellung bestätigt"),
    "calendar": Sort(words="Antworten auf Einladungen"),
    "auto-reply": Sort(words="Abwesenheitsnotizen und andere selbsttätige Antworten; zählen nicht als Antwort"),
    "receipt": Sort(words="Lesebestätigungen; zählen nicht als Antwort"),
    "returned": Sort(words="zurückgekommene Papiere"),
    "joining": Sort(words="Beitrittsmails"),
    "own": Sort(words="eigene Nachrichten, die zurückkamen"),
    "answer": Sort(words="Antworten in Worten", left=True),
    "stray": Sort(words="Unzustellbarkeitsmeldungen, die keine unserer Nachrichten nennen; nicht gewertet", left=True),
    "doubtful": Sort(words="Kalenderantworten, die nicht zu unseren Einladungen passen; nicht gewertet", left=True),
    "odd": Sort(words="nicht lesbar", left=True),
    "rest": Sort(words="alles Übrige", left=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one mail is, and what follows from it."""

    sort: str
    message: str = ""                       # Message-ID of ours it is about
    key: str = ""                           # of the paper that is about
    why: str = ""                           # what a person should know of it
    code: str = ""                          # of a bounce
    settles: str = ""                       # the state our message comes to, if it still may: failed, sent
    answer: AnswerRow | None = None
    files: tuple[Part, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the office knows of its own messages, and of the hour."""

    addresses: frozenset[str]               # from which it writes itself
    messages: Mapping[str, MessageRow]      # by Message-ID in small letters
    invited: Mapping[tuple[str, str], EntryRow]     # by UID and hash of the address: the latest entry sent there
    entries: Mapping[str, EntryRow]         # by Message-ID
    now: dt.datetime
    says_so: Look = _never                  # a PDF tells of itself; asked of everybody's
    bears_mark: Look = _never               # a mark is on the page; takes its time, so only those are asked who are known
    people: frozenset[str] = frozenset()    # hashes of addresses in the tables

    @classmethod
    def of(cls, settings: Settings, ledger: Ledger, now: dt.datetime, *, says_so: Look = _never, bears_mark: Look = _never,  # noqa: PLR0913
           people: Iterable[str] = ()) -> House:
        """What the ledger and the settings say; `people` are the addresses in the tables."""
        entries = ledger.entries()
        own = (usable(settings.office.email), usable(settings.mail.reply_to))
        return cls(addresses=frozenset(address.casefold() for address in own if address), now=now, says_so=says_so, bears_mark=bears_mark,
                   people=frozenset(known_as(address) for address in people) | {row.address_sha256 for row in entries},
                   messages={row.id.casefold(): row for row in ledger.messages()}, entries={row.message: row for row in entries},
                   invited={(row.uid, row.address_sha256): row for row in entries})

    def named(self, tokens: tuple[str, ...]) -> MessageRow | None:
        """The first of these Message-IDs that is one of our messages."""
        return next((self.messages[token] for token in tokens if token in self.messages), None)


def own_mail(mail: Mail, house: House) -> Verdict | None:
    """One of our own messages has come back to us, or a trial of it."""
    row = house.messages.get(mail.message_id.casefold())
    if row is None and not (mail.head("x-gremium-key") and mail.sender in house.addresses):
        return None
    return Verdict(sort="own", message=row.id if row else "", key=row.key if row else "")


def standard_bounce(mail: Mail, house: House) -> Verdict | None:
    """A report of a mail server, by RFC 3464."""
    bounce = bounces.reported(mail)
    return _bounced(mail, bounce, house) if bounce else None


def read_receipt(mail: Mail, house: House) -> Verdict | None:
    """A program shows that a message was opened, which is no answer, but proves that it arrived."""
    if not receipt(mail):
        return None
    row = house.named(mail.quoted)
    return Verdict(sort="receipt", message=row.id if row else "", key=row.key if row else "", settles="sent" if row else "")


def calendar_reply(mail: Mail, house: House) -> Verdict | None:
    """Somebody accepts, declines, is not sure, or proposes another time; not where a machine answered by itself."""
    found = calendar_replies(mail)
    if not found or mail.head("auto-submitted").casefold().startswith("auto-replied"):
        return None
    named = house.named(mail.answered)
    for reply in sorted(found, key=lambda reply: reply.attendee != mail.sender):
        entry = _entry(reply, named, house)
        if entry is not None and reply.answer:
            return Verdict(sort="calendar", message=entry.message, key=entry.key, settles="sent", why=_remark(reply, entry, mail),
                           answer=_answered(mail, reply, entry, house.now))
    return Verdict(sort="doubtful", key=named.key if named else "", message=named.id if named else "", why=_doubt(found, house))


def habitual_bounce(mail: Mail, house: House) -> Verdict | None:
    """A report of a mail server in its own words."""
    bounce = bounces.habitual(mail)
    return _bounced(mail, bounce, house) if bounce else None


def auto_reply(mail: Mail, house: House) -> Verdict | None:
    """A machine answered for a person."""
    if not automatic(mail):
        return None
    row = house.named(mail.answered)
    return Verdict(sort="auto-reply", message=row.id if row else "", key=row.key if row else "")


def returned_paper(mail: Mail, house: House) -> Verdict | None:
    """A PDF or a scan that answers one of our messages, says of itself that it is ours, or bears our mark and comes from somebody we know."""
    papers = tuple(part for part in mail.parts if _paper(part))
    row = house.named(mail.answered)
    if row is None:
        known = known_as(mail.sender) in house.people
        papers = tuple(part for part in papers if (_is_pdf(part) and house.says_so(part.data)) or (known and house.bears_mark(part.data)))
    return Verdict(sort="returned", files=papers, message=row.id if row else "", key=row.key if row else "",
                   settles="sent" if row else "") if papers else None


def joining_mail(mail: Mail, house: House) -> Verdict | None:
    """Somebody wants to join, by the subject the alliance asks for."""
    return Verdict(sort="joining") if wanted(mail.subject) else None


def answer_in_words(mail: Mail, house: House) -> Verdict | None:
    """A person answers one of our messages, for a person to read."""
    row = house.named(mail.answered)
    return Verdict(sort="answer", message=row.id, key=row.key, settles="sent") if row else None


Rule = Callable[[Mail, House], Verdict | None]
RULES: tuple[Rule, ...] = (own_mail, standard_bounce, read_receipt, calendar_reply, habitual_bounce, auto_reply, returned_paper, joining_mail,
                           answer_in_words)


def judge(mail: Mail, house: House) -> Verdict:
    """What a mail is, by the first rule that knows it."""
    if mail.odd:
        return Verdict(sort="odd", why=mail.odd)
    return next((verdict for rule in RULES if (verdict := rule(mail, house)) is not None), Verdict(sort="rest"))


def _bounced(mail: Mail, bounce: Bounce, house: House) -> Verdict:
    row = house.named(mail.quoted) or _by_key(mail, bounce, house)
    if row is None:
        return Verdict(sort="stray", code=bounce.code, why="eine Nachricht dieser Kennung haben wir nicht verschickt" if mail.quoted
                       else "es ist nicht zu erkennen, um welche Nachricht es geht")
    settles = {bounces.HARD: "failed", bounces.DELIVERED: "sent"}.get(bounce.weight, "")
    return Verdict(sort=bounce.weight, message=row.id, key=row.key, code=bounce.code, settles=settles,
                   why=f"Code {bounce.code}" if bounce.code else "ohne Code")


def _by_key(mail: Mail, bounce: Bounce, house: House) -> MessageRow | None:
    """By the key in our own header line, where the server left out the Message-ID; then the address must be the one it went to.

    Whoever names a Message-ID that we never gave shows that they hold none of our messages, and is not believed the key either.
    """
    keys = mail.quoted_keys
    if mail.quoted or not keys or not bounce.recipient:
        return None
    address = known_as(bounce.recipient)
    rows = [row for row in house.messages.values() if row.key in keys and row.id in house.entries
            and house.entries[row.id].address_sha256 == address]
    return rows[-1] if rows else None


def _entry(reply: Reply, named: MessageRow | None, house: House) -> EntryRow | None:
    """The entry a reply answers: the UID must be ours, which nobody can guess, and the one who answers invited.

    Somebody who answers under another address than the invited one is known by the message that is answered.
    """
    found = house.invited.get((reply.uid, known_as(reply.attendee)))
    if found is None and named is not None and named.id in house.entries and house.entries[named.id].uid == reply.uid:
        found = house.entries[named.id]
    return found


def _answered(mail: Mail, reply: Reply, entry: EntryRow, now: dt.datetime) -> AnswerRow:
    return AnswerRow(source=mail.message_id, key=entry.key, uid=reply.uid, attendee_sha256=known_as(reply.attendee), answer=reply.answer,
                     sequence=reply.sequence, proposed=reply.proposed, received_at=stamp(received(mail, now)), from_sha256=known_as(mail.sender))


def _remark(reply: Reply, entry: EntryRow, mail: Mail) -> str:
    if reply.sequence < entry.sequence:
        return "gilt dem früheren Stand des Termins"
    if reply.answer == "counter":
        return "schlägt eine andere Zeit vor"
    return "von einer anderen Adresse als der eingeladenen" if known_as(mail.sender) != entry.address_sha256 else ""


def _doubt(found: tuple[Reply, ...], house: House) -> str:
    uids = {uid for uid, _ in house.invited}
    if not any(reply.uid in uids for reply in found):
        return "zu einem Termin, zu dem wir nicht eingeladen haben"
    if not any(reply.answer for reply in found):
        return "weder Zusage noch Absage"
    return "von einer Adresse, die wir nicht eingeladen haben"


def known_as(address: str) -> str:
    """The hash under which the ledger knows an address."""
    return personal(usable(address) or address)


def _paper(part: Part) -> bool:
    return _is_pdf(part) or (part.kind in _PAPERS and len(part.raw) >= LEAST_PICTURE)


def _is_pdf(part: Part) -> bool:
    """By its type or its name; many programs send PDFs as bytes of no type."""
    return part.kind == "application/pdf" or (part.kind == "application/octet-stream" and part.filename.casefold().endswith(".pdf"))
