"""`gremium convert`: any Word file by the same way to PDF."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.cli.target import target
from pipeline.errors import DocumentError


class Refused(DocumentError):
    """Several things in a Word file cannot be shown; each has been named."""

    def __init__(self, name: str, count: int) -> None:
        super().__init__(f"aus {name} entstand kein PDF: {count} Stellen lassen sich nicht übernehmen", hint="Die genannten Stellen in Word ändern.")


@click.command("convert")
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="DATEI.docx")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="DATEI.pdf", help="Ziel; sonst daneben mit der Endung .pdf.")
@click.option("--style", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="DATEI.css", help="Ein eigenes Stylesheet dazu.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, source: Path, output: Path | None, style: Path | None, as_json: bool) -> None:
    """Macht aus einer Word-Datei ein PDF/A-3a, das auch PDF/UA-1 ist, oder sagt, was daran nicht geht.

    Für Schreiben, die nicht aus den Tabellen entstehen: Vermerke, Protokolle, Anlagen. Die Word-Datei bleibt unverändert.

    Beispiel: gremium convert vermerk.docx -o vermerk.pdf
    """
    from pipeline.build.produce import NotConformant
    from pipeline.pdf.conformance import problems
    from pipeline.pdf.html.refusals import SeveralObstacles
    from pipeline.pdf.render import to_pdf
    from pipeline.pdf.review import in_style
    from pipeline.pdf.style import Style
    from pipeline.workspace import place
    place_for = target(desk, output or source.with_suffix(".pdf"), ".pdf")
    chosen = Style.open(style) if style else None
    for finding in in_style(style.name, chosen.css) if style and chosen else ():
        desk.say(f"{finding.place}: {finding.message}")
    try:
        pdf = to_pdf(source.read_bytes(), style=chosen)
    except SeveralObstacles as several:
        for obstacle in several.obstacles:
            desk.say(f"{obstacle}. {obstacle.hint}")
        raise Refused(source.name, len(several.obstacles)) from several
    if found := problems(pdf):
        raise NotConformant(found)
    place(place_for, pdf)
    if as_json:
        desk.give({"pdf": str(place_for), "bytes": len(pdf)})
    desk.say(f"{place_for} ({len(pdf) // 1024} kB)")
