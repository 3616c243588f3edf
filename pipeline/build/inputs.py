"""What a paper is made from, field by field, and the differences a person can read."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pipeline.ledger import LedgerDamaged
from pipeline.papers.charts import Chart, drawn_by
from pipeline.papers.draft import Draft, Value
from pipeline.records import Picture, SignatureLine

# Raised by one when a room makes different bytes of the same input; only papers of an older number are made anew.
ROOMS: Mapping[str, str] = {"@word": "1", "@pdf": "3"}

TEMPLATE, STYLE, FONT, TITLE, DATE, AUTHOR, STEM = "@template", "@style", "@font", "@title", "@date", "@author", "@stem"
CHART = "@chart"
NEVER, DOCX, PDF, FORCED, UNREADABLE = "@never", "@docx", "@pdf-file", "@forced", "@unreadable"

LABELS: Mapping[str, str] = {
    TEMPLATE: "Vorlage,", FONT: "Schrift", STYLE: "Formatvorlage style.css", TITLE: "Titel", DATE: "Datum", AUTHOR: "Verfasser", STEM: "Dateiname",
    DOCX: "Word-Datei", PDF: "PDF-Datei", "@word": "Fassung der Word-Ausgabe", "@pdf": "Fassung der PDF-Ausgabe",
    CHART: "Zeichner des Schaubilds", "@signature": "Unterschrift", "@figure": "Zeilen hinter der Zahl",
}
SENTENCES: Mapping[str, str] = {NEVER: "noch nicht gebaut", FORCED: "auf Verlangen neu gebaut",
                                UNREADABLE: "anders als zuletzt gebaut; woraus damals, ist im Verzeichnis beschädigt"}

# What the tool and the machine bring: a person may say that papers made with the old ones are good enough.
TOOLS = frozenset((*ROOMS, FONT, CHART))

_CONSTANTS: Mapping[bool | None, str] = {None: "null", True: "true", False: "false"}      # as JSON has them
_ENCODE = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode

SHOWN = 60      # characters of a value in a reason
LEAD = 15       # of them before the first difference


def inputs_of(draft: Draft, *, template: str, style: str, fonts: Mapping[str, str] = MappingProxyType({}),
              flattening: Flattening | None = None) -> dict[str, str]:
    """Everything one paper is made from: dotted path → text; lists count from 1, bytes stand as their sha-256.

    Paths of the context stand as the template writes them; all others begin with "@", which no template field can.
    `template` is the sha-256 of its essence, `style` that of the style sheet, `fonts` a sha-256 for each family;
    `flattening` may be shared by the papers of a plan.
    """
    found = (flattening or Flattening())(draft.context)
    found |= ROOMS
    found |= {f"{FONT}.{family}": drawn for family, drawn in fonts.items()}
    found |= {TEMPLATE: template, STYLE: style, TITLE: draft.subject, DATE: draft.date.isoformat(), AUTHOR: draft.author, STEM: draft.stem}
    found |= {f"@signature.{line.name}": f"{place}: {line.label}" for place, line in enumerate(draft.signatures, 1)}
    found |= {f"@figure.{figure.path}": " ".join(figure.keys) for figure in draft.figures}
    return found


def flat(context: Mapping[str, Value]) -> dict[str, str]:
    """The context's values by their dotted paths."""
    return Flattening()(context)


class Flattening:
    """Flattens one context after the other. What a paper shares with the one before, as the office's own lines, is looked through once."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[Value, dict[str, str]]] = {}

    def __call__(self, context: Mapping[str, Value]) -> dict[str, str]:
        """The context's values by their dotted paths."""
        found: dict[str, str] = {}
        for key, value in context.items():
            if isinstance(value, str):
                found[_step(key)] = value
                continue
            before = self._before.get(key)
            if before is None or before[0] is not value:
                part: dict[str, str] = {}
                _flatten(value, _step(key), part)
                before = self._before[key] = (value, part)
            found |= before[1]
        return found


def fingerprint(inputs: Mapping[str, str]) -> str:
    """The sha-256 of all inputs, the same in every process and on every day."""
    return hashlib.sha256(_ENCODE(dict(inputs)).encode()).hexdigest()


def seen(path: Path | str) -> str:
    """What the file system says of a file: as long as this stays, its bytes need not be read again. "" where there is none.

    The time of the last change is the kernel's (ctime), which no program sets back.
    """
    try:
        found = os.stat(path)  # noqa: PTH116  a plan asks 200,000 times, and a Path costs more than the question
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}:{found.st_ino}"


