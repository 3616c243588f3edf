"""Many frozen records at once, made from columns.

A frozen record sets each field by a call of its own; for a hundred thousand rows that takes longer than reading their
cells. Here each record is first its class's twin, which is not frozen and has the same slots, and then becomes what it
should be. Fit for records that check nothing when made.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import MISSING, fields, make_dataclass
from functools import cache
from itertools import repeat
from typing import Any, TypeVar

T = TypeVar("T")

_BECOME = object.__dict__["__class__"].__set__


def made(kind: type[T], count: int, **columns: Sequence[Any]) -> list[T]:
    """As many records of a frozen class with slots; each column gives one field of all of them, the others have their default.

    Raises TypeError for a field that does not exist or has no value.
    """
    known = {spec.name: spec for spec in fields(kind)}      # type: ignore[arg-type]  # any dataclass; TypeError for others
    if strange := columns.keys() - known.keys():
        raise TypeError(f"{kind.__name__} has no {', '.join(sorted(strange))}")
    whole = [columns.get(name, () if spec.default is MISSING else [spec.default] * count) for name, spec in known.items()]
    for name, column in zip(known, whole, strict=True):
        if len(column) != count:
            raise TypeError(f"{kind.__name__}.{name} has no value in some rows")
    records: list[T] = list(map(_twin(kind), *whole))      # type: ignore[arg-type]  # a class is hashable; row by row: the texts of a row lie beside each other in memory
    deque(map(_BECOME, records, repeat(kind)), maxlen=0)    # the quickest way to exhaust an iterator
    return records


@cache
def _twin(kind: type[Any]) -> type[Any]:
    """A class with the same slots whose records can be changed."""
    return make_dataclass(kind.__name__, [spec.name for spec in fields(kind)], slots=True)
