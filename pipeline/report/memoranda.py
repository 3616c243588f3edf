"""The memoranda, one line a partner: how far each has come from the draft to its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.listing import Choice
from pipeline.report.view import View
from pipeline.report.words import state_words
from pipeline.status import DocumentStatus

# What is reached one after the other, and the states in which it is.
STEPS: Sequence[tuple[str, frozenset[str]]] = (
    ("erstellt", frozenset({"fresh", "approved", "outdated", "rejected", "signed", "issued", "returned", "concluded"})),
    ("freigegeben", frozenset({"approved", "signed", "issued", "returned", "concluded"})),
    ("unterschrieben", frozenset({"issued", "returned", "concluded"})),
    ("ausgegeben", frozenset({"issued", "returned", "concluded"})),
    ("zurück", frozenset({"returned", "concluded"})),
    ("abgeschlossen", frozenset({"concluded"})),
)
HELD = frozenset({"blocked", "rejected", "orphaned"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Memorandum:
    """One partner's memorandum."""

    key: str
    organisation: str
    shown: str              # "unterschrieben 3 von 5"
    steps: int              # reached, of six
    half: bool              # the next one is begun
    held: bool              # somebody has to act before it goes on
    link: str               # its newest PDF; "" for none

    @property
    def symbol(self) -> str:
        """The name of its bar in the page: every way it can look is drawn once."""
        return f"bar-{self.steps}{'h' if self.half else ''}{'x' if self.held else ''}"

    @property
    def marks(self) -> tuple[str, ...]:
        """By what the selection finds it."""
        return f"step-{self.steps}", *(("held",) if self.held else ())


def memoranda(view: View) -> list[Memorandum]:
    """Every memorandum that some row asks for, in the order of the table of partners."""
    return [_memorandum(view, document) for document in view.status.documents
            if document.kind in view.kinds and view.kinds[document.kind].signed and document.state != "orphaned"]


def _memorandum(view: View, document: DocumentStatus) -> Memorandum:
    state, _, count = document.state.partition(" ")
    signed, _, needed = count.partition("/")
    whole = state == "signed" and signed == needed
    steps = 3 if whole else sum(state in reached for _, reached in STEPS)
    return Memorandum(
        key=document.key, organisation=view.organisation(document.key) or document.key, shown=state_words(document.state), steps=steps,
        half=state == "stale" or (state == "signed" and not whole), held=state in HELD, link=view.link(document.signed or document.pdf))


def counts(rows: Sequence[Memorandum]) -> list[tuple[str, int]]:
    """How many have come as far as each step, or farther."""
    return [(name, sum(row.steps > place for row in rows)) for place, (name, _) in enumerate(STEPS)]


def choices(rows: Sequence[Memorandum]) -> tuple[Choice, ...]:
    """The selection above the list."""
    reached = Counter(row.steps for row in rows)
    names = ("noch nicht erstellt", *(f"bis „{name}“" for name, _ in STEPS))
    return (Choice(name="step", label="Wie weit", options=[(f"step-{step}", name) for step, name in enumerate(names) if reached[step]]),)
