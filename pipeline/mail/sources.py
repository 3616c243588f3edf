"""Where mails come from: a file, a folder of files, an mbox, a Maildir, or a mailbox on a server. One mail at a time, and only read."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from pipeline.errors import SendingError
from pipeline.mail.incoming import MOST_BYTES
from pipeline.mail.server import Around

_HEADS = re.compile(rb"(?:[!-9;-~]+:.*\r?\n(?:[ \t].*\r?\n)*)+")
_LOOK = 2048


class NoMails(SendingError):
    """A source without mails."""

    def __init__(self, source: str, why: str) -> None:
        super().__init__(f"{source} {why}",
                         hint="Eine .eml-Datei, eine mbox-Datei, einen Maildir-Ordner, einen Ordner voller .eml-Dateien "
                              "oder imap://name@server/INBOX angeben.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One mail where it lies."""

    place: str                                              # the same whenever it is found there again; never changes its meaning
    shown: str                                              # the same for people
    number: str = ""                                        # by which its box can move it; "" where nothing can
    read: Callable[[], bytes | None] = field(repr=False)    # the whole mail; None when it is larger than may be


class Box(Protocol):
    """A source of mails, open."""

    @property
    def lasting(self) -> bool:
        """A place never holds another mail, so what was read there need not be read again."""

    def __len__(self) -> int:
        """How many mails there are."""

    def __iter__(self) -> Iterator[Found]:
        """Each in turn. Raises NoMails."""


@dataclass(frozen=True, slots=True)
class Files:
    """A folder of mails, each in a file of its own."""

    paths: Sequence[Path]
    lasting: bool = False

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[Found]:
        for path in self.paths:
            yield Found(place=path.name, shown=path.name, read=partial(_whole, path))


class Mbox:
    """An mbox file."""

    lasting = False

    def __init__(self, path: Path) -> None:
        self._name = path.name
        self._box = mailbox.mbox(path, create=False)
        self._keys = self._box.keys()

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Found]:
        for number, key in enumerate(self._keys, start=1):
            yield Found(place=f"{self._name}#{number}", shown=f"{self._name} Nr. {number}", read=partial(self._whole, key))

    def _whole(self, key: str) -> bytes | None:
        with self._box.get_file(key) as file:
            data: bytes = file.read(MOST_BYTES + 1)
        return data if len(data) <= MOST_BYTES else None

    def close(self) -> None:
        """Lets go of the file."""
        self._box.close()


def opened(source: str, root: Path, around: Around) -> AbstractContextManager[Box]:
    """A source for the length of a `with`: a path, from `root` on, or the address of a mailbox on a server.

    Raises NoMails, and what `imap.opened` raises.
    """
    if source.startswith(("imap:", "imaps:")):
        from pipeline.mail import imap
        return imap.opened(source, around)
    return _local(source, root / source.removeprefix("folder:").removeprefix("maildir:").removeprefix("mbox:"))


def _local(source: str, path: Path) -> AbstractContextManager[Box]:
    try:
        if path.is_dir():
            return nullcontext(_folder(source, path))
        if not path.exists():
            raise NoMails(source, "gibt es nicht")
        if not path.is_file():
            raise NoMails(source, "ist keine Datei")
        return _file(source, path)
    except OSError as error:
        raise NoMails(source, f"lässt sich nicht lesen ({error.strerror or error})") from error


def _folder(source: str, path: Path) -> Box:
    maildir = [path / name for name in ("cur", "new") if (path / name).is_dir()]
    paths = sorted(entry for folder in maildir for entry in folder.iterdir()) if maildir else sorted(path.glob("*.eml"))
    if not paths and not maildir:
        raise NoMails(source, "enthält keine Nachrichten")
    return Files([entry for entry in paths if entry.is_file()])


def _file(source: str, path: Path) -> AbstractContextManager[Box]:
    with path.open("rb") as file:
        start = file.read(_LOOK)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise NoMails(source, "ist eine Outlook-Nachricht (.msg); in Outlook als .eml speichern")
    if start.startswith(b"From "):
        return _mbox(path)
    if not _HEADS.match(start):
        raise NoMails(source, "ist keine Nachricht")
    return nullcontext(Files([path]))


@contextmanager
def _mbox(path: Path) -> Iterator[Box]:
    box = Mbox(path)
    try:
        yield box
    finally:
        box.close()


def _whole(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise NoMails(path.name, f"lässt sich nicht lesen ({error.strerror or error})") from error
    return data if len(data) <= MOST_BYTES else None
