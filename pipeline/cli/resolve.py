"""`gremium resolve`: a person settles what a server left open."""

from __future__ import annotations

import rich_click as click

from pipeline.cli.desk import Desk


@click.command("resolve")
@click.argument("key", metavar="SCHLÜSSEL")
@click.option("--sent/--not-sent", "sent", required=True, default=None, help="Kam an, oder kam nicht an und geht beim nächsten Versand hinaus.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, key: str, sent: bool, as_json: bool) -> None:
    """Klärt eine Nachricht, die übergeben wurde, ohne dass der Server antwortete.

    Niemand weiß, ob sie ankam, und von selbst geht sie nie ein zweites Mal hinaus: beim Empfänger nachfragen, dann hier vermerken.

    Beispiele: gremium resolve invitation/M-005/P-018 --sent · gremium resolve invitation/M-005/P-018 --not-sent
    """
    from pipeline.mail.send import resolve
    with desk.ledger() as ledger:
        resolve(ledger, key, sent=sent, now=desk.now())
    if as_json:
        desk.give({"key": key, "sent": sent})
    desk.say(f"{key}: {'als zugestellt vermerkt' if sent else 'geht beim nächsten Versand hinaus'}.")
