"""Releases: somebody answers for exactly these bytes, and for no others.

A release is bound to the hashes of a paper's Word file and PDF, and for papers that are mailed to recipient and text.
It dies with them: a paper built anew is "approved in an older revision" until somebody has looked at it again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache

from pipeline.errors import SigningError
from pipeline.ledger import ApprovalRow, DocumentRow, Ledger
from pipeline.papers.draft import Draft
from pipeline.settings import ReleaseSettings
from pipeline.workspace import Workspace

SHOWN = 3    # keys a sentence names before it counts the rest
FOOT = "foot.*"      # what stands under every mail text, beside them in templates/mail/
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


Proof = Callable[[bytes], bytes]
"""Signs a statement with the approver's key: gives a detached CMS signature."""


class State(StrEnum):
    """Whether a paper's present bytes are released."""

    APPROVED = "approved"
    OUTDATED = "outdated"    # an older revision was released, these bytes were not
    REJECTED = "rejected"    # somebody refused these bytes, and nobody took that back
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a paper stands with those who release it."""

    state: State
    by: tuple[str, ...] = ()         # who released it, in order; of the older revision when outdated; who refused it when rejected
    revision: int = 0                # the revision that was released; 0 when none ever was
    present: int                     # the paper's present revision
    missing: int = 0                 # releases of these bytes still needed
    reason: str = ""                 # why it was rejected

    @property
    def approved(self) -> bool:
        """These very bytes are released."""
        return self.state is State.APPROVED

    def __str__(self) -> str:
        names = ", ".join(self.by)
        return {
            State.APPROVED: f"freigegeben von {names}",
            State.OUTDATED: f"freigegeben wurde Revision {self.revision}, vorliegend ist Revision {self.present}"
            if self.revision != self.present else "freigegeben wurden andere Empfänger oder Texte, als jetzt vorliegen",
            State.REJECTED: f"zurückgewiesen von {names}: {self.reason}",
            State.OPEN: f"freigegeben von {names}, es {'fehlt' if self.missing == 1 else 'fehlen'} noch {self.missing}" if names
            else "nicht freigegeben",
        }[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """Who decides, and with what."""

    name: str                        # the name they act under in their office
    login: str = ""                  # who sits at the machine, as it knows them
    proof: Proof | None = None       # signs the statement when a key is configured


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What one release did, by the papers' keys."""

    approved: tuple[str, ...] = ()
    already: tuple[str, ...] = ()    # released by the same person before, in these very bytes
    missing: tuple[tuple[str, int], ...] = ()    # papers that need more releases, and how many


class NotAnApprover(SigningError):
    """Somebody releases a kind of paper the settings leave to others."""

    def __init__(self, by: str, kind: str, approvers: Sequence[str]) -> None:
        super().__init__(f"„{by}“ darf die Art „{kind}“ nicht freigeben",
                         hint=f"Zur Freigabe berechtigt: {', '.join(approvers) or 'niemand'}.")


class NoApprover(SigningError):
    """A release without a name."""

    def __init__(self) -> None:
        super().__init__("eine Freigabe braucht einen Namen", hint="Mit --by NAME angeben, wer freigibt.")


class NoReason(SigningError):
    """A rejection that does not say why."""

    def __init__(self) -> None:
        super().__init__("eine Zurückweisung braucht einen Grund", hint="Mit --reason \"…\" angeben, was zu ändern ist.")


class BuilderMayNotApprove(SigningError):
    """Whoever built a paper releases it, although the settings ask for four eyes."""

    def __init__(self, by: str, keys: Sequence[str]) -> None:
        super().__init__(f"„{by}“ hat {_listed(keys)} selbst gebaut und darf nicht freigeben (Vier-Augen-Prinzip)",
                         hint="Eine andere Person freigeben lassen; nichts wurde freigegeben.")


class SameLogin(SigningError):
    """A second release from the login of the first, where several people are asked for and no key tells them apart."""

    def __init__(self, by: str, other: str, keys: Sequence[str]) -> None:
        super().__init__(f"„{by}“ gibt {_listed(keys)} unter derselben Anmeldung frei wie „{other}“, verlangt sind mehrere Personen",
                         hint="Unter der eigenen Anmeldung freigeben, oder je Person einen Schlüssel eintragen ([release.keys]).")


class ChangedAfterBuilding(SigningError):
    """Files on disk are not the bytes that were built."""

    def __init__(self, files: Sequence[str]) -> None:
        super().__init__(f"nach dem Bauen verändert: {_listed(files)}",
                         hint="Änderungen gehören in die Tabellen oder die Vorlage; danach neu bauen (gremium build --force).")


class FileMissing(SigningError):
    """A built file is gone."""

    def __init__(self, files: Sequence[str]) -> None:
        super().__init__(f"fehlt: {_listed(files)}", hint="Mit „gremium build“ neu bauen.")


