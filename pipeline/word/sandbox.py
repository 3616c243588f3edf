"""Jinja, fenced in: nothing that reaches out of the template's own data, and no way to fill memory or time."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import StrictUndefined
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import TemplateRuntimeError, UndefinedError
from jinja2.filters import FILTERS
from jinja2.runtime import Context, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

MAX_TEXT = 10 * 2**20         # characters one expression may make
MAX_NUMBER = 100_000          # for widths, counts and repetitions
_CALL = 512                   # what a call costs of the output's bound, so that calls cannot go on for ever

RENDERING = "the rendering"   # the key of the running Rendering among a template's names: no template can write it


class Missing(UndefinedError):
    """A field is not there; `owner` is what was asked for it."""

    def __init__(self, owner: object, name: str, message: str) -> None:
        super().__init__(message)
        self.owner = owner
        self.name = name


class StrictField(StrictUndefined):
    """A field that is not there: any use of it but `is defined` and `default` says so."""

    def __init__(self, hint: str | None = None, obj: Any = missing, name: str | None = None,
                 exc: type[TemplateRuntimeError] = UndefinedError) -> None:
        told = functools.partial(Missing, obj, str(name)) if exc is UndefinedError else exc
        super().__init__(hint, obj, name, told)      # type: ignore[arg-type]  # anything that makes an exception of a message does


class Excess(Exception):
    """An expression would make far more than any paper holds."""


def _modest(*values: object) -> None:
    if any(isinstance(value, int) and abs(value) > MAX_NUMBER for value in values):
        raise Excess


def _short(length: int) -> None:
    if length > MAX_TEXT:
        raise Excess


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | bytes | list | tuple) else 0


def _check_format(pattern: object) -> None:
    # "%999999999d" and "{:>999999999}" make a text as long as they say
    if isinstance(pattern, str) and re.search(r"\d{5}|\*|\{[^{}]*\{", pattern):
        raise Excess


def _check_operation(operator: str, left: Any, right: Any) -> None:
    if operator == "+":
        _short(_length(left) + _length(right))
    elif operator == "%":
        _check_format(left)
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


def _check_replace(text: object, old: object, new: object, *_: object) -> None:
    text, old, new = str(text), str(old), str(new)
    _short(len(text) + (text.count(old) if old else len(text) + 1) * len(new))


def _check_join(parts: Iterable[object], separator: object) -> None:
    _short(sum(len(part) + len(str(separator)) for part in parts if isinstance(part, str)))


def _bounded(name: str) -> Callable[..., Any]:
    original = FILTERS[name]

    @functools.wraps(original)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        _modest(*args[1:], *kwargs.values())
        if name == "format":
            _check_format(args[0])
        elif name == "replace":
            _check_replace(*args[1:4])       # the first argument is Jinja's own
        return original(*args, **kwargs)
    return bounded


@functools.wraps(FILTERS["join"])
def _join(eval_ctx: Any, value: Iterable[Any], d: str = "", attribute: str | int | None = None) -> str:
    parts = list(value)
    if attribute is None:
        _check_join(parts, d)
    joined: str = FILTERS["join"](eval_ctx, parts, d, attribute)
    return joined


def _concat(parts: list[Any]) -> str:
    _short(sum(_length(part) for part in parts))
    return markup_join(parts)


_WIDE_METHODS = ("center", "ljust", "rjust", "zfill", "expandtabs", "replace", "join")


class Generator(CodeGenerator):
    """Writes values as our filters give them: these have escaped already."""

    def _ours(self, node: Any) -> bool:
        writers: frozenset[str] = self.environment.globals[WRITERS]  # type: ignore[assignment]  # put there by our Environment
        return getattr(node, "name", None) in writers

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if not self._ours(node):
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(self, node: Any, frame: Any, finalize: Any) -> None:
        if not self._ours(node):
            super()._output_child_post(node, frame, finalize)


CONCAT = "concatenate"
WRITERS = "the writers"       # names of the filters whose result goes into the document as it stands


class Environment(ImmutableSandboxedEnvironment):
    """What a template can reach: its context, Jinja's harmless filters and tests, and nothing else."""

    code_generator_class = Generator
    intercepted_binops = frozenset(("*", "**", "+", "%"))

    def __init__(self, writers: dict[str, Callable[..., Any]]) -> None:
        super().__init__(autoescape=True, undefined=StrictField, optimized=False, cache_size=0)
        self.globals.pop("lipsum")
        self.globals[WRITERS] = frozenset(writers)
        for name in ("center", "indent", "batch", "slice", "wordwrap", "format", "replace"):
            self.filters[name] = _bounded(name)
        for name in ("safe", "xmlattr", "urlize", "tojson", "pprint", "forceescape", "random", "filesizeformat"):
            self.filters.pop(name)      # unescaped, HTML's own, different on every run, or English
        self.filters["join"] = _join
        self.filters[CONCAT] = _concat
        self.filters.update(writers)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A field goes before a method of the same name: `agenda.items` is the agenda's items."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """`str.format`, sandboxed by Jinja, and never for an enormous text."""
        wrapped = super().wrap_str_format(value)
        if wrapped is not None:
            _check_format(value.__self__)
        return wrapped

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculates, unless the result would be enormous."""
        _check_operation(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls, for a price that ends endless recursion, and never for an enormous text."""
        __context.parent[RENDERING].spend(_CALL)
        owner, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        if isinstance(owner, str) and name in _WIDE_METHODS:
            _modest(*args, *kwargs.values())
            if name == "replace":
                _check_replace(owner, *args)
            elif name == "join":
                args = (list(*args),)
                _check_join(args[0], owner)
        return super().call(__context, __obj, *args, **kwargs)


