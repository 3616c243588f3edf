"""`gremium reject`: somebody refuses these bytes, and says why."""

from __future__ import annotations

import rich_click as click

from pipeline.cli.desk import Desk


@click.command("reject")
@click.argument("keys", nargs=-1, required=True, metavar="SCHLÜSSEL...")
@click.option("--by", required=True, metavar="NAME", help="Wer zurückweist.")
@click.option("--reason", required=True, metavar="GRUND", help="Was zu ändern ist; steht danach im Stand.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, keys: tuple[str, ...], by: str, reason: str, as_json: bool) -> None:
    """Weist Papiere in dieser Fassung zurück, mit Begründung.

    Sie werden weder unterzeichnet noch versandt, bis sie neu erstellt sind oder dieselbe Person sie freigibt.

    Beispiel: gremium reject memorandum/P-018 --by "K. Muster" --reason "Anlage 2 fehlt"
    """
    from pipeline.cli.approve import approver
    from pipeline.papers.kinds import papers
    from pipeline.release import reject
    known = [desk.known(key) for key in keys]
    now = desk.now()
    with desk.ledger() as ledger:
        rows = desk.rows(desk.plan(ledger), {key.partition("/")[0] for key in known}, known)
        with approver(desk, by, now) as who:
            reject(desk.workspace, ledger, rows, who, now, reason)
    if as_json:
        desk.give({"rejected": [row.key for row in rows], "left": sorted({*known} - {row.key for row in rows})})
    desk.say(f"Zurückgewiesen von {by}: {papers(len(rows))}. Grund: {reason}")
    if len(rows) < len(known):
        desk.say(f"Nicht zurückgewiesen, weil nicht aktuell erstellt: {len(known) - len(rows)}.")
