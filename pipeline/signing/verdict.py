"""What a verification finds out: four questions, answered separately."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from pipeline.records import Provenance


class Indication(StrEnum):
    """How sure an answer is (ETSI EN 319 102-1)."""

    PASSED = "total-passed"
    INDETERMINATE = "indeterminate"
    FAILED = "total-failed"


class Reason(StrEnum):
    """Why an answer is not total-passed: the subindications of ETSI EN 319 102-1 (5.1.3) for signatures, our own for papers."""

    # of the signature
    HASH_FAILURE = "HASH_FAILURE"                                   # the signed bytes are not these
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"                       # the signature value is not the certificate's
    FORMAT_FAILURE = "FORMAT_FAILURE"                               # it does not cover what a signature must cover
    CRYPTO_WEAK = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"               # algorithm or key not good enough
    NO_SIGNATURE = "NO_SIGNATURE"
    NO_CHAIN = "NO_CERTIFICATE_CHAIN_FOUND"                         # nobody trusted here vouches for the signatory
    CHAIN_CONSTRAINTS = "CHAIN_CONSTRAINTS_FAILURE"                 # somebody does, but not for signing, or not for this name
    REVOKED = "REVOKED_NO_POE"
    EXPIRED = "OUT_OF_BOUNDS_NO_POE"                                # the certificate was not valid, and no proven time helps
    NO_TIME = "NO_POE"                                              # a time stamp is there or demanded, and cannot be believed
    TRY_LATER = "TRY_LATER"                                         # its issuer could not be asked
    DEMO = "DEMONSTRATION"
    # of what came after signing
    CHANGED = "CONTENT_CHANGED"
    REWRITTEN = "REWRITTEN"                                         # saved anew by another program: nothing covers these bytes
    TRAILING = "UNCOVERED_BYTES"
    ACTIVE = "ACTIVE_CONTENT"                                       # scripts, XFA forms, launch actions
    # of the paper
    UNKNOWN = "UNKNOWN_DOCUMENT"
    NOT_BUILT = "NOT_AS_BUILT"
    NOT_ISSUED = "NOT_ISSUED"
    OTHER_REVISION = "OTHER_REVISION"
    WITHDRAWN = "WITHDRAWN"
    OTHER_PARTY = "OTHER_PARTY"                                     # signed in somebody else's place, or by another partner
    FORKED = "FORKED"                                               # others have signed meanwhile; the two cannot be joined
    UNREADABLE = "UNREADABLE"
    ENCRYPTED = "ENCRYPTED"
    TOO_LARGE = "TOO_LARGE"
    # of scans
    PAPER = "PAPER"                                                 # ink on paper: a person has to look
    PAGES_MISSING = "PAGES_MISSING"
    PAGES_DIFFER = "PAGES_DIFFER"                                   # something beside the signatures is not as it was printed
    NO_MARK = "NO_MARK"
    TWO_MARKS = "TWO_MARKS"


@dataclass(frozen=True, slots=True)
class Answer:
    """One question answered."""

    indication: Indication
    sentence: str    # German, without full stop
    reason: Reason | None = None    # why it is not total-passed, for programs

    def as_json(self) -> dict[str, str]:
        """The answer for a program."""
        return {"indication": str(self.indication), "reason": str(self.reason or ""), "sentence": self.sentence}


passed, unsure, failed = (partial(Answer, indication) for indication in Indication)


def worst(answers: Iterable[Answer], otherwise: str) -> Answer:
    """The gravest answer, with the sentences of all that are as grave; `otherwise` when all have passed."""
    said = tuple(answers)
    for indication in (Indication.FAILED, Indication.INDETERMINATE):
        grave = [answer for answer in said if answer.indication is indication]
        if grave:
            return Answer(indication, "; ".join(dict.fromkeys(answer.sentence for answer in grave)), grave[0].reason)
    return passed(otherwise)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFound:
    """One signature in a PDF."""

    field: str
    signer: str                   # as the certificate says
    issuer: str                   # who issued the certificate
    at: dt.datetime | None        # as the signer's clock said
    stamped: dt.datetime | None   # as a time-stamp service said that is trusted here
    level: str                    # of PAdES, by what the file holds: B-B, B-T, B-LT, B-LTA
    demo: bool                    # made with a demonstration key
    whole: bool                   # it covers the whole file; nothing was added afterwards
    integrity: Answer
    signatory: Answer
    change: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is known about one file."""

    provenance: Provenance | None
    sha256: str
    signatures: tuple[SignatureFound, ...]
    integrity: Answer             # are these the bytes that were built or signed?
    signatory: Answer             # is it known who signed?
    change: Answer                # was only added what may be added after a signature?
    document: Answer              # is it the paper it says it is?

    @property
    def good(self) -> bool:
        """Proven to be unaltered, and nothing speaks against it; says nothing on who the signatories are."""
        return self.integrity.indication is Indication.PASSED and all(
            answer.indication is not Indication.FAILED for answer in (self.signatory, self.change, self.document))

    @property
    def total(self) -> Indication:
        """The gravest of the four."""
        return worst((self.integrity, self.signatory, self.change, self.document), "").indication

    def as_json(self) -> dict[str, object]:
        """The verdict as `verify --json` gives it."""
        made = self.provenance
        return {
            "good": self.good, "total": str(self.total), "sha256": self.sha256,
            "provenance": None if made is None else {
                "key": made.key, "revision": made.revision, "fingerprint": made.fingerprint, "template": made.template, "tool": made.tool},
            **{name: getattr(self, name).as_json() for name in ("integrity", "signatory", "change", "document")},
            "signatures": [{
                "field": found.field, "signer": found.signer, "issuer": found.issuer, "at": _time(found.at), "stamped": _time(found.stamped),
                "level": found.level, "demo": found.demo, "whole": found.whole,
                **{name: getattr(found, name).as_json() for name in ("integrity", "signatory", "change")},
            } for found in self.signatures],
        }


def _time(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
