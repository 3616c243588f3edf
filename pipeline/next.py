"""What the office should do now, in the order of the work: how many, who, and the command to type."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.build.plan import Entry, Plan
from pipeline.findings import Finding, Severity
from pipeline.issue import remindable, reminders, taken_back
from pipeline.ledger import CAME_BACK, Ledger, MessageRow
from pipeline.mail.address import usable
from pipeline.papers.kinds import KINDS, called
from pipeline.records import Meeting
from pipeline.settings import PARTNER, Initiator, Settings
from pipeline.status import DocumentStatus, Status
from pipeline.workspace import Workspace

OFFICE = "Geschäftsstelle"
HASHED = 16      # characters by which an original is named: how its file begins, and nothing of what a sender called it
ON_THE_WAY = frozenset({"sending", "sent", "failed", "unknown", "printed", "posted"})    # a message that no further run would send


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do."""

    rule: str                         # name of the rule: "signatures"
    count: int
    what: str                         # a German sentence without full stop
    who: tuple[str, ...] = (OFFICE,)
    command: str                      # as it is typed, from the workspace
    keys: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The step as `next --json` gives it."""
        return {"rule": self.rule, "count": self.count, "what": self.what, "who": list(self.who), "command": self.command, "keys": list(self.keys)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What the rules look at."""

    workspace: Workspace
    findings: Sequence[Finding]
    meetings: Mapping[str, Meeting]   # by key
    status: Status
    plan: Plan
    ledger: Ledger = field(repr=False)
    now: dt.datetime
    empty: tuple[str, ...] = ()               # tables without a row, where no partner is entered yet
    silent: frozenset[str] = frozenset()      # people nothing may go to
    hushed: frozenset[str] = frozenset()      # hashes of their addresses

    @property
    def settings(self) -> Settings:
        """The settings of the workspace."""
        return self.workspace.settings

    def documents(self, *states: str) -> Iterator[tuple[DocumentStatus, Entry]]:
        """The papers in these states, "signed" whatever the number of signatures, each beside its entry in the plan."""
        for document, entry in zip(self.status.documents, self.plan.entries, strict=True):
            if document.state.partition(" ")[0] in states:
                yield document, entry


