"""Sheets, headers, footers, notes, text boxes, tables of contents."""

from pathlib import Path

import pytest

from pipeline.pdf.html.refusals import BadPicture, MissingTarget, UnsupportedContent
from pipeline.pdf.render import to_pdf
from tests.pdf.judge import faults, spoken, words
from tests.pdf.word_files import A4, NS, css, elements, p, picture, png, read, text, word

BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'


def top(pdf: bytes, tmp_path: Path, wanted: str) -> tuple[int, float]:
    return next((number, upper) for number, found, _, upper, *_ in words(pdf, tmp_path) if found == wanted)


def test_the_text_begins_at_the_margins(tmp_path: Path):
    [(_, _, left, upper, *_)] = words(to_pdf(word(p("Anfang"))), tmp_path)
    assert left == pytest.approx(25, abs=0.3)
    assert upper == pytest.approx(25, abs=1)


def test_a_tall_header_pushes_the_text_down_and_frames_stay(tmp_path: Path):
    frame = '<w:framePr w:w="3000" w:vAnchor="page" w:hAnchor="page" w:x="1417" w:y="8000"/>'
    section = '<w:headerReference r:id="header1"/>' + A4
    header = "".join(p(f"Zeile{number}") for number in range(12))
    pdf = to_pdf(word(p("Anschrift", properties=frame) + p("Anfang") + BREAK + p("Weiter"), section=section, headers={"header1.xml": header}))
    low = max(lower for number, found, _, _, _, lower in words(pdf, tmp_path) if found == "Zeile11")
    assert top(pdf, tmp_path, "Anfang")[1] > low
    assert top(pdf, tmp_path, "Weiter") == (2, pytest.approx(top(pdf, tmp_path, "Anfang")[1], abs=1))
    assert top(pdf, tmp_path, "Anschrift")[1] == pytest.approx(8000 / 1440 * 25.4, abs=1)


def test_even_pages_have_their_header(tmp_path: Path):
    section = '<w:headerReference w:type="even" r:id="header1"/><w:headerReference w:type="default" r:id="header2"/>' + A4
    pdf = to_pdf(word(p("a") + BREAK + p("b") + BREAK + p("c"), section=section, settings="<w:evenAndOddHeaders/>",
                      headers={"header1.xml": p("gerade"), "header2.xml": p("ungerade")}))
    assert [(number, found) for number, found, *_ in words(pdf, tmp_path) if found.endswith("gerade")] == [
        (1, "ungerade"), (2, "gerade"), (3, "ungerade")]


def test_a_header_with_left_middle_and_right_keeps_its_places(tmp_path: Path):
    tabs = '<w:tabs><w:tab w:val="center" w:pos="4677"/><w:tab w:val="right" w:pos="9355"/></w:tabs>'
    header = f"<w:p><w:pPr>{tabs}</w:pPr><w:r><w:t>Links</w:t><w:tab/><w:t>Mitte</w:t><w:tab/><w:t>Rechts</w:t></w:r></w:p>"
    found = {name: (left, right) for _, name, left, _, right, _ in words(to_pdf(word(
        p("Text"), section='<w:headerReference r:id="header1"/>' + A4, headers={"header1.xml": header})), tmp_path)}
    assert found["Links"][0] == pytest.approx(25, abs=0.3)
    assert sum(found["Mitte"]) / 2 == pytest.approx(107.5, abs=1)
    assert found["Rechts"][1] == pytest.approx(190, abs=0.5)


def test_a_footnote_stands_at_the_foot_of_its_page(tmp_path: Path):
    notes = f'<w:footnotes {NS}><w:footnote w:id="1">{p("Siehe Anlage.")}</w:footnote></w:footnotes>'.encode()
    body = '<w:p><w:r><w:t>Satz</w:t></w:r><w:r><w:footnoteReference w:id="1"/></w:r></w:p>'
    pdf = to_pdf(word(body, related={"rIdF": ("footnotes", "footnotes.xml")}, parts={"word/footnotes.xml": notes}))
    assert top(pdf, tmp_path, "Anlage.")[1] > 250
    assert faults(pdf, tmp_path) == []


