"""The front door: which commands there are, and the one call in which one of them runs. Each command's module is loaded when it is called."""

from __future__ import annotations

import datetime as dt
import importlib
import os
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from pathlib import Path

import click
from click.exceptions import Exit
from click.shell_completion import CompletionItem

from pipeline.cli.tongue import METAVAR, install, tr

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
        "next": "sagt, was jetzt zu tun ist, mit dem Befehl dafür",
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
        "receive": "nimmt an, was zurückkommt: PDF, Scan, Mail",
        "confirm": "bestätigt Rückläufe, die ein Mensch ansehen muss",
        "inbox": "liest den Posteingang: Unzustellbares, Antworten, Rückläufe, Beitritte",
        "attendance": "zeigt, wer zu einem Treffen kommt, und erinnert, wer nicht geantwortet hat",
        "remind": "nennt, wer an die Rückgabe zu erinnern ist",
        "withdraw": "nimmt ausgegebene Papiere zurück",
        "register": "schreibt das Register der Memoranden und die Abschlussbescheinigungen",
        "report": "schreibt die Übersichtsseite",
        "verify": "prüft eine Datei: woher, unverändert, von wem unterschrieben",
        "ledger": "sichert das Verzeichnis",
        "erase": "löscht eine Person aus allem, was erstellt und versandt wurde",
    },
    "Werkzeug": {
        "convert": "macht aus einer Word-Datei ein archivfestes, zugängliches PDF",
        "completion": "lässt die Tabulatortaste Befehle und Schlüssel ergänzen",
    },
}
HELP = frozenset({"-h", "--help"})
BEFORE = "gremium.before"       # in the context: how the ledger looked when the command began


