"""Figures and proposals that contradict each other: each rule a function over the alliance, each a finding with its place.

What a table alone can tell is checked where tables are read; here stands what only the council's paper brings together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from pipeline.alliance import Alliance
from pipeline.findings import Finding, Severity
from pipeline.records import BodyKind, Place, Project, ProjectStatus
from pipeline.settings import CouncilSettings
from pipeline.workspace import SETTINGS

Rule = Callable[[Alliance, CouncilSettings], Iterator[Finding]]

# Nouns whose number the tables tell. „Partner“ is not among them: it may mean those present or those interested.
_COUNTED: Mapping[str, Callable[[Alliance], int]] = {
    "Projekte": lambda alliance: len(alliance.projects),
    "Topthemen": lambda alliance: len(alliance.topics),
    "Expertenteams": lambda alliance: len(alliance.bodies_of(BodyKind.EXPERT_TEAM)),
    "Konsortien": lambda alliance: len(alliance.bodies_of(BodyKind.CONSORTIUM)),
    "Pilotprojekte": lambda alliance: len(alliance.pilots),
    "Interessensbekundungen": lambda alliance: len(alliance.interested),
}
_TYPED = re.compile(rf"\b(\d+)\s+({'|'.join(_COUNTED)})n?\b")


def contradictions(alliance: Alliance) -> tuple[Finding, ...]:
    """Everything that does not fit together; nothing without council settings."""
    council = alliance.settings.council
    return () if council is None else tuple(finding for rule in RULES for finding in rule(alliance, council))


def figures_in_settings_agree(alliance: Alliance, council: CouncilSettings) -> Iterator[Finding]:
    """A number typed into the settings says what the tables count."""
    texts = [("alliance.purpose", text) for text in alliance.settings.alliance.purpose]
    texts += [("council.next_steps", text) for text in council.next_steps]
    texts += [("council.subject_detail", council.subject_detail), ("council.climate", council.climate)]
    for name, text in texts:
        for typed in _TYPED.finditer(text):
            counted = _COUNTED[typed[2]](alliance)
            if int(typed[1]) != counted:
                yield Finding(place=_setting(name), rule="figure", value=typed[0], severity=Severity.WARNING,
                              message=f"„{typed[0]}“ widerspricht den Tabellen: Gezählt sind {counted}",
                              hint="Die Zahl streichen; die Papiere zählen selbst.")


def money_fits(alliance: Alliance, _: CouncilSettings) -> Iterator[Finding]:
    """The city's share is not larger than the whole."""
    for pilot in alliance.pilots:
        if pilot.cost is not None and pilot.own_funds is not None and pilot.own_funds > pilot.cost:
            yield replace(_doubt(pilot, "own_funds", "Der städtische Anteil ist höher als die Gesamtkosten", "Einen der Beträge berichtigen."),
                          rule="figure", value=str(pilot.own_funds), severity=Severity.ERROR, subject=pilot.key)


def pilots_can_be_proposed(alliance: Alliance, _: CouncilSettings) -> Iterator[Finding]:
    """A proposal has a consortium and a cost, takes place here, and has not ended."""
    for pilot in alliance.proposals:
        body = alliance.body.get(pilot.body)
        if body is None:
            yield _doubt(pilot, "body", "Der Pilotvorschlag hat kein Konsortium", "Eintragen; sonst steht dort „noch offen“.")
        elif body.kind is not BodyKind.CONSORTIUM:
            yield _doubt(pilot, "body", f"„{body.name}“ ist kein Konsortium", "Das Konsortium des Pilotvorschlags eintragen.")
        if pilot.cost is None:
            yield _doubt(pilot, "cost", "Der Pilotvorschlag nennt keine Kosten", "Eintragen; sonst steht dort „nicht beziffert“.")
        if not pilot.local:
            yield _doubt(pilot, "place", f"Der Pilotvorschlag soll an einem anderen Ort erprobt werden: {pilot.place}",
                         "Den Ort prüfen; der Rat kann nur Erprobungen vor Ort beauftragen.")
        if pilot.status is ProjectStatus.DONE:
            yield _doubt(pilot, "status", "Der Pilotvorschlag ist schon abgeschlossen", "Den Status prüfen, oder „Pilot“ leeren.")


def infrastructure_is_asked_for(alliance: Alliance, council: CouncilSettings) -> Iterator[Finding]:
    """What the resolution allows is what the pilots need, no less and no more."""
    if not council.infrastructure:
        return
    listed = {item.casefold() for item in council.infrastructure}
    needed: set[str] = set()
    for pilot in alliance.proposals:
        for item in filter(None, (part.strip() for part in re.split(r"[;\n]", pilot.infrastructure))):
            needed.add(item.casefold())
            if item.casefold() not in listed:
                yield _doubt(pilot, "infrastructure", f"„{item}“ fehlt im Beschlussvorschlag",
                             "In inputs/alliance.toml unter council.infrastructure ergänzen.")
    for item in council.infrastructure:
        if alliance.proposals and item.casefold() not in needed:
            yield Finding(place=_setting("council.infrastructure"), rule="infrastructure", value=item, severity=Severity.WARNING,
                          message=f"„{item}“ soll genutzt werden dürfen, aber kein Pilotvorschlag braucht es",
                          hint="Streichen, oder beim Pilotvorschlag eintragen.")


def the_route_is_there(_: Alliance, council: CouncilSettings) -> Iterator[Finding]:
    """The paper has a route, and it ends at the body it is addressed to."""
    if not council.route:
        yield Finding(place=_setting("council.route"), rule="route", severity=Severity.WARNING, message="Die Beratungsfolge fehlt",
                      hint="Je Station einen Abschnitt [[council.route]] mit Gremium, Tag und Zuständigkeit anlegen.")
    elif council.route[-1].body != council.body:
        yield Finding(place=_setting("council.route"), rule="route", severity=Severity.WARNING, value=council.route[-1].body,
                      message=f"Die Beratungsfolge endet nicht beim Organ der Vorlage ({council.body})",
                      hint="Die letzte Station und council.body gleich schreiben.")


def there_is_something_to_propose(alliance: Alliance, _: CouncilSettings) -> Iterator[Finding]:
    """Without pilots the council can only take note."""
    if not alliance.pilots:
        yield Finding(place=_setting("council"), rule="pilot", severity=Severity.WARNING, message="Kein Projekt ist als Pilot vorgeschlagen",
                      hint="Die Vorlage bittet dann nur um Kenntnisnahme; sonst in projects die Spalte „Pilot“ füllen.")


def topics_have_projects(alliance: Alliance, _: CouncilSettings) -> Iterator[Finding]:
    """A topic without a project is worth a look: often its key is misspelt in the projects."""
    for topic in alliance.topics:
        if alliance.projects and not alliance.projects_on(topic.key):
            yield Finding(place=topic.origin.cell("key"), rule="topic", value=topic.key, severity=Severity.NOTE,
                          message=f"Zum Topthema „{topic.name}“ ist kein Projekt verzeichnet", hint="Das Kürzel in projects vergleichen.")


def _setting(name: str) -> Place:
    return Place(file=SETTINGS, column=name)


def _doubt(pilot: Project, field: str, message: str, hint: str) -> Finding:
    return Finding(place=pilot.origin.cell(field), rule="pilot", message=message, hint=hint, severity=Severity.WARNING)


RULES: tuple[Rule, ...] = (
    figures_in_settings_agree, money_fits, pilots_can_be_proposed, infrastructure_is_asked_for, the_route_is_there,
    there_is_something_to_propose, topics_have_projects,
)
