"""A PDF that says it is a paper of ours, but does not begin with what was given out.

Either somebody saved it anew – an office suite, a program that optimises, a printer – or somebody changed it. Nothing in
its bytes can tell the two apart; how its pages look can, and even then it proves nothing.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from pipeline.ledger import IssueRow
from pipeline.signing.arrival import House, Received, Return, state
from pipeline.signing.base import beginnings
from pipeline.signing.examine import Examined
from pipeline.signing.fence import reading
from pipeline.signing.verdict import Answer, Reason, failed, unsure, worst

_MARK = re.compile(r"([a-z][a-z-]*(?:/[\w.-]+)+) · Fassung (\d+)")     # as it stands in the margin of each page


def rewritten(received: Received, house: House, found: Examined) -> Return | None:
    """The verdict on such a file; None for one that says nothing of the kind, or is a mere scan."""
    claim = _claim(received.data, found)
    if claim is None:
        return None
    key, revision = claim
    issue = next((row for row in reversed(house.issues.get(key, ())) if row.revision == revision), None)
    integrity = found.integrity if found.signatures or found.forms else unsure(
        "keine Unterschrift bürgt dafür, dass die Datei unverändert ist", Reason.NO_SIGNATURE)
    signatory = worst([each.signatory for each in found.signatures], "alle Unterschriften stammen von bekannten Personen oder Stellen") \
        if found.signatures else unsure("die Datei trägt keine Unterschrift", Reason.NO_SIGNATURE)
    change = worst([found.change, unsure("die Datei wurde nach der Ausgabe mit einem anderen Programm neu gespeichert; was dabei geschah, "
                                         "lässt sich nicht nachvollziehen", Reason.REWRITTEN)], "")
    document = _document(received.data, key, revision, issue, house)
    answers = (integrity, signatory, change, document)
    points = "; ".join(answer.sentence for answer in answers if answer.indication is worst(answers, "").indication)
    return Return(received=received, key=key, revision=revision, state=state(answers), integrity=integrity, signatory=signatory,
                  change=change, document=document,
                  sentence=f"{key}, Fassung {revision}: nicht die ausgegebene Datei – {points}. Um die unterzeichnete Datei bitten, wie sie ist, "
                           "ohne sie neu zu speichern oder zu drucken")


def _claim(data: bytes, found: Examined) -> tuple[str, int] | None:
    """Which paper a file says it is: in its metadata, or in the margin of its pages."""
    from pipeline.pdf.pictures import scanned, texts
    if found.provenance is not None:
        return found.provenance.key, found.provenance.revision
    with reading():
        if scanned(data):
            return None
        said = next((mark for text in texts(data) if (mark := _MARK.search(text))), None)
    return (said[1], int(said[2])) if said else None


def _document(data: bytes, key: str, revision: int, issue: IssueRow | None, house: House) -> Answer:
    says = f"nennt sich {key}, Fassung {revision}"
    row = house.documents.get(key)
    if row is None:
        return failed(f"{says}; hier wurde ein solches Papier nie gebaut", Reason.UNKNOWN)
    if row.revision != revision:
        return failed(f"{says}; inzwischen gilt Fassung {row.revision}", Reason.OTHER_REVISION)
    if issue is None:
        return unsure(f"{says}; nach dem Verzeichnis wurde diese Fassung nie ausgegeben", Reason.NOT_ISSUED)
    if issue.withdrawn_at:
        return failed(f"{says}; diese Fassung wurde zurückgenommen, weil: {issue.reason}", Reason.WITHDRAWN)
    return _seen(says, issued(issue, house), data)


def _seen(says: str, given: bytes, data: bytes) -> Answer:
    from pipeline.wording import listing
    pages = _differing(given, data) if given else ()
    if not pages:
        return unsure(f"{says}; die Seiten sehen aus wie ausgegeben, die Datei ist es nicht", Reason.REWRITTEN)
    if len(pages) == 1:
        return failed(f"{says}, aber Seite {pages[0]} sieht anders aus als ausgegeben", Reason.NOT_BUILT)
    return failed(f"{says}, aber die Seiten {listing(map(str, pages))} sehen anders aus als ausgegeben", Reason.NOT_BUILT)


def issued(issue: IssueRow, house: House) -> bytes:
    """The very bytes that were given out; empty when they are no longer there.

    Its file may have grown since by further signatures.
    """
    path = house.workspace.root / issue.path
    if not path.is_file():
        return b""
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() == issue.sha256:
        return data
    return next((data[:length] for length, sha256 in beginnings(data) if sha256 == issue.sha256), b"")


def _differing(given: bytes, data: bytes) -> Sequence[int]:
    from pipeline.pdf.compare import differing
    with reading():
        return differing(given, data)
