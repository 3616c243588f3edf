"""`gremium report`: the status page."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.desk import Desk

if TYPE_CHECKING:
    from pipeline.build.plan import Plan
    from pipeline.ledger import Ledger
    from pipeline.status import Status

FILE = "report.html"


@click.command("report")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, as_json: bool) -> None:
    """Schreibt outputs/report.html: eine Seite ohne Netz, die den Stand aller Papiere, Nachrichten, Treffen und Projekte zeigt.

    Danach erneuern sie die Befehle, die etwas verändern, von selbst; „renew“ unter [report] in inputs/alliance.toml stellt das ab.

    Beispiele: gremium report · gremium report --json
    """
    path, changed = _written(desk)
    if as_json:
        desk.give({"path": desk.workspace.relative(path), "changed": changed})
    desk.say(f"{path}{'' if changed else ' (unverändert)'}")


def renew(desk: Desk) -> None:
    """Writes the page anew when the ledger has moved on since it was made; to be called when a command has done its work.

    Costs a look at the page's head and at the ledger's last event when nothing has happened. A page that cannot be made is
    said to be out of date, and the command has done its work all the same.
    """
    if "workspace" not in desk.__dict__ or not desk.ledger_path.exists():
        return
    from pipeline.report.standing import current, mark
    renewal, path = desk.workspace.settings.report.renew, desk.workspace.outputs / FILE
    if renewal == "never" or (renewal == "existing" and not path.exists()):
        return
    try:
        with desk.ledger(read_only=True) as ledger:
            if current(path, mark(ledger)):
                return
        _written(Desk(folder=desk.folder, date=desk.date, quiet=True))     # a desk of its own: tables and ledger may have changed
    except Exception as error:      # whatever is wrong with the page, the command has done its work
        desk.say(f"Die Übersichtsseite {path} ist nicht mehr auf dem Stand: {error}. „gremium report“ schreibt sie neu.")


def _written(desk: Desk) -> tuple[Path, bool]:
    from pipeline.workspace import place
    path = desk.workspace.outputs / FILE
    with desk.ledger(read_only=True) as ledger:
        data = page_of(desk, ledger, *looked_at(desk, ledger), here=path.parent)
    if path.is_file() and path.read_bytes() == data:
        return path, False
    place(path, data)
    return path, True


def looked_at(desk: Desk, ledger: Ledger) -> tuple[Plan, Status]:
    """Where everything stands; a missing template holds its own papers back and no others."""
    from pipeline.status import status
    plan = desk.plan(ledger)
    return plan, status(desk.workspace, plan, ledger)


def page_of(desk: Desk, ledger: Ledger, plan: Plan, now: Status, *, here: Path) -> bytes:
    """The page as it is to lie in the folder `here`, from which its links go."""
    from pipeline.cli.check import template_findings
    from pipeline.cli.next import seen
    from pipeline.next import steps
    from pipeline.papers.kinds import KINDS
    from pipeline.report.page import page
    from pipeline.report.view import Facts, View
    root = Path(os.path.relpath(desk.workspace.root.resolve(), here.resolve())).as_posix()
    findings = (*desk.checked.findings, *template_findings(desk))
    office = seen(desk, ledger, plan, now, findings)
    return page(View(alliance=desk.alliance, status=now, kinds=KINDS, findings=findings, facts=Facts.of(ledger, _answers(desk, ledger)),
                     steps=steps(office), root=root))


def _answers(desk: Desk, ledger: Ledger) -> Mapping[str, Counter[str]]:
    """The answers that count, by meeting; of meetings that nobody has answered there is nothing to be read."""
    answered = {key.split("/")[1] for key in ledger.answers() if key.count("/") > 1}
    if not answered:
        return {}
    from pipeline.mail.attendance import Stand, attendance
    found = {key: attendance(desk.alliance.meeting[key], desk.drafts, ledger).counts for key in sorted(answered & desk.alliance.meeting.keys())}
    return {key: Counter({stand: counts[stand] for stand in counts if stand not in (Stand.OPEN, Stand.UNTOLD)}) for key, counts in found.items()}
