"""What is due: which signatures a paper has, and whose turn it is.

What is on disk and in the ledger decides, so that a run that broke off anywhere is taken up where it stopped.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pipeline.errors import SigningError
from pipeline.ledger import ApprovalRow, DocumentRow, SignatureRow
from pipeline.release import built_pdf, standing
from pipeline.settings import PARTNER, Initiator
from pipeline.signing import keys
from pipeline.signing.proof import Proofs
from pipeline.signing.turn import Turn, turns
from pipeline.workspace import Workspace, place

SLACK = dt.timedelta(minutes=5)    # clocks of two machines may differ by that much


class UnknownSigner(SigningError):
    """No initiator goes by that key."""

    def __init__(self, named: str, known: Iterable[str]) -> None:
        super().__init__(f"„{named}“ ist kein Initiator", hint=f"In inputs/alliance.toml stehen: {', '.join(known) or 'keine'}.")


class NoAuthority(SigningError):
    """Nobody is known who may sign for an initiator."""

    def __init__(self, initiator: Initiator) -> None:
        super().__init__(f"Zeichnungsbefugnis für {initiator.name} nicht nachgewiesen",
                         hint=f"Sobald sie nachgewiesen ist, in inputs/alliance.toml bei „{initiator.key}“ die Zeichnenden eintragen.")


class NotItsTurn(SigningError):
    """Somebody else signs first."""

    def __init__(self, first: Turn) -> None:
        super().__init__(f"zuerst unterzeichnet {first.name}", hint="Die Reihenfolge steht in inputs/alliance.toml.")


class PartnerFirst(SigningError):
    """A countersignature waits for the partner's signature."""

    def __init__(self, initiator: Initiator) -> None:
        super().__init__(f"{initiator.name} zeichnet gegen, wenn der Partner unterzeichnet hat",
                         hint="Das Papier ausgeben und die unterzeichnete Datei des Partners mit „gremium receive“ annehmen.")


class ClockBehind(SigningError):
    """Something about this paper happened after what the clock says is now."""

    def __init__(self, what: str, at: dt.datetime) -> None:
        super().__init__(f"die Uhr dieses Rechners geht nach: das Papier wurde schon am {at:%d.%m.%Y um %H:%M} UTC {what}",
                         hint="Die Uhr stellen; an dem Papier wurde nichts geändert.")


class NotReleased(SigningError):
    """The present bytes are not released."""

    def __init__(self, standing: str) -> None:
        super().__init__(standing, hint="Mit „gremium approve“ freigeben lassen.")


class SignedFileMissing(SigningError):
    """The ledger knows of signatures, the signed file is gone."""

    def __init__(self, path: str) -> None:
        super().__init__(f"die unterzeichnete Datei fehlt: {path}",
                         hint="Aus der Sicherung zurückspielen; sie lässt sich nicht neu machen.")


class SignedFileChanged(SigningError):
    """The signed file is not what was signed."""

    def __init__(self, path: str) -> None:
        super().__init__(f"die unterzeichnete Datei wurde verändert: {path}", hint="Aus der Sicherung zurückspielen.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one run of signing was asked for."""

    workspace: Workspace
    asked: tuple[Turn, ...]    # in the settings' order; none means all whose turn it is
    now: dt.datetime
    proofs: Proofs             # of the releases everything rests on


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done with one paper."""

    row: DocumentRow
    due: tuple[Turn, ...] = ()
    stop: SigningError | None = None        # why it goes no further after that
    found: tuple[SignatureRow, ...] = ()    # on disk, not yet in the ledger: a run broke off between the two
    present: bytes = field(default=b"", repr=False)    # the signed file so far; empty before the first signature


def order(workspace: Workspace, signers: Sequence[str], now: dt.datetime) -> Order:
    """The order to sign for `signers`: an initiator with all who sign for it ("stadt"), or one of them ("stadt-2").

    Raises SigningError when one of them cannot sign at all.
    """
    known = turns(workspace.settings.initiators)
    for named in signers:
        meant = [turn for turn in known if named in (turn.initiator.key, turn.field)]
        if not meant:
            raise UnknownSigner(named, dict.fromkeys(name for turn in known for name in (turn.initiator.key, turn.field)))
        obstacle = next((found for turn in meant if (found := _own_obstacle(workspace, turn))), None)
        if obstacle is not None:
            raise obstacle
    return Order(workspace=workspace, asked=tuple(turn for turn in known if {turn.initiator.key, turn.field} & {*signers}), now=now,
                 proofs=Proofs(workspace))


def plan(order: Order, row: DocumentRow, approvals: Sequence[ApprovalRow], known: Sequence[SignatureRow]) -> Plan:
    """What is to be done with one paper; `known` are the signatures on its present bytes. Raises SigningError."""
    stands = standing(row, approvals, order.workspace.settings.release)
    if not stands.approved:
        return Plan(row=row, stop=NotReleased(str(stands)))
    _check_proofs(order, approvals)
    _check_clock(order.now, row, approvals, known)
    present, found = _present(order, row, known)
    due, stop = _due(order, {made.field for made in (*known, *found)})
    return Plan(row=row, due=due, stop=stop, found=found, present=present)


def signed_path(row: DocumentRow) -> str:
    """Where the signed file of a paper lies, from the workspace: outputs/signed/memorandum/….pdf."""
    return str(PurePosixPath("outputs/signed", row.kind, PurePosixPath(row.pdf).name))


def set_aside(path: Path) -> None:
    """Keeps the signed file of an older revision: signatures cannot be made again."""
    if path.exists():
        data = path.read_bytes()
        place(path.parent / "earlier" / f"{path.stem}-{hashlib.sha256(data).hexdigest()[:12]}.pdf", data)


def signature(row: DocumentRow, field: str, signer: str, sha256: str, at: dt.datetime) -> SignatureRow:
    """The ledger's note of one signature."""
    return SignatureRow(key=row.key, revision=row.revision, field=field, signer=signer, path=signed_path(row),
                        base_sha256=row.pdf_sha256, sha256=sha256,
                        signed_at=at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))


