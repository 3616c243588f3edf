"""The shipped templates, merged as the build merges them and read as their readers do."""

import io
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from openxml_audit import OpenXmlValidator

from pipeline.alliance import Alliance
from pipeline.papers import kinds
from pipeline.papers.draft import Draft
from pipeline.tables.load import load
from pipeline.word.lint import lint
from pipeline.word.template import Template
from pipeline.workspace import Workspace
from tests.makers import alliance, partner, person, project, settings

TEMPLATES = Path(__file__).parents[2] / "templates"
ALL = list(kinds.KINDS)


def merged(draft: Draft) -> bytes:
    return Template.open(TEMPLATES / draft.template).render(draft.context, title=draft.subject)


def text(draft: Draft) -> str:
    """All words of the body, paragraphs and cells in their order."""
    def paragraphs() -> Iterator[str]:
        body = docx.Document(io.BytesIO(merged(draft))).element.body
        for paragraph in body.iter(qn("w:p")):
            yield "".join(node.text or "" for node in paragraph.iter(qn("w:t")))
    return "\n".join(paragraphs()).replace("\N{NO-BREAK SPACE}", " ")


def first(kind: str, given: Alliance) -> Draft:
    return kinds.drafts(given, [kind])[0]


@pytest.mark.parametrize("kind", ALL)
def test_a_template_uses_known_fields_and_named_styles_only(kind: str) -> None:
    findings = [finding for finding in lint(Template.open(TEMPLATES / kinds.KINDS[kind].template), kinds.sample(kind)) if finding.severity != "note"]

    assert findings == []


@pytest.mark.parametrize("kind", ALL)
def test_a_merged_sample_is_valid_by_the_schema(kind: str, tmp_path: Path) -> None:
    template = Template.open(TEMPLATES / kinds.KINDS[kind].template)
    path = tmp_path / "sample.docx"
    path.write_bytes(template.render(kinds.sample(kind)))

    assert [str(error) for error in OpenXmlValidator().validate(str(path)).errors] == []


def test_the_memorandum_is_a_declaration_of_intent_between_the_parties() -> None:
    read = text(first("memorandum", alliance()))

    assert "Dieses Memorandum ist eine Absichtserklärung." in read
    assert "im Sinne von § 64 der Gemeindeordnung für das Land Nordrhein-Westfalen (GO NRW)" in read
    assert "Brückner & Söhne GmbH" in read
    assert "Wärme aus dem Kanal" in read
    assert "Oberbürgermeister (Name in Druckschrift)" in read


def test_a_memorandum_signed_for_demonstration_says_so() -> None:
    sentence = "beruhen auf Vorführzertifikaten"

    assert sentence in text(first("memorandum", alliance(settings=settings(signing={"demo": True}))))
    assert sentence not in text(first("memorandum", alliance()))


def test_an_unproven_signatory_is_an_open_line_in_the_memorandum() -> None:
    read = text(first("memorandum", alliance(settings=settings(initiators=[{"key": "led", "name": "Leitstelle"}]))))

    assert "Zeichnungsbefugnis noch nachzuweisen" in read


def test_a_partner_without_topics_projects_and_bodies_gets_sentences_instead_of_empty_tables() -> None:
    read = text(first("memorandum", alliance(partners=(partner(topics=()),), projects=(), memberships=())))

    assert "noch auf kein Topthema festgelegt" in read
    assert "noch kein Projekt des Partners" in read
    assert "noch in keinem Gremium der Allianz" in read


def test_the_council_is_asked_to_note_to_mandate_and_to_allow() -> None:
    read = text(first("briefing", alliance(projects=(project(pilot=True, infrastructure="Laternen"),))))

    assert "und die Vorschläge für Pilotprojekte (Anlage 1) zur Kenntnis." in read
    assert "beauftragt die Verwaltung, die vorgeschlagenen Pilotprojekte" in read
    assert "folgende städtische Infrastruktur für die Erprobung genutzt wird: Laternen." in read
    assert "In den Pilotvorschlägen ist der Personalbedarf der Stadt noch nicht beziffert." in read
    assert "Ein städtischer Anteil ist in den Pilotvorschlägen noch nicht beziffert." in read


def test_without_pilots_the_council_is_asked_to_take_note_only() -> None:
    read = text(first("briefing", alliance()))

    assert "beauftragt die Verwaltung" not in read
    assert "Vorschläge für Pilotprojekte liegen nicht vor; finanzielle Auswirkungen können deshalb nicht beziffert werden." in read


def test_an_empty_alliance_still_gives_a_paper_that_says_so() -> None:
    bare = alliance(partners=(), persons=(), projects=(), bodies=(), memberships=(), meetings=())

    read = "\n".join(text(draft) for draft in kinds.drafts(bare, ["briefing"]))
    assert "Interessensbekundungen liegen noch nicht vor." in read
    assert "Zum Stand dieser Anlage ist noch kein Projekt verzeichnet." in read
    assert "keine Expertenteams" in read


def test_the_letter_says_when_where_and_until_when_to_answer() -> None:
    read = text(first("invitation", alliance()))

    assert "Einladung: Erstes Treffen des Expertenteams Energie am 20. Juni 2017" in read
    assert "Sehr geehrte Frau Dr. Muster," in read
    assert "Dienstag, 20. Juni 2017\n14:00 bis 16:00 Uhr\nRathaus, Saal Hanse, Friedensplatz 1, 44135 Dortmund" in read
    assert "Bitte teilen Sie uns bis Freitag, 9. Juni 2017, mit, ob Sie teilnehmen" in read


def test_the_address_stands_in_the_window_of_din_5008_form_b() -> None:
    styles = {style.style_id: style.element for style in docx.Document(str(TEMPLATES / "invitation.docx")).styles}
    frame = styles["Anschrift"].find(qn("w:pPr")).find(qn("w:framePr"))
    x, y, width, height = (round(int(frame.get(qn(f"w:{side}"))) / 56.6929, 1) for side in "xywh")

    assert (x, y, width, height) == (25.0, 62.7, 80.0, 27.3)
    assert {frame.get(qn("w:hAnchor")), frame.get(qn("w:vAnchor"))} == {"page"}


def test_a_value_with_markup_is_printed_as_it_stands() -> None:
    odd = "<b>Müller</b> & {{ 7*7 }}"

    assert odd in text(first("memorandum", alliance(partners=(partner(name=odd),), persons=(person(function=odd),))))


def test_every_paper_of_the_shipped_example_is_made_with_its_counted_figures() -> None:
    example = load(Workspace.open(TEMPLATES.parent)).value
    templates = {kind.template: Template.open(TEMPLATES / kind.template) for kind in kinds.KINDS.values()}
    drafts = kinds.drafts(example)

    for draft in drafts:
        assert templates[draft.template].render(draft.context)
    assert sum(draft.kind == "memorandum" for draft in drafts) == 55
    [briefing] = [text(draft) for draft in drafts if draft.kind == "briefing"]
    assert "Das erste Treffen der Allianz fand am 2. März 2017 mit 90 Allianzpartnern statt (Ort: Rathaus)." in briefing
    assert "Die Erhebung verzeichnet 88 Projekte aus Wirtschaft, Wissenschaft und Verwaltung." in briefing
    assert "In Dortmund durchgeführt oder dafür vorgesehen: 71." in briefing
    assert "Bisher liegen Interessensbekundungen von 55 Organisationen vor." in briefing
    assert "sechs Expertenteams und acht Konsortien" in briefing
