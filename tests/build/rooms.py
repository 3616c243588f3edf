"""One small paper as the rooms make it now; run as a program, it notes what they make as the new measure.

    python -m tests.build.rooms
"""

import hashlib
import io
import json
import sys
import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import docx
from docx.document import Document

from pipeline.build.inputs import ROOMS
from pipeline.build.produce import File, Job, produce
from pipeline.papers.charts import DRAWING, Bars, stacked
from pipeline.pdf.fonts import typefaces
from pipeline.records import SignatureLine
from tests.build.drafts import draft

GOLDEN = Path(__file__).parents[1] / "golden" / "rooms.json"
LINE = SignatureLine(name="partner", label="Unterschrift für Stadtwerke Übersee")
BARS = Bars(name="projects", title="Projekte", segments=("laufend", "geplant"), rows=(("Energie & Wärme", (3, 0)), ("Häfen", (1, 12))))


def made() -> dict[str, dict[str, str]]:
    """For each room its revision, a sha-256 of what it makes, and what beside it this depends on."""
    with tempfile.TemporaryDirectory() as folder:
        paper = produce(_job(Path(folder)))
    chart = stacked(BARS)
    fonts = "".join(sorted(typefaces(["Liberation Sans", "Carlito", "Calibri"]).values()))
    return {
        "@word": {"revision": ROOMS["@word"], "sha256": _unpacked(paper.docx), "beside": _versions("docxtpl", "python-docx", "jinja2", "lxml")},
        "@pdf": {"revision": ROOMS["@pdf"], "sha256": _sha256(paper.pdf),
                 "beside": f"{_versions('weasyprint', 'pydyf', 'pikepdf', 'fonttools')}, {_pango()}, {sys.platform}, {_sha256(fonts.encode())[:12]}"},
        "@chart": {"revision": DRAWING, "sha256": _sha256(chart.png + (chart.svg or b"")),
                   "beside": f"{_versions('matplotlib', 'numpy')}, {sys.platform}, {_sha256(fonts.encode())[:12]}"},
    }


def _job(folder: Path) -> Job:
    document = docx.Document()
    document.core_properties.title, document.core_properties.language = "Memorandum", "de-DE"
    document.add_heading("Memorandum mit {{ person.name }}", 1)
    document.add_paragraph("Die Allianz dankt {{ person.name }} für {{ count }} Projekte. {% if count > 1 %}Es sind mehrere.{% endif %}")
    table = document.add_table(rows=4, cols=2)
    for row, cells in enumerate((("Projekt", "Ort"), ("{%tr for project in projects %}", ""), ("{{ project.title }}", "{{ project.place }}"),
                                 ("{%tr endfor %}", ""))):
        for column, text in enumerate(cells):
            table.cell(row, column).text = text
    document.add_paragraph("Ziel: {{ aim }}", style="List Bullet")
    document.add_paragraph("{{ line }}")
    template, style = folder / "memorandum.docx", folder / "style.css"
    template.write_bytes(_timeless(document))
    style.write_text("", "utf-8")
    context = {"person": {"name": "Zoë Öztürk"}, "count": 2, "aim": "Wärme & Strom <sparen>", "line": LINE,
               "projects": [{"title": "Wärmenetz", "place": "Lünen"}, {"title": "Häfen", "place": "Dortmund"}]}
    return Job(draft=draft("memorandum/P-001", context=context, signatures=(LINE,)), template=_file(template), style=_file(style), revision=1,
               fingerprint="0" * 64, tool="gremium")


def _timeless(document: Document) -> bytes:
    """The same bytes whenever they are made: papers carry their template's sha-256."""
    raw, packed = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            target.writestr(zipfile.ZipInfo(name), source.read(name))
    return packed.getvalue()


def _file(path: Path) -> File:
    from pipeline.pdf.style import Style
    from pipeline.word.template import Template
    opened = Style.open(path) if path.suffix == ".css" else Template.open(path)
    return File(path=path, sha256=opened.sha256)


def _unpacked(data: bytes) -> str:
    """Of a package what is in it, as how tightly that is packed depends on the machine's zlib."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _sha256(b"".join(name.encode() + archive.read(name) for name in archive.namelist()))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _versions(*names: str) -> str:
    return ", ".join(f"{name} {version(name)}" for name in names)


def _pango() -> str:
    from weasyprint.text.ffi import pango
    return f"pango {pango.pango_version()}"


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(made(), indent=1) + "\n", "utf-8")
    print(GOLDEN)