def _due(order: Order, filled: set[str]) -> tuple[tuple[Turn, ...], SigningError | None]:
    settings = order.workspace.settings
    due: list[Turn] = []
    stop: SigningError | None = None
    # those who countersign come last; sorting leaves the settings' order within both
    for turn in sorted(turns(settings.initiators), key=lambda turn: turn.initiator.countersigns):
        if turn.field in filled or not _wanted(order, filled, due):
            continue
        if settings.signing.parallel and order.asked and turn not in order.asked:
            continue
        obstacle = _obstacle(order, turn, filled)
        if obstacle is None:
            due.append(turn)
            continue
        stop = stop or obstacle
        if not settings.signing.parallel:
            break
    return tuple(due), stop


def _wanted(order: Order, filled: set[str], due: Sequence[Turn]) -> bool:
    """Whether somebody who was asked for has not signed yet."""
    asked = order.asked or turns(order.workspace.settings.initiators)
    return any(turn.field not in filled and turn not in due for turn in asked)


def _obstacle(order: Order, turn: Turn, filled: set[str]) -> SigningError | None:
    """What keeps somebody from signing now, with everybody before having signed."""
    if order.asked and turn not in order.asked:
        return NotItsTurn(turn)
    if turn.initiator.countersigns and PARTNER not in filled:
        return PartnerFirst(turn.initiator)
    return _own_obstacle(order.workspace, turn)


def _own_obstacle(workspace: Workspace, turn: Turn) -> SigningError | None:
    if turn.signatory is None:
        return NoAuthority(turn.initiator)
    if not keys.available(workspace, turn.field):
        return keys.KeyNotConfigured(turn.field)
    return None


def _check_proofs(order: Order, approvals: Sequence[ApprovalRow]) -> None:
    """A release whose proof does not fit was put into the ledger by somebody else. Raises NotReleased."""
    broken = order.proofs.broken(approvals)
    if broken:
        raise NotReleased(broken)


def _check_clock(now: dt.datetime, row: DocumentRow, approvals: Sequence[ApprovalRow], known: Sequence[SignatureRow]) -> None:
    """Signatures bear the clock's time: it may not lie before what they rest on. Raises ClockBehind."""
    happened = [("erstellt", row.built_at), *(("freigegeben", given.approved_at) for given in approvals),
                *(("unterzeichnet", made.signed_at) for made in known)]
    for what, said in happened:
        at = dt.datetime.fromisoformat(said)
        if now < at - SLACK:
            raise ClockBehind(what, at)


def _present(order: Order, row: DocumentRow, known: Sequence[SignatureRow]) -> tuple[bytes, tuple[SignatureRow, ...]]:
    """The signed file so far, and the signatures in it that the ledger does not know yet."""
    name = signed_path(row)
    path = order.workspace.root / name
    if not path.exists():
        if known:
            raise SignedFileMissing(name)
        return b"", ()
    data = path.read_bytes()
    if known and hashlib.sha256(data).hexdigest() == known[-1].sha256:
        return data, ()
    if data.startswith(built_pdf(order.workspace, row)):
        return data, _unrecorded(order, data, row, known)
    if known:
        raise SignedFileChanged(name)
    return b"", ()    # of an older revision: set aside when this one is signed


def _unrecorded(order: Order, data: bytes, row: DocumentRow, known: Sequence[SignatureRow]) -> tuple[SignatureRow, ...]:
    from pipeline.signing.layers import layers
    found = layers(data, order.now)
    recorded = [(made.field, made.sha256) for made in known]
    on_disk = [(layer.field, hashlib.sha256(data[:layer.end]).hexdigest()) for layer in found]
    sound = bool(found) and found[-1].end == len(data) and all(layer.intact and layer.allowed for layer in found)
    if not sound or len(on_disk) <= len(recorded) or on_disk[:len(recorded)] != recorded:
        raise SignedFileChanged(signed_path(row))
    new = list(zip(found, on_disk, strict=True))[len(recorded):]
    return tuple(signature(row, layer.field, layer.signer, sha256, layer.at) for layer, (_, sha256) in new)
