"""The front door: which commands there are, and how a command ends. Each command's module is loaded when it is called."""

from __future__ import annotations

import datetime as dt
import errno
import importlib
import sys
import traceback
from pathlib import Path

import rich_click as click
from click.exceptions import Exit

from pipeline.cli.desk import Desk
from pipeline.errors import GremiumError

# In the order of the work; each has a module of its name in this folder, light to import, that loads its room when it runs.
GROUPS = {
    "Vorbereiten": ("new", "check", "fields", "intake", "survey-form", "survey"),
    "Erstellen": ("build", "why", "status"),
    "Auf den Weg bringen": ("approve", "reject", "sign", "send", "resolve", "letters", "council"),
    "Nachhalten": ("issue", "remind", "withdraw", "report", "verify", "ledger"),
    "Werkzeug": ("convert",),
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

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the work."""
        return [command for commands in GROUPS.values() for command in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Loads the module of one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        return importlib.import_module(f"pipeline.cli.{cmd_name.replace('-', '_')}").command  # type: ignore[no-any-return]


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
