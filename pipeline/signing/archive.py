"""What makes signatures last: the evidence beside them (B-LT), and a time stamp over all of it (B-LTA)."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import InvisSigSettings
from pyhanko.sign.general import SigningError as PyhankoSigningError
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
from pyhanko.sign.signers.pdf_signer import PdfTimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore

from pipeline.signing.pen import PaperUnsignable
from pipeline.signing.revocation import Evidence
from pipeline.signing.timeservice import DIGEST, TimeService
from pipeline.signing.update import Addition

STAMP = "zeitstempel"    # name of a document time stamp's field, before its number
# PDF/A wants every field to be printed, PDF/UA every one on the page to be tagged: this one stands beside the page (ISO 14289-1, 7.18.1)
_OUTSIDE = InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True)


def with_evidence(pdf: bytes, evidence: Sequence[Evidence]) -> bytes:
    """The PDF with the certificates and revocation answers of its signatures, appended (PAdES B-LT). Raises SigningError."""
    stream = BytesIO(pdf)
    try:
        addition = Addition(stream)
        _store(addition, evidence)
        addition.write_in_place()  # type: ignore[no-untyped-call]  # pyHanko annotates in parts
    except (PdfError, PyhankoSigningError, ValueError, KeyError, TypeError) as error:
        raise PaperUnsignable(str(error)) from error
    return stream.getvalue()


def with_stamp(pdf: bytes, evidence: Sequence[Evidence], service: TimeService, room: int) -> bytes:
    """The PDF with evidence and a time stamp over the whole file, appended (PAdES B-LTA). Raises SigningError."""
    stream = BytesIO(pdf)
    try:
        addition = Addition(stream)
        number = len(addition.prev.embedded_timestamp_signatures) + 1
        _store(addition, evidence)
        stamper = PdfTimeStamper(service, field_name=f"{STAMP}-{number}", readable_field_name=f"Zeitstempel {number}",
                                 invis_settings=_OUTSIDE)
        stamper.timestamp_pdf(addition, DIGEST, bytes_reserved=2 * room, in_place=True)
    except (PdfError, PyhankoSigningError, ValueError, KeyError, TypeError) as error:
        raise PaperUnsignable(str(error)) from error
    return stream.getvalue()


def _store(addition: Addition, evidence: Sequence[Evidence]) -> None:
    addition.register_extension(ESIC_EXTENSION_1)
    for each in evidence:
        DocumentSecurityStore.supply_dss_in_writer(addition, None, paths=[each.path], ocsps=each.ocsps, crls=each.crls)
