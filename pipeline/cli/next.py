"""`gremium next`: what the office should do now."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.cli.tongue import tr

if TYPE_CHECKING:
    from pipeline.build.plan import Plan
    from pipeline.findings import Finding
    from pipeline.ledger import Ledger
    from pipeline.next import Office
    from pipeline.status import Status

BEGINNING = ("topics", "partners", "meetings")      # the tables that are filled first


@click.command("next")
@click.option("--json", "as_json", is_flag=True, help="Die Schritte als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, as_json: bool) -> None:
    """Sagt, was jetzt zu tun ist, der Reihe nach: wie viel, wer, und mit welchem Befehl.

    Verändert nichts. Ein Schritt steht so lange da, bis er getan ist; was von einem früheren abhängt, kommt danach.

    Beispiele: gremium next · gremium next --json
    """
    from pipeline.next import steps
    from pipeline.status import status
    with desk.ledger(read_only=True) as ledger:
        plan = desk.plan(ledger)
        due = steps(seen(desk, ledger, plan, status(desk.workspace, plan, ledger), desk.checked.findings))
    if as_json:
        desk.give({"next": [step.as_json() for step in due]})
        return
    for number, step in enumerate(due, start=1):
        click.echo(f"{number:2}. {step.count:5} × {tr(step.what)}")
        click.echo(f"            {', '.join(map(tr, step.who))}: {click.style(_here(desk, step.command), fg='cyan')}")
    if not due:
        click.echo("Nichts zu tun: was zu erstellen, freizugeben, zu unterzeichnen und zu versenden war, ist erledigt.")


def seen(desk: Desk, ledger: Ledger, plan: Plan, now: Status, findings: Sequence[Finding]) -> Office:
    """What the rules of the next step look at."""
    from pipeline.cli.send import hushed
    from pipeline.next import Office
    alliance = desk.alliance
    empty = () if alliance.partners else tuple(name for name in BEGINNING if not getattr(alliance, name))
    return Office(workspace=desk.workspace, findings=findings, meetings=alliance.meeting, status=now, plan=plan, ledger=ledger, now=desk.now(),
                  empty=empty, silent=alliance.silent, hushed=hushed(desk, ledger))


def _here(desk: Desk, command: str) -> str:
    """The command as it is to be typed where the reader stands."""
    if desk.folder == Path() or not command.startswith("gremium "):
        return command
    return command.replace("gremium ", f"gremium -C {desk.folder} ", 1)
