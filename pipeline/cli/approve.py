"""`gremium approve`: somebody answers for exactly these bytes."""

from __future__ import annotations

import rich_click as click

from pipeline.cli.desk import Desk


@click.command("approve", short_help="gibt Papiere frei, genau in dieser Fassung")
@click.argument("kinds", nargs=-1, metavar="[ART]...")
@click.option("--by", required=True, metavar="NAME", help="Wer freigibt.")
@click.option("--only", multiple=True, metavar="SCHLÜSSEL", help="Nur dieses Papier; mehrfach möglich.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, kinds: tuple[str, ...], by: str, only: tuple[str, ...], as_json: bool) -> None:
    """Gibt die erstellten Papiere frei. Die Freigabe gilt für genau diese Dateien und erlischt mit jeder Änderung.

    Veraltete und gesperrte Papiere werden nicht freigegeben. Beispiel: gremium approve memorandum --by "K. Muster"
    """
    from pipeline.build.plan import State
    from pipeline.release import Approver, approve
    wanted, keys = desk.kinds(kinds), [desk.known(key) for key in only]
    with desk.ledger() as ledger:
        plan = desk.plan(ledger).only(kinds=wanted, keys=keys)
        done = approve(desk.workspace, ledger, desk.rows(plan, wanted, keys), Approver(name=by, login=desk.user()), desk.now())
    left = plan.of(State.MISSING, State.STALE, State.BLOCKED)
    if as_json:
        desk.give({"approved": list(done.approved), "already": list(done.already), "left": [entry.key for entry in left]})
    desk.say(f"Freigegeben von {by}: {len(done.approved)} Papiere; schon vorher freigegeben: {len(done.already)}.")
    if left:
        desk.say(f"Nicht freigegeben, weil nicht aktuell: {len(left)}. Erst „gremium build“.")
