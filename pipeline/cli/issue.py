"""`gremium issue`: what leaves the house, noted with its revision and its bytes."""

from __future__ import annotations

from collections import Counter

import rich_click as click

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
    """Vermerkt, welche Fassung eines Memorandums ausgegeben wird, wann und auf welchem Weg; mit --by mail geht sie hinaus.

    Ausgegeben wird nur, was freigegeben und von den Initiatoren unterzeichnet ist. Der Vermerk ist die Grundlage für „gremium remind“ und
    dafür, dass „gremium verify“ eine zurückgenommene Fassung erkennt. --by mail tut dasselbe wie „gremium send memorandum --really“: Die
    Anzahl wird bestätigt, und vermerkt wird erst, was versandt ist.

    Beispiele: gremium issue memorandum --by post · gremium issue --by mail --yes 12
    """
    from pipeline.issue import WAYS, issue
    from pipeline.papers.kinds import KINDS, papers
    keys = [desk.known(key) for key in only]
    wanted = frozenset(kind for kind in desk.kinds(kinds) if KINDS[kind].signed)
    if yes and way != "mail":
        raise click.UsageError("--yes gehört zu --by mail.")
    if way == "mail":
        return _mail(desk, wanted, frozenset(keys), yes, unsigned=unsigned, as_json=as_json)
    with desk.ledger() as ledger:
        rows = desk.rows(desk.plan(ledger), wanted, keys) if wanted else []
        done = issue(desk.workspace, ledger, rows, way, desk.now(), unsigned=unsigned)
    if as_json:
        desk.give({"issued": list(done.issued), "already": list(done.already), "held": [{"key": key, "reason": why} for key, why in done.held]})
    desk.say(f"Ausgegeben ({WAYS[way]}): {papers(len(done.issued))}; schon vorher ausgegeben: {len(done.already)}.")
    for reason, number in Counter(why.removeprefix(f"{key} wird nicht ausgegeben: ") for key, why in done.held).items():
        desk.say(f"Zurückgehalten, {papers(number)}: {reason}")
    return HELD_BACK if done.held and not (done.issued or done.already) else 0


def _mail(desk: Desk, kinds: frozenset[str], keys: frozenset[str], yes: str | None, *, unsigned: bool, as_json: bool) -> int:
    """Sends what is ready, and notes it as given out when it has left."""
    from pipeline.cli.send import Wish, mailing_of, through_the_door
    with desk.ledger() as ledger:
        return max((through_the_door(desk, ledger, mailing_of(desk, ledger, kind, wish=Wish(only=keys, unsigned=unsigned)), yes, as_json=as_json)
                    for kind in sorted(kinds)), default=0)
