"""The only way anything under inputs/ is changed: what stood there before is kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from pipeline.workspace import place

FOLDER = "sicherung"


def replaced(path: Path, data: bytes, now: dt.datetime) -> Path:
    """Writes a table in place of the old one, which is kept beside it in sicherung/; returns the path of what is kept."""
    kept = path.parent / FOLDER / f"{path.stem}-{now:%Y-%m-%d-%H%M%S}{path.suffix}"
    number = 1
    while kept.exists():
        number += 1
        kept = kept.with_name(f"{path.stem}-{now:%Y-%m-%d-%H%M%S}-{number}{path.suffix}")
    if path.exists():
        place(kept, path.read_bytes())
    place(path, data)
    return kept
