"""Name badges for a meeting: two beside each other, to be cut out; only what a badge needs, no way to reach anybody."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers import facts
from pipeline.papers.draft import Draft, Value
from pipeline.papers.facts import Facts
from pipeline.records import Partner, Person

KIND = "badges"
TEMPLATE = "badges.docx"

MEANINGS = {
    "title": "Titel des Bogens",
    "alliance.name": "Name der Allianz",
    "alliance.motto": "Leitwort der Allianz; leer, wenn keines gesetzt ist",
    "alliance.city": "Stadt der Allianz",
    "meeting.title": "Name des Treffens",
    "meeting.date": "Tag des Treffens",
    "rows": "je zwei Schilder nebeneinander",
    **{f"rows[].{side}.{field}": meaning for side in ("left", "right") for field, meaning in (
        ("name", "Titel, Vor- und Nachname; leer für ein Schild zum Beschriften"), ("organisation", "Organisation; leer auf dem letzten Platz"))},
}


def drafts(alliance: Alliance) -> Iterator[Draft]:
    """One sheet for each meeting still to come to which somebody is invited."""
    settings = alliance.settings
    for meeting in alliance.upcoming():
        invited = alliance.invited(meeting)
        if not invited:
            continue
        key, title = f"{KIND}/{meeting.key}", f"Namensschilder: {meeting.title}"
        yield Draft(
            key=key, kind=KIND, subject=title, template=TEMPLATE, stem=facts.stem(key, meeting.title), date=settings.alliance.date,
            author=settings.office.name,
            records=tuple(dict.fromkeys((meeting.key, *(record.key for pair in invited for record in pair if record)))),
            context={"title": title, "alliance": facts.alliance_facts(settings),
                     "meeting": {"title": meeting.title, "date": wording.date(meeting.date)}, "rows": _rows(invited)},
        )


def _rows(invited: tuple[tuple[Partner, Person | None], ...]) -> list[Value]:
    by_name = sorted(invited, key=lambda item: wording.sort_key(item[1].last_name if item[1] else item[0].name))
    badges = [_badge(partner, person) for partner, person in by_name]
    if len(badges) % 2:
        badges.append({"name": "", "organisation": ""})
    return [{"left": left, "right": right} for left, right in zip(badges[::2], badges[1::2], strict=True)]


def _badge(partner: Partner, person: Person | None) -> Facts:
    return {"name": wording.full_name(person) if person else "", "organisation": partner.short}
