"""Passphrases: from the environment, the keyring or a prompt; never from a file or a command line, and never kept."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from pipeline.errors import SigningError

ENVIRONMENT = "GREMIUM_PASSPHRASE_"
SERVICE = "gremium"      # under this name the keyring has them
_PLAIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})

Passphrase: TypeAlias = Callable[[str], str | None]
"""Asked for somebody's key, gives its passphrase, or None when nobody is there to ask."""


class NoKeyring(SigningError):
    """The settings want a keyring that cannot be used."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"der Schlüsselbund ist nicht nutzbar ({reason})",
                         hint="In inputs/alliance.toml unter [signing] keyring = false setzen, oder das Python-Paket „keyring“ einrichten.")


class NoPassphrase(SigningError):
    """Nobody said the passphrase."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"für den Schlüssel von „{owner}“ fehlt die Passphrase",
                         hint=f"Auf Nachfrage eingeben oder als Umgebungsvariable {variable(owner)} bereitstellen.")


class WrongPassphrase(SigningError):
    """The passphrase does not open the key."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"die Passphrase öffnet den Schlüssel von „{owner}“ nicht",
                         hint="Es wurde nichts unterzeichnet; bitte erneut versuchen.")


def variable(owner: str) -> str:
    """The environment variable that may hold a passphrase: GREMIUM_PASSPHRASE_STADT."""
    return ENVIRONMENT + re.sub(r"[^A-Z0-9]+", "_", owner.casefold().translate(_PLAIN).upper()).strip("_")


def passphrases(environment: Mapping[str, str] = os.environ, prompt: Passphrase | None = None, *, keyring: bool = False) -> Passphrase:
    """Passphrases from the environment first, then from the keyring where it is wanted, else from `prompt`."""
    def ask(owner: str) -> str | None:
        given = environment.get(variable(owner))
        if given is None and keyring:
            given = _of_keyring(owner)
        return given if given is not None or prompt is None else prompt(owner)
    return ask


def said(owner: str, passphrase: Passphrase) -> str:
    """The passphrase. Raises NoPassphrase."""
    word = passphrase(owner)
    if word is None:
        raise NoPassphrase(owner)
    return word


def _of_keyring(owner: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise NoKeyring("das Python-Paket „keyring“ fehlt") from error
    try:
        return keyring.get_password(SERVICE, owner)
    except KeyringError as error:
        raise NoKeyring(str(error) or type(error).__name__) from error
