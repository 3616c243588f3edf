"""What a paragraph and its characters become."""

from xml.etree.ElementTree import Element

import pytest
from lxml import etree

from pipeline.pdf.html import comparison
from pipeline.pdf.html.refusals import DamagedDocument, DifferentText, UnsupportedContent
from pipeline.pdf.html.styles import Styles
from tests.pdf.word_files import NS, css, elements, p, read, row, table, text


def test_a_word_style_becomes_a_class_of_its_name_with_what_it_is_based_on():
    styles = ('<w:style w:type="paragraph" w:styleId="Basis"><w:name w:val="Basis"/><w:rPr><w:color w:val="14505C"/><w:b/></w:rPr></w:style>'
              '<w:style w:type="paragraph" w:styleId="Rueck"><w:name w:val="Rücksendeangabe"/><w:basedOn w:val="Basis"/>'
              '<w:pPr><w:jc w:val="both"/></w:pPr><w:rPr><w:b w:val="0"/><w:sz w:val="16"/></w:rPr></w:style>')
    markup = read(p("Absender", style="Rueck"), styles=styles)
    [paragraph] = elements(markup, "p")
    assert paragraph.get("class") == "ruecksendeangabe"
    said = css(markup, paragraph)
    assert "color: #14505C" in said
    assert "font-size: 8pt" in said
    assert "font-weight: normal" in said
    assert "text-align: justify" in said


def test_direct_formatting_survives_beside_the_style():
    run = '<w:b/><w:i/><w:u w:val="single"/><w:color w:val="FF0000"/><w:vertAlign w:val="superscript"/><w:smallCaps/>'
    markup = read(p("hoch", run=run))
    [span] = elements(markup, "span")
    said = css(markup, span)
    for part in ("font-weight: bold", "font-style: italic", "underline", "#FF0000", "vertical-align: super", "small-caps"):
        assert part in said


def test_headings_leave_no_level_out():
    markup = read(p("Eins", style="Heading1") + p("Drei", style="Heading3") + p("Text"))
    assert [element.tag for element in markup.root[1].iter() if element.tag.startswith("h")] == ["h1", "h2"]


def test_hard_spaces_hyphens_and_soft_hyphens_are_kept():
    body = ('<w:p><w:r><w:t>§\u00a064 GO</w:t></w:r><w:r><w:noBreakHyphen/></w:r><w:r><w:t>NRW Ver</w:t></w:r>'
            '<w:r><w:softHyphen/></w:r><w:r><w:t>waltung</w:t></w:r></w:p>')
    [paragraph] = elements(read(body), "p")
    assert "".join(paragraph.itertext()) == "§\u00a064 GO\u2011NRW Ver\u00adwaltung"


def test_a_mail_address_is_never_hyphenated():
    [span] = elements(read(p("an geschaeftsstelle@allianz.example schreiben")), "span")
    assert text(span) == "geschaeftsstelle@allianz.example"
    assert span.get("class") == "_whole"


def test_hidden_and_deleted_text_is_not_shown_and_inserted_text_is():
    body = ('<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>heimlich</w:t></w:r><w:del><w:r><w:delText>weg</w:delText></w:r></w:del>'
            "<w:ins><w:r><w:t>neu</w:t></w:r></w:ins></w:p>")
    [paragraph] = elements(read(body), "p")
    assert text(paragraph) == "neu"


def test_a_link_leads_outside_or_to_a_bookmark():
    body = ('<w:p><w:bookmarkStart w:id="1" w:name="ziel"/><w:r><w:t>Ziel</w:t></w:r><w:bookmarkEnd w:id="1"/></w:p>'
            '<w:p><w:hyperlink r:id="rIdL"><w:r><w:t>Netz</w:t></w:r></w:hyperlink> <w:hyperlink w:anchor="ziel"><w:r><w:t>dorthin</w:t></w:r>'
            "</w:hyperlink></w:p>")
    markup = read(body, related={"rIdL": ("hyperlink", "https://allianz.example/")})
    assert [link.get("href") for link in elements(markup, "a")] == ["https://allianz.example/", "#ziel"]
    assert [span.get("id") for span in elements(markup, "span") if span.get("id")] == ["ziel"]


def test_paragraphs_of_one_style_close_up_where_the_style_says_so():
    styles = ('<w:style w:type="paragraph" w:styleId="Dicht"><w:name w:val="Dicht"/><w:pPr><w:spacing w:after="200"/><w:contextualSpacing/>'
              "</w:pPr></w:style>")
    first, second, third = elements(read(p("a", style="Dicht") + p("b", style="Dicht") + p("c"), styles=styles), "p")
    assert "_tight-below" in first.get("class", "")
    assert second.get("class", "") == "dicht _tight-above"
    assert "_tight" not in third.get("class", "")


def test_a_page_break_is_one_wherever_it_stands():
    alone = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
    ahead = '<w:p><w:r><w:br w:type="page"/><w:t>oben</w:t></w:r></w:p>'
    markup = read(p("a") + alone + p("b") + ahead)
    assert [element.get("class") for element in elements(markup, "div")] == ["_page-break"]
    assert "_on-new-page" in elements(markup, "p")[-1].get("class", "")


