"""`gremium build`: what is missing or stale, as Word and PDF."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.cli.endings import ending, tell
from pipeline.cli.progress import progress
from pipeline.errors import GremiumError

if TYPE_CHECKING:
    from pipeline.build.executors import Failure
    from pipeline.build.plan import Plan
    from pipeline.build.run import Result
    from pipeline.ledger import Ledger

SHOWN = 10   # papers or reasons listed before the rest is counted


@click.command("build")
@click.argument("kinds", nargs=-1, metavar="[ART]...")
@click.option("-n", "--dry-run", is_flag=True, help="Nur zeigen, was erstellt würde und warum; schreibt nichts.")
@click.option("--only", multiple=True, metavar="SCHLÜSSEL", help="Nur dieses Papier: memorandum/P-018; mehrfach möglich.")
@click.option("--force", is_flag=True, help="Auch, was aktuell ist.")
@click.option("--failed", is_flag=True, help="Nur, was beim letzten Mal gescheitert ist.")
@click.option("--accept", is_flag=True,
              help="Nichts erstellen: was allein durch eine neue Fassung des Programms oder andere Schriften veraltet ist, gilt wieder als aktuell.")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True, metavar="N", help="So viele Prozesse zugleich.")
@click.option("--cluster", default="", metavar="ADRESSE", help="Auf einem laufenden Dask-Cluster: tcp://rechner:8786.")
@click.option("--keep-going", is_flag=True, help="Ohne die Papiere weitermachen, die Befunde sperren oder die scheitern.")
@click.option("--draft", is_flag=True,
              help="Vorschau nach outputs/drafts/: Fehlendes ist mit «fehlt: …» markiert; nicht freizugeben, zu unterzeichnen oder zu senden.")
@click.option("--by", metavar="NAME", help="Wer baut; sonst der angemeldete Benutzer.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, kinds: tuple[str, ...], dry_run: bool, only: tuple[str, ...], force: bool, failed: bool, accept: bool, jobs: int,
            cluster: str, keep_going: bool, draft: bool, by: str | None, as_json: bool) -> int:
    """Erstellt, was fehlt oder veraltet ist, als Word und PDF; was aktuell ist, bleibt unberührt.

    Nach jeder Änderung an Tabellen, Einstellungen oder Vorlagen. Was Befunde sperren, wird genannt; mit --keep-going entsteht der Rest.
    Mit -n lässt sich vorher sehen, was warum entstünde.

    Beispiele: gremium build · gremium build memorandum --only memorandum/P-018 · gremium build -n
    """
    from pipeline.build.gate import complete
    from pipeline.build.run import run
    from pipeline.build.watch import changed, contents
    from pipeline.papers.kinds import papers
    before = contents(desk.workspace)
    wanted = desk.kinds(kinds)
    keys = [desk.known(key) for key in only]
    with desk.ledger(read_only=dry_run or draft) as ledger:
        plan = desk.plan(ledger).only(kinds=wanted, keys=keys)
        if failed:
            plan = plan.among(ledger.failures())
        again = plan.entries if force else plan.held if only else ()
        forced = [entry.key for entry in again]
        if dry_run:
            return _show(desk, plan, forced, keep_going=keep_going, as_json=as_json)
        if draft:
            return _preview(desk, plan, as_json)
        complete(desk.checked.findings, keep_going=keep_going)
        if accept:
            return _accept(desk, plan, ledger, by or desk.user(), as_json)
        with progress("Papiere", quiet=desk.quiet) as step:
            result = run(desk.workspace, plan, ledger, jobs=jobs, keep_going=keep_going, progress=step, now=desk.now, cluster=cluster,
                         by=by or desk.user(), force=forced)
    moved = changed(before, contents(desk.workspace)) if result.built else ()
    if as_json:
        desk.give(result.as_json() | {"changed": list(moved)})
    _tell(desk, result)
    if plan.held and not again:
        desk.say(f"Ausgegeben und deshalb unverändert, obwohl heute anders zu erstellen: {papers(len(plan.held))} "
                 f"({_listed([entry.key for entry in plan.held])}). „gremium withdraw“ nimmt sie zurück, --only erstellt eine neue Fassung.")
    if moved:
        click.echo(f"Während des Laufs geändert: {_listed(moved)}. Was davon abhängt, gilt als veraltet; noch einmal erstellen.", err=True)
    return result.exit_code


def _accept(desk: Desk, plan: Plan, ledger: Ledger, by: str, as_json: bool) -> int:
    from pipeline.build.accept import accept
    taken = accept(desk.workspace, plan, ledger, by=by, now=desk.now())
    if as_json:
        desk.give(taken.as_json())
    desk.say(f"Übernommen: {len(taken.accepted)} Papiere, die nur durch Programm oder Schriften veraltet waren; ihre Dateien sind unverändert.")
    if taken.left:
        desk.say(f"Nicht übernommen, weil sich auch ihr Inhalt geändert hat: {_listed(taken.left)}. „gremium build“ erstellt sie.")
    return 0


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" und {len(names) - SHOWN} weitere" if len(names) > SHOWN else "")


def _show(desk: Desk, plan: Plan, force: Sequence[str], *, keep_going: bool, as_json: bool) -> int:
    """What the build would do, or why it would refuse, with the exit code it would have."""
    from pipeline.build.gate import complete
    from pipeline.build.plan import State
    from pipeline.build.run import Result, admitted
    refusal: GremiumError | None = None
    result = Result()
    try:
        complete(desk.checked.findings, keep_going=keep_going)
        plan, result = admitted(desk.workspace, plan, keep_going=keep_going, force=force)
    except GremiumError as error:
        refusal = error
    plan = plan.forced(force)
    if as_json:
        desk.give(_planned(plan) | (ending(refusal).as_json() if refusal else {}))
    else:
        _list(plan)
    if refusal:
        desk.say("So würde nichts erstellt; nichts wurde geschrieben.")
        return tell(refusal, debug=_debugging(), as_json=False)
    _missed(result)
    fresh = len(plan.of(State.FRESH))
    desk.say(f"Zu erstellen: {len(plan.due)}, aktuell: {fresh}, gesperrt: {len(result.blocked)}. Nichts wurde geschrieben.")
    return result.exit_code


def _planned(plan: Plan) -> dict[str, object]:
    from pipeline.build.plan import State
    return {"due": [{"key": entry.key, "state": str(entry.state), "reasons": [str(reason) for reason in entry.reasons]} for entry in plan.due],
            "fresh": len(plan.of(State.FRESH)), "blocked": [entry.key for entry in plan.of(State.BLOCKED)],
            "held": [entry.key for entry in plan.held]}


def _list(plan: Plan) -> None:
    from pipeline.build.plan import State
    for entry in plan.due:
        click.echo(f"{entry.key}: {'; '.join(str(reason) for reason in entry.reasons[:SHOWN])}"
                   + (f" und {len(entry.reasons) - SHOWN} weitere" if len(entry.reasons) > SHOWN else ""))
    for entry in plan.of(State.BLOCKED):
        click.echo(f"{entry.key}: gesperrt – {entry.finding.place if entry.finding else ''}: {entry.finding.message if entry.finding else ''}")
    for entry in plan.held:
        click.echo(f"{entry.key}: bleibt, weil ausgegeben – {'; '.join(str(reason) for reason in entry.reasons[:SHOWN])}")


def _preview(desk: Desk, plan: Plan, as_json: bool) -> int:
    from pipeline.build.preview import FOLDER, preview
    with progress("Entwürfe", quiet=desk.quiet) as step:
        result = preview(desk.workspace, plan, step)
    if as_json:
        desk.give(result.as_json())
    _tell(desk, result)
    desk.say(f"Entwürfe liegen in outputs/{FOLDER}/; freigegeben, unterzeichnet und gesendet werden nur Papiere aus „gremium build“ ohne --draft.")
    return result.exit_code


def _tell(desk: Desk, result: Result) -> None:
    from pipeline.papers.kinds import called, papers
    for failure in result.failed[:SHOWN]:
        _explain(failure)
    if len(result.failed) > SHOWN:
        click.echo(f"… und {len(result.failed) - SHOWN} weitere Fehler", err=True)
    kinds = Counter(key.partition("/")[0] for key in result.built)
    made = ", ".join(f"{number} {called(kind, number)}" for kind, number in kinds.items())
    seconds = f"{result.seconds:.1f}".replace(".", ",")
    desk.say(f"Erstellt: {papers(len(result.built))} in {seconds} s{f' ({made})' if made else ''}; unverändert aktuell: {result.fresh}.")
    if result.aside:
        click.echo(f"Von Hand geändert und vor dem Überschreiben beiseitegelegt: {_listed(result.aside)}", err=True)
    if result.blocked:
        desk.say(f"Durch Befunde gesperrt: {len(result.blocked)} ({_listed(result.blocked)})")
    _missed(result)
    if result.halt:
        _explain(result.halt)
    left = f"Noch zu erstellen: {len(result.left)}. Derselbe Befehl macht damit weiter."
    if result.interrupted:      # that is no progress: whoever stops a build, be it told to be quiet or not, reads how much is left
        click.echo(left if result.left else "Abgebrochen; zu erstellen war nichts mehr.", err=True)
    elif result.left:
        desk.say(left)


def _missed(result: Result) -> None:
    """The templates whose papers are left out."""
    if result.lost:
        click.echo(f"Fehler: Vorlagen fehlen unter templates/: {_listed(result.lost)}; ihre Papiere sind ausgelassen", err=True)
    for failure in result.damaged:
        _explain(replace(failure, key="", error=f"{failure.error}; ihre Papiere sind ausgelassen"))


def _explain(failure: Failure) -> None:
    if _debugging():
        click.echo(failure.trace, err=True)
    click.echo(f"Fehler: {failure.key + ': ' if failure.key else ''}{failure.error}", err=True)
    if failure.hint:
        click.echo(f"  → {failure.hint}", err=True)


def _debugging() -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().params.get("debug"))
