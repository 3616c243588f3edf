"""`gremium resolve`: a person settles what a server left open."""

from __future__ import annotations

import rich_click as click

from pipeline.cli.desk import Desk


@click.command("resolve")
@click.argument("key", metavar="SCHLÜSSEL")
@click.option("--sent/--not-sent", "sent", required=True, default=None, help="Kam an, oder kam nicht an und geht beim nächsten Versand hinaus.")
@click.pass_obj
def command(desk: Desk, key: str, sent: bool) -> None:
    """Klärt eine Nachricht, die übergeben wurde, ohne dass der Server antwortete.

    Beispiel: gremium resolve invitation/M-003/P-017 --sent
    """
    from pipeline.mail.send import resolve
    with desk.ledger() as ledger:
        resolve(ledger, key, sent=sent, now=desk.now())
    desk.say(f"{key}: {'als zugestellt vermerkt' if sent else 'geht beim nächsten Versand hinaus'}.")
