"""All that stands in the way of a PDF is named in one run, each with its place."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.main import main
from pipeline.pdf.html.refusals import MissingTarget, SeveralObstacles, UnsupportedContent
from pipeline.pdf.review import in_document
from tests.pdf.word_files import A4, p, picture, png, read, row, table, word

EQUATION = "<w:p><m:oMath/></w:p>"
WIDE = '<w:tblW w:w="12000" w:type="dxa"/>'
CHART = ('<w:p><w:r><w:drawing><wp:inline><wp:extent cx="1" cy="1"/><a:graphic><a:graphicData '
         'uri="http://schemas.openxmlformats.org/drawingml/2006/{}"><c:chart/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>')
ART = ('<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" type="#_x0000_t136"><v:textpath string="Hurra"/></v:shape></w:pict>'
       "</w:r></w:p>")


def everything_wrong() -> bytes:
    cell = "<w:tcPr/>" + EQUATION
    return word(p("Anfang") + EQUATION + p("Mitte") + CHART.format("chart") + p("Weiter") + picture(alt="") + table(row(cell, "b"), properties=WIDE)
                + p("Ende") + ART, headers={"header1.xml": EQUATION}, section='<w:headerReference r:id="header1"/>' + A4,
                related={"rIdP": ("image", "media/punkt.png")}, parts={"word/media/punkt.png": png()})


def test_each_obstacle_is_a_finding_with_its_place():
    said = [finding.message for finding in in_document("brief.docx", everything_wrong())]
    assert [message.split(" kann ")[0].split(":")[0] for message in said] == [
        "Eine Formel", "Eine Formel", "Ein Diagramm", "Das Bild „Bild 1“ ohne Alternativtext", "Eine Tabelle ist breiter als das Blatt",
        "Eine Formel", "Eine Zeichnung aus einer alten Word-Version"]
    assert "(Kopfzeile, Absatz 1)" in said[0]
    assert "(Absatz 2)" in said[1]
    assert all(message.endswith(")") for message in said)


def test_one_obstacle_is_said_as_such_and_several_together():
    with pytest.raises(UnsupportedContent):
        read(p("a") + EQUATION)
    with pytest.raises(SeveralObstacles, match="2 Stellen") as refusal:
        read(p("a") + EQUATION + CHART.format("diagram"))
    assert "eine SmartArt-Grafik" in str(refusal.value)
    assert refusal.value.exit_code == 5


def test_a_page_number_without_its_place_is_named_beside_the_rest():
    entry = '<w:p><w:fldSimple w:instr=" PAGEREF _Toc9 "><w:r><w:t>7</w:t></w:r></w:fldSimple></w:p>'
    with pytest.raises(MissingTarget):
        read(p("a") + entry)
    with pytest.raises(SeveralObstacles, match="_Toc9"):
        read(EQUATION + entry)


def test_convert_names_all_of_them_and_writes_nothing(tmp_path: Path):
    source = tmp_path / "fremd.docx"
    source.write_bytes(everything_wrong())
    result = CliRunner().invoke(main, ["-C", str(tmp_path), "convert", str(source)])
    assert getattr(result.exception, "exit_code", None) == 5
    for said in ("eine Formel", "ein Diagramm", "Bild 1", "breiter als das Blatt", "alten Word-Version"):
        assert said in result.output
    assert not (tmp_path / "fremd.pdf").exists()
