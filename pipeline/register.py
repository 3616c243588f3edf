"""The register of all memoranda, and the certificate of each concluded one: what the ledger knows, on paper and as a workbook.

Both are made like every other paper: worded here, printed by a Word template of the office, turned into PDF/A.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from zoneinfo import ZoneInfo

from pipeline import wording
from pipeline.conclusion import STATES, Course, way
from pipeline.ledger import Ledger, ReturnRow
from pipeline.papers.draft import Value
from pipeline.papers.facts import alliance_facts, office_facts
from pipeline.pdf.conformance import problems
from pipeline.pdf.render import to_pdf
from pipeline.pdf.style import Style
from pipeline.records import Provenance
from pipeline.settings import PARTNER
from pipeline.signing.keys import trusted
from pipeline.signing.proof import Proofs
from pipeline.signing.verdict import Indication, SignatureFound
from pipeline.signing.verify import CERTIFIED, verify
from pipeline.tables.register import register as workbook
from pipeline.word.template import Template
from pipeline.workspace import Workspace, place

FOLDER = "register"
CERTIFICATE, REGISTER = "completion.docx", "register.docx"
LISTED = 4       # files of a return that a certificate names one by one, to stay a single page
HERE = ZoneInfo("Europe/Berlin")
HEADINGS = ("Schlüssel", "Partner", "Fassung", "Stand", "freigegeben von", "freigegeben am", "ausgegeben am", "Weg", "Unterschriften",
            "zurück am", "Rücklauf als", "bestätigt von", "bestätigt am", "abgeschlossen am", "SHA-256 der erstellten Fassung",
            "SHA-256 der ausgegebenen Datei", "SHA-256 des Rücklaufs", "SHA-256 der letzten unterzeichneten Datei")
_PROVEN = {Indication.PASSED: ", mit Schlüssel belegt", Indication.INDETERMINATE: ", mit einem Schlüssel unbekannter Herkunft",
           Indication.FAILED: ", der Nachweis hält nicht"}
_CAME = {"scan": "Papier, gescannt", "mail": "Datei, per E-Mail", "file": "Datei"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one run wrote, by paths from the workspace."""

    files: tuple[str, ...]          # that are there now
    changed: tuple[str, ...]        # of these, written or changed by this run
    papers: Mapping[str, str] = field(default_factory=dict)     # sha-256 of each PDF → what it says it is: "completion/P-001"


def write(workspace: Workspace, courses: Sequence[Course], now: dt.datetime) -> Written:
    """Writes register and certificates to outputs/register/; what would be the same is left as it is.

    Raises TemplateError, DocumentError; VerificationError when a signed file cannot be read.
    """
    files = {"register.xlsx": workbook("Register der Memoranden", HEADINGS, [row(course) for course in courses]),
             "register.pdf": register_pdf(workspace, courses)}
    keys = {"register.pdf": FOLDER}
    for course in courses:
        if course.state == "concluded":
            name = f"abschluss-{course.row.key.replace('/', '-')}-{course.row.revision}.pdf"
            files[name], keys[name] = certificate(workspace, course, now), _key(course)
    changed, papers = [], {}
    for name, data in files.items():
        if name.endswith(".pdf"):
            papers[hashlib.sha256(data).hexdigest()] = keys[name]
        path = workspace.outputs / FOLDER / name
        if not path.is_file() or path.read_bytes() != data:
            place(path, data)
            changed.append(workspace.relative(path))
    return Written(files=tuple(workspace.relative(workspace.outputs / FOLDER / name) for name in files), changed=tuple(changed),
                   papers=papers)


def note(ledger: Ledger, written: Written, now: dt.datetime) -> None:
    """Keeps which registers and certificates this office made, so that each can be told from a forged one later."""
    known = {str(detail["sha256"]) for _, detail in ledger.noted(CERTIFIED)}
    at = now.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    for sha256, key in written.papers.items():
        if sha256 not in known:
            ledger.note(CERTIFIED, key, now, sha256=sha256, made_at=at)


# the register


def row(course: Course) -> Mapping[str, object]:
    """One memorandum as a row of the workbook: heading → value."""
    back = course.shown
    return dict(zip(HEADINGS, (
        course.row.key, course.partner, course.row.revision, STATES[course.state], wording.listing(given.approved_by for given in course.approvals),
        _day(course.approvals[-1].approved_at) if course.approvals else None, _day(course.issue.issued_at) if course.issue else None, way(course),
        _signers(course), _day(back.received_at) if back else None, _CAME.get(back.origin, back.origin) if back else "",
        back.confirmed_by if back else "", _day(back.confirmed_at) if back and back.confirmed_at else None,
        _day(course.concluded_at) if course.concluded_at else None, course.row.pdf_sha256, course.issue.sha256 if course.issue else "",
        ", ".join(given.sha256 for given in course.backs or (back,) if given),
        course.signatures[-1].sha256 if course.signatures else ""), strict=True))


