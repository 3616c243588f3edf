"""The same templates through docxtpl and through our engine: the same document."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from docx import Document
from docx.enum.section import WD_SECTION
from docx.shared import Mm
from openxml_audit import OpenXmlValidator

from pipeline.papers.kinds import KINDS, sample
from pipeline.records import Picture, SignatureLine
from pipeline.word.program import MissingField
from tests.word.documents import added, by_docxtpl, canonical, changed, lines, paragraphs, part, saved, table, template, unzipped, written

CONTEXT = {
    "title": "Müller & Söhne <GmbH>",
    "empty": "",
    "number": 88,
    "partner": {"name": "Brückner & Söhne", "city": "Dortmund", "lines": ["Hafenstraße 12", "44147 Dortmund"], "local": True},
    "projects": [
        {"title": "Wärme", "place": "Dortmund", "partners": [{"name": "A"}, {"name": "B & C"}], "cost": 1200},
        {"title": "Licht < Schatten", "place": "Lünen", "partners": [{"name": "C"}], "cost": 0},
        {"title": "Wege", "place": "Dortmund", "partners": [{"name": "D"}], "cost": 7},
    ],
    "columns": ["Eins", "Zwei", "Drei", "Vier"],
    "broken": "erste Zeile\nzweite Zeile",
    "fill": "E2EFDA",
    "span": 2,
}


def split_over_runs() -> bytes:
    document = Document()
    paragraph = document.add_paragraph("vor ")
    for piece, bold in (("{", False), ("{ partner", True), (".na", False), ("me }", True), ("} nach", False)):
        paragraph.add_run(piece).bold = bold
    return written(document)


def with_headers() -> bytes:
    document = Document()
    document.add_paragraph("Text {{ title }}")
    document.sections[0].header.paragraphs[0].text = "Kopf {{ partner.name }}"
    document.sections[0].footer.paragraphs[0].text = "Fuß {% if partner.local %}hier{% else %}dort{% endif %}"
    document.add_section(WD_SECTION.NEW_PAGE).header.is_linked_to_previous = False
    document.sections[1].header.paragraphs[0].text = "Zweiter Kopf {{ number }}"
    return written(document)


def with_runs() -> bytes:
    document = Document()
    paragraph = document.add_paragraph()
    for text, italic in (("Anfang ", False), ("{%r if partner.local %}", False), ("nur hier", True), ("{%r endif %}", False), (" Ende", False)):
        paragraph.add_run(text).italic = italic
    return written(document)


def with_cells() -> bytes:
    document = Document()
    grid = document.add_table(2, 3)
    for row, inside in zip(grid.rows, ("{{ c }}", "{{ loop.index }}"), strict=True):
        for cell, text in zip(row.cells, ("{%tc for c in columns %}", inside, "{%tc endfor %}"), strict=True):
            cell.text = text
    return written(document)


def with_merges() -> bytes:
    return table(("{%tr for p in projects %}", "", ""),
                 ("{% vm %}gemeinsam", "{{ p.title }}", "{% colspan span %}{{ p.place }}"),
                 ("{%tr endfor %}", "", ""))


def with_horizontal_merge() -> bytes:
    return table(("{%tc for c in columns %}", "{% hm %}Überschrift", "{%tc endfor %}"), ("{%tc for c in columns %}", "{{ c }}", "{%tc endfor %}"))


def with_pictures() -> bytes:
    document = Document()
    document.add_paragraph("{{ title }}")
    data = written(document)
    drawing = ('<w:p><w:r><w:t>{%p for p in projects %}</w:t></w:r></w:p>'
               '<w:p><w:r><w:drawing><wp:inline><wp:extent cx="1" cy="1"/><wp:docPr id="1" name="Bild" descr="{{ p.title }}"/>'
               '</wp:inline></w:drawing></w:r></w:p><w:p><w:r><w:t>{%p endfor %}</w:t></w:r></w:p>')
    return changed(data, "word/document.xml", lambda xml: xml.replace("<w:sectPr", drawing + "<w:sectPr"))


def with_nested_tables() -> bytes:
    document = Document()
    document.add_paragraph("{%p for p in projects %}")
    document.add_paragraph("{{ p.title|upper }} kostet {{ p.cost }}")
    grid = document.add_table(3, 2)
    rows = (("{%tr for q in p.partners %}", ""), ("{{ q.name }}", "{{ loop.index }} von {{ loop.length }}"), ("{%tr endfor %}", ""))
    for row, texts in zip(grid.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    document.add_paragraph("{%p endfor %}")
    return written(document)


def wide() -> bytes:
    document = Document()
    document.sections[0].page_width = Mm(297)
    document.add_paragraph("{{ partner.lines|join(', ') }} und {{ 'leer' if not empty else 'voll' }}")
    return written(document)


def dynamic_table() -> bytes:
    """Columns and rows both from lists."""
    document = Document()
    grid = document.add_table(4, 4)
    rows = (("Jahr", "{%tc for c in columns %}", "{{ c }}", "{%tc endfor %}"), ("{%tr for p in projects %}", "", "", ""),
            ("{{ p.title }}", "{%tc for c in columns %}", "{{ c }}{{ p.cost }}", "{%tc endfor %}"), ("{%tr endfor %}", "", "", ""))
    for row, texts in zip(grid.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    return written(document)


def with_spanning_merge() -> bytes:
    data = table(("{%tc for c in columns %}", "{% hm %}Überschrift", "{%tc endfor %}"), ("{%tc for c in columns %}", "{{ c }}", "{%tc endfor %}"))
    return changed(data, "word/document.xml", lambda xml: xml.replace(
        "</w:tcPr><w:p><w:r><w:t>{% hm", '<w:gridSpan w:val="2"/></w:tcPr><w:p><w:r><w:t>{% hm'))


def with_nested_merges() -> bytes:
    return table(("{%tr for p in projects %}", "", ""), ("{%tr for q in p.partners %}", "", ""),
                 ("{% vm %}{{ p.title }}", "{{ q.name }}", "{% if loop.first %}erster{% endif %}"),
                 ("{%tr endfor %}", "", ""), ("{%tr endfor %}", "", ""))


def with_merged_paragraphs() -> bytes:
    document = Document()
    for text in ("Wohnt in", "{%- if partner.local %}", "{{ partner.city }}", "{% else -%}", "anderswo", "{%- endif -%}", "am Hafen."):
        document.add_paragraph(text)
    return written(document)


def with_fewer_cells() -> bytes:
    return table(("{%tc for c in columns[:1] %}", "{{ c }}", "{%tc endfor %}", "x", "y"),
                 ("{%tc for c in columns[:1] %}", "{{ c }}", "{%tc endfor %}", "x", "y"))


def with_rich_conditions() -> bytes:
    document = Document()
    paragraph = document.add_paragraph()
    for text, bold in (("{% if partner.local %}", True), ("Herr ", False), ("{% endif %}", True), ("{{ partner.name }}", True), (" Ende", False)):
        paragraph.add_run(text).bold = bold
    return written(document)


CORPUS: dict[str, Callable[[], bytes]] = {
    "plain": lambda: paragraphs("Von {{ title }} an {{ partner.name }}, {{ number }} Projekte"),
    "conditions": lambda: paragraphs("{% if partner.local %}hier{% elif empty %}leer{% else %}dort{% endif %}",
                                     "{%p if empty %}", "nie", "{%p else %}", "immer", "{%p endif %}"),
    "loops": lambda: paragraphs("{%p for p in projects %}", "{{ loop.index }}. {{ p.title }}",
                                "{%p for q in p.partners %}", "– {{ q.name }}", "{%p endfor %}", "{%p endfor %}"),
    "inline loops": lambda: paragraphs("Orte: {% for p in projects %}{{ p.place }}{% if not loop.last %}, {% endif %}{% endfor %}."),
    "loops over whole paragraphs": lambda: paragraphs("{% for p in projects %}", "{{ p.title }}", "{% endfor %}"),
    "filters": lambda: paragraphs("{{ title|upper }}",
                                  "{{ projects|map(attribute='title')|join(' / ') }} {{ projects|length }} {{ empty|default('–', true) }}",
                                  "{{ projects|sum(attribute='cost') }} {{ (projects|sort(attribute='cost')|first).title }} {{ 3.14159|round(2) }}"),
    "set and macro": lambda: paragraphs("{% set who = partner.name %}{{ who }}",
                                        "{% macro m(x) %}[{{ x }}]{% endmacro %}{{ m(title) }} {{ m('a b') }}"),
    "comments": lambda: paragraphs("vor {# nichts davon #} nach", "{#p weg #}", "bleibt"),
    "whitespace": lambda: paragraphs("eins {%- if true -%} zwei {%- endif -%} drei", "vier"),
    "escapes": lambda: paragraphs("{_{ so }_} und {_% so %_} {{ title }}"),
    "quotes": lambda: paragraphs("{% if partner.city == “Dortmund” %}ja{% endif %}", "{{ 'x' if number > 80 and number < 90 else 'y' }}"),
    "spaces": lambda: paragraphs("  {{ title }}  ", "{{ partner.name }} {{ partner.city }}"),
    "line breaks": lambda: paragraphs("vor {{ broken }} nach"),
    "rows": lambda: table(("Titel", "Ort"), ("{%tr for p in projects %}", ""), ("{{ p.title }}", "{{ p.place }}"), ("{%tr endfor %}", "")),
    "row conditions": lambda: table(("{%tr if empty %}", ""), ("a", "b"), ("{%tr endif %}", ""), ("{{ title }}", "{{ number }}")),
    "cell background": lambda: table(("{% cellbg fill %}{{ title }}", "b"), ("c", "d")),
    "split over runs": split_over_runs, "headers": with_headers, "runs": with_runs, "cells": with_cells, "merges": with_merges,
    "horizontal merge": with_horizontal_merge, "dynamic table": dynamic_table, "horizontal merge over two columns": with_spanning_merge,
    "nested vertical merges": with_nested_merges, "merged paragraphs": with_merged_paragraphs, "fewer cells after a loop": with_fewer_cells,
    "conditions in formatted runs": with_rich_conditions,
    "comments of rows and cells": lambda: table(("a", "b"), ("{#tr diese Zeile nicht #}", ""), ("{#tc diese Zelle nicht #}", "c")),
    "conditions in cells": lambda: table(("{% if empty %}ja{% else %}{{ number }}{% endif %}", "{% if partner.local %}hier{% endif %}")),
    "a span of a number": lambda: table(("{% colspan 2 %}{{ title }}",), ("a",)),
    "a colour by name": lambda: table(("{% cellbg 'FFFF00' %}{{ title }}", "b")),
    "with and call": lambda: paragraphs("{% with who = partner.name %}{{ who }}{% endwith %}",
                                        "{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}{{ title }}{% endcall %}"),
    "line statements of Jinja": lambda: paragraphs("{% for p in projects if p.cost %}{{ p.title }}{% else %}nichts{% endfor %}",
                                                   "{{ projects|selectattr('cost')|map(attribute='place')|unique|join(', ') }}"),
    "groups": lambda: paragraphs("{%p for place, several in projects|groupby('place') %}", "{{ place }}: {{ several|length }}", "{%p endfor %}"),
    "tests": lambda: paragraphs("{{ 'ja' if number is even and partner is mapping and empty is not none else 'nein' }}",
                               "{{ 'da' if nothing is defined else 'fort' }}"),
 "pictures": with_pictures, "nested tables": with_nested_tables, "wide": wide,
}


@pytest.mark.parametrize("name", CORPUS)
def test_both_engines_make_the_same_document(name: str) -> None:
    data = CORPUS[name]()
    ours, theirs = template(data).render(CONTEXT), by_docxtpl(data, CONTEXT)
    assert canonical(ours) == canonical(theirs)


def plain(value: object) -> object:
    """A context without what docxtpl has no word for."""
    if isinstance(value, SignatureLine | Picture):
        return f"[{value.name}]"
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


@pytest.mark.parametrize("kind", KINDS)
def test_both_engines_make_the_same_paper_of_each_shipped_template(kind: str) -> None:
    data = (Path(__file__).parents[2] / "templates" / KINDS[kind].template).read_bytes()
    context = plain(sample(kind))
    assert isinstance(context, dict)
    ours, theirs = template(data).render(context), by_docxtpl(data, context)
    for name in unzipped(data):
        if name.endswith(".xml") and not name.startswith(("docProps/", "[")):
            assert canonical(ours, name) == canonical(theirs, name), name


def test_footnotes_and_properties_are_the_same_too() -> None:
    document = Document()
    document.add_paragraph("Text")
    document.core_properties.subject = "Zu {{ partner.city }}"
    document.core_properties.comments = "{% if number > 3 %}viele{% endif %}"
    xml = ('<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="1"><w:p><w:r>'
           "<w:t>siehe {{ title }}</w:t></w:r></w:p></w:footnote></w:footnotes>")
    data = added(written(document), "word/footnotes.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
                 "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes", xml)
    ours, theirs = template(data).render(CONTEXT), by_docxtpl(data, CONTEXT)
    assert canonical(ours, "word/footnotes.xml") == canonical(theirs, "word/footnotes.xml")
    for name in ("subject", "comments", "title", "author"):
        assert getattr(Document(io.BytesIO(ours)).core_properties, name) == getattr(Document(io.BytesIO(theirs)).core_properties, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cell background", "merges", "horizontal merge", "nested vertical merges", "dynamic table", "a span of a number"])
def test_merging_adds_no_schema_error(tmp_path: Path, name: str) -> None:
    data = CORPUS[name]()
    judge = OpenXmlValidator()
    before, after = ({error.description for error in judge.validate(saved(tmp_path, made, "x.docx")).errors}
                     for made in (data, template(data).render(CONTEXT)))
    assert after <= before


# What differs, and is listed in docs/templates.md


def test_an_ampersand_in_a_tags_own_text_is_printed_twice_escaped_by_docxtpl_and_once_here() -> None:
    data = paragraphs("{{ 'a & b' }}")
    assert lines(by_docxtpl(data, {})) == ["a &amp; b"]
    assert lines(template(data).render({})) == ["a & b"]


def test_a_tab_stays_in_its_run_here() -> None:
    data = paragraphs("{{ x }}")
    ours, theirs = template(data).render({"x": "a\tb"}), by_docxtpl(data, {"x": "a\tb"})
    assert lines(ours) == lines(theirs) == ["a\tb"]
    assert (part(ours).count("<w:r>"), part(theirs).count("<w:r>")) == (1, 3)


def test_a_missing_attribute_prints_nothing_with_docxtpl_and_is_refused_here() -> None:
    data = paragraphs("x{{ partner.fax }}y")
    assert lines(by_docxtpl(data, CONTEXT)) == ["xy"]
    with pytest.raises(MissingField):
        template(data).render(CONTEXT)


def test_a_value_in_a_footnote_is_a_template_to_docxtpl_and_a_value_here() -> None:
    document = Document()
    document.add_section()
    xml = ('<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:footnote w:id="1"><w:p><w:r>'
           "<w:t>{{ x }}</w:t></w:r></w:p></w:footnote></w:footnotes>")
    data = added(written(document), "word/footnotes.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
                 "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes", xml)
    assert lines(by_docxtpl(data, {"x": "{{ 7*7 }}"}), "word/footnotes.xml") == ["49"]
    assert lines(template(data).render({"x": "{{ 7*7 }}"}), "word/footnotes.xml") == ["{{ 7*7 }}"]


def test_headers_and_footers_are_the_same_too() -> None:
    data = with_headers()
    ours, theirs = template(data).render(CONTEXT), by_docxtpl(data, CONTEXT)
    for name in ("word/header1.xml", "word/header2.xml", "word/footer1.xml"):
        assert canonical(ours, name) == canonical(theirs, name)
