"""Jinja, fenced in: nothing that reaches out of the template's own data, and no way to fill memory or time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from pipeline.word import bounds
from pipeline.word.absent import Absent, StrictField
from pipeline.word.values import RichText, RichTextParagraph, Subdoc

_CALL = 512                   # what a call costs of the output's bound, so that calls cannot go on for ever
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
        self.filters |= bounds.FILTERS
        self.filters |= {name: bounds.unmarked(custom) for name, custom in filters.items()}
        self.filters |= writers

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
        bounds.check_format(value.__self__)

        def formatted(*args: Any, **kwargs: Any) -> str:
            bounds.refuse_containers((*args, *kwargs.values()))
            return wrapped(*args, **kwargs)
        return formatted

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculates, unless the result would be enormous."""
        bounds.check_operation(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls, for a price that ends endless recursion, and never for an enormous text."""
        __context.parent[bounds.RENDERING].spend(_CALL)
        __context.parent[bounds.RENDERING].tick()
        if isinstance(__obj, Absent):
            return __obj
        owner, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        if isinstance(owner, str) and name in _WIDE_METHODS:
            bounds.modest(*args, *kwargs.values())
            if name == "replace":
                bounds.check_replace(owner, *args)
            elif name == "join":
                args = (list(*args),)
                bounds.check_join(args[0], owner)
        return super().call(__context, __obj, *args, **kwargs)


