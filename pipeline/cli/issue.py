"""`gremium issue`: what leaves the house, noted with its revision and its bytes."""

from __future__ import annotations

from collections import Counter

import rich_click as click

from pipeline.cli.consent import consent
from pipeline.cli.desk import Desk

HELD_BACK = 6


@click.command("issue")
@click.argument("kinds", nargs=-1, metavar="[ART]...")
@click.option("--only", multiple=True, metavar="SCHLÜSSEL", help="Nur dieses Papier; mehrfach möglich.")
@click.option("--by", "way", type=click.Choice(["hand", "post", "mail"]), default="hand", show_default=True, help="Auf welchem Weg.")
@click.option("--unsigned", is_flag=True, help="Auch ohne die Unterschriften der Initiatoren, wenn der Partner zuerst zeichnet.")
@click.option("--yes", metavar="ANZAHL", help="Mit --by mail: die Anzahl vorab bestätigen, --yes 12, oder --yes all.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, kinds: tuple[str, ...], only: tuple[str, ...], way: str, unsigned: bool, yes: str | None, as_json: bool) -> int:
    """Vermerkt, welche Fassung eines Memorandums ausgegeben wird, wann und auf welchem Weg.

    Ausgegeben wird nur, was freigegeben und von den Initiatoren unterzeichnet ist. Der Vermerk ist die Grundlage für „gremium remind“ und
    dafür, dass „gremium verify“ eine zurückgenommene Fassung erkennt. Bei --by mail wird die Anzahl bestätigt.

    Beispiele: gremium issue memorandum --by post · gremium issue --by mail --yes 12
    """
    from pipeline.issue import WAYS, issue
    from pipeline.papers.kinds import KINDS
    keys = [desk.known(key) for key in only]
    wanted = frozenset(kind for kind in desk.kinds(kinds) if KINDS[kind].signed)
    with desk.ledger() as ledger:
        rows = desk.rows(desk.plan(ledger), wanted, keys) if wanted else []
        if way == "mail":
            consent(len(rows), f"{len(rows)} Papiere werden als per E-Mail ausgegeben vermerkt.", yes)
        done = issue(desk.workspace, ledger, rows, way, desk.now(), unsigned=unsigned)
    if as_json:
        desk.give({"issued": list(done.issued), "already": list(done.already), "held": [{"key": key, "reason": why} for key, why in done.held]})
    desk.say(f"Ausgegeben ({WAYS[way]}): {len(done.issued)} Papiere; schon vorher ausgegeben: {len(done.already)}.")
    for reason, number in Counter(why.removeprefix(f"{key} wird nicht ausgegeben: ") for key, why in done.held).items():
        desk.say(f"Zurückgehalten, {number} Papiere: {reason}")
    return HELD_BACK if done.held and not (done.issued or done.already) else 0
