"""`gremium intake`: joining mails become proposals, and ticked proposals become partners."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.desk import Desk

if TYPE_CHECKING:
    from pipeline.tables.joining import Proposal
    from pipeline.tables.proposals import Intake

LEFT_BACK = 3


@click.command("intake")
@click.argument("source", required=False, metavar="[QUELLE]")
@click.option("--accept", is_flag=True, help="Die angekreuzten Zeilen aus inputs/joining.xlsx in die Partnertabelle übernehmen.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, source: str | None, accept: bool, as_json: bool) -> int:
    """Liest Nachrichten mit dem Betreff „Ich bin Allianz-Partner“ und schlägt sie in inputs/joining.xlsx vor.

    QUELLE ist eine .eml-Datei, eine mbox-Datei, ein Maildir, ein Ordner voller .eml-Dateien oder ein Postfach
    (imap://name@server/INBOX), in dem alles ungelesen bleibt. In die Partnertabelle kommt erst, was dort mit „ja“ angekreuzt und mit
    --accept übernommen wird; von jeder geänderten Datei bleibt eine Sicherung.

    Beispiele: gremium intake posteingang.mbox · gremium intake --accept
    """
    if accept == (source is not None):
        raise click.UsageError("Entweder eine QUELLE angeben oder --accept.")
    return _accept(desk, as_json) if source is None else _propose(desk, source, as_json)


def taken_in(desk: Desk, proposals: Iterable[Proposal]) -> Intake:
    """Adds proposals to inputs/joining.xlsx, of which a copy stays; a mail that was ever read adds nothing."""
    from pipeline.tables.backup import replaced
    from pipeline.tables.proposals import FILE, proposed
    intake = proposed(desk.workspace, desk.alliance, proposals)
    if intake.data:
        replaced(desk.workspace.inputs / FILE, intake.data, desk.now())
    return intake


def _asking(desk: Desk, source: str) -> Intake:
    from pipeline.tables.joining import asking, proposals
    if not source.startswith("imap:"):
        return taken_in(desk, proposals(Path(source)))
    from pipeline.cli.passwords import around
    from pipeline.mail.sources import opened
    with opened(source, Path(), around(desk)) as box:
        return taken_in(desk, asking((found.shown, data) for found in box if (data := found.read()) is not None))


def _propose(desk: Desk, source: str, as_json: bool) -> int:
    from pipeline.tables.proposals import FILE
    intake = _asking(desk, source)
    path = desk.workspace.inputs / FILE
    if as_json:
        desk.give({"added": [{"message": one.message, "source": one.source, "fields": {name: {"text": guess.text, "sure": str(guess.sure),
                   "origin": str(guess.origin)} for name, guess in one.fields.items()}} for one in intake.added], "known": intake.known})
    for one in intake.added:
        name = one.fields.get("name") or one.fields.get("email")
        desk.say(f"Vorgeschlagen: {name.text if name else one.source}")
    desk.say(f"Neue Vorschläge in {path}: {len(intake.added)}; schon bekannte Nachrichten: {intake.known}." if intake.added or intake.known
             else "Keine Nachricht mit dem Betreff „Ich bin Allianz-Partner“ gefunden.")
    return 0


def _accept(desk: Desk, as_json: bool) -> int:
    from pipeline.cli.check import tell
    from pipeline.tables.backup import replaced
    from pipeline.tables.proposals import FILE, accepted
    done = accepted(desk.workspace, desk.alliance)
    kept: list[Path] = []
    if done.partner_data:
        # the partner table first: when the second file fails, a row stands twice and is told of, but is never lost
        kept = [replaced(done.partners, done.partner_data, desk.now()), replaced(desk.workspace.inputs / FILE, done.proposal_data, desk.now())]
    if as_json:
        desk.give({"moved": [{"key": key, "name": name} for key, name in done.moved], "findings": [finding.as_json() for finding in done.findings]})
    for key, name in done.moved:
        desk.say(f"Übernommen: {key} {name}")
    for finding in done.findings:
        click.echo(str(finding.place))
        tell(finding, indent="  ")
    desk.say(f"{len(done.moved)} Partner übernommen in {done.partners}." if done.moved else
             "Keine angekreuzte Zeile ist vollständig und richtig." if done.findings else
             f"Nichts ist angekreuzt: in inputs/{FILE} „ja“ in die Spalte „Übernehmen“ eintragen und speichern.")
    if kept:
        desk.say(f"Sicherungen: {', '.join(str(path) for path in kept)}")
    return LEFT_BACK if done.findings else 0
