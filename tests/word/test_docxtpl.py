"""The same templates through docxtpl and through our engine: the same document."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from docx import Document
from docx.enum.section import WD_SECTION
from docx.shared import Mm

from tests.word.documents import by_docxtpl, canonical, changed, paragraphs, table, template, written

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
    "horizontal merge": with_horizontal_merge, "pictures": with_pictures, "nested tables": with_nested_tables, "wide": wide,
}


@pytest.mark.parametrize("name", CORPUS)
def test_both_engines_make_the_same_document(name: str) -> None:
    data = CORPUS[name]()
    ours, theirs = template(data).render(CONTEXT), by_docxtpl(data, CONTEXT)
    assert canonical(ours) == canonical(theirs)


def test_headers_and_footers_are_the_same_too() -> None:
    data = with_headers()
    ours, theirs = template(data).render(CONTEXT), by_docxtpl(data, CONTEXT)
    for part in ("word/header1.xml", "word/header2.xml", "word/footer1.xml"):
        assert canonical(ours, part) == canonical(theirs, part)
