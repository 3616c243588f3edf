"""Rules on bodies, initiators and the way of the council paper."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pipeline.alliance import Alliance
from pipeline.findings import Finding, Severity
from pipeline.records import Competence, Place
from pipeline.workspace import SETTINGS

_WEEKDAYS = ("montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag")


def _setting(name: str) -> Place:
    return Place(file=SETTINGS, column=name)


def bodies_have_a_contact(alliance: Alliance) -> Iterator[Finding]:
    """Each body names somebody whom others may turn to."""
    for body in alliance.bodies:
        if not body.contact:
            yield Finding(place=body.origin.cell("contact"), rule="contact", severity=Severity.WARNING,
                          message=f"Das Gremium {body.key} hat keine Ansprechperson; genannt wird die Geschäftsstelle",
                          hint="Die Nummer einer Person eintragen.")


def initiators_have_signatories(alliance: Alliance) -> Iterator[Finding]:
    """Who signs for an initiator is known; if not, it is an open point of the papers."""
    for number, initiator in enumerate(alliance.settings.initiators, start=1):
        if not initiator.signatories:
            yield Finding(place=_setting(f"initiators.{number}.signatories"), rule="signatory", severity=Severity.NOTE,
                          message=f"Offen ist, wer für {initiator.name} zeichnet",
                          hint="Sobald die Vertretungsmacht geklärt ist, die Unterzeichnenden eintragen.")


def the_route_leads_to_a_decision(alliance: Alliance) -> Iterator[Finding]:
    """The stages stand in the order of their dates, and exactly one decides: the last."""
    council = alliance.settings.council
    if council is None or not council.route:
        return
    route = council.route
    for number, (before, after) in enumerate(pairwise(route), start=2):
        if after.date < before.date:
            yield Finding(place=_setting(f"council.route.{number}.date"), rule="route", value=after.date.isoformat(),
                          message=f"{after.body} am {after.date:%d.%m.%Y} steht nach {before.body} am {before.date:%d.%m.%Y}",
                          hint="Die Beratungsfolge nach Datum ordnen.")
    for number, stage in enumerate(route, start=1):
        weekday = _WEEKDAYS[stage.date.weekday()]
        said = stage.weekday.casefold().replace("sonnabend", "samstag")
        if said and said != weekday:
            yield Finding(place=_setting(f"council.route.{number}.weekday"), rule="weekday", value=stage.weekday,
                          message=f"Der {stage.date:%d.%m.%Y} ist ein {weekday.capitalize()}, nicht {stage.weekday}",
                          hint="Datum oder Wochentag berichtigen.")
    deciding = [number for number, stage in enumerate(route, start=1) if stage.competence is Competence.DECIDES]
    if deciding != [len(route)]:
        wrong = "Keine Station beschließt" if not deciding else "Mehr als eine Station beschließt" if len(deciding) > 1 else \
            "Die beschließende Station ist nicht die letzte"
        yield Finding(place=_setting("council.route"), rule="route", message=f"{wrong} in der Beratungsfolge",
                      hint="Genau eine Station, die letzte, erhält die Zuständigkeit „Beschluss“.")


def the_session_is_the_last_stage(alliance: Alliance) -> Iterator[Finding]:
    """The session named for the paper is the day of the stage that ends the route."""
    council = alliance.settings.council
    if council and council.route and council.route[-1].date != council.session:
        yield Finding(place=_setting("council.session"), rule="route", value=council.session.isoformat(), severity=Severity.WARNING,
                      message=f"Die Sitzung am {council.session:%d.%m.%Y} ist nicht die letzte Station der Beratungsfolge",
                      hint="Sitzungstag oder Beratungsfolge berichtigen.")
