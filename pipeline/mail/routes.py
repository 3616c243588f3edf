"""Which way messages leave the house: the URL in the settings names it, each kind of URL is one row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from pipeline.errors import SendingError
from pipeline.mail.post import Folder, Post
from pipeline.mail.server import Around, Service, access
from pipeline.mail.smtp import Server, Smtp
from pipeline.settings import MailSettings


class BadUrl(SendingError):
    """The settings do not say where messages go."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"mail.url in inputs/alliance.toml: {reason}",
                         hint="Erlaubt sind folder:ORDNER und smtp://name@server:587?tls=starttls (oder tls=implicit).")


SMTP = Service(ports={"starttls": 587, "implicit": 465, "none": 25}, nameless=True, refusal=BadUrl,
               secrets={"password": "GREMIUM_SMTP_PASSWORD", "xoauth2": "GREMIUM_SMTP_TOKEN"})


@dataclass(frozen=True, slots=True)
class Route:
    """The ways out of one run, and how patient it is with them."""

    posts: tuple[Post, ...]
    pauses: tuple[int, ...] = ()              # seconds before each further try; none where waiting changes nothing


def route(settings: MailSettings, around: Around) -> Route:
    """The ways out that the settings name. Raises BadUrl, NoPassword."""
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
    found = access(settings.url, SMTP, around)
    server = Server(host=found.host, port=found.port, tls=found.tls, user=found.user, secret=found.secret, auth=found.auth,
                    most=settings.per_connection)
    return Route(tuple(Smtp(server) for _ in range(settings.connections)), settings.pauses)


WAYS: Mapping[str, Callable[[SplitResult, MailSettings, Around], Route]] = {"folder": _folder, "smtp": _smtp}
