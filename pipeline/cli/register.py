"""`gremium register`: where every memorandum stands, in one list, and a certificate for each that is concluded."""

from __future__ import annotations

from collections import Counter

import rich_click as click

from pipeline.cli.desk import Desk


@click.command("register")
@click.option("--json", "as_json", is_flag=True, help="Das Register als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, as_json: bool) -> None:
    """Schreibt das Register aller Memoranden (outputs/register/register.xlsx und register.pdf) und für jedes abgeschlossene eine
    Bescheinigung auf einer Seite: Parteien, Fassung, Freigaben, Unterschriften, Zeitstempel, Rücklauf, Prüfsummen.

    Beispiele: gremium register · gremium register --json
    """
    from pipeline.conclusion import STATES, courses
    from pipeline.register import note, write
    names = {partner.key: partner.name for partner in desk.alliance.partners}
    with desk.ledger(read_only=True) as ledger:
        found = courses(desk.workspace.settings, ledger, names)
    written = write(desk.workspace, found, desk.now())
    with desk.ledger() as ledger:
        note(ledger, written, desk.now())
    if as_json:
        desk.give({"memoranda": [{"key": course.row.key, "partner": course.partner, "revision": course.row.revision, "state": course.state,
                                  "concluded_at": course.concluded_at or None, "waiting": [initiator.key for initiator in course.waiting]}
                                 for course in found],
                   "files": list(written.files), "changed": list(written.changed)})
    counts = Counter(course.state for course in found)
    desk.say("Memoranden: " + (", ".join(f"{counts[state]} {word}" for state, word in STATES.items() if counts[state]) or "keine") + ".")
    for path in written.changed:
        desk.say(f"Geschrieben: {path}")
    if not written.changed:
        desk.say("Das Register ist schon auf diesem Stand.")
