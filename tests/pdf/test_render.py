"""From a Word file to a PDF that archives, screen readers and courts can use."""

import datetime as dt
import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from pipeline.pdf.fields import NoSignatureLine
from pipeline.pdf.html.refusals import BadPicture
from pipeline.pdf.render import ForeignResource, MissingGlyph, to_pdf
from pipeline.pdf.style import NoStyle, Style
from pipeline.records import Provenance, SignatureLine
from tests.pdf.judge import faults, spoken, tags, words
from tests.pdf.word_files import A4, item, list_of, p, picture, png, row, table, word

ORIGIN = Provenance(key="memorandum/P-017", revision=3, fingerprint="ab" * 32, template="cd" * 32, tool="gremium 0.1.0")
DATE = dt.date(2017, 5, 4)
LINE = SignatureLine(name="stadt", label="Unterschrift für die Stadt Dortmund")
LISTS = (list_of(0, ("decimal", "%1."), ("bullet", "•")) + '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>')
PLACE = '<w:p><w:bookmarkStart w:id="7" w:name="signature_stadt"/><w:bookmarkEnd w:id="7"/><w:r><w:t>__________</w:t></w:r></w:p>'


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def _field(code: str, shown: str = "9") -> str:
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return f"{marks[0]}<w:r><w:instrText> {code} </w:instrText></w:r>{marks[1]}{_run(shown)}{marks[2]}"


def everything() -> bytes:
    """A file with something of each kind."""
    footer = f"<w:p>{_run('Seite ')}{_field('PAGE')}{_run(' von ')}{_field('NUMPAGES')}</w:p>"
    body = (p("Memorandum", style="Heading1") + p("Die Parteien – „Partner“ – arbeiten zusammen. " * 12) + item("Erstens", 1) + item("Darunter", 1, 1)
            + item("Zweitens", 1) + table(row("Projekt", "Stand", properties="<w:tblHeader/>"), row("Wärme", "geplant")) + picture()
            + '<w:p><w:hyperlink r:id="rIdL"><w:r><w:t>allianz.example</w:t></w:r></w:hyperlink></w:p>' + PLACE
            + '<w:p><w:r><w:br w:type="page"/></w:r></w:p>' + p("Anlage", style="Heading1") + p("Schluss"))
    return word(body, numbering=LISTS, headers={"header1.xml": p("Kopf der Allianz"), "footer1.xml": footer},
                section='<w:headerReference r:id="header1"/><w:footerReference r:id="footer1"/>' + A4,
                related={"rIdP": ("image", "media/punkt.png"), "rIdL": ("hyperlink", "https://allianz.example/")},
                parts={"word/media/punkt.png": png()})


def test_a_paper_with_everything_keeps_both_standards(tmp_path: Path):
    pdf = to_pdf(everything(), signatures=[LINE], provenance=ORIGIN, data=b"{}", date=DATE)
    assert faults(pdf, tmp_path) == []


def test_a_plain_paper_keeps_both_standards(tmp_path: Path):
    assert faults(to_pdf(word(p("Guten Tag"))), tmp_path) == []


def test_the_text_is_read_in_the_order_of_the_word_file(tmp_path: Path):
    text = spoken(to_pdf(everything()), tmp_path)
    places = [text.index(part) for part in ("Memorandum", "Die Parteien", "Erstens", "Darunter", "Zweitens", "Projekt", "geplant", "Schluss")]
    assert places == sorted(places)


def test_the_tags_say_what_things_are(tmp_path: Path):
    found = tags(to_pdf(everything(), signatures=[LINE]))
    for tag in ("H1", "P", "L", "LI", "Lbl", "LBody", "Table", "TH", "TD", "Figure", "Link", "Form"):
        assert tag in found
    assert found.index("Lbl") < found.index("LBody")