def register_pdf(workspace: Workspace, courses: Sequence[Course]) -> bytes:
    """The register as PDF/A, without the hashes."""
    settings = workspace.settings
    counts, day = Counter(course.state for course in courses), max(map(_latest, courses), default=settings.alliance.date)
    summary = ", ".join(f"{counts[state]} {word}" for state, word in STATES.items() if counts[state])
    entries: list[Value] = [{
        "key": course.row.key, "partner": course.partner, "revision": course.row.revision, "state": STATES[course.state],
        "released": _dated(_names(given.approved_by for given in course.approvals), course.approvals[-1].approved_at) if course.approvals else "–",
        "issued": _dated(way(course), course.issue.issued_at) if course.issue else "–", "signatures": _signers(course) or "–",
        "returned": _returned(course), "concluded": wording.short_date(_day(course.concluded_at)) if course.concluded_at else "–",
    } for course in courses]
    context: Mapping[str, Value] = {
        "title": "Register der Memoranden", "date": wording.date(day), "alliance": alliance_facts(settings),
        "office": office_facts(settings), "summary": f"{wording.count(len(courses), 'Memorandum', 'Memoranden')}: {summary}", "entries": entries}
    return _pdf(workspace, REGISTER, "register", 1, context, day)


def _latest(course: Course) -> dt.date:
    """When something happened to a memorandum for the last time."""
    return max(_day(at) for at in (course.row.built_at, course.concluded_at, course.issue.issued_at if course.issue else "",
                                   *(given.approved_at for given in course.approvals), *(made.signed_at for made in course.signatures),
                                   *(back.confirmed_at or back.received_at for back in course.returns)) if at)


def _returned(course: Course) -> str:
    back = course.shown
    if back is None:
        return "–"
    said = f"bestätigt von {back.confirmed_by}" if back.confirmed_by else "angenommen" if back.state == "accepted" else "zu bestätigen"
    return _dated(said, back.received_at)


def _signers(course: Course) -> str:
    """Who has signed, by name: in the file, or on the paper that was confirmed."""
    return wording.listing(_signed(course))


def _signed(course: Course) -> Iterator[str]:
    fields = {given.field for given in course.signatures}
    for initiator in course.initiators:
        there = len(fields.intersection(initiator.fields))
        if there:
            yield initiator.name if there == len(initiator.fields) else f"{initiator.name} ({there} von {len(initiator.fields)})"
        elif course.countersigned and initiator.signatories:
            yield f"{initiator.name} (Papier)"
    if PARTNER in fields or course.on_paper:
        yield f"{course.partner} (Papier)" if course.on_paper else course.partner


# the certificate


def certificate(workspace: Workspace, course: Course, now: dt.datetime) -> bytes:
    """The certificate of one concluded memorandum, a single page; the same facts give the same bytes, whenever it is made."""
    settings = workspace.settings
    found = _found(workspace, course, now)
    files: list[Value] = [{"what": what, "sha256": sha256} for what, sha256 in dict(_files(course)).items()]
    context: Mapping[str, Value] = {
        "title": "Abschlussbescheinigung", "alliance": alliance_facts(settings), "office": office_facts(settings),
        "key": course.row.key, "revision": course.row.revision, "date": wording.date(_day(course.row.built_at)),
        "concluded": wording.date(_day(course.concluded_at)), "partner": course.partner, "demo": any(each.demo for each in found.values()),
        "parties": [dict(zip(("name", "how", "at"), party, strict=True)) for party in _parties(workspace, course, found)],
        "steps": [dict(zip(("what", "at", "detail"), step, strict=True)) for step in _steps(course, Proofs(workspace))],
        "files": files}
    return _pdf(workspace, CERTIFICATE, _key(course), course.row.revision, context, _day(course.concluded_at))


def _key(course: Course) -> str:
    return f"completion/{course.row.key.rpartition('/')[2]}"


def _found(workspace: Workspace, course: Course, now: dt.datetime) -> Mapping[str, SignatureFound]:
    """The signatures in the last signed file, by field."""
    if not course.signatures:
        return {}
    data = (workspace.root / course.signatures[-1].path).read_bytes()
    return {each.field: each for each in verify(data, now=now, trust=trusted(workspace)).signatures}


def _parties(workspace: Workspace, course: Course, found: Mapping[str, SignatureFound]) -> Iterator[tuple[str, str, str]]:
    made = {given.field: given for given in course.signatures}
    for initiator in workspace.settings.initiators:
        given = [made[field] for field in initiator.fields if field in made]
        if given:
            yield from ((initiator.name, *_electronic(each.signer, each.signed_at, found.get(each.field))) for each in given)
        elif course.countersigned:
            yield initiator.name, "von Hand, auf Papier", f"gesehen am {_moment(course.countersigned)}"
        else:
            yield initiator.name, "Zeichnungsbefugnis noch nachzuweisen; nicht gezeichnet", "–"
    back, partner = course.back, made.get(PARTNER)
    if partner:
        yield course.partner, *_electronic(partner.signer, partner.signed_at, found.get(PARTNER))
    elif back:
        yield course.partner, f"von Hand, auf Papier; bestätigt von {back.confirmed_by}", f"gesehen am {_moment(back.confirmed_at)}"


