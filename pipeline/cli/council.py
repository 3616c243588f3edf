"""`gremium council`: the dossier for the session."""

from __future__ import annotations

import rich_click as click

from pipeline.cli.desk import Desk


@click.command("council", short_help="stellt die Mappe für den Rat zusammen")
@click.option("--draft", is_flag=True, help="Auch ohne Freigabe, als Entwurf gekennzeichnet.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, draft: bool, as_json: bool) -> None:
    """Stellt Vorlage, Anlagen und ihre OParl-Beschreibung zu einer Mappe und einem ZIP zusammen und nennt, was noch offen ist.

    Nur freigegebene Papiere gehen hinein. Beispiel: gremium council
    """
    from pipeline.council.dossier import dossier, submitted
    with desk.ledger(read_only=True) as ledger:
        papers = submitted(desk.workspace, desk.drafts, ledger)
    done = dossier(desk.workspace, desk.alliance, papers, draft=draft)
    if as_json:
        desk.give({"folder": desk.workspace.relative(done.folder), "files": list(done.files), "open": list(done.open_points),
                   "changed": done.changed})
    desk.say(f"{done.folder}{'' if done.changed else ' (unverändert)'}: {len(done.files)} Dateien")
    if done.open_points:
        desk.say("Noch offen:")
        for point in done.open_points:
            desk.say(f"  · {point}")
