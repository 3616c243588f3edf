"""`gremium letters`: whom no e-mail reaches gets paper."""

from __future__ import annotations

import rich_click as click

from pipeline.cli.desk import Desk


@click.command("letters")
@click.argument("kind", metavar="ART")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, kind: str, as_json: bool) -> None:
    """Legt die freigegebenen Briefe für alle ohne nutzbare E-Mail-Adresse in eine PDF-Datei, nach Postleitzahlen geordnet.

    Jeder Brief beginnt auf einer Vorderseite (beidseitiger Druck); daneben liegt die Liste mit Anschriften und Blattzahl.
    Was gedruckt ist, steht im selben Verzeichnis wie das Versandte und kommt nicht noch einmal. Beispiel: gremium letters invitation
    """
    from functools import partial

    from pipeline.cli.send import mailing_of, tell
    from pipeline.mail.letters import letters
    from pipeline.pdf.bind import bind
    with desk.ledger() as ledger:
        mailing = mailing_of(desk, ledger, kind)
        batch = letters(mailing, ledger, partial(bind, title="Druckstapel", duplex=True), now=desk.now())
    groups = {"printed": batch.printed, "already": batch.already, "impossible": batch.impossible, "held": batch.held}
    if as_json:
        desk.give({name: [note.key for note in notes] for name, notes in groups.items()}
                  | {"sheets": batch.sheets, "pdf": batch.pdf, "listing": batch.listing})
    if batch.printed:
        desk.say(f"{len(batch.printed)} Briefe auf {batch.sheets} Blatt: {batch.pdf}")
        desk.say(f"  Liste dazu: {batch.listing}")
    else:
        desk.say("Nichts Neues zu drucken.")
    for name, words in WORDS.items():
        tell(words, groups[name], err=True)


WORDS = {"already": "schon früher zum Druck gegeben", "held": "zurückgehalten", "impossible": "weder E-Mail noch Anschrift"}
