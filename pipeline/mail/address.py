"""Which e-mail addresses a message can go to, written as mail servers want them."""

from __future__ import annotations

import re
from email.headerregistry import Address

import idna

from pipeline.errors import SendingError

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


class BadOfficeAddress(SendingError):
    """The office's own address in the settings cannot send."""

    def __init__(self, email: str) -> None:
        super().__init__(f"„{email}“ taugt nicht als Absenderadresse", hint="office.email in inputs/alliance.toml berichtigen.")


def usable(email: str) -> str | None:
    """The address with its domain in ASCII (IDNA 2008: ß stays ß); None for what no server would take.

    One address alone, without a name. Letters outside ASCII before the "@" need servers that few offices have
    (SMTPUTF8), so such an address counts as unusable and its owner gets paper.
    """
    local, at, domain = email.strip().rpartition("@")
    if not at or len(local) > 64 or not _LOCAL.fullmatch(local):
        return None
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return None
    return f"{local}@{ascii_domain}" if "." in ascii_domain.strip(".") else None


def office_address(email: str) -> str:
    """The same for the office's own address. Raises SendingError."""
    found = usable(email)
    if found is None:
        raise BadOfficeAddress(email)
    return found


def domain(address: str) -> str:
    """What stands behind the "@" of a usable address."""
    return address.rpartition("@")[2]


def named(name: str, address: str) -> Address:
    """An address with the name shown for it; commas, quotes and umlauts are safe in it."""
    return Address(display_name=" ".join(name.split()), addr_spec=address)


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
