"""Files from anybody: opened with care or refused in a sentence."""

import io
import zipfile

import pytest

from pipeline.errors import DocumentError
from pipeline.pdf.html import package
from pipeline.pdf.html.package import Package
from pipeline.pdf.html.refusals import BadPicture, DamagedDocument, EncryptedDocument, MacroDocument, NoWordDocument, OversizedDocument
from pipeline.pdf.render import to_pdf
from tests.pdf.word_files import item, list_of, p, packed, picture, read, row, table, word

MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def changed(name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(word(p("Text")))) as archive:
        return packed({item: archive.read(item) for item in archive.namelist()} | {name: content})


@pytest.mark.parametrize(("data", "error"), [
    (b"", NoWordDocument),
    (b"Guten Tag", NoWordDocument),
    (b"%PDF-1.7", NoWordDocument),
    (COMPOUND + b"\0" * 600, NoWordDocument),
    (COMPOUND + "EncryptedPackage".encode("utf-16-le"), EncryptedDocument),
    (word(p("Text"))[:700], DamagedDocument),
    (word(p("Text"), main=MACRO), MacroDocument),
    (packed({"a.txt": b"a"}), DamagedDocument),
    (changed("word/document.xml", b"<w:document"), DamagedDocument),
    (changed("word/document.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), DamagedDocument),
    (changed("word/document.xml", b"<a/>"), DamagedDocument),
    (changed("word/styles.xml", b"\xff\xfe\x00"), DamagedDocument),
])
def test_what_is_no_whole_word_file_is_refused_in_a_sentence(data: bytes, error: type[DocumentError]):
    with pytest.raises(error) as refusal:
        to_pdf(data)
    assert refusal.value.exit_code == 5
    assert refusal.value.hint


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(package, "PART_LIMIT", 2**20)
    with pytest.raises(OversizedDocument) as refusal:
        to_pdf(changed("word/media/image1.png", b"\0" * 2**21))
    assert "image1.png" in str(refusal.value)


def test_a_strict_file_is_read_like_any_other():
    strict = word(p("Text")).replace(b"", b"")
    with zipfile.ZipFile(io.BytesIO(strict)) as archive:
        parts = {name: archive.read(name).replace(b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                                                  b"http://purl.oclc.org/ooxml/wordprocessingml/main") for name in archive.namelist()}
    opened = Package.open(packed(parts))
    assert opened.xml(opened.document).tag.endswith("2006/main}document")


def drawn(svg: bytes) -> bytes:
    return word(picture(), related={"rIdP": ("image", "media/bild.svg")}, parts={"word/media/bild.svg": svg})


def drawing(inside: str, before: str = "") -> bytes:
    return f'{before}<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{inside}</svg>'.encode()


ECHO = ("<defs><g id='a0'><rect width='1' height='1'/></g>"
        + "".join(f"<g id='a{n}'>" + f"<use href='#a{n - 1}'/>" * 10 + "</g>" for n in range(1, 9))
        + "</defs><use href='#a8'/>")


@pytest.mark.parametrize(("data", "said"), [
    (drawn(drawing(ECHO)), "wiederholt sich zu oft"),
    (drawn(drawing("<g id='a'><use href='#a'/></g>")), "wiederholt sich zu oft"),
    (drawn(drawing("<text>&b;</text>", '<!DOCTYPE svg [<!ENTITY b "c">]>')), "beschädigt"),
    (drawn(b'<svg xmlns="http://www.w3.org/2000/svg"><g>'), "beschädigt"),
    (word(table(row('<w:tcPr><w:gridSpan w:val="900000"/></w:tcPr>' + p("a")))), "900000 Spalten"),
    (word(p("x" * 200_000)), "ein Wort von 200000 Zeichen"),
])
def test_what_would_keep_the_machine_busy_is_refused(data: bytes, said: str):
    with pytest.raises(DocumentError, match=said):
        to_pdf(data)


@pytest.mark.parametrize("run", [
    '<w:color w:val="red; background: url(http://192.0.2.1/x.png)"/>',
    '<w:shd w:val="clear" w:fill="red; background: url(http://192.0.2.1/x.png)"/>',
    '<w:rFonts w:ascii="x&quot;; background: url(http://192.0.2.1/x.png); a: &quot;"/>',
    '<w:rFonts w:ascii="x\\"/>', '<w:sz w:val="99999999"/>', '<w:sz w:val="abc"/>',
])
def test_no_value_of_a_file_becomes_an_instruction(run: str):
    assert to_pdf(word(p("Text", run=run)))


@pytest.mark.parametrize("form", ["upperRoman", "lowerLetter"])
def test_numbers_without_measure_are_shown_in_digits(form: str):
    lists = list_of(0, (form, "%1.")).replace('w:start w:val="1"', 'w:start w:val="999999999"')
    lists += '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    [label] = list(read(item("a", 1), numbering=lists).root.iter("figcaption"))
    assert (label.text or "").strip() == "999999999."


def test_a_picture_that_is_only_linked_is_named():
    linked = picture().replace("r:embed", "r:link")
    with pytest.raises(BadPicture, match="nur verknüpft"):
        to_pdf(word(linked, related={"rIdP": ("image", "https://192.0.2.1/bild.png")}))


def test_a_drawing_that_only_names_its_vocabulary_is_drawn():
    public = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert to_pdf(drawn(drawing("<rect width='5' height='5'/>", public)))