def _by_kind(documents: Iterator[tuple[DocumentStatus, Entry]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for document, _ in documents:
        found[document.kind].append(document.key)
    return {kind: tuple(keys) for kind, keys in found.items()}


def findings(office: Office) -> Iterator[Step]:
    """What is wrong in the tables holds papers back, so it comes first."""
    errors = [finding for finding in office.findings if finding.severity is Severity.ERROR]
    if errors:
        files = ", ".join(dict.fromkeys(finding.place.file for finding in errors))
        held = tuple(document.key for document, _ in office.documents("blocked"))
        yield Step(rule="findings", count=len(errors), what=f"Befunde berichtigen in {files}", command="gremium check", keys=held)


def tables(office: Office) -> Iterator[Step]:
    """Without a partner there is nothing to hand out, so an empty office begins with its tables."""
    if office.empty:
        yield Step(rule="tables", count=len(office.empty), what=f"leere Tabellen ausfüllen: {', '.join(office.empty)}",
                   command="gremium check", keys=office.empty)


def unknown(office: Office) -> Iterator[Step]:
    """A message whose server did not answer waits for a person, never for the next run."""
    left = [message for message in office.ledger.messages() if message.state in ("unknown", "sending")]
    if left:
        yield Step(rule="unknown", count=len(left), what="beim Empfänger nachfragen, ob die Nachricht ankam",
                   command=f"gremium resolve {left[0].key} --sent", keys=tuple(message.key for message in left))


def rejected(office: Office) -> Iterator[Step]:
    """A rejected paper is worded anew before anything else happens to it."""
    for kind, keys in _by_kind(office.documents("rejected")).items():
        yield Step(rule="rejected", count=len(keys), what=f"zurückgewiesene Papiere ändern und neu erstellen: {called(kind, len(keys))}",
                   command="gremium status --json", keys=keys)


def builds(office: Office) -> Iterator[Step]:
    """What is missing or stale."""
    due = tuple(document.key for document, _ in office.documents("missing", "stale"))
    if due:
        yield Step(rule="build", count=len(due), what="Papiere erstellen, die fehlen oder veraltet sind", command="gremium build", keys=due)


def releases(office: Office) -> Iterator[Step]:
    """What is built and waits for whoever answers for it; annexes go with their paper."""
    waiting: dict[str, list[str]] = defaultdict(list)
    for kind, keys in _by_kind(office.documents("fresh", "outdated")).items():
        waiting[KINDS[kind].annex_of or kind if kind in KINDS else kind] += keys
    for kind, due in waiting.items():
        who = office.settings.release.approvers.get(kind, ()) or (OFFICE,)
        yield Step(rule="release", count=len(due), what=f"ansehen und freigeben: {called(kind, len(due))}", who=who,
                   command=f"gremium approve {kind} --show", keys=tuple(due))


def signatures(office: Office) -> Iterator[Step]:
    """Whose turn it is to sign, initiator by initiator."""
    made = office.ledger.signatures()
    due: dict[str, list[str]] = defaultdict(list)
    for document, entry in office.documents("approved", "signed", "issued", "returned", "accepted"):
        if entry.kind in KINDS and KINDS[entry.kind].signed:
            filled = {given.field for given in made.get(document.key, ()) if given.base_sha256 == document.sha256}
            for initiator in turn(office.settings, filled):
                due[initiator.key].append(document.key)
    for initiator in office.settings.initiators:
        keys = due.get(initiator.key)
        if keys and initiator.signatories:
            yield Step(rule="signatures", count=len(keys), what="unterzeichnen", who=(initiator.name,),
                       command=f"gremium sign --as {initiator.key}", keys=tuple(keys))
        elif keys:
            yield Step(rule="signatures", count=len(keys), what=f"Zeichnungsbefugnis klären und die Zeichnenden eintragen: {initiator.name}",
                       command="inputs/alliance.toml, [[initiators]]", keys=tuple(keys))


def turn(settings: Settings, filled: set[str]) -> Iterator[Initiator]:
    """Who may sign next, when these fields are signed; countersignatures wait for the partner's."""
    for initiator in sorted(settings.initiators, key=lambda initiator: initiator.countersigns):
        if filled.issuperset(initiator.fields) or (initiator.countersigns and PARTNER not in filled):
            continue
        yield initiator
        if not settings.signing.parallel:
            return


def handing_out(office: Office) -> Iterator[Step]:
    """Papers that all initiators have signed who sign before the partner, and that nobody outside has."""
    made, out = office.ledger.signatures(), office.ledger.issues()
    needed = {field for initiator in office.settings.initiators if initiator.signatories and not initiator.countersigns
              for field in initiator.fields}
    due = tuple(document.key for document, entry in office.documents("approved", "signed")
                if entry.kind in KINDS and KINDS[entry.kind].signed and entry.row and not taken_back(out.get(document.key, ()), entry.row)
                and needed <= {given.field for given in made.get(document.key, ()) if given.base_sha256 == document.sha256})
    if due:
        yield Step(rule="issue", count=len(due), what="unterzeichnete Papiere an die Partner ausgeben", command="gremium send memorandum", keys=due)


def messages(office: Office) -> Iterator[Step]:
    """Released papers that go to somebody and have not gone: by mail, or on paper where no mail reaches them."""
    journal: dict[str, list[MessageRow]] = defaultdict(list)
    for message in office.ledger.messages():
        journal[message.key].append(message)
    due: dict[tuple[str, bool], list[str]] = defaultdict(list)
    for document, entry in office.documents("approved"):
        recipient = entry.draft.recipient if entry.draft else None
        gone = any(message.pdf_sha256 == document.sha256 and message.state in ON_THE_WAY for message in journal[document.key])
        if recipient and not gone and entry.kind in KINDS and KINDS[entry.kind].mailed:
            due[entry.kind, usable(recipient.email) is not None].append(document.key)
    for (kind, mail), keys in due.items():
        if mail:
            yield Step(rule="send", count=len(keys), what=f"Nachrichten ansehen und versenden: {called(kind, len(keys))}",
                       command=f"gremium send {kind}", keys=tuple(keys))
        else:
            yield Step(rule="letters", count=len(keys), what=f"Briefe drucken, weil keine E-Mail-Adresse da ist: {called(kind, len(keys))}",
                       command=f"gremium letters {kind}", keys=tuple(keys))


def cancellations(office: Office) -> Iterator[Step]:
    """Calendar entries that people hold for a meeting that was cancelled, or to which they are invited no more."""
    invited = {entry.key for entry in office.plan.entries if entry.draft}
    held = [row for row in office.ledger.held().values() if row.method != "CANCEL" and row.start[:10] >= office.now.date().isoformat()
            and row.person not in office.silent]
    off = tuple(row.key for row in held if (meeting := office.meetings.get(row.meeting)) is None or meeting.cancelled)
    out = tuple(row.key for row in held if row.key not in off and row.key not in invited)
    for keys, what in ((off, "Absagen für Treffen versenden, die nicht mehr stattfinden"),
                       (out, "Einladungen aufheben, deren Empfänger nicht mehr eingeladen sind")):
        if keys:
            yield Step(rule="cancellations", count=len(keys), what=what, command="gremium send invitation", keys=keys)


def refused(office: Office) -> Iterator[Step]:
    """Messages a server refused for good, and that nothing has replaced: the address is wrong, or nobody is there any more."""
    last: dict[tuple[str, str], MessageRow] = {(message.key, message.kind): message for message in office.ledger.messages()}
    left: dict[str, list[str]] = defaultdict(list)
    for (key, kind), message in last.items():
        if message.state == "failed":
            left[kind].append(key)
    for kind, keys in left.items():
        yield Step(rule="refused", count=len(keys), what=f"unzustellbar – Adresse berichtigen oder Brief drucken: {called(kind, len(keys))}",
                   command=f"gremium letters {kind}", keys=tuple(keys))


def posted(office: Office) -> Iterator[Step]:
    """Letters that were printed and that nobody said were taken to the post."""
    left: dict[str, list[str]] = defaultdict(list)
    for message in office.ledger.messages():
        if message.state == "printed":
            left[message.kind].append(message.key)
    for kind, keys in left.items():
        yield Step(rule="posted", count=len(keys), what=f"gedruckte Briefe zur Post geben und das vermerken: {called(kind, len(keys))}",
                   command=f"gremium letters {kind} --posted", keys=tuple(keys))


def returns(office: Office) -> Iterator[Step]:
    """What came back and waits for a person's eye; what could not be read is settled when the paper came back otherwise, or by putting it aside."""
    known = office.ledger.returns()
    came = [row for rows in known.values() for row in rows if not row.confirmed_at]
    built = office.ledger.documents()
    waiting = [row for row in came if row.state == "to-confirm"]
    confirm = tuple(dict.fromkeys(row.key for row in waiting if row.key not in built or built[row.key].revision == row.revision))
    former = tuple(dict.fromkeys(row.key for row in waiting if row.key not in confirm))
    unclear = [row for row in came if row.state == "unclear" and not any(other.state in CAME_BACK for other in known[row.key])]
    if confirm:
        yield Step(rule="returns", count=len(confirm), what="zurückgekommene Papiere ansehen und bestätigen",
                   command=f"gremium confirm {confirm[0]} --by NAME", keys=confirm)
    if former:
        yield Step(rule="former", count=len(former), what="in einer früheren Fassung zurückgekommen: die geltende freigeben und ausgeben",
                   command="gremium status", keys=former)
    if unclear:
        yield Step(rule="unclear", count=len(unclear),
                   what="unvollständige oder unbekannte Rückläufe in outputs/returned ansehen, neu annehmen oder beiseitelegen",
                   command=f"gremium confirm --dismiss {unclear[0].sha256[:HASHED]} --by NAME", keys=tuple(row.name for row in unclear))


def answers(office: Office) -> Iterator[Step]:
    """Invited people who have not answered, once the day for answers has passed and the meeting has not."""
    today = office.now.date()
    answered = office.ledger.answers()
    invited = {entry.key for entry in office.plan.entries if entry.draft}
    late: dict[str, list[str]] = defaultdict(list)
    for key, held in office.ledger.held().items():
        meeting = office.meetings.get(held.meeting)
        if held.method != "CANCEL" and key in invited and key not in answered and meeting and not meeting.cancelled \
                and meeting.reply_by and meeting.reply_by < today <= meeting.date:
            late[held.meeting].append(key)
    for meeting_key, keys in late.items():
        yield Step(rule="answers", count=len(keys), what=f"an die Antwort auf die Einladung erinnern: {meeting_key}",
                   command=f"gremium attendance {meeting_key} --remind", keys=tuple(keys))


def left(office: Office) -> Iterator[Step]:
    """Papers that are out and wanted by nobody any more, since their partner has left."""
    gone = {document.key for document, _ in office.documents("orphaned")}
    out = tuple(reminder.row.key for reminder in reminders(office.workspace, office.ledger, office.now) if reminder.row.key in gone)
    if out:
        yield Step(rule="left", count=len(out), what="ausgegebene Papiere zurücknehmen, deren Partner ausgeschieden sind",
                   command=f"gremium withdraw {out[0]} --reason GRUND", keys=out)


def overdue(office: Office) -> Iterator[Step]:
    """Papers that are out longer than the settings allow."""
    among = remindable((entry.draft for entry in office.plan.entries if entry.draft), office.silent, office.hushed)
    due = reminders(office.workspace, office.ledger, office.now, among)
    if due:
        yield Step(rule="remind", count=len(due), what=f"an die Rückgabe erinnern, seit bis zu {due[0].days} Tagen ausgegeben",
                   command="gremium remind", keys=tuple(reminder.row.key for reminder in due))


# In the order in which one thing waits for the other.
RULES = (
    findings, tables, unknown, rejected, builds, releases, signatures, handing_out, cancellations, messages, posted, refused, returns, answers,
    left, overdue,
)


def steps(office: Office) -> tuple[Step, ...]:
    """All that is to be done now; only looks."""
    return tuple(step for rule in RULES for step in rule(office))