def standing(row: DocumentRow, decisions: Sequence[ApprovalRow], rules: ReleaseSettings, envelope: str | None = None) -> Standing:
    """How a paper stands: released in these bytes, in an older revision only, refused, or not at all.

    A release counts while its giver may still give it: approvers struck from the settings, builders where four eyes are
    asked for, and those who have a key and did not use it count for nothing; names without keys that came from one login
    count for one person. `envelope` is what `envelopes()` says of a
    mailed paper now; None does not ask.
    """
    counting = list(_last_words(given for given in decisions if _may_approve(given.approved_by, row.kind, rules)
                                and not (rules.four_eyes and _built(given, row)) and not _unproven(given, rules)))
    here = [given for given in counting if _same_bytes(given, row)]
    refusals = [given for given in here if not given.released]
    if refusals:
        return Standing(state=State.REJECTED, by=_names(refusals[-1:]), present=row.revision, reason=refusals[-1].reason)
    present = [given for given in here if envelope is None or given.envelope == envelope]
    missing = rules.needed.get(row.kind, 1) - _people(present)
    if missing <= 0:
        return Standing(state=State.APPROVED, by=_names(present), revision=row.revision, present=row.revision)
    older = [given for given in counting if given.released and given not in present]
    if older and not present:
        last = older[-1].revision
        names = _names([given for given in older if given.revision == last])
        return Standing(state=State.OUTDATED, by=names, revision=last, present=row.revision, missing=missing)
    return Standing(state=State.OPEN, by=_names(present), present=row.revision, missing=missing)


def approve(workspace: Workspace, ledger: Ledger, rows: Sequence[DocumentRow], by: Approver, now: dt.datetime, *,  # noqa: PLR0913
            envelopes: Mapping[str, str] = {}) -> Approved:
    """Releases the files of `rows` as they lie on disk, all of them or none; releasing the same bytes again changes nothing.

    `envelopes` says by key to whom and with what text mailed papers go. Raises SigningError: not allowed to release, or a
    file is missing or not what was built.
    """
    rules = workspace.settings.release
    by = _checked(workspace, rows, by)
    given = ledger.approvals()
    _check_login(rows, by, given, rules)
    decisions = [decision(row, by, now, envelope=envelopes.get(row.key, "")) for row in rows]
    fresh = [new for new in decisions if not any(_says_the_same(new, old) and (old.proof or by.proof is None)
                                                 for old in _last_words(given.get(new.key, ())))]
    if fresh:
        ledger.approve([_proven(new, by.proof) for new in fresh], now)
    known = {new.key for new in fresh}
    now_given = ledger.approvals()
    stands = ((row.key, standing(row, now_given.get(row.key, ()), rules, envelopes.get(row.key)).missing) for row in rows)
    return Approved(approved=tuple(new.key for new in fresh), already=tuple(row.key for row in rows if row.key not in known),
                    missing=tuple((key, number) for key, number in stands if number))


def reject(workspace: Workspace, ledger: Ledger, rows: Sequence[DocumentRow], by: Approver, now: dt.datetime, reason: str) -> None:  # noqa: PLR0913, PLR0917
    """Refuses the present bytes of these papers, for all to see, until they change or the same person releases them.

    Raises SigningError.
    """
    if not reason.strip():
        raise NoReason
    by = _checked(workspace, rows, by)
    ledger.approve([_proven(decision(row, by, now, reason=" ".join(reason.split())), by.proof) for row in rows], now)


def decision(row: DocumentRow, by: Approver, now: dt.datetime, *, envelope: str = "", reason: str = "") -> ApprovalRow:
    """A release of a paper's present bytes, or with a `reason` its rejection; not yet in the ledger."""
    return ApprovalRow(key=row.key, revision=row.revision, docx_sha256=row.docx_sha256, pdf_sha256=row.pdf_sha256, approved_by=by.name,
                       approved_at=now.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"), envelope=envelope,
                       reason=reason, login=by.login, inputs=row.inputs)


def statement(given: ApprovalRow) -> bytes:
    """What an approver's key signs: the decision in words a program can rebuild from the ledger at any time."""
    what = {"gremium": "approval/1", "key": given.key, "revision": given.revision, "docx": given.docx_sha256, "pdf": given.pdf_sha256,
            "envelope": given.envelope, "rejected": given.reason, "by": given.approved_by, "at": given.approved_at}
    return json.dumps(what, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def envelopes(workspace: Workspace) -> Callable[[Draft], str]:
    """Gives the sha-256 of all that a mailing adds to a paper: recipient, texts and sender; "" for papers without recipient.

    The texts are read once a kind, for as long as what it gives is used.
    """
    mail, office, mails = workspace.settings.mail, workspace.settings.office, workspace.templates / "mail"

    @cache
    def texts(kind: str) -> dict[str, str]:
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((*mails.glob(f"{kind}.*"), *mails.glob(FOOT)))}

    def envelope(draft: Draft) -> str:
        if draft.recipient is None:
            return ""
        said: dict[str, object] = {"recipient": asdict(draft.recipient), "meeting": draft.meeting, "sender": mail.sender_name,
                                   "reply_to": mail.reply_to, "office": office.email, **texts(draft.kind)}
        return hashlib.sha256(json.dumps(said, ensure_ascii=True, sort_keys=True).encode()).hexdigest()
    return envelope


