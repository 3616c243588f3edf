"""Files from anybody: opened with care or refused in a sentence."""

import io
import zipfile

import pytest

from pipeline.errors import DocumentError
from pipeline.pdf.html import package
from pipeline.pdf.html.package import Package
from pipeline.pdf.html.refusals import DamagedDocument, EncryptedDocument, MacroDocument, NoWordDocument, OversizedDocument
from pipeline.pdf.render import to_pdf
from tests.pdf.word_files import p, packed, word

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
