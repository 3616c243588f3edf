"""Giving out: which revision of a paper left the house, when, by which way; who has not answered; what was taken back."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.errors import SigningError
from pipeline.ledger import CAME_BACK, DocumentRow, IssueRow, Ledger, SignatureRow
from pipeline.release import ChangedAfterBuilding, FileMissing, built_pdf, standing
from pipeline.workspace import PARTNER, Settings, Workspace

WAYS: Mapping[str, str] = {"hand": "übergeben", "post": "per Post", "mail": "per E-Mail"}


class NotReady(SigningError):
    """A paper that may not leave the house yet."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key} wird nicht ausgegeben: {reason}", hint="Erst freigeben und unterzeichnen; „gremium status“ zeigt, woran es fehlt.")


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


def issue(workspace: Workspace, ledger: Ledger, rows: Sequence[DocumentRow], way: str, now: dt.datetime, *,  # noqa: PLR0913
          unsigned: bool = False) -> Issued:
    """Notes that these papers leave the house as they now stand, signed as far as they are; the same bytes only once.

    `unsigned` lets a paper go before the initiators have signed it, for the partner to sign first.
    """
    approvals, signatures, out = ledger.approvals(), ledger.signatures(), ledger.issues()
    going: list[IssueRow] = []
    already: list[str] = []
    held: list[tuple[str, str]] = []
    for row in rows:
        stands = standing(row, approvals.get(row.key, ()), workspace.settings.release)
        made = [given for given in signatures.get(row.key, ()) if given.base_sha256 == row.pdf_sha256]
        missing = () if unsigned else _missing(workspace.settings, row, made)
        try:
            if not stands.approved:
                raise NotReady(row.key, str(stands))
            if missing:
                raise NotReady(row.key, f"es fehlt die Unterschrift von {', '.join(missing)}")
            path, sha256 = _file(workspace, row, made)
        except SigningError as error:
            held.append((row.key, str(error)))
            continue
        if any(given.sha256 == sha256 and not given.withdrawn_at for given in out.get(row.key, ())):
            already.append(row.key)
            continue
        going.append(IssueRow(key=row.key, revision=row.revision, base_sha256=row.pdf_sha256, sha256=sha256, path=path, way=way,
                              issued_at=now.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")))
    if going:
        ledger.issue(going, now)
    return Issued(issued=tuple(row.key for row in going), already=tuple(already), held=tuple(held))


def present(issues: Sequence[IssueRow], row: DocumentRow) -> IssueRow | None:
    """What is out of a paper's present revision and still counts."""
    return next((given for given in reversed(issues) if given.base_sha256 == row.pdf_sha256 and not given.withdrawn_at), None)


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


def reminders(workspace: Workspace, ledger: Ledger, now: dt.datetime) -> tuple[Reminder, ...]:
    """Papers that are out and have not come back signed, in a file or on paper, when a reminder is due; longest first."""
    days = sorted(workspace.settings.release.remind_after)
    signatures, returns = ledger.signatures(), ledger.returns()
    due: list[Reminder] = []
    for key, issues in ledger.issues().items():
        row = issues[-1]
        back = any(given.field == PARTNER and given.base_sha256 == row.base_sha256 for given in signatures.get(key, ())) \
            or any(given.revision == row.revision and given.state in CAME_BACK for given in returns.get(key, ()))
        if row.withdrawn_at or back or row.reminded >= len(days):
            continue
        age = (now - dt.datetime.fromisoformat(row.issued_at)).days
        if age >= days[row.reminded]:
            due.append(Reminder(row=row, days=age, number=row.reminded + 1))
    return tuple(sorted(due, key=lambda reminder: (-reminder.days, reminder.row.key)))


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
