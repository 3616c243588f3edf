"""What has happened since: the memoranda's progress, what changed after the last submission, what was decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline import wording
from pipeline.alliance import Alliance
from pipeline.papers.draft import Value
from pipeline.papers.facts import Facts
from pipeline.records import Decision, Outcome, PartnerStatus, Progress, ProjectStatus, Submission

STEPS = (("prepared", "vorbereitet"), ("sent", "versandt"), ("returned", "zurückgekommen"),
         ("begun", "von mindestens einer Partei unterzeichnet"), ("signed", "von allen Parteien unterzeichnet"))
STATES = {None: "vorgeschlagen", Outcome.ADOPTED: "beauftragt", Outcome.AMENDED: "mit Änderungen beauftragt",
          Outcome.POSTPONED: "vertagt", Outcome.REJECTED: "abgelehnt"}

MEANINGS = {
    "memoranda": "Stand der Memoranden nach dem Verzeichnis; fehlt, solange er nicht gezählt wurde",
    "memoranda.day": "Tag, an dem gezählt wurde",
    "memoranda.steps": "wie weit die Memoranden sind",
    "memoranda.steps[].name": "vorbereitet, versandt, zurückgekommen, unterzeichnet",
    "memoranda.steps[].count": "Zahl der Memoranden; „keines“ bei null",
    "former": "was sich seit der letzten Vorlage geändert hat; fehlt bei der ersten Vorlage",
    "former.session": "Tag der Sitzung, der zuletzt eine Vorlage zuging",
    "former.rows": "dieselben Zahlen damals und jetzt",
    "former.rows[].name": "was gezählt ist",
    "former.rows[].before": "Zahl in der letzten Vorlage; „nicht gezählt“ ohne Angabe",
    "former.rows[].now": "Zahl in dieser Vorlage; „nicht gezählt“ ohne Angabe",
    "former.rows[].change": "Unterschied mit Vorzeichen; „unverändert“ ohne einen",
    "former.joined": "Organisationen, die seitdem hinzugekommen sind",
    "former.left": "Zahl der Organisationen, die seitdem ausgeschieden sind; leer bei keiner",
    "former.reported": "seitdem gemeldete Projekte",
    "former.reported[].key": "Projektnummer",
    "former.reported[].title": "Titel",
    "former.reported[].status": "Stand",
    "former.moved": "Projekte, deren Stand sich geändert hat",
    "former.moved[].key": "Projektnummer",
    "former.moved[].title": "Titel",
    "former.moved[].before": "Stand in der letzten Vorlage",
    "former.moved[].now": "Stand jetzt",
    "decided": "Pilotprojekte, über die der Rat schon beschlossen hat",
    "decided[].key": "Projektnummer",
    "decided[].title": "Titel",
    "decided[].session": "Tag des Beschlusses",
    "decided[].state": "beauftragt, vertagt oder abgelehnt",
    "decided[].status": "Stand des Projekts",
    "decided[].consortium": "Konsortium; „noch offen“ ohne eines",
}


def memoranda(progress: Progress | None) -> Facts | None:
    """The memoranda's progress with the day it was counted; None while nobody has counted."""
    if progress is None:
        return None
    return {"day": wording.date(progress.day),
            "steps": [{"name": name, "count": _counted(len(getattr(progress, step)))} for step, name in STEPS]}


def _counted(number: int) -> str:
    return wording.number(number) if number else "keines"


def changes(alliance: Alliance) -> Facts | None:
    """What is different from the last submission; None when there was none."""
    former = alliance.former
    if former is None:
        return None
    return {"session": wording.date(former.session), "rows": _rows(alliance, former), **_named(alliance, former)}


Count = Callable[[Submission], int | None]


def _status(status: ProjectStatus) -> Count:
    return lambda made: sum(said == status for said in made.projects.values())


def _step(step: str) -> Count:
    return lambda made: len(getattr(made.progress, step)) if made.progress else None


_COUNTS: tuple[tuple[str, Count], ...] = (
    ("Organisationen in der Allianz", lambda made: len(made.partners)),
    ("davon mit Interessensbekundung", lambda made: len(made.interested)),
    ("Projekte der Erhebung", lambda made: len(made.projects)),
    *((f"davon {status}", _status(status)) for status in (ProjectStatus.RUNNING, ProjectStatus.PLANNED, ProjectStatus.DONE)),
    ("vorgeschlagene Pilotprojekte", lambda made: len(made.pilots)),
    *((f"Memoranden, {name}", _step(step)) for step, name in STEPS[1:]),
)


def _rows(alliance: Alliance, former: Submission) -> list[Value]:
    present = Submission(
        session=former.session, date=former.date, partners=tuple(_present(alliance)),
        interested=tuple(partner.key for partner in alliance.interested),
        projects={project.key: str(project.status) for project in alliance.projects},
        pilots=tuple(pilot.key for pilot in alliance.proposals), progress=alliance.progress)
    return [{"name": name, "before": _said(count(former)), "now": _said(count(present)), "change": _change(count(former), count(present))}
            for name, count in _COUNTS]


def _present(alliance: Alliance) -> Sequence[str]:
    return [partner.key for partner in alliance.partners if partner.status is not PartnerStatus.LEFT]


def _said(number: int | None) -> str:
    return "nicht gezählt" if number is None else wording.number(number)


def _change(before: int | None, now: int | None) -> str:
    if before is None or now is None:
        return "–"
    if before == now:
        return "unverändert"
    return f"{'+' if now > before else '−'}{wording.number(abs(now - before))}"


def _named(alliance: Alliance, former: Submission) -> Facts:
    here = _present(alliance)
    names = sorted((alliance.partner[key].name for key in here if key not in former.partners), key=wording.sort_key)
    left = len([key for key in former.partners if key not in here])
    return {
        "joined": list(names), "left": wording.number(left) if left else "",
        "reported": [{"key": project.key, "title": project.title, "status": str(project.status)}
                     for project in alliance.projects if project.key not in former.projects],
        "moved": [{"key": project.key, "title": project.title, "before": former.projects[project.key], "now": str(project.status)}
                  for project in alliance.projects if former.projects.get(project.key, str(project.status)) != str(project.status)],
    }


def decided(alliance: Alliance) -> list[Value]:
    """The pilots with a decision of a former session."""
    found: list[Value] = []
    for pilot in alliance.pilots:
        decision = alliance.decided(pilot.key)
        if decision is not None:
            body = alliance.body.get(pilot.body)
            found.append({"key": pilot.key, "title": pilot.title, "session": wording.date(decision.session),
                          "state": STATES[decision.pilots[pilot.key]], "status": str(pilot.status),
                          "consortium": body.name if body else "noch offen"})
    return found


def votes(decision: Decision) -> str:
    """How the vote went, as a sentence names it: "50 Ja, 20 Nein, 3 Enthaltungen"; "" when it is not recorded."""
    said = ((decision.ayes, "Ja-Stimme", "Ja-Stimmen"), (decision.noes, "Nein-Stimme", "Nein-Stimmen"),
            (decision.abstentions, "Enthaltung", "Enthaltungen"))
    return ", ".join(f"{wording.number(number)} {one if number == 1 else many}" for number, one, many in said if number is not None)
