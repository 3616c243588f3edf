"""Numbers as Word counts them."""

from tests.pdf.word_files import elements, item, list_of, p, read, text

LEGAL = list_of(0, ("decimal", "§ %1"), ("decimal", "(%2)"), ("lowerLetter", "%3)"))
NUMBERS = list_of(1, ("decimal", "%1."), ("decimal", "%1.%2"))
BULLETS = list_of(2, ("bullet", "\uf0b7"))
LISTS = ('<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
         '<w:num w:numId="3"><w:abstractNumId w:val="2"/></w:num>'
         '<w:num w:numId="4"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>')
NUMBERING = LEGAL + NUMBERS + BULLETS + LISTS


def labels(body: str) -> list[str]:
    markup = read(body, numbering=NUMBERING)
    return [text(element) for element in markup.root[1].iter() if "_label" in element.get("class", "")]


def test_levels_count_and_start_anew_below_a_higher_one():
    body = item("a", 1) + item("b", 1, 1) + item("c", 1, 1) + item("d", 1, 2) + item("e", 1) + item("f", 1, 1)
    assert labels(body) == ["§ 1", "(1)", "(2)", "a)", "§ 2", "(1)"]


def test_a_list_goes_on_after_other_text_and_starts_anew_where_word_says_so():
    assert labels(item("a", 2) + p("Text") + item("b", 2) + item("c", 4) + item("d", 4)) == ["1.", "2.", "1.", "2."]


def test_a_level_shows_the_numbers_above_it():
    assert labels(item("a", 2) + item("b", 2) + item("c", 2, 1)) == ["1.", "2.", "2.1"]


def test_a_level_whose_parent_never_came_shows_the_parents_start():
    assert labels(item("a", 2, 1)) == ["1.1"]


def test_bullets_of_picture_fonts_become_readable_signs():
    assert labels(item("a", 3)) == ["•"]


def test_neighbouring_items_stand_in_one_list_and_deeper_ones_inside():
    markup = read(item("a", 1) + item("b", 1, 1) + item("c", 1) + p("Text") + item("d", 1), numbering=NUMBERING)
    first, inner, second = elements(markup, "ol")
    assert [child.tag for child in first] == ["li", "ol", "li"]
    assert len(inner) == 1
    assert len(second) == 1


def test_a_numbered_heading_carries_its_number_in_view():
    styles = ('<w:style w:type="paragraph" w:styleId="Paragraf"><w:name w:val="heading 2"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>'
              '<w:outlineLvl w:val="1"/></w:pPr></w:style>')
    markup = read(p("Zweck", style="Paragraf") + p("Laufzeit", style="Paragraf"), styles=styles, numbering=NUMBERING)
    assert [text(heading) for heading in elements(markup, "h1")] == ["§ 1 Zweck", "§ 2 Laufzeit"]


def test_number_zero_takes_the_number_away():
    styles = ('<w:style w:type="paragraph" w:styleId="Punkt"><w:name w:val="Punkt"/><w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr>'
              "</w:style>")
    body = p("a", style="Punkt") + p("b", style="Punkt", properties='<w:numPr><w:numId w:val="0"/></w:numPr>') + p("c", style="Punkt")
    markup = read(body, styles=styles, numbering=NUMBERING)
    assert [text(element) for element in markup.root[1].iter() if element.tag in ("li", "p")] == ["1. a", "b", "2. c"]


def test_letters_go_on_as_word_does_after_z():
    lists = list_of(7, ("lowerLetter", "%1)")) + '<w:num w:numId="9"><w:abstractNumId w:val="7"/></w:num>'
    markup = read("".join(item("x", 9) for _ in range(28)), numbering=lists)
    found = [text(element) for element in markup.root[1].iter() if "_label" in element.get("class", "")]
    assert found[25:] == ["z)", "aa)", "bb)"]
