"""The outbox: messages frozen to files, and read back only as they were frozen."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from zoneinfo import ZoneInfo

from pipeline.alone import alone as apart
from pipeline.errors import SendingError
from pipeline.ledger import ConsignmentRow, EntryRow, Ledger, MessageRow, ReminderRow, personal
from pipeline.mail.address import allowed
from pipeline.mail.calendar import ZONE
from pipeline.mail.desk import Desk
from pipeline.mail.holding import said, start
from pipeline.mail.mailing import Due, Mailing, Purpose, Sheet
from pipeline.mail.message import Message
from pipeline.mail.post import Outgoing
from pipeline.workspace import Workspace, place

OUTBOX = "outbox"
# What a message is to a paper that is given out, as the ledger has it.
_CONSIGNED = {Purpose.LETTER: "issue", Purpose.RETURN: "reminder", Purpose.WITHDRAWAL: "notice"}
# The two lines that say from whom and to whom, as `headers.mailbox` writes them.
_MAILBOX = {header: re.compile(rb"(?m)^%b:(?:[^\r\n]|\r\n[ \t])*<([^<>\s]+)>\r$" % header) for header in (b"From", b"To")}


class AlreadySending(SendingError):
    """Another run sends from this workspace."""

    def __init__(self) -> None:
        super().__init__("in diesem Arbeitsordner wird schon verschickt",
                         hint="Warten, bis der andere Lauf fertig ist; es geht nichts doppelt hinaus.")


class NotAsFrozen(SendingError):
    """A frozen message is missing, was changed, or may not leave."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} {reason}", hint="Die Datei aus der Sicherung zurückholen.")


def alone(workspace: Workspace) -> AbstractContextManager[None]:
    """Keeps other runs out that would send the same. Raises AlreadySending, Unlockable."""
    return apart(workspace.outputs / OUTBOX / ".lock", AlreadySending)


def recover(ledger: Ledger, now: dt.datetime) -> None:
    """Takes up what a dead run left: for whoever holds the lock, all that is claimed or being sent is nobody's.

    A claimed message was not handed over yet and may go again; one being sent is in doubt for good.
    """
    rows = ledger.messages()
    if any(row.state == "claimed" for row in rows):
        ledger.release(now)
    lost = [(row.id, "unknown", "Lauf abgebrochen, bevor die Antwort notiert war") for row in rows if row.state == "sending"]
    if lost:
        ledger.step(lost, (), now)


def freeze(mailing: Mailing, due: tuple[Due, ...], ledger: Ledger, now: dt.datetime) -> None:
    """Composes, guards and puts on disk every message, then notes them all; older ones that never left are withdrawn.

    Raises what `Desk.message` raises; then nothing is noted, and no file stays.
    """
    desk, workspace = Desk(mailing), mailing.workspace
    rows: list[MessageRow] = []
    entries: list[EntryRow] = []
    try:
        for one in due:
            if one.waiting is None:
                message = desk.message(one, now)
                rows.append(_put(workspace, one, mailing.kind, message.as_bytes(mailing.sign)))
                entries += _entries(one, message)
    except BaseException:
        for row in rows:
            (workspace.root / row.path).unlink(missing_ok=True)
        raise
    # What a message says is noted before the message: dying in between leaves a line that belongs to nothing, not a message nobody understands.
    ledger.enter(entries)
    ledger.remind(ReminderRow(message=one.id, key=one.draft.key, number=one.number, day=now.astimezone(ZoneInfo(ZONE)).date().isoformat())
                  for one in due if one.purpose is Purpose.REMINDER and one.waiting is None)
    ledger.consign(ConsignmentRow(message=one.id, purpose=_CONSIGNED[one.purpose], issue=one.paper.issue) for one in due if one.paper)
    ledger.frozen(rows, now)
    _take_up(due, ledger, now)


def thaw(workspace: Workspace, row: MessageRow) -> Outgoing:
    """The frozen message as it is to leave. Raises NotAsFrozen."""
    path = workspace.root / row.path
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NotAsFrozen(row.path, "fehlt") from error
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise NotAsFrozen(row.path, "wurde nach dem Einfrieren verändert")
    found = outgoing(row.id, path.relative_to(workspace.outputs / OUTBOX), data)
    if not allowed(found.recipient, workspace.settings.mail.only):
        raise NotAsFrozen(row.path, "geht an eine Adresse, die nicht auf der Liste der erlaubten steht (mail.only)")
    return found


