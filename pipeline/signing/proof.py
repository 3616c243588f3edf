"""Releases that can be proven: the approver's key signs what was decided, and anybody can check that later."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms
from pyhanko.sign.validation.status import StandardCMSSignatureStatus
from pyhanko_certvalidator import ValidationContext

from pipeline.ledger import ApprovalRow
from pipeline.release import Proof, statement
from pipeline.signing import keys
from pipeline.signing.eulists import listed
from pipeline.signing.fence import Unreadable, reading
from pipeline.signing.judge import USAGE
from pipeline.signing.key import common_name
from pipeline.signing.passphrases import Passphrase
from pipeline.signing.pen import Pen
from pipeline.signing.revocation import Inquiry, inquire
from pipeline.signing.suitable import bears, fingerprint
from pipeline.signing.timeservice import APART, DIGEST
from pipeline.signing.tokens import Tokens
from pipeline.signing.verdict import Answer, Indication
from pipeline.workspace import Workspace


def prover(workspace: Workspace, name: str, *, now: dt.datetime, passphrase: Passphrase, tokens: Tokens) -> Proof | None:
    """Signs statements for somebody, whose key is opened and checked; None when the settings name no key. Raises SigningError."""
    key = keys.of_approver(workspace, name, now=now, passphrase=passphrase, tokens=tokens)
    if key is None:
        return None
    wish = workspace.settings.signing.revocation
    if wish != "off":
        inquire(key, Inquiry(trust=keys.trusted(workspace), now=now, required=wish == "required"))
    pen = Pen(key)
    return lambda said: bytes(asyncio.run(pen.async_sign_general_data(said, DIGEST)).dump())


def judged(given: ApprovalRow, trust: Sequence[x509.Certificate], pins: Collection[str] = ()) -> Answer:
    """Whether a decision of the ledger is proven to be its giver's: signed as it stands there, by a key that bears their name.

    `pins` are the SHA-256 of the certificates that may prove it; none for any.
    """
    if not given.proof:
        return Answer(Indication.INDETERMINATE, f"{_what(given)}, ohne Nachweis durch einen Schlüssel")
    try:
        with reading():      # whatever stands in the ledger, somebody may have put it there
            status = _status(given, trust)
            certificate = x509.load_der_x509_certificate(status.signing_cert.dump())
            holder, wrong = common_name(certificate.subject), _wrong(status, certificate, given, pins)
    except Unreadable as error:
        return Answer(Indication.FAILED, f"{_what(given)}: der Nachweis ist beschädigt (technisch: {error.reason})")
    if wrong:
        return Answer(Indication.FAILED, wrong)
    if not status.trusted:
        return Answer(Indication.INDETERMINATE, f"{_what(given)}, unterzeichnet mit dem Schlüssel „{holder}“ unbekannter Herkunft")
    return Answer(Indication.PASSED, f"{_what(given)}, nachgewiesen durch den Schlüssel „{holder}“")


class Proofs:
    """The proofs of a workspace's decisions, judged by whom it trusts; its issuers are read once, when the first proof asks for them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def judged(self, given: ApprovalRow) -> Answer:
        """Whether a decision is proven. Raises SigningError when a trusted issuer's certificate cannot be read."""
        return judged(given, self.trust, keys.pins(self._workspace, given.approved_by)) if given.proof else judged(given, ())

    def broken(self, decisions: Iterable[ApprovalRow]) -> str:
        """Why one of these decisions cannot have been its giver's; "" when none is refuted. Raises as `judged`."""
        answers = (self.judged(given) for given in decisions if given.proof)
        return next((answer.sentence for answer in answers if answer.indication is Indication.FAILED), "")

    @cached_property
    def trust(self) -> tuple[x509.Certificate, ...]:
        """The issuers to believe. Raises SigningError."""
        return *keys.trusted(self._workspace), *listed(self._workspace)


def _status(given: ApprovalRow, trust: Sequence[x509.Certificate]) -> StandardCMSSignatureStatus:
    roots = [asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)) for certificate in trust]
    context = ValidationContext(trust_roots=roots, moment=dt.datetime.fromisoformat(given.approved_at), allow_fetching=False, time_tolerance=APART)
    signed = cms.ContentInfo.load(given.proof)["content"]
    return asyncio.run(async_validate_detached_cms(statement(given), signed, context, key_usage_settings=USAGE))


def _wrong(status: StandardCMSSignatureStatus, certificate: x509.Certificate, given: ApprovalRow, pins: Collection[str]) -> str:
    """What refutes a proof; "" for nothing."""
    holder = common_name(certificate.subject)
    if not (status.intact and status.valid):
        return f"{_what(given)}: der Nachweis passt nicht zum Verzeichnis, jemand hat es verändert"
    if not bears(certificate, given.approved_by):
        return f"{_what(given)}: der Nachweis ist von jemand anderem, der Schlüssel lautet auf „{holder}“"
    if pins and fingerprint(certificate) not in pins:
        return f"{_what(given)}: der Fingerabdruck des Schlüssels „{holder}“ steht nicht in den Einstellungen"
    return ""


def _what(given: ApprovalRow) -> str:
    return f"Revision {given.revision} {'freigegeben' if given.released else 'zurückgewiesen'} von {given.approved_by}"
