"""`gremium send`: look first, then send, and nothing twice."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.cli.passwords import around
from pipeline.cli.progress import progress

if TYPE_CHECKING:
    from pipeline.ledger import Ledger
    from pipeline.mail.message import Sign
    from pipeline.mail.send import Outcome
    from pipeline.mail.sheet import Mailing, Note, Sheet
    from pipeline.papers.draft import Recipient

NOT_ALL_SENT = 7
SHOWN = 5    # keys named before the rest is counted


@click.command("send")
@click.argument("kind", metavar="ART")
@click.option("--really", is_flag=True, help="Wirklich versenden, nach Rückfrage der Anzahl.")
@click.option("--yes", metavar="ANZAHL", help="Anzahl vorab bestätigen: --yes 118, oder --yes all.")
@click.option("--only", multiple=True, metavar="SCHLÜSSEL", help="Nur dieses Papier; mehrfach möglich.")
@click.option("--again", multiple=True, metavar="SCHLÜSSEL", help="Memoranden: dieses noch einmal, obwohl diese Revision schon draußen ist.")
@click.option("--unsigned", is_flag=True, help="Memoranden: auch ohne die Unterschriften der Initiatoren, wenn der Partner zuerst zeichnet.")
@click.option("--to", "redirect", metavar="ADRESSE", default="", help="Probe: alles an diese Adresse, ohne Eintrag im Verzeichnis.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, kind: str, really: bool, yes: str | None, only: tuple[str, ...], again: tuple[str, ...], unsigned: bool,
            redirect: str, as_json: bool) -> int:
    """Zeigt, wer welche Nachricht bekäme; mit --really wird jede Nachricht eingefroren und dann versandt, keine zweimal.

    Nur freigegebene Briefe gehen hinaus. Ist eine Sitzung verlegt, erhalten die schon Eingeladenen eine Änderung; ist sie abgesagt oder jemand
    nicht mehr eingeladen, eine Absage, die den Eintrag aus dem Kalender nimmt.

    Memoranden gehen in der Datei hinaus, die freigegeben und von den Initiatoren unterzeichnet ist, jede Revision nur einmal; ausgegeben sind
    sie, sobald die Nachricht versandt ist.

    Ohne Mailserver in den Einstellungen liegen die Nachrichten danach in outputs/outbox/.
    Beispiele: gremium send invitation · gremium send memorandum --really --yes 55
    """
    from pipeline.mail.sheet import sheet
    chosen = [desk.known(key) for key in (*only, *again)]
    with desk.ledger(read_only=not really) as ledger:
        mailing = mailing_of(desk, ledger, kind, redirect, Wish(only=frozenset(chosen if only else ()), again=frozenset(again), unsigned=unsigned))
        if really:
            return through_the_door(desk, ledger, mailing, yes, as_json=as_json)
        found = sheet(mailing, ledger, now=desk.now())
    show(found, as_json)
    if found.number and not as_json:
        more = " ".join(("", *(f"--only {key}" for key in only), *(f"--again {key}" for key in again), *(["--unsigned"] if unsigned else [])))
        desk.say(f"\nNichts wurde geschrieben oder versandt. Weiter mit: gremium send {kind}{more} --really --yes {found.number}")
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was asked for beside the kind."""

    only: frozenset[str] = frozenset()     # keys; empty for all
    again: frozenset[str] = frozenset()    # keys of papers that go out once more
    unsigned: bool = False                 # papers the partner signs first


def through_the_door(desk: Desk, ledger: Ledger, mailing: Mailing, yes: str | None, *, as_json: bool) -> int:
    """Sends a mailing after its number was confirmed, and tells what became of it; the exit code."""
    from pipeline.mail.dispatch import Run
    from pipeline.mail.routes import route
    from pipeline.mail.send import send
    from pipeline.mail.sheet import plan
    confirmed = _number(yes)
    if confirmed is None and yes != "all":
        confirmed = _confirm(plan(mailing, ledger).number)
    ways = route(desk.workspace.settings.mail, around(desk))
    mailing = replace(mailing, sign=_signer(desk))
    with progress("Nachrichten", quiet=desk.quiet) as step:
        run = Run(ledger=ledger, posts=ways.posts, pauses=ways.pauses, clock=desk.now, timer=time.monotonic, sleep=time.sleep,
                  progress=step, say=desk.say)
        outcome = send(mailing, run, confirmed=confirmed)
    if as_json:
        desk.give({name: [note.key for note in getattr(outcome, name)] for name in OUTCOMES} | {"stopped": outcome.stopped})
    _tell(desk, outcome)
    return 0 if outcome.complete else NOT_ALL_SENT


