"""Whether it is known who signed: rules, each with its answer where it applies; the first that applies counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from cryptography import x509
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.validation.status import PdfSignatureStatus

from pipeline.signing.demo import is_demo
from pipeline.signing.key import common_name
from pipeline.signing.timeservice import APART
from pipeline.signing.verdict import Answer, Reason, failed, passed, unsure


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A certificate in a signature, and what is known of when it signed."""

    certificate: x509.Certificate
    status: PdfSignatureStatus
    now: dt.datetime
    stamped: dt.datetime | None      # by a time-stamp service that is trusted here
    said: dt.datetime | None         # by the signer's own clock

    @property
    def name(self) -> str:
        """Whose certificate it is."""
        return common_name(self.certificate.subject)

    @property
    def issuer(self) -> str:
        """Who issued it."""
        return common_name(self.certificate.issuer)

    @property
    def signed(self) -> dt.datetime | None:
        """When it signed, as far as anybody says; who wants to deceive does not date a signature outside the certificate's time."""
        return self.stamped or self.said


def signatory(signer: Signer) -> Answer:
    """Whether it is known who made this signature."""
    return next(answer for rule in RULES if (answer := rule(signer)) is not None)


def _broken(signer: Signer) -> Answer | None:
    if signer.status.intact and signer.status.valid:
        return None
    return unsure(f"{signer.name}: die Unterschrift passt nicht und sagt deshalb nicht, wer sie geleistet hat", Reason.HASH_FAILURE)


def _demonstration(signer: Signer) -> Answer | None:
    if not is_demo(signer.certificate.subject):
        return None
    origin = "aus diesem Arbeitsordner" if signer.status.trusted else "unbekannter Herkunft"
    return unsure(f"{signer.name}: Demonstrationsschlüssel {origin}, keine gültige Signatur", Reason.DEMO)


def _revoked(signer: Signer) -> Answer | None:
    return failed(f"{signer.name}: das Zertifikat wurde widerrufen", Reason.REVOKED) if signer.status.revoked else None


def _ended_before(signer: Signer) -> Answer | None:
    until = signer.certificate.not_valid_after_utc
    if signer.signed is None or signer.signed <= until:
        return None
    return failed(f"{signer.name}: das Zertifikat war bei der Unterzeichnung schon abgelaufen (am {until:%d.%m.%Y})", Reason.EXPIRED)


def _in_the_future(signer: Signer) -> Answer | None:
    if signer.stamped is not None or signer.said is None or signer.said <= signer.now + APART:
        return None
    return unsure(f"{signer.name}: die Unterschrift ist auf den {signer.said:%d.%m.%Y} datiert, der noch nicht war", Reason.NO_TIME)


def _began_after(signer: Signer) -> Answer | None:
    since = signer.certificate.not_valid_before_utc
    if signer.signed is None or signer.signed >= since - APART:
        return None
    return failed(f"{signer.name}: das Zertifikat galt bei der Unterzeichnung noch nicht (erst ab {since:%d.%m.%Y})", Reason.EXPIRED)


def _believed(signer: Signer) -> Answer | None:
    return passed(f"{signer.name}, bestätigt durch „{signer.issuer}“") if signer.status.trusted else None


def _ended(signer: Signer) -> Answer | None:
    until = signer.certificate.not_valid_after_utc
    if (signer.stamped or signer.now) <= until:
        return None
    return unsure(f"{signer.name}: das Zertifikat ist am {until:%d.%m.%Y} abgelaufen, und ein Zeitstempel fehlt", Reason.EXPIRED)


def _self_issued(signer: Signer) -> Answer | None:
    if signer.certificate.subject != signer.certificate.issuer:
        return None
    return unsure(f"{signer.name}: das Zertifikat ist selbst ausgestellt und bestätigt niemanden", Reason.NO_CHAIN)


def _other_purpose(signer: Signer) -> Answer | None:
    if signer.status.trust_problem_indic is not AdESIndeterminate.CHAIN_CONSTRAINTS_FAILURE:
        return None
    return unsure(f"{signer.name}: das Zertifikat ist zum Unterzeichnen nicht bestimmt", Reason.CHAIN_CONSTRAINTS)


def _stranger(signer: Signer) -> Answer:
    return unsure(f"{signer.name}: der Aussteller „{signer.issuer}“ gehört nicht zu denen, denen hier vertraut wird", Reason.NO_CHAIN)


RULES = (_broken, _demonstration, _revoked, _ended_before, _began_after, _in_the_future, _believed, _ended, _self_issued, _other_purpose, _stranger)
