"""`gremium withdraw`: what was given out counts no more."""

from __future__ import annotations

from dataclasses import replace

import rich_click as click

from pipeline.cli.desk import Desk


@click.command("withdraw")
@click.argument("keys", nargs=-1, required=True, metavar="SCHLÜSSEL...")
@click.option("--reason", default="", metavar="GRUND", help="Warum; steht danach im Verzeichnis, und mit --notify in der Nachricht.")
@click.option("--notify", is_flag=True, help="Wer das Papier hat, erfährt es per E-Mail, nach Rückfrage der Anzahl.")
@click.option("--yes", metavar="ANZAHL", help="Mit --notify: Anzahl vorab bestätigen, --yes 1, oder --yes all.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, keys: tuple[str, ...], reason: str, notify: bool, yes: str | None, as_json: bool) -> int:
    """Vermerkt, dass ausgegebene Fassungen nicht mehr gelten; „gremium verify“ sagt es jedem, der eine davon prüft.

    Wenn sich nach der Ausgabe zeigt, dass ein Papier falsch ist. Die Dateien bleiben; das Verzeichnis hält Tag und Grund fest. Mit --notify
    geht eine Nachricht an die Partner, bei schon zurückgenommenen Papieren auch nachträglich.

    Beispiele: gremium withdraw memorandum/P-018 --reason "Partner umbenannt" · gremium withdraw memorandum/P-018 --notify
    """
    from pipeline.issue import withdraw
    if yes and not notify:
        raise click.UsageError("--yes gehört zu --notify.")
    taken: list[dict[str, object]] = []
    with desk.ledger() as ledger:
        issues = ledger.issues()
        for key in keys:
            if notify and not reason and key in issues and all(row.withdrawn_at for row in issues[key]):
                continue      # taken back before: only the message is asked for
            for row in withdraw(ledger, key, reason, desk.now()):
                taken.append({"key": key, "revision": row.revision, "issued_at": row.issued_at})
                desk.say(f"Zurückgenommen: {key}, Revision {row.revision}, ausgegeben am {row.issued_at[:10]}.")
        if notify:
            from pipeline.cli.send import mailing_of, through_the_door
            from pipeline.giving import recalling
            of = {kind: mailing_of(desk, ledger, kind) for kind in dict.fromkeys(key.partition("/")[0] for key in keys)}
            mailings = [recalling(mailing, ledger, [key for key in keys if key.startswith(f"{kind}/")], desk.now()) for kind, mailing in of.items()]
            return max(through_the_door(desk, ledger, replace(mailing, chosen=frozenset(keys)), yes, as_json=as_json) for mailing in mailings)
    if as_json:
        desk.give({"withdrawn": taken})
    return 0
