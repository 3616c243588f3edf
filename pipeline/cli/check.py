"""`gremium check`: every finding in tables and templates, with its cell."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.errors import TemplateError
from pipeline.findings import Finding, Severity, ordered
from pipeline.records import Place

MARKS = {Severity.ERROR: ("Fehler", "red"), Severity.WARNING: ("Warnung", "yellow"), Severity.NOTE: ("Hinweis", "blue")}
TABLES_WRONG, TEMPLATES_WRONG = 3, 4


@click.command("check", short_help="prüft Tabellen und Vorlagen und nennt jeden Befund mit seiner Zelle")
@click.option("--json", "as_json", is_flag=True, help="Befunde als JSON auf die Standardausgabe.")
@click.option("--strict", is_flag=True, help="Auch Warnungen und Hinweise (stille Berichtigungen) gelten als Fehler.")
@click.option("--marked", type=click.Path(path_type=Path, dir_okay=False), metavar="DATEI.xlsx",
              help="Schreibt eine Kopie der Tabellen mit farbigen, kommentierten Zellen.")
@click.pass_obj
def command(desk: Desk, as_json: bool, strict: bool, marked: Path | None) -> int:
    """Liest alle Tabellen und Vorlagen und nennt jeden Befund: was, wo, was zu tun ist.

    Es wird nichts verändert. Beispiel: gremium check --marked befunde.xlsx
    """
    in_tables = desk.checked.findings
    in_templates = template_findings(desk)
    if marked:
        write_marked(desk, marked, in_tables)
    found = ordered((*in_tables, *in_templates))
    if as_json:
        desk.give({"findings": [finding.as_json() for finding in found]})
    else:
        show(found, quiet=desk.quiet)
    desk.say(_summary(desk, found))
    wrong = set(Severity) if strict else {Severity.ERROR}
    if any(finding.severity in wrong for finding in in_tables):
        return TABLES_WRONG
    return TEMPLATES_WRONG if any(finding.severity in wrong for finding in in_templates) else 0


def template_findings(desk: Desk) -> tuple[Finding, ...]:
    """What is wrong in the templates, each checked against a complete sample of its kind."""
    from pipeline.papers.kinds import KINDS, sample
    from pipeline.word.lint import lint
    from pipeline.word.template import Template
    found: list[Finding] = []
    for kind in KINDS.values():
        try:
            found.extend(lint(Template.open(desk.workspace.templates / kind.template), sample(kind.name)))
        except TemplateError as error:
            found.append(Finding(place=Place(file=kind.template), rule="template", message=str(error), hint=error.hint))
    return tuple(found)


def write_marked(desk: Desk, path: Path, findings: tuple[Finding, ...]) -> None:
    """A copy of the tables with what was found; never over an input."""
    from pipeline.tables.mark import marked
    from pipeline.workspace import place
    if path.resolve().is_relative_to(desk.workspace.inputs.resolve()):
        raise click.UsageError("Die markierte Kopie darf nicht unter inputs/ liegen; dort stehen nur Ihre eigenen Tabellen.")
    place(path, marked(desk.workspace, findings))
    desk.say(f"Markierte Kopie: {path}")


def show(findings: list[Finding], *, quiet: bool = False) -> None:
    """Findings by file, the most telling part first."""
    for file, group in groupby(findings, key=lambda finding: finding.place.file):
        shown = [finding for finding in group if finding.severity is Severity.ERROR or not quiet]
        if not shown:
            continue
        click.secho(f"\n{file}", bold=True)
        for finding in shown:
            word, colour = MARKS[finding.severity]
            place = finding.place
            where = " ".join(part for part in (
                f"„{place.sheet}“" if place.sheet else "", place.cell or (f"Zeile {place.row}" if place.row else ""),
                f"({place.column})" if place.column else "") if part)
            click.echo(f"  {click.style(f'{word:8}', fg=colour)} {where + ': ' if where else ''}{finding.message}"
                       + (f"  [{finding.value}]" if finding.value and finding.value not in finding.message else ""))
            if finding.hint:
                click.echo(f"           → {finding.hint}")


def _summary(desk: Desk, findings: list[Finding]) -> str:
    alliance = desk.alliance
    read = (f"Gelesen: {len(alliance.partners)} Partner, {len(alliance.persons)} Personen, {len(alliance.projects)} Projekte, "
            f"{len(alliance.topics)} Themen, {len(alliance.bodies)} Gremien, {len(alliance.memberships)} Sitze, {len(alliance.meetings)} Treffen.")
    counts = {severity: sum(finding.severity is severity for finding in findings) for severity in Severity}
    if not findings:
        return f"{read}\nKeine Befunde."
    words = ((Severity.ERROR, "Fehler", "Fehler"), (Severity.WARNING, "Warnung", "Warnungen"), (Severity.NOTE, "Hinweis", "Hinweise"))
    found = ", ".join(f"{counts[severity]} {one if counts[severity] == 1 else many}" for severity, one, many in words if counts[severity])
    return f"{read}\nBefunde: {found}."
