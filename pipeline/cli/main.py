"""The front door: which commands there are, and how a command ends. Each command's module is loaded when it is called."""

from __future__ import annotations

import datetime as dt
import errno
import importlib
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from pipeline.cli.desk import Desk
from pipeline.errors import GremiumError

# In the order of the work, each with its line in the overview; its module of that name in this folder is loaded when it is called.
GROUPS: Mapping[str, Mapping[str, str]] = {
    "Vorbereiten": {
        "new": "legt einen neuen Arbeitsordner an",
        "check": "prüft Tabellen und Vorlagen und nennt jeden Befund mit seiner Zelle",
        "fields": "zeigt die Felder, die eine Vorlage benutzen darf",
        "intake": "liest Beitrittsmails ein und übernimmt geprüfte Vorschläge",
        "survey-form": "schreibt die Arbeitsmappe für die Projektabfrage",
        "survey": "liest zurückgekommene Projektabfragen in die Projekttabelle",
    },
    "Erstellen": {
        "build": "erstellt, was fehlt oder veraltet ist, als Word und PDF",
        "why": "sagt, warum ein Papier veraltet oder aktuell ist",
        "status": "zeigt, wo jedes Papier und jede Nachricht steht",
    },
    "Auf den Weg bringen": {
        "approve": "gibt Papiere frei, genau in dieser Fassung",
        "reject": "weist Papiere zurück, mit Begründung",
        "sign": "setzt die nächste fällige Unterschrift",
        "send": "zeigt, was versandt würde, und versendet mit --really",
        "resolve": "klärt eine Nachricht, deren Verbleib unklar ist",
        "letters": "stellt die Briefe für die zusammen, die keine E-Mail erreicht",
        "council": "stellt die Mappe für den Rat zusammen, hält Stand und Beschluss fest",
    },
    "Nachhalten": {
        "issue": "vermerkt, dass Papiere ausgegeben werden",
        "remind": "nennt, wer an die Rückgabe zu erinnern ist",
        "withdraw": "nimmt ausgegebene Papiere zurück",
        "report": "schreibt die Übersichtsseite",
        "verify": "prüft eine Datei: woher, unverändert, von wem unterschrieben",
        "ledger": "sichert das Verzeichnis",
    },
    "Werkzeug": {
        "convert": "macht aus einer Word-Datei ein archivfestes, zugängliches PDF",
    },
}

# What the system says when a file cannot be used, in German.
SYSTEM = {
    errno.ENOENT: "gibt es nicht", errno.EACCES: "keine Berechtigung", errno.EPERM: "nicht erlaubt", errno.ENOSPC: "der Datenträger ist voll",
    errno.EROFS: "der Datenträger ist schreibgeschützt", errno.EISDIR: "ist ein Ordner", errno.ENOTDIR: "ist kein Ordner",
    errno.EEXIST: "gibt es schon", errno.EBUSY: "wird gerade benutzt", errno.EMFILE: "zu viele offene Dateien",
}

click.rich_click.COMMAND_GROUPS = {"gremium": [{"name": name, "commands": list(commands)} for name, commands in GROUPS.items()]}
click.rich_click.OPTIONS_PANEL_TITLE = "Angaben"
click.rich_click.ERRORS_PANEL_TITLE = "Fehler"
click.rich_click.ERRORS_SUGGESTION = "„gremium BEFEHL --help“ zeigt, was möglich ist."


class Commands(click.RichGroup):
    """The commands, loaded one by one."""

    listing = False     # while the overview is drawn, which needs no command's module

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the work."""
        return [command for commands in GROUPS.values() for command in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Loads the module of one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        if self.listing:
            line = next(commands[cmd_name] for commands in GROUPS.values() if cmd_name in commands)
            return click.RichCommand(name=cmd_name, short_help=line)
        return importlib.import_module(f"pipeline.cli.{cmd_name.replace('-', '_')}").command  # type: ignore[no-any-return]

    def format_help(self, ctx: click.RichContext, formatter: click.RichHelpFormatter) -> None:  # type: ignore[override]
        """The overview."""
        self.listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self.listing = False


def _date(ctx: click.Context, parameter: click.Parameter, value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter("ein Datum wie 2017-05-04 wird gebraucht", ctx, parameter) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-C", "folder", type=click.Path(path_type=Path), default=Path(), metavar="ORDNER",
              help="Arbeitsordner; sonst der, in dem man steht.")
@click.option("--date", callback=_date, metavar="DATUM", help="Datum, das die Papiere tragen, statt dem in alliance.toml.")
@click.option("-q", "--quiet", is_flag=True, help="Nur das Ergebnis und Fehler zeigen.")
@click.option("--debug", is_flag=True, help="Bei einem Fehler zeigen, wo im Programm er auftrat.")
@click.version_option(package_name="gremium", prog_name="gremium", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context, folder: Path, date: dt.date | None, quiet: bool, debug: bool) -> None:
    """Macht aus den Tabellen einer Geschäftsstelle die Papiere ihrer Gremien: geprüft, erstellt, freigegeben,
    unterschrieben, versandt, abgelegt.
    """
    ctx.obj = Desk(folder=folder, date=date, quiet=quiet)


def run() -> None:
    """Runs one command; every way it can end has its exit code, and one line for the person who waits."""
    debug = "--debug" in sys.argv
    try:
        code = main.main(prog_name="gremium", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except GremiumError as error:
        _explain(str(error), error.hint, debug)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _explain("abgebrochen", "Was fertig war, bleibt; derselbe Befehl macht weiter, wo es aufhörte.", debug)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        said = SYSTEM.get(error.errno or 0, error.strerror or str(error))
        _explain(f"{error.filename or 'Datei'}: {said}", "Rechte und freien Platz prüfen.", debug)
        sys.exit(1)
    except Exception as error:
        _explain(f"unerwarteter Fehler ({type(error).__name__}: {error})", "Mit --debug wiederholen und die Ausgabe weitergeben.", debug)
        sys.exit(1)


def _explain(sentence: str, hint: str, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    click.echo(f"Fehler: {sentence}", err=True)
    if hint:
        click.echo(f"  → {hint}", err=True)