def built_pdf(workspace: Workspace, row: DocumentRow) -> bytes:
    """The built PDF of a paper, as the ledger knows it. Raises SigningError when it is missing or was changed."""
    path = workspace.root / row.pdf
    if not path.is_file():
        raise FileMissing([row.pdf])
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != row.pdf_sha256:
        raise ChangedAfterBuilding([row.pdf])
    return data


def _checked(workspace: Workspace, rows: Sequence[DocumentRow], by: Approver) -> Approver:
    by = replace(by, name=" ".join(unicodedata.normalize("NFC", by.name).split()))
    rules = workspace.settings.release
    if not by.name:
        raise NoApprover
    for kind in dict.fromkeys(row.kind for row in rows):
        if not _may_approve(by.name, kind, rules):
            raise NotAnApprover(by.name, kind, rules.approvers[kind])
    own = [row.key for row in rows if rules.four_eyes and _built(decision(row, by, _NEVER), row, keyed=by.proof is not None)]
    if own:
        raise BuilderMayNotApprove(by.name, own)
    _check_files(workspace, rows)
    return by


def _built(given: ApprovalRow, row: DocumentRow, *, keyed: bool = False) -> bool:
    """Whether who decided is who built: by name, or by the login where no key of their own tells them apart."""
    return same(given.approved_by, row.built_by) or (not (given.proof or keyed) and same(given.login, row.built_by))


def _unproven(given: ApprovalRow, rules: ReleaseSettings) -> bool:
    return not given.proof and has_key(given.approved_by, rules)


def _last_words(decisions: Iterable[ApprovalRow]) -> Iterator[ApprovalRow]:
    """Of each person's decisions on the same bytes and envelope the last, in order."""
    last = {(_folded(given.approved_by), given.docx_sha256, given.pdf_sha256): given for given in decisions}
    return iter(sorted(last.values(), key=lambda given: given.approved_at))


def _same_bytes(given: ApprovalRow, row: DocumentRow) -> bool:
    return (given.docx_sha256, given.pdf_sha256) == (row.docx_sha256, row.pdf_sha256)


def _says_the_same(new: ApprovalRow, old: ApprovalRow) -> bool:
    def said(given: ApprovalRow) -> tuple[str, ...]:
        return _folded(given.approved_by), given.docx_sha256, given.pdf_sha256, given.envelope, given.reason
    return said(new) == said(old)


def _proven(given: ApprovalRow, proof: Proof | None) -> ApprovalRow:
    return replace(given, proof=proof(statement(given))) if proof else given


def _check_files(workspace: Workspace, rows: Sequence[DocumentRow]) -> None:
    files = [pair for row in rows for pair in _files(row)]
    missing = [name for name, _ in files if not (workspace.root / name).is_file()]
    if missing:
        raise FileMissing(missing)
    changed = [name for name, sha256 in files if hashlib.sha256((workspace.root / name).read_bytes()).hexdigest() != sha256]
    if changed:
        raise ChangedAfterBuilding(changed)


def _files(row: DocumentRow) -> Iterator[tuple[str, str]]:
    yield row.docx, row.docx_sha256
    yield row.pdf, row.pdf_sha256


def _may_approve(by: str, kind: str, rules: ReleaseSettings) -> bool:
    return kind not in rules.approvers or any(same(by, name) for name in rules.approvers[kind])


def _people(present: Sequence[ApprovalRow]) -> int:
    """How many people released: those with a proof by their names, the others by their logins too, where the ledger has one."""
    proven = [given for given in present if given.proof]
    logins = [_folded(given.login) for given in present if not given.proof]
    known = {login for login in logins if login} - {_folded(given.login) for given in proven}
    return len(proven) + len(known) + logins.count("")


def _check_login(rows: Sequence[DocumentRow], by: Approver, given: Mapping[str, Sequence[ApprovalRow]], rules: ReleaseSettings) -> None:
    """Where several people are asked for, one login without a key is one of them. Raises SameLogin."""
    if by.proof or not by.login:
        return
    before = {row.key: [old.approved_by for old in _last_words(given.get(row.key, ())) if old.released and _same_bytes(old, row)
                        and same(old.login, by.login) and not same(old.approved_by, by.name)]
              for row in rows if rules.needed.get(row.kind, 1) > 1}
    taken = {key: names for key, names in before.items() if names}
    if taken:
        raise SameLogin(by.name, next(iter(taken.values()))[0], list(taken))


def same(one: str, other: str) -> bool:
    """Whether two spellings are one name: capitals, spaces, invisible signs and composed letters tell nobody apart."""
    return _folded(one) == _folded(other)


def has_key(name: str, rules: ReleaseSettings) -> bool:
    """Whether the settings ask somebody to release with a key."""
    return any(same(name, known) for known in (*rules.keys, *rules.fingerprints))


def _folded(name: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join("".join(sign for sign in folded if unicodedata.category(sign) != "Cf").split())


def _names(approvals: Sequence[ApprovalRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(approval.approved_by for approval in approvals))


def _listed(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" und {more} weitere" if more > 0 else "")
