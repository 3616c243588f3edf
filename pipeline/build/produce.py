"""One draft becomes one Word file and one PDF: pure, so that any process on any machine gives the same bytes."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from pipeline.build.inputs import ROOMS, flat
from pipeline.errors import DocumentError, TemplateError
from pipeline.papers.draft import Draft
from pipeline.pdf.conformance import problems
from pipeline.pdf.fonts import typefaces
from pipeline.pdf.render import to_pdf
from pipeline.pdf.style import Style
from pipeline.records import Provenance
from pipeline.word.template import Template

SHOWN = 3       # problems named in one line


class ChangedMeanwhile(TemplateError):
    """A template is no longer the one the plan was made with."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} wurde während des Laufs geändert", hint="Die Datei in Word schließen und noch einmal bauen.")


class OtherTool(DocumentError):
    """The machine that makes a paper is not set up like the one that planned it."""

    def __init__(self, what: str) -> None:
        super().__init__(f"auf dem ausführenden Rechner weicht ab: {what}",
                         hint="Auf allen Rechnern dieselbe Fassung von gremium und dieselben Schriften einrichten.")


class NotConformant(DocumentError):
    """The PDF would not be what archives and screen readers need."""

    def __init__(self, found: Sequence[str]) -> None:
        more = f" und {len(found) - SHOWN} weitere" if len(found) > SHOWN else ""
        super().__init__(f"das PDF genügt PDF/A-3a und PDF/UA-1 nicht: {'; '.join(found[:SHOWN])}{more}",
                         hint="„gremium check“ prüft die Vorlage.")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file by its place and the sha-256 its room must find in it."""

    path: Path
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Everything one paper is made from; picklable."""

    draft: Draft
    template: File
    style: File
    revision: int
    fingerprint: str
    tool: str               # "gremium 0.1.0"
    rooms: Mapping[str, str] = field(default_factory=lambda: dict(ROOMS), repr=False)   # their numbers where it was planned
    fonts: Mapping[str, str] = field(default_factory=dict, repr=False)                  # family → sha-256 there
    cost: float = 0.0       # seconds it will take, by experience


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """One paper made, not yet on disk."""

    key: str
    docx: bytes
    pdf: bytes
    seconds: float


def produce(job: Job) -> Artefact:
    """Makes one paper. Raises TemplateError, DocumentError."""
    began = time.perf_counter()
    draft = job.draft
    _same_tool(job)
    provenance = _provenance(job)
    docx = opened(job.template).render(draft.context, title=draft.subject, author=draft.author, date=draft.date, provenance=provenance)
    pdf = to_pdf(docx, style=styled(job.style), signatures=draft.signatures, provenance=provenance, data=_data(draft), date=draft.date)
    found = problems(pdf)
    if found:
        raise NotConformant(found)
    return Artefact(key=draft.key, docx=docx, pdf=pdf, seconds=time.perf_counter() - began)


def sketch(job: Job) -> Artefact:
    """Makes a preview of one paper: missing fields are marked, and there is nowhere to sign. Raises TemplateError, DocumentError."""
    began = time.perf_counter()
    draft = job.draft
    title = f"Entwurf: {draft.subject}"
    docx = opened(job.template, draft=True).render(draft.context, title=title, author=draft.author, date=draft.date, provenance=_provenance(job))
    pdf = to_pdf(docx, style=styled(job.style), provenance=_provenance(job), date=draft.date)
    return Artefact(key=draft.key, docx=docx, pdf=pdf, seconds=time.perf_counter() - began)


def _provenance(job: Job) -> Provenance:
    return Provenance(key=job.draft.key, revision=job.revision, fingerprint=job.fingerprint, template=job.template.sha256, tool=job.tool)


@lru_cache(maxsize=64)
def opened(file: File, *, draft: bool = False) -> Template:
    """A compiled template, kept for all papers this process makes of it. Raises TemplateError."""
    template = Template.open(file.path, draft=draft)
    if template.sha256 != file.sha256:
        raise ChangedMeanwhile(file.path)
    return template


@lru_cache(maxsize=8)
def styled(file: File) -> Style:
    """The style sheet, read once in each process. Raises TemplateError."""
    style = Style.open(file.path)
    if style.sha256 != file.sha256:
        raise ChangedMeanwhile(file.path)
    return style


def _same_tool(job: Job) -> None:
    """What was planned here is made alike elsewhere, or not at all."""
    if job.rooms != ROOMS:
        raise OtherTool(f"Fassung der Ausgabe {dict(ROOMS)} statt {dict(job.rooms)}")
    here = typefaces(job.fonts.keys())
    other = sorted(family for family, drawn in job.fonts.items() if here[family] != drawn)
    if other:
        raise OtherTool(f"Schrift {', '.join(other[:SHOWN])}")


def _data(draft: Draft) -> bytes:
    """What the paper says, field by field; under "@figures" each number with the rows it was counted from."""
    said: dict[str, object] = dict(flat(draft.context))
    if draft.figures:
        said["@figures"] = {figure.path: {"text": figure.text, "meaning": figure.meaning, "keys": list(figure.keys), "source": figure.source}
                            for figure in draft.figures}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode()
