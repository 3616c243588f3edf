"""Giving out: which revision of a paper left the house, when, by which way; who has not answered; what was taken back."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pipeline.errors import SigningError
from pipeline.ledger import CAME_BACK, ApprovalRow, DocumentRow, IssueRow, Ledger, ReturnRow, SignatureRow, personal
from pipeline.ledger.issues import UNDELIVERED
from pipeline.release import ChangedAfterBuilding, FileMissing, built_pdf, standing
from pipeline.settings import PARTNER, Settings
from pipeline.signing.refuted import Refuted
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    from pipeline.papers.draft import Draft

WAYS: Mapping[str, str] = {"hand": "übergeben", "post": "per Post", "mail": "per E-Mail"}
RETURNED = "ist unterzeichnet zurück"
HERE = ZoneInfo("Europe/Berlin")


class NotReady(SigningError):
    """A paper that may not leave the house yet."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key} wird nicht ausgegeben: {reason}", hint="Erst freigeben und unterzeichnen; „gremium status“ zeigt, woran es fehlt.")
        self.reason = reason


class TakenBack(NotReady):
    """A paper of which these very bytes were taken back: whoever has them was told that they do not count."""

    def __init__(self, row: IssueRow) -> None:
        day = f"{dt.datetime.fromisoformat(row.withdrawn_at).astimezone(HERE):%d.%m.%Y}"
        super().__init__(row.key, f"Revision {row.revision} wurde am {day} zurückgenommen, weil: {row.reason}; "
                                  "erst berichtigen und neu erstellen (gremium build; wo nichts zu berichtigen war: "
                                  f"gremium build --force --only {row.key}), dann freigeben und unterzeichnen")


class NotIssued(SigningError):
    """A paper of which nobody outside has anything."""

    def __init__(self, key: str) -> None:
        super().__init__(f"{key} ist nicht ausgegeben", hint="„gremium status“ zeigt, welche es sind.")


class NoWithdrawalReason(SigningError):
    """A withdrawal that does not say why."""

    def __init__(self) -> None:
        super().__init__("eine Zurücknahme braucht einen Grund", hint='Mit --reason "…" angeben; er steht danach im Verzeichnis.')


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What one run of giving out did."""

    issued: tuple[str, ...] = ()
    already: tuple[str, ...] = ()                   # these very bytes are out
    held: tuple[tuple[str, str], ...] = ()          # key and why not


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A paper that is out and has not come back."""

    row: IssueRow
    days: int            # since it went out
    number: int          # the how-manyth reminder is due


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """Which papers may leave the house, in which file, and why others may not."""

    going: tuple[IssueRow, ...]
    already: Mapping[str, str]      # by key: how this revision went out, or that it came back
    held: Mapping[str, SigningError]    # by key: why it stays


def issue(workspace: Workspace, ledger: Ledger, rows: Sequence[DocumentRow], way: str, now: dt.datetime, *,  # noqa: PLR0913
          unsigned: bool = False) -> Issued:
    """Notes that these papers leave the house as they now stand, signed as far as they are; the same bytes only once.

    `unsigned` lets a paper go before the initiators have signed it, for the partner to sign first.
    """
    out = ledger.issues()
    found = ready(workspace, ledger, rows, way, now, unsigned=unsigned)
    again = {row.key for row in found.going if any(given.sha256 == row.sha256 and not given.withdrawn_at for given in out.get(row.key, ()))}
    going = [row for row in found.going if row.key not in again]
    if going:
        ledger.issue(going, now)
    return Issued(issued=tuple(row.key for row in going), already=tuple(row.key for row in found.going if row.key in again),
                  held=tuple((key, str(why)) for key, why in found.held.items()))


def ready(workspace: Workspace, ledger: Ledger, rows: Sequence[DocumentRow], way: str, now: dt.datetime, *,  # noqa: PLR0913
          unsigned: bool = False) -> Ready:
    """Which of these papers are released and signed, each in the file that would go out; what went out before is among them. Only reads."""
    approvals, signatures, out, returns = ledger.approvals(), ledger.signatures(), ledger.issues(), ledger.returns()
    going: list[IssueRow] = []
    already: dict[str, str] = {}
    held: dict[str, SigningError] = {}
    refuted = Refuted(workspace)
    for row in rows:
        given = present(out.get(row.key, ()), row)
        if given is not None:
            back = came_back(given, signatures.get(row.key, ()), returns.get(row.key, ()))
            already[row.key] = RETURNED if back else \
                f"Revision {given.revision} ist seit {dt.date.fromisoformat(given.issued_at[:10]):%d.%m.%Y} draußen ({WAYS[given.way]})"
        made = [made for made in signatures.get(row.key, ()) if made.base_sha256 == row.pdf_sha256]
        try:
            _check_taken_back(row, out.get(row.key, ()))
            _check_released(workspace, row, approvals.get(row.key, ()), refuted)
            _check_signed(row, () if unsigned else _missing(workspace.settings, row, made))
            path, sha256 = _file(workspace, row, made)
        except SigningError as error:
            held[row.key] = error
        else:
            going.append(IssueRow(key=row.key, revision=row.revision, base_sha256=row.pdf_sha256, sha256=sha256, path=path, way=way,
                                  issued_at=_stamp(now)))
    return Ready(going=tuple(going), already=already, held=held)