def test_headers_and_footers_are_on_the_page_and_not_in_the_reading_order(tmp_path: Path):
    pdf = to_pdf(everything())
    assert "Kopf der Allianz" in spoken(pdf, tmp_path)
    assert "Seite 2 von 2" in spoken(pdf, tmp_path, "-layout")
    path = tmp_path / "read.pdf"
    told = subprocess.run(["pdfinfo", "-struct-text", str(path)], capture_output=True, text=True, check=True).stdout
    assert "Anlage" in told
    assert "Kopf der Allianz" not in told
    assert "von" not in told.split()


def test_the_word_file_and_its_data_lie_inside_with_their_relation():
    docx = everything()
    pdf = to_pdf(docx, provenance=ORIGIN, data=json.dumps({"partner": "Brückner"}).encode(), date=DATE)
    with pikepdf.open(io.BytesIO(pdf)) as document:
        files = {name: (str(document.attachments[name].obj.AFRelationship), document.attachments[name].get_file().read_bytes())
                 for name in document.attachments}
    assert files["memorandum-P-017.docx"] == ("/Source", docx)
    assert files["data.json"][0] == "/Data"
    assert json.loads(files["data.json"][1]) == {"partner": "Brückner"}


def test_the_same_file_gives_the_same_bytes_in_any_process():
    code = ("import sys,hashlib,datetime as dt; from pipeline.pdf.render import to_pdf; from tests.pdf.test_render import *; "
            "print(hashlib.sha256(to_pdf(everything(), signatures=[LINE], provenance=ORIGIN, data=b'{}', date=DATE)).hexdigest())")
    here = hashlib.sha256(to_pdf(everything(), signatures=[LINE], provenance=ORIGIN, data=b"{}", date=DATE)).hexdigest()
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
                           env=os.environ | {"PYTHONHASHSEED": "77", "TZ": "Pacific/Kiritimati", "LC_ALL": "C"}).stdout.strip()
    assert there == here


def test_a_paper_is_the_same_whatever_was_made_before_it():
    first = to_pdf(word(p("Eins")), date=DATE)
    to_pdf(everything(), date=DATE)
    assert to_pdf(word(p("Eins")), date=DATE) == first


def test_a_signature_field_stands_above_its_line_and_says_for_whom_it_is(tmp_path: Path):
    pdf = to_pdf(word(p("Unterschriften") + PLACE), signatures=[LINE])
    with pikepdf.open(io.BytesIO(pdf)) as document:
        [field] = document.Root.AcroForm.Fields
        left, bottom, right, top = (float(value) / 72 * 25.4 for value in field.Rect)
        assert (str(field.T), str(field.TU), str(field.FT)) == ("stadt", "Unterschrift für die Stadt Dortmund", "/Sig")
        assert "/V" not in field
    assert left == pytest.approx(25, abs=0.1)
    assert right - left == pytest.approx(70, abs=0.1)
    assert top - bottom == pytest.approx(16, abs=0.1)
    [line] = [found for found in words(pdf, tmp_path) if found[1].startswith("___")]
    assert 0 < line[5] - (297 - bottom) < 2


def test_a_signature_field_keeps_to_its_column_and_to_the_room_above_its_line():
    line = PLACE.replace("<w:p>", '<w:p><w:pPr><w:spacing w:before="600"/></w:pPr>')
    body = table(row("Partei", "<w:tcPr/>" + line), grid=(5000, 2835))
    with pikepdf.open(io.BytesIO(to_pdf(word(body), signatures=[LINE]))) as document:
        [field] = document.Root.AcroForm.Fields
        left, bottom, right, top = (float(value) / 72 * 25.4 for value in field.Rect)
    assert right - left == pytest.approx(50 - 2 * 1.9, abs=0.1)
    assert top - bottom == pytest.approx(600 / 1440 * 25.4 + 4.9 - 1, abs=0.2)


def test_a_signatory_without_a_line_is_named():
    with pytest.raises(NoSignatureLine) as refusal:
        to_pdf(word(p("Ohne Zeile")), signatures=[LINE])
    assert "„stadt“" in str(refusal.value)
    assert "signature_stadt" in refusal.value.hint


