"""A PDF that came back, judged: is it the paper we gave out, who signed it, and was anything else done to it."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from cryptography import x509

from pipeline.errors import VerificationError
from pipeline.settings import PARTNER
from pipeline.signing.arrival import House, Received, Return, State, state
from pipeline.signing.base import Base, Known, beginnings
from pipeline.signing.examine import Examined, examine
from pipeline.signing.fence import Encrypted
from pipeline.signing.onward import onward
from pipeline.signing.party import belongs
from pipeline.signing.revocation import Inquiry, KeyRevoked, StatusUnknown, inquire_about
from pipeline.signing.rewritten import rewritten
from pipeline.signing.services import STAMPED
from pipeline.signing.verdict import Answer, Indication, Reason, SignatureFound, failed, passed, unsure, worst

HERE = ZoneInfo("Europe/Berlin")


def judged(received: Received, house: House, known: Known) -> Return | None:
    """The verdict on a PDF; None for one that is neither ours nor says that it is, and for a mere scan."""
    base = known.base(received.data)
    try:
        found = examine(received.data, now=house.now, trust=house.trust, base=base.length if base else 0)
        if base is None:
            return rewritten(received, house, found)
    except VerificationError as error:
        return _unreadable(received, base, error)
    return _weighed(received, base, found, house)


def _weighed(received: Received, base: Base, found: Examined, house: House) -> Return:
    integrity = found.integrity if found.signatures or found.forms else passed("Byte für Byte die ausgegebene Datei")
    answers = (integrity, _signatory(base, found, house), found.change, _document(received, base, house))
    reached = state(answers)
    if reached in (State.ACCEPTED, State.TO_CONFIRM):
        answers = (*answers[:2], worst([answers[2], onward(received.data, (each.field for each in found.signatures), house)],
                                       answers[2].sentence), answers[3])
        reached = state(answers)
    return Return(received=received, key=base.key, revision=base.revision, state=reached, integrity=answers[0], signatory=answers[1],
                  change=answers[2], document=answers[3], sentence=_sentence(base, reached, answers, found.added))


def _unreadable(received: Received, base: Base | None, error: VerificationError) -> Return:
    """What nobody can read proves nothing; where its first bytes are ours, at least it is known what it was."""
    locked = isinstance(error, Encrypted)
    reason = Reason.ENCRYPTED if locked else Reason.UNREADABLE
    integrity = (unsure if locked else failed)(str(error), reason)
    nobody = unsure("wer unterschrieben hat, lässt sich nicht lesen", reason)
    document = passed(f"beginnt wie {base.key}, Fassung {base.revision}") if base else unsure("welches Papier es ist, lässt sich nicht lesen", reason)
    return Return(received=received, key=base.key if base else "", revision=base.revision if base else 0,
                  state=State.UNCLEAR if locked else State.REFUSED, integrity=integrity, signatory=nobody,
                  change=unsure("was geändert wurde, lässt sich nicht lesen", reason), document=document,
                  sentence=f"{received.name}: {error} – {error.hint.rstrip('.')}")


# who signed


def _signatory(base: Base, found: Examined, house: House) -> Answer:
    """Whether the partner signed, in its place, and is known."""
    added = list(zip(found.signatures, found.certificates, found.since, strict=True))
    answers = [_one(each, certificates, base, house) for each, certificates, later in added if later]
    if not answers:
        return unsure("seit der Ausgabe hat niemand unterschrieben", Reason.NO_SIGNATURE)
    return worst(answers, "; ".join(dict.fromkeys(answer.sentence for answer in answers)))


def _one(signature: SignatureFound, certificates: Sequence[x509.Certificate], base: Base, house: House) -> Answer:
    answer = signature.signatory
    ours = {field: initiator.name for initiator in house.workspace.settings.initiators for field in initiator.fields}
    if signature.field in ours:
        return failed(f"{signature.signer} hat auf dem Platz von {ours[signature.field]} unterschrieben", Reason.OTHER_PARTY)
    if answer.indication is not Indication.FAILED:
        answer = worst([answer, belongs(certificates[0], base.key, house), *_in_its_place(signature), *_timed(signature, house)], answer.sentence)
    return _asked(signature, certificates, house) or answer if answer.indication is Indication.PASSED else answer


def _in_its_place(signature: SignatureFound) -> tuple[Answer, ...]:
    if signature.field == PARTNER:
        return ()
    return (unsure(f"{signature.signer} hat nicht im Feld des Partners unterschrieben, sondern in „{signature.field}“", Reason.OTHER_PARTY),)


def _timed(signature: SignatureFound, house: House) -> tuple[Answer, ...]:
    """Where the house itself signs with time stamps, it wants them of others: without, a signature ends with its certificate."""
    if house.workspace.settings.signing.level not in STAMPED or signature.stamped is not None:
        return ()
    return (unsure(f"die Unterschrift von {signature.signer} trägt keinen Zeitstempel, der hier anerkannt wird", Reason.NO_TIME),)


def _asked(signature: SignatureFound, certificates: Sequence[x509.Certificate], house: House) -> Answer | None:
    """What the issuer of a certificate says today; None when nothing speaks against it."""
    wish = house.workspace.settings.signing.revocation
    if wish == "off" or signature.demo:
        return None
    try:
        inquire_about(signature.signer, certificates, Inquiry(trust=house.trust, now=house.now, required=wish == "required"))
    except KeyRevoked as error:
        if signature.stamped is not None and error.since is not None and signature.stamped < error.since:
            return None
        return failed(f"{signature.signer}: das Zertifikat ist gesperrt", Reason.REVOKED)
    except StatusUnknown as error:
        return unsure(f"{signature.signer}: {error}", Reason.TRY_LATER)
    return None


# which paper


def _document(received: Received, base: Base, house: House) -> Answer:
    """Whether this is the paper that was given out, still counts, and is still wanted back."""
    row = house.documents.get(base.key)
    if base.issue is None:
        return unsure("hier erstellt, doch nach dem Verzeichnis nie ausgegeben", Reason.NOT_ISSUED)
    if base.issue.withdrawn_at:
        return failed(f"zurückgenommen, weil: {base.issue.reason}", Reason.WITHDRAWN)
    if row is None or row.pdf_sha256 != base.issue.base_sha256:
        newer = f"inzwischen gilt Fassung {row.revision}" if row else "das Papier gibt es nicht mehr"
        return failed(newer, Reason.OTHER_REVISION)
    present = [made for made in house.signatures.get(base.key, ()) if made.base_sha256 == row.pdf_sha256]
    if present and present[-1].sha256 not in {sha256 for _, sha256 in beginnings(received.data)}:
        who = "eine vom Partner unterzeichnete Datei angenommen worden" if any(made.field == PARTNER for made in present) \
            else f"für {present[-1].field} unterzeichnet worden"
        return unsure(f"inzwischen ist {who}; die beiden Dateien lassen sich nicht zusammenführen", Reason.FORKED)
    return passed(f"{base.key}, Fassung {base.revision}, Byte für Byte wie ausgegeben")


# in words


def _sentence(base: Base, reached: State, answers: Sequence[Answer], added: Sequence[SignatureFound]) -> str:
    says = f"{base.key}, Fassung {base.revision}"
    if reached is State.ACCEPTED:
        return f"{says}: angenommen, {'; '.join(map(_signed, added))}"
    points = "; ".join(answer.sentence for answer in answers if answer.indication is worst(answers, "").indication)
    if reached is State.REFUSED:
        return f"{says}: zurückgewiesen – {points}"
    if reached is State.TO_CONFIRM:
        return f"{says}: unverändert und unterzeichnet, aber zu bestätigen – {points}"
    return f"{says}: ungeklärt – {points}"


def _signed(found: SignatureFound) -> str:
    at = found.stamped or found.at
    when = f" am {at.astimezone(HERE):%d.%m.%Y} {'laut Zeitstempel' if found.stamped else 'nach eigener Angabe'}" if at else ""
    return f"unterzeichnet von {found.signer}{when}"