def test_a_text_box_stands_at_its_place_with_its_text(tmp_path: Path):
    shape = ('<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="wps">'
             '<w:drawing><wp:anchor><wp:positionH relativeFrom="page"><wp:posOffset>3600000</wp:posOffset></wp:positionH>'
             '<wp:positionV relativeFrom="page"><wp:posOffset>7200000</wp:posOffset></wp:positionV><wp:extent cx="2160000" cy="720000"/>'
             '<wp:wrapNone/><wp:docPr id="4" name="Kasten"/><a:graphic><a:graphicData uri="x/wordprocessingShape">'
             '<wps:wsp xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:spPr><a:prstGeom prst="rect"/></wps:spPr>'
             f'<wps:txbx><w:txbxContent>{p("Kastentext")}</w:txbxContent></wps:txbx><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic></wp:anchor>'
             "</w:drawing></mc:Choice><mc:Fallback><w:pict/></mc:Fallback></mc:AlternateContent></w:r></w:p>")
    pdf = to_pdf(word(p("Davor") + shape))
    [(_, _, left, upper, *_)] = [found for found in words(pdf, tmp_path) if found[1] == "Kastentext"]
    assert left == pytest.approx(102.5, abs=0.5)         # 100 mm and the box's inner margin
    assert upper == pytest.approx(201.5, abs=1.5)
    assert faults(pdf, tmp_path) == []


def test_a_table_of_contents_shows_where_things_really_stand(tmp_path: Path):
    entry = ('<w:p><w:pPr><w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9000"/></w:tabs></w:pPr><w:hyperlink w:anchor="_Toc1">'
             '<w:r><w:t>Zweck</w:t></w:r><w:r><w:tab/></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
             '<w:r><w:instrText> PAGEREF _Toc1 \\h </w:instrText></w:r>'
             '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>99</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
             "</w:hyperlink></w:p>")
    target = '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:bookmarkStart w:id="1" w:name="_Toc1"/><w:r><w:t>Zweck</w:t></w:r></w:p>'
    pdf = to_pdf(word(entry + BREAK + BREAK + target))
    first = spoken(pdf, tmp_path, "-l", "1", "-layout").split()
    assert first == ["Zweck", "3"]
    assert faults(pdf, tmp_path) == []
    with pytest.raises(MissingTarget):
        to_pdf(word(entry))


def test_a_vector_picture_goes_before_its_pixels():
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="3"/></svg>'
    vector = ('<a:blip r:embed="rIdP"><a:extLst><a:ext uri="x"><asvg:svgBlip xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main" '
              'r:embed="rIdV"/></a:ext></a:extLst></a:blip>')
    body = picture().replace('<a:blip r:embed="rIdP"/>', vector)
    markup = read(body, related={"rIdP": ("image", "media/a.png"), "rIdV": ("image", "media/a.svg")},
                  parts={"word/media/a.png": png(), "word/media/a.svg": drawing})
    [image] = elements(markup, "img")
    assert markup.pictures[image.get("src", "")] == drawing
    assert image.get("alt") == "Ein roter Punkt"
    assert css(markup, image) == "width: 56.693pt; height: 56.693pt"


def test_a_picture_without_a_description_is_refused_and_a_decorative_one_is_not_read_aloud():
    parts = {"related": {"rIdP": ("image", "media/a.png")}, "parts": {"word/media/a.png": png()}}
    with pytest.raises(UnsupportedContent) as refusal:
        read(picture(alt=""), **parts)
    assert "ohne Alternativtext" in str(refusal.value)
    decorative = ('<wp:docPr id="1" name="Linie"><a:extLst><a:ext uri="x"><adec:decorative '
                  'xmlns:adec="http://schemas.microsoft.com/office/drawing/2017/decorative" val="1"/></a:ext></a:extLst></wp:docPr>')
    markup = read(picture(alt="").replace('<wp:docPr id="1" name="Bild 1" descr=""/>', decorative), **parts)
    assert elements(markup, "img") == []
    assert any("_decoration" in span.get("class", "") for span in elements(markup, "span"))


@pytest.mark.parametrize(("relations", "said"), [({}, "die Bilddatei fehlt"), ({"rIdP": ("image", "media/a.wmf")}, "kein PNG, JPEG, GIF oder SVG")])
def test_a_picture_that_is_missing_or_of_a_foreign_kind_is_named(relations: dict[str, tuple[str, str]], said: str):
    with pytest.raises(BadPicture) as refusal:
        read(p("Davor") + picture(), related=relations, parts={"word/media/a.wmf": b"\xd7\xcd\xc6\x9a"})
    assert said in str(refusal.value)


def test_a_field_shows_what_word_last_showed():
    body = ('<w:p><w:r><w:t xml:space="preserve">Stand </w:t></w:r><w:fldSimple w:instr=" DATE \\@ dd.MM.yyyy ">'
            "<w:r><w:t>04.05.2017</w:t></w:r></w:fldSimple></w:p>")
    assert [text(paragraph) for paragraph in elements(read(body), "p")] == ["Stand 04.05.2017"]
