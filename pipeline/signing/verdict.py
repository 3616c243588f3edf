"""What a verification finds out: four questions, answered separately."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from pipeline.records import Provenance


class Indication(StrEnum):
    """How sure an answer is (ETSI EN 319 102-1)."""

    PASSED = "total-passed"
    INDETERMINATE = "indeterminate"
    FAILED = "total-failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """One question answered."""

    indication: Indication
    sentence: str    # German, without full stop


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

    def as_json(self) -> dict[str, object]:
        """The verdict as `verify --json` gives it."""
        made = self.provenance
        return {
            "good": self.good, "sha256": self.sha256,
            "provenance": None if made is None else {
                "key": made.key, "revision": made.revision, "fingerprint": made.fingerprint, "template": made.template, "tool": made.tool},
            **{name: _json(getattr(self, name)) for name in ("integrity", "signatory", "change", "document")},
            "signatures": [{
                "field": found.field, "signer": found.signer, "issuer": found.issuer, "at": _time(found.at), "stamped": _time(found.stamped),
                "level": found.level, "demo": found.demo, "whole": found.whole,
                **{name: _json(getattr(found, name)) for name in ("integrity", "signatory", "change")},
            } for found in self.signatures],
        }


def _time(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None


def _json(answer: Answer) -> dict[str, str]:
    return {"indication": str(answer.indication), "sentence": answer.sentence}