OUTCOMES = {
    "sent": "versandt", "already": "schon früher versandt oder gedruckt", "paper": "bekommen Papier (keine E-Mail)", "held": "zurückgehalten",
    "impossible": "weder E-Mail noch Anschrift", "by_hand": "von Hand abzusagen",
    "deferred": "zurückgestellt, gehen beim nächsten Lauf", "failed": "abgelehnt",
    "unknown": "Verbleib unklar", "left": "nicht mehr versucht",
}


def _number(yes: str | None) -> int | None:
    if yes in (None, "all"):
        return None
    if not yes.isdecimal():
        raise click.UsageError("--yes braucht die Anzahl der Nachrichten oder „all“")
    return int(yes)


def mailing_of(desk: Desk, ledger: Ledger, kind: str, redirect: str = "", wish: Wish = Wish()) -> Mailing:
    """All that decides who gets which paper of this kind. Raises UnknownKind; UsageError for what is not sent singly."""
    from pipeline.build.plan import State
    from pipeline.mail.sheet import Mailing
    from pipeline.papers.kinds import KINDS
    from pipeline.pdf.provenance import read
    from pipeline.release import envelopes, standing
    from pipeline.signing.refuted import Refuted
    desk.kinds((kind,))
    if not (KINDS[kind].mailed or KINDS[kind].signed):
        raise click.UsageError(f"{KINDS[kind].title} wird nicht einzeln verschickt")
    approvals, refuted = ledger.approvals(), Refuted(desk.workspace)
    envelope, released, held = envelopes(desk.workspace), {}, {}
    entries = desk.plan(ledger).only(kinds=(kind,)).entries
    for entry in entries:
        if entry.state is not State.FRESH or entry.row is None:
            held[entry.key] = "gesperrt durch einen Befund" if entry.state is State.BLOCKED else "nicht aktuell erstellt"
            continue
        covers = envelope(entry.draft) if entry.draft else None
        stands = standing(entry.row, approvals.get(entry.key, ()), desk.workspace.settings.release, covers)
        why = refuted.why(approvals.get(entry.key, ())) if stands.approved else str(stands)
        if why:
            held[entry.key] = why
        else:
            released[entry.key] = entry.row
    found = Mailing(workspace=desk.workspace, kind=kind, drafts=[entry.draft for entry in entries if entry.draft], meetings=desk.alliance.meeting,
                    released=released, held=held, provenance=read, redirect=redirect, silent=desk.alliance.silent, hushed=hushed(desk, ledger),
                    known=_known(desk), doubt=_doubt(desk), chosen=wish.only)
    if not KINDS[kind].signed:
        return found
    from pipeline.giving import by_mail
    return by_mail(found, ledger, desk.now(), unsigned=wish.unsigned, again=wish.again)


def hushed(desk: Desk, ledger: Ledger) -> frozenset[str]:
    """Hashes of the addresses nothing may go to: by the tables, and by what the ledger keeps of people who were erased."""
    from pipeline.ledger import personal
    return ledger.silenced() | {personal(address) for address in desk.alliance.unwanted}


def _known(desk: Desk) -> dict[str, Recipient]:
    """Everybody in the tables as a letter would address them, invited or not."""
    from pipeline.papers.invitation import addressed
    alliance = desk.alliance
    found = {partner.key: addressed(partner, None) for partner in alliance.partners}
    return found | {person.key: addressed(alliance.partner[person.partner], person) for person in alliance.persons
                    if person.partner in alliance.partner}


_WHO_IS_INVITED = ("partners", "persons", "bodies", "memberships", "meetings")


