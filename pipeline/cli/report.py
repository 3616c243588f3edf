"""`gremium report`: the status page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.desk import Desk

if TYPE_CHECKING:
    from pipeline.ledger import Ledger
    from pipeline.status import Status


@click.command("report")
@click.pass_obj
def command(desk: Desk) -> None:
    """Schreibt outputs/report.html: eine Seite ohne Netz, die den Stand aller Papiere, Nachrichten, Treffen und Projekte zeigt."""
    from pipeline.report.page import write
    with desk.ledger(read_only=True) as ledger:
        now = looked_at(desk, ledger)
        path, changed = write(desk.workspace, page_of(desk, ledger, now, here=desk.workspace.outputs))
    desk.say(f"{path}{'' if changed else ' (unverändert)'}")


def looked_at(desk: Desk, ledger: Ledger) -> Status:
    """Where everything stands; a missing template holds its own papers back and no others."""
    from pipeline.status import status, surveyed
    return status(desk.workspace, surveyed(desk.workspace, desk.drafts, desk.checked.blocked, ledger), ledger)


def page_of(desk: Desk, ledger: Ledger, now: Status, *, here: Path) -> bytes:
    """The page as it is to lie in the folder `here`, from which its links go."""
    from pipeline.cli.check import template_findings
    from pipeline.papers.kinds import KINDS
    from pipeline.report.page import page
    from pipeline.report.view import Facts, View
    root = Path(os.path.relpath(desk.workspace.root.resolve(), here.resolve())).as_posix()
    return page(View(alliance=desk.alliance, status=now, kinds=KINDS, findings=(*desk.checked.findings, *template_findings(desk)),
                     facts=Facts.of(ledger), root=root))
