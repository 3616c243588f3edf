"""The meetings: who was asked by which way, who answered what, who came."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.records import Meeting, MeetingStatus
from pipeline.report.view import View
from pipeline.wording import date, period, weekday_date

ANSWERS: Mapping[str, str] = {"accepted": "zugesagt", "tentative": "mit Vorbehalt", "declined": "abgesagt", "counter": "mit Gegenvorschlag"}

# Invitations that are under way, by what became of their message.
OUT: Mapping[str, tuple[str, str]] = {
    "sent": ("done", "per E-Mail eingeladen"), "posted": ("done", "per Brief eingeladen"), "printed": ("going", "Brief gedruckt"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a bar: its look, how many, what."""

    look: str
    count: int
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """One meeting."""

    title: str
    body: str
    day: str
    month: str
    year: str
    date: str               # for programs
    time: str
    place: str
    past: bool
    off: bool               # called off
    asked: int
    parts: Sequence[Part]   # of those asked, in the order of the bar; they sum up to all of them

    @property
    def sentence(self) -> str:
        """The bar in words."""
        return ", ".join(f"{part.count} {part.word}" for part in self.parts if part.count)


def meetings(view: View) -> tuple[list[Gathering], list[Gathering]]:
    """Those to come, the next first, and those that were, the last first; the day is the one the papers carry."""
    today = view.alliance.settings.alliance.date
    gone = {message.key: message.state for message in view.facts.messages if message.state in OUT}
    ordered = sorted(view.alliance.meetings, key=lambda meeting: (meeting.date, meeting.start, meeting.key))
    told = [(meeting.date < today, _gathering(view, meeting, gone, today)) for meeting in ordered]
    return [one for past, one in told if not past], [one for past, one in reversed(told) if past]


def _gathering(view: View, meeting: Meeting, gone: Mapping[str, str], today: dt.date) -> Gathering:
    alliance = view.alliance
    asked = len(alliance.invited(meeting))
    past = meeting.date < today
    parts = _came(len(alliance.present(meeting.key)), asked) if past else tuple(_answers(view, meeting, gone, asked))
    return Gathering(
        title=meeting.title, body=alliance.body[meeting.body].name if meeting.body in alliance.body else alliance.settings.alliance.name,
        day=str(meeting.date.day), month=date(meeting.date).split()[1], year=str(meeting.date.year),
        date=meeting.date.isoformat(), past=past, off=meeting.status is MeetingStatus.CANCELLED, asked=asked, parts=parts,
        time=f"{weekday_date(meeting.date).partition(',')[0]}, {period(meeting.start, meeting.end)}",
        place=", ".join(part for part in (meeting.place, meeting.address) if part))


def _came(present: int, asked: int) -> tuple[Part, ...]:
    """Who came is counted in the table of partners; more may come than were asked."""
    return Part(look="done", count=present, word="anwesend"), Part(look="open", count=max(asked - present, 0), word="nicht vermerkt")


def _answers(view: View, meeting: Meeting, gone: Mapping[str, str], asked: int) -> Iterator[Part]:
    """Those who answered, those whose invitation is out, those who wait for theirs."""
    answers = view.facts.answers.get(meeting.key, Counter())
    ways = Counter(state for key, state in gone.items() if key.split("/")[1:2] == [meeting.key])
    answered = 0
    for answer, word in ANSWERS.items():
        if answers[answer]:
            answered += answers[answer]
            yield Part(look="done" if answer == "accepted" else "held" if answer == "declined" else "going", count=answers[answer], word=word)
    out = sum(ways.values())
    if answered:
        yield Part(look="going", count=max(out - answered, 0), word="ohne Antwort")
    else:
        for state, (look, word) in OUT.items():
            yield Part(look=look, count=ways[state], word=word)
    yield Part(look="open", count=max(asked - max(out, answered), 0), word="noch nicht eingeladen")
