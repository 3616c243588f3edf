"""Drafts: what is missing is marked where it is missing, and nothing else changes."""

from __future__ import annotations

import pickle

import pytest

from pipeline.errors import DocumentError
from pipeline.word import package
from pipeline.word.template import Template
from tests.word.documents import lines, paragraphs, table, template


def sketched(*texts: str, **context: object) -> list[str]:
    return lines(Template.load(package.unpack("x.docx", paragraphs(*texts)), draft=True).render(context))


@pytest.mark.parametrize(("text", "shown"), [
    ("Frau {{ person.name }},", "Frau «fehlt: person.name»,"),
    ("{{ partner.fax }}", "«fehlt: partner.fax»"),
    ("{{ partner.fax.area.code }}", "«fehlt: partner.fax.area.code»"),
    ("{{ partner.none }}", "«fehlt: partner.none»"),
    ("{{ partner['fax'] }}", "«fehlt: partner.fax»"),
    ("{{ fax|upper }}", "«FEHLT: FAX»"),
    ("{{ fax + 1 }} {{ 1 - fax }} {{ -fax }} {{ fax * 2 / 3 }}", "«fehlt: fax» «fehlt: fax» «fehlt: fax» «fehlt: fax»"),
    ("{{ fax.strip() }} {{ fax('x') }}", "«fehlt: fax» «fehlt: fax»"),
    ("{{ 'Fax ' ~ fax }}", "Fax «fehlt: fax»"),
    ("{% if fax %}Fax {{ fax }}{% endif %}", "Fax «fehlt: fax»"),
    ("{% if fax == 'x' or fax > 3 or 'a' in fax %}ja{% else %}nein{% endif %}", "nein"),
    ("{% for car in cars %}[{{ car.plate }}]{% endfor %}", "[«fehlt: car.plate»]"),
    ("{{ cars|join(', ') }} {{ cars|length }} {{ cars[0] }}", "«fehlt: cars[]» 1 «fehlt: cars»"),
    ("{{ cars|map(attribute='plate')|join }}", "«fehlt: cars[].plate»"),
    ("{% set x = fax %}{{ x }}", "«fehlt: x»"),
    ("{{ fax|default('keins') }} {{ 'da' if fax is defined else 'fort' }}", "keins fort"),
    ("{{ partner.name }}", "Müller & Söhne"),
])
def test_what_is_missing_is_marked_where_it_is_missing(text: str, shown: str) -> None:
    assert sketched(text, partner={"name": "Müller & Söhne", "none": None}) == [shown]


def test_rows_of_a_missing_table_are_shown_once_with_their_marks() -> None:
    data = table(("{%tr for p in projects %}", ""), ("{{ p.title }}", "{{ loop.index }} von {{ loop.length }}"), ("{%tr endfor %}", ""))
    made = Template.load(package.unpack("x.docx", data), draft=True).render({})
    assert lines(made) == ["«fehlt: p.title»", "1 von 1"]


def test_a_draft_of_a_complete_context_is_the_document_itself() -> None:
    data = paragraphs("{{ a }}", "{%p for b in c %}", "{{ b }}", "{%p endfor %}")
    context = {"a": "x & y", "c": [1, 2]}
    assert Template.load(package.unpack("vorlage.docx", data), draft=True).render(context) == template(data).render(context)


def test_a_draft_refuses_what_no_file_can_carry() -> None:
    with pytest.raises(DocumentError):
        sketched("{{ a }}", a="x\0")


def test_a_template_for_drafts_stays_one_in_another_process() -> None:
    opened = pickle.loads(pickle.dumps(Template.load(package.unpack("x.docx", paragraphs("{{ a }}")), draft=True)))
    assert lines(opened.render({})) == ["«fehlt: a»"]
