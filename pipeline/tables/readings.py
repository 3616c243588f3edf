"""What reading a cell takes, and what it gives."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pipeline.tables.clean import Remark, repair
from pipeline.tables.columns import Spec
from pipeline.tables.sheets import EPOCH


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text means; `value` is None when it means nothing of that kind."""

    value: Any
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A text to read, and what else of its row and file decides how."""

    text: str
    spec: Spec
    number: bool = False     # stored as a number, or in a file whose cells have no type
    country: str = ""        # of the row; "" is Germany
    epoch: dt.date = EPOCH   # day 0 of the workbook


def refused(rule: str, message: str, hint: str) -> Reading:
    """A text that cannot be read."""
    return Reading(None, (Remark(rule, message, hint),))


def noted(value: Any, before: str, after: str, why: str) -> Reading:
    """A text read otherwise than it stands."""
    return Reading(value, (repair(before, after, why),))
