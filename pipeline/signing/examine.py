"""A PDF examined as far as it speaks for itself: its signatures, what came after them, what it looks like now."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from pipeline.records import Provenance
from pipeline.signing.changes import only_added
from pipeline.signing.fence import Encrypted, NotAPaper, reading
from pipeline.signing.judge import Judge, plain
from pipeline.signing.layers import EOF
from pipeline.signing.reader import Reader
from pipeline.signing.verdict import Answer, Indication, Reason, SignatureFound, failed, passed, worst

_STARTS = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF")


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What a PDF says, and whether it is to be believed."""

    provenance: Provenance | None
    signatures: tuple[SignatureFound, ...]
    certificates: tuple[tuple[x509.Certificate, ...], ...]      # of each signature: the signatory's, then the others it brings
    since: tuple[bool, ...]       # of each signature: it was added to the base
    forms: tuple[Answer, ...]     # what is wrong with the way it is signed: values that are no signatures
    change: Answer                # to what is signed, and after the base
    untouched: bool               # until its first signature nothing was done to it but filling in and signing

    @property
    def integrity(self) -> Answer:
        """Whether the signed bytes are these."""
        return worst([*(found.integrity for found in self.signatures), *self.forms], "alle Unterschriften passen zu den unterschriebenen Bytes")

    @property
    def added(self) -> tuple[SignatureFound, ...]:
        """The signatures that were added to the base."""
        return tuple(found for found, later in zip(self.signatures, self.since, strict=True) if later)


def examine(data: bytes, *, now: dt.datetime, trust: Sequence[x509.Certificate] = (), base: int = 0) -> Examined:
    """Looks at the whole file; its first `base` bytes are known to be ours, 0 where that is not known. Raises VerificationError."""
    from pipeline.pdf import provenance
    from pipeline.pdf.active import bound
    bound()
    if b"%PDF-" not in data[:1024]:
        raise NotAPaper
    with reading():
        reader = Reader(BytesIO(data), strict=False)
        if reader.encrypted:
            raise Encrypted
        found = reader.bounded().embedded_regular_signatures
        judge = Judge(reader, now, trust)
        signatures = tuple(judge.signature(embedded) for embedded in found)
        ours = Reader(BytesIO(data[:base]), strict=False) if base else None
        held = ours.total_revisions if ours else 0
        sure = base or _signed_first(found, signatures)
        changes = [*(each.change for each in signatures), _rest(reader, data), *_acting(data), *_seen(data, sure)]
        said = provenance.read(data)
        if ours:
            changes.append(_since(reader, ours))
        if sure and provenance.read(data[:sure]) != said:
            changes.append(failed("die Angaben zur Herkunft wurden nachträglich geändert", Reason.CHANGED))
        return Examined(
            provenance=said, signatures=signatures, certificates=tuple(map(_certificates, found)),
            since=tuple(embedded.signed_revision >= held for embedded in found), forms=tuple(_forms(reader)),
            change=worst(changes, "seit der Ausgabe kamen nur Unterschriften hinzu" if base
                         else "nach den Unterschriften wurde nichts Unerlaubtes ergänzt"),
            untouched=not found or only_added(reader, since=1, until=found[0].signed_revision),
        )


def _certificates(embedded: EmbeddedPdfSignature) -> tuple[x509.Certificate, ...]:
    return (plain(embedded.signer_cert), *map(plain, embedded.other_embedded_certs))


def _signed_first(found: Sequence[EmbeddedPdfSignature], signatures: Sequence[SignatureFound]) -> int:
    """How many bytes the first signature vouches for; 0 when it vouches for nothing."""
    if not found or signatures[0].integrity.indication is not Indication.PASSED:
        return 0
    return int(found[0].byte_range[2]) + int(found[0].byte_range[3])


def _rest(reader: Reader, data: bytes) -> Answer:
    """Nothing follows the last signature but a further revision, which is judged by itself, and none is passed over."""
    covered = passed("die Datei endet mit der letzten Unterschrift oder Ergänzung")
    seals = reader.embedded_signatures
    if not seals:
        return covered
    tables = [_table(reader, revision) for revision in range(reader.total_revisions)]
    starts = [int(start) for start in _STARTS.findall(data)]      # a linearised file says 0 once; pyHanko counts from after the word
    if any(start and not any(data[start:table].strip() in (b"", b"xref") for table in tables if start <= table < start + 32) for start in starts):
        return failed("ein früherer Stand der Datei wird übergangen", Reason.TRAILING)
    last = seals[-1]
    if last.signed_revision == reader.xrefs.total_revisions - 1:
        whole = int(last.byte_range[2]) + int(last.byte_range[3]) == len(data)
    else:
        whole = not data[data.rfind(EOF) + len(EOF):].strip()
    return covered if whole else failed("am Ende der Datei stehen Bytes, die zu keiner Unterschrift und zu keiner Ergänzung gehören",
                                        Reason.TRAILING)


def _since(reader: Reader, ours: Reader) -> Answer:
    """Since the file was given out nothing was done to it but filling in and signing."""
    held = ours.total_revisions
    if reader.total_revisions < held or _table(reader, held - 1) != _table(ours, held - 1):
        return failed("die Datei setzt nicht auf dem Stand auf, der ausgegeben wurde, sondern übergeht ihn", Reason.CHANGED)
    if only_added(reader, since=held, until=reader.xrefs.total_revisions - 1):
        return passed("seit der Ausgabe kamen nur Unterschriften hinzu")
    return failed("seit der Ausgabe wurde mehr getan als unterschrieben", Reason.CHANGED)


def _table(reader: Reader, revision: int) -> int:
    """Where the table of objects of one revision stands."""
    return int(reader.xrefs.get_xref_container_info(revision).start_location)


def _acting(data: bytes) -> tuple[Answer, ...]:
    from pipeline.pdf.active import active
    return tuple(failed(f"die Datei enthält {what}", Reason.ACTIVE) for what in active(data))


def _seen(data: bytes, base: int) -> tuple[Answer, ...]:
    """The second witness: whatever the structure says, the pages look as they did when they were signed or given out."""
    if not base or base >= len(data):
        return ()
    from pipeline.pdf.compare import differing
    pages = differing(data[:base], data)
    if not pages:
        return ()
    return (failed(f"Seite {', '.join(map(str, pages))} sieht jetzt außerhalb der Unterschriftsfelder anders aus", Reason.CHANGED),)


def _forms(reader: PdfFileReader) -> tuple[Answer, ...]:
    """Every signature field that says it is filled in holds a signature that was read (against universal forgery)."""
    read = {embedded.field_name for embedded in reader.embedded_signatures}
    filled = [str(name) for name, value, _ in enumerate_sig_fields(reader) if value is not None]
    return tuple(failed(f"im Feld „{name}“ steht etwas, das keine Unterschrift ist", Reason.FORMAT_FAILURE) for name in filled if name not in read)
