"""What counts of a template, and what is only a trace of who saved it."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from pipeline.word.essence import Essence, essence

TEMPLATES = sorted((Path(__file__).parents[2] / "templates").glob("*.docx"))
Members = dict[str, bytes]


def members(data: bytes) -> Members:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(parts: Members) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, data in reversed(parts.items()):
            archive.writestr(name, data)
    return made.getvalue()


def read(parts: Members) -> Essence:
    return essence("t.docx", packed(parts))


@pytest.fixture
def parts() -> Members:
    document = docx.Document()
    document.add_paragraph("Parteien", style="Heading 1")
    document.add_paragraph("Telefon {{ person.phone }}")
    document.add_table(1, 2).cell(0, 0).text = "Zelle"
    document.sections[0].header.paragraphs[0].text = "Kopf"
    made = io.BytesIO()
    document.save(made)
    return members(made.getvalue())


def replaced(parts: Members, name: str, old: str, new: str) -> Members:
    changed, number = re.subn(old, new, parts[name].decode(), flags=re.DOTALL)
    assert number, (name, old)
    return parts | {name: changed.encode()}


def renamed_header(parts: Members) -> Members:
    """As Word does it: other part names, other ids of relationships."""
    [header] = [name for name in parts if name.startswith("word/header")]
    moved = {("word/header9.xml" if name == header else name): data for name, data in parts.items()}
    base = header.removeprefix("word/")
    for name in ("[Content_Types].xml", "word/_rels/document.xml.rels"):
        moved = replaced(moved, name, base, "header9.xml")
    moved = replaced(moved, "word/_rels/document.xml.rels", r'Id="rId(\d+)"', r'Id="rId7\1"')
    return replaced(moved, "word/document.xml", r'r:id="rId(\d+)"', r'r:id="rId7\1"')


TRACES: dict[str, Callable[[Members], Members]] = {
    "another order and compression": lambda parts: parts,
    "who saved when": lambda parts: replaced(parts, "docProps/core.xml", r"(<dcterms:modified[^>]*>)[^<]*", r"\g<1>2030-01-01T00:00:00Z")
    | {"docProps/app.xml": b"<Properties/>"},
    "ids of saves": lambda parts: replaced(parts, "word/document.xml", r"<w:r>", '<w:r w:rsidR="00AB12CD" w:rsidRPr="00AB12CE">'),
    "ids of paragraphs": lambda parts: replaced(parts, "word/document.xml", r"<w:p>", '<w:p w14:paraId="1A2B3C4D" w14:textId="77777777">'),
    "a cut run": lambda parts: replaced(parts, "word/document.xml", r"<w:r><w:t>Telefon \{\{ person",
                                        '<w:r><w:t xml:space="preserve">Tele</w:t></w:r>'
                                        '<w:proofErr w:type="spellStart"/><w:r><w:rPr/><w:t>fon {{ person'),
    "where a page ended": lambda parts: replaced(parts, "word/document.xml", r"<w:t>Zelle", "<w:lastRenderedPageBreak/><w:t>Zelle"),
    "the cursor": lambda parts: replaced(parts, "word/document.xml", r"(<w:p>)(<w:pPr>.*?</w:pPr>)",
                                         r'\1\2<w:bookmarkStart w:id="9" w:name="_GoBack"/>'
                                         r'<w:bookmarkEnd w:id="9"/>'),
    "how Word shows the file": lambda parts: replaced(parts, "word/settings.xml", r"(<w:settings[^>]*>)",
                                                      r'\1<w:zoom w:percent="140"/><w:proofState w:spelling="clean"/>'),
    "the names of parts": renamed_header,
}


@pytest.mark.parametrize("trace", TRACES)
def test_traces_of_saving_do_not_count(parts, trace):
    assert read(TRACES[trace](parts)) == read(parts)


CHANGES: dict[str, tuple[Callable[[Members], Members], set[str]]] = {
    "a word": (lambda parts: replaced(parts, "word/document.xml", "Telefon", "Fernruf"), {"Absatz 2"}),
    "bold": (lambda parts: replaced(parts, "word/document.xml", r"<w:r><w:t>Telefon", "<w:r><w:rPr><w:b/></w:rPr><w:t>Telefon"), {"Absatz 2"}),
    "a cell": (lambda parts: replaced(parts, "word/document.xml", "Zelle", "Feld"), {"Absatz 3"}),
    "a column's width": (lambda parts: replaced(parts, "word/document.xml", r'w:gridCol w:w="\d+"', 'w:gridCol w:w="99"'),
                         {"Tabelle 1", "Gliederung"}),
    "the head": (lambda parts: replaced(parts, next(name for name in parts if name.startswith("word/header")), "Kopf", "Haupt"), {"Kopfzeile"}),
    "a margin": (lambda parts: replaced(parts, "word/document.xml", r'w:top="\d+"', 'w:top="99"'), {"Seiteneinrichtung", "Gliederung"}),
    "a style": (lambda parts: replaced(parts, "word/styles.xml", r'(w:styleId="Heading1".*?)<w:sz w:val="\d+"', r'\1<w:sz w:val="77"'),
                {"Formatvorlage heading 1"}),
    "hyphenation": (lambda parts: replaced(parts, "word/settings.xml", r"(<w:settings[^>]*>)", r"\1<w:autoHyphenation/>"), {"Einstellungen"}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_shows_on_paper_counts_and_has_a_name(parts, change):
    make, names = CHANGES[change]
    old, new = read(parts).pieces, read(make(parts)).pieces
    assert {name for name in {**old, **new} if old.get(name) != new.get(name)} == names
    assert read(parts).sha256 != read(make(parts)).sha256


def test_a_piece_carries_its_text_and_the_template_its_fonts(parts):
    found = read(parts)
    assert found.pieces["Absatz 2"].partition(" ")[2] == "Telefon {{ person.phone }}"
    assert "MS Mincho" in read(replaced(parts, "word/document.xml", r"<w:r><w:t>Telefon",
                                        '<w:r><w:rPr><w:rFonts w:eastAsia="MS Mincho"/></w:rPr><w:t>Telefon')).fonts


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_our_templates_saved_by_python_docx_stay_what_they_are(template):
    again = io.BytesIO()
    docx.Document(str(template)).save(again)
    assert essence(template.name, again.getvalue()) == essence(template.name, template.read_bytes())
