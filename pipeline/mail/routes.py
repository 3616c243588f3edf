"""Which way messages leave the house: the URL in the settings names it, each kind of URL is one row."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pipeline.errors import SendingError
from pipeline.mail.post import Folder, Post
from pipeline.mail.smtp import Server, Smtp
from pipeline.workspace import MailSettings

SECRETS = {"password": "GREMIUM_SMTP_PASSWORD", "xoauth2": "GREMIUM_SMTP_TOKEN"}     # way to log in → name in the environment
PORTS = {"starttls": 587, "implicit": 465, "none": 25}


class BadUrl(SendingError):
    """The settings do not say where messages go."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"mail.url in inputs/alliance.toml: {reason}",
                         hint="Erlaubt sind folder:ORDNER und smtp://name@server:587?tls=starttls (oder tls=implicit).")


@dataclass(frozen=True, slots=True)
class Around:
    """What a way out may need of the world."""

    root: Path                                # folders count from here
    environ: Mapping[str, str]                # may hold the password or token
    keyring: Callable[[str], str | None] | None = None   # the machine's store of passwords, by "user@host"; None: it has none
    ask: Callable[[str], str] | None = None   # asked last, by "user@host"; None: nobody is there


@dataclass(frozen=True, slots=True)
class Route:
    """The ways out of one run, and how patient it is with them."""

    posts: tuple[Post, ...]
    pauses: tuple[int, ...] = ()              # seconds before each further try; none where waiting changes nothing


def route(settings: MailSettings, around: Around) -> Route:
    """The ways out that the settings name. Raises BadUrl."""
    try:
        parts = urlsplit(settings.url)
    except ValueError as error:
        raise BadUrl(f"„{settings.url}“ ist keine Adresse") from error
    way = WAYS.get(parts.scheme)
    if way is None:
        raise BadUrl(f"„{parts.scheme or settings.url}“ ist weder folder noch smtp")
    return way(parts, settings, around)


@contextmanager
def opened(posts: Sequence[Post]) -> Iterator[None]:
    """The ways out for the length of a `with`, the first one open already. Raises Unreachable."""
    try:
        posts[0].open()
        yield
    finally:
        for post in posts:
            post.close()


def _folder(parts: SplitResult, settings: MailSettings, around: Around) -> Route:
    if not parts.path:
        raise BadUrl("hinter „folder:“ fehlt der Ordner")
    return Route((Folder(around.root / unquote(parts.path)),))


def _smtp(parts: SplitResult, settings: MailSettings, around: Around) -> Route:
    try:
        port = parts.port
    except ValueError as error:
        raise BadUrl("die Portnummer ist keine Zahl bis 65535") from error
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    tls, auth = options.pop("tls", "starttls"), options.pop("auth", "password")
    host, user = parts.hostname or "", unquote(parts.username or "")
    problems = (
        (not host, "der Name des Servers fehlt"),
        (parts.password is not None, f"ein Passwort gehört nicht in die Einstellungen, sondern in {SECRETS['password']}"),
        (bool(options), f"„{next(iter(options), '')}“ ist nicht bekannt"),
        (tls not in PORTS, f"tls={tls} ist nicht bekannt"),
        (auth not in SECRETS, f"auth={auth} ist nicht bekannt"),
        (tls == "none" and not is_here(host), "ohne Verschlüsselung nur an diesen Rechner selbst"),
    )
    for wrong, reason in problems:
        if wrong:
            raise BadUrl(reason)
    secret = _secret(SECRETS[auth], f"{user}@{host}", around) if user else ""
    server = Server(host=host, port=port or PORTS[tls], tls=tls, user=user, secret=secret, auth=auth, most=settings.per_connection)
    return Route(tuple(Smtp(server) for _ in range(settings.connections)), settings.pauses)


def _secret(name: str, whose: str, around: Around) -> str:
    found = around.environ.get(name) or (around.keyring(whose) if around.keyring else "") or (around.ask(whose) if around.ask else "")
    if not found:
        raise BadUrl(f"für {whose} fehlt das Passwort ({name})")
    return found


def is_here(host: str) -> bool:
    """Whether a host is this machine, by its name alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


WAYS: Mapping[str, Callable[[SplitResult, MailSettings, Around], Route]] = {"folder": _folder, "smtp": _smtp}
