"""Reading the inbox: each mail once, one at a time; what it says is noted, handed on, or left for people. Nothing is answered or deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipeline.ledger import AnswerRow, InboxRow, Ledger
from pipeline.ledger.inbox import Settled
from pipeline.mail.incoming import Mail, Part
from pipeline.mail.sources import Box, Found
from pipeline.mail.verdicts import SORTS, House, Verdict, judge
from pipeline.tables.joining import Proposal, asking

TOGETHER = 100      # mails noted in one write
_BUSY = ("claimed", "sending")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """Who takes what the inbox has for them."""

    receive: Callable[[Sequence[Part]], str]            # returned papers of one mail; what became of them, in a line
    join: Callable[[Sequence[Proposal]], object]        # all joining mails of one run
    progress: Callable[[int, int], None] = lambda done, total: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One mail that is worth a line."""

    place: str
    sort: str
    key: str = ""
    why: str = ""
    sender: str = ""        # for the screen alone: neither goes into the ledger, nor into any file
    subject: str = ""


@dataclass(kw_only=True)
class Outcome:
    """What was found in one box."""

    counts: Counter[str] = field(default_factory=Counter)       # by sort
    lines: list[Line] = field(default_factory=list)             # all but what needs no word
    settled: dict[str, str] = field(default_factory=dict)       # key of a paper → the state its message came to
    known: int = 0                                              # read in an earlier run
    later: int = 0                                              # about a message that is just being sent: read with the next run
    done: list[str] = field(default_factory=list)               # numbers of mails that nobody has to look at
    joined: int = 0                                             # proposals handed on

    def as_json(self) -> dict[str, object]:
        """As `inbox --json` gives it: places and keys, no names."""
        return {"counts": {sort: self.counts[sort] for sort in SORTS}, "known": self.known, "later": self.later, "settled": self.settled,
                "joined": self.joined, "mails": [{"place": line.place, "sort": line.sort, "key": line.key, "why": line.why} for line in self.lines]}


class Reading:
    """One run over one box."""

    def __init__(self, house: House, ledger: Ledger, hands: Hands, *, dry: bool = False) -> None:
        self._house, self._ledger, self._hands, self._dry = house, ledger, hands, dry
        read = ledger.inbox()
        self._known, self._places = {row.id for row in read}, {row.place: row.sort for row in read}
        self._rows: list[InboxRow] = []             # judged, and not yet on disk
        self._settled: list[Settled] = []
        self._answers: list[AnswerRow] = []
        self._waiting: list[InboxRow] = []          # joining mails, noted when they were handed on
        self._proposals: list[Proposal] = []
        self.outcome = Outcome()

    def go(self, box: Box) -> Outcome:
        """Reads every mail that was not read before. What was done is noted, however the run ends. Raises what the box raises."""
        try:
            for number, found in enumerate(box, start=1):
                self._take(found, lasting=box.lasting)
                self._hands.progress(number, len(box))
        finally:
            self._note()
        self._join()
        return self.outcome

    def _take(self, found: Found, *, lasting: bool) -> None:
        if lasting and found.place in self._places:
            self._seen(found, self._places[found.place])
            return
        data = found.read()
        if data is None:
            self._odd(found)
            return
        mail = Mail(found.shown, data)
        if mail.id in self._known:
            self._seen(found, "")
            return
        verdict = judge(mail, self._house)
        if verdict.settles and self._house.messages[verdict.message.casefold()].state in _BUSY:
            self.outcome.later += 1
            return
        self._act(found, mail, verdict)

    def _seen(self, found: Found, sort: str) -> None:
        self.outcome.known += 1
        if sort and not SORTS[sort].left and found.number:
            self.outcome.done.append(found.number)

    def _odd(self, found: Found) -> None:
        """Too large to be read: told each time, for nobody knows what it is."""
        self.outcome.counts["odd"] += 1
        self.outcome.lines.append(Line(place=found.shown, sort="odd", why="die Nachricht ist zu groß, um gelesen zu werden"))

    def _act(self, found: Found, mail: Mail, verdict: Verdict) -> None:
        """Hands on first and notes then: what is handed on twice is known there, what was never handed on would be lost."""
        why = verdict.why
        row = InboxRow(id=mail.id, place=found.place, sort=verdict.sort, message=verdict.message, code=verdict.code)
        self._known.add(mail.id)
        if not self._dry:
            why = self._handed_on(mail, verdict, row) or why
            if verdict.settles:
                self._settled.append((verdict.message, verdict.settles, _words(verdict)))
            (self._waiting if verdict.sort == "joining" else self._rows).append(row)
            if len(self._rows) >= TOGETHER:
                self._note()
        elif verdict.sort == "joining":
            self.outcome.joined += 1
        self._tell(found, mail, verdict, why)

    def _handed_on(self, mail: Mail, verdict: Verdict, row: InboxRow) -> str:
        if verdict.answer is not None:
            self._answers.append(verdict.answer)
        elif verdict.files:
            return self._hands.receive(verdict.files)
        elif verdict.sort == "joining":
            self._proposals += asking([(mail.place, mail.data)])
        return ""

    def _tell(self, found: Found, mail: Mail, verdict: Verdict, why: str) -> None:
        self.outcome.counts[verdict.sort] += 1
        left = SORTS[verdict.sort].left
        if found.number and not left:
            self.outcome.done.append(found.number)
        if left or why or verdict.key:
            self.outcome.lines.append(Line(place=found.shown, sort=verdict.sort, key=verdict.key, why=why, sender=mail.sender, subject=mail.subject))

    def _note(self) -> None:
        rows, settled, answers = self._rows, self._settled, self._answers
        self._rows, self._settled, self._answers = [], [], []
        if rows:
            changed = self._ledger.took_in(rows, settled, self._house.now, answers=answers)
            self.outcome.settled |= {self._house.messages[message.casefold()].key: state for message, state, _ in settled if message in changed}

    def _join(self) -> None:
        if self._proposals:
            self._hands.join(self._proposals)
            self.outcome.joined = len(self._proposals)
        self._rows = self._waiting
        self._note()


def _words(verdict: Verdict) -> str:
    if verdict.settles == "failed":
        return f"unzustellbar gemeldet ({verdict.why})"
    return "angekommen: der Empfänger hat geantwortet" if verdict.sort in ("calendar", "answer", "returned") else "angekommen, laut Bestätigung"


def read(box: Box, house: House, ledger: Ledger, hands: Hands, *, dry: bool = False) -> Outcome:
    """Reads a box; with `dry` nothing is noted or handed on."""
    return Reading(house, ledger, hands, dry=dry).go(box)
