"""Where the password of a mailbox comes from: the environment, the machine's own store, or whoever sits there."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING

import click

from pipeline.cli.desk import Desk

if TYPE_CHECKING:
    from pipeline.mail.server import Around


def around(desk: Desk) -> Around:
    """What a way to a server may need of the world."""
    from pipeline.mail.server import Around
    return Around(desk.workspace.root, os.environ, kept, asked if sys.stdin.isatty() else None)


def kept(whose: str) -> str | None:
    """The password in the machine's own store, where the package for it is installed (pip install keyring)."""
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        return None
    try:
        found: str | None = keyring.get_password("gremium", whose)
    except keyring.errors.KeyringError:
        return None       # locked, or no store on this machine: the next way is asked
    return found


def asked(whose: str) -> str:
    """The password, typed unseen."""
    return str(click.prompt(f"Passwort für {whose}", hide_input=True, err=True))
