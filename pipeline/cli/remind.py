"""`gremium remind`: who has a paper and has not sent it back."""

from __future__ import annotations

import rich_click as click

from pipeline.cli.desk import Desk


@click.command("remind")
@click.option("--done", is_flag=True, help="Vermerkt, dass an alle Genannten erinnert wurde.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, done: bool, as_json: bool) -> None:
    """Nennt die ausgegebenen Papiere, die nach den eingestellten Tagen (release.remind_after) noch nicht unterzeichnet zurück sind.

    Der Anruf oder das Schreiben bleibt Sache der Geschäftsstelle; mit --done wird vermerkt, dass an alle Genannten erinnert ist.

    Beispiele: gremium remind · gremium remind --done
    """
    from pipeline.issue import WAYS, reminders
    now = desk.now()
    with desk.ledger(read_only=not done) as ledger:
        due = reminders(desk.workspace, ledger, now)
        if done and due:
            ledger.reminded([reminder.row for reminder in due], now)
    names = {partner.key: partner.name for partner in desk.alliance.partners}
    if as_json:
        desk.give([{"key": reminder.row.key, "days": reminder.days, "reminder": reminder.number, "revision": reminder.row.revision}
                   for reminder in due])
    else:
        for reminder in due:
            name = names.get(reminder.row.key.rpartition("/")[2], "")
            click.echo(f"{reminder.row.key:24} {reminder.number}. Erinnerung, seit {reminder.days} Tagen {WAYS[reminder.row.way]}  {name}")
    desk.say(f"{'Vermerkt' if done else 'Zu erinnern'}: {len(due)}.")
