"""`gremium council`: the dossier for the session, how far the memoranda have come, and what the council decided."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.cli.progress import patience

OUTCOMES = ("beschlossen", "geändert beschlossen", "vertagt", "abgelehnt")
HERE = ZoneInfo("Europe/Berlin")


class Day(click.ParamType[dt.date]):
    """A day as JJJJ-MM-TT."""

    name = "datum"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """The day. Raises click.BadParameter."""
        try:
            return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
        except ValueError:
            self.fail("ein Datum wie 2017-06-01 wird gebraucht", param, ctx)


class Apart(click.ParamType[tuple[str, str]]):
    """One pilot with an outcome of its own: J-017=vertagt."""

    name = "pilot"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Key and outcome. Raises click.BadParameter."""
        key, _, outcome = str(value).partition("=")
        if outcome not in OUTCOMES:
            self.fail(f"gebraucht wird PROJEKT=ERGEBNIS mit einem von: {', '.join(OUTCOMES)}", param, ctx)
        return key.strip(), outcome


@click.group("council", cls=click.RichGroup, invoke_without_command=True)
@click.option("--draft", is_flag=True, help="Auch ohne Freigabe und Neubau, als Entwurf gekennzeichnet.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_context
def command(ctx: click.Context, draft: bool, as_json: bool) -> None:
    """Stellt Vorlage, Anlagen und ihre OParl-Beschreibung zu einer Mappe und einem ZIP zusammen und nennt, was noch offen ist.

    Nur freigegebene, aktuelle Papiere gehen hinein; mit --draft auch andere, als Entwurf gekennzeichnet.

    Beispiele: gremium council · gremium council --draft
    """
    if ctx.invoked_subcommand is None:
        _dossier(ctx.obj, draft, as_json)


def _dossier(desk: Desk, draft: bool, as_json: bool) -> None:
    from pipeline.build.plan import State
    from pipeline.council.dossier import dossier, submitted
    from pipeline.council.memory import note_submission, submission
    with desk.ledger() as ledger:
        stale = [entry.key for entry in desk.plan(ledger).entries if entry.state not in (State.FRESH, State.ORPHANED)]
        papers = submitted(desk.workspace, desk.drafts, ledger, stale)
        with patience("Die Mappe wird zusammengestellt", quiet=desk.quiet):
            done = dossier(desk.workspace, desk.alliance, papers, draft=draft)
        made = None if draft else submission(desk.alliance)
        if made:
            note_submission(ledger, made, desk.now())
    if as_json:
        desk.give({"folder": desk.workspace.relative(done.folder), "files": list(done.files), "open": list(done.open_points),
                   "changed": done.changed})
    desk.say(f"{done.folder}{'' if done.changed else ' (unverändert)'}: {len(done.files)} Dateien")
    if done.open_points:
        desk.say("Noch offen:")
        for point in done.open_points:
            desk.say(f"  · {point}")


@command.command("state", short_help="zählt, wie weit die Memoranden sind, für die Vorlage")
@click.option("--day", type=Day(), help="Tag des Standes, der in der Vorlage steht; sonst heute.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def state(desk: Desk, day: dt.date | None, as_json: bool) -> None:
    """Zählt im Verzeichnis, wie viele Memoranden versandt, zurückgekommen und unterzeichnet sind, und hält den Stand fest.

    Die Vorlage nennt den zuletzt festgehaltenen Stand mit seinem Tag; danach ist sie neu zu erstellen und freizugeben.

    Beispiel: gremium council state
    """
    from pipeline.council.memory import count, note_progress
    from pipeline.papers.history import STEPS
    with desk.ledger() as ledger:
        progress = count(desk.drafts, ledger, day or desk.now().astimezone(HERE).date())
        new = note_progress(ledger, progress, desk.now())
    counted = {step: len(getattr(progress, step)) for step, _ in STEPS}
    if as_json:
        desk.give({"day": progress.day.isoformat(), **counted, "new": new})
    desk.say(f"Stand {progress.day:%d.%m.%Y}{'' if new else ' (schon festgehalten)'}: "
             + ", ".join(f"{counted[step]} {name}" for step, name in STEPS))


@command.command("result", short_help="hält fest, was der Rat beschlossen hat")
@click.argument("outcome", metavar="ERGEBNIS", type=click.Choice(OUTCOMES))
@click.option("--session", type=Day(), help="Tag der Sitzung; sonst der in alliance.toml.")
@click.option("--ayes", type=int, metavar="N", help="Ja-Stimmen.")
@click.option("--noes", type=int, metavar="N", help="Nein-Stimmen.")
@click.option("--abstentions", type=int, metavar="N", help="Enthaltungen.")
@click.option("--amendment", multiple=True, metavar="TEXT", help="Wortlaut einer Änderung; mehrfach möglich.")
@click.option("--pilot", "apart", multiple=True, type=Apart(), metavar="PROJEKT=ERGEBNIS",
              help="Pilotprojekt mit anderem Ergebnis; mehrfach möglich.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def result(desk: Desk, outcome: str, session: dt.date | None, ayes: int | None, noes: int | None, abstentions: int | None,
           amendment: tuple[str, ...], apart: tuple[tuple[str, str], ...], as_json: bool) -> None:
    """Hält den Beschluss mit Abstimmung und Änderungen fest: beschlossen, „geändert beschlossen“, vertagt oder abgelehnt.

    Danach erstellt „gremium build excerpt“ die Auszüge für die Konsortien.

    Beispiel: gremium council result beschlossen --ayes 61 --noes 20 --pilot J-059=vertagt
    """
    from pipeline.council.dossier import NoCouncil
    from pipeline.council.result import decide
    from pipeline.records import Decision, Outcome
    council = desk.workspace.settings.council
    if council is None:
        raise NoCouncil
    with desk.ledger() as ledger:
        decision, new = decide(ledger, Decision(
            session=session or council.session, body=council.body, outcome=Outcome(outcome), ayes=ayes, noes=noes, abstentions=abstentions,
            amendments=amendment, pilots={key: Outcome(said) for key, said in apart}), desk.now())
    if as_json:
        desk.give({"session": decision.session.isoformat(), "outcome": outcome, "new": new,
                   "pilots": {key: str(said) for key, said in decision.pilots.items()}})
    desk.say(f"{decision.body}, {decision.session:%d.%m.%Y}: {outcome}{'' if new else ' (schon festgehalten)'}")
    for key, said in decision.pilots.items():
        desk.say(f"  · {key}: {said}")
