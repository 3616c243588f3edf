"""How much an expression may make: checks before the work, filters that check, iterators that pay."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jinja2.filters import FILTERS as JINJAS
from jinja2.runtime import Context, markup_join
from markupsafe import Markup

MAX_TEXT = 2 * 2**20          # characters one expression may make
MAX_NUMBER = 100_000          # for widths, counts and repetitions

RENDERING = "the rendering"   # the key of the running Rendering among a template's names: no template can write it


_OF_TEXT = ("string", "upper", "lower", "title", "capitalize", "trim", "truncate", "wordwrap", "wordcount", "striptags", "escape", "e",
            "center", "indent", "replace", "format", "urlencode")
_WITH_NUMBERS = ("batch", "slice")
_OF_LISTS = ("map", "select", "reject", "selectattr", "rejectattr")


class Excess(Exception):
    """An expression would make far more than any paper holds."""


def modest(*values: object) -> None:
    """No number beyond any width or count. Raises Excess."""
    if any(isinstance(value, int) and abs(value) > MAX_NUMBER for value in values):
        raise Excess


def _short(length: int) -> None:
    if length > MAX_TEXT:
        raise Excess


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | bytes | list | tuple) else 0


def check_format(pattern: object) -> None:
    """No pattern that makes a text as long as it says. Raises Excess."""
    if isinstance(pattern, str) and re.search(r"\d{5}|\*|\{[^{}]*\{", pattern):
        raise Excess


def check_operation(operator: str, left: Any, right: Any) -> None:
    """No result beyond the bound. Raises Excess, TypeError."""
    if operator == "+":
        _short(_length(left) + _length(right))
    elif operator == "%" and isinstance(left, str):
        check_format(left)
        refuse_containers(right if isinstance(right, tuple) else (right,))
    elif operator == "**":
        if isinstance(left, int) and isinstance(right, int) and left.bit_length() * abs(right) > 1_000:
            raise Excess
    elif isinstance(left, int) and isinstance(right, int):
        if left.bit_length() + right.bit_length() > 1_000:
            raise Excess
    else:
        size, times = (_length(left), right) if isinstance(right, int) else (_length(right), left)
        if isinstance(times, int):
            _short(size * times)


def check_replace(text: object, old: object, new: object, *_: object) -> None:
    """No replacement that grows beyond the bound. Raises Excess."""
    text, old, new = str(text), str(old), str(new)
    _short(len(text) + (text.count(old) if old else len(text) + 1) * len(new))


def refuse_containers(values: Iterable[object]) -> None:
    """What Python prints of a list is nothing for a paper, and a nested one can be longer than any memory. Raises TypeError."""
    if any(isinstance(value, list | tuple | set | frozenset | Mapping) for value in values):
        raise TypeError("eine Liste oder ein Datensatz ist kein Text")


def check_join(parts: list[Any], separator: object) -> None:
    """No joined text beyond the bound. Raises Excess, TypeError."""
    refuse_containers(parts)
    _short(sum(len(str(part)) + len(str(separator)) for part in parts))


def _bounded(name: str) -> Callable[..., Any]:
    original = JINJAS[name]

    @functools.wraps(original)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        refuse_containers(args if name in _OF_TEXT else ())
        modest(*args[1:], *kwargs.values())
        if name == "format":
            check_format(args[0])
        elif name == "replace":
            check_replace(*args[1:4])       # the first argument is Jinja's own
        return original(*args, **kwargs)
    return bounded


@functools.wraps(JINJAS["join"])
def _join(eval_ctx: Any, value: Iterable[Any], d: str = "", attribute: str | int | None = None) -> str:
    parts = list(value)
    if attribute is None:
        check_join(parts, d)
    joined: str = JINJAS["join"](eval_ctx, parts, d, attribute)
    return joined


def _concat(parts: list[Any]) -> str:
    refuse_containers(parts)
    _short(sum(_length(part) for part in parts))
    return markup_join(parts)


def _watched(name: str) -> Callable[..., Any]:
    original = JINJAS[name]

    @functools.wraps(original)
    def watched(context: Context, value: Iterable[Any], *args: Any, **kwargs: Any) -> Iterator[Any]:
        rendering = context.parent[RENDERING]
        for item in original(context, value, *args, **kwargs):
            rendering.spend(_length(item) + 32)
            yield item

    def ticking(context: Context, value: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        return watched(context, _ticking(context, value), *args, **kwargs)
    return functools.wraps(original)(ticking)


def _ticking(context: Context, value: Iterable[Any]) -> Iterator[Any]:
    for item in value:
        context.parent[RENDERING].tick()
        yield item


def unmarked(custom: Callable[..., Any]) -> Callable[..., Any]:
    """An office's own filter; what it returns is a value like any other, never XML."""

    @functools.wraps(custom)
    def plain(*args: Any, **kwargs: Any) -> Any:
        made = custom(*args, **kwargs)
        return str(made) if isinstance(made, Markup) else made
    return plain


CONCAT = "concatenate"        # what `~` becomes: no template can write it
FILTERS: dict[str, Callable[..., Any]] = {
    **{name: _bounded(name) for name in (*_OF_TEXT, *_WITH_NUMBERS)},
    **{name: _watched(name) for name in _OF_LISTS},
    "join": _join, CONCAT: _concat,
}
