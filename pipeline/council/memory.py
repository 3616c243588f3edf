"""What the office keeps of the council's business: how far the memoranda had come, what was submitted, what was decided.

Each is a fact in the ledger's book of events, noted on request and never changed; papers are told of it through the
alliance, so that they stay as pure as before. Nothing personal is in it: keys, days, votes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pipeline.alliance import Alliance
from pipeline.ledger import COUNTERSIGNED, DocumentRow, Ledger, ReturnRow
from pipeline.papers.draft import Draft
from pipeline.records import Decision, Outcome, PartnerStatus, Progress, Submission
from pipeline.settings import PARTNER

COUNTED, SUBMITTED, DECIDED = "memoranda counted", "submitted", "decided"
KIND = "memorandum"
SENT = ("sent", "printed", "posted")
RETURNED = ("returned",)      # the ledger's word for a paper that came back


def count(drafts: Iterable[Draft], ledger: Ledger, day: dt.date) -> Progress:
    """How far the memoranda have come; signatures count where they rest on the present PDF, in the file or on paper that was confirmed."""
    wanted = {draft.key: frozenset(line.name for line in draft.signatures) for draft in drafts if draft.kind == KIND}
    rows = ledger.documents()
    sent = {message.key for message in ledger.messages() if message.kind == KIND and message.state in SENT} \
        | {key for key, issues in ledger.issues().items() if any(not issue.withdrawn_at for issue in issues)}
    returned = {key for what in RETURNED for key, _ in ledger.noted(what)}
    signed = _signed({key: (rows[key], lines) for key, lines in wanted.items() if key in rows}, ledger)
    return Progress(
        day=day, prepared=tuple(key for key in wanted if key in rows), sent=_in_order(wanted, sent), returned=_in_order(wanted, returned),
        begun=tuple(key for key, lines in signed.items() if lines),
        signed=tuple(key for key, lines in signed.items() if wanted[key] and lines >= wanted[key]))


def _signed(papers: Mapping[str, tuple[DocumentRow, frozenset[str]]], ledger: Ledger) -> Mapping[str, frozenset[str]]:
    """The lines that somebody has signed, by the key of the paper; given are its row and all its lines."""
    signatures, returns, countersigned = ledger.signatures(), ledger.returns(), dict(ledger.noted(COUNTERSIGNED))
    return {key: frozenset(given.field for given in signatures.get(key, ()) if given.base_sha256 == row.pdf_sha256)
            | _on_paper(row, lines, returns.get(key, ()), countersigned.get(key, {})) for key, (row, lines) in papers.items()}


def _on_paper(row: DocumentRow, lines: frozenset[str], returns: Sequence[ReturnRow], countersigned: Mapping[str, object]) -> frozenset[str]:
    """The lines that are signed on the paper itself, as a person has confirmed: the partner's, and the initiators' where that was noted too."""
    back = any(given.state == "accepted" and given.revision == row.revision for given in returns)
    theirs = countersigned.get("pdf_sha256") == row.pdf_sha256
    return frozenset(line for line in lines if (back if line == PARTNER else theirs))


def submission(alliance: Alliance) -> Submission | None:
    """What the papers of the present session put before the council; None without council settings."""
    council = alliance.settings.council
    if council is None:
        return None
    return Submission(
        session=council.session, date=alliance.settings.alliance.date, interested=tuple(partner.key for partner in alliance.interested),
        partners=tuple(partner.key for partner in alliance.partners if partner.status is not PartnerStatus.LEFT),
        projects={project.key: str(project.status) for project in alliance.projects},
        pilots=tuple(pilot.key for pilot in alliance.proposals), progress=alliance.progress)


def note_progress(ledger: Ledger, progress: Progress, now: dt.datetime) -> bool:
    """Keeps a count; False when the last one said the same."""
    return _note(ledger, COUNTED, progress.day.isoformat(), _progress_as_json(progress), now)


def note_submission(ledger: Ledger, made: Submission, now: dt.datetime) -> bool:
    """Keeps what was submitted; False when the last submission of the session said the same."""
    detail = {"date": made.date.isoformat(), "partners": list(made.partners), "interested": list(made.interested),
              "projects": dict(made.projects), "pilots": list(made.pilots),
              "progress": _progress_as_json(made.progress) if made.progress else None}
    return _note(ledger, SUBMITTED, made.session.isoformat(), detail, now)


def note_decision(ledger: Ledger, decision: Decision, now: dt.datetime) -> bool:
    """Keeps a decision; False when the last one on the session said the same."""
    detail = {"body": decision.body, "outcome": str(decision.outcome), "ayes": decision.ayes, "noes": decision.noes,
              "abstentions": decision.abstentions, "amendments": list(decision.amendments),
              "pilots": {key: str(outcome) for key, outcome in decision.pilots.items()}}
    return _note(ledger, DECIDED, decision.session.isoformat(), detail, now)


def recalled(alliance: Alliance, ledger: Ledger) -> Alliance:
    """The alliance with what the ledger keeps for its session: the last count, the former submission, decisions so far."""
    council = alliance.settings.council
    if council is None:
        return alliance
    counts = ledger.noted(COUNTED)
    former = [made for made in _submissions(ledger) if made.session < council.session]
    decisions = [decision for decision in _decisions(ledger) if decision.session <= council.session]
    return replace(alliance, progress=_progress(counts[-1][0], counts[-1][1]) if counts else None,
                   former=former[-1] if former else None, decisions=tuple(decisions))


def submitted_pilots(ledger: Ledger, session: dt.date) -> tuple[str, ...]:
    """The pilots a session was asked about; none where nothing was submitted to it."""
    return next((made.pilots for made in _submissions(ledger) if made.session == session), ())


def _note(ledger: Ledger, what: str, key: str, detail: Mapping[str, Any], now: dt.datetime) -> bool:
    known = [said for name, said in ledger.noted(what) if name == key]
    if known and known[-1] == detail:
        return False
    ledger.note(what, key, now, **detail)
    return True


def _in_order(keys: Iterable[str], some: Iterable[str]) -> tuple[str, ...]:
    kept = set(some)
    return tuple(key for key in keys if key in kept)


_STEPS = ("prepared", "sent", "returned", "begun", "signed")


def _progress_as_json(progress: Progress) -> dict[str, Any]:
    return {"day": progress.day.isoformat(), **{step: list(getattr(progress, step)) for step in _STEPS}}


def _progress(day: str, said: Mapping[str, Any]) -> Progress:
    return Progress(day=dt.date.fromisoformat(day), **{step: tuple(said[step]) for step in _STEPS})


def _submissions(ledger: Ledger) -> Sequence[Submission]:
    """The last submission of each session, by session."""
    found: dict[dt.date, Submission] = {}
    for key, detail in ledger.noted(SUBMITTED):
        said: Mapping[str, Any] = detail
        session, counted = dt.date.fromisoformat(key), said["progress"]
        found[session] = Submission(
            session=session, date=dt.date.fromisoformat(said["date"]), partners=tuple(said["partners"]), interested=tuple(said["interested"]),
            projects=said["projects"], pilots=tuple(said["pilots"]), progress=_progress(counted["day"], counted) if counted else None)
    return [found[session] for session in sorted(found)]


def _decisions(ledger: Ledger) -> Sequence[Decision]:
    """The last word on each session, by session."""
    found: dict[dt.date, Decision] = {}
    for key, detail in ledger.noted(DECIDED):
        said: Mapping[str, Any] = detail
        session = dt.date.fromisoformat(key)
        found[session] = Decision(
            session=session, body=said["body"], outcome=Outcome(said["outcome"]), ayes=said["ayes"], noes=said["noes"],
            abstentions=said["abstentions"], amendments=tuple(said["amendments"]),
            pilots={pilot: Outcome(outcome) for pilot, outcome in said["pilots"].items()})
    return [found[session] for session in sorted(found)]
