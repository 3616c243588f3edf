"""Nothing of the text may be missing on the pages."""

import io
import zipfile

import pytest

from pipeline.pdf.render import TextCutOff, to_pdf
from pipeline.pdf.style import Style
from tests.pdf.judge import spoken, words
from tests.pdf.word_files import p, packed, word

LOW = '<w:framePr w:w="4000" w:vAnchor="page" w:hAnchor="page" w:x="1134" w:y="15800"/>'      # 279 mm down, below the page's text


def test_a_frame_below_the_text_keeps_all_its_lines(tmp_path) -> None:
    pdf = to_pdf(word(p("Text") + p("Fragen", properties=LOW) + p("Geschäftsstelle", properties=LOW)))

    assert "Geschäftsstelle" in spoken(pdf, tmp_path)


def test_text_that_stands_on_no_page_stops_the_paper() -> None:
    with pytest.raises(TextCutOff, match="5 Zeichen"):
        to_pdf(word(p("Text") + p("fehlt", style="Heading3")), style=Style.of(".heading-3 { display: none }"))


def test_words_in_capitals_hyphens_and_headers_do_not_count_as_missing() -> None:
    header = {"header1.xml": p("Kopf"), "header2.xml": p("Nur auf geraden Seiten")}
    section = '<w:headerReference w:type="default" r:id="header1"/><w:headerReference w:type="even" r:id="header2"/>'
    text = " ".join(["Zusammenarbeitsvereinbarung"] * 60)

    assert to_pdf(word(p("Straße", run="<w:caps/>") + p(text), headers=header, section=section), style=Style.of("p { hyphens: auto }"))


def test_a_word_file_may_ask_to_be_printed_larger(tmp_path) -> None:
    with zipfile.ZipFile(io.BytesIO(word(p("Plakat")))) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["_rels/.rels"] = files["_rels/.rels"].replace(
        b"</Relationships>", b'<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'custom-properties" Target="docProps/custom.xml"/></Relationships>')
    files["docProps/custom.xml"] = ('<Properties xmlns:vt="vt"><property name="Vergrößerung im PDF"><vt:lpwstr>200 %</vt:lpwstr></property>'
                                    "</Properties>").encode()

    [(_, _, left, *_)] = words(to_pdf(packed(files)), tmp_path)
    [(_, _, usual, *_)] = words(to_pdf(word(p("Plakat"))), tmp_path)
    assert left == pytest.approx(2 * usual, abs=0.1)
