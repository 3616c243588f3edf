"""What is wrong with a template, or will look wrong on paper, before anything is merged with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from lxml import etree

from pipeline.errors import TemplateError
from pipeline.findings import Finding, Severity
from pipeline.records import Place
from pipeline.word import form, package, tags
from pipeline.word.document import Document, find, place_at
from pipeline.word.template import Template, faults
from pipeline.word.words import near_miss

_QUOTES = "„“”‟‚‘’‛«»"


# Fields --------------------------------------------------------------------------------------------


def fields_are_known(document: Document, sample: Mapping[str, object]) -> Iterator[Finding]:
    """Every field the template asks for is in the sample."""
    told: set[str] = set()
    for program in document.template.programs:
        for use in program.uses:
            missing = None if use.guarded or use.path in told else _missing(sample, use.path)
            if missing is None:
                continue
            told.add(use.path)
            near = f"Meinten Sie „{missing}“?" if missing else "„gremium fields“ nennt die Felder dieser Vorlage."
            yield Finding(place=place_at(program.source, use.line),
                          rule="template-field", message=f"Das Feld „{use.path}“ gibt es nicht", hint=near, value=use.path)


def _missing(sample: object, path: str) -> str | None:
    """None when the path leads somewhere; else the path that was probably meant, or "" when nothing is like it."""
    reached: list[object] = [sample]
    walked: list[str] = []
    for step in path.split("."):
        name = step.rstrip("[]")
        for owner in reached:
            if isinstance(owner, Mapping) and name not in owner:
                near = near_miss(name, map(str, owner))
                return ".".join((*walked, near)) if near else ""
            if not isinstance(owner, Mapping) and not hasattr(owner, name):
                return ""
        reached = [owner[name] if isinstance(owner, Mapping) else getattr(owner, name) for owner in reached]
        for _ in range(step.count("[]")):
            reached = [item for several in reached if isinstance(several, Sequence) and not isinstance(several, str) for item in several]
        walked.append(step)
    return None


def fields_are_used(document: Document, sample: Mapping[str, object]) -> Iterator[Finding]:
    """Fields that are offered and never asked for, in one note."""
    used = document.template.paths
    unused = list(_unused(sample, "", used))
    if unused:
        yield Finding(place=Place(file=document.template.name), rule="template-unused", severity=Severity.NOTE,
                      message=f"{len(unused)} angebotene Felder kommen in der Vorlage nicht vor", value=", ".join(unused))


def _unused(value: object, path: str, used: frozenset[str]) -> Iterator[str]:
    if path and not any(use == path or use.startswith((f"{path}.", f"{path}[")) for use in used):
        yield path
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _unused(inner, f"{path}.{name}" if path else str(name), used)
    elif isinstance(value, Sequence) and not isinstance(value, str) and value and isinstance(value[0], Mapping):
        yield from _unused(value[0], f"{path}[]", used | {f"{path}[]"})


# Tags ----------------------------------------------------------------------------------------------


def quotes_are_straight(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """No typographic quotes inside a tag: they are read as straight ones, which is a guess."""
    for paragraph in document.find("//w:p"):
        for tag in tags.found(tags.text_of(paragraph)):
            if any(quote in tag for quote in _QUOTES):
                yield Finding(place=document.place(paragraph), rule="template-quotes", severity=Severity.WARNING, value=tag,
                              message="In einer Auszeichnung stehen typografische Anführungszeichen",
                              hint="Gerade Anführungszeichen verwenden (nach der Eingabe Strg+Z).")


def tags_are_in_one_piece(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """A tag whose letters are formatted differently takes the format of its first letter."""
    for paragraph in document.find("//w:p[.//w:t]"):
        runs = [(_text_of_run(run), _format_of(run)) for run in find(paragraph, ".//w:r[w:t]")]
        for tag, formats in _formats_of_tags(runs):
            if len(formats) > 1:
                yield Finding(place=document.place(paragraph), rule="template-split", severity=Severity.NOTE, value=tag,
                              message="Eine Auszeichnung ist in sich verschieden formatiert; es gilt das Format ihres Anfangs",
                              hint="Die Auszeichnung einheitlich formatieren.")


def _text_of_run(run: etree._Element) -> str:
    return "".join(node.text or "" for node in find(run, "w:t"))


def _format_of(run: etree._Element) -> bytes:
    properties = find(run, "w:rPr")
    return b"".join(sorted(etree.tostring(node, method="c14n") for node in properties[0])) if properties else b""


def _formats_of_tags(runs: list[tuple[str, bytes]]) -> Iterator[tuple[str, set[bytes]]]:
    text = "".join(piece for piece, _ in runs)
    formats = [form for piece, form in runs for _ in piece]
    end = 0
    for tag in tags.found(text):
        start = text.index(tag, end)
        end = start + len(tag)
        yield tag, set(formats[start:end])


def loops_repeat_nothing_unique(document: Document, _: Mapping[str, object]) -> Iterator[Finding]:
    """What a document can hold once stands outside loops."""
    for program in document.template.programs:
        for line, what in program.repeated:
            yield Finding(place=place_at(program.source, line), rule="template-repeated", severity=Severity.WARNING,
                          message=f"Eine Schleife wiederholt {what}",
                          hint="Vor oder hinter die Schleife setzen; Word hält die Datei sonst für beschädigt.")


Rule = Callable[[Document, Mapping[str, object]], Iterator[Finding]]
RULES: tuple[Rule, ...] = (
    fields_are_known, fields_are_used,
    quotes_are_straight, tags_are_in_one_piece, loops_repeat_nothing_unique,
    form.formats_have_names, form.pictures_are_described, form.tables_have_headers, form.figures_are_counted, form.language_and_title_are_set,
    form.nothing_is_left_over, form.fonts_are_at_hand, form.nothing_comes_from_outside,
)


def examine(path: Path, sample: Mapping[str, object]) -> Iterator[Finding]:
    """Everything that is wrong with the template in a file, be it no Word file at all."""
    try:
        opened = package.read(path)
        faulty = [Finding(place=Place(file=path.name, column=error.where), rule="template-tag", hint=error.hint,
                          message=error.reason[0].upper() + error.reason[1:]) for error in faults(opened)]
        yield from faulty or lint(Template.load(opened), sample)
    except TemplateError as error:
        yield Finding(place=Place(file=path.name), rule="template", message=str(error), hint=error.hint)


def lint(template: Template, sample: Mapping[str, object]) -> Iterator[Finding]:
    """Everything that is wrong with a template; `sample` is a complete context of its kind.

    An ERROR would stop every document of this template (exit 4); warnings and notes do not.
    """
    document = Document(template)
    for rule in RULES:
        yield from rule(document, sample)