class Commands(click.Group):
    """The commands, loaded one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the work."""
        return [command for commands in GROUPS.values() for command in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Loads the module of one command. Raises NoSuchCommand with what was perhaps meant."""
        names = self.list_commands(ctx)
        if cmd_name not in names:
            if ctx.resilient_parsing or cmd_name.startswith("-"):
                return None
            raise click.NoSuchCommand(cmd_name, possibilities=names, ctx=ctx)
        command: click.Command = importlib.import_module(f"pipeline.cli.{cmd_name.replace('-', '_')}").command
        if ctx.resilient_parsing:
            from pipeline.cli.asked import completing
            return completing(command)
        if HELP & set(sys.argv):
            from pipeline.cli.guidance import dressed
            return dressed(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin so, without loading any of them."""
        lines = {name: line for commands in GROUPS.values() for name, line in commands.items()}
        named = [CompletionItem(name, help=tr(line)) for name, line in lines.items() if name.startswith(incomplete)]
        return named + click.Command.shell_complete(self, ctx, incomplete)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """How a line begins."""
        formatter.write_usage("gremium", tr("[ANGABEN] BEFEHL [ANGABEN DES BEFEHLS] …"), prefix=_head(tr("Aufruf:")) + " ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by groups, then what may stand before each of them."""
        widest = max(map(len, self.list_commands(ctx)))
        for title, commands in GROUPS.items():
            formatter.write_paragraph()
            formatter.write(f"{_head(tr(title))}\n")
            for name, line in commands.items():
                formatter.write(f"  {click.style(f'{name:{widest}}', fg='cyan')}  {tr(line)}\n")
        for parameter in self.get_params(ctx):
            if parameter.metavar:
                parameter.metavar = tr(METAVAR + parameter.metavar).removeprefix(METAVAR)
        records = [record for parameter in self.get_params(ctx) if (record := parameter.get_help_record(ctx))]
        formatter.write_paragraph()
        formatter.write(f"{_head(tr('Angaben, vor dem Befehl'))}\n")
        with formatter.indentation():
            formatter.write_dl([(option, tr(words)) for option, words in records])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Where to go from here."""
        formatter.write(tr("\nErste Schritte: gremium new ORDNER · gremium -C ORDNER check · gremium -C ORDNER build\n"))
        formatter.write(tr("Mehr zu einem Befehl: gremium BEFEHL --help. Was jetzt zu tun ist: gremium next\n"))

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What it is all for."""
        formatter.write_paragraph()
        formatter.write_text(tr("Macht aus den Tabellen einer Geschäftsstelle die Papiere ihrer Gremien: geprüft, erstellt, freigegeben, "
                                "unterschrieben, versandt, abgelegt."))


def _head(words: str) -> str:
    return click.style(words, bold=True)


def _date(ctx: click.Context, parameter: click.Parameter, value: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter("ein Datum wie 2017-05-04 wird gebraucht", ctx, parameter) from None


def _version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version
        click.echo(f"gremium {version('gremium')}")
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=False, add_help_option=False)
@click.option("-C", "folder", type=click.Path(path_type=Path), default=Path(), metavar="ORDNER",
              help="Arbeitsordner; sonst der, in dem man steht.")
@click.option("--date", callback=_date, metavar="DATUM", help="Datum, das die Papiere tragen, statt dem in alliance.toml.")
@click.option("--lang", type=click.Choice(["de", "en"]), metavar="SPRACHE", expose_value=False,
              help="Sprache der Meldungen, de oder en; sonst nach GREMIUM_LANG oder dem Rechner. Die Papiere bleiben deutsch.")
@click.option("-q", "--quiet", is_flag=True, help="Nur das Ergebnis und Fehler zeigen.")
@click.option("--debug", is_flag=True, help="Bei einem Fehler zeigen, wo im Programm er auftrat.")
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Die Fassung des Programms.")
@click.help_option("-h", "--help", help="Diese Übersicht; nach einem Befehl das, was zu ihm zu sagen ist.")
@click.pass_context
def main(ctx: click.Context, folder: Path, date: dt.date | None, quiet: bool, debug: bool) -> None:
    """Opens the desk at which a command works."""
    from pipeline.cli.desk import Desk
    ctx.obj = Desk(folder=folder, date=date, quiet=quiet)
    ctx.meta[BEFORE] = _looks(folder)


@main.result_callback()
@click.pass_context
def done(ctx: click.Context, /, code: object, folder: Path, **_: object) -> object:
    """What a command leaves behind when its work is done: the status page, where there is one and the command changed something."""
    if _looks(folder) != ctx.meta[BEFORE]:
        from pipeline.cli.report import renew
        renew(ctx.obj)
    return code


def _looks(folder: Path) -> tuple[tuple[int, int], ...]:
    """Size and time of the ledger's files, which a command that only reads leaves as they are, and so does a dry run."""
    found = []
    for name in ("ledger.sqlite", "ledger.sqlite-wal"):
        try:
            at = (folder / "outputs" / name).stat()
        except OSError:
            continue
        if at.st_size:      # the log appears empty when somebody reads
            found.append((at.st_size, at.st_mtime_ns))
    return tuple(found)


def coloured(environment: Mapping[str, str]) -> bool | None:
    """Whether colours are wanted whatever the output is; None leaves it to whether that is a terminal (no-color.org)."""
    if environment.get("NO_COLOR"):
        return False
    return True if environment.get("FORCE_COLOR") else None


def run() -> None:
    """Runs one command; every way it can end has its exit code, and one line for the person who waits."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            if os.name == "nt" and not stream.isatty():
                stream.reconfigure(encoding="utf-8")     # a file or another program: JSON is UTF-8 everywhere
            stream.reconfigure(errors="replace")         # a console without „ or → shows a ? and goes on
    install(sys.argv[1:], os.environ)
    arguments, color = sys.argv[1:] or ["--help"], coloured(os.environ)
    try:
        code = main.main(arguments, prog_name="gremium", standalone_mode=False, color=color)
        sys.exit(code if isinstance(code, int) else 0)
    except Exit as end:
        sys.exit(end.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except (Exception, KeyboardInterrupt) as error:
        from pipeline.cli.endings import tell
        sys.exit(tell(error, debug="--debug" in sys.argv, as_json="--json" in sys.argv, color=color))
