"""The zip a Word file is: read with suspicion, written the same on any day.

Only this module touches zip files. What it refuses, it refuses with one sentence before anything is merged.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from pipeline.errors import TemplateError

# Far above any paper of an office, far below what hurts a machine.
MAX_FILE = 100 * 2**20        # bytes on disk
MAX_MEMBERS = 2_000
MAX_MEMBER = 64 * 2**20       # bytes unpacked, one member
MAX_TOTAL = 256 * 2**20       # bytes unpacked, all members

_OLE2 = bytes.fromhex("D0CF11E0A1B11AE1")


class UnreadableFile(TemplateError):
    """The file cannot be opened at all."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} kann nicht gelesen werden: {reason}", hint="Pfad und Zugriffsrechte prüfen.")


class NotWord(TemplateError):
    """The file is no Word document in the present format."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name} ist kein Word-Dokument im Format .docx, sondern {what}",
                         hint="In Word öffnen und als „Word-Dokument (*.docx)“ speichern.")


class EncryptedFile(TemplateError):
    """The file is protected by a password."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} ist mit einem Kennwort verschlüsselt",
                         hint="In Word unter Datei › Informationen › Dokument schützen das Kennwort entfernen.")


class UnsafePackage(TemplateError):
    """The package is damaged, or built to do harm."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} wird nicht geöffnet: {reason}",
                         hint="Die Datei in Word öffnen und neu speichern; bei fremder Herkunft nicht verwenden.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The members of one Word file, unpacked, in the order in which they stand in it."""

    name: str                          # file name, for messages
    sha256: str                        # of the file's bytes, hexadecimal
    parts: Mapping[str, bytes] = field(repr=False)


def read(path: str | os.PathLike[str]) -> Package:
    """The members of a Word file. Raises TemplateError subclasses for everything that is not a harmless .docx package."""
    path = Path(path)
    name = path.name
    try:
        if path.stat().st_size > MAX_FILE:
            raise UnsafePackage(name, f"die Datei ist größer als {MAX_FILE // 2**20} MB")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(name, error.strerror or str(error)) from error
    return unpack(name, data)


def unpack(name: str, data: bytes) -> Package:
    """The members of a Word file that is in memory already; `name` is for messages. Raises as `read` does."""
    _tell_apart(name, data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            _refuse_bad_names(name, infos)
            parts = _read_members(name, archive, infos)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, struct.error) as error:
        raise UnsafePackage(name, "das Zip-Archiv ist beschädigt") from error
    for member, content in parts.items():
        if member.endswith((".xml", ".rels")):
            _refuse_declarations(name, member, content)
    return Package(name=name, sha256=hashlib.sha256(data).hexdigest(), parts=parts)


def _tell_apart(name: str, data: bytes) -> None:
    if not data:
        raise NotWord(name, "eine leere Datei")
    if data.startswith(_OLE2):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise EncryptedFile(name)
        raise NotWord(name, "eine Datei im alten Format (.doc)")
    if data.startswith(b"{\\rtf"):
        raise NotWord(name, "eine RTF-Datei")
    if data.startswith(b"%PDF"):
        raise NotWord(name, "eine PDF-Datei")
    if not data.startswith(b"PK"):
        raise NotWord(name, "eine Datei anderer Art")


def _refuse_bad_names(name: str, infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MAX_MEMBERS:
        raise UnsafePackage(name, f"sie enthält {len(infos)} Bestandteile, erlaubt sind {MAX_MEMBERS}")
    if any(info.flag_bits & 0x1 for info in infos):
        raise EncryptedFile(name)
    seen: set[str] = set()
    for info in infos:
        member = info.filename
        if member.startswith("/") or "\\" in member or ":" in member or ".." in PurePosixPath(member).parts:
            raise UnsafePackage(name, f"der Bestandteil „{member}“ zeigt aus dem Dokument heraus")
        if member.lower() in seen:      # names of parts differ by more than case (ECMA-376 part 2, 6.2.2.3)
            raise UnsafePackage(name, f"der Bestandteil „{member}“ kommt doppelt vor")
        seen.add(member.lower())
    if sum(info.file_size for info in infos) > MAX_TOTAL or any(info.file_size > MAX_MEMBER for info in infos):
        raise UnsafePackage(name, "entpackt wäre sie übermäßig groß")


def _read_members(name: str, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    left = MAX_TOTAL
    for info in infos:
        with archive.open(info) as member:
            content = member.read(min(left, MAX_MEMBER) + 1)    # the size the directory states may be a lie
        left -= len(content)
        if left < 0 or len(content) > MAX_MEMBER:
            raise UnsafePackage(name, "entpackt wäre sie übermäßig groß")
        parts[info.filename] = content
    return parts


def _refuse_declarations(name: str, member: str, content: bytes) -> None:
    # Office never writes a DTD; entities are how XML reads other files or fills the memory.
    text = content.replace(b"\0", b"") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else content
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise UnsafePackage(name, f"der Bestandteil „{member}“ enthält eine Dokumenttyp-Angabe")


# Writing ------------------------------------------------------------------------------------------

_DATE = 0x21          # 1 January 1980, midnight: the earliest a zip can say
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True, slots=True)
class Member:
    """One member ready to be written: packed once, written into any number of files."""

    name: bytes
    body: bytes       # as it stands in the archive
    method: int       # 8 deflated, 0 stored
    flags: int
    crc: int
    size: int         # unpacked


def pack(name: str, data: bytes, *, level: int = 3) -> Member:
    """Packs one member; kept unpacked where packing gains nothing.

    Level 3 takes half the time of zlib's usual 6 and gives parts a twelfth larger.
    """
    encoded = name.encode("utf-8")
    flags = 0 if name.isascii() else 0x800
    squeezer = zlib.compressobj(level, zlib.DEFLATED, -15, 9)
    body = squeezer.compress(data) + squeezer.flush()
    if len(body) >= len(data):
        return Member(encoded, data, 0, flags, zlib.crc32(data), len(data))
    return Member(encoded, body, 8, flags, zlib.crc32(data), len(data))


def write(members: Iterable[Member]) -> bytes:
    """A zip of these members, in this order: the same bytes on any day."""
    pieces: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for member in members:
        size = len(member.body)
        pieces += (_LOCAL.pack(b"PK\3\4", 20, member.flags, member.method, 0, _DATE, member.crc, size, member.size, len(member.name), 0),
                   member.name, member.body)
        directory += (_CENTRAL.pack(b"PK\1\2", 20, 20, member.flags, member.method, 0, _DATE, member.crc, size, member.size,
                                    len(member.name), 0, 0, 0, 0, 0, offset), member.name)
        offset += _LOCAL.size + len(member.name) + size
    listing = b"".join(directory)
    count = len(directory) // 2
    return b"".join((*pieces, listing, _END.pack(b"PK\5\6", 0, 0, count, count, len(listing), offset, 0)))
