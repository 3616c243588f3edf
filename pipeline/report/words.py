"""The words in which people read where something stands, each with the sign that goes before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from pipeline.findings import Severity

BERLIN = ZoneInfo("Europe/Berlin")

STATE_WORDS: Mapping[str, str] = {
    "blocked": "zurückgehalten", "missing": "fehlt", "stale": "veraltet", "rejected": "zurückgewiesen", "outdated": "Freigabe überholt",
    "fresh": "erstellt", "approved": "freigegeben", "signed": "unterschrieben", "issued": "ausgegeben", "returned": "zurück",
    "concluded": "abgeschlossen", "orphaned": "ohne Zeile",
}

# In the order of the page: what nobody knows the fate of, then what failed, what waits, what is through.
MESSAGE_WORDS: Mapping[str, str] = {
    "unknown": "Verbleib unklar", "failed": "gescheitert", "deferred": "zurückgestellt", "sending": "im Versand", "claimed": "in Arbeit",
    "frozen": "eingefroren", "sent": "versandt", "printed": "gedruckt", "posted": "zur Post gegeben", "withdrawn": "zurückgezogen",
}

SEVERITY_WORDS: Mapping[Severity, tuple[str, str]] = {
    Severity.ERROR: ("Fehler", "Fehler"), Severity.WARNING: ("Warnung", "Warnungen"), Severity.NOTE: ("Hinweis", "Hinweise"),
}

# How a state looks: held back, to be done, under way, done; each look has its own sign, so that no colour is needed.
LOOKS: Mapping[str, str] = {
    "blocked": "held", "orphaned": "held", "rejected": "held", "unknown": "held", "failed": "held", "error": "held",
    "missing": "open", "stale": "open", "outdated": "open", "deferred": "open", "warning": "open",
    "fresh": "going", "approved": "going", "signed": "going", "issued": "going", "returned": "going", "frozen": "going", "printed": "going",
    "claimed": "going", "sending": "going", "note": "going", "withdrawn": "going",
    "concluded": "done", "sent": "done", "posted": "done",
}


def state_words(state: str) -> str:
    """A paper's state as people read it: "signed 3/5" is "unterschrieben 3 von 5"."""
    name, _, count = state.partition(" ")
    return f"{STATE_WORDS.get(name, name)} {count.replace('/', ' von ')}".strip()


def look(state: str) -> str:
    """The class of its sign; a state nobody has a sign for is under way."""
    return LOOKS.get(state.partition(" ")[0], "going")


def moment(stamp: str) -> str:
    """A time of the ledger on clocks in Berlin: "23.11.2026, 10:50 Uhr"; "" for none."""
    if not stamp:
        return ""
    return f"{dt.datetime.fromisoformat(stamp).astimezone(BERLIN):%d.%m.%Y, %H:%M} Uhr"


def number(count: int) -> str:
    """A whole number with points between its thousands."""
    return f"{count:,}".replace(",", ".")


def some(count: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number(count)} {one if count == 1 else many}"
