from __future__ import annotations

import io
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from pipeline.errors import TemplateError
from pipeline.word import package
from pipeline.word.template import Template
from tests.word.documents import changed, paragraphs, saved, template, zipped

MEMBERS = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>" * 100}


def refusal(folder: Path, data: bytes, name: str = "fremd.docx") -> str:
    start = time.perf_counter()
    with pytest.raises(TemplateError) as error:
        Template.open(saved(folder, data, name))
    assert error.value.exit_code == 4
    assert time.perf_counter() - start < 10
    assert "\n" not in str(error.value)
    return str(error.value)


def crude(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def test_what_was_written_is_read_by_python_and_by_us() -> None:
    data = zipped(MEMBERS)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == MEMBERS
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert package.unpack("x.docx", data).parts == MEMBERS


def test_names_beyond_ascii_are_written_as_such() -> None:
    data = zipped({"word/media/Grün.png": b"1"})
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["word/media/Grün.png"]


@pytest.mark.parametrize(("data", "words"), [
    (b"", "eine leere Datei"),
    (b"Hallo", "eine Datei anderer Art"),
    (b"%PDF-1.7", "eine PDF-Datei"),
    (b"{\\rtf1", "eine RTF-Datei"),
    (bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600, "eine Datei im alten Format (.doc)"),
    (bytes.fromhex("D0CF11E0A1B11AE1") + "EncryptedPackage".encode("utf-16-le"), "mit einem Kennwort verschlüsselt"),
    (b"PK\3\4 abgeschnitten", "das Zip-Archiv ist beschädigt"),
    (paragraphs("x")[:-300], "das Zip-Archiv ist beschädigt"),
    (zipped({"a.txt": b"x"}), "ein anderes Zip-Archiv"),
    (zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}), "eine OpenDocument-Datei"),
    (crude(("../../etc/passwd", b"x")), "zeigt aus dem Dokument heraus"),
    (crude(("/etc/passwd", b"x")), "zeigt aus dem Dokument heraus"),
    (crude(("word/document.xml", b"x"), ("word/Document.xml", b"y")), "kommt doppelt vor"),
    (crude(*((f"a{number}", b"") for number in range(10_000))), "sie enthält 10000 Bestandteile"),
    (crude(("word/document.xml", b"\0" * (70 * 2**20))), "übermäßig groß"),
    (crude(*((f"word/{number}.xml", b"\0" * (60 * 2**20)) for number in range(5))), "übermäßig groß"),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_no_harmless_word_file_is_refused_in_one_line(tmp_path: Path, data: bytes, words: str) -> None:
    assert words in refusal(tmp_path, data)


def test_a_directory_that_lies_about_sizes_is_found_out(tmp_path: Path) -> None:
    content = b"\0" * (65 * 2**20)
    squeezer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = squeezer.compress(content) + squeezer.flush()
    data = package.write([package.Member(b"word/document.xml", body, 8, 0, zlib.crc32(content), 10)])
    refusal(tmp_path, data)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"fehlt\.docx kann nicht gelesen werden"):
        Template.open(tmp_path / "fehlt.docx")


def test_entities_are_refused(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    data = changed(paragraphs("x"), "word/document.xml", lambda xml: xml.replace("<w:document", f"{bomb}<w:document", 1))
    assert "enthält eine Dokumenttyp-Angabe" in refusal(tmp_path, data)


def test_broken_xml_is_refused(tmp_path: Path) -> None:
    data = changed(paragraphs("{{ x }}"), "word/document.xml", lambda xml: xml.replace("</w:body>", ""))
    assert "kein gültiges XML" in refusal(tmp_path, data)


@pytest.mark.parametrize(("before", "after", "words"), [
    ("wordprocessingml.document.main+xml", "macro", "Makros"),
    ("wordprocessingml.document.main+xml", "wordprocessingml.template.main+xml", "Word-Vorlage (.dotx)"),
    ("wordprocessingml.document.main+xml", "spreadsheetml.sheet.main+xml", "eine andere Office-Datei"),
])
def test_other_office_files_are_told_apart(tmp_path: Path, before: str, after: str, words: str) -> None:
    after = after.replace("macro", "x") + (".macroEnabled.main+xml" if after == "macro" else "")
    assert words in refusal(tmp_path, changed(paragraphs("x"), "[Content_Types].xml", lambda xml: xml.replace(before, after)))


def test_strict_files_are_told_apart(tmp_path: Path) -> None:
    data = changed(paragraphs("x"), "_rels/.rels", lambda xml: xml.replace(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument",
        "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument"))
    assert "Strict Open XML" in refusal(tmp_path, data)


def test_a_package_without_core_properties_gets_some() -> None:
    with zipfile.ZipFile(io.BytesIO(paragraphs("{{ x }}"))) as archive:
        members = {name: archive.read(name) for name in archive.namelist() if name != "docProps/core.xml"}
    members["_rels/.rels"] = b"".join(piece for piece in members["_rels/.rels"].split(b"\n"))
    rels = members["_rels/.rels"].decode()
    start = rels.index("<Relationship ", 0)
    kept = [piece for piece in rels[start:].split("<Relationship ") if piece and "core-properties" not in piece]
    members["_rels/.rels"] = (rels[:start] + "".join(f"<Relationship {piece}" for piece in kept)).encode()
    if b"</Relationships>" not in members["_rels/.rels"]:
        members["_rels/.rels"] += b"</Relationships>"
    made = template(zipped(members)).render({"x": "y"}, title="Titel")
    from docx import Document
    assert Document(io.BytesIO(made)).core_properties.title == "Titel"
