"""Whether a file that came back can be signed on: what is lenient in reading it must not be strict in signing it."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from pyhanko.sign.fields import enumerate_sig_fields

from pipeline.errors import VerificationError
from pipeline.signing.arrival import House
from pipeline.signing.fence import reading
from pipeline.signing.update import Addition
from pipeline.signing.verdict import Answer, Reason, passed, unsure

FINE = passed("lässt sich weiter unterzeichnen")


class NotToBeSigned(VerificationError):
    """A file whose two tables of objects may say different things: strict readers take one, lenient ones the other."""

    def __init__(self) -> None:
        super().__init__("zwei Verzeichnisse der Objekte in einer Datei", hint="Ohne Büroprogramm unterzeichnen lassen.")


def onward(data: bytes, signed: Iterable[str], house: House) -> Answer:
    """Whether the initiators whose fields are not among `signed` can still sign; passed as well where nobody has to."""
    fields = {field for initiator in house.workspace.settings.initiators for field in initiator.fields}
    if not fields - set(signed):
        return FINE
    try:
        with reading():
            before = Addition(BytesIO(data)).prev       # strictly, as signing reads it
            present = [field for field, *_ in enumerate_sig_fields(before)]
            if not present or before.xrefs.hybrid_xrefs_present:
                raise NotToBeSigned
    except VerificationError:
        return unsure("das Programm des Partners hat die Datei nicht nach der Norm geschrieben, deshalb lässt sie sich hier nicht weiter "
                      "unterzeichnen: um eine Unterzeichnung mit einem anderen Programm oder auf Papier bitten", Reason.FORMAT_FAILURE)
    return FINE
