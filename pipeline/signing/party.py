"""Whether a certificate belongs to the partner of a memorandum: the organisation it names, or the person who was to sign."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cryptography import x509

from pipeline.signing.arrival import House
from pipeline.signing.demo import is_demo
from pipeline.signing.key import common_name
from pipeline.signing.suitable import organisation, person, words
from pipeline.signing.verdict import Answer, Reason, failed, passed, unsure

_PARTY = re.compile(r"parties\.(\d+)\.name")


def belongs(certificate: x509.Certificate, key: str, house: House) -> Answer:
    """Whether the holder of a certificate is the partner of this paper, or somebody its paper names as signing for it."""
    holder = common_name(certificate.subject)
    inputs = house.documents[key].inputs if key in house.documents else {}
    names, people = _names(inputs), list(_people(inputs))
    if organisation(certificate, names):
        return passed(f"{holder} gehört zum Partner")
    named = any(words(name) and words(name) <= person(certificate) for name in people)
    if is_demo(certificate.subject):
        return passed("ein Demonstrationsschlüssel gehört niemandem")      # and is never more than indeterminate
    other = next((row for row in house.documents.values() if row.key != key and row.kind == key.partition("/")[0]
                  and organisation(certificate, _names(row.inputs))), None)
    if named and other is not None:
        return unsure(f"{holder} steht im Memorandum, das Zertifikat nennt aber den Partner von {other.key}", Reason.OTHER_PARTY)
    if named:
        return passed(f"{holder} gehört zum Partner")
    if other is not None:
        return failed(f"{holder} gehört nicht zu diesem Partner, sondern zu dem von {other.key}", Reason.OTHER_PARTY)
    wanted = " oder ".join(dict.fromkeys((*names[:1], *people))) or "niemand genannt"
    return unsure(f"{holder}: das Zertifikat nennt weder den Partner noch wer für ihn zeichnet ({wanted})", Reason.OTHER_PARTY)


def _names(inputs: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(name for name in (inputs.get("partner.name", ""), inputs.get("partner.short", "")) if name)


def _people(inputs: Mapping[str, str]) -> Iterator[str]:
    """Who signs for the partner, by its memorandum."""
    partner = inputs.get("partner.name")
    for path, value in inputs.items():
        party = _PARTY.fullmatch(path)
        if party and value == partner:
            start = f"parties.{party[1]}.signatories."
            yield from (name for at, name in inputs.items() if at.startswith(start) and at.endswith(".name") and name)
