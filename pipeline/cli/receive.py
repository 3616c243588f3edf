"""`gremium receive`: what partners send back is judged, kept and noted."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.cli.progress import progress
from pipeline.errors import VerificationError

if TYPE_CHECKING:
    from pipeline.signing.arrival import Received, Return

FAILED = 8
HERE = ZoneInfo("Europe/Berlin")
WORDS = {"accepted": "angenommen", "to-confirm": "zu bestätigen", "refused": "zurückgewiesen", "unclear": "ungeklärt"}
QUESTIONS = {"document": "Dokument", "integrity": "Unversehrtheit", "change": "Änderungen", "signatory": "Unterzeichnende"}


@click.command("receive")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="DATEI...")
@click.option("--json", "as_json", is_flag=True, help="Das Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, files: tuple[Path, ...], as_json: bool) -> int:
    """Nimmt zurückgekommene Memoranden an: unterzeichnete PDFs, Scans (PDF oder Bild), Mails (.eml, mbox) mit Anhängen.

    Geprüft wird, ob es das ausgegebene Papier ist, wer unterzeichnet hat und ob sonst etwas geändert wurde. Die Originale
    bleiben unverändert unter outputs/returned/; dieselbe Datei zählt einmal. Scans und Unterschriften, für die niemand bürgt,
    bestätigt danach „gremium confirm“. Beispiel: gremium receive Posteingang/*.pdf Scan-2017-06-12.tif
    """
    from pipeline.signing.returns import receive
    received, unread = _opened(files)
    with desk.ledger() as ledger, progress("Rückläufe", quiet=desk.quiet) as step:
        found = receive(received, desk.workspace, ledger, now=desk.now(), progress=step) if received else ()
    if as_json:
        desk.give({"returns": [each.as_json() for each in found],
                   "unread": [{"file": name, "reason": str(error), "hint": error.hint} for name, error in unread.items()]})
    else:
        for each in found:
            _print(each)
    for error in unread.values():
        desk.say(f"Nicht gelesen: {error}\n  → {error.hint}")
    _sum(desk, found)
    return 0 if found and not unread and all(each.state in ("accepted", "to-confirm") for each in found) else FAILED


def _opened(files: tuple[Path, ...]) -> tuple[list[Received], dict[str, VerificationError]]:
    """What the files hold, and those that hold nothing to judge."""
    from pipeline.signing.letterbox import opened
    received: list[Received] = []
    unread: dict[str, VerificationError] = {}
    for path in files:
        try:
            for found in opened(path):      # what was found counts, even if something else in the mail stayed unopened
                received.append(found)
        except VerificationError as error:
            unread[path.name] = error
    return received, unread


def _print(each: Return) -> None:
    click.echo(f"{each.received.name}: {WORDS[each.state]}")
    if each.known_since:
        since = dt.datetime.fromisoformat(each.known_since).astimezone(HERE)
        click.echo(f"  schon eingegangen am {since:%d.%m.%Y} um {since:%H:%M} Uhr, dieselbe Datei")
    click.echo(f"  {each.sentence}")
    for name, word in QUESTIONS.items():
        answer = each.answers[name]
        click.echo(f"  {word:16} {answer.indication:14} {answer.sentence}")


def _sum(desk: Desk, found: tuple[Return, ...]) -> None:
    counts = Counter(str(each.state) for each in found)
    desk.say("Rückläufe: " + (", ".join(f"{counts[state]} {word}" for state, word in WORDS.items() if counts[state]) or "keine") + ".")
    if counts["accepted"] and any(initiator.countersigns for initiator in desk.workspace.settings.initiators):
        desk.say("  → Die Gegenzeichnung ist fällig: „gremium sign memorandum“.")
    if counts["to-confirm"]:
        desk.say("  → Ansehen und bestätigen: „gremium confirm SCHLÜSSEL --by NAME“.")