def _doubt(desk: Desk) -> str:
    """Why nobody can be told for sure to be invited no more: with errors in the tables a seat may be missing that is there."""
    from pipeline.tables.load import table_of
    if not desk.alliance.meetings:
        return "Absage zurückgestellt: In den Tabellen steht kein einziges Treffen; erst die Datei prüfen"
    if any(table_of(Path(finding.place.file)) in _WHO_IS_INVITED for finding in desk.checked.errors):
        return "Absage zurückgestellt: In den Tabellen sind noch Fehler (gremium check), erst danach steht fest, wer eingeladen ist"
    return ""


def show(seen: Sheet, as_json: bool) -> None:
    """What would be sent, for a person or as JSON."""
    groups = {"already": seen.already, "unknown": seen.unknown, "failed": seen.failed, "paper": seen.paper, "held": seen.held,
              "impossible": seen.impossible, "by_hand": seen.by_hand}
    if as_json:
        Desk.give({"due": [due.draft.key for due in seen.due], "updates": [due.draft.key for due in seen.updates],
                   "cancellations": [due.draft.key for due in seen.cancellations],
                   **{name: [note.key for note in notes] for name, notes in groups.items()}})
        return
    click.echo("Zu versenden: 1 Nachricht" if seen.number == 1 else f"Zu versenden: {seen.number} Nachrichten")
    if seen.updates:
        click.echo(f"  darunter Änderungen und neue Fassungen für schon Eingeladene: {len(seen.updates)}")
    if seen.cancellations:
        click.echo(f"  darunter Absagen: {len(seen.cancellations)}")
    for sample in seen.samples:
        click.echo(f"\n── {sample.key} → {sample.to}\n   {sample.subject}\n")
        click.echo("\n".join(f"   {line}" for line in sample.text.strip().splitlines()))
    if seen.unusual:
        click.echo("\nAuffällig:")
        for sample in seen.unusual:
            click.echo(f"  {sample.key} → {sample.to}: {sample.reason}")
    for name, notes in groups.items():
        tell(OUTCOMES[name], notes)


def _confirm(number: int) -> int | None:
    if not number:
        return None
    if not sys.stdin.isatty():
        raise click.UsageError(f"zum Versand die Anzahl bestätigen: --yes {number}")
    return int(click.prompt(f"{number} Nachrichten gehen hinaus. Zur Bestätigung die Anzahl eingeben", type=int, err=True))


def _signer(desk: Desk) -> Sign | None:
    """Puts the office's signature on each message, where the settings name a key for it."""
    if not desk.workspace.settings.mail.smime:
        return None
    from pipeline.cli.approve import passphrase
    from pipeline.signing.passphrases import passphrases
    from pipeline.signing.smime import signer
    ask = passphrases(prompt=passphrase, keyring=desk.workspace.settings.signing.keyring)
    return signer(desk.workspace, now=desk.now(), passphrase=ask)


def _tell(desk: Desk, outcome: Outcome) -> None:
    for name, words in OUTCOMES.items():
        notes: Sequence[Note] = getattr(outcome, name)
        if notes and name in ("sent", "already"):
            desk.say(f"{len(notes)} {words}.")
        elif notes:
            tell(words, notes, err=True)
    if not any(getattr(outcome, name) for name in OUTCOMES):
        desk.say("Nichts zu versenden.")
    if outcome.stopped:
        click.echo(f"Vorzeitig beendet: {outcome.stopped}", err=True)
    if outcome.unknown:
        click.echo("  → Beim Empfänger nachfragen, dann „gremium resolve SCHLÜSSEL --sent“ oder „--not-sent“.", err=True)


def tell(words: str, notes: Sequence[Note], *, err: bool = False) -> None:
    """Some papers and what is to be said about them, those with the same reason together."""
    if not notes:
        return
    click.echo(f"{len(notes)} {words}:", err=err)
    for reason, number in Counter(note.reason for note in notes).items():
        keys = [note.key for note in notes if note.reason == reason]
        more = f" und {number - SHOWN} weitere" if number > SHOWN else ""
        click.echo(f"  {', '.join(keys[:SHOWN])}{more}{f' – {reason}' if reason else ''}", err=err)
