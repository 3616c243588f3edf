"""Which e-mail addresses a message can go to, written as mail servers want them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import idna

from pipeline.errors import SendingError

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u00a1-\U0010ffff-]+"      # RFC 5322, 3.2.3, and RFC 6532 for letters outside ASCII
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")


class BadOfficeAddress(SendingError):
    """The office's own address in the settings cannot send."""

    def __init__(self, email: str) -> None:
        super().__init__(f"„{email}“ taugt nicht als Absenderadresse", hint="office.email in inputs/alliance.toml berichtigen.")


def usable(email: str) -> str | None:
    """The address with its domain in ASCII (IDNA 2008: ß stays ß); None for what no server would take.

    One address alone, without a name. Letters outside ASCII before the "@" are kept; whether the server takes them is its to say.
    """
    local, at, domain = unicodedata.normalize("NFC", email.strip()).rpartition("@")
    if not at or len(local.encode("utf-8", "replace")) > 64 or not _LOCAL.fullmatch(local) or not local.isprintable():
        return None
    ascii_domain = _ascii(domain)
    return f"{local}@{ascii_domain}" if "." in ascii_domain.strip(".") else None


@lru_cache(maxsize=4096)
def _ascii(domain: str) -> str:
    """A domain as the domain name system has it; "" for what is none."""
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return ""


def office_address(email: str) -> str:
    """The same for the office's own address, which every server must take. Raises SendingError."""
    found = usable(email)
    if found is None or not found.isascii():
        raise BadOfficeAddress(email)
    return found


def domain(address: str) -> str:
    """What stands behind the "@" of a usable address."""
    return address.rpartition("@")[2]


def allowed(address: str, only: tuple[str, ...]) -> bool:
    """Whether the list of allowed recipients lets this address pass; a list with nothing usable in it lets none."""
    if not only:
        return True
    wanted = {_plain(entry) for entry in only}
    return _plain(address) in wanted or _plain(domain(address)) in wanted


def _plain(entry: str) -> str:
    """An address or a domain, small and with its domain in ASCII; "?" for what is neither."""
    local, at, rest = entry.strip().rpartition("@")
    found = usable(f"{local or 'x'}@{rest}")
    if found is None:
        return "?"
    return found.casefold() if at and local else domain(found).casefold()
