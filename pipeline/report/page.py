"""The status page: one file, without network, that shows where everything stands."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.alliance import Alliance
from pipeline.findings import Finding, Severity, ordered
from pipeline.records import ProjectStatus
from pipeline.status import DocumentStatus, Status
from pipeline.workspace import Workspace, place

FILE = "report.html"

# The way of a paper, as the page draws it: what a stage is called, and which states are past it.
WAY = (
    ("erstellt", ("fresh", "approved", "outdated", "rejected", "signed", "issued", "returned", "concluded")),
    ("freigegeben", ("approved", "signed", "issued", "returned", "concluded")),
    ("unterschrieben", ("signed", "issued", "returned", "concluded")),
)

STATE_WORDS: Mapping[str, str] = {
    "blocked": "zurückgehalten", "missing": "fehlt", "stale": "veraltet", "fresh": "erstellt", "approved": "freigegeben",
    "rejected": "zurückgewiesen", "outdated": "Freigabe überholt", "signed": "unterschrieben",
    "issued": "ausgegeben", "returned": "zurück", "concluded": "abgeschlossen",
    "orphaned": "ohne Zeile",
}

MESSAGE_WORDS: Mapping[str, str] = {
    "unknown": "Verbleib unklar", "failed": "gescheitert", "deferred": "zurückgestellt", "frozen": "eingefroren", "claimed": "in Arbeit",
    "sending": "im Versand", "sent": "versandt", "printed": "gedruckt", "posted": "zur Post gegeben",
    "withdrawn": "zurückgezogen",
}

SEVERITY_WORDS = {Severity.ERROR: "Fehler", Severity.WARNING: "Warnung", Severity.NOTE: "Hinweis"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table of papers."""

    key: str
    kind: str
    subject: str
    state: str              # one word, for the filter
    shown: str              # the word people read: "unterschrieben 3/5"
    docx: str | None        # as a link from the page
    pdf: str | None
    revision: int | None


def _row(document: DocumentStatus, titles: Mapping[str, str], root: str) -> Row:
    state, _, count = document.state.partition(" ")
    return Row(
        key=document.key, kind=titles.get(document.kind, document.kind), subject=document.subject, state=state,
        shown=f"{STATE_WORDS.get(state, state)} {count}".strip(),
        docx=_link(document.docx, root), pdf=_link(document.signed or document.pdf, root), revision=document.revision,
    )


def _link(path: str | None, root: str) -> str | None:
    return posixpath.normpath(f"{root}/{path}") if path else None


def _way(documents: Sequence[Row], messages: Mapping[str, int], findings: Sequence[Finding]) -> list[tuple[str, str, bool]]:
    """The stages with what they count, and whether something waits there."""
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    stages = [("geprüft", f"{errors} Fehler" if errors else "keine Fehler", errors > 0)]
    total = len(documents)
    for word, states in WAY[:2]:
        past = sum(row.state in states for row in documents)
        stages.append((word, f"{past} von {total}", past < total))
    memoranda = [row for row in documents if row.key.startswith("memorandum/")]
    signed = sum(row.state in WAY[2][1] for row in memoranda)
    stages.append((WAY[2][0], f"{signed} von {len(memoranda)} Memoranden", signed < len(memoranda)))
    stages.append(("versandt", f"{messages.get('sent', 0)} Nachrichten", bool(messages.get("unknown") or messages.get("failed"))))
    return stages


def _counts(rows: Sequence[Row]) -> list[tuple[str, int]]:
    counted = Counter(row.state for row in rows)
    return [(STATE_WORDS.get(state, state), counted[state]) for state in (*STATE_WORDS, *sorted(set(counted) - set(STATE_WORDS))) if counted[state]]


def _topics(alliance: Alliance) -> list[Mapping[str, object]]:
    topics: list[Mapping[str, object]] = []
    for topic in sorted(alliance.topics, key=lambda topic: topic.order):
        projects = alliance.projects_on(topic.key)
        topics.append({
            "name": topic.name, "colour": topic.colour, "projects": projects, "count": len(projects),
            "statuses": [(str(status), sum(project.status is status for project in projects)) for status in ProjectStatus],
        })
    return topics


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the page shows."""

    alliance: Alliance
    status: Status
    findings: Sequence[Finding]
    titles: Mapping[str, str]      # kind → what it is called
    latest: str                    # when the ledger last noted something, UTC; "" for never
    root: str = ".."               # the way from the page to the workspace, for its links


def page(view: View) -> bytes:
    """The page's bytes: the same for the same state of things."""
    alliance, findings = view.alliance, view.findings
    rows = [_row(document, view.titles, view.root) for document in view.status.documents]
    messages = view.status.messages
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    topics = _topics(alliance)
    text = environment.get_template("page.html").render(
        alliance=alliance.settings.alliance, office=alliance.settings.office, rows=rows, counts=_counts(rows),
        way=_way(rows, messages, findings),
        messages=[(word, messages[state], state) for state, word in MESSAGE_WORDS.items() if messages.get(state)],
        findings=[(SEVERITY_WORDS[finding.severity], str(finding.severity), str(finding.place), finding.message, finding.hint)
                  for finding in ordered(findings)],
        kinds=sorted({row.kind for row in rows}), topics=topics, most=max((int(str(topic["count"])) for topic in topics), default=0),
        meetings=[(meeting, alliance.body[meeting.body].name if meeting.body in alliance.body else alliance.settings.alliance.name,
                   len(alliance.invited(meeting))) for meeting in alliance.upcoming()],
        figures=_figures(alliance), latest=view.latest.replace("T", " ").removesuffix("Z"), demo=alliance.settings.signing.demo,
    )
    return text.encode()


def _figures(alliance: Alliance) -> list[tuple[int, str]]:
    return [
        (len(alliance.present(alliance.settings.alliance.first_meeting)), "Partner beim ersten Allianztreffen"),
        (len(alliance.interested), "Interessensbekundungen"),
        (len(alliance.projects), "Projekte"),
        (len(alliance.local_projects), f"davon in {alliance.settings.alliance.city}"),
        (len(alliance.topics), "Topthemen"),
        (len(alliance.bodies), "Gremien"),
    ]


def write(workspace: Workspace, data: bytes) -> tuple[Path, bool]:
    """Puts the page into outputs/; says whether it changed."""
    path = workspace.outputs / FILE
    if path.is_file() and path.read_bytes() == data:
        return path, False
    place(path, data)
    return path, True
