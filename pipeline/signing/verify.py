"""Verification: what a file is, whether it is unaltered, and who signed it.

Four questions are answered separately – integrity, signatory, allowed change, right document – each with one of the
three indications of ETSI EN 319 102-1 and a sentence the office understands. Nothing is read but the file's bytes
and what the caller hands in.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from cryptography import x509

from pipeline.ledger import DocumentRow
from pipeline.records import Provenance
from pipeline.signing.base import beginnings
from pipeline.signing.examine import examine
from pipeline.signing.fence import reading
from pipeline.signing.verdict import Answer, Indication, Reason, Verdict, failed, passed, unsure, worst

HERE = ZoneInfo("Europe/Berlin")
CERTIFIED = "certified"     # the ledger's word for a register or certificate it made
_MADE_HERE = {"completion": "Abschlussbescheinigung", "register": "Register der Memoranden"}
_NOTHING_ADDED = passed("keine Unterschrift, nach der etwas ergänzt sein könnte")


def verify(data: bytes, *, now: dt.datetime, trust: Sequence[x509.Certificate] = (),
           known: Mapping[str, DocumentRow] | None = None, certified: Mapping[str, str] = MappingProxyType({})) -> Verdict:
    """What the bytes of a PDF or Word file are, and whether they can be relied on.

    `trust` are the issuers to believe; `known` is what the ledger knows to have been built, None where no workspace
    is at hand, and `certified` the hashes of the registers and certificates made here, with when. Raises VerificationError
    when the file cannot be read.
    """
    if data.startswith(b"PK\x03\x04"):
        return _unsigned(data, _of_word(data), known, _NOTHING_ADDED, "docx")
    found = examine(data, now=now, trust=trust)
    made = found.provenance
    if not found.signatures and not found.forms:
        if made and made.key.partition("/")[0] in _MADE_HERE:
            document = _certificate(made, known is not None, certified.get(hashlib.sha256(data).hexdigest(), ""))
            return _bare(data, made, document, found.change if found.change.indication is Indication.FAILED else _NOTHING_ADDED)
        return _unsigned(data, made, known, found.change if found.change.indication is Indication.FAILED else _NOTHING_ADDED, "pdf")
    return Verdict(
        provenance=made, sha256=hashlib.sha256(data).hexdigest(), signatures=found.signatures, integrity=found.integrity, change=found.change,
        signatory=worst([each.signatory for each in found.signatures], "alle Unterschriften stammen von bekannten Personen oder Stellen"),
        document=_document(made, known, tuple(sha256 for _, sha256 in beginnings(data))) if found.untouched or made is None
        else failed(f"nennt sich {made.key}, wurde aber zwischen Bau und Unterschrift verändert", Reason.NOT_BUILT),
    )


def _unsigned(data: bytes, made: Provenance | None, known: Mapping[str, DocumentRow] | None, change: Answer, ending: str) -> Verdict:
    return _bare(data, made, _document(made, known, (hashlib.sha256(data).hexdigest(),), ending), change)


def _bare(data: bytes, made: Provenance | None, document: Answer, change: Answer) -> Verdict:
    """The verdict on a file without a signature, for which only the ledger can vouch."""
    nobody = unsure("die Datei trägt keine Unterschrift", Reason.NO_SIGNATURE)
    integrity = {
        Indication.PASSED: passed("Byte für Byte die gebaute Datei"),
        Indication.INDETERMINATE: unsure("ob die Datei unverändert ist, lässt sich ohne Unterschrift und ohne Arbeitsordner nicht feststellen",
                                         Reason.NO_SIGNATURE),
        Indication.FAILED: failed("nicht die gebaute Datei", Reason.NOT_BUILT),
    }[document.indication]
    return Verdict(provenance=made, sha256=hashlib.sha256(data).hexdigest(), signatures=(), integrity=integrity, signatory=nobody,
                   change=change, document=document)


def _certificate(made: Provenance, here: bool, at: str) -> Answer:
    """Whether a register or a certificate was made here."""
    kind, _, subject = made.key.partition("/")
    says = _MADE_HERE[kind] + (f" zu memorandum/{subject}, Fassung {made.revision}" if subject else "")
    if at:
        return passed(f"{says}, hier ausgestellt am {dt.datetime.fromisoformat(at).astimezone(HERE):%d.%m.%Y um %H:%M} Uhr")
    if not here:
        return unsure(f"nach eigener Angabe: {says}; zum Vergleichen war kein Arbeitsordner da – im Arbeitsordner aufrufen oder mit -C ORDNER",
                      Reason.UNKNOWN)
    return failed(f"nach eigener Angabe: {says}; dieser Arbeitsordner hat diese Datei nicht ausgestellt", Reason.NOT_BUILT)


def _document(made: Provenance | None, known: Mapping[str, DocumentRow] | None, bases: Sequence[str], ending: str = "pdf") -> Answer:
    """Whether the file is the paper it says it is; `bases` are the hashes its unsigned part may have."""
    if made is None:
        return unsure("die Datei sagt nicht, woraus sie entstanden ist", Reason.UNKNOWN)
    says = f"{made.key}, Revision {made.revision}"
    if known is None:
        return unsure(f"nach eigener Angabe {says}; nachprüfen lässt sich das nur im Arbeitsordner", Reason.UNKNOWN)
    row = known.get(made.key)
    if row is None:
        return failed(f"nach eigener Angabe {says}; hier wurde ein solches Papier nie gebaut", Reason.UNKNOWN)
    if (row.pdf_sha256 if ending == "pdf" else row.docx_sha256) in bases:
        built = dt.datetime.fromisoformat(row.built_at).astimezone(HERE)
        return passed(f"{says}, gebaut am {built:%d.%m.%Y um %H:%M} Uhr")
    if row.revision != made.revision:
        return failed(f"{says}; vorliegend ist hier Revision {row.revision}", Reason.OTHER_REVISION)
    return failed(f"nennt sich {says}, ist aber nicht die gebaute Datei", Reason.NOT_BUILT)


def _of_word(data: bytes) -> Provenance | None:
    from pipeline.word import package
    with reading():    # `unpack` lets neither bombs nor document type declarations through
        parts = package.unpack("die Datei", data).parts
        if "docProps/custom.xml" not in parts:
            return None
        said = {name.removeprefix("gremium:"): "".join(element.itertext()) for element in ElementTree.fromstring(parts["docProps/custom.xml"])
                if (name := element.get("name", "")).startswith("gremium:")}
        if not said:
            return None
        return Provenance(key=said["key"], revision=int(said["revision"]), fingerprint=said["fingerprint"],
                          template=said["template"], tool=said["tool"])
