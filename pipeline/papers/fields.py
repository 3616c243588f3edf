"""The fields a template may use, read off a complete sample: path, type, meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.papers.draft import Value
from pipeline.records import Picture, SignatureLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: `projects[].title` is the title of each of the projects."""

    path: str
    type: str       # text, integer, boolean, list, list of text, group, picture, signature
    meaning: str    # German, for people who edit templates


def fields(sample: Mapping[str, Value], meanings: Mapping[str, str]) -> tuple[Field, ...]:
    """Every field of a sample in its order. Groups and lists are fields themselves only where they have a meaning:
    they can be asked for by `{% if … %}` and walked by `{% for … %}`.
    """
    return tuple(Field(path=path, type=kind, meaning=meanings.get(path, "")) for path, kind in _walk("", sample)
                 if kind != "group" or path in meanings)


def _walk(path: str, value: Value) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        if path and not path.endswith("[]"):
            yield path, "group"
        for name, part in value.items():
            yield from _walk(f"{path}.{name}" if path else name, part)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        yield from _list(path, value)
    else:
        yield path, _leaf(value)


def _list(path: str, values: Sequence[Value]) -> Iterator[tuple[str, str]]:
    if any(isinstance(item, Mapping) for item in values):
        yield path, "list"
        yield from _walk(f"{path}[]", values[0])
    else:
        yield path, "list of text"


def _leaf(value: Value) -> str:
    for kind, name in ((bool, "boolean"), (int, "integer"), (Picture, "picture"), (SignatureLine, "signature")):
        if isinstance(value, kind):
            return name
    return "text"
