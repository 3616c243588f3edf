"""`gremium check`: every finding in tables and templates, with its cell."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence, Sized
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.cli.meanwhile import meanwhile
from pipeline.cli.progress import patience
from pipeline.cli.target import target
from pipeline.cli.tongue import tr
from pipeline.findings import Finding, Severity, ordered
from pipeline.records import Place

if TYPE_CHECKING:
    from pipeline.papers.draft import Value
    from pipeline.tables.load import Loaded

MARKS = {Severity.ERROR: ("Fehler", "red"), Severity.WARNING: ("Warnung", "yellow"), Severity.NOTE: ("Hinweis", "blue")}
# What was read, by its name in the alliance: one of it, and several.
READ = {
    "partners": ("1 Partner", "{number} Partner"), "persons": ("1 Person", "{number} Personen"), "projects": ("1 Projekt", "{number} Projekte"),
    "topics": ("1 Thema", "{number} Themen"), "bodies": ("1 Gremium", "{number} Gremien"), "memberships": ("1 Sitz", "{number} Sitze"),
    "meetings": ("1 Treffen", "{number} Treffen"),
}
TABLES_WRONG, TEMPLATES_WRONG = 3, 4
NAMED = 20      # keys held back that the summary names
LARGE = 2**20   # bytes of tables, some 10,000 rows, from which reading them takes longer than to begin a process


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="Befunde als JSON auf die Standardausgabe.")
@click.option("--strict", is_flag=True, help="Auch Warnungen und Hinweise (stille Berichtigungen) gelten als Fehler.")
@click.option("--notes", is_flag=True, help="Auch die Hinweise zu den Vorlagen einzeln nennen.")
@click.option("--marked", type=click.Path(path_type=Path, dir_okay=False), metavar="DATEI.xlsx",
              help="Schreibt eine Kopie der Tabellen mit farbigen, kommentierten Zellen.")
@click.pass_obj
def command(desk: Desk, as_json: bool, strict: bool, notes: bool, marked: Path | None) -> int:
    """Liest alle Tabellen und Vorlagen und nennt jeden Befund: was, wo, was zu tun ist.

    Vor jedem Bau, und immer wenn jemand an den Tabellen gearbeitet hat. Es wird nichts verändert; --marked schreibt eine Kopie, in der
    die Zellen farbig und kommentiert sind.

    Beispiele: gremium check · gremium check --marked befunde.xlsx
    """
    loaded, in_templates = _examined(desk)
    in_tables = loaded.checked.findings
    if marked:
        write_marked(desk, marked, in_tables)
    if as_json:
        desk.give({"findings": [finding.as_json() for finding in ordered((*in_tables, *in_templates))]})
    else:
        listed = [finding for finding in in_templates if notes or strict or finding.severity is not Severity.NOTE]
        show(ordered((*in_tables, *listed)), loaded, quiet=desk.quiet)
        if unlisted := len(in_templates) - len(listed):
            desk.say(f"\nZu den Vorlagen: {unlisted} {'Hinweis' if unlisted == 1 else 'Hinweise'} (--notes zeigt sie).")
    desk.say(_summary(desk, in_tables, loaded.checked.blocked.keys()))
    wrong = set(Severity) if strict else {Severity.ERROR}
    if any(finding.severity in wrong for finding in in_tables):
        return TABLES_WRONG
    return TEMPLATES_WRONG if any(finding.severity in wrong for finding in in_templates) else 0


def _examined(desk: Desk) -> tuple[Loaded, tuple[Finding, ...]]:
    """The tables and what is wrong in the templates, both looked through at once."""
    from pipeline.tables.load import loaded
    workspace = desk.workspace
    with (meanwhile(lambda: template_findings(desk), long=_size(workspace.inputs) > LARGE) as in_templates,
          patience("Tabellen und Vorlagen werden geprüft", quiet=desk.quiet)):
        found = loaded(workspace)
        desk.checked = found.checked
        return found, in_templates()


def _size(folder: Path) -> int:
    """The bytes of all files that lie in a folder; 0 where there is none."""
    return sum(path.stat().st_size for path in folder.glob("*") if path.is_file())


def template_findings(desk: Desk) -> tuple[Finding, ...]:
    """What is wrong in the templates, each checked against a complete sample of its kind."""
    from pipeline.papers.kinds import KINDS, sample
    found: list[Finding] = []
    for kind in KINDS.values():
        found += _in_template(desk.workspace.templates / kind.template, sample(kind.name))
    return (*found, *_in_style(desk.workspace.templates / "style.css"))


def _in_style(path: Path) -> Iterator[Finding]:
    """What the style sheet says in vain; the one that gremium brings says nothing in vain."""
    if path.exists() and not _brought(path):
        from pipeline.pdf.review import in_style
        yield from in_style(path.name, path.read_text("utf-8", errors="replace"))


def _brought(path: Path) -> bool:
    """A style sheet is, unchanged, the one that gremium brings."""
    from pipeline.cli.new import NothingShipped, shipped
    try:
        return path.read_bytes() == (shipped() / "templates" / path.name).read_bytes()
    except (NothingShipped, OSError):
        return False


def _in_template(path: Path, context: Mapping[str, Value]) -> Iterator[Finding]:
    """What is wrong in one template, and what of its sample could not be shown in the PDF."""
    from pipeline.errors import TemplateError
    from pipeline.pdf.review import in_document
    from pipeline.word.lint import examine, lint
    from pipeline.word.template import Template
    try:
        template = Template.open(path)      # compiled once for all that is asked of it
    except TemplateError:
        yield from examine(path, context)
        return
    told = list(lint(template, context))
    yield from told
    if not any(finding.severity is Severity.ERROR for finding in told):
        yield from in_document(path.name, template.render(context))


def write_marked(desk: Desk, path: Path, findings: tuple[Finding, ...]) -> None:
    """A copy of the tables with what was found; never over an input."""
    from pipeline.tables.mark import copies, marked
    from pipeline.workspace import place
    place(target(desk, path, ".xlsx"), marked(desk.workspace, findings))
    desk.say(f"Markierte Kopie: {path}")
    whole = copies(desk.workspace, findings)
    for name, data in whole.items() if len(whole) > 1 else ():
        beside = path.with_name(f"{path.stem}-{Path(name).stem}.xlsx")
        place(beside, data)
        desk.say(f"Markierte Kopie von {name}: {beside}")


def show(findings: Sequence[Finding], loaded: Loaded, *, quiet: bool = False) -> None:
    """Findings by file and row; each row is shown once, so that nobody has to open the file to know what it is about."""
    shown = [finding for finding in findings if finding.severity is Severity.ERROR or not quiet]
    width = max(60, shutil.get_terminal_size().columns)
    for (file, sheet), group in groupby(shown, key=lambda finding: (finding.place.file, finding.place.sheet)):
        click.secho(f"\n{file}" + (f" · Blatt „{sheet}“" if sheet else ""), bold=True)
        for row, told in groupby(group, key=lambda finding: finding.place.row):
            first, *more = told
            cells = loaded.row(first.place)
            if row:
                line = f"  {tr('Zeile')} {row}" + (f": {' · '.join(cells)}" if cells else "")
                click.secho(line if len(line) <= width else f"{line[:width - 1]}…", dim=bool(cells))
            for finding in (first, *more):
                tell(finding, indent="    " if row else "  ")


def tell(finding: Finding, *, indent: str) -> None:
    """One finding and what to do about it."""
    word, colour = MARKS[finding.severity]
    where = _where(finding.place)
    click.echo(f"{indent}{click.style(f'{tr(word):8}', fg=colour)} {where}{tr(finding.message)}"
               + (f"  [{finding.value}]" if finding.value and finding.value not in finding.message else ""))
    if finding.hint:
        click.echo(f"{indent}         → {tr(finding.hint)}")


def _where(place: Place) -> str:
    named = " ".join(part for part in (place.cell or "", f"({place.column})" if place.column else "") if part)
    return f"{named}: " if named else ""


def _summary(desk: Desk, findings: Sequence[Finding], blocked: Collection[str]) -> str:
    lines = ["Gelesen: {partners}, {persons}, {projects}, {topics}, {bodies}, {memberships}, {meetings}.".format_map(
        {name: _counted(getattr(desk.alliance, name), *words) for name, words in READ.items()})]
    counts = {severity: sum(finding.severity is severity for finding in findings) for severity in Severity}
    words = ((Severity.ERROR, "Fehler", "Fehler"), (Severity.WARNING, "Warnung", "Warnungen"), (Severity.NOTE, "Hinweis", "Hinweise"))
    found = ", ".join(f"{counts[severity]} {one if counts[severity] == 1 else many}" for severity, one, many in words if counts[severity])
    lines.append(f"Befunde in den Tabellen: {found}." if found else "Keine Befunde in den Tabellen.")
    if blocked:
        named = ", ".join(sorted(blocked)[:NAMED]) + (f" und {len(blocked) - NAMED} weitere" if len(blocked) > NAMED else "")
        lines.append(f"Vom Bau ausgeschlossen, bis sie berichtigt sind: {named}.")
    return "\n".join(lines)


def _counted(read: Sized, one: str, many: str) -> str:
    return one if len(read) == 1 else many.format(number=len(read))
