"""`gremium survey-form`: the workbook for the project survey."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from pipeline.cli.desk import Desk


@click.command("survey-form")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="DATEI.xlsx")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, file: Path, as_json: bool) -> int:
    """Schreibt eine Arbeitsmappe zum Verteilen: Auswahllisten für Topthema, Status und Ort, geschützte Überschriften.

    Vor einer Projekterhebung; was zurückkommt, liest „gremium survey“ ein.

    Beispiel: gremium survey-form projektabfrage.xlsx
    """
    from pipeline.tables.survey import form
    from pipeline.workspace import place
    if file.suffix.lower() != ".xlsx":
        raise click.UsageError("Der Name der Datei muss auf .xlsx enden.")
    if file.exists():
        raise click.UsageError(f"{file} gibt es schon; bitte einen anderen Namen wählen.")
    place(file, form(desk.alliance))
    if as_json:
        desk.give({"file": str(file)})
    desk.say(f"Abfrage zum Verteilen: {file}. Zurückgekommene Mappen liest „gremium survey DATEI…“ ein.")
    return 0
