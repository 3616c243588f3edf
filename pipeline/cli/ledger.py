"""`gremium ledger`: the ledger itself."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from pipeline.cli.desk import Desk


@click.group("ledger")
def command() -> None:
    """Das Verzeichnis outputs/ledger.sqlite: was wann gemacht, freigegeben, unterschrieben und versandt wurde.

    Es lässt sich mit jedem SQLite-Programm lesen; docs/ledger.md beschreibt die Tabellen.
    """


@command.command("backup", short_help="schreibt eine vollständige Kopie, auch während andere Befehle laufen")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="DATEI")
@click.option("--replace", is_flag=True, help="Eine vorhandene Datei dieses Namens ersetzen.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def backup(desk: Desk, file: Path, replace: bool, as_json: bool) -> None:
    """Schreibt eine vollständige Kopie des Verzeichnisses, auch während andere Befehle laufen.

    Täglich, am besten von selbst: Das Verzeichnis lässt sich nicht neu machen. Zurückspielen: die Kopie nach outputs/ledger.sqlite legen,
    während kein Befehl läuft, und ledger.sqlite-wal und ledger.sqlite-shm daneben löschen.

    Beispiel: gremium ledger backup /sicherung/ledger-2017-05-04.sqlite
    """
    if file.exists() and not replace:
        raise click.UsageError(f"{file} gibt es schon; ein anderer Name, oder --replace.")
    if file.resolve() == desk.ledger_path.resolve():
        raise click.UsageError("Die Sicherung braucht einen anderen Ort als das Verzeichnis selbst.")
    with desk.ledger(read_only=True) as ledger:
        ledger.backup(file)
    if as_json:
        desk.give({"file": str(file), "bytes": file.stat().st_size})
    desk.say(f"Gesichert: {file}")
