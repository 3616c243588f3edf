"""Returns: what partners send back is judged, kept as it came, noted, and – where it counts – signed on.

Each file is judged by itself, PDFs by their bytes and signatures, scans by what can be seen on them. The verdict and the
original outlast everything else: a file is kept before it is noted, and noted before anything is done with it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from pipeline.ledger import Ledger, ReturnRow
from pipeline.signing import keys
from pipeline.signing.adopt import PDF, adopt
from pipeline.signing.alone import alone
from pipeline.signing.arrival import House, Progress, Received, Return, State
from pipeline.signing.base import Known
from pipeline.signing.digital import judged
from pipeline.signing.eulists import listed
from pipeline.signing.verdict import Answer, Indication, Reason
from pipeline.workspace import Workspace, place

FOLDER = "outputs/returned"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def receive(files: Sequence[Received], workspace: Workspace, ledger: Ledger, *, now: dt.datetime,
            progress: Progress | None = None) -> tuple[Return, ...]:
    """Judges what came back, keeps the originals, notes the verdicts, and takes what was accepted as signed so far.

    One return for each file and paper in it, in the order of the files; after them those of former scans to which these bring
    missing pages. A file whose last word is spoken is not judged again; one that came before says since when it is known.
    Raises SigningError when another run is signing.
    """
    tell = progress or (lambda done, total: None)
    found: dict[str, list[Return]] = {}
    with alone(workspace):
        since = {file.sha256: min((row.received_at for row in ledger.returns_of(file.sha256)), default="") for file in files}
        house = house_of(workspace, ledger, now)
        known = Known.of(house)
        scans: dict[str, Received] = {}
        for number, received in enumerate(files):
            tell(number, len(files))
            if received.sha256 in found or received.sha256 in scans:
                continue
            settled = _settled(received, workspace, ledger, now)
            verdict = None if settled else _judged(received, house, known)
            if not settled and verdict is None:
                scans[received.sha256] = received if received.origin == "mail" else replace(received, origin="scan")
                continue
            found[received.sha256] = [verdict] if verdict else settled
            if verdict and _keep(verdict, workspace, ledger, now):
                house = replace(house, signatures=ledger.signatures(), returns=ledger.returns())
        for seen in _completed(tuple(_sorted(tuple(scans.values()), house, tell)), scans, house, tell):
            found.setdefault(seen.received.sha256, []).append(seen)
            since.setdefault(seen.received.sha256, seen.known_since)
            _keep(seen, workspace, ledger, now)
    tell(len(files), len(files))
    return tuple(replace(each, known_since=known_since) for sha256, known_since in since.items() for each in found.get(sha256, ()))


def confirm(workspace: Workspace, ledger: Ledger, row: ReturnRow, by: str, now: dt.datetime) -> bool:
    """Notes that somebody has looked at a return and says that it holds; a signed file is signed on from then on.

    False when it does not wait for that. Raises SigningError.
    """
    with alone(workspace):
        if row.state != State.TO_CONFIRM:
            return False
        adopt(workspace, ledger, row, now)      # first: what cannot be signed on is not confirmed
        return ledger.confirm(row, by, now)


def house_of(workspace: Workspace, ledger: Ledger, now: dt.datetime) -> House:
    """What this office knows. Raises SigningError when a file among the trusted issuers is none."""
    return House(workspace=workspace, documents=ledger.documents(), revisions=ledger.revisions(), issues=ledger.issues(),
                 signatures=ledger.signatures(), returns=ledger.returns(), trust=(*keys.trusted(workspace), *listed(workspace)), now=now)


def _judged(received: Received, house: House, known: Known) -> Return | None:
    return judged(received, house, known) if _is_pdf(received) else None


def _is_pdf(received: Received) -> bool:
    return b"%PDF-" in received.data[:1024]


def _sorted(scans: Sequence[Received], house: House, progress: Progress) -> Iterator[Return]:
    if scans:
        from pipeline.signing.stacks import sort
        yield from sort(scans, house, progress)


def _completed(seen: Sequence[Return], scans: Mapping[str, Received], house: House, progress: Progress) -> tuple[Return, ...]:
    """The verdicts on scans; where pages of a paper are missing, it is judged by what came of it before as well."""
    wanting = dict.fromkeys((each.key, each.revision) for each in seen if each.state is State.UNCLEAR and each.missing)
    former = {row.sha256: (row, received) for key, revision in wanting for row in house.returns.get(key, ())
              if row.revision == revision and row.sha256 not in scans and (received := _open(row, house.workspace))}
    wider = {(row.key, row.revision) for row, _ in former.values()}
    if not wider:
        return tuple(seen)
    newer = {each.received.sha256 for each in seen if (each.key, each.revision) in wider}
    files = [received for sha256, received in scans.items() if sha256 in newer] + [received for _, received in former.values()]
    rest = tuple(each for each in seen if (each.key, each.revision) not in wider)
    return rest + tuple(replace(each, known_since=former[each.received.sha256][0].received_at if each.received.sha256 in former else "")
                        for each in _sorted(files, house, progress) if (each.key, each.revision) in wider)


def _open(row: ReturnRow, workspace: Workspace) -> Received | None:
    """The scan of a paper that lacked pages and that nobody has put aside, as it came; None for anything else."""
    path = workspace.root / row.path
    if row.state != State.UNCLEAR or not row.missing or row.dismissed or not path.is_file():
        return None
    received = Received(row.name, path.read_bytes(), row.origin)
    return received if received.sha256 == row.sha256 else None


def _settled(received: Received, workspace: Workspace, ledger: Ledger, now: dt.datetime) -> list[Return]:
    """What was said of this very file before, when there is nothing to add; a run that broke off is brought to its end."""
    rows = ledger.returns_of(received.sha256)
    if not rows or any(row.state != State.ACCEPTED for row in rows):
        return []
    for row in rows:
        adopt(workspace, ledger, row, now)
    return [_of(row, received) for row in rows]


def _of(row: ReturnRow, received: Received) -> Return:
    answers = {name: Answer(Indication(said["indication"]), said["sentence"], Reason(said["reason"]) if said["reason"] else None)
               for name, said in row.answers.items()}
    return Return(received=received, key=row.key, revision=row.revision, state=State(row.state), sentence=row.sentence, missing=row.missing,
                  known_since=row.received_at, **answers)


def _keep(verdict: Return, workspace: Workspace, ledger: Ledger, now: dt.datetime) -> bool:
    """Puts the original away, notes the verdict, signs on from what was accepted; whether that changed what is signed."""
    received = verdict.received
    kept = next(iter(sorted((workspace.root / FOLDER).glob(f"{received.sha256[:16]}-*"))), None)     # it may have come under another name
    path = workspace.relative(kept) if kept else f"{FOLDER}/{received.sha256[:16]}-{_name(received)}"
    if kept is None:
        place(workspace.root / path, received.data)
    row = ReturnRow(
        sha256=received.sha256, name=received.name, origin=received.origin, key=verdict.key, revision=verdict.revision,
        state=str(verdict.state), answers={name: answer.as_json() for name, answer in verdict.answers.items()}, sentence=verdict.sentence,
        path=path, missing=verdict.missing, received_at=now.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
    ledger.returned(row, now)
    return verdict.state is State.ACCEPTED and adopt(workspace, ledger, row, now)


def _name(received: Received) -> str:
    """A file name that every system can hold, with the ending of what it is: mails attach a PDF under any name."""
    path = PurePosixPath(_UNSAFE.sub("_", PurePosixPath(received.name.replace("\\", "/")).name).lstrip("._") or "datei")
    return f"{path.stem[:60]}{PDF if _is_pdf(received) else path.suffix[:10].lower()}"
