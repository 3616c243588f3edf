"""The address of a mail server, as the settings write it: imap://name@server:993/INBOX?tls=implicit."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pipeline.errors import SendingError


class NoPassword(SendingError):
    """Nobody knows the password of a server."""

    def __init__(self, whose: str, name: str) -> None:
        super().__init__(f"für {whose} fehlt das Passwort ({name})",
                         hint="In die Umgebung oder in den Schlüsselbund legen; am Bildschirm fragt der Befehl danach.")


@dataclass(frozen=True, slots=True)
class Around:
    """What a way to a server may need of the world."""

    root: Path                                # folders count from here
    environ: Mapping[str, str]                # may hold the password or token
    keyring: Callable[[str], str | None] | None = None   # the machine's store of passwords, by "user@host"; None: it has none
    ask: Callable[[str], str] | None = None   # asked last, by "user@host"; None: nobody is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the addresses of one sort of server may say."""

    ports: Mapping[str, int]                  # way of encryption → port; the first is the usual one
    secrets: Mapping[str, str]                # way to log in → name in the environment; the first is the usual one
    nameless: bool                            # such a server may take us without a name
    refusal: Callable[[str], SendingError]    # of an address that does not say what is needed, by the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A server and how to get into it."""

    host: str
    port: int
    tls: str
    auth: str
    user: str                                 # "" where nobody logs in
    secret: str = field(repr=False)
    path: str                                 # without slashes around it


def access(address: str, service: Service, around: Around) -> Access:
    """What an address says; the secret comes from the environment, the keyring, or whoever sits there.

    Raises NoPassword, and what the service refuses an address with.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise service.refusal("der Server oder die Portnummer ist keine Angabe, wie sie gebraucht wird") from error
    options = {"tls": next(iter(service.ports)), "auth": next(iter(service.secrets))} | dict(parse_qsl(parts.query, keep_blank_values=True))
    for reason in _problems(parts, options, service):
        raise service.refusal(reason)
    tls, auth = options["tls"], options["auth"]
    host, user = parts.hostname or "", unquote(parts.username or "")
    return Access(host=host, port=port or service.ports[tls], tls=tls, auth=auth, user=user, path=unquote(parts.path.strip("/")),
                  secret=_secret(f"{user}@{host}", service.secrets[auth], around) if user else "")


def _problems(parts: SplitResult, options: Mapping[str, str], service: Service) -> Iterator[str]:
    """Why an address will not do, the plainest reason first."""
    tls, auth, unknown = options["tls"], options["auth"], [name for name in options if name not in ("tls", "auth")]
    kept = next(iter(service.secrets.values()))
    checks = (
        (not parts.hostname, "der Name des Servers fehlt"),
        (not parts.username and not service.nameless, "der Name vor dem @ fehlt"),
        (parts.password is not None, f"ein Passwort gehört nicht in die Adresse, sondern in {kept}"),
        (bool(unknown), f"„{''.join(unknown[:1])}“ ist nicht bekannt"),
        (tls not in service.ports, f"tls={tls} ist nicht bekannt"),
        (auth not in service.secrets, f"auth={auth} ist nicht bekannt"),
        (tls == "none" and not is_here(parts.hostname or ""), "ohne Verschlüsselung nur an diesen Rechner selbst"),
    )
    yield from (reason for wrong, reason in checks if wrong)


def _secret(whose: str, name: str, around: Around) -> str:
    found = around.environ.get(name) or (around.keyring(whose) if around.keyring else "") or (around.ask(whose) if around.ask else "")
    if not found:
        raise NoPassword(whose, name)
    return found


def is_here(host: str) -> bool:
    """Whether a host is this machine, by its name alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
