"""Streams packed once, before the PDF is written: pydyf would pack each of them twice, for the file and for its checksum."""

from __future__ import annotations

import base64
import re
import zlib
from typing import Any

import pydyf

_LAST = re.compile(rb"\r\nendstream\nendobj\n")


def seal(pdf: Any) -> None:
    """Packs the streams of a PDF that is about to be written."""
    for number, item in enumerate(pdf.objects):
        if isinstance(item, pydyf.Stream):
            pdf.objects[number] = _sealed(item)


def ambiguous(pdf: bytes) -> bool:
    """A stream ends in a carriage return, so that a reader who does not trust its length cuts the last byte off."""
    return _LAST.search(pdf) is not None


def _sealed(stream: Any) -> Any:
    content = b"\n".join(pydyf._to_bytes(item) for item in stream.stream)
    extra = pydyf.Dictionary(stream.extra)
    if stream.compress:
        content = zlib.compress(content, 9)
        extra["Filter"] = "/FlateDecode"
    if content.endswith(b"\r"):
        content = base64.a85encode(content) + b"~>"
        extra["Filter"] = _before("/ASCII85Decode", extra.get("Filter"))
    sealed = pydyf.Stream([content], extra)
    sealed.number = stream.number
    return sealed


def _before(name: str, others: Any) -> Any:
    if others is None:
        return name
    return pydyf.Array([name, *others]) if isinstance(others, list) else pydyf.Array([name, others])
