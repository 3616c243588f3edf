from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document
from docx.shared import Pt

from pipeline.findings import Finding, Severity
from pipeline.word.lint import examine, lint
from pipeline.word.tags import BadTag
from tests.word.documents import PNG, changed, paragraphs, saved, table, template, written

SAMPLE = {"partner": {"name": "x", "city": "y"}, "projects": [{"title": "a"}], "none": []}


def findings(data: bytes, rule: str) -> list[Finding]:
    return [finding for finding in lint(template(data, "memorandum.docx"), SAMPLE) if finding.rule == rule]


def test_an_unknown_field_is_an_error_with_its_place_and_what_was_meant() -> None:
    [finding] = findings(paragraphs("Von {{ partner.nmae }}", "und {{ partner.nmae }}"), "template-field")
    assert finding.severity is Severity.ERROR
    assert str(finding.place) == "memorandum.docx (Absatz „Von {{ partner.nmae }}“)"
    assert (finding.value, finding.hint) == ("partner.nmae", "Meinten Sie „partner.name“?")


def test_fields_inside_lists_are_checked() -> None:
    [finding] = findings(paragraphs("{% for p in projects %}{{ p.titel }}{% endfor %}{% for n in none %}{{ n.x }}{% endfor %}"), "template-field")
    assert finding.value == "projects[].titel"


def test_a_field_that_may_be_missing_is_no_error() -> None:
    assert not findings(paragraphs("{% if fax is defined %}Fax{% endif %}{{ mobile|default('–') }}"), "template-field")


def test_unused_fields_are_one_note() -> None:
    [finding] = findings(paragraphs("{{ partner.name }}{% for p in projects %}x{% endfor %}"), "template-unused")
    assert finding.severity is Severity.NOTE
    assert finding.value == "partner.city, projects[].title, none"


def test_typographic_quotes_in_a_tag_are_told() -> None:
    [finding] = findings(paragraphs("„Zitat“ {% if partner.name == „x“ %}ja{% endif %}"), "template-quotes")
    assert finding.value == "{% if partner.name == „x“ %}"


def test_a_tag_in_two_formats_is_noted() -> None:
    document = Document()
    paragraph = document.add_paragraph("{{ partner")
    paragraph.add_run(".name }}").bold = True
    [finding] = findings(written(document), "template-split")
    assert finding.value == "{{ partner.name }}"


def test_formatting_by_hand_is_told_with_its_paragraph() -> None:
    document = Document()
    document.add_paragraph("gut")
    document.add_paragraph().add_run("schlecht").font.size = Pt(20)
    [finding] = findings(written(document), "template-format")
    assert "„schlecht“" in str(finding.place)
    assert finding.value == "sz"


def test_a_picture_without_alternative_text_is_told() -> None:
    document = Document()
    document.add_picture(io.BytesIO(PNG))
    assert len(findings(written(document), "template-alt")) == 1
    described = changed(written(document), "word/document.xml", lambda xml: xml.replace("<wp:docPr ", '<wp:docPr descr="Wappen" '))
    assert not findings(described, "template-alt")


def test_a_table_without_header_row_is_told() -> None:
    data = table(("Titel", "Ort"), ("a", "b"))
    assert len(findings(data, "template-header")) == 1
    headed = changed(data, "word/document.xml", lambda xml: xml.replace("<w:tr>", "<w:tr><w:trPr><w:tblHeader/></w:trPr>", 1))
    assert not findings(headed, "template-header")


def test_language_and_title_are_asked_for() -> None:
    assert findings(paragraphs("x"), "template-language")[0].value == "en-US"
    document = Document()
    document.core_properties.title = ""
    assert findings(written(document), "template-title")


def test_changes_and_comments_left_in_are_told() -> None:
    changes = changed(paragraphs("x"), "word/document.xml",
                      lambda xml: xml.replace("<w:p>", '<w:p><w:ins w:id="1" w:author="a"><w:r><w:t>neu</w:t></w:r></w:ins>', 1))
    assert "„neux“" in str(findings(changes, "template-changes")[0].place)
    document = Document()
    document.add_comment(document.add_paragraph("Text").runs, text="bitte prüfen", author="a")
    assert "„bitte prüfen“" in str(findings(written(document), "template-comment")[0].place)


def test_fonts_nobody_has_are_told() -> None:
    assert "Cambria" in {finding.value for finding in findings(paragraphs("x"), "template-font")}


def test_a_bookmark_in_a_loop_is_told() -> None:
    data = changed(paragraphs("{%p for p in projects %}", "{{ p.title }}", "{%p endfor %}"), "word/document.xml", lambda xml: xml.replace(
        "<w:r><w:t>{{ p.title", '<w:bookmarkStart w:id="1" w:name="x"/><w:bookmarkEnd w:id="1"/><w:r><w:t>{{ p.title'))
    [finding] = findings(data, "template-repeated")
    assert finding.message == "Eine Schleife wiederholt eine Textmarke"


