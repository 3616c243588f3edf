"""`gremium inbox`: what comes in is sorted, noted, and handed to those it is for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.consent import consent
from pipeline.cli.desk import Desk
from pipeline.cli.progress import Step, progress

if TYPE_CHECKING:
    from pipeline.ledger import Ledger
    from pipeline.mail.inbox import Hands, Line, Outcome
    from pipeline.mail.incoming import Part
    from pipeline.mail.sources import Box
    from pipeline.mail.verdicts import House
    from pipeline.tables.joining import Proposal

SHOWN = 20          # mails named of one sort before the rest is counted


@click.command("inbox")
@click.argument("sources", nargs=-1, metavar="[QUELLE]...")
@click.option("-n", "--dry-run", "dry", is_flag=True, help="Nur zeigen, was die Nachrichten sind; nichts vermerken und nichts weitergeben.")
@click.option("--move", is_flag=True, help="Erledigtes im Postfach in den Ordner aus inbox.moved_to verschieben, nach Rückfrage der Anzahl.")
@click.option("--yes", metavar="ANZAHL", help="Mit --move: die Anzahl vorab bestätigen, --yes 12, oder --yes all.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe, ohne Namen und Adressen.")
@click.pass_obj
def command(desk: Desk, sources: tuple[str, ...], dry: bool, move: bool, yes: str | None, as_json: bool) -> None:
    """Liest den Posteingang: Unzustellbares, Zu- und Absagen, Abwesenheitsnotizen, zurückgekommene Papiere, Beitrittsmails.

    QUELLE ist ein Postfach (imap://name@server/INBOX), ein Maildir, eine mbox-Datei, eine .eml-Datei oder ein Ordner voller
    .eml-Dateien; ohne Angabe gilt inbox.source aus inputs/alliance.toml. Jede Nachricht wird einmal gelesen. Beantwortet oder gelöscht
    wird nichts, im Postfach bleibt alles ungelesen; was nicht sicher zu erkennen ist, bleibt für Menschen.

    Beispiele: gremium inbox -n · gremium inbox Posteingang.mbox · gremium inbox --move
    """
    if move and dry:
        raise click.UsageError("--move und --dry-run schließen einander aus.")
    wanted = [(source, Path()) for source in sources]
    if not wanted and desk.workspace.settings.inbox.source:
        wanted = [(desk.workspace.settings.inbox.source, desk.workspace.root)]
    if not wanted:
        raise click.UsageError("Eine QUELLE angeben oder inbox.source in inputs/alliance.toml eintragen.")
    found = [(_safe(source), _read(desk, source, root, dry=dry, move=move, yes=yes)) for source, root in wanted]
    if as_json:
        desk.give({"sources": [{"source": source, **outcome.as_json()} for source, outcome in found]})
    else:
        for source, outcome in found:
            _tell(source, outcome)
    _next(desk, [outcome for _, outcome in found], dry=dry)


def _read(desk: Desk, source: str, root: Path, *, dry: bool, move: bool, yes: str | None) -> Outcome:
    from pipeline.cli.passwords import around
    from pipeline.mail.inbox import read
    from pipeline.mail.sources import opened
    with opened(source, root, around(desk)) as box, desk.ledger(read_only=dry) as ledger:
        if move and not hasattr(box, "move"):
            raise click.UsageError(f"--move geht nur in einem Postfach (imap://…), nicht in „{source}“.")
        house = _house(desk, ledger)
        with progress("Nachrichten", quiet=desk.quiet) as step:
            outcome = read(box, house, ledger, _hands(desk, ledger, house, step), dry=dry)
        if move:
            _move(desk, box, outcome, yes)
    return outcome


def _hands(desk: Desk, ledger: Ledger, house: House, step: Step) -> Hands:
    from pipeline.mail.inbox import Hands

    def receive(parts: Sequence[Part]) -> str:
        from pipeline.cli.receive import WORDS
        from pipeline.signing.arrival import Received
        from pipeline.signing.returns import receive
        files = [Received(Path(part.filename.replace("\\", "/")).name or "anhang", part.data, "mail") for part in parts]
        return ", ".join(f"{each.received.name}: {WORDS[each.state]}" for each in receive(files, desk.workspace, ledger, now=house.now))

    def join(proposals: Sequence[Proposal]) -> None:
        from pipeline.cli.intake import taken_in
        taken_in(desk, proposals)
    return Hands(receive=receive, join=join, progress=step)


def _house(desk: Desk, ledger: Ledger) -> House:
    from pipeline.mail.ours import bears_mark, says_so
    from pipeline.mail.verdicts import House
    people = [address for address in (*(one.email for one in desk.alliance.partners), *(one.email for one in desk.alliance.persons)) if address]
    return House.of(desk.workspace.settings, ledger, desk.now(), says_so=says_so, bears_mark=bears_mark, people=people)


def _move(desk: Desk, box: Box, outcome: Outcome, yes: str | None) -> None:
    from pipeline.mail.imap import Mailbox
    assert isinstance(box, Mailbox)
    folder, number = desk.workspace.settings.inbox.moved_to, len(outcome.done)
    consent(number, f"{number} erledigte Nachrichten werden in den Ordner „{folder}“ verschoben.", yes)
    if number:
        box.move(outcome.done, folder)
        desk.say(f"{number} Nachrichten nach „{folder}“ verschoben.")


def _safe(source: str) -> str:
    """A source as it may be shown: a mailbox without the name it is opened with."""
    scheme, mark, rest = source.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2].partition('?')[0]}" if mark else source


def _tell(source: str, outcome: Outcome) -> None:
    from pipeline.mail.verdicts import SORTS
    click.echo(f"{source}: {sum(outcome.counts.values())} Nachrichten gelesen, {outcome.known} waren schon gelesen.")
    if outcome.later:
        click.echo(f"  {outcome.later} betreffen Nachrichten, die gerade versandt werden; sie werden beim nächsten Mal gelesen.")
    for name, sort in SORTS.items():
        if outcome.counts[name]:
            click.echo(f"{outcome.counts[name]:6}  {sort.words}")
            _list([line for line in outcome.lines if line.sort == name], by_person=sort.left or name == "returned")


def _list(lines: Sequence[Line], *, by_person: bool) -> None:
    for line in lines[:SHOWN]:
        who = " · ".join(part for part in (line.sender, f"„{line.subject}“" if line.subject else "") if part and by_person)
        what = " – ".join(part for part in (line.key, line.why, who) if part)
        click.echo(f"          {line.place}: {what}")
    if len(lines) > SHOWN:
        click.echo(f"          und {len(lines) - SHOWN} weitere")


def _next(desk: Desk, found: Sequence[Outcome], *, dry: bool) -> None:
    """What there is to do now."""
    if dry:
        desk.say("Nichts wurde vermerkt oder weitergegeben.")
        return
    failed = sorted({key.partition("/")[0] for outcome in found for key, state in outcome.settled.items() if state == "failed"})
    for kind in failed:
        desk.say(f"  → Briefe für die Unzustellbaren: gremium letters {kind}")
    if any(outcome.joined for outcome in found):
        desk.say("  → Beitritte prüfen: inputs/joining.xlsx ankreuzen, dann gremium intake --accept")
    if any(line.sort == "returned" for outcome in found for line in outcome.lines):
        desk.say("  → Rückläufe ansehen und bestätigen: gremium next nennt sie, gremium confirm SCHLÜSSEL --by NAME bestätigt")
    worded = sorted({line.key.split("/")[1] for outcome in found for line in outcome.lines if line.sort == "answer" and line.key.count("/") > 1})
    for meeting in worded:
        desk.say(f"  → Antwort in Worten lesen und vermerken: gremium attendance {meeting} --answer PERSON=ja")
    meetings = sorted({line.key.split("/")[1] for outcome in found for line in outcome.lines if line.sort == "calendar" and line.key.count("/") > 1})
    for meeting in meetings:
        desk.say(f"  → Wer kommt: gremium attendance {meeting}")
