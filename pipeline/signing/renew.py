"""Keeping signatures checkable for good: a new time stamp over everything before the certificate of the last one ends (PAdES B-LTA).

The signed file stays as it is, for others rest on its bytes; the renewed one lies in outputs/archive/ and is renewed again from there.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any

from cryptography import x509
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

from pipeline.errors import SigningError, VerificationError
from pipeline.ledger import DocumentRow, Ledger, SignatureRow
from pipeline.signing import archive, keys
from pipeline.signing.alone import alone
from pipeline.signing.crew import ends
from pipeline.signing.due import SignedFileChanged, SignedFileMissing
from pipeline.signing.fence import reading
from pipeline.signing.judge import plain
from pipeline.signing.passphrases import Passphrase
from pipeline.signing.reader import Reader
from pipeline.signing.revocation import Evidence, Inquiry, inquire_about, inquire_time
from pipeline.signing.sign import Held, NotWritten, Progress
from pipeline.signing.timeservice import NoTimeService, TimeService
from pipeline.workspace import Workspace, place

RENEWED = "renewed"        # the ledger's word
FOLDER = "outputs/archive"
MONTH = dt.timedelta(days=30.44)


class StampEnded(SigningError):
    """The last time stamp can no more be built upon."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(f"das Zertifikat des letzten Zeitstempels ist am {until:%d.%m.%Y} abgelaufen, er lässt sich nicht mehr erneuern",
                         hint="Bei der Zeitstempelstelle nachfragen; das Papier bleibt, wie es ist.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What one run of renewing did, by the papers' keys."""

    renewed: tuple[str, ...] = ()
    lasting: tuple[tuple[str, dt.date], ...] = ()    # nothing to be done yet, and until when that is so
    unstamped: tuple[str, ...] = ()                  # signed without any time stamp: nothing to renew
    refused: tuple[Held, ...] = ()                   # as they were


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stamp:
    """The time stamp a paper ends with: its certificates, the service's own first."""

    certificates: tuple[x509.Certificate, ...]

    @property
    def until(self) -> dt.datetime:
        return self.certificates[0].not_valid_after_utc


def renew(workspace: Workspace, ledger: Ledger, rows: Sequence[DocumentRow], *, now: dt.datetime, passphrase: Passphrase,  # noqa: PLR0913
          months: int = 12, progress: Progress | None = None) -> Renewed:
    """Puts evidence and a new time stamp on each signed paper whose last time stamp's certificate ends within so many months.

    Each paper is either as it was or renewed and in its place; a run that broke off is started again and does the rest.
    Raises SigningError when no time-stamp service can be used at all.
    """
    settings = workspace.settings.signing
    if not settings.timestamp:
        raise NoTimeService("B-LTA")
    archived = {key: str(detail["sha256"]) for key, detail in ledger.noted(RENEWED)}
    done: dict[str, list[Any]] = {"renewed": [], "lasting": [], "unstamped": [], "refused": []}
    with alone(workspace):
        service = _Service(workspace, now, passphrase)
        signatures = ledger.signatures()
        for number, row in enumerate(rows, 1):
            known = [made for made in signatures.get(row.key, ()) if made.base_sha256 == row.pdf_sha256]
            try:
                if known:
                    where, what = _one(workspace, ledger, row, known[-1], archived.get(row.key, ""), service, now + months * MONTH)
                    done[where].append(what)
            except (SigningError, VerificationError) as error:
                done["refused"].append(Held(key=row.key, reason=str(error), hint=error.hint))
                if ends(error):
                    break
            if progress is not None:
                progress(number, len(rows))
    return Renewed(**{name: tuple(found) for name, found in done.items()})


class _Service:
    """The time-stamp service, asked for the first time when a paper needs it."""

    def __init__(self, workspace: Workspace, now: dt.datetime, passphrase: Passphrase) -> None:
        settings = workspace.settings.signing
        self.now = now
        self._service = TimeService(settings.timestamp, attempts=settings.attempts, now=now, passphrase=passphrase)
        self._inquiry = Inquiry(trust=keys.trusted(workspace), now=now, required=True, attempts=settings.attempts)
        self._own: Evidence | None = None
        self._room = 0

    def stamped(self, pdf: bytes, last: _Stamp) -> bytes:
        """The paper with what proves its last time stamp, and a new one over all of it. Raises SigningError."""
        if self._own is None:
            self._room = self._service.reserve()
            self._own = inquire_time(self._service, self._inquiry)
        before = inquire_about(self._service.host, last.certificates, self._inquiry)
        return archive.with_stamp(pdf, [each for each in (before, self._own) if each is not None], self._service, self._room)


def _one(workspace: Workspace, ledger: Ledger, row: DocumentRow, last: SignatureRow, archived: str, service: _Service,  # noqa: PLR0913, PLR0917
         limit: dt.datetime) -> tuple[str, object]:
    """Renews one paper when it is time; the list of `Renewed` it belongs to, and its entry there."""
    signed = _file(workspace, last.path, last.sha256)
    path = str(PurePosixPath(FOLDER, row.kind, PurePosixPath(row.pdf).name))
    pdf = _former(workspace, path, archived, signed) or signed
    stamp = _last_stamp(pdf)
    if stamp is None:
        return "unstamped", row.key
    if stamp.until > limit:
        return "lasting", (row.key, stamp.until.date())
    if stamp.until < service.now:
        raise StampEnded(stamp.until)
    made = service.stamped(pdf, stamp)
    until = _last_stamp(made)
    # noted first: a file nobody knows of would be taken for one that was changed
    ledger.note(RENEWED, row.key, service.now, sha256=hashlib.sha256(made).hexdigest(), path=path, revision=row.revision,
                until=until.until.date().isoformat() if until else "")
    try:
        place(workspace.root / path, made)
    except OSError as error:
        raise NotWritten(path, error.strerror or str(error)) from error
    return "renewed", row.key


def _file(workspace: Workspace, path: str, sha256: str) -> bytes:
    if not (workspace.root / path).is_file():
        raise SignedFileMissing(path)
    data = (workspace.root / path).read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise SignedFileChanged(path)
    return data


def _former(workspace: Workspace, path: str, sha256: str, signed: bytes) -> bytes:
    """What an earlier run renewed, when it is that file and rests on what is signed now; b"" otherwise."""
    if not sha256 or not (workspace.root / path).is_file():
        return b""
    data = (workspace.root / path).read_bytes()
    if not data.startswith(signed):
        return b""        # somebody has signed since
    return data if hashlib.sha256(data).hexdigest() == sha256 else b""


def _last_stamp(pdf: bytes) -> _Stamp | None:
    """The last time stamp of a paper: over all of it, or in its last signature. Raises VerificationError."""
    with reading():
        reader = Reader(BytesIO(pdf))
        over_all = reader.embedded_timestamp_signatures
        if over_all:
            return _stamp(over_all[-1].signed_data)
        for signature in reversed(reader.embedded_regular_signatures):
            for token in extract_tst_data_iter(signature.signer_info, signed=False):
                return _stamp(token)
        return None


def _stamp(token: Any) -> _Stamp:
    """The certificates in a time-stamp token, the signer's first (RFC 5652, 5.3)."""
    serial = token["signer_infos"][0]["sid"].chosen["serial_number"].native
    found = [plain(each.chosen) for each in token["certificates"]]
    own = [each for each in found if each.serial_number == serial]
    return _Stamp(certificates=(*own, *(each for each in found if each not in own)))