def sha256_of(path: Path) -> str | None:
    """The sha-256 of a file's content, or None where there is no file; its time never counts."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None


@dataclass(frozen=True, slots=True)
class Reason:
    """One difference between what a paper was made from and what it would be made from now."""

    path: str
    old: str | None = None      # None: was not there
    new: str | None = None      # None: is there no longer

    @property
    def of_the_tool(self) -> bool:
        """The tool or the machine changed, and nothing the office wrote."""
        return self.path.partition(".")[0] in TOOLS

    def __str__(self) -> str:
        if self.path in SENTENCES:
            return SENTENCES[self.path]
        head, _, rest = self.path.partition(".")
        name = " ".join(part for part in (LABELS.get(head, head), rest) if part) if head in LABELS else self.path
        if self.path in (DOCX, PDF):
            return f"{name} fehlt" if self.new is None else f"{name} wurde nach dem Bauen verändert"
        if head == TEMPLATE and rest and self.old == self.new:
            return f"{name}{f' („{_short(self.new)}“)' if self.new else ''}: Gestaltung geändert"
        return f"{name.rstrip(',')} geändert" if _opaque(self.old) or _opaque(self.new) else f"{name}: {self._change()}"

    def _change(self) -> str:
        if self.old is None:
            return f"neu {_short(self.new or '')}"
        if self.new is None:
            return f"entfällt (war {_short(self.old)})"
        start = _difference(self.old, self.new)
        return f"{_short(self.old, start)} → {_short(self.new, start)}"


def reasons(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[Reason, ...]:
    """Every field that differs, by path; where the ledger cannot tell any more what a paper was made from, that alone."""
    try:
        old = dict(old)
    except LedgerDamaged:
        return (Reason(UNREADABLE),)
    changed = (path for path in {*old, *new} if old.get(path) != new.get(path))
    return tuple(Reason(path, old.get(path), new.get(path)) for path in sorted(changed, key=_natural))


def _flatten(value: Value, path: str, found: dict[str, str]) -> None:
    """Adds what stands below a path; a plan of 100,000 papers comes here some million times."""
    if isinstance(value, str):
        found[path] = value
    elif isinstance(value, dict):
        if not value:
            found[path] = "{}"
        for key, item in value.items():
            _flatten(item, f"{path}.{_step(key)}", found)
    elif value is None or isinstance(value, int):
        found[path] = _CONSTANTS[value] if value is None or isinstance(value, bool) else str(value)
    elif isinstance(value, SignatureLine):
        found[path] = f"{value.name}: {value.label}"
    elif isinstance(value, Picture):
        _picture(value, path, found)
    elif isinstance(value, Mapping):
        _flatten(dict(value), path, found)
    else:
        if not value:
            found[path] = "[]"
        for place, item in enumerate(value, 1):
            _flatten(item, f"{path}.{place}", found)


def _picture(picture: Picture, path: str, found: dict[str, str]) -> None:
    """A picture counts by its bytes; a chart by its words, which say every figure in it, and by who draws it: to plan nobody need draw."""
    if isinstance(picture, Chart):
        found[f"{CHART}.{path}"] = drawn_by()
    else:
        found[f"{path}.png"] = hashlib.sha256(picture.png).hexdigest()
        if picture.svg is not None:
            found[f"{path}.svg"] = hashlib.sha256(picture.svg).hexdigest()
    found[f"{path}.alt"] = picture.alt
    found[f"{path}.size"] = f"{picture.name}, {picture.width} × {picture.height} mm"


def _step(key: object) -> str:
    """A key on the path; a column's own name may hold dots."""
    name = str(key)
    return name.replace(".", "\\.") if "." in name else name


def _natural(path: str) -> tuple[tuple[bool, int, str], ...]:
    return tuple((not part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in path.split("."))


def _opaque(value: str | None) -> bool:
    return value is not None and len(value) == 64 and not value.strip("0123456789abcdef")


def _difference(old: str, new: str) -> int:
    return next((place for place, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new)))


def _short(value: str, difference: int = 0) -> str:
    if not value:
        return "(leer)"
    line = " ".join(value.split()) if difference < SHOWN - LEAD else value.replace("\n", " ")
    start = 0 if len(line) <= SHOWN or difference < SHOWN - LEAD else difference - LEAD
    cut = line[start:start + SHOWN]
    return f"{'…' if start else ''}{cut}{'…' if start + SHOWN < len(line) else ''}"
