"""Nothing of the text may be missing on the pages."""

import io
import zipfile

import pytest

from pipeline.pdf.render import TextCutOff, TooManyPages, to_pdf
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


def asking(docx: bytes, **wishes: str) -> bytes:
    """A Word file with properties of its own."""
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["_rels/.rels"] = files["_rels/.rels"].replace(
        b"</Relationships>", b'<Relationship Id="rId9" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        b'custom-properties" Target="docProps/custom.xml"/></Relationships>')
    said = "".join(f'<property name="{name.replace("_", " ")}"><vt:lpwstr>{value}</vt:lpwstr></property>' for name, value in wishes.items())
    files["docProps/custom.xml"] = f'<Properties xmlns:vt="vt">{said}</Properties>'.encode()
    return packed(files)


def test_a_word_file_may_ask_to_be_printed_larger(tmp_path) -> None:
    [(_, _, left, *_)] = words(to_pdf(asking(word(p("Plakat")), Vergrößerung_im_PDF="200 %")), tmp_path)
    [(_, _, usual, *_)] = words(to_pdf(word(p("Plakat"))), tmp_path)
    assert left == pytest.approx(2 * usual, abs=0.1)


def test_text_that_does_not_fit_its_sheet_is_named_where_it_begins_to_be_too_much() -> None:
    body = "".join(p(f"Zeile {number} des Plakats") for number in range(80))
    with pytest.raises(TooManyPages, match=r"länger als eine Seite: er füllt 3, und ab „Zeile 35 des Plakats Zeile 36 "):
        to_pdf(asking(word(body), Seiten_höchstens="1"))
    assert to_pdf(asking(word(body), Seiten_höchstens="3"))
