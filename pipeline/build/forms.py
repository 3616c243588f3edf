"""The templates as a plan finds them: what each says, which fonts draw it, and what changed in it, paragraph by paragraph."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from pipeline.build.inputs import TEMPLATE, Reason
from pipeline.errors import TemplateError
from pipeline.ledger import Ledger, TemplateRow

READING = 1         # raised by one when `word.essence` tells other pieces of the same file
UNREADABLE = 0      # known by its bytes alone; whoever builds with it is told why
PARAGRAPH, FRAME = "Absatz ", "Gliederung"


class NoTemplate(TemplateError):
    """A template is not there."""

    def __init__(self, path: str) -> None:
        super().__init__(f"die Vorlage {path} fehlt", hint="„gremium new ORDNER“ legt Vorlagen an, die sich übernehmen lassen.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One template."""

    path: Path
    sha256: str                     # of the file's bytes, which its room must find in it
    essence: str                    # of what it says and looks like: this alone makes papers stale
    fonts: Mapping[str, str] = field(repr=False)       # family → sha-256 of what draws it here
    row: TemplateRow = field(repr=False)
    known: bool                     # the ledger has it already


def form(path: Path, ledger: Ledger, styled: Iterable[str]) -> Form:
    """A template read, or remembered when the ledger knows these very bytes; `styled` are the families of the style sheet.

    A damaged one is known by its bytes: where papers stand can be told all the same. Raises NoTemplate.
    """
    from pipeline.pdf.fonts import typefaces
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NoTemplate(f"templates/{path.name}") from error
    sha256 = hashlib.sha256(data).hexdigest()
    known = ledger.template(sha256, READING)
    row = known or _read(path.name, sha256, data)
    return Form(path=path, sha256=sha256, essence=row.essence, fonts=typefaces({*row.fonts, *styled}), row=row, known=known is not None)


def remembered(forms: Iterable[Form], ledger: Ledger) -> None:
    """Sees to it that the ledger can say later what these templates were."""
    new = [form.row for form in forms if not form.known and form.row.reading]
    if new:
        ledger.know(new)


def _read(name: str, sha256: str, data: bytes) -> TemplateRow:
    from pipeline.word.essence import essence
    try:
        found = essence(name, data)
    except TemplateError:
        return TemplateRow(file=sha256, reading=UNREADABLE, essence=sha256, fonts=frozenset(), pieces={})
    return TemplateRow(file=sha256, reading=READING, essence=found.sha256, fonts=found.fonts, pieces=found.pieces)


def differences(old: TemplateRow | None, new: TemplateRow) -> tuple[Reason, ...]:
    """What changed between two templates; one bare reason where nobody remembers the old one."""
    found = tuple(_differences(old.pieces, new.pieces)) if old else ()
    return found or (Reason(TEMPLATE, old.essence if old else "", new.essence),)


def _differences(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Reason]:
    """Tables and the order of things change with what stands in them; only alone are they worth a word."""
    paragraphs = tuple(_paragraphs(old, new))
    others = tuple(name for name in {**old, **new} if not name.startswith(PARAGRAPH) and old.get(name) != new.get(name))
    yield from paragraphs
    for name in others:
        if not (name.startswith("Tabelle") and paragraphs) and not (name == FRAME and (paragraphs or len(others) > 1)):
            yield _reason(name, old.get(name), new.get(name))


def _paragraphs(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Reason]:
    """Paragraphs are numbered as they stand now; those that went, as they stood."""
    before = [(name, said) for name, said in old.items() if name.startswith(PARAGRAPH)]
    after = [(name, said) for name, said in new.items() if name.startswith(PARAGRAPH)]
    matcher = SequenceMatcher(None, [said for _, said in before], [said for _, said in after], autojunk=False)
    for kind, start, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            continue
        both = min(end - start, last - first)
        for (_, said), (name, now) in zip(before[start:start + both], after[first:first + both], strict=True):
            yield _reason(name, said, now)
        for name, said in before[start + both:end]:
            yield _reason(name, said, None)
        for name, said in after[first + both:last]:
            yield _reason(name, None, said)


def _reason(name: str, old: str | None, new: str | None) -> Reason:
    return Reason(f"{TEMPLATE}.{name}", *(None if said is None else said.partition(" ")[2] for said in (old, new)))
