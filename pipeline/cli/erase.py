"""`gremium erase`: a person is forgotten."""

from __future__ import annotations

import sys

import rich_click as click

from pipeline.cli.desk import Desk


@click.command("erase")
@click.argument("person", metavar="PERSON")
@click.option("-n", "--dry-run", is_flag=True, help="Zeigt nur, was gelöscht würde.")
@click.option("--yes", is_flag=True, help="Ohne Rückfrage löschen.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, person: str, dry_run: bool, yes: bool, as_json: bool) -> int:
    """Löscht eine Person aus allem, was erstellt und eingefroren wurde; im Verzeichnis bleiben Hashwerte, und nichts geht je wieder hinaus.

    Vorher in der Zeile der Person unter „Kontakt“ „gelöscht“ eintragen, nachher ihre Angaben in der Zeile leeren.
    Beispiele: gremium erase P-018 --dry-run · gremium erase P-018
    """
    from pipeline.mail.erasure import erase, traces
    with desk.ledger(read_only=dry_run) as ledger:
        found = traces(desk.workspace, desk.plan(ledger), desk.alliance, ledger, person)
        files = [desk.workspace.relative(path) for path in found.files]
        left = [desk.workspace.relative(path) for path in found.open]
        if not as_json:
            for title, lines in (("Gelöscht werden", files), ("Nennen die Person und sind neu zu erstellen (gremium build)", found.papers),
                                 ("Bitte selbst entscheiden, denn darin stehen auch andere, oder es gilt eine Aufbewahrungsfrist", left)):
                if lines:
                    click.echo(f"{title} ({len(lines)}):")
                    for line in lines:
                        click.echo(f"  {line}")
            click.echo(f"Nachrichten: {len(found.messages)}, davon noch nicht versandt und zurückgezogen: {found.waiting}. "
                       f"Gesperrte Adressen: {len(found.addresses)}.")
        if not dry_run:
            _ask(person, yes=yes)
            erase(desk.workspace, ledger, found, desk.now())
    if as_json:
        desk.give({"person": person, "erased": not dry_run, "files": files, "rebuild": list(found.papers), "left": left,
                   "messages": len(found.messages), "withdrawn": found.waiting, "addresses": len(found.addresses)})
    desk.say("Nichts wurde gelöscht." if dry_run else
             f"{person} ist gelöscht. Jetzt die Angaben in der Zeile leeren, dann „gremium build“; an frühere Sicherungen denken.")
    return 0


def _ask(person: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError("zum Löschen --yes angeben; --dry-run zeigt vorher, was gelöscht würde")
    click.confirm(f"{person} endgültig löschen?", abort=True, err=True)