def test_linked_pictures_are_told() -> None:
    data = changed(paragraphs("x"), "word/_rels/document.xml.rels", lambda xml: xml.replace(
        "</Relationships>", '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"'
        ' Target="http://fremd.example/logo.png" TargetMode="External"/></Relationships>'))
    assert findings(data, "template-external")[0].value == "http://fremd.example/logo.png"


def test_a_link_into_the_net_is_noted() -> None:
    data = changed(paragraphs("x"), "word/_rels/document.xml.rels", lambda xml: xml.replace(
        "</Relationships>", '<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"'
        ' Target="https://stadt.example/" TargetMode="External"/></Relationships>'))
    [finding] = findings(data, "template-link")
    assert (finding.severity, finding.value) == (Severity.NOTE, "https://stadt.example/")


def test_a_place_names_page_area_and_style_as_word_shows_them() -> None:
    document = Document()
    document.add_heading("Über {{ partner.nmae }}", 2)
    document.add_paragraph("Punkt {{ partner.nmae2 }}", style="List Bullet")
    document.sections[0].header.paragraphs[0].text = "Kopf {{ partner.nmae3 }}"
    document.sections[0].footer.paragraphs[0].text = "Fuß {{ partner.nmae4 }}"
    document.core_properties.subject = "Zu {{ partner.nmae5 }}"
    assert [finding.place.column for finding in findings(written(document), "template-field")] == [
        "Absatz „Über {{ partner.nmae }}“, Formatvorlage Überschrift 2", "Absatz „Punkt {{ partner.nmae2 }}“, Formatvorlage Aufzählungszeichen",
        "Kopfzeile, Absatz „Kopf {{ partner.nmae3 }}“, Formatvorlage Kopfzeile", "Fußzeile, Absatz „Fuß {{ partner.nmae4 }}“, Formatvorlage Fußzeile",
        "Dokumenteigenschaften"]


@pytest.mark.parametrize("text", ["{{ x", "{% if x %}", "{{ x|nichts }}"])
def test_a_syntax_error_in_a_header_names_it(text: str) -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = text
    with pytest.raises(BadTag) as error:
        template(written(document), "brief.docx")
    assert str(error.value).startswith(f"brief.docx, Kopfzeile, Absatz „{text}“, Formatvorlage Kopfzeile: ")


def test_a_finding_in_a_text_box_or_footnote_says_so() -> None:
    box = ('<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p><w:r><w:rPr><w:b/></w:rPr>'
           "<w:t>im Kasten</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p><w:sectPr")
    data = changed(paragraphs("x"), "word/document.xml", lambda xml: xml.replace("<w:sectPr", box))
    assert [finding.place.column for finding in findings(data, "template-format")] == ["Textfeld, Absatz „im Kasten“"]


def test_every_fault_of_every_part_is_told_with_its_place(tmp_path: Path) -> None:
    document = Document()
    document.add_heading("Titel {{ a", 1)
    document.add_paragraph("Text {% if b")
    document.sections[0].header.paragraphs[0].text = "{{ c|nichts }}"
    document.sections[0].footer.paragraphs[0].text = "{% endif %}"
    found = list(examine(saved(tmp_path, written(document), "brief.docx"), {}))
    assert [(finding.rule, finding.place.column, finding.message) for finding in found] == [
        ("template-tag", "Absatz „Titel {{ a“, Formatvorlage Überschrift 1", "Eine Auszeichnung wird nicht geschlossen"),
        ("template-tag", "Absatz „Text {% if b“", "Eine Auszeichnung wird nicht geschlossen"),
        ("template-tag", "Kopfzeile, Absatz „{{ c|nichts }}“, Formatvorlage Kopfzeile", "Den Filter „nichts“ gibt es in Vorlagen nicht"),
        ("template-tag", "Fußzeile, Absatz „{% endif %}“, Formatvorlage Fußzeile",
         "Den Befehl „endif“ gibt es nicht oder er steht hier nicht richtig"),
    ]


def test_what_is_no_word_file_is_one_finding(tmp_path: Path) -> None:
    [finding] = examine(saved(tmp_path, b"Hallo", "brief.docx"), {})
    assert (finding.rule, finding.severity) == ("template", Severity.ERROR)


def test_a_sound_template_is_examined_by_every_rule(tmp_path: Path) -> None:
    data = paragraphs("{{ partner.nmae }}")
    assert [finding.rule for finding in examine(saved(tmp_path, data, "brief.docx"), SAMPLE)] == [
        finding.rule for finding in lint(template(data, "brief.docx"), SAMPLE)]


def test_a_counted_number_that_is_typed_is_a_note() -> None:
    data = paragraphs("Es gibt 88 Projekte und sechs Expertenteams.", "Gezählt: {{ partner.name }} Projekte, § 64 GO, 2 Seiten, Anlage 1")
    assert [(finding.severity, finding.value) for finding in findings(data, "template-figure")] == [
        (Severity.NOTE, "88 Projekte"), (Severity.NOTE, "sechs Expertenteams")]
