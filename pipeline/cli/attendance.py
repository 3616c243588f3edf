"""`gremium attendance`: who comes to a meeting, and who has not answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, replace
from difflib import get_close_matches
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.errors import GremiumError

if TYPE_CHECKING:
    from pipeline.ledger import Ledger
    from pipeline.mail.attendance import Attendance, Guest
    from pipeline.mail.mailing import Mailing
    from pipeline.records import Meeting

KIND = "invitation"
_TITLES = {"accepted": "Zugesagt", "tentative": "Unter Vorbehalt", "counter": "Schlägt eine andere Zeit vor", "declined": "Abgesagt",
           "open": "Ohne Antwort", "untold": "Noch nicht eingeladen, oder die Änderung steht noch aus"}
_SHORT = {"accepted": "zugesagt", "tentative": "unter Vorbehalt", "counter": "mit anderem Vorschlag", "declined": "abgesagt",
          "open": "ohne Antwort", "untold": "noch nicht eingeladen oder ohne die Änderung"}
_EARLIER = {"accepted": "zugesagt", "declined": "abgesagt", "tentative": "unter Vorbehalt zugesagt", "counter": "eine andere Zeit vorgeschlagen"}


class UnknownMeeting(GremiumError):
    """There is no such meeting."""

    exit_code = 2

    def __init__(self, key: str, near: Sequence[str]) -> None:
        super().__init__(f"es gibt kein Treffen „{key}“",
                         hint=f"Meinten Sie {', '.join(near)}?" if near else "Die Nummern stehen in der Tabelle meetings.")


@click.command("attendance")
@click.argument("meeting", metavar="TREFFEN")
@click.option("--remind", is_flag=True, help="Zeigt die Erinnerungen an alle ohne Antwort; mit --really gehen sie hinaus.")
@click.option("--really", is_flag=True, help="Zusammen mit --remind: wirklich versenden, nach Rückfrage der Anzahl.")
@click.option("--yes", metavar="ANZAHL", help="Anzahl vorab bestätigen: --yes 12, oder --yes all.")
@click.option("--answer", metavar="PERSON=ANTWORT", default="", help="Vermerkt eine Antwort vom Telefon: P-018=ja, =nein oder =vielleicht.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, meeting: str, remind: bool, really: bool, yes: str | None, answer: str, as_json: bool) -> int:
    """Zeigt, wer zu einem Treffen zugesagt, abgesagt oder noch nicht geantwortet hat.

    Es zählt die letzte Antwort auf den jetzigen Stand der Einladung; nach einer Verlegung fragt die Änderung neu. Erinnert wird nur, wer den
    jetzigen Stand kennt und seit mail.remind_after Tagen nicht geantwortet hat, und niemand zweimal an einem Tag.

    Beispiele: gremium attendance M-005 · gremium attendance M-005 --remind --really --yes 12
    """
    from pipeline.cli.send import show, through_the_door
    from pipeline.mail.attendance import attendance
    from pipeline.mail.sheet import sheet
    if (really or yes) and not remind:
        raise click.UsageError("--really und --yes gehören zu --remind")
    which = _meeting(desk, meeting)
    with desk.ledger(read_only=not (really or answer)) as ledger:
        found = attendance(which, desk.drafts, ledger)
        if answer:
            _note(desk, ledger, found, answer)
            found = attendance(which, desk.drafts, ledger)
        if not remind:
            _show(desk, which, found, as_json)
            return 0
        mailing = _reminding(desk, ledger, found)
        if really:
            return through_the_door(desk, ledger, mailing, yes, as_json=as_json)
        seen = sheet(mailing, ledger, now=desk.now())
    show(seen, as_json)
    if seen.number and not as_json:
        desk.say(f"\nNichts wurde geschrieben oder versandt. Weiter mit: gremium attendance {meeting} --remind --really --yes {seen.number}")
    return 0


def _meeting(desk: Desk, key: str) -> Meeting:
    found = desk.alliance.meeting.get(key)
    if found is None:
        raise UnknownMeeting(key, get_close_matches(key, desk.alliance.meeting, n=3))
    return found


def _note(desk: Desk, ledger: Ledger, found: Attendance, answer: str) -> None:
    from pipeline.mail.attendance import WORDS, by_word
    person, _, word = answer.partition("=")
    if word.strip().casefold() not in WORDS:
        raise click.UsageError("--answer braucht PERSON=ja, PERSON=nein oder PERSON=vielleicht")
    guest = by_word(found, ledger, person.strip(), WORDS[word.strip().casefold()], desk.now())
    desk.say(f"Vermerkt: {guest.key} {word.strip().casefold()}.")


def _reminding(desk: Desk, ledger: Ledger, found: Attendance) -> Mailing:
    from pipeline.cli.send import mailing_of
    from pipeline.mail.attendance import due
    from pipeline.mail.calendar import ZONE
    today: dt.date = desk.now().astimezone(ZoneInfo(ZONE)).date()
    numbers = due(found, today, desk.workspace.settings.mail.remind_after)
    return replace(mailing_of(desk, ledger, KIND), reminding=lambda draft: numbers.get(draft.key, 0))


def _show(desk: Desk, meeting: Meeting, found: Attendance, as_json: bool) -> None:
    if as_json:
        desk.give({"meeting": meeting.key, "cancelled": meeting.cancelled, "invited": len(found.guests), "counts": found.counts,
                   "guests": [asdict(guest) for guest in found.guests]})
        return
    from pipeline import wording
    click.echo(f"{meeting.title}, {wording.weekday_date(meeting.date)}, {wording.period(meeting.start, meeting.end)}".replace(wording.NO_BREAK, " "))
    if meeting.cancelled:
        click.echo("Das Treffen ist abgesagt; niemand ist eingeladen.")
        return
    numbers = ", ".join(f"{number} {_SHORT[stand]}" for stand, number in found.counts.items() if number)
    click.echo(f"Eingeladen: {len(found.guests)}{f' – {numbers}' if numbers else ''}")
    for stand, title in _TITLES.items():
        guests = [guest for guest in found.guests if guest.stand == stand]
        if guests:
            click.echo(f"\n{title} ({len(guests)})")
            for guest in guests:
                click.echo(f"  {guest.key.rpartition('/')[2]:10} {guest.name}, {guest.organisation}{_remark(guest)}")


def _remark(guest: Guest) -> str:
    said = (
        f"schlägt vor: {_moment(guest.proposed)}" if guest.proposed else "",
        "Einladung auf Papier" if guest.on_paper else "",
        "E-Mail unzustellbar; Adresse berichtigen, anrufen oder „gremium letters invitation“" if guest.unreachable and not guest.on_paper else "",
        f"hatte zum früheren Stand {_EARLIER[guest.earlier]}" if guest.earlier else "",
        f"{guest.reminders}-mal erinnert, zuletzt am {dt.date.fromisoformat(guest.reminded):%d.%m.%Y}" if guest.reminders else "",
    )
    remarks = "; ".join(remark for remark in said if remark)
    return f" – {remarks}" if remarks else ""


def _moment(text: str) -> str:
    return f"{dt.datetime.fromisoformat(text):%d.%m.%Y, %H:%M} Uhr"
