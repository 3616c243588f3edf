"""Jinja, fenced in: nothing that reaches out of the template's own data, and no way to fill memory or time."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.compiler import CodeGenerator
from jinja2.exceptions import TemplateRuntimeError, UndefinedError
from jinja2.filters import FILTERS
from jinja2.runtime import Context, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from markupsafe import Markup

from pipeline.word.values import RichText, RichTextParagraph, Subdoc

MAX_TEXT = 2 * 2**20          # characters one expression may make
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


class Absent(Undefined):
    """A field that is not there, in a draft: visible wherever it is used, and as good as any value on the way there."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"«fehlt: {self._undefined_name}»"

    def _inner(self, name: str) -> Absent:
        return Absent(name=f"{self._undefined_name}{name}")

    def __getattr__(self, name: str) -> Absent:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._inner(f".{name}")

    def __getitem__(self, key: object) -> Absent:                              # type: ignore[override]  # Undefined's own never return
        return self._inner("[]" if isinstance(key, int) else f".{key}")

    def __iter__(self) -> Iterator[Absent]:
        yield self._inner("[]")

    def __len__(self) -> int:
        return 1

    def __bool__(self) -> bool:
        return True                          # so that what a condition holds is shown, with the marks in it

    def __contains__(self, _: object) -> bool:
        return False

    def __int__(self) -> int:                                                  # type: ignore[override]
        return 0

    def __float__(self) -> float:                                              # type: ignore[override]
        return 0.0

    def _same(self, *_: object) -> Absent:
        return self

    def _not(self, _: object) -> bool:
        return False

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same    # type: ignore[assignment]
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __pos__ = __neg__ = _same    # type: ignore[assignment]
    __lt__ = __le__ = __gt__ = __ge__ = _not                                                              # type: ignore[assignment]


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
    elif operator == "%" and isinstance(left, str):
        _check_format(left)
        _refuse_containers(right if isinstance(right, tuple) else (right,))
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


def _refuse_containers(values: Iterable[object]) -> None:
    # what Python prints of a list is nothing for a paper, and a nested one can be longer than any memory
    if any(isinstance(value, list | tuple | set | frozenset | Mapping) for value in values):
        raise TypeError("eine Liste oder ein Datensatz ist kein Text")


def _check_join(parts: list[Any], separator: object) -> None:
    _refuse_containers(parts)
    _short(sum(len(str(part)) + len(str(separator)) for part in parts))


def _bounded(name: str) -> Callable[..., Any]:
    original = FILTERS[name]

    @functools.wraps(original)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        _refuse_containers(args if name in _OF_TEXT else ())
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
    _refuse_containers(parts)
    _short(sum(_length(part) for part in parts))
    return markup_join(parts)


def _watched(name: str) -> Callable[..., Any]:
    original = FILTERS[name]

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


_OF_TEXT = ("string", "upper", "lower", "title", "capitalize", "trim", "truncate", "wordwrap", "wordcount", "striptags", "escape", "e",
            "center", "indent", "replace", "format", "urlencode")
_WITH_NUMBERS = ("batch", "slice")
_OF_LISTS = ("map", "select", "reject", "selectattr", "rejectattr")
_CLOSED = (RichText, RichTextParagraph, Subdoc)       # printed whole; a template has no business inside them
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

    def __init__(self, writers: Mapping[str, Callable[..., Any]], filters: Mapping[str, Callable[..., Any]], *, draft: bool) -> None:
        super().__init__(autoescape=True, undefined=Absent if draft else StrictField, optimized=False, cache_size=0)
        self.globals.pop("lipsum")
        self.globals[WRITERS] = frozenset(writers)
        for name in ("safe", "xmlattr", "urlize", "tojson", "pprint", "forceescape", "random", "filesizeformat"):
            self.filters.pop(name)      # unescaped, HTML's own, different on every run, or English
        self.filters |= {name: _bounded(name) for name in (*_OF_TEXT, *_WITH_NUMBERS)}
        self.filters |= {name: _watched(name) for name in _OF_LISTS}
        self.filters["join"] = _join
        self.filters |= {name: unmarked(custom) for name, custom in filters.items()}
        self.filters[CONCAT] = _concat
        self.filters.update(writers)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Nothing private, and nothing inside values that are printed whole."""
        return not isinstance(obj, _CLOSED) and super().is_safe_attribute(obj, attr, value)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A field goes before a method of the same name: `agenda.items` is the agenda's items."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """`str.format`, sandboxed by Jinja, and never for an enormous text."""
        wrapped = super().wrap_str_format(value)
        if wrapped is None:
            return None
        _check_format(value.__self__)

        def formatted(*args: Any, **kwargs: Any) -> str:
            _refuse_containers((*args, *kwargs.values()))
            return wrapped(*args, **kwargs)
        return formatted

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculates, unless the result would be enormous."""
        _check_operation(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls, for a price that ends endless recursion, and never for an enormous text."""
        __context.parent[RENDERING].spend(_CALL)
        __context.parent[RENDERING].tick()
        if isinstance(__obj, Absent):
            return __obj
        owner, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        if isinstance(owner, str) and name in _WIDE_METHODS:
            _modest(*args, *kwargs.values())
            if name == "replace":
                _check_replace(owner, *args)
            elif name == "join":
                args = (list(*args),)
                _check_join(args[0], owner)
        return super().call(__context, __obj, *args, **kwargs)


