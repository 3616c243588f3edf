"""Verification: what a file is, whether it is unaltered, and who signed it.

Four questions are answered separately – integrity, signatory, allowed change, right document – each with one of the
three indications of ETSI EN 319 102-1 and a sentence the office understands. Nothing is read but the file's bytes
and what the caller hands in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from asn1crypto import x509 as asn1_x509
from cryptography import x509
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

from pipeline.errors import VerificationError
from pipeline.ledger import DocumentRow
from pipeline.records import Provenance
from pipeline.signing.changes import AFTER_SIGNING, only_signed
from pipeline.signing.demo import is_demo
from pipeline.signing.key import common_name
from pipeline.signing.timeservice import APART
from pipeline.signing.verdict import Answer, Indication, SignatureFound, Verdict

passed, unsure, failed = (partial(Answer, indication) for indication in Indication)

HERE = ZoneInfo("Europe/Berlin")
EOF = b"%%EOF"
USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})    # one of them is enough


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One signature and how far into the file it reaches."""

    field: str
    signer: str
    at: dt.datetime
    end: int         # the first byte after the file as it was with this signature and all that was added before the next
    intact: bool     # its bytes are what was signed
    allowed: bool    # after it, only signatures, entries and evidence were added


class Unreadable(VerificationError):
    """A file that cannot be read as what it seems to be."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"die Datei ist beschädigt oder unvollständig (technisch: {reason})", hint="Ist sie vollständig übertragen worden?")


class NotAPaper(VerificationError):
    """Neither a PDF nor a Word file."""

    def __init__(self) -> None:
        super().__init__("weder PDF noch Word-Datei", hint="Geprüft werden Dateien mit der Endung .pdf und .docx.")


class Encrypted(VerificationError):
    """A PDF that asks for a password."""

    def __init__(self) -> None:
        super().__init__("das PDF ist verschlüsselt", hint="Um eine unverschlüsselte Fassung bitten.")


def verify(data: bytes, *, now: dt.datetime, trust: Sequence[x509.Certificate] = (),
           known: Mapping[str, DocumentRow] | None = None) -> Verdict:
    """What the bytes of a PDF or Word file are, and whether they can be relied on.

    `trust` are the issuers to believe; `known` is what the ledger knows to have been built, None where no workspace
    is at hand. Raises VerificationError when the file cannot be read.
    """
    if data.startswith(b"PK\x03\x04"):
        return _unsigned(data, _of_word(data), known, "docx")
    if b"%PDF-" not in data[:1024]:
        raise NotAPaper
    with _reading():
        reader = PdfFileReader(BytesIO(data), strict=False)
        if reader.encrypted:
            raise Encrypted
        found = reader.embedded_regular_signatures
        judge = _Judge(reader, now, trust)
        signatures = tuple(judge.signature(embedded) for embedded in found)
        rest = _rest(reader, data)
        untouched = not found or only_signed(reader, until=found[0].signed_revision)
    made = _of_pdf(data)
    if not signatures:
        return _unsigned(data, made, known, "pdf")
    return Verdict(
        provenance=made, sha256=hashlib.sha256(data).hexdigest(), signatures=signatures,
        integrity=_worst([found.integrity for found in signatures], "alle Unterschriften passen zu den unterschriebenen Bytes"),
        signatory=_worst([found.signatory for found in signatures], "alle Unterschriften stammen von bekannten Personen oder Stellen"),
        change=_worst([*(found.change for found in signatures), rest], "nach den Unterschriften wurde nichts Unerlaubtes ergänzt"),
        document=_document(made, known, _bases(data)) if untouched or made is None
        else failed(f"nennt sich {made.key}, wurde aber zwischen Bau und Unterschrift verändert"),
    )


def _rest(reader: PdfFileReader, data: bytes) -> Answer:
    """Nothing follows the last signature but a further revision, which is judged by itself."""
    covered = passed("die Datei endet mit der letzten Unterschrift oder Ergänzung")
    seals = reader.embedded_signatures
    if not seals:
        return covered
    last = seals[-1]
    if last.signed_revision == reader.xrefs.total_revisions - 1:
        whole = int(last.byte_range[2]) + int(last.byte_range[3]) == len(data)
    else:
        whole = not data[data.rfind(EOF) + len(EOF):].strip()
    return covered if whole else failed("am Ende der Datei stehen Bytes, die zu keiner Unterschrift und zu keiner Ergänzung gehören")


def layers(data: bytes, now: dt.datetime) -> tuple[Layer, ...]:
    """The signatures of a PDF from the innermost outwards. Raises VerificationError."""
    with _reading():
        found = PdfFileReader(BytesIO(data)).embedded_regular_signatures
        # the next signature's own update begins after the last end-of-file mark before its value
        ends = [data.rfind(EOF, 0, int(after.byte_range[1])) + len(EOF) + 1 for after in found[1:]]
        return tuple(_layer(embedded, end, now) for embedded, end in zip(found, (*ends, len(data)), strict=True))


def _layer(embedded: EmbeddedPdfSignature, end: int, now: dt.datetime) -> Layer:
    status = _Judge(embedded.reader, now, ()).status(embedded)
    field = embedded.field_name
    return Layer(field=field, signer=common_name(_certificate(embedded.signer_cert).subject),
                 at=embedded.self_reported_timestamp or now, end=end, intact=status.intact and status.valid,
                 allowed=_change(field, status).indication is Indication.PASSED)


@contextmanager
def _reading() -> Iterator[None]:
    """The fence around a file from outside: whatever the libraries stumble over, it is the file that cannot be read."""
    libraries = [logging.getLogger(name) for name in ("pyhanko", "pyhanko_certvalidator")]
    levels = [library.level for library in libraries]
    for library in libraries:
        library.setLevel(logging.CRITICAL + 1)    # what they log is in the verdict
    try:
        yield
    except VerificationError:
        raise
    except Exception as error:    # a hostile file can make a parser fail in any way; --debug shows how
        raise Unreadable(str(error) or type(error).__name__) from error
    finally:
        for library, level in zip(libraries, levels, strict=True):
            library.setLevel(level)


# one signature


class _Judge:
    """Looks at the signatures of one file, with the evidence the file itself brings."""

    def __init__(self, reader: PdfFileReader, now: dt.datetime, trust: Sequence[x509.Certificate]) -> None:
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
        certificate = _certificate(embedded.signer_cert)
        return SignatureFound(
            field=embedded.field_name, signer=common_name(certificate.subject), issuer=common_name(certificate.issuer),
            at=embedded.self_reported_timestamp, stamped=stamped, level=self._level(embedded), demo=is_demo(certificate.subject),
            whole=status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
            integrity=_integrity(embedded.field_name, status),
            signatory=_signatory(certificate, status, self._now if stamped is None else stamped),
            change=_change(embedded.field_name, status),
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


def _sound(stamp: TimestampSignatureStatus) -> bool:
    return bool(stamp.valid and stamp.intact and stamp.trusted)


def _said_time(stamp: Any) -> dt.datetime:
    """The time a stamp says, whether it can be believed or not."""
    said: dt.datetime = stamp["encap_content_info"]["content"].parsed["gen_time"].native
    return said


def _integrity(field: str, status: PdfSignatureStatus) -> Answer:
    if status.intact and status.valid:
        return passed(f"Unterschrift „{field}“ passt zu den unterschriebenen Bytes")
    return failed(f"Unterschrift „{field}“ passt nicht mehr zum Inhalt: die Datei wurde danach verändert")


def _signatory(certificate: x509.Certificate, status: PdfSignatureStatus, now: dt.datetime) -> Answer:
    name, issuer = common_name(certificate.subject), common_name(certificate.issuer)
    if is_demo(certificate.subject):
        origin = "aus diesem Arbeitsordner" if status.trusted else "unbekannter Herkunft"
        return unsure(f"{name}: Demonstrationsschlüssel {origin}, keine gültige Signatur")
    if status.trusted:
        return passed(f"{name}, bestätigt durch „{issuer}“")
    if status.revoked:
        return failed(f"{name}: das Zertifikat wurde widerrufen")
    if now > certificate.not_valid_after_utc:
        reason = f"das Zertifikat ist am {certificate.not_valid_after_utc:%d.%m.%Y} abgelaufen, und ein Zeitstempel fehlt"
    elif certificate.subject == certificate.issuer:
        reason = "das Zertifikat ist selbst ausgestellt und bestätigt niemanden"
    else:
        reason = f"der Aussteller „{issuer}“ gehört nicht zu denen, denen hier vertraut wird"
    return unsure(f"{name}: {reason}")


def _change(field: str, status: PdfSignatureStatus) -> Answer:
    if status.coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return passed(f"Unterschrift „{field}“ umfasst die ganze Datei")
    level = status.modification_level
    allowed = level is not None and level.value <= ModificationLevel.FORM_FILLING.value
    if status.coverage is SignatureCoverageLevel.ENTIRE_REVISION and status.docmdp_ok and allowed:
        return passed(f"nach der Unterschrift „{field}“ kamen nur weitere Unterschriften oder Eintragungen hinzu")
    return failed(f"nach der Unterschrift „{field}“ wurde die Datei in unerlaubter Weise verändert")


# the whole file


def _worst(answers: Sequence[Answer], otherwise: str) -> Answer:
    """The gravest answer, with the sentences of all that are as grave; `otherwise` when all have passed."""
    for indication in (Indication.FAILED, Indication.INDETERMINATE):
        grave = [answer.sentence for answer in answers if answer.indication is indication]
        if grave:
            return Answer(indication, "; ".join(grave))
    return passed(otherwise)


def _unsigned(data: bytes, made: Provenance | None, known: Mapping[str, DocumentRow] | None, ending: str) -> Verdict:
    sha256 = hashlib.sha256(data).hexdigest()
    document = _document(made, known, (sha256,), ending)
    nobody = unsure("die Datei trägt keine Unterschrift")
    integrity = {
        Indication.PASSED: passed("Byte für Byte die gebaute Datei"),
        Indication.INDETERMINATE: unsure("ob die Datei unverändert ist, lässt sich ohne Unterschrift und ohne Arbeitsordner nicht feststellen"),
        Indication.FAILED: failed("nicht die gebaute Datei"),
    }[document.indication]
    return Verdict(provenance=made, sha256=sha256, signatures=(), integrity=integrity, signatory=nobody,
                   change=passed("keine Unterschrift, nach der etwas ergänzt sein könnte"), document=document)


def _document(made: Provenance | None, known: Mapping[str, DocumentRow] | None, bases: Sequence[str], ending: str = "pdf") -> Answer:
    """Whether the file is the paper it says it is; `bases` are the hashes its unsigned part may have."""
    if made is None:
        return unsure("die Datei sagt nicht, woraus sie entstanden ist")
    says = f"{made.key}, Revision {made.revision}"
    if known is None:
        return unsure(f"nach eigener Angabe {says}; nachprüfen lässt sich das nur im Arbeitsordner")
    row = known.get(made.key)
    if row is None:
        return failed(f"nach eigener Angabe {says}; hier wurde ein solches Papier nie gebaut")
    if (row.pdf_sha256 if ending == "pdf" else row.docx_sha256) in bases:
        built = dt.datetime.fromisoformat(row.built_at).astimezone(HERE)
        return passed(f"{says}, gebaut am {built:%d.%m.%Y um %H:%M} Uhr")
    if row.revision != made.revision:
        return failed(f"{says}; vorliegend ist hier Revision {row.revision}")
    return failed(f"nennt sich {says}, ist aber nicht die gebaute Datei")


def _bases(data: bytes) -> tuple[str, ...]:
    """Hashes the PDF may have had before anything was appended to it: up to its first end-of-file mark."""
    end = data.find(EOF)
    if end < 0:
        return ()
    end += len(EOF)
    return tuple(hashlib.sha256(data[:end + more]).hexdigest() for more in range(3) if data[end:end + more] in (b"", b"\n", b"\r", b"\r\n"))


def _of_pdf(data: bytes) -> Provenance | None:
    from pipeline.pdf import provenance
    with _reading():
        return provenance.read(data)


def _of_word(data: bytes) -> Provenance | None:
    from pipeline.word import package
    with _reading():    # `unpack` lets neither bombs nor document type declarations through
        parts = package.unpack("die Datei", data).parts
        if "docProps/custom.xml" not in parts:
            return None
        said = {name.removeprefix("gremium:"): "".join(element.itertext()) for element in ElementTree.fromstring(parts["docProps/custom.xml"])
                if (name := element.get("name", "")).startswith("gremium:")}
        if not said:
            return None
        return Provenance(key=said["key"], revision=int(said["revision"]), fingerprint=said["fingerprint"],
                          template=said["template"], tool=said["tool"])


def _certificate(certificate: asn1_x509.Certificate) -> x509.Certificate:
    return x509.load_der_x509_certificate(certificate.dump())
