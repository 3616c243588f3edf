"""`gremium letters`: whom no e-mail reaches gets paper, and nobody is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.consent import ALL, consent
from pipeline.cli.desk import Desk

if TYPE_CHECKING:
    from pipeline.ledger import Ledger
    from pipeline.mail.letters import Batch, Printer
    from pipeline.mail.mailing import Mailing

# the lists of a batch: the sum of the first six is everybody
LISTS = {
    "printed": "im Druckstapel", "already": "schon früher gedruckt", "sent": "per E-Mail erreicht", "waiting": "E-Mail noch offen",
    "held": "zurückgehalten", "impossible": "weder E-Mail noch Anschrift",
}
TOLD = ("waiting", "held", "impossible")
SHOWN = 10      # addresses to check, named before the rest is counted


@click.command("letters")
@click.argument("kind", metavar="ART")
@click.option("-n", "--dry-run", "dry", is_flag=True, help="Nur zeigen, wer Papier bekäme; nichts schreiben.")
@click.option("--soft", is_flag=True, help="Auch für alle, deren Nachricht vorübergehend unzustellbar gemeldet ist.")
@click.option("--again", is_flag=True, help="Auch, was schon gedruckt und noch nicht zur Post gegeben ist.")
@click.option("--posted", "by_post", is_flag=True, help="Vermerken, dass die gedruckten Briefe zur Post gegeben sind; nach Rückfrage der Anzahl.")
@click.option("--stack", metavar="STAPEL", default="", help="Mit --posted: nur dieser Druckstapel, etwa invitation-1a2b3c4d.")
@click.option("--yes", metavar="ANZAHL", help="Mit --posted: die Anzahl vorab bestätigen, --yes 12, oder --yes all.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, kind: str, dry: bool, soft: bool, again: bool, by_post: bool, stack: str, yes: str | None, as_json: bool) -> None:
    """Legt die freigegebenen Briefe für alle, die keine E-Mail erreicht, in eine PDF-Datei, nach Postleitzahlen geordnet.

    Papier bekommen alle ohne nutzbare E-Mail-Adresse und alle, deren Nachricht abgelehnt oder als unzustellbar gemeldet wurde. Jeder
    Brief beginnt beim beidseitigen Druck auf einer Vorderseite; daneben liegen ein Begleitblatt und eine Liste mit Anschriften und
    Blattzahl. Was gedruckt ist, kommt nicht noch einmal, außer mit --again; was zur Post gegeben ist, gar nicht mehr.

    Beispiele: gremium letters invitation · gremium letters invitation --posted --yes 12
    """
    from pipeline.cli.send import mailing_of
    from pipeline.mail.letters import Choice, letters
    if by_post and (dry or soft or again):
        raise click.UsageError("--posted vermerkt nur; es lässt sich nicht mit --dry-run, --soft oder --again verbinden.")
    if not by_post and (stack or yes):
        raise click.UsageError("--stack und --yes gehören zu --posted.")
    with desk.ledger(read_only=dry) as ledger:
        mailing = mailing_of(desk, ledger, kind)
        if by_post:
            _post(desk, mailing, ledger, stack, yes, as_json)
            return
        batch = letters(mailing, ledger, None if dry else _printer(desk, kind), now=desk.now(), choice=Choice(soft=soft, again=again))
    if as_json:
        desk.give({name: [note.key for note in getattr(batch, name)] for name in (*LISTS, "soft", "overtaken")}
                  | {"recipients": batch.number, "sheets": batch.sheets, "pdf": batch.pdf, "cover": batch.cover, "listing": batch.listing,
                     "doubts": {line.key: list(line.doubts) for line in batch.lines if line.doubts}})
    _tell(desk, kind, batch, dry=dry)


def _printer(desk: Desk, kind: str) -> Printer:
    from functools import partial

    from pipeline.mail.cover import cover
    from pipeline.mail.letters import Printer
    from pipeline.papers.kinds import KINDS
    from pipeline.pdf.bind import bind
    title, settings = KINDS[kind].title, desk.workspace.settings
    return Printer(bind=partial(bind, title=f"Druckstapel: {title}", duplex=True),
                   cover=lambda batch, now: cover(batch, settings, title, now=now))


def _post(desk: Desk, mailing: Mailing, ledger: Ledger, stack: str, yes: str | None, as_json: bool) -> None:
    from pipeline.mail.letters import posted, printed
    number = len(printed(ledger, mailing.kind, stack))
    consent(number, f"Gedruckte Briefe, die als zur Post gegeben vermerkt werden: {number}.", yes)
    notes = posted(mailing, ledger, now=desk.now(), confirmed=None if yes == ALL else number, stack=stack)
    if as_json:
        desk.give({"posted": [note.key for note in notes]})
    desk.say(f"Als zur Post gegeben vermerkt: {len(notes)}.")


def _tell(desk: Desk, kind: str, batch: Batch, *, dry: bool) -> None:
    from pipeline.cli.send import tell
    if dry:
        desk.say(f"Zu drucken: {len(batch.printed)}. Nichts wurde geschrieben.")
    elif batch.pdf:
        desk.say(f"Briefe im Druckstapel: {len(batch.printed)}, Blatt: {batch.sheets}")
        desk.say(f"  Druckdatei:   {batch.pdf}")
        desk.say(f"  Begleitblatt: {batch.cover}")
        desk.say(f"  Liste dazu:   {batch.listing}")
    else:
        desk.say("Nichts Neues zu drucken.")
    doubtful = [line for line in batch.lines if line.doubts]
    for line in doubtful[:SHOWN]:
        click.echo(f"Anschrift prüfen, {line.key}: {', '.join(line.doubts)}", err=True)
    if len(doubtful) > SHOWN:
        click.echo(f"Und {len(doubtful) - SHOWN} weitere Anschriften zu prüfen; sie stehen auf dem Begleitblatt.", err=True)
    for name in TOLD:
        tell(LISTS[name], getattr(batch, name), err=True)
    tell("vorübergehend unzustellbar gemeldet; mit --soft bekommen auch sie Papier", batch.soft, err=True)
    tell("liegen in einem früheren Stapel und gehen nicht mehr hinaus: herausnehmen", batch.overtaken, err=True)
    counts = ", ".join(f"{len(getattr(batch, name))} {words}" for name, words in LISTS.items() if getattr(batch, name))
    desk.say(f"Empfänger insgesamt: {batch.number} = {counts or 'keine'}.")
    if batch.pdf:
        desk.say(f"  → Nach dem Gang zur Post: gremium letters {kind} --posted --yes {len(batch.printed)}")
