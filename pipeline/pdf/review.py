"""What of a template or a style sheet could not be shown in the PDF, as findings, before any paper is made."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

from pipeline.errors import DocumentError
from pipeline.findings import Finding, Severity
from pipeline.pdf.fonts import missing, named
from pipeline.pdf.html.convert import convert
from pipeline.pdf.html.refusals import SeveralObstacles
from pipeline.records import Place

_LOGGER = logging.getLogger("weasyprint")
_IGNORED = re.compile(r"Ignored `(?P<said>.*)` at (?P<row>\d+):\d+, (?P<reason>.*)\.$", re.DOTALL)
_ROW = re.compile(r"(\d+):\d+")


def in_document(file: str, docx: bytes) -> Iterator[Finding]:
    """Why a Word file could not become a PDF; `file` is how the office calls it."""
    try:
        markup = convert(docx)
    except SeveralObstacles as several:
        yield from (_refused(file, obstacle) for obstacle in several.obstacles)
        return
    except DocumentError as error:
        yield _refused(file, error)
        return
    for name, stand_in in missing(named(markup.styles + markup.direct)).items():
        yield Finding(place=Place(file=file), rule="template-font", severity=Severity.WARNING,
                      message=f"Die Schrift „{name}“ ist nicht installiert; im PDF steht „{stand_in}“ an ihrer Stelle",
                      hint="Die Schrift installieren oder in Word eine vorhandene wählen, etwa Arial.")


def _refused(file: str, error: DocumentError) -> Finding:
    return Finding(place=Place(file=file), rule="template-pdf", message=_sentence(error), hint=error.hint)


def in_style(file: str, css: str) -> Iterator[Finding]:
    """What a style sheet says in vain, by its lines."""
    from pipeline.pdf.render import sheet  # brings WeasyPrint, which takes longer to come than most templates to be looked through
    heard = _Heard()
    _LOGGER.addHandler(heard)
    try:
        sheet.__wrapped__(css)
    except DocumentError as error:
        yield Finding(place=Place(file=file), rule="style", message=_sentence(error), hint=error.hint)
    finally:
        _LOGGER.removeHandler(heard)
    for said in dict.fromkeys(heard.said):
        found = _IGNORED.search(said)
        row = found["row"] if found else next(iter(_ROW.findall(said)), None)
        what = f"„{' '.join(found['said'].split())[:60]}“" if found else "eine Regel"
        yield Finding(place=Place(file=file, row=int(row) if row else None), rule="style", severity=Severity.WARNING,
                      value="" if found else said[:120], message=f"{what} wird nicht verstanden und übergangen",
                      hint="Schreibweise prüfen oder die Angabe streichen.")


def _sentence(error: DocumentError) -> str:
    text = str(error)
    return text[0].upper() + text[1:]


class _Heard(logging.Handler):
    """Keeps what WeasyPrint warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())
