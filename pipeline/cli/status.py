"""`gremium status`: where everything stands."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.cli.target import target

if TYPE_CHECKING:
    from pipeline.status import Status

VERIFICATION_FAILED = 8
USUAL = "@"        # --html without a file
MESSAGES = "Nachrichten"
SHOWN = 5          # reasons why papers are held back
SETTLED = frozenset({"fresh", "approved", "signed", "issued", "returned", "concluded", "orphaned"})


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Der ganze Stand als JSON auf die Standardausgabe.")
@click.option("--html", is_flag=False, flag_value=USUAL, type=click.Path(path_type=Path, dir_okay=False), metavar="[DATEI]",
              help="Schreibt die Übersichtsseite dorthin; ohne Datei nach outputs/report.html.")
@click.option("--check", "strict", is_flag=True,
              help="Exit-Code 1, wenn ein Papier fehlt, veraltet, gesperrt oder zurückgewiesen oder seine Freigabe überholt ist.")
@click.option("--audit", "audited", is_flag=True,
              help="Prüft statt dessen das Verzeichnis: ob jedes Ereignis auf das vorige folgt. Exit-Code 8, wenn nicht.")
@click.pass_obj
def command(desk: Desk, as_json: bool, html: Path | None, strict: bool, audited: bool) -> int:
    """Zeigt, wo jedes Papier und jede Nachricht steht; verändert nichts.

    Beispiele: gremium status · gremium status --json · gremium status --check · gremium status --html · gremium status --audit
    """
    if audited:
        return _audit(desk, as_json)
    from pipeline.cli.report import FILE, looked_at, page_of
    from pipeline.workspace import place
    if html:
        html = desk.workspace.outputs / FILE if str(html) == USUAL else target(desk, html, ".html")
    with desk.ledger(read_only=True) as ledger:
        plan, now = looked_at(desk, ledger)
        if html:
            place(html, page_of(desk, ledger, plan, now, here=html.parent))
    if as_json:
        desk.give(now.as_json())
    else:
        show(now)
    return int(strict and any(document.state.partition(" ")[0] not in SETTLED for document in now.documents))


def _audit(desk: Desk, as_json: bool) -> int:
    from pipeline.audit import audit
    with desk.ledger(read_only=True) as ledger:
        found = audit(ledger, desk.workspace)
    if as_json:
        desk.give(found.as_json())
    else:
        for problem in found.problems:
            click.echo(f"Fehler: {problem}", err=True)
        faults = len(found.problems)
        click.echo(f"{'1 Ereignis' if found.events == 1 else f'{found.events} Ereignisse'}, "
                   f"{'lückenlos' if not faults else '1 Unstimmigkeit' if faults == 1 else f'{faults} Unstimmigkeiten'}; "
                   f"letztes Glied {found.last or 'keines'}")
    return VERIFICATION_FAILED if found.problems else 0


def show(now: Status) -> None:
    """The counts by kind and state, and the papers that need a hand."""
    from pipeline.papers.kinds import KINDS
    from pipeline.report.words import MESSAGE_WORDS, state_words
    by_kind: dict[str, dict[str, int]] = {}
    for document in now.documents:
        counts = by_kind.setdefault(document.kind, {})
        counts[document.state] = counts.get(document.state, 0) + 1
    titles = {kind: KINDS[kind].title if kind in KINDS else kind for kind in by_kind}
    widest = max(map(len, (*titles.values(), MESSAGES)))
    for kind, counts in by_kind.items():
        states = ", ".join(f"{number} {state_words(state)}" for state, number in sorted(counts.items()))
        click.echo(f"{titles[kind]:{widest}} {sum(counts.values()):4}   {states}")
    held = Counter(document.reasons[0] for document in now.documents if document.state == "blocked" and document.reasons)
    for reason, number in held.most_common(SHOWN):
        click.echo(f"  zurückgehalten: {number} {'Papier' if number == 1 else 'Papiere'}: {reason}")
    if len(held) > SHOWN:
        click.echo(f"  und aus {len(held) - SHOWN} weiteren Gründen; „gremium check“ nennt alle")
    for document in now.documents:
        if document.failure:
            click.echo(f"  zuletzt gescheitert: {document.key}: {document.failure}")
    if any(now.messages.values()):
        click.echo(f"{MESSAGES:{widest}} {sum(now.messages.values()):4}   "
                   + ", ".join(f"{number} {MESSAGE_WORDS[state]}" for state, number in now.messages.items() if number))

