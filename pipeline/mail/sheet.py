"""What a mailing would do: who gets a message, who gets paper, who is held back and why. Nothing is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipeline.ledger import DocumentRow, Ledger, MessageRow
from pipeline.mail.address import allowed, domain, office_address, usable
from pipeline.mail.guard import Crowd, Suspect, guard
from pipeline.mail.message import Letter, Message, Sign, compose, identify
from pipeline.mail.texts import Text, Texts, context
from pipeline.papers.draft import Draft, Recipient
from pipeline.records import Meeting, Provenance
from pipeline.release import built_pdf
from pipeline.workspace import Workspace

WAITING = ("frozen", "claimed", "deferred", "withdrawn")     # states that a run may still send from
GONE = ("sent", "sending", "unknown")                        # left, or may have left

_NOBODY = Recipient(key="", partner="", name="", organisation="", salutation="", address=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """One kind of paper that is to go out, and all that decides about it."""

    workspace: Workspace
    kind: str
    drafts: Sequence[Draft]                                  # of that kind, present state
    meetings: Mapping[str, Meeting]
    released: Mapping[str, DocumentRow]                      # by key: papers whose present bytes are released
    held: Mapping[str, str] = field(default_factory=dict)    # by key: why a paper is not among them
    provenance: Callable[[bytes], Provenance | None]         # reads from a PDF what it was made from
    sign: Sign | None = None                                 # puts an S/MIME signature on each message
    redirect: str = ""                                       # a trial: everything goes to this address, and nothing is noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One paper and what is to be said about it."""

    key: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One message that is to go."""

    draft: Draft
    row: DocumentRow
    recipient: Recipient
    address: str
    id: str
    sequence: int
    waiting: MessageRow | None = None      # frozen by an earlier run


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One message to look at before sending."""

    key: str
    to: str
    subject: str
    text: str
    reason: str = ""      # why it is unusual


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What `send` would do; every recipient stands in exactly one of the lists."""

    due: tuple[Due, ...]
    already: tuple[Note, ...]        # sent or printed before, in these very bytes
    unknown: tuple[Note, ...]        # handed over once, without reply: for a person to settle
    failed: tuple[Note, ...]         # refused for good before
    paper: tuple[Note, ...]          # no e-mail: the print batch
    held: tuple[Note, ...]           # not released, or not allowed
    impossible: tuple[Note, ...]     # neither e-mail nor postal address
    samples: tuple[Sample, ...] = ()
    unusual: tuple[Sample, ...] = ()

    @property
    def number(self) -> int:
        """How many messages would go out."""
        return len(self.due)


class Desk:
    """Composes the messages of one mailing, each under guard."""

    def __init__(self, mailing: Mailing) -> None:
        """Reads the mail texts. Raises TemplateError."""
        self._mailing = mailing
        self._settings = mailing.workspace.settings
        self._texts = Texts(mailing.workspace.templates / "mail", mailing.kind)
        self._crowd = Crowd(draft.recipient for draft in mailing.drafts if draft.recipient)
        self._shared: dict[str, str] = {}

    def text(self, due: Due) -> Text:
        """The words of one message."""
        return self._texts.fill(context(due.recipient, self._meeting(due.draft), self._settings))

    def message(self, due: Due, date: dt.datetime) -> Message:
        """One message, whole and guarded. Raises SendingError, SigningError, TemplateError."""
        pdf = built_pdf(self._mailing.workspace, due.row)
        letter = Letter(draft=due.draft, meeting=self._meeting(due.draft), pdf=pdf, address=due.address, sequence=due.sequence)
        message = compose(letter, self.text(due), self._settings, date=date)
        guard(Suspect(message=message, draft=due.draft, recipient=due.recipient, address=due.address, shared=self._common(due.draft),
                      crowd=self._crowd, provenance=self._mailing.provenance))
        return message

    def _meeting(self, draft: Draft) -> Meeting | None:
        return self._mailing.meetings[draft.meeting] if draft.meeting else None

    def _common(self, draft: Draft) -> str:
        """What stands in every message to this meeting, whoever gets it."""
        if draft.meeting not in self._shared:
            text = self._texts.fill(context(_NOBODY, self._meeting(draft), self._settings))
            self._shared[draft.meeting] = f"{text.subject}\n{text.plain}\n{self._settings.office.email}\n{self._settings.mail.reply_to}"
        return self._shared[draft.meeting]


def sheet(mailing: Mailing, ledger: Ledger, *, now: dt.datetime) -> Sheet:
    """What would be sent; every message is composed and guarded on the way. Raises SendingError, SigningError, TemplateError."""
    found = plan(mailing, ledger)
    desk = Desk(mailing)
    for due in found.due:
        desk.message(due, now)
    picked = dict.fromkeys((0, len(found.due) // 2, len(found.due) - 1)) if found.due else {}
    return replace(found, samples=tuple(_sample(desk, found.due[index]) for index in picked),
                   unusual=tuple(_sample(desk, due, ", ".join(reasons)) for due, reasons in _unusual(found.due)))


def plan(mailing: Mailing, ledger: Ledger) -> Sheet:
    """Where each recipient stands, without composing anything."""
    known: dict[str, list[MessageRow]] = {}
    for row in ledger.messages():
        known.setdefault(row.key, []).append(row)
    due: list[Due] = []
    notes: dict[str, list[Note]] = {}
    for draft in mailing.drafts:
        place, what = _stand(mailing, draft, () if mailing.redirect else known.get(draft.key, ()))
        if isinstance(what, Due):
            due.append(what)
        else:
            notes.setdefault(place, []).append(what)

    def noted(place: str) -> tuple[Note, ...]:
        return tuple(notes.get(place, ()))
    return Sheet(due=tuple(due), already=noted("already"), unknown=noted("unknown"), failed=noted("failed"), paper=noted("paper"),
                 held=noted("held"), impossible=noted("impossible"))


def _stand(mailing: Mailing, draft: Draft, earlier: Sequence[MessageRow]) -> tuple[str, Note | Due]:
    """The list a paper belongs to, and its entry there."""
    row, recipient = mailing.released.get(draft.key), draft.recipient
    if row is None or recipient is None or draft.key in mailing.held:
        return "held", Note(key=draft.key, reason=mailing.held.get(draft.key, "kein Empfänger" if recipient is None else "nicht freigegeben"))
    same = [message for message in earlier if message.pdf_sha256 == row.pdf_sha256]
    for message in same:
        if message.state in _SETTLED:
            return _SETTLED[message.state], Note(key=draft.key, reason=message.reply)
    own = usable(recipient.email)
    if own is None:
        why = "keine E-Mail-Adresse" if not recipient.email else "E-Mail-Adresse nicht verwendbar"
        return ("paper" if recipient.postable else "impossible"), Note(key=draft.key, reason=why)
    settings = mailing.workspace.settings
    address = usable(mailing.redirect) if mailing.redirect else own
    if address is None or not allowed(address, settings.mail.only):
        return "held", Note(key=draft.key, reason="Empfänger steht nicht auf der Liste der erlaubten (mail.only)")
    message_id = identify(draft, row.pdf_sha256, address, domain(office_address(settings.office.email)))
    refused = next((message for message in same if message.id == message_id and message.state == "failed"), None)
    if refused is not None:       # a corrected address makes another message
        return "failed", Note(key=draft.key, reason=refused.reply)
    return "due", Due(draft=draft, row=row, recipient=recipient, address=address, id=message_id,
                      sequence=sum(message.state in GONE for message in earlier),
                      waiting=next((message for message in earlier if message.id == message_id and message.state in WAITING), None))


_SETTLED = {"sent": "already", "printed": "already", "posted": "already", "unknown": "unknown", "sending": "unknown"}


def _sample(desk: Desk, due: Due, reason: str = "") -> Sample:
    text = desk.text(due)
    return Sample(key=due.draft.key, to=f"{due.recipient.name} <{due.address}>", subject=text.subject, text=text.plain, reason=reason)


def _unusual(due: Sequence[Due]) -> Iterator[tuple[Due, list[str]]]:
    """Messages worth a look, each with what is unusual about it."""
    longest = max((len(entry.recipient.name) for entry in due), default=0)
    owners: dict[str, set[str]] = {}
    for entry in due:
        owners.setdefault(entry.recipient.email.casefold(), set()).add(entry.recipient.key)
    seen = False
    for entry in due:
        who = entry.recipient
        longest_now = len(who.name) == longest and not seen
        seen = seen or longest_now
        reasons = [
            (longest_now, "längster Name"),
            (bool(who.address) and who.address[-1].isupper() and not any(map(str.isdigit, who.address[-1])), "Anschrift im Ausland"),
            (who.salutation.startswith("Sehr geehrte Damen"), "keine Person bekannt"),
            (who.salutation.startswith("Guten Tag"), "Anrede ohne Frau oder Herr"),
            (not who.email.isascii(), "Umlaut in der E-Mail-Adresse"),
            (len(owners[who.email.casefold()]) > 1, "E-Mail-Adresse mehrerer Personen"),
        ]
        found = [reason for unusual, reason in reasons if unusual]
        if found:
            yield entry, found
