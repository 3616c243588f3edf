"""Fields that are not there: said at once in a paper, marked in a draft."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from jinja2 import StrictUndefined, Undefined
from jinja2.exceptions import TemplateRuntimeError, UndefinedError
from jinja2.utils import missing


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
