"""The poster for the gallery walk: one for each project of the survey, on one large sheet. Organisations only."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from pipeline import qr, wording
from pipeline.alliance import Alliance
from pipeline.papers import facts
from pipeline.papers.draft import Draft
from pipeline.records import Picture, Project
from pipeline.settings import Office

KIND = "poster"
TEMPLATE = "poster.docx"
CODE = 46               # millimetres of the code on A3; on A1 it is read from three steps away
CONTRAST = 4.5          # of text on its ground (WCAG 2.1, 1.4.3)

MEANINGS = {
    "title": "Titel des Projekts",
    "date": "Datum, das das Plakat trägt",
    **facts.meanings("alliance", "office"),
    "key": "Projektnummer",
    "topic.name": "Name des Topthemas",
    "topic.colour": "Farbe des Topthemas, sechs Stellen: B45309",
    "topic.dark": "wahr, wenn auf dieser Farbe weiße Schrift zu lesen ist",
    "status": "laufend, geplant oder abgeschlossen",
    "pilot": "wahr, wenn das Projekt dem Rat als Pilot vorgeschlagen ist",
    "place": "Ort des Projekts",
    "transferable": "wahr, wenn sich das Projekt von anderswo übertragen lässt",
    "carrier": "Träger des Projekts",
    "partners": "Namen der beteiligten Partner; leer ohne Partner",
    "summary": "Kurzbeschreibung; leer ohne eine",
    "seeks": "welche Partner gesucht werden; leer, wenn keine",
    "code": "QR-Code: beginnt eine E-Mail an die Geschäftsstelle zu diesem Projekt",
}


def drafts(alliance: Alliance) -> Iterator[Draft]:
    """One poster for each project, in the table's order."""
    settings = alliance.settings
    alliance_facts, office = facts.alliance_facts(settings), facts.office_facts(settings)
    for project in alliance.projects:
        key = f"{KIND}/{project.key}"
        yield Draft(
            key=key, kind=KIND, subject=f"Plakat: {project.title}", template=TEMPLATE, stem=facts.stem(key, project.title),
            date=settings.alliance.date, public=True, author=settings.office.name,
            records=(project.key, *project.partners, *filter(None, (project.topic,))),
            context={
                "title": project.title, "date": wording.date(settings.alliance.date), "alliance": alliance_facts, "office": office,
                "key": project.key, "topic": _topic(alliance, project), "status": str(project.status), "pilot": project.pilot,
                "place": project.place, "transferable": project.transferable, "carrier": project.carrier,
                "partners": [alliance.partner[partner].name for partner in project.partners if partner in alliance.partner],
                "summary": project.summary, "seeks": project.seeks, "code": _code(settings.office, project),
            },
        )


def _topic(alliance: Alliance, project: Project) -> facts.Facts:
    topic = alliance.topic.get(project.topic)
    colour = topic.colour if topic else "#14505C"
    return {"name": facts.topic_name(alliance, project.topic), "colour": colour.lstrip("#").upper(), "dark": _dark(colour)}


def _dark(colour: str) -> bool:
    """White letters can be read on it: its luminance by WCAG 2.1."""
    parts = (int(colour.lstrip("#")[place:place + 2], 16) / 255 for place in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= CONTRAST


def _code(office: Office, project: Project) -> Picture:
    text = f"mailto:{office.email}?subject={quote(f'{project.key} {project.title}')}"
    return qr.picture(text, name="contact", alt=f"QR-Code: E-Mail an {office.email} zum Projekt {project.key}", size=CODE)
