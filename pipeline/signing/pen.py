"""One signature into one PDF: PAdES, incremental, into a field that is already there.

pyHanko does the work; what differs here is the price – the key stays open, the room for the signature is reckoned
instead of tried, the PDF is parsed once – and that nothing but the signature changes: the paper's metadata stay as
they were built.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.generic import IndirectObject
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError as PyhankoSigningError
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner, PdfSigningSession
from pyhanko.stamp import BaseStamp, BaseStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from pipeline.errors import SigningError
from pipeline.signing.key import Key
from pipeline.signing.private import longest
from pipeline.signing.timeservice import DIGEST, TimeService
from pipeline.signing.update import Addition, parsed

MILLIMETRES = 25.4 / 72      # in a point
SLACK = 1536                 # bytes of a CMS container beside certificates and signature; about 700 are used

Picture = Callable[[float, float], bytes]
"""Draws a field's appearance: a PDF of one page, of the width and height in millimetres that it is given."""


class FieldMissing(SigningError):
    """A paper has no field for a signature that is due."""

    def __init__(self, field: str) -> None:
        super().__init__(f"das Papier hat kein Unterschriftsfeld „{field}“",
                         hint=f"In der Vorlage fehlt die Unterschriftszeile; das PDF braucht ein Feld namens „{field}“.")


class FieldFilled(SigningError):
    """A field has its signature already."""

    def __init__(self, field: str) -> None:
        super().__init__(f"das Unterschriftsfeld „{field}“ ist schon ausgefüllt")


class PaperUnsignable(SigningError):
    """A PDF that no signature can be put into."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"der Aufbau des PDF lässt keine Unterschrift zu (technisch: {reason})",
                         hint="Das Papier neu bauen (gremium build --force).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """What goes into one field."""

    field: str
    name: str            # for whom it is signed: "Stadt Dortmund"
    reason: str
    at: dt.datetime
    picture: Picture


class Pen(Signer):
    """A key held open for as many signatures as wanted."""

    def __init__(self, key: Key) -> None:
        """Prepares `key`; its certificate and intermediate certificates go into every signature, its root does not."""
        self.key = key
        certificates = [asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)) for certificate in (key.certificate, *key.chain)]
        super().__init__(signing_cert=certificates[0], cert_registry=_store(certificates[1:]), embed_roots=False)
        self._size = longest(key.private.public)
        # two hexadecimal digits a byte
        self.reserved = 2 * (sum(len(certificate.dump()) for certificate in certificates) + self._size + SLACK)

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """The bare signature of `data`."""
        if dry_run:
            return bytes(self._size)
        return self.key.private.sign(data, digest_algorithm)


# A stream whose packed bytes end in a carriage return: readers that do not trust its length cut that byte off, as page-validation does.
# Another room for the signature moves the addresses in the table of objects, and with them its packed bytes: 1 in 256 needs a second try.
_AMBIGUOUS = re.compile(rb"\r\n?endstream")
ATTEMPTS = 4


def write(pdf: bytes, pen: Pen, stroke: Stroke, service: TimeService | None = None, room: int = 0) -> bytes:
    """The PDF with one signature more, appended; what was there stays byte for byte. Raises SigningError.

    The first signature certifies and allows filling in and signing (DocMDP 2, ISO 32000-1, 12.8.2.2). With a time-stamp
    `service` each signature carries a stamp, for which `room` bytes are kept.
    """
    signed = b""
    for spare in range(ATTEMPTS):
        signed = _appended(pdf, pen, stroke, service, 2 * (room + spare))
        if not _AMBIGUOUS.search(signed, len(pdf)):
            break
    return signed


def _appended(pdf: bytes, pen: Pen, stroke: Stroke, service: TimeService | None, room: int) -> bytes:
    stream = BytesIO(pdf)
    try:
        addition = Addition(stream)
        present = {str(name): value is not None for name, value, _ in enumerate_sig_fields(addition.prev)}
        if stroke.field not in present:
            raise FieldMissing(stroke.field)
        if present[stroke.field]:
            raise FieldFilled(stroke.field)
        meta = PdfSignatureMetadata(field_name=stroke.field, md_algorithm=DIGEST, name=stroke.name, reason=stroke.reason,
                                    subfilter=SigSeedSubFilter.PADES, certify=not any(present.values()), docmdp_permissions=MDPPerm.FILL_FORMS)
        signer = _PdfSigner(meta, pen, timestamper=service, stamp_style=_Drawn(picture=stroke.picture), at=stroke.at)
        signer.sign_pdf(addition, existing_fields_only=True, bytes_reserved=pen.reserved + room, in_place=True)
    except (PdfError, PyhankoSigningError, ValueError, KeyError, TypeError) as error:
        raise PaperUnsignable(str(error)) from error
    return stream.getvalue()


def _store(certificates: Iterable[asn1_x509.Certificate]) -> SimpleCertificateStore:
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # its constructor is not annotated
    store.register_multiple(certificates)
    return store


class _PdfSigner(PdfSigner):
    """Signs at a given time, and leaves the version of the PDF alone."""

    def __init__(self, *arguments: Any, at: dt.datetime, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._at = at

    def init_signing_session(self, pdf_out: BasePdfFileWriter, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self._at    # pyHanko would ask the clock
        return session

    def register_extensions(self, pdf_out: BasePdfFileWriter, *, md_algorithm: str) -> None:
        # for elliptic curves pyHanko would declare PDF 2.0, which is no PDF/A-3 any more
        pdf_out.register_extension(ESIC_EXTENSION_1)


@dataclass(frozen=True)
class _Drawn(BaseStampStyle):
    """The look of a signature: a page brought from elsewhere, its fonts with it."""

    picture: Picture = lambda width, height: b""

    def create_stamp(self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: dict[str, object]) -> BaseStamp:
        return _Stamp(writer, self.picture(round(box.width * MILLIMETRES, 1), round(box.height * MILLIMETRES, 1)), box)


class _Stamp(BaseStamp):
    def __init__(self, writer: BasePdfFileWriter, page: bytes, box: BoxConstraints) -> None:
        super().__init__(writer=writer, style=None, box=box)
        self._page = page

    def register(self) -> IndirectObject:
        assert self.writer is not None
        drawn: IndirectObject = self.writer.import_page_as_xobject(parsed(self._page))
        return drawn