def outgoing(message_id: str, name: Path, data: bytes) -> Outgoing:
    """A message for the post; sender and recipient are read from its bytes, so nothing else decides where it goes.

    Raises NotAsFrozen for bytes that do not say so exactly once each, as our own always do.
    """
    head = data.partition(b"\r\n\r\n")[0] + b"\r\n"
    found = {header: _MAILBOX[header].findall(head) for header in _MAILBOX}
    if [len(addresses) for addresses in found.values()] != [1, 1]:
        raise NotAsFrozen(name.as_posix(), "nennt nicht genau einen Absender und einen Empfänger")
    sender, recipient = (addresses[0].decode() for addresses in found.values())
    return Outgoing(id=message_id, name=name.as_posix(), sender=sender, recipient=recipient, data=data)


def name(entry: Due) -> Path:
    """Where a message lies in the outbox."""
    return Path(entry.draft.meeting or entry.draft.kind) / f"{entry.draft.stem}-{entry.id[:8]}.eml"


def withdraw(mailing: Mailing, found: Sheet, ledger: Ledger, now: dt.datetime) -> None:
    """Takes back what was frozen and must not leave any more: overtaken, meant for somebody not invited now, or not to be written to."""
    reminding = frozenset(row.message for rows in ledger.attendance_reminders().values() for row in rows)
    consigned = ledger.consignments()
    purpose = _CONSIGNED.get(mailing.about, "")
    wanted = {entry.id for entry in found.due}
    due = {entry.draft.key for entry in found.due}
    drafted = {draft.key for draft in mailing.drafts}
    barred = {draft.key for draft in mailing.drafts if draft.recipient and _barred(mailing, draft.recipient.key, draft.recipient.email)}
    for row in ledger.messages():
        if row.kind != mailing.kind or row.state not in ("frozen", "deferred") or row.id in wanted:
            continue
        if row.key in barred or row.key.rpartition("/")[2] in mailing.silent:
            ledger.settle(row.id, "withdrawn", now, reply="Empfänger darf nicht angeschrieben werden")
        elif mailing.chosen and row.key not in mailing.chosen:
            continue
        elif (row.id in reminding) is not (mailing.reminding is not None) or (row.id in consigned and consigned[row.id].purpose != purpose):
            continue       # the other sort of message is the other command's
        elif row.id in consigned:
            ledger.settle(row.id, "withdrawn", now, reply="durch eine neuere Fassung ersetzt" if row.key in due else "nicht mehr fällig")
        elif row.key not in drafted:
            ledger.settle(row.id, "withdrawn", now, reply="nicht mehr eingeladen")
        elif row.key in due:
            ledger.settle(row.id, "withdrawn", now, reply="durch eine neuere Fassung ersetzt")


def _barred(mailing: Mailing, person: str, email: str) -> bool:
    return person in mailing.silent or bool(email and personal(email) in mailing.hushed)


def _put(workspace: Workspace, entry: Due, kind: str, data: bytes) -> MessageRow:
    path = workspace.outputs / OUTBOX / name(entry)
    place(path, data)
    return MessageRow(id=entry.id, key=entry.draft.key, kind=kind, pdf_sha256=entry.row.pdf_sha256 if entry.row else "",
                      path=workspace.relative(path), sha256=hashlib.sha256(data).hexdigest(), state="frozen", attempts=0, reply="",
                      changed_at="")


def _entries(due: Due, message: Message) -> Iterator[EntryRow]:
    """What the ledger is to know of the calendar entry a message carries."""
    if due.meeting is not None and message.entry:
        yield EntryRow(message=due.id, key=due.draft.key, meeting=due.draft.meeting, person=due.recipient.key, uid=due.uid, sequence=due.sequence,
                       method=message.method, start=start(due.meeting), said=said(due.meeting), sha256=hashlib.sha256(message.entry).hexdigest(),
                       name_sha256=personal(due.recipient.name), address_sha256=personal(due.address))


def _take_up(due: tuple[Due, ...], ledger: Ledger, now: dt.datetime) -> None:
    """A message withdrawn once and wanted again is frozen as it was."""
    for entry in due:
        if entry.waiting is not None and entry.waiting.state == "withdrawn":
            ledger.settle(entry.id, "frozen", now)
