"""Files from outside, opened just far enough: each is one return, a mail as many as it has attachments.

What an attachment is its first bytes say, whatever name and type the mail program gave it.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from pathlib import Path

from pipeline.errors import VerificationError
from pipeline.signing.arrival import Received

LARGEST = 500_000_000      # bytes; a memorandum has a tenth of a million, a stack of fifty colour scans perhaps a hundred
MAIL = (".eml", ".mbox")
DEEPEST = 8                # mails attached to mails attached to mails
SHEET, EMBEDDED = 600, 1000     # dots on the shorter side: less shows no sheet of paper; what stands in the text itself is a logo up to there
_READ = ("application/pdf", "application/x-pdf", "image/")
_ENDINGS = (".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".jp2", ".gif")
_WRAPPED = (".msg", ".zip", ".7z", ".rar", ".p7m", "winmail.dat")      # may hold a return, and are not opened here
_BEGINNINGS = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8", b"\0\0\0\x0cjP  ")     # of pictures, as their formats say


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


class NotUnwrapped(VerificationError):
    """A mail with attachments that may hold a return and are not opened here."""

    def __init__(self, name: str, inside: Sequence[str]) -> None:
        super().__init__(f"{name}: diese Anhänge wurden nicht geöffnet: {', '.join(inside)}",
                         hint="Im Mailprogramm öffnen, was darin ist als PDF, Bild oder .eml speichern und annehmen.")


def opened(path: Path) -> Iterator[Received]:
    """The returns in one file. Raises VerificationError: for one too large before it is read, for what stayed unopened at the end."""
    data = whole(path)
    if path.suffix.lower() not in MAIL:
        yield Received(legible(path.name), data)
        return
    letters = tuple(_letters(data))
    found = [each for letter in letters for each in attached(letter)]
    yield from found
    inside = [_named(part) for letter in letters for part in _parts(letter) if _wrapped(part)]
    if inside:
        raise NotUnwrapped(path.name, inside)
    if not found:
        raise NothingAttached(path.name)


def whole(path: Path) -> bytes:
    """The content of a file. Raises TooLarge before it is read."""
    if not path.is_file():
        raise NoFile(path.name)
    size = path.stat().st_size
    if size >= LARGEST:
        raise TooLarge(path.name, size)
    return path.read_bytes()


def attached(letter: EmailMessage) -> Iterator[Received]:
    """The PDFs and images a mail brings, those of forwarded and attached mails in it as well; logos and signs in its text are none."""
    for part in _parts(letter):
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes) or not data or _wrapped(part):
            continue
        if _is_pdf(data) or (_is_picture(part, data) and not _small(data, in_text=_in_text(part))):
            yield Received(_named(part), data, "mail")


def _parts(letter: EmailMessage, depth: int = 0) -> Iterator[EmailMessage]:
    """All that is no text of the mail itself; a mail that came as a file is opened like one that was forwarded."""
    for part in letter.walk():
        name = (part.get_filename() or "").lower()
        if part.is_multipart() or (part.get_content_maintype() == "text" and not name):
            continue
        data = part.get_payload(decode=True)
        if name.endswith(".eml") and isinstance(data, bytes) and depth < DEEPEST:
            yield from _parts(email.message_from_bytes(data, policy=email.policy.default), depth + 1)
        else:
            yield part


def _named(part: EmailMessage) -> str:
    return legible(Path((part.get_filename() or "").replace("\\", "/")).name) or "anhang"


def _wrapped(part: EmailMessage) -> bool:
    return _named(part).lower().rstrip(". ").endswith(_WRAPPED) or part.get_content_type() == "application/pkcs7-mime"


def _is_pdf(data: bytes) -> bool:
    return b"%PDF-" in data[:1024]


def _is_picture(part: EmailMessage, data: bytes) -> bool:
    """By its first bytes; what only says so is one too, a damaged one, and told as such. So is a PDF whose beginning is lost."""
    return data.startswith(_BEGINNINGS) or (data[:4], data[8:12]) == (b"RIFF", b"WEBP") \
        or part.get_content_type().startswith(_READ) or _named(part).lower().rstrip(". ").endswith(_ENDINGS)


def _in_text(part: EmailMessage) -> bool:
    """Shown within the text, as the logos under it are; so are photos in mails from telephones, which are larger."""
    return part.get_content_disposition() == "inline" and bool(part["Content-ID"] or not part.get_filename())


def _small(data: bytes, *, in_text: bool) -> bool:
    """Too small to show a sheet; what cannot be measured is a drawing where it stands in the text, and elsewhere a damaged return."""
    from pipeline.pdf.pictures import opened as pictures
    try:
        with pictures(data) as found:
            return min(found.page(0).size) < (EMBEDDED if in_text else SHEET)
    except VerificationError:
        return in_text


def legible(name: str) -> str:
    """A name from outside as it can be shown: line ends and what steers a terminal or the direction of writing become blanks."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())


def _letters(data: bytes) -> Iterator[EmailMessage]:
    """The mails in a file: one, or those of an mbox, each of which begins with a line "From "."""
    texts = [b"From " + text for text in b"\n".join((b"", data)).split(b"\nFrom ")[1:]] if data.startswith(b"From ") else [data]
    for text in texts:
        body = text.partition(b"\n")[2].replace(b"\n>From ", b"\nFrom ") if text.startswith(b"From ") else text
        yield email.message_from_bytes(body, policy=email.policy.default)
