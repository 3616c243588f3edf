"""`gremium withdraw`: what was given out counts no more."""

from __future__ import annotations

import rich_click as click

from pipeline.cli.desk import Desk


@click.command("withdraw")
@click.argument("keys", nargs=-1, required=True, metavar="SCHLÜSSEL...")
@click.option("--reason", required=True, metavar="GRUND", help="Warum; steht danach im Verzeichnis.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, keys: tuple[str, ...], reason: str, as_json: bool) -> None:
    """Vermerkt, dass ausgegebene Fassungen nicht mehr gelten; „gremium verify“ sagt es jedem, der eine davon prüft.

    Wenn sich nach der Ausgabe zeigt, dass ein Papier falsch ist. Die Dateien bleiben; das Verzeichnis hält Tag und Grund fest.

    Beispiel: gremium withdraw memorandum/P-017 --reason "Partner umbenannt"
    """
    from pipeline.issue import withdraw
    taken: list[dict[str, object]] = []
    with desk.ledger() as ledger:
        for key in keys:
            for row in withdraw(ledger, key, reason, desk.now()):
                taken.append({"key": key, "revision": row.revision, "issued_at": row.issued_at})
                desk.say(f"Zurückgenommen: {key}, Revision {row.revision}, ausgegeben am {row.issued_at[:10]}.")
    if as_json:
        desk.give({"withdrawn": taken})
