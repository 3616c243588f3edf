"""The pilot proposals: what they ask for, and what of it is stated. Not stated is never zero."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers.facts import Facts, topic_name
from pipeline.records import Project

OPEN = "nicht beziffert"
UNSETTLED = "noch offen"

MEANINGS = {
    "pilots[].key": "Projektnummer",
    "pilots[].title": "Titel des Pilotprojekts",
    "pilots[].topic": "Topthema",
    "pilots[].status": "Stand",
    "pilots[].place": "Ort",
    "pilots[].carrier": "Träger",
    "pilots[].summary": "Kurzbeschreibung",
    "pilots[].consortium": "Konsortium; „noch offen“, wenn keines zugeordnet ist",
    "pilots[].partners": "beteiligte Organisationen als Aufzählung",
    "pilots[].seeks": "welche Partner gesucht werden; leer, wenn keine",
    "pilots[].infrastructure": "erbetene städtische Infrastruktur",
    "pilots[].aim": "Ziel des Pilotprojekts; leer, wenn keines angegeben ist",
    "pilots[].funding": "Förderung und Mittel Dritter oder „noch offen“",
    "pilots[].duration": "Laufzeit oder „noch offen“",
    "pilots[].success": "woran sich der Erfolg messen lässt",
    "pilots[].risks": "was das Pilotprojekt gefährden kann",
    "pilots[].privacy": "ob und wie personenbezogene Daten verarbeitet werden; leer, wenn noch nicht geprüft",
    "pilots[].cost": "Gesamtkosten oder „nicht beziffert“",
    "pilots[].own_funds": "Anteil der Stadt oder „nicht beziffert“",
    "pilots[].staff": "Stellen der Stadt oder „nicht beziffert“",
}
EFFECTS = {f"effects.{name}.{part}": f"{what}: {meaning}" for name, what in (
    ("cost", "Gesamtkosten"), ("own_funds", "Anteil der Stadt"), ("staff", "Stellen der Stadt"),
) for part, meaning in (
    ("stated", "Zahl der Pilotvorschläge, die sie beziffern"), ("open", "Zahl der Pilotvorschläge, die sie nicht beziffern"),
    ("sum", "Summe der bezifferten Angaben"), ("none", "wahr, wenn alle Angaben null lauten"),
)}


def pilot_facts(alliance: Alliance, pilot: Project) -> Facts:
    """One pilot in short, with organisations and no people."""
    body = alliance.body.get(pilot.body)
    partners = [alliance.partner[key].name for key in pilot.partners if key in alliance.partner]
    return {
        "key": pilot.key, "title": pilot.title, "topic": topic_name(alliance, pilot.topic), "status": str(pilot.status),
        "place": pilot.place, "carrier": pilot.carrier, "summary": pilot.summary, "consortium": body.name if body else UNSETTLED,
        "partners": wording.listing(partners) or UNSETTLED, "seeks": pilot.seeks,
        "infrastructure": pilot.infrastructure or "keine angegeben",
        "aim": pilot.aim, "funding": pilot.funding or UNSETTLED, "duration": pilot.duration or UNSETTLED,
        "success": list(pilot.success), "risks": list(pilot.risks), "privacy": pilot.privacy,
        "cost": money(pilot.cost), "own_funds": money(pilot.own_funds), "staff": posts(pilot.staff),
    }


def money(amount: Decimal | None) -> str:
    """An amount, or that it is not stated."""
    return OPEN if amount is None else wording.euro(amount)


def posts(number: Decimal | None) -> str:
    """Full-time posts, or that they are not stated."""
    return OPEN if number is None else wording.number(number.normalize())


def effects(pilots: Sequence[Project]) -> Facts:
    """What the pilots ask for, summed over those that state it."""
    return {
        "count": len(pilots),
        "cost": _summed([pilot.cost for pilot in pilots], wording.euro),
        "own_funds": _summed([pilot.own_funds for pilot in pilots], wording.euro),
        "staff": _summed([pilot.staff for pilot in pilots], posts),
    }


def _summed(values: Sequence[Decimal | None], worded: Callable[[Decimal], str]) -> Facts:
    stated = [value for value in values if value is not None]
    total = sum(stated, Decimal(0))
    return {
        "stated": len(stated), "open": len(values) - len(stated),
        "sum": worded(total) if stated else OPEN,
        "none": bool(stated) and total == 0,
    }
