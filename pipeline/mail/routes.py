"""Which way messages leave the house: the URL in the settings names it, each kind of URL is one row."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from pipeline.errors import SendingError
from pipeline.mail.post import Folder, Post
from pipeline.mail.smtp import Server, Smtp

PASSWORD = "GREMIUM_SMTP_PASSWORD"    # name in the environment
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
    environ: Mapping[str, str]                # may hold the password
    ask: Callable[[str], str] | None = None   # else asked for, by "user@host"; None: nobody is there


def post_for(url: str, around: Around) -> Post:
    """The way out that a URL of the settings names. Raises BadUrl."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise BadUrl(f"„{url}“ ist keine Adresse") from error
    way = WAYS.get(parts.scheme)
    if way is None:
        raise BadUrl(f"„{parts.scheme or url}“ ist weder folder noch smtp")
    return way(parts, around)


@contextmanager
def opened(post: Post) -> Iterator[Post]:
    """The way out, open for the length of a `with`. Raises Unreachable."""
    try:
        post.open()
        yield post
    finally:
        post.close()


def _folder(parts: SplitResult, around: Around) -> Post:
    if not parts.path:
        raise BadUrl("hinter „folder:“ fehlt der Ordner")
    return Folder(around.root / unquote(parts.path))


def _smtp(parts: SplitResult, around: Around) -> Post:
    try:
        port = parts.port
    except ValueError as error:
        raise BadUrl("die Portnummer ist keine Zahl bis 65535") from error
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    tls = options.pop("tls", "starttls")
    host = parts.hostname or ""
    problems = (
        (not host, "der Name des Servers fehlt"),
        (parts.password is not None, f"ein Passwort gehört nicht in die Einstellungen, sondern in {PASSWORD}"),
        (bool(options), f"„{next(iter(options), '')}“ ist nicht bekannt"),
        (tls not in PORTS, f"tls={tls} ist nicht bekannt"),
        (tls == "none" and not _is_here(host), "ohne Verschlüsselung nur an diesen Rechner selbst"),
    )
    for wrong, reason in problems:
        if wrong:
            raise BadUrl(reason)
    user = unquote(parts.username or "")
    password = _password(f"{user}@{host}", around) if user else ""
    return Smtp(Server(host=host, port=port or PORTS[tls], tls=tls, user=user, password=password))


def _password(whose: str, around: Around) -> str:
    found = around.environ.get(PASSWORD) or (around.ask(whose) if around.ask else "")
    if not found:
        raise BadUrl(f"für {whose} fehlt das Passwort ({PASSWORD})")
    return found


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


WAYS: Mapping[str, Callable[[SplitResult, Around], Post]] = {"folder": _folder, "smtp": _smtp}
