"""What could not be shown is named before a paper is made."""

from pipeline.pdf.review import in_document, in_style
from tests.pdf.word_files import p, row, table, word

WIDE = '<w:tblW w:w="12000" w:type="dxa"/>'


def test_a_table_wider_than_the_sheet_is_a_finding_with_its_place() -> None:
    [finding] = in_document("brief.docx", word(p("Davor") + table(row("breit", "breiter"), properties=WIDE)))

    assert finding.place.file == "brief.docx"
    assert "Eine Tabelle ist breiter als das Blatt: 212 mm, Platz sind 185 mm (Absatz 1, „Davor“)" in finding.message


def test_an_equation_is_a_finding() -> None:
    [finding] = in_document("brief.docx", word("<w:p><m:oMath/></w:p>"))

    assert "Eine Formel" in finding.message


def test_a_good_file_has_none() -> None:
    assert list(in_document("brief.docx", word(p("Text")))) == []


def test_a_misspelt_property_is_named_with_its_line() -> None:
    [finding] = in_style("style.css", "p { color: red }\nli { colr: blue }")

    assert str(finding.place) == "style.css Zeile 2"
    assert "„colr: blue“ wird nicht verstanden" in finding.message


def test_a_style_sheet_that_fetches_another_one_is_refused() -> None:
    [finding] = in_style("style.css", "@import url(https://example.org/a.css);")

    assert "verweist auf etwas außerhalb: https://example.org/a.css" in finding.message


def test_a_font_that_is_not_there_is_named_with_its_stand_in() -> None:
    [finding] = in_document("brief.docx", word(p("Text", run='<w:rFonts w:ascii="Frutiger 55 Roman"/>')))

    assert finding.severity == "warning"
    assert "Die Schrift „Frutiger 55 Roman“ ist nicht installiert; im PDF steht „" in finding.message


def test_a_font_with_a_twin_of_the_same_measures_is_as_good_as_there() -> None:
    assert list(in_document("brief.docx", word(p("Text", run='<w:rFonts w:ascii="Times New Roman"/>')))) == []
