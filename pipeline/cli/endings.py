"""How a command ends that could not do its work: what · where · what to do, in a line, as JSON when asked, and an exit code."""

from __future__ import annotations

import errno
import json
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from pipeline.cli.tongue import METAVAR, plain, tr
from pipeline.errors import GremiumError

USAGE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What is said at the end."""

    sentence: str
    hint: str
    code: int

    def as_json(self) -> dict[str, object]:
        """For a program."""
        return {"error": tr(self.sentence), "hint": tr(self.hint), "exit_code": self.code}


# What the system says when a file cannot be used, in German.
SYSTEM = {
    errno.ENOENT: "gibt es nicht", errno.EACCES: "keine Berechtigung", errno.EPERM: "nicht erlaubt", errno.ENOSPC: "der Datenträger ist voll",
    errno.EROFS: "der Datenträger ist schreibgeschützt", errno.EISDIR: "ist ein Ordner", errno.ENOTDIR: "ist kein Ordner",
    errno.EEXIST: "gibt es schon", errno.EBUSY: "wird gerade benutzt", errno.EMFILE: "zu viele offene Dateien",
}

IN_USE = (32, 33)      # Windows: ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION

# What click says of a value → the same in the office's words; the groups go into the braces, in order.
VALUES: Sequence[tuple[re.Pattern[str], str]] = tuple((re.compile(said, re.DOTALL), words) for said, words in (
    (r"'(.*)' is not one of (.*)\.", "„{value}“ ist nicht möglich, nur: {choices}"),
    (r"'(.*)' is not (.*)\.", "„{value}“ ist nicht möglich, nur: {choices}"),
    (r"(.*) is not in the range (.*)\.", "{value} liegt nicht im Bereich {range}"),
    (r"\w+ '(.*)' does not exist\.", "{path} gibt es nicht"),
    (r"\w+ '(.*)' is a file\.", "{path} ist eine Datei, gebraucht wird ein Ordner"),
    (r"\w+ '(.*)' is a directory\.", "{path} ist ein Ordner, gebraucht wird eine Datei"),
    (r"\w+ '(.*)' is not readable\.", "{path} darf nicht gelesen werden"),
    (r"\w+ '(.*)' is not writable\.", "{path} darf nicht geschrieben werden"),
    (r"Option '(.*)' requires an argument\.", "hinter {option} fehlt der Wert"),
    (r"Option '(.*)' does not take a value\.", "{option} steht ohne Wert"),
    (r"Got unexpected extra arguments? \((.*)\)", "zu viel angegeben: {arguments}"),
    (r"Missing command\.", "es fehlt der Befehl"),
))
NUMBERS = (re.compile(r"'(.*)' is not a valid (?:integer|float)(?: range)?\."), "„{value}“ ist keine Zahl")


def _filled(words: str, values: Sequence[str]) -> str:
    """The words with the values in their braces, one after the other."""
    left = iter(values)
    return re.sub(r"\{\w+\}", lambda _: next(left), words)


def _german(message: str) -> str:
    """What click says, in German; what a command says itself stays."""
    for said, words in (NUMBERS, *VALUES):
        if found := said.fullmatch(message):
            return _filled(words, [value.replace("'", "") for value in found.groups()])
    return message


def _command(error: click.UsageError) -> str:
    return error.ctx.command_path if error.ctx else "gremium"


def _help(error: click.UsageError) -> str:
    return f"„{_command(error)} --help“ zeigt, was möglich ist."


def _meant(error: click.NoSuchOption | click.NoSuchCommand) -> str:
    meant = f" {tr('oder')} ".join(f"„{name}“" for name in error.possibilities or ())
    return f"Meinten Sie {meant}? {_help(error)}" if meant else _help(error)


def _parameter(error: click.BadParameter) -> str:
    if error.param is None:
        return ""
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return tr(METAVAR + (error.param.metavar or error.param.name or "")).removeprefix(METAVAR).strip("[].")


def _missing(error: click.MissingParameter) -> Ending:
    name = _parameter(error)
    choices = getattr(error.param.type if error.param else None, "choices", ())
    hint = f"Möglich sind: {', '.join(map(str, choices))}. {_help(error)}" if choices else _help(error)
    return Ending(sentence=f"{_command(error)}: es fehlt {name}", hint=hint, code=USAGE)


def _bad(error: click.BadParameter) -> Ending:
    return Ending(sentence=f"{_command(error)}, {_parameter(error)}: {_german(error.message)}", hint=_help(error), code=USAGE)


def _usage(error: click.UsageError) -> Ending:
    return Ending(sentence=f"{_command(error)}: {_german(error.message)}", hint=_help(error), code=USAGE)


def _nothing(error: click.exceptions.NoArgsIsHelpError) -> Ending:
    names = ", ".join(error.ctx.command.list_commands(error.ctx)) if error.ctx and isinstance(error.ctx.command, click.Group) else ""
    hint = f"Möglich sind: {names}. {_help(error)}" if names else _help(error)
    return Ending(sentence=f"{_command(error)}: es fehlt der Befehl", hint=hint, code=USAGE)


def _option(error: click.NoSuchOption) -> Ending:
    if error.ctx and error.ctx.parent and any(error.option_name in parameter.opts for parameter in error.ctx.find_root().command.params):
        return Ending(sentence=f"{_command(error)}: die Angabe „{error.option_name}“ steht vor dem Befehl",
                      hint=f"gremium {error.option_name} … {_command(error).removeprefix('gremium ')}", code=USAGE)
    return Ending(sentence=f"{_command(error)}: die Angabe „{error.option_name}“ gibt es nicht", hint=_meant(error), code=USAGE)


def _no_command(error: click.NoSuchCommand) -> Ending:
    return Ending(sentence=f"den Befehl „{error.command_name}“ gibt es nicht", hint=_meant(error), code=USAGE)


def _stopped(error: BaseException) -> Ending:
    return Ending(sentence="abgebrochen", hint="Was fertig war, bleibt; derselbe Befehl macht weiter, wo es aufhörte.", code=1)


def _ours(error: GremiumError) -> Ending:
    return Ending(sentence=str(error), hint=error.hint, code=error.exit_code)


def _system(error: OSError) -> Ending:
    if getattr(error, "winerror", 0) in IN_USE:
        return Ending(sentence=f"{error.filename or 'Datei'}: in einem anderen Programm geöffnet",
                      hint="Die Datei dort schließen und denselben Befehl wiederholen.", code=1)
    said = SYSTEM.get(error.errno or 0, error.strerror or str(error))
    return Ending(sentence=f"{error.filename or 'Datei'}: {said}", hint="Rechte und freien Platz prüfen.", code=1)


def _unforeseen(error: BaseException) -> Ending:
    return Ending(sentence=f"unerwarteter Fehler ({type(error).__name__}: {error})", hint="Mit --debug wiederholen und die Ausgabe weitergeben.",
                  code=1)


# The first that fits counts.
ENDINGS: Mapping[type[BaseException] | tuple[type[BaseException], ...], Callable[[Any], Ending]] = {
    click.exceptions.NoArgsIsHelpError: _nothing,
    click.NoSuchOption: _option,
    click.NoSuchCommand: _no_command,
    click.MissingParameter: _missing,
    click.BadParameter: _bad,
    click.ClickException: _usage,
    GremiumError: _ours,
    (KeyboardInterrupt, click.Abort): _stopped,
    OSError: _system,
    Exception: _unforeseen,
}


def ending(error: BaseException) -> Ending:
    """What is said of an error."""
    return next(worded for sort, worded in ENDINGS.items() if isinstance(error, sort))(error)


def tell(error: BaseException, *, debug: bool, as_json: bool, color: bool | None = None) -> int:
    """Says it, on the error output for people and, when asked, as one JSON document on the other; gives the exit code."""
    if debug:
        traceback.print_exception(error)
    end = ending(error)
    if as_json:
        click.echo(json.dumps(end.as_json(), ensure_ascii=False, indent=2), file=plain(sys.stdout))
    click.echo(f"{click.style(tr('Fehler:'), fg='red')} {tr(end.sentence)}", err=True, color=color)
    if end.hint:
        click.echo(f"  → {tr(end.hint)}", err=True)
    return end.code