def _electronic(signer: str, at: str, found: SignatureFound | None) -> tuple[str, str]:
    if found is None:
        return f"elektronisch: {signer}", _moment(at)
    how = f"elektronisch: {found.signer}, {found.level}{' (Vorführzertifikat)' if found.demo else f', bestätigt durch {found.issuer}'}"
    if found.stamped:
        return how, f"{_moment(found.stamped.isoformat())} laut Zeitstempel"
    return how, f"{_moment(found.at.isoformat() if found.at else at)} laut Unterzeichner"


def _steps(course: Course, proofs: Proofs) -> Iterator[tuple[str, str, str]]:
    steps = [(course.row.built_at, "erstellt", f"Fassung {course.row.revision}"),
             *((given.approved_at, "freigegeben", f"von {given.approved_by}{_PROVEN[proofs.judged(given).indication] if given.proof else ''}")
               for given in course.approvals),
             *((course.issue.issued_at, "ausgegeben", way(course)) for _ in range(1) if course.issue),
             *((back.received_at, "zurückgekommen", _CAME.get(back.origin, back.origin) + _number(course.backs)) for back in (course.back,) if back),
             *((back.confirmed_at, "bestätigt", f"von {back.confirmed_by}") for back in (course.back,) if back and back.confirmed_by),
             (course.concluded_at, "abgeschlossen", "alle verlangten Unterschriften liegen vor")]
    for at, what, detail in sorted(steps, key=lambda step: step[0]):
        yield what, _moment(at), detail


def _files(course: Course) -> Iterator[tuple[str, str]]:
    yield "erstellte Fassung", course.row.pdf_sha256
    if course.issue and course.issue.sha256 != course.row.pdf_sha256:
        yield "ausgegebene Datei", course.issue.sha256
    yield from _came_back(course.backs)
    if course.signatures and course.signatures[-1].sha256 not in {back.sha256 for back in course.backs}:
        yield "zuletzt unterzeichnete Datei", course.signatures[-1].sha256


def _number(backs: Sequence[ReturnRow]) -> str:
    return f" ({len(backs)} Dateien)" if len(backs) > 1 else ""


def _came_back(backs: Sequence[ReturnRow]) -> Iterator[tuple[str, str]]:
    """The hash of each file that came back; of more than fit on the page one over the list of them, which is that of `sha256sum`'s first column."""
    if len(backs) <= LISTED:
        for number, back in enumerate(backs, 1):
            yield "Rücklauf, wie er einging" if len(backs) == 1 else f"Rücklauf, Datei {number} von {len(backs)}", back.sha256
    else:
        yield (f"Liste der Prüfsummen der {len(backs)} Dateien des Rücklaufs, je Zeile eine, wie in register.xlsx",
               hashlib.sha256("".join(f"{back.sha256}\n" for back in backs).encode()).hexdigest())


# on paper


def _pdf(workspace: Workspace, name: str, key: str, revision: int, context: Mapping[str, Value], date: dt.date) -> bytes:  # noqa: PLR0913, PLR0917
    """The page a template of the office makes of a context. Raises TemplateError, DocumentError."""
    from pipeline.build.produce import NotConformant
    template, style = Template.open(workspace.templates / name), Style.open(workspace.templates / "style.css")
    data = json.dumps(context, ensure_ascii=False, sort_keys=True, indent=1).encode()
    origin = Provenance(key=key, revision=revision, fingerprint=hashlib.sha256(data).hexdigest(), template=template.sha256,
                        tool=f"gremium {version('gremium')}")
    title = " – ".join(str(part) for part in (context["title"], context.get("partner")) if part)
    docx = template.render(context, title=title, author=workspace.settings.office.name, date=date, provenance=origin)
    pdf = to_pdf(docx, style=style, provenance=origin, data=data, date=date)
    found = problems(pdf)
    if found:
        raise NotConformant(found)
    return pdf


def _day(stamp: str) -> dt.date:
    return dt.datetime.fromisoformat(stamp).astimezone(HERE).date()


def _moment(stamp: str) -> str:
    return f"{dt.datetime.fromisoformat(stamp).astimezone(HERE):%d.%m.%Y, %H:%M} Uhr"


def _dated(what: str, stamp: str) -> str:
    return f"{wording.short_date(_day(stamp))}, {what}"


def _names(names: Iterator[str]) -> str:
    return wording.listing(dict.fromkeys(names))
