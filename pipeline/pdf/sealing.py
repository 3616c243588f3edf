"""Objects said once, before the PDF is written: pydyf would say and pack each of them twice, for the file and for its checksum."""

from __future__ import annotations

import base64
import re
import zlib
from typing import Any

import pydyf

_LAST = re.compile(rb"\r\nendstream\nendobj\n")


class _Said(pydyf.Object):  # type: ignore[misc]  # pydyf has no types
    """An object in its final words."""

    data = b""


class _SaidStream(pydyf.Stream):  # type: ignore[misc]  # pydyf has no types
    """A stream in its final words."""

    data = b""


def seal(pdf: Any) -> None:
    """Says the objects of a PDF that is about to be written; nothing may change any more."""
    for number, item in enumerate(pdf.objects):
        if item.free == "f":
            continue
        said = _SaidStream() if isinstance(item, pydyf.Stream) else _Said()
        said.data = _sealed(item).data if isinstance(item, pydyf.Stream) else item.data
        said.number = number
        pdf.objects[number] = said


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
    return pydyf.Stream([content], extra)


def _before(name: str, others: Any) -> Any:
    if others is None:
        return name
    return pydyf.Array([name, *others]) if isinstance(others, list) else pydyf.Array([name, others])
