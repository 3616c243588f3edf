"""Tables keep their grid, their spans and their look."""

import pytest

from pipeline.pdf.html.refusals import TooWideTable
from tests.pdf.word_files import css, elements, p, read, row, table, text

HEAD = "<w:tblHeader/>"


def test_header_rows_become_a_head_that_repeats():
    markup = read(table(row("Projekt", "Stand", properties=HEAD), row("Wärme", "geplant")))
    [head] = elements(markup, "thead")
    assert [cell.get("scope") for cell in head.iter("th")] == ["col", "col"]
    assert [text(cell) for cell in elements(markup, "td")] == ["Wärme", "geplant"]


def test_columns_keep_the_widths_of_the_grid():
    markup = read(table(row("a", "b"), grid=(2000, 4000)))
    assert [css(markup, column) for column in elements(markup, "col")] == ["width: 100pt", "width: 200pt"]


def test_cells_span_columns_and_rows():
    wide = '<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>' + p("breit")
    tall, below = '<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>' + p("hoch"), "<w:tcPr><w:vMerge/></w:tcPr><w:p/>"
    markup = read(table(row(wide), row(tall, "rechts"), row(below, "unten")))
    spans = {text(cell): (cell.get("colspan"), cell.get("rowspan")) for cell in elements(markup, "td")}
    assert spans == {"breit": ("2", None), "hoch": (None, "2"), "rechts": (None, None), "unten": (None, None)}


def test_a_table_style_gives_lines_shades_and_letters_by_place():
    styles = ('<w:style w:type="table" w:styleId="Haus"><w:name w:val="Haustabelle"/><w:tblPr><w:tblBorders>'
              '<w:top w:val="single" w:sz="8" w:color="14505C"/><w:insideH w:val="single" w:sz="4" w:color="B7C3C7"/></w:tblBorders></w:tblPr>'
              '<w:tblStylePr w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:shd w:val="clear" w:fill="EAF0F1"/></w:tcPr></w:tblStylePr></w:style>')
    markup = read(table(row("Kopf", "b", properties=HEAD), row("c", "d"), properties='<w:tblStyle w:val="Haus"/><w:tblLook w:firstRow="1" '
                        'w:noHBand="1" w:noVBand="1"/>'), styles=styles)
    head, body = css(markup, elements(markup, "th")[0]), css(markup, elements(markup, "td")[0])
    assert "background-color: #EAF0F1" in head
    assert "font-weight: bold" in head
    assert "border-top: 1pt solid #14505C" in head
    assert "border-top: 0.5pt solid #B7C3C7" in body
    assert "border-left: none" in body
    assert elements(markup, "table")[0].get("class", "").startswith("haustabelle ")


def test_the_cells_own_line_wins():
    cell = '<w:tcPr><w:tcBorders><w:bottom w:val="double" w:sz="4" w:color="000000"/></w:tcBorders></w:tcPr>' + p("Summe")
    markup = read(table(row(cell, "b")))
    assert "border-bottom: 1.5pt double #000000" in css(markup, elements(markup, "td")[0])


def test_rows_whose_paragraphs_keep_with_the_next_stay_together():
    keep = "<w:tcPr/>" + p("a", properties="<w:keepNext/>")
    markup = read(table(row(keep), row("b"), grid=(3000,)))
    first, last = elements(markup, "tr")
    assert "break-after: avoid" in css(markup, first)
    assert "break-after" not in css(markup, last)


def test_a_table_that_leaves_the_sheet_is_refused_with_its_width():
    with pytest.raises(TooWideTable) as refusal:
        read(p("Davor") + table(row("a", "b"), grid=(9000, 9000)))
    assert "317 mm" in str(refusal.value)
    assert "„Davor“" in str(refusal.value)


def test_a_table_in_percent_fills_its_share_of_the_line():
    markup = read(table(row("a", "b"), properties='<w:tblW w:type="pct" w:w="2500"/>'))
    assert css(markup, elements(markup, "col")[0]) == "width: 116.938pt"      # a quarter of 467.75 pt


def test_the_first_column_heads_its_rows_where_the_table_says_so():
    look = '<w:tblLook w:val="04A0" w:firstRow="1" w:firstColumn="1"/>'
    rows = (row("Nr.", "Stand", properties=HEAD), row("J-001", "geplant"))
    scopes = [cell.get("scope") for cell in elements(read(table(*rows, properties=look)), "th")]
    assert scopes == ["col", "col", "row"]
    assert elements(read(table(row("links", "rechts"), properties=look)), "th") == []      # Word's usual marks, no heading row
