"""Before anything leaves the house, somebody says how much it is."""

from __future__ import annotations

import sys

import click

from pipeline.errors import WorkspaceError

ALL = "all"


class NotConfirmed(WorkspaceError):
    """The number was not given, or is another one."""

    def __init__(self, number: int, said: str) -> None:
        super().__init__(f"bestätigt wurden {said}, es sind {number}" if said else f"nicht bestätigt, dass {number} hinausgehen",
                         hint=f"Zur Bestätigung die Anzahl angeben: --yes {number}")


def consent(number: int, question: str, yes: str | None) -> None:
    """Goes on when the number was given beforehand (`--yes 12`, `--yes all`) or is typed now. Raises NotConfirmed."""
    if not number or yes == ALL:
        return
    said = yes or ""
    if not said and sys.stdin.isatty():
        said = str(click.prompt(f"{question} Zur Bestätigung die Anzahl eingeben", err=True)).strip()
    if said != str(number):
        raise NotConfirmed(number, said)
