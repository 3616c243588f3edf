"""The way of the papers as a picture: what was checked, made and released, then the three ways on, each station with its count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.findings import Severity
from pipeline.report.view import View
from pipeline.report.words import number, some

MADE = ("fresh", "approved", "outdated", "rejected", "signed", "issued", "returned", "concluded")
RELEASED = ("approved", "signed", "issued", "returned", "concluded")
OUT = ("issued", "returned", "concluded")
BACK = ("returned", "concluded")
POSTED = ("sent", "posted")
TRUNK = "Alle Papiere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One station of the way."""

    name: str
    done: int
    total: int
    unit: str = ""          # what is counted, where it is not papers
    trouble: str = ""       # what holds something up here: "3 zurückgehalten"

    @property
    def share(self) -> float:
        """How much of the ring is filled, in percent; a whole ring means all of them and nothing less."""
        return 0 if not self.total else 100 if self.done >= self.total else min(97.0, round(100 * self.done / self.total, 1))

    @property
    def look(self) -> str:
        """held, done, going or open."""
        return "held" if self.trouble else "open" if not self.done else "done" if self.done >= self.total else "going"

    @property
    def below(self) -> str:
        """The line under the name."""
        return self.trouble or (self.unit or f"von {number(self.total)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Stations one after the other: the trunk, or one of the ways that leave it."""

    name: str
    stages: Sequence[Stage]


def way(view: View) -> tuple[Branch, ...]:
    """The trunk first, then the ways on for which there are papers."""
    ways = (_memoranda(view), _mailing(view), _council(view))
    return (_trunk(view), *(branch for branch in ways if branch.stages[0].total))


def _trunk(view: View) -> Branch:
    states = view.status.counts
    total = sum(states.values()) - states.get("orphaned", 0)
    blocked, again = states.get("blocked", 0), states.get("rejected", 0)
    return Branch(name=TRUNK, stages=(
        _checked(view),
        Stage(name="erstellt", done=_count(states, MADE), total=total, trouble=f"{number(blocked)} zurückgehalten" if blocked else ""),
        Stage(name="freigegeben", done=_count(states, RELEASED), total=total, trouble=f"{number(again)} zurückgewiesen" if again else ""),
    ))


def _checked(view: View) -> Stage:
    """The first station counts errors, as there is nothing else of which some are through and some are not."""
    wrong = [finding.place.file for finding in view.findings if finding.severity is Severity.ERROR]
    if wrong:
        return Stage(name="geprüft", done=len(wrong), total=0, trouble=f"Fehler in {some(len(set(wrong)), 'Datei', 'Dateien')}")
    return Stage(name="geprüft", done=1, total=1, unit="keine Fehler")


def _memoranda(view: View) -> Branch:
    signed = [document.state for document in view.status.documents if view.kinds.get(document.kind) and view.kinds[document.kind].signed
              and document.state != "orphaned"]
    whole = sum(_whole(state) for state in signed)
    begun = sum(state.startswith("signed") and not _whole(state) for state in signed)
    total = len(signed)
    return Branch(name="Memoranden", stages=(
        Stage(name="unterschrieben", done=whole, total=total, unit=f"von {number(total)}, {number(begun)} begonnen" if begun else ""),
        Stage(name="ausgegeben", done=sum(state in OUT for state in signed), total=total),
        Stage(name="zurück", done=sum(state in BACK for state in signed), total=total),
        Stage(name="abgeschlossen", done=signed.count("concluded"), total=total),
    ))


def _whole(state: str) -> bool:
    """Signed by all who sign before it goes out."""
    count, _, needed = state.removeprefix("signed ").partition("/")
    return state in OUT or (state.startswith("signed") and count == needed)


def _mailing(view: View) -> Branch:
    mailed = [document for document in view.status.documents if view.kinds.get(document.kind) and view.kinds[document.kind].mailed
              and document.state != "orphaned"]
    gone = {message.key for message in view.facts.messages if message.state in POSTED}
    stuck = sum(message.state in ("unknown", "failed") for message in view.facts.messages)
    answered = sum(sum(given.values()) for given in view.facts.answers.values())
    stages = [Stage(name="versandt", done=sum(document.key in gone for document in mailed), total=len(mailed),
                    trouble=f"{number(stuck)} zu klären" if stuck else "")]
    if answered:
        stages.append(Stage(name="beantwortet", done=answered, total=len(mailed)))
    return Branch(name="Einladungen", stages=tuple(stages))


def _council(view: View) -> Branch:
    papers = [document.state for document in view.status.documents if view.kinds.get(document.kind) and view.kinds[document.kind].council
              and document.state != "orphaned"]
    session = view.alliance.settings.council.session if view.alliance.settings.council else None
    decided = any(decision.session == session for decision in view.alliance.decisions)
    return Branch(name="Rat", stages=(
        Stage(name="Vorlage freigegeben", done=sum(state in RELEASED for state in papers), total=len(papers)),
        Stage(name="beschlossen", done=int(decided), total=1, unit="vermerkt" if decided else "noch offen"),
    ))


def _count(states: Mapping[str, int], wanted: Sequence[str]) -> int:
    return sum(states.get(state, 0) for state in wanted)
