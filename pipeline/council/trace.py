"""From a number in a paper back to the rows it was counted from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.alliance import Alliance
from pipeline.errors import WorkspaceError
from pipeline.papers.draft import Draft, Figure


class NoSuchFigure(WorkspaceError):
    """A paper prints no such number."""

    def __init__(self, key: str, asked: str, known: Sequence[str]) -> None:
        super().__init__(f"in {key} steht keine gezählte Zahl „{asked}“",
                         hint=f"Gezählt sind dort: {', '.join(known)}." if known else "Dieses Papier nennt keine gezählten Zahlen.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row behind a number."""

    key: str
    place: str      # "projects.xlsx Blatt „Projekte“ Zeile 7"; "" for papers
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """One number with its rows."""

    figure: Figure
    rows: tuple[Row, ...]


def trace(alliance: Alliance, draft: Draft, asked: str) -> tuple[Traced, ...]:
    """The numbers of a paper that read so – "88", "88 Projekte", "sechs" – or stand at that path. Raises NoSuchFigure."""
    found = tuple(Traced(figure=figure, rows=tuple(_rows(alliance, figure))) for figure in draft.figures if _meant(figure, asked))
    if not found:
        raise NoSuchFigure(draft.key, asked, tuple(dict.fromkeys(figure.text for figure in draft.figures))[:12])
    return found


def _meant(figure: Figure, asked: str) -> bool:
    wanted = asked.strip().casefold()
    said = figure.text.replace("\u00a0", " ").casefold()
    return wanted in (figure.path.casefold(), said) or wanted in said.split()


def _rows(alliance: Alliance, figure: Figure) -> Iterator[Row]:
    for key in figure.keys:
        project, partner, body = alliance.project.get(key), alliance.partner.get(key), alliance.body.get(key)
        record = project or partner or body
        name = project.title if project else partner.name if partner else body.name if body else ""
        yield Row(key=key, place=str(record.origin.cell("key")) if record else "", name=name)
