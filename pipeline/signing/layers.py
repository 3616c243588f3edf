"""The signatures of a file from the innermost outwards, and how far each reaches."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from io import BytesIO

from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from pipeline.signing.fence import reading
from pipeline.signing.judge import Judge, change, plain
from pipeline.signing.key import common_name
from pipeline.signing.reader import Reader
from pipeline.signing.verdict import Indication

EOF = b"%%EOF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One signature and how far into the file it reaches."""

    field: str
    signer: str
    at: dt.datetime
    end: int         # the first byte after the file as it was with this signature and all that was added before the next
    intact: bool     # its bytes are what was signed
    allowed: bool    # after it, only signatures, entries and evidence were added


def layers(data: bytes, now: dt.datetime, *, strict: bool = True) -> tuple[Layer, ...]:
    """The signatures of a PDF from the innermost outwards; not `strict` for what other programs wrote. Raises VerificationError."""
    with reading():
        found = Reader(BytesIO(data), strict=strict).bounded().embedded_regular_signatures
        # the next signature's own update begins after the last end-of-file mark before its value
        ends = [data.rfind(EOF, 0, int(after.byte_range[1])) + len(EOF) + 1 for after in found[1:]]
        return tuple(_layer(embedded, end, now) for embedded, end in zip(found, (*ends, len(data)), strict=True))


def _layer(embedded: EmbeddedPdfSignature, end: int, now: dt.datetime) -> Layer:
    status = Judge(embedded.reader, now, ()).status(embedded)
    field = embedded.field_name
    return Layer(field=field, signer=common_name(plain(embedded.signer_cert).subject),
                 at=embedded.self_reported_timestamp or now, end=end, intact=status.intact and status.valid,
                 allowed=change(field, status).indication is Indication.PASSED)
