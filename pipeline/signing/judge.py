"""One signature judged: does it fit, who made it and can they be believed, what was added after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel, TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from pipeline.signing.changes import AFTER_SIGNING
from pipeline.signing.demo import is_demo
from pipeline.signing.key import common_name
from pipeline.signing.signatory import Signer, signatory
from pipeline.signing.suitable import SMALLEST_RSA
from pipeline.signing.timeservice import APART
from pipeline.signing.verdict import Answer, Reason, SignatureFound, failed, passed, unsure

USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})    # one of them is enough
STRONG = frozenset(("sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "shake256"))
SMALLEST_CURVE = 224      # bits


class Judge:
    """Looks at the signatures of one file, with the evidence the file itself brings."""

    def __init__(self, reader: PdfFileReader, now: dt.datetime, trust: Sequence[x509.Certificate]) -> None:
        """`trust` are the issuers to believe at `now`."""
        self._now = now
        self._roots = [asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)) for certificate in trust]
        self._store: DocumentSecurityStore | None = None
        with suppress(NoDSSFoundError):
            self._store = DocumentSecurityStore.read_dss(reader)
        self._stamps = reader.embedded_timestamp_signatures      # over the whole file as it was then

    def signature(self, embedded: EmbeddedPdfSignature) -> SignatureFound:
        """Everything there is to say about one signature."""
        status = self.status(embedded)
        stamped = self._stamped(embedded, status)
        if stamped is not None:      # from then on it is known to have existed: its certificate counts as of that time
            status = self.status(embedded, stamped)
        certificate = plain(embedded.signer_cert)
        return SignatureFound(
            field=embedded.field_name, signer=common_name(certificate.subject), issuer=common_name(certificate.issuer),
            at=embedded.self_reported_timestamp, stamped=stamped, level=self._level(embedded), demo=is_demo(certificate.subject),
            whole=status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
            integrity=integrity(embedded.field_name, status, weakness(embedded)),
            signatory=signatory(Signer(certificate=certificate, status=status, now=self._now, stamped=stamped,
                                       said=embedded.self_reported_timestamp)),
            change=change(embedded.field_name, status),
        )

    def status(self, embedded: EmbeddedPdfSignature, moment: dt.datetime | None = None) -> PdfSignatureStatus:
        """What pyHanko says of one signature, its certificate judged at `moment`, or now."""
        said = next(map(_said_time, extract_tst_data_iter(embedded.signer_info, signed=False)), self._now)
        return validate_pdf_signature(embedded, signer_validation_context=self._context(moment or self._now),
                                      ts_validation_context=self._context(said), key_usage_settings=USAGE, diff_policy=AFTER_SIGNING)

    def _context(self, moment: dt.datetime) -> ValidationContext:
        options: dict[str, Any] = {"trust_roots": self._roots, "moment": moment, "allow_fetching": False, "time_tolerance": APART}
        return self._store.as_validation_context(options) if self._store is not None else ValidationContext(**options)

    def _stamped(self, embedded: EmbeddedPdfSignature, status: PdfSignatureStatus) -> dt.datetime | None:
        """When a signature is proven to have existed: by its own stamp, while that or a later one over the file can be believed.

        A stamp's certificate is judged as of the stamp, and must not have ended since: then only a later stamp helps.
        """
        own = status.timestamp_validity
        if own is None or not _sound(own):
            return None
        later = (validate_pdf_timestamp(stamp, self._context(_said_time(stamp.signed_data)))
                 for stamp in self._stamps if stamp.signed_revision > embedded.signed_revision)
        ends = [stamp.signing_cert.not_valid_after for stamp in (own, *later) if _sound(stamp)]
        return own.timestamp if max(ends) >= self._now else None

    def _level(self, embedded: EmbeddedPdfSignature) -> str:
        if not any(extract_tst_data_iter(embedded.signer_info, signed=False)):
            return "B-B"
        if self._store is None or not (self._store.ocsps or self._store.crls):
            return "B-T"
        return "B-LTA" if any(stamp.signed_revision > embedded.signed_revision for stamp in self._stamps) else "B-LT"


def weakness(embedded: EmbeddedPdfSignature) -> str:
    """What is too weak in a signature for it to prove anything; empty when nothing is (SOG-IS Agreed Cryptographic Mechanisms)."""
    info = embedded.signer_info
    for algorithm in (info["digest_algorithm"], info["signature_algorithm"]):
        with suppress(ValueError):       # of a signature that names no digest of its own
            digest = algorithm["algorithm"].native if algorithm is info["digest_algorithm"] else algorithm.hash_algo
            if digest not in STRONG:
                return str(digest).upper()
    key = plain(embedded.signer_cert).public_key()
    size = getattr(key, "key_size", 256)
    if size < (SMALLEST_CURVE if isinstance(key, EllipticCurvePublicKey) else SMALLEST_RSA):
        return f"Schlüssel mit {size} Bit"
    return ""


def integrity(field: str, status: PdfSignatureStatus, weak: str = "") -> Answer:
    """Whether the signed bytes are these."""
    if status.intact and status.valid and weak:
        return unsure(f"Unterschrift „{field}“ beruht auf einem Verfahren, das sich fälschen lässt ({weak})", Reason.CRYPTO_WEAK)
    if status.intact and status.valid:
        return passed(f"Unterschrift „{field}“ passt zu den unterschriebenen Bytes")
    if status.intact:
        return failed(f"Unterschrift „{field}“ ist nicht mit dem Schlüssel gemacht, der dabeisteht", Reason.SIG_CRYPTO_FAILURE)
    return failed(f"Unterschrift „{field}“ passt nicht mehr zum Inhalt: die Datei wurde danach verändert", Reason.HASH_FAILURE)


def change(field: str, status: PdfSignatureStatus) -> Answer:
    """Whether after a signature only was added what may be added."""
    if status.coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return passed(f"Unterschrift „{field}“ umfasst die ganze Datei")
    level = status.modification_level
    allowed = level is not None and level.value <= ModificationLevel.FORM_FILLING.value
    if status.coverage is not SignatureCoverageLevel.ENTIRE_REVISION:
        return failed(f"Unterschrift „{field}“ umfasst nicht den ganzen Stand, zu dem sie gehört", Reason.FORMAT_FAILURE)
    if status.docmdp_ok and allowed:
        return passed(f"nach der Unterschrift „{field}“ kamen nur weitere Unterschriften oder Eintragungen hinzu")
    return failed(f"nach der Unterschrift „{field}“ wurde die Datei in unerlaubter Weise verändert", Reason.CHANGED)


def plain(certificate: asn1_x509.Certificate) -> x509.Certificate:
    """A certificate as the rest of this room knows them."""
    return x509.load_der_x509_certificate(certificate.dump())


def _sound(stamp: TimestampSignatureStatus) -> bool:
    return bool(stamp.valid and stamp.intact and stamp.trusted)


def _said_time(stamp: Any) -> dt.datetime:
    """The time a stamp says, whether it can be believed or not."""
    said: dt.datetime = stamp["encap_content_info"]["content"].parsed["gen_time"].native
    return said
