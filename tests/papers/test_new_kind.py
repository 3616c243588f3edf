"""Follows docs/new-kind.md word for word."""

import importlib.util
import io
import re
import sys
from pathlib import Path

import docx
import pytest

from pipeline.papers import kinds
from pipeline.papers.kinds import Kind
from pipeline.pdf.render import to_pdf
from pipeline.word.lint import lint
from pipeline.word.template import Template
from tests import makers

ROOT = Path(__file__).parents[2]
BLOCKS = dict(re.findall(r"```\w+ (\S+)\n(.*?)```", (ROOT / "docs" / "new-kind.md").read_text("utf-8"), re.DOTALL))


@pytest.fixture
def topic(tmp_path, monkeypatch):
    """The module of the page, imported, and its row added."""
    path = tmp_path / "topic.py"
    path.write_text(BLOCKS["pipeline/papers/topic.py"], "utf-8")
    spec = importlib.util.spec_from_file_location("pipeline.papers.topic", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "pipeline.papers.topic", module)
    spec.loader.exec_module(module)
    monkeypatch.setitem(kinds.KINDS, "topic", eval(BLOCKS["pipeline/papers/kinds.py"], {"Kind": Kind, "topic": module}))
    return module


@pytest.fixture
def template(tmp_path):
    """The Word file of the page: a copy of another template with other paragraphs."""
    document = docx.Document(str(ROOT / "templates" / "talks.docx"))
    body = document.element.body
    for element in list(body)[:-1]:
        body.remove(element)
    for line in BLOCKS["templates/topic.docx"].splitlines():
        style, text = (part.strip() for part in line.split("|", 1))
        document.add_paragraph(text, style=style)
    path = tmp_path / "topic.docx"
    document.save(str(path))
    return Template.open(path)


def test_the_fields_of_the_new_kind_are_explained_and_its_template_is_sound(topic, template):
    assert {field.path for field in kinds.fields("topic")} == set(topic.MEANINGS)
    serious = [finding for finding in lint(template, kinds.sample("topic")) if finding.severity != "note"]
    assert serious == []


def test_the_new_kind_is_made_as_word_and_pdf_like_any_other(topic, template):
    drafts = kinds.drafts(makers.alliance(topics=(makers.topic(), makers.topic("hafen", name="Hafen", order=2))), ["topic"])
    assert [draft.key for draft in drafts] == ["topic/energie", "topic/hafen"]
    for draft, sentence in zip(drafts, ("Wärme aus dem Kanal (laufend)", "Zu diesem Topthema ist noch kein Projekt verzeichnet."), strict=True):
        made = template.render(draft.context, title=draft.subject, author=draft.author, date=draft.date)
        assert sentence in "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(made)).paragraphs)
        assert to_pdf(made, date=draft.date).startswith(b"%PDF")
