"""A body's roster with the attendance list of its next meeting: for the office and for whoever leads the body."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers import facts, seats
from pipeline.papers.draft import Draft
from pipeline.papers.facts import Facts
from pipeline.records import Body

KIND = "roster"
TEMPLATE = "roster.docx"

MEANINGS = {
    "title": "Titel der Liste",
    "date": "Datum, das die Liste trägt",
    **facts.meanings("alliance", "office"),
    **seats.meanings("body"),
    "meeting": "nächstes Treffen des Gremiums; fehlt, wenn keines ansteht",
    "meeting.key": "Nummer des Treffens",
    "meeting.title": "Name des Treffens",
    "meeting.date": "Wochentag und Tag",
    "meeting.time": "Uhrzeit von – bis",
    "meeting.place": "Haus und Raum",
}


def drafts(alliance: Alliance) -> Iterator[Draft]:
    """One roster for each body, in the table's order."""
    settings = alliance.settings
    for body in alliance.bodies:
        key = f"{KIND}/{body.key}"
        meeting = _next(alliance, body)
        yield Draft(
            key=key, kind=KIND, subject=f"Mitglieder und Anwesenheitsliste: {body.name}", template=TEMPLATE, stem=facts.stem(key, body.name),
            date=settings.alliance.date, author=settings.office.name,
            records=(*seats.records(alliance, body), *((str(meeting["key"]),) if meeting else ())),
            context={"title": body.name, "date": wording.date(settings.alliance.date), "alliance": facts.alliance_facts(settings),
                     "office": facts.office_facts(settings), "body": seats.body_facts(alliance, body), "meeting": meeting},
        )


def _next(alliance: Alliance, body: Body) -> Facts | None:
    meeting = next((meeting for meeting in alliance.upcoming() if meeting.body == body.key), None)
    if meeting is None:
        return None
    return {"key": meeting.key, "title": meeting.title, "date": wording.weekday_date(meeting.date),
            "time": wording.period(meeting.start, meeting.end), "place": meeting.place}