def present(issues: Sequence[IssueRow], row: DocumentRow) -> IssueRow | None:
    """What is out of a paper's present revision and still counts."""
    return next((given for given in reversed(issues) if given.base_sha256 == row.pdf_sha256 and not given.withdrawn_at), None)


def taken_back(issues: Sequence[IssueRow], row: DocumentRow) -> IssueRow | None:
    """How a paper's present revision was taken back, unless it went out again since; what a mail server gave back was with nobody."""
    last = next((given for given in reversed(issues) if given.base_sha256 == row.pdf_sha256), None)
    return last if last is not None and last.withdrawn_at and last.reason != UNDELIVERED else None


def withdraw(ledger: Ledger, key: str, reason: str, now: dt.datetime) -> tuple[IssueRow, ...]:
    """Takes back all that is out of a paper, whatever its revision. Raises SigningError."""
    if not reason.strip():
        raise NoWithdrawalReason
    out = tuple(row for row in ledger.issues().get(key, ()) if not row.withdrawn_at)
    if not out:
        raise NotIssued(key)
    for row in out:
        ledger.withdraw(row, " ".join(reason.split()), now)
    return out


def came_back(issue: IssueRow, signatures: Sequence[SignatureRow], returns: Sequence[ReturnRow]) -> bool:
    """What was given out came back signed, in a file or on paper."""
    return any(made.field == PARTNER and made.base_sha256 == issue.base_sha256 for made in signatures) \
        or any(given.revision == issue.revision and given.state in CAME_BACK for given in returns)


def remindable(drafts: Iterable[Draft], silent: Collection[str], hushed: Collection[str]) -> frozenset[str]:
    """Keys of the papers that somebody may be reminded of: whose partner has not left, and whose recipient may be written to.

    `silent` are the keys of people nothing may go to, `hushed` the hashes of their addresses.
    """
    return frozenset(draft.key for draft in drafts if draft.recipient and draft.recipient.key not in silent
                     and not (draft.recipient.email and personal(draft.recipient.email) in hushed))


def reminders(workspace: Workspace, ledger: Ledger, now: dt.datetime, among: Collection[str] | None = None) -> tuple[Reminder, ...]:
    """Papers that are out and have not come back signed when a reminder is due; longest first.

    `among` are the keys that are `remindable`; None asks of every paper how long it is out. A reminder is due so many days
    after the paper went out as the settings say, and never sooner after the one before than they lie apart there: nobody is
    reminded twice on one day, however late the office begins.
    """
    days = sorted(workspace.settings.release.remind_after)
    signatures, returns = ledger.signatures(), ledger.returns()
    due: list[Reminder] = []
    for key, issues in ledger.issues().items():
        row = issues[-1]
        if among is not None and key not in among:
            continue
        if row.withdrawn_at or row.reminded >= len(days) or came_back(row, signatures.get(key, ()), returns.get(key, ())):
            continue
        age = _days(row.issued_at, now)
        apart = days[row.reminded] - days[row.reminded - 1] if row.reminded else 0
        if age >= days[row.reminded] and (not row.reminded_at or _days(row.reminded_at, now) >= max(apart, 1)):
            due.append(Reminder(row=row, days=age, number=row.reminded + 1))
    return tuple(sorted(due, key=lambda reminder: (-reminder.days, reminder.row.key)))


def _days(since: str, now: dt.datetime) -> int:
    """Days on calendars in Berlin."""
    return (now.astimezone(HERE).date() - dt.datetime.fromisoformat(since).astimezone(HERE).date()).days


def _stamp(now: dt.datetime) -> str:
    return now.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _check_taken_back(row: DocumentRow, issues: Sequence[IssueRow]) -> None:
    taken = taken_back(issues, row)
    if taken is not None:
        raise TakenBack(taken)


def _check_released(workspace: Workspace, row: DocumentRow, approvals: Sequence[ApprovalRow], refuted: Refuted) -> None:
    stands = standing(row, approvals, workspace.settings.release)
    if not stands.approved:
        raise NotReady(row.key, str(stands))
    why = refuted.why(approvals)
    if why:
        raise NotReady(row.key, why)


def _check_signed(row: DocumentRow, missing: Sequence[str]) -> None:
    if missing:
        raise NotReady(row.key, f"es fehlt die Unterschrift von {', '.join(missing)}")


def _missing(settings: Settings, row: DocumentRow, made: Sequence[SignatureRow]) -> tuple[str, ...]:
    """Initiators who sign before the partner does, and have not; one without proven power to sign holds nothing up."""
    from pipeline.papers.kinds import KINDS
    if not KINDS[row.kind].signed:
        return ()
    fields = {given.field for given in made}
    return tuple(initiator.name for initiator in settings.initiators
                 if initiator.signatories and not initiator.countersigns and not fields.issuperset(initiator.fields))


def _file(workspace: Workspace, row: DocumentRow, made: Sequence[SignatureRow]) -> tuple[str, str]:
    """The file that goes out, as the ledger knows it, and its hash. Raises SigningError."""
    if not made:
        built_pdf(workspace, row)
        return row.pdf, row.pdf_sha256
    last = made[-1]
    path = workspace.root / last.path
    if not path.is_file():
        raise FileMissing([last.path])
    if hashlib.sha256(path.read_bytes()).hexdigest() != last.sha256:
        raise ChangedAfterBuilding([last.path])
    return last.path, last.sha256