def test_an_empty_paragraph_keeps_its_line():
    markup = read(p("a") + p() + p("b"))
    blank = elements(markup, "p")[1]
    assert "_blank" in blank.get("class", "")
    assert "height: 13.87pt" in css(markup, blank)      # 10.5 pt × 1.149 × 1.15


def test_paragraphs_in_one_frame_share_one_block_at_its_place_on_the_sheet():
    frame = '<w:framePr w:w="4819" w:h="2551" w:hRule="exact" w:vAnchor="page" w:hAnchor="page" w:x="1134" w:y="2551"/>'
    markup = read(p("Firma", properties=frame) + p("Straße", properties=frame) + p("Text"))
    block, inside = elements(markup, "div")
    assert [text(paragraph) for paragraph in inside] == ["Firma", "Straße"]
    said = css(markup, block)
    assert "position: absolute" in said
    assert "left: -14.15pt" in said           # 20 mm from the edge, the margin at 25 mm
    assert "top: 56.7pt" in said              # 45 mm from the edge, the margin at 25 mm
    assert "height: 127.55pt" in said


def test_a_label_before_a_tab_ends_at_the_stop():
    tabs = '<w:tabs><w:tab w:val="left" w:pos="2000"/></w:tabs>'
    body = f"<w:p><w:pPr>{tabs}</w:pPr><w:r><w:t>Telefon</w:t><w:tab/><w:t>+49 231 5550-0</w:t></w:r></w:p>"
    markup = read(body)
    [label] = [span for span in elements(markup, "span") if "_tabbed" in span.get("class", "")]
    assert text(label) == "Telefon"
    assert "width: 100pt" in css(markup, label)


@pytest.mark.parametrize(("body", "named"), [
    ("<w:p><m:oMath/></w:p>", "eine Formel"),
    ('<w:p><w:r><w:object/></w:r></w:p>', "ein eingebettetes Objekt"),
    ('<w:p><w:r><w:drawing><wp:inline><wp:extent cx="1" cy="1"/><a:graphic><a:graphicData '
     'uri="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>',
     "ein Diagramm"),
    ('<w:altChunk r:id="x"/>', "ein eingefügtes fremdes Dokument"),
    ('<w:p><w:r><w:sym w:font="Webdings" w:char="F061"/></w:r></w:p>', "das Zeichen F061"),
    (table(row("<w:tcPr/><w:p><m:oMath/></w:p>", "b")), "eine Formel"),
])
def test_what_cannot_be_followed_is_refused_with_its_place(body: str, named: str):
    with pytest.raises(UnsupportedContent) as refusal:
        read(p("Davor") + body)
    assert str(refusal.value).startswith(named)
    assert "Absatz" in str(refusal.value)
    assert refusal.value.exit_code == 5


def test_a_sign_out_of_a_picture_font_is_said_in_unicode():
    [paragraph] = elements(read('<w:p><w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r><w:r><w:t> erledigt</w:t></w:r></w:p>'), "p")
    assert text(paragraph) == "✓ erledigt"


def test_text_that_a_style_hides_is_not_shown():
    styles = '<w:style w:type="character" w:styleId="Geheim"><w:name w:val="Geheim"/><w:rPr><w:vanish/></w:rPr></w:style>'
    markup = read(p("offen") + p("Notiz", run='<w:rStyle w:val="Geheim"/>'), styles=styles)
    assert [text(paragraph) for paragraph in elements(markup, "p")] == ["offen", ""]


def test_a_number_that_is_none_is_damage_and_no_traceback():
    with pytest.raises(DamagedDocument) as refusal:
        read(p("a", properties='<w:numPr><w:ilvl w:val="x"/><w:numId w:val="1"/></w:numPr>'))
    assert "keine Zahl" in str(refusal.value)


def test_headers_notes_and_text_boxes_are_compared_word_for_word():
    story = etree.fromstring(f"<w:hdr {NS}>{p('Allianz Smart City')}</w:hdr>")
    holder = Element("div", {"class": "_running"})
    holder.text = "Allianz Smart Stadt"

    with pytest.raises(DifferentText, match=r"SmartCity.* gegen .*SmartStadt"):
        comparison.check(story, holder, Styles(None, {}))


def test_a_bold_character_style_in_a_bold_paragraph_style_is_not_bold_as_in_word():
    strong = '<w:rStyle w:val="Strong"/>'
    markup = read(p("Titel", style="Heading1", run=strong) + p("Text", run=strong) + p("Titel", style="Heading1", run=strong + "<w:b/>"))
    plain, bold, direct = (css(markup, span) for span in elements(markup, "span"))

    assert "font-weight: normal" in plain
    assert "font-weight: normal" not in bold
    assert direct.endswith("font-weight: bold")


def test_one_box_around_two_paragraphs_goes_on_between_them():
    line = '<w:{0} w:val="single" w:sz="4" w:space="4" w:color="000000"/>'
    box = f'<w:pBdr>{"".join(line.format(side) for side in ("top", "left", "bottom", "right"))}</w:pBdr><w:spacing w:after="120"/>'
    first, second = elements(read(p("oben", properties=box) + p("unten", properties=box)), "p")

    assert first.get("style") == "margin-bottom: 0; padding-bottom: 6pt"
    assert second.get("style") == "margin-top: 0"
