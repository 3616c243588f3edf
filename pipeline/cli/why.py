"""`gremium why`: the reasons, to the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.desk import Desk

if TYPE_CHECKING:
    from pipeline.build.plan import Entry

WORDS = {
    "blocked": "gesperrt durch einen Befund", "missing": "noch nicht erstellt, oder eine Datei fehlt", "stale": "veraltet",
    "fresh": "aktuell", "orphaned": "ohne Zeile in den Tabellen",
}


@click.command("why")
@click.argument("key", metavar="SCHLÜSSEL")
@click.option("--figure", metavar="ZAHL", help="Statt dessen: aus welchen Zeilen diese Zahl des Papiers gezählt ist.")
@click.option("--json", "as_json", is_flag=True, help="Gründe als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, key: str, figure: str | None, as_json: bool) -> None:
    """Sagt, warum ein Papier veraltet ist, bis auf das Feld: alt → neu; mit --figure, woher eine Zahl kommt.

    Wenn „gremium build -n“ ein Papier nennt, mit dem niemand rechnet, oder jemand nach einer Zahl fragt.

    Beispiele: gremium why memorandum/P-018 · gremium why briefing/2017-06 --figure 88
    """
    if figure is not None:
        _figure(desk, desk.known(key), figure, as_json)
        return
    desk.asked.add(key.partition("/")[0])
    with desk.ledger(read_only=True) as ledger:
        plan = desk.plan(ledger)
        if not any(entry.key == key for entry in plan.entries):
            desk.known(key)
        _tell(desk, plan[key], as_json)      # while the ledger is open: reasons are looked up when asked for


def _tell(desk: Desk, entry: Entry, as_json: bool) -> None:
    finding = entry.finding
    if as_json:
        desk.give({"key": entry.key, "state": str(entry.state), "held": entry.held, "revision": entry.row.revision if entry.row else None,
                   "reasons": [{"path": reason.path, "old": reason.old, "new": reason.new, "text": str(reason)} for reason in entry.reasons],
                   "finding": finding.as_json() if finding else None})
        return
    click.echo(f"{entry.key}: ausgegeben und deshalb unverändert; seither hat sich geändert" if entry.held else f"{entry.key}: {WORDS[entry.state]}")
    for reason in entry.reasons:
        click.echo(f"  {reason}")
    if finding:
        click.echo(f"  {finding.place}: {finding.message}\n  → {finding.hint}")
    if entry.held:
        click.echo(f"  → „gremium withdraw“ nimmt es zurück, „gremium build --only {entry.key}“ erstellt eine neue Fassung.")
    elif entry.state == "fresh" and entry.row:
        click.echo(f"  Revision {entry.row.revision}, erstellt {entry.row.built_at}; Tabellen, Vorlage und Dateien sind seitdem unverändert.")


def _figure(desk: Desk, key: str, asked: str, as_json: bool) -> None:
    from pipeline.council.trace import trace
    draft = next(draft for draft in desk.drafts if draft.key == key)
    found = trace(desk.alliance, draft, asked)
    if as_json:
        desk.give({"key": key, "figures": [
            {"path": traced.figure.path, "text": traced.figure.text, "meaning": traced.figure.meaning, "source": traced.figure.source,
             "rows": [{"key": row.key, "place": row.place, "name": row.name} for row in traced.rows]} for traced in found]})
        return
    for traced in found:
        click.echo(f"{traced.figure.text} – {traced.figure.meaning} ({traced.figure.path}): {traced.figure.source or f'{len(traced.rows)} Zeilen'}")
        for row in traced.rows:
            click.echo(f"  {row.key}  {row.name}{f'  ({row.place})' if row.place else ''}")
