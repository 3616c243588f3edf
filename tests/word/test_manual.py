"""What docs/templates.md shows works as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.errors import TemplateError
from tests.word.documents import lines, paragraphs, template

MANUAL = (Path(__file__).parents[2] / "docs" / "templates.md").read_text("utf-8")
EXAMPLES = re.findall(r"```vorlage\n(.*?)```", MANUAL, re.DOTALL)
CONTEXT = {
    "partner": {"name": "Müller & Söhne", "city": "Dortmund", "department": ""},
    "projects": [{"place": "Dortmund"}, {"place": "Lünen"}], "topics": [{"name": "Energie"}, {"name": "Hafen"}],
}


def test_the_manuals_examples_print_what_they_promise() -> None:
    shown = [lines(template(paragraphs(*example.strip().split("\n"))).render(CONTEXT)) for example in EXAMPLES]
    assert shown == [
        ["Zwischen der Stadt und Müller & Söhne wird Folgendes festgehalten.", "Ort: Dortmund"],
        ["ohne Abteilung", "Der Partner bringt folgende Projekte ein:"],
        ["1. Energie", "2. Hafen", "Orte: Dortmund, Lünen"],
    ]


@pytest.mark.parametrize("name", re.findall(r"`(\w+)`", "".join(re.findall(r"^Nützliche Filter:.*?\.", MANUAL, re.DOTALL | re.MULTILINE))))
def test_every_filter_the_manual_names_is_there(name: str) -> None:
    template(paragraphs(f"{{{{ x|{name} }}}}"))


@pytest.mark.parametrize("name", ["safe", "xmlattr", "tojson", "urlize", "pprint", "forceescape", "random", "filesizeformat"])
def test_every_filter_the_manual_excludes_is_refused_by_name(name: str) -> None:
    assert f"`{name}`" in MANUAL or f"`\\|{name}`" in MANUAL
    with pytest.raises(TemplateError, match=f"den Filter „{name}“ gibt es in Vorlagen nicht"):
        template(paragraphs(f"{{{{ x|{name} }}}}"))


@pytest.mark.parametrize("text", ["{% include 'a' %}", "{% import 'a' as b %}", "{% from 'a' import b %}",
                                  "{% extends 'a' %}", "{% block a %}{% endblock %}",
                                  "{% autoescape false %}{% endautoescape %}", "{% do x %}"])
def test_every_statement_the_manual_excludes_is_refused_by_name(text: str) -> None:
    word = text.split()[1]
    with pytest.raises(TemplateError, match=f"„{'import' if word == 'from' else word}“"):
        template(paragraphs(text))
