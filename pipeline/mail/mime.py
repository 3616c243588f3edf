"""The body of a message: parts in 7-bit lines, whatever they hold, and parts of parts (RFC 2045, RFC 2046)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence

_BREAK = re.compile(r"\r\n?|\n")
_FROM = re.compile(rb"(?m)^From ")
_LINE = 76      # letters of base64 in a line (RFC 2045, 6.8)


def text(subtype: str, words: str) -> bytes:
    """Words to be read, in quoted-printable; a line never begins with "From ", which mailbox files would alter."""
    data = binascii.b2a_qp(_BREAK.sub("\r\n", words).encode(), istext=True)
    return _part(f'text/{subtype}; charset="utf-8"', "quoted-printable", _FROM.sub(b"=46rom ", data))


def base64(kind: str, data: bytes, *, filename: str = "") -> bytes:
    """Bytes of any kind; with a file name (ASCII) they are an attachment."""
    letters = binascii.b2a_base64(data, newline=False)
    lines = b"\r\n".join([letters[start:start + _LINE] for start in range(0, len(letters), _LINE)])
    return _part(kind, "base64", lines and lines + b"\r\n", f'Content-Disposition: attachment; filename="{filename}"\r\n' if filename else "")


def multipart(subtype: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    """Several parts as one; the boundary must occur in none of them."""
    line = f"--{boundary}".encode()
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
    return f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'.encode() + body + line + b"--\r\n"


def _part(kind: str, encoding: str, data: bytes, more: str = "") -> bytes:
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n{more}\r\n".encode() + data
