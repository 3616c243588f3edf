"""`gremium survey`: returned survey forms become rows of the project table."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.findings import Severity, ordered

LEFT_OUT = 3


@click.command("survey")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DATEI...")
@click.option("-n", "--dry-run", is_flag=True, help="Nur zeigen, was übernommen würde; schreibt nichts.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, files: tuple[Path, ...], dry_run: bool, as_json: bool) -> int:
    """Liest ausgefüllte Abfragen und ergänzt die Projekttabelle; was fehlerhaft oder schon da ist, bleibt draußen und wird genannt.

    Von der bisherigen Projekttabelle bleibt eine Sicherung; -n zeigt vorher, was übernommen würde.

    Beispiele: gremium survey rücklauf.xlsx -n · gremium survey rücklauf.xlsx
    """
    from pipeline.cli.check import tell
    from pipeline.tables.backup import replaced
    from pipeline.tables.survey import gathered
    paths = [path for path in dict.fromkeys(files) if not path.name.startswith("~$")]
    found = gathered(desk.workspace, desk.alliance, paths)
    kept = replaced(found.path, found.data, desk.now()) if found.data and not dry_run else None
    findings = [finding for finding in ordered(found.findings) if finding.severity is not Severity.NOTE]
    if as_json:
        desk.give({"added": [{"key": key, "title": title, "file": file} for key, title, file in found.added],
                   "findings": [finding.as_json() for finding in ordered(found.findings)]})
    else:
        for file, group in groupby(findings, key=lambda finding: finding.place.file):
            click.secho(f"\n{file}", bold=True)
            for finding in group:
                tell(finding, indent="  ")
    for key, title, file in found.added:
        desk.say(f"{key} {title}  ({file})")
    desk.say(f"{len(found.added)} Projekte aus {len(paths)} Dateien {'würden übernommen' if dry_run else 'übernommen'}: {found.path}."
             + (f" Sicherung: {kept}" if kept and kept.exists() else ""))
    return LEFT_OUT if any(finding.severity is Severity.ERROR for finding in findings) else 0
