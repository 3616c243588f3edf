"""`gremium why`: the reasons, to the field."""

from __future__ import annotations

import rich_click as click

from pipeline.cli.desk import Desk

WORDS = {
    "blocked": "gesperrt durch einen Befund", "missing": "noch nicht erstellt, oder eine Datei fehlt", "stale": "veraltet",
    "fresh": "aktuell", "orphaned": "ohne Zeile in den Tabellen",
}


@click.command("why", short_help="sagt, warum ein Papier veraltet oder aktuell ist")
@click.argument("key", metavar="SCHLÜSSEL")
@click.option("--json", "as_json", is_flag=True, help="Gründe als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, key: str, as_json: bool) -> None:
    """Sagt, warum ein Papier veraltet ist, bis auf das Feld: alt → neu.

    Beispiel: gremium why memorandum/P-017
    """
    with desk.ledger(read_only=True) as ledger:
        plan = desk.plan(ledger)
        if not any(entry.key == key for entry in plan.entries):
            desk.known(key)
        entry = plan[key]
    finding = entry.finding
    if as_json:
        desk.give({"key": key, "state": str(entry.state), "revision": entry.row.revision if entry.row else None,
                   "reasons": [{"path": reason.path, "old": reason.old, "new": reason.new, "text": str(reason)} for reason in entry.reasons],
                   "finding": finding.as_json() if finding else None})
        return
    click.echo(f"{key}: {WORDS[entry.state]}")
    for reason in entry.reasons:
        click.echo(f"  {reason}")
    if finding:
        click.echo(f"  {finding.place}: {finding.message}\n  → {finding.hint}")
    if entry.state == "fresh" and entry.row:
        click.echo(f"  Revision {entry.row.revision}, erstellt {entry.row.built_at}; Tabellen, Vorlage und Dateien sind seitdem unverändert.")
