"""`gremium sign`: the next signature due, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.approve import passphrase
from pipeline.cli.desk import Desk
from pipeline.cli.progress import progress

if TYPE_CHECKING:
    from pipeline.signing.passphrases import Passphrase
    from pipeline.signing.sign import Held

REFUSED = 6


@click.command("sign")
@click.argument("kinds", nargs=-1, metavar="[ART]...")
@click.option("--as", "signers", multiple=True, metavar="INITIATOR", help="Für wen unterschrieben wird; sonst für alle, die an der Reihe sind.")
@click.option("--only", multiple=True, metavar="SCHLÜSSEL", help="Nur dieses Papier; mehrfach möglich.")
@click.option("--jobs", type=click.IntRange(1, 64), default=None, metavar="ANZAHL",
              help="Prozesse; sonst so viele, wie der Rechner Kerne hat und sich lohnen. Ein Token wird immer von einem allein benutzt.")
@click.option("--renew", "renewing", is_flag=True, help="Statt zu unterschreiben: Zeitstempel erneuern, deren Zertifikat bald endet.")
@click.option("--within", type=click.IntRange(1, 120), default=12, show_default=True, metavar="MONATE", help="Mit --renew: was bis dahin endet.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, kinds: tuple[str, ...], signers: tuple[str, ...], only: tuple[str, ...], jobs: int | None,
            renewing: bool, within: int, as_json: bool) -> int:
    """Unterschreibt freigegebene Papiere elektronisch (PAdES), in der Reihenfolge der Initiatoren.

    Die erstellte Datei bleibt, wie sie ist; die unterschriebene liegt unter outputs/signed/. Passphrasen werden erfragt oder kommen aus
    der Umgebung (GREMIUM_PASSPHRASE_…).

    Mit --renew erhalten unterschriebene Papiere, deren letzter Zeitstempel bald nicht mehr prüfbar wäre, einen neuen über alles (PAdES B-LTA);
    die erneuerte Datei liegt unter outputs/archive/.

    Beispiele: gremium sign memorandum --as stadt · gremium sign --only memorandum/P-018 · gremium sign --renew
    """
    from pipeline.build.plan import State
    from pipeline.papers.kinds import KINDS
    from pipeline.signing.passphrases import passphrases
    from pipeline.signing.sign import sign
    wanted = frozenset(kind for kind in desk.kinds(kinds) if KINDS[kind].signed)
    keys = [desk.known(key) for key in only]
    ask = passphrases(prompt=passphrase, keyring=desk.workspace.settings.signing.keyring)
    if renewing:
        if signers:
            raise click.UsageError("--renew setzt Zeitstempel, keine Unterschriften; --as gehört nicht dazu.")
        return _renew(desk, wanted, keys, ask, within, as_json=as_json)
    with desk.ledger() as ledger:
        asked = desk.plan(ledger).only(kinds=wanted, keys=keys)
        rows = [entry.row for entry in asked.of(State.FRESH) if entry.row and wanted]
        with progress("Unterschriften", quiet=desk.quiet) as step:
            done = sign(desk.workspace, ledger, rows, signers, now=desk.now(), passphrase=ask, progress=step, jobs=jobs or 0)
    if as_json:
        desk.give({"signed": [{"key": key, "field": field} for key, field in done.signed], "done": list(done.done),
                   "waiting": [{"key": held.key, "reason": held.reason} for held in done.waiting],
                   "refused": [{"key": held.key, "reason": held.reason} for held in done.refused]})
    fields = Counter(field for _, field in done.signed)
    made = ", ".join(f"{field} {number}" for field, number in fields.items())
    desk.say(f"Unterschriften gesetzt: {len(done.signed)}{f' ({made})' if made else ''}; Papiere ohne fällige Unterschrift: {len(done.done)}.")
    unbuilt = asked.of(State.MISSING, State.STALE, State.BLOCKED) if wanted else ()
    if unbuilt:
        desk.say(f"Nicht aktuell gebaut und deshalb übergangen: {len(unbuilt)}. Erst „gremium build“, dann „gremium approve“.")
    _tell(desk, "Offen", done.waiting)
    _tell(desk, "Nicht unterschrieben", done.refused)
    return REFUSED if done.refused else 0


def _renew(desk: Desk, kinds: frozenset[str], keys: Sequence[str], ask: Passphrase, within: int, *, as_json: bool) -> int:
    """Renews the time stamps of signed papers, whether their tables have changed since or not."""
    from pipeline.signing.renew import renew
    with desk.ledger() as ledger:
        rows = [row for row in ledger.documents().values() if row.kind in kinds and (not keys or row.key in keys)]
        with progress("Zeitstempel", quiet=desk.quiet) as step:
            done = renew(desk.workspace, ledger, rows, now=desk.now(), passphrase=ask, months=within, progress=step)
    if as_json:
        desk.give({"renewed": list(done.renewed), "lasting": {key: until.isoformat() for key, until in done.lasting},
                   "unstamped": list(done.unstamped), "refused": [{"key": held.key, "reason": held.reason} for held in done.refused]})
    desk.say(f"Zeitstempel erneuert: {len(done.renewed)}; noch nicht nötig: {len(done.lasting)}; ohne Zeitstempel: {len(done.unstamped)}.")
    _tell(desk, "Nicht erneuert", done.refused)
    return REFUSED if done.refused else 0


def _tell(desk: Desk, word: str, held: Sequence[Held]) -> None:
    from pipeline.papers.kinds import papers
    for (reason, hint), number in Counter((each.reason, each.hint) for each in held).items():
        desk.say(f"{word}, {papers(number)}: {reason}" + (f"\n  → {hint}" if hint else ""))
