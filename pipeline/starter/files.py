"""What a new workspace holds: settings that explain themselves, empty tables, neutral templates."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pipeline.starter.neutral import neutral, worded
from pipeline.tables.columns import TABLES
from pipeline.tables.forms import empty_table
from pipeline.tables.guide import guide

REST = "# Wie Schreiben das Haus verlassen."      # from here the settings say nothing of the alliance itself
COMMENTS = 37      # column at which the comments beside values stand
_README = """# Die Tabellen

Hier liegen die Tabellen, aus denen alle Papiere entstehen, und `alliance.toml` mit den Einstellungen, die dort Zeile für Zeile
erläutert sind. Kein Papier enthält eine Zahl, die nicht hier gezählt oder hier eingetragen wurde.

1. In `topics.xlsx` die Themen eintragen, je Zeile eines, mit einem kurzen Kürzel.
2. In `partners.xlsx` die Partner eintragen. Wer den Status „Interessensbekundung“ hat, bekommt ein Memorandum.
3. `gremium check` nennt jeden Fehler mit Datei, Blatt und Zelle; `gremium build` erstellt die Papiere.

Eine Nummer (`P-001`) wird nur einmal vergeben und nie ein zweites Mal: Auf ihr beruhen Dateinamen und Verweise. Dunkle Überschriften
müssen ausgefüllt sein. Wo es wenige mögliche Werte gibt, öffnet die Zelle eine Auswahlliste; wer auf eine Überschrift zeigt, liest, was
gemeint ist.

"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What must be known of an alliance, association or committee to begin."""

    name: str
    city: str
    street: str = ""
    postcode: str = ""
    email: str
    phone: str = ""
    initiators: Sequence[str]
    date: dt.date


def workspace_files(beginning: Beginning, shipped: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the new workspace with its path in it; `shipped` is where the templates and the example lie."""
    rest = (shipped / "inputs" / "alliance.toml").read_text("utf-8").partition(REST)
    yield "inputs/alliance.toml", (settings(beginning) + _adapted(rest[1] + rest[2], beginning)).encode("utf-8")
    yield "inputs/README.md", (_README + worded(guide()) + "\n").encode("utf-8")
    for table in TABLES:
        yield f"inputs/{table}.xlsx", empty_table(table)
    for path in sorted((shipped / "templates").rglob("*")):
        if path.is_file() and not path.name.startswith((".", "~$")):
            data = path.read_bytes()
            yield f"templates/{path.relative_to(shipped / 'templates').as_posix()}", neutral(data) if path.suffix == ".docx" else data


def settings(beginning: Beginning) -> str:
    """The first part of the settings, with what is known."""
    text = (files("pipeline.starter") / "alliance.toml").read_text("utf-8")
    values = {
        "name": _toml(beginning.name), "city": _toml(beginning.city), "date": beginning.date.isoformat(), "street": _toml(beginning.street),
        "postcode": _toml(beginning.postcode), "phone": _toml(beginning.phone), "email": _toml(beginning.email),
        "office": _toml(f"Geschäftsstelle {beginning.name}"), "initiators": "\n".join(_initiators(beginning.initiators)),
    }
    filled = re.sub(r"\{(\w+)\}", lambda found: values[found[1]], text)
    return re.sub(r"^(\w+ = (?:\"[^\"\n]*\"|[\d-]+)) {2,}(#.*)$", lambda found: f"{found[1]:{COMMENTS}}{found[2]}", filled, flags=re.MULTILINE)


def _initiators(names: Sequence[str]) -> Iterator[str]:
    for key, name in keys(names).items():
        yield (f"[[initiators]]\nkey = {_toml(key)}\nname = {_toml(name)}\nshort = \"\"\n\n"
               "[[initiators.signatories]]\nfunction = \"Leitung\"                 # wer zeichnet, und in welcher Funktion\nname = \"\"\n")


def keys(names: Sequence[str]) -> Mapping[str, str]:
    """A short ASCII key for each initiator, from the first word that tells them apart: "Stadt Kiel" → "stadt"."""
    found: dict[str, str] = {}
    for name in names:
        plain = unicodedata.normalize("NFKD", name.lower().translate({ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}))
        words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode()) or ["initiator"]
        telling = [word for word in words if not word.isdigit()]
        candidates = (*telling, *words, "-".join(words), *(f"{words[0]}-{number}" for number in range(2, len(names) + 3)))
        found[next(word for word in candidates if word not in found and word != "partner")] = name
    return found


def _toml(text: str) -> str:
    """A basic string of TOML without control characters; JSON's escapes are among those it knows."""
    spoken = "".join(letter for letter in " ".join(text.split()) if unicodedata.category(letter)[0] != "C")
    return json.dumps(spoken, ensure_ascii=False)


def _adapted(rest: str, beginning: Beginning) -> str:
    """The settings that are the same everywhere, with the example's own names taken out."""
    rest = re.sub(r'^sender_name = ".*"', lambda _: f"sender_name = {_toml(f'Geschäftsstelle {beginning.name}')}", rest, flags=re.MULTILINE)
    first, *others = keys(beginning.initiators)
    second, third = [*others, "zweiter", "dritter"][:2]
    for old, new in (("stadt", first), ("ihk", second), ("cisco", third)):
        rest = re.sub(rf"^# {old} =", f"# {new} =", rest, flags=re.MULTILINE).replace(f"schluessel/{old}.", f"schluessel/{new}.")
    return rest.replace("GREMIUM_PASSPHRASE_STADT", f"GREMIUM_PASSPHRASE_{first.upper().replace('-', '_')}").replace(
        "der Name der Allianz", "der Name oben").replace("OB-Signatur 4:PN", "Signatur 4:PN")
