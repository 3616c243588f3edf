"""`gremium remind`: who has a paper and has not sent it back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.issue import Reminder

KIND = "memorandum"


@click.command("remind")
@click.option("--really", is_flag=True, help="Die Erinnerungen per E-Mail versenden, nach Rückfrage der Anzahl.")
@click.option("--yes", metavar="ANZAHL", help="Anzahl vorab bestätigen: --yes 12, oder --yes all.")
@click.option("--only", multiple=True, metavar="SCHLÜSSEL", help="Nur an dieses Papier erinnern; mehrfach möglich.")
@click.option("--show", is_flag=True, help="Die Nachrichten zeigen, die mit --really hinausgingen.")
@click.option("--done", is_flag=True, help="Vermerkt, dass an alle Genannten auf anderem Weg erinnert wurde.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, really: bool, yes: str | None, only: tuple[str, ...], show: bool, done: bool, as_json: bool) -> int:
    """Nennt die ausgegebenen Papiere, die nach den eingestellten Tagen (release.remind_after) noch nicht unterzeichnet zurück sind.

    Mit --really gehen die Erinnerungen per E-Mail hinaus, durch dieselbe Tür wie alle Nachrichten; wer keine E-Mail-Adresse hat, wird für
    Brief oder Anruf genannt. Ausgeschiedene Partner und Personen, die nicht angeschrieben werden dürfen, bleiben außen vor.
    Mit --done wird vermerkt, dass auf anderem Weg erinnert wurde. Niemand wird zweimal an einem Tag erinnert.

    Beispiele: gremium remind · gremium remind --really --yes 12 · gremium remind --done
    """
    from pipeline.cli.send import hushed
    from pipeline.issue import remindable, reminders
    if done and (really or show):
        raise click.UsageError("--done vermerkt nur; es lässt sich nicht mit --really oder --show verbinden.")
    if yes and not really:
        raise click.UsageError("--yes gehört zu --really.")
    chosen = frozenset(desk.known(key) for key in only)
    if really or show:
        return _mail(desk, chosen, yes, really=really, as_json=as_json)
    now = desk.now()
    with desk.ledger(read_only=not done) as ledger:
        among = remindable(desk.drafts, desk.alliance.silent, hushed(desk, ledger))
        due = [reminder for reminder in reminders(desk.workspace, ledger, now, among) if not chosen or reminder.row.key in chosen]
        if done and due:
            ledger.reminded([reminder.row for reminder in due], now)
    _tell(desk, due, done=done, as_json=as_json)
    return 0


def _mail(desk: Desk, chosen: frozenset[str], yes: str | None, *, really: bool, as_json: bool) -> int:
    from pipeline.cli.send import mailing_of, show, through_the_door
    from pipeline.giving import reminding
    from pipeline.mail.sheet import sheet
    with desk.ledger(read_only=not really) as ledger:
        mailing = replace(reminding(mailing_of(desk, ledger, KIND), ledger, desk.now()), chosen=chosen)
        if really:
            return through_the_door(desk, ledger, mailing, yes, as_json=as_json)
        seen = sheet(mailing, ledger, now=desk.now())
    show(seen, as_json)
    if seen.number and not as_json:
        desk.say(f"\nNichts wurde geschrieben oder versandt. Weiter mit: gremium remind --really --yes {seen.number}")
    return 0


def _tell(desk: Desk, due: Sequence[Reminder], *, done: bool, as_json: bool) -> None:
    from pipeline.issue import WAYS
    names = {partner.key: partner.name for partner in desk.alliance.partners}
    emails = {draft.key: draft.recipient.email for draft in desk.drafts if draft.recipient}
    if as_json:
        desk.give([{"key": reminder.row.key, "days": reminder.days, "reminder": reminder.number, "revision": reminder.row.revision,
                    "by": "mail" if emails.get(reminder.row.key) else "paper"} for reminder in due])
    else:
        for reminder in due:
            name = names.get(reminder.row.key.rpartition("/")[2], "")
            aside = "" if emails.get(reminder.row.key) else " – keine E-Mail-Adresse: Brief oder Anruf"
            click.echo(f"{reminder.row.key:24} {reminder.number}. Erinnerung, seit {reminder.days} Tagen {WAYS[reminder.row.way]}  {name}{aside}")
    desk.say(f"{'Vermerkt' if done else 'Zu erinnern'}: {len(due)}.")
    if due and not done:
        desk.say("Weiter mit: gremium remind --show, dann gremium remind --really")
