"""The body of a message: parts in 7-bit lines, whatever they hold, and parts of parts (RFC 2045, RFC 2046)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence

_BREAK = re.compile(r"\r\n?|\n")
_FROM = re.compile(rb"(?m)^From ")
_RAW = 57       # bytes that fill one line of base64


def text(subtype: str, words: str) -> bytes:
    """Words to be read, in quoted-printable; a line never begins with "From ", which mailbox files would alter."""
    data = binascii.b2a_qp(_BREAK.sub("\r\n", words).encode(), istext=True)
    return _part(f'text/{subtype}; charset="utf-8"', "quoted-printable", _FROM.sub(b"=46rom ", data))


def base64(kind: str, data: bytes, *, filename: str = "") -> bytes:
    """Bytes of any kind; with a file name (ASCII) they are an attachment."""
    view = memoryview(data)
    lines = b"".join([binascii.b2a_base64(view[start:start + _RAW], newline=False) + b"\r\n" for start in range(0, len(data), _RAW)])
    return _part(kind, "base64", lines, f'Content-Disposition: attachment; filename="{filename}"\r\n' if filename else "")


def multipart(subtype: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    """Several parts as one; the boundary must occur in none of them."""
    line = f"--{boundary}".encode()
    body = b"".join(line + b"\r\n" + part + b"\r\n" for part in parts)
    return f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'.encode() + body + line + b"--\r\n"


def _part(kind: str, encoding: str, data: bytes, more: str = "") -> bytes:
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n{more}\r\n".encode() + data
