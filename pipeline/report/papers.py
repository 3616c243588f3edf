"""The list of papers: what each is, whose, where it stands, why it is not up to date, and its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.build.inputs import NEVER, SENTENCES
from pipeline.findings import Finding
from pipeline.report.agenda import todo
from pipeline.report.listing import Choice
from pipeline.report.view import View
from pipeline.report.words import MESSAGE_WORDS, STATE_WORDS, look, number, state_words
from pipeline.status import DocumentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One line of the list."""

    key: str
    kind: str               # "memorandum"
    title: str              # "Memorandum"
    subject: str
    organisation: str       # whose it is; "" for papers of the whole alliance
    state: str              # one word, for the filter
    shown: str              # as people read it: "unterschrieben 3 von 5"
    look: str
    post: str               # what became of its message; "" without one
    docx: str               # links from the page; "" where there is no such file
    pdf: str
    signed: str
    revision: int | None
    reasons: Sequence[str]
    failure: str
    todo: Sequence[str]     # marks of the steps it is part of

    @property
    def marks(self) -> tuple[str, ...]:
        """By what the selections find it."""
        return f"kind-{self.kind}", f"state-{self.state}", *self.todo


def papers(view: View) -> list[Paper]:
    """Every paper, in the plan's order."""
    found = {f"{finding.place}: {finding.message}": finding for finding in view.findings}
    posts = {message.key: MESSAGE_WORDS.get(message.state, message.state) for message in view.facts.messages if message.state != "withdrawn"}
    due = todo(view)
    return [_paper(view, document, found, posts.get(document.key, ""), due.get(document.key, ())) for document in view.status.documents]


def _paper(view: View, document: DocumentStatus, found: Mapping[str, Finding], post: str, due: Sequence[str]) -> Paper:
    state = document.state.partition(" ")[0]
    organisation = view.organisation(document.key)
    subject = document.subject.removesuffix(organisation).rstrip(" –")
    return Paper(
        key=document.key, kind=document.kind, title=view.title(document.kind), subject=view.discretion.text(subject), organisation=organisation,
        state=state, shown=state_words(document.state), look=look(state),
        post=post, docx=view.link(document.docx), pdf=view.link(document.pdf), signed=view.link(document.signed),
        revision=document.revision, reasons=tuple(_reasons(view, document, found)), failure=view.discretion.text(document.failure), todo=due,
    )


def _reasons(view: View, document: DocumentStatus, found: Mapping[str, Finding]) -> Iterator[str]:
    for reason in document.reasons if document.reasons != (SENTENCES[NEVER],) else ():     # "fehlt" says that already
        finding = found.get(reason)
        if finding:
            yield f"{finding.place}: {view.discretion.message(finding, finding.message)}"
        else:
            yield view.discretion.text(reason) if document.state == "blocked" else view.discretion.reason(reason)


def counts(rows: Sequence[Paper]) -> list[tuple[str, str, str, str]]:
    """How many papers are in each state: state, look, number, word."""
    counted = Counter(row.state for row in rows)
    known = (*STATE_WORDS, *sorted(set(counted) - set(STATE_WORDS)))
    return [(state, look(state), number(counted[state]), STATE_WORDS.get(state, state)) for state in known if counted[state]]


def choices(rows: Sequence[Paper]) -> tuple[Choice, ...]:
    """The selections above the list."""
    kinds = {row.kind: row.title for row in rows}
    return (
        Choice(name="kind", label="Art", options=[(f"kind-{kind}", title) for kind, title in kinds.items()]),
        Choice(name="state", label="Stand", options=[(f"state-{state}", word) for state, _, _, word in counts(rows)]),
    )