def test_a_sign_no_font_has_is_named():
    with pytest.raises(MissingGlyph) as refusal:
        to_pdf(word(p("\U00013080")))
    assert "U+13080" in str(refusal.value)


def test_signs_the_house_face_lacks_come_from_another(tmp_path: Path):
    pdf = to_pdf(word(p("Zustimmung ☑ → ∑")))
    assert faults(pdf, tmp_path) == []


def test_an_image_that_is_no_image_is_refused():
    broken = png()[:30]
    with pytest.raises(BadPicture) as refusal:
        to_pdf(word(picture(), related={"rIdP": ("image", "media/kaputt.png")}, parts={"word/media/kaputt.png": broken}))
    assert "beschädigt" in str(refusal.value)


def test_a_picture_that_wants_the_network_is_refused():
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="http://192.0.2.1/x.png" width="9" height="9"/></svg>'
    with pytest.raises(ForeignResource) as refusal:
        to_pdf(word(picture(), related={"rIdP": ("image", "media/bild.svg")}, parts={"word/media/bild.svg": drawing}))
    assert "192.0.2.1" in str(refusal.value)


def test_the_house_style_wins_over_the_style_of_word(tmp_path: Path):
    path = tmp_path / "style.css"
    path.write_text(".normal { margin-left: 30mm }", "utf-8")
    [plain] = [left for _, text, left, *_ in words(to_pdf(word(p("Wort"))), tmp_path) if text == "Wort"]
    [moved] = [left for _, text, left, *_ in words(to_pdf(word(p("Wort")), style=Style.open(path)), tmp_path) if text == "Wort"]
    assert moved - plain == pytest.approx(30, abs=0.1)


def test_a_missing_style_sheet_is_named(tmp_path: Path):
    with pytest.raises(NoStyle) as refusal:
        Style.open(tmp_path / "style.css")
    assert refusal.value.exit_code == 4


def test_an_address_frame_stands_where_the_window_is(tmp_path: Path):
    frame = '<w:framePr w:w="4819" w:h="1548" w:hRule="exact" w:vAnchor="page" w:hAnchor="page" w:x="1417" w:y="3555"/><w:spacing w:after="0"/>'
    pdf = to_pdf(word(p("Brückner", properties=frame) + p("Hafenstraße", properties=frame) + p("Betreff")))
    [(sheet, _, left, top, _, bottom)] = [found for found in words(pdf, tmp_path) if found[1] == "Brückner"]
    assert sheet == 1
    assert left == pytest.approx(25, abs=0.2)
    assert top >= 62.7
    assert bottom < 69


def test_landscape_and_portrait_stand_in_one_file():
    wide = '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/><w:pgMar w:top="1417" w:right="1134" w:bottom="1417" w:left="1417"/>'
    body = p("hoch") + f"<w:p><w:pPr><w:sectPr>{A4}</w:sectPr></w:pPr></w:p>" + p("quer")
    with pikepdf.open(io.BytesIO(to_pdf(word(body, section=wide)))) as document:
        sizes = [tuple(round(float(value)) for value in sheet.MediaBox[2:]) for sheet in document.pages]
    assert sizes == [(595, 842), (842, 595)]


def test_the_first_page_has_its_own_header(tmp_path: Path):
    section = '<w:headerReference w:type="first" r:id="header1"/><w:headerReference w:type="default" r:id="header2"/>' + A4 + "<w:titlePg/>"
    body = p("eins") + '<w:p><w:r><w:br w:type="page"/></w:r></w:p>' + p("zwei")
    pdf = to_pdf(word(body, section=section, headers={"header1.xml": p("Briefkopf"), "header2.xml": p("Folgeseite")}))
    found = [(number, text) for number, text, *_ in words(pdf, tmp_path) if text in ("Briefkopf", "Folgeseite")]
    assert found == [(1, "Briefkopf"), (2, "Folgeseite")]
