"""What is to be done now, in the order of the work, each with the place on the page that shows what it is about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.report.view import View
from pipeline.report.words import number

# Steps that are about something else than papers: the section, and what to select there.
ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "findings": ("befunde", "weight-error"), "unknown": ("versand", "post-unknown"), "refused": ("versand", "post-failed"),
    "posted": ("versand", "post-printed"), "answers": ("treffen", ""), "unclear": ("", ""),
}
URGENT = frozenset({"findings", "unknown", "rejected", "refused", "unclear"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do."""

    look: str
    what: str               # "55 × unterzeichnen"
    who: str                # "Geschäftsstelle"
    command: str
    target: str             # section of the page; "" where the page shows nothing of it
    mark: str               # what to select there


def agenda(view: View) -> list[Task]:
    """The steps that `gremium next` names, as the page shows them."""
    return [_task(view, place) for place in range(len(view.steps))]


def _task(view: View, place: int) -> Task:
    step = view.steps[place]
    target, mark = ELSEWHERE.get(step.rule, ("papiere", f"todo-{place}"))
    return Task(look="held" if step.rule in URGENT else "open", what=f"{number(step.count)} × {step.what}", target=target, mark=mark,
                who=view.discretion.text(", ".join(step.who)), command=step.command)


def todo(view: View) -> Mapping[str, Sequence[str]]:
    """By key of a paper the marks of the steps it is part of."""
    found: dict[str, list[str]] = defaultdict(list)
    for place, step in enumerate(view.steps):
        for key in step.keys:
            found[key].append(f"todo-{place}")
    return found
