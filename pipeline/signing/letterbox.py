"""Files from outside, opened just far enough: each is one return, a mail as many as it has attachments."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

from pipeline.errors import VerificationError
from pipeline.signing.arrival import Received

LARGEST = 500_000_000      # bytes; a memorandum has a tenth of a million, a stack of fifty colour scans perhaps a hundred
MAIL = (".eml", ".mbox")
_READ = ("application/pdf", "image/")
_ENDINGS = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".jp2", ".gif")


class TooLarge(VerificationError):
    """A file that no scanner and no signature makes."""

    def __init__(self, name: str, size: int) -> None:
        super().__init__(f"{name} ist mit {size // 1_000_000} MB zu groß und wurde nicht gelesen",
                         hint=f"Angenommen werden Dateien bis {LARGEST // 1_000_000} MB; den Stapel in mehreren Dateien scannen.")


class NoFile(VerificationError):
    """A device or a pipe, which may never end."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} ist keine Datei und wurde nicht gelesen", hint="Angenommen werden Dateien: PDFs, Bilder und Mails.")


class NothingAttached(VerificationError):
    """A mail without anything that could be a return."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} enthält weder PDF noch Bild", hint="Ist es die richtige Nachricht? Gelesen werden ihre Anhänge.")


def opened(path: Path) -> Iterator[Received]:
    """The returns in one file. Raises VerificationError, for one too large before it is read."""
    data = whole(path)
    if path.suffix.lower() not in MAIL:
        yield Received(legible(path.name), data)
        return
    found = [each for letter in _letters(data) for each in attached(letter)]
    if not found:
        raise NothingAttached(path.name)
    yield from found


def whole(path: Path) -> bytes:
    """The content of a file. Raises TooLarge before it is read."""
    if not path.is_file():
        raise NoFile(path.name)
    size = path.stat().st_size
    if size >= LARGEST:
        raise TooLarge(path.name, size)
    return path.read_bytes()


def attached(letter: EmailMessage) -> Iterator[Received]:
    """The PDFs and images a mail brings, those of forwarded mails in it as well."""
    for part in letter.walk():
        name = part.get_filename() or ""
        if part.is_multipart() or not (part.get_content_type().startswith(_READ) or name.lower().endswith(_ENDINGS)):
            continue
        data = part.get_payload(decode=True)
        if isinstance(data, bytes) and data and not (part.get_content_disposition() == "inline" and not name):
            yield Received(legible(Path(name.replace("\\", "/")).name) or "anhang", data, "mail")


def legible(name: str) -> str:
    """A name from outside as it can be shown: line ends and what steers a terminal or the direction of writing become blanks."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def _letters(data: bytes) -> Iterator[EmailMessage]:
    """The mails in a file: one, or those of an mbox, each of which begins with a line "From "."""
    texts = [b"From " + text for text in b"\n".join((b"", data)).split(b"\nFrom ")[1:]] if data.startswith(b"From ") else [data]
    for text in texts:
        body = text.partition(b"\n")[2].replace(b"\n>From ", b"\nFrom ") if text.startswith(b"From ") else text
        yield email.message_from_bytes(body, policy=email.policy.default)
