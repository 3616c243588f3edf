"""The mailing: what nobody knows the fate of on top, then what failed, what waits, what is through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.report.listing import Choice
from pipeline.report.view import View
from pipeline.report.words import MESSAGE_WORDS, look, moment, number

STUCK = ("unknown", "sending")     # after a run has ended, nobody knows of these whether they went out


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message."""

    key: str
    title: str
    organisation: str
    state: str
    shown: str
    look: str
    at: str
    tries: int
    reply: str

    @property
    def marks(self) -> tuple[str, ...]:
        """By what the selections find it."""
        return f"post-{self.state}", f"meeting-{self.key.split('/')[1]}" if self.key.count("/") > 1 else ""


def messages(view: View) -> list[Message]:
    """Every message, those that need somebody first, then the latest first."""
    order = {state: place for place, state in enumerate(MESSAGE_WORDS)}
    rows = sorted(view.facts.messages, key=lambda row: row.changed_at, reverse=True)
    return [Message(key=row.key, title=view.title(row.kind), organisation=view.organisation(row.key), state=row.state,
                    shown=MESSAGE_WORDS.get(row.state, row.state), look=look(row.state), at=moment(row.changed_at), tries=row.attempts,
                    reply=view.discretion.text(row.reply))
            for row in sorted(rows, key=lambda row: order.get(row.state, 0))]


def counts(rows: Sequence[Message]) -> list[tuple[str, str, str, str]]:
    """How many messages are in each state: state, look, number, word."""
    counted = Counter(row.state for row in rows)
    return [(state, look(state), number(counted[state]), MESSAGE_WORDS.get(state, state))
            for state in dict.fromkeys((*MESSAGE_WORDS, *counted)) if counted[state]]


def choices(view: View, rows: Sequence[Message]) -> tuple[Choice, ...]:
    """The selections above the list."""
    meetings = dict.fromkeys(row.key.split("/")[1] for row in rows if row.key.count("/") > 1)
    named = [(f"meeting-{key}", view.alliance.meeting[key].title if key in view.alliance.meeting else key) for key in sorted(meetings)]
    states = [(f"post-{state}", word) for state, _, _, word in counts(rows)]
    return (Choice(name="post", label="Stand", options=states), Choice(name="meeting", label="Treffen", options=named))
