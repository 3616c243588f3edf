"""A command's own page of help: what it does, when to use it, what it takes, and examples, each on a line of its own."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from functools import partial

import click

from pipeline.cli.tongue import METAVAR, tr

EXAMPLES = re.compile(r"\s*Beispiele?:\s+(gremium .*)\Z", re.DOTALL)
_COMMANDS = re.compile(r"(?:^|\s+·\s+)gremium ")


def examples(command: click.Command) -> list[str]:
    """The examples at the end of a command's help, as they would be typed."""
    found = EXAMPLES.search(inspect.cleandoc(command.help or ""))
    lines = _COMMANDS.split(" ".join(found[1].split())) if found else []
    return [f"gremium {line}" for line in lines if line]


def explained(command: click.Command) -> str:
    """The help without its examples: the first paragraph in a sentence, then the rest."""
    return EXAMPLES.sub("", inspect.cleandoc(command.help or ""))


def dressed(command: click.Command) -> click.Command:
    """The command with its help in the house's layout and the language asked for."""
    import rich_click
    config = rich_click.rich_click
    config.OPTIONS_PANEL_TITLE, config.COMMANDS_PANEL_TITLE = tr("Angaben"), tr("Unterbefehle")
    config.DEFAULT_STRING, config.REQUIRED_LONG_STRING = tr("(sonst {value})").replace("{value}", "{}"), tr("(nötig)")
    config.STYLE_HELPTEXT = ""       # dim text is hard to read on many terminals
    _dress(command)
    return command


def _dress(command: click.Command) -> None:
    shown = examples(command)
    command.help = "\n\n".join(tr(" ".join(paragraph.split())) for paragraph in explained(command).split("\n\n"))
    if command.short_help:
        command.short_help = tr(command.short_help)
    command.epilog = _lines(shown)      # type: ignore[assignment]  # rich_click takes a text of rich's as well
    command.options_metavar = tr("[ANGABEN]")
    command.format_usage = partial(_usage, command)      # type: ignore[method-assign]  # rich_click writes "Usage:" and nothing else
    help_option = command.get_help_option(click.Context(command, help_option_names=["-h", "--help"]))
    for parameter in (*command.params, *([help_option] if help_option else ())):
        if isinstance(parameter, click.Option):
            parameter.help = tr("Diese Hilfe.") if parameter is help_option else tr(" ".join((parameter.help or "").split()))
        if parameter.metavar:
            parameter.metavar = stand_in(parameter.metavar)
    if isinstance(command, click.Group):
        command.subcommand_metavar = tr("[UNTERBEFEHL …]")
        for each in command.commands.values():
            _dress(each)


def stand_in(metavar: str) -> str:
    """What stands for a value on the line: FOLDER for ORDNER."""
    return tr(METAVAR + metavar).removeprefix(METAVAR)


def _lines(shown: Sequence[str]) -> object:
    from rich.text import Text
    if not shown:
        return None
    title = tr("Beispiel") if len(shown) == 1 else tr("Beispiele")
    return Text.assemble((title, "bold"), *((f"\n  {line}", "cyan") for line in shown))


def _usage(command: click.Command, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    formatter.write_usage(ctx.command_path, " ".join(command.collect_usage_pieces(ctx)), prefix=tr("Aufruf:") + " ")
