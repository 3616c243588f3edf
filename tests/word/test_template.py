from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
import pickle
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from docx import Document
from docx.enum.section import WD_SECTION
from lxml import etree
from openxml_audit import OpenXmlValidator

from pipeline.errors import TemplateError
from pipeline.records import Picture, Provenance, SignatureLine
from pipeline.word.objects import DoubleSignature
from pipeline.word.program import MissingField, TooMuch
from pipeline.word.rendering import Rendering, ValueLost
from pipeline.word.tags import BadTag
from pipeline.word.template import Template
from pipeline.word.text import BadCharacter, NotText
from tests.word.documents import PNG, SVG, W, added, changed, lines, paragraphs, part, saved, table, template, written

NASTY = "Müller & Söhne <b> {{ 7*7 }} {% raw %} „x“ {_{ ' \""
PICTURE = Picture(name="projects", png=PNG, svg=SVG, alt='Balken: "88" & mehr', width=80, height=40)
PROVENANCE = Provenance(key="memorandum/P-001", revision=3, fingerprint="ab" * 32, template="cd" * 32, tool="gremium 0.1.0")
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def with_every_part() -> bytes:
    """Two sections, headers, a footer, footnotes, endnotes and comments, each with a field."""
    document = Document()
    document.add_paragraph("Text {{ value }}")
    document.sections[0].header.paragraphs[0].text = "Kopf {{ value }}"
    document.sections[0].footer.paragraphs[0].text = "Fuß {{ value }}"
    document.add_section(WD_SECTION.NEW_PAGE).header.is_linked_to_previous = False
    document.sections[1].header.paragraphs[0].text = "Kopf zwei {{ value }}"
    document.core_properties.subject = "Betreff {{ value }}"
    data = written(document)
    for name, element in (("footnotes", "footnote"), ("endnotes", "endnote")):
        xml = (f'<w:{name} {_NS}><w:{element} w:id="1"><w:p><w:r><w:t xml:space="preserve">{element} {{{{ value }}}}</w:t></w:r></w:p>'
               f"</w:{element}></w:{name}>")
        data = added(data, f"word/{name}.xml", f"{_MAIN}.{name}+xml", f"{_RELATION}/{name}", xml)
    return data


# values

def test_values_print_as_they_stand_in_every_part() -> None:
    made = template(with_every_part()).render({"value": NASTY})
    for name, words in (("document", "Text"), ("header1", "Kopf"), ("header2", "Kopf zwei"), ("footer1", "Fuß"),
                        ("footnotes", "footnote"), ("endnotes", "endnote")):
        assert f"{words} {NASTY}" in lines(made, f"word/{name}.xml")
    assert Document(io.BytesIO(made)).core_properties.subject == f"Betreff {NASTY}"


def test_properties_may_be_longer_than_255_characters() -> None:
    made = template(paragraphs("x")).render({}, title="ä&" * 300)
    assert Document(io.BytesIO(made)).core_properties.title == "ä&" * 300


def test_breaks_and_tabs_of_a_value_are_words_own() -> None:
    made = template(paragraphs("vor {{ value }} nach")).render({"value": "eins\nzwei\r\ndrei\tvier"})
    assert lines(made) == ["vor eins\nzwei\ndrei\tvier nach"]


def test_spaces_around_a_value_are_kept() -> None:
    made = template(paragraphs("{{ value }}")).render({"value": "  a  b "})
    assert '<w:t xml:space="preserve">  a  b </w:t>' in part(made)


def test_an_ampersand_in_a_tags_own_text_prints_once() -> None:
    assert lines(template(paragraphs("{{ 'a & b' }}")).render({})) == ["a & b"]


def test_german_quotes_in_a_tag_are_understood() -> None:
    assert lines(template(paragraphs("{% if x == „a“ %}ja{% endif %}")).render({"x": "a"})) == ["ja"]


@pytest.mark.parametrize("character", ["\0", "\x0b", "\x0c", "\x07", "\ud800", "\ufffe", "\uffff"])
def test_a_character_no_word_file_can_carry_names_field_and_document(character: str) -> None:
    made = template(paragraphs("{{ partner.name }}"))
    with pytest.raises(BadCharacter) as error:
        made.render({"partner": {"name": f"a{character}b"}}, provenance=PROVENANCE)
    assert str(error.value).startswith("memorandum/P-001: „partner.name“ enthält ein Zeichen")
    assert error.value.exit_code == 5


@pytest.mark.parametrize(("value", "what"), [(None, "leer"), (True, "ein Wahrheitswert"), (["a"], "eine Liste"), ({"a": 1}, "ein Datensatz")])
def test_what_python_would_print_never_reaches_the_paper(value: object, what: str) -> None:
    with pytest.raises(NotText, match=f"„x“ ist {what}"):
        template(paragraphs("{{ x }}")).render({"x": value})


def test_a_text_between_paragraphs_gets_a_paragraph() -> None:
    assert lines(template(paragraphs("vor", "{{p x }}", "nach")).render({"x": "mitten"})) == ["vor", "mitten", "nach"]


def test_a_lost_value_is_noticed() -> None:
    made = template(paragraphs("{{ x }}"))
    [program] = made.programs
    rendering = Rendering(document="d")
    xml = program.run({"x": "Wert"}, rendering)
    rendering.prove("word/document.xml", xml.encode())
    with pytest.raises(ValueLost, match="„Wert“ ist beim Einsetzen"):
        rendering.prove("word/document.xml", xml.replace("Wert", "").encode())
    with pytest.raises(ValueLost):
        rendering.prove("word/document.xml", xml.replace("</w:body>", "").encode())


# fields

def test_a_missing_field_names_path_paragraph_and_what_was_meant() -> None:
    made = template(paragraphs("Sehr geehrte {{ partner.nmae }},"), "brief.docx")
    with pytest.raises(MissingField) as error:
        made.render({"partner": {"name": "x"}})
    assert str(error.value) == ("brief.docx, Absatz „Sehr geehrte {{ partner.nmae }},“: das Feld „partner.nmae“ gibt es nicht;"
                                " meinten Sie „partner.name“?")
    assert error.value.exit_code == 4


@pytest.mark.parametrize("text", ["{% if partnr %}x{% endif %}", "{% for p in partnr %}x{% endfor %}",
                                  "{{ partnr }}", "{{ partnr.name }}", "{{ partnr|upper }}"])
def test_a_missing_field_is_never_silent(text: str) -> None:
    with pytest.raises(MissingField, match="meinten Sie „partner“"):
        template(paragraphs(text)).render({"partner": "x"})


def test_a_field_named_like_a_method_is_the_field() -> None:
    assert lines(template(paragraphs("{{ agenda.items }}")).render({"agenda": {"items": "drei"}})) == ["drei"]


def test_paths_are_read_off_loops_aliases_and_filters() -> None:
    used = template(paragraphs(
        "{% for p in projects %}{{ p.title }} {% for q in p.partners|sort(attribute='name') %}{{ q.name|upper }}{% endfor %}{% endfor %}",
        "{% set o = office %}{{ o.city }} {{ lines[0] }} {{ partner['name'] }} {{ loop }}{{ name.upper() }}",
        "{{ x|default('y') }}{% if z is defined %}{% endif %}")).paths
    assert used == {"projects", "projects[].title", "projects[].partners", "projects[].partners[].name", "office", "office.city", "lines",
                    "partner.name", "name", "x", "z"}


# wrong templates

@pytest.mark.parametrize(("text", "reason"), [
    ("Hallo {{ name", "eine Auszeichnung wird nicht geschlossen"),
    ("{% fro x in y %}", "den Befehl „fro“ gibt es nicht"),
    ("{% if x %}a", "„if“ wird nicht beendet: „endif“ fehlt"),
    ("{{ x|nonsense }}", "den Filter „nonsense“ gibt es in Vorlagen nicht"),
    ("{{ x|safe }}", "den Filter „safe“ gibt es in Vorlagen nicht"),
    ("{{ x.__class__ }}", "der Name „__class__“ ist gesperrt"),
    ("{{ _x }}", "der Name „_x“ ist gesperrt"),
    ("{% include 'a' %}", "„include“ gibt es in Vorlagen nicht"),
    ("{{ a b }}", "erwartet wird"),
    ("{{ }}", "fehlt ein Feld"),
])
def test_a_bad_tag_is_refused_when_the_template_is_opened(text: str, reason: str) -> None:
    with pytest.raises(BadTag) as error:
        template(paragraphs(text), "brief.docx")
    assert reason in str(error.value)
    assert f"brief.docx, Absatz „{text}" in str(error.value)


def test_a_condition_that_cuts_the_document_is_refused() -> None:
    with pytest.raises(BadTag, match="umfassen verschiedene Teile des Dokuments"):
        template(table(("{% endif %}", "a"), before=("{% if x %}",)))


# the sandbox

@pytest.mark.parametrize("text", [
    "{{ 'a'*10**9 }}", "{{ 9**9**9**9 }}", "{{ 'a'|center(10**9) }}", "{{ 'a'.ljust(10**9) }}", "{{ '%999999999d'|format(1) }}",
    "{{ '{:>999999999}'.format(1) }}", "{{ '%999999999d' % 1 }}", "{{ [0]*10**9 }}", "{% for x in range(10**9) %}{% endfor %}",
    "{% for x in range(99999) %}{% for y in range(99999) %}x{% endfor %}{% endfor %}",
    "{% macro m(n) %}{% if n %}{% set a = m(n-1) %}{% set b = m(n-1) %}{% endif %}{% endmacro %}{{ m(60) }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% set n = namespace(s='aaaaaaaaaa') %}{% for x in range(40) %}{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}",
    "{% set n = namespace(s='aaaaaaaaaa') %}{% for x in range(40) %}{% set n.s = n.s + n.s %}{% endfor %}{{ n.s }}",
    "{% set n = namespace(s='aaaaaaaaaa') %}{% for x in range(40) %}{% set n.s = n.s|replace('a', 'aa') %}{% endfor %}{{ n.s }}",
    "{% set n = namespace(s='aaaaaaaaaa') %}{% for x in range(40) %}{% set n.s = n.s|join('aaaaaaaaaa') %}{% endfor %}{{ n.s }}",
    "{{ ([['a'*10**6]]*10**5)|join }}", "{{ ([['a'*10**6]]*10**5)|string }}", "{{ '%s' % ([['a'*10**6]]*10**5) }}",
    "{{ '{}'.format([['a'*10**6]]*10**5) }}", "{{ 'x' ~ [['a'*10**6]]*10**5 }}", "{{ ('a'*10**6)|list|map('center', 99999)|list|length }}",
    "{% for x in [1, 2] recursive %}{% if loop.depth < 60 %}{{ loop([1, 2]) }}{% endif %}{% endfor %}",
])
def test_a_template_cannot_fill_memory_or_time(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.word.rendering.MAX_SECONDS", 1.0)      # instead of eight: the tests are to be quick
    start = time.thread_time()
    with pytest.raises(TemplateError) as error:
        template(paragraphs(text)).render({})
    assert time.thread_time() - start < 10
    assert "übermäßig groß" in str(error.value) or "lässt sich nicht auswerten" in str(error.value)


@pytest.mark.parametrize("text", [
    "{% set big = range(99999)|list %}{% for x in big %}{% if -1 in big %}{% endif %}{% endfor %}",
    "{% set big = range(99999)|list %}{{ big|reject('in', big)|list|length }}",
    "{% set big = range(99999)|list %}{% for x in range(9999) %}{% set a = big|sort|sum %}{% endfor %}",
    "{% macro m(n) %}{% set a = (range(99999)|list)|sort %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(30) }}",
])
def test_a_template_that_computes_for_ever_is_stopped(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.word.rendering.MAX_SECONDS", 0.2)
    start = time.thread_time()
    with pytest.raises(TooMuch):
        template(paragraphs(text)).render({})
    assert time.thread_time() - start < 3


@pytest.mark.parametrize("text", ["{{ x|attr('__class__') }}", "{{ x['__cla' ~ 'ss__'] }}", "{{ '{0.__class__}'.format(x) }}", "{{ x.append(1) }}"])
def test_a_template_reaches_nothing_private(text: str) -> None:
    with pytest.raises(TemplateError):
        template(paragraphs(text)).render({"x": ["a"]})


def test_an_expression_that_fails_names_its_paragraph() -> None:
    with pytest.raises(TemplateError, match=r"Absatz „Summe \{\{ 1/n \}\}“: der Ausdruck lässt sich nicht auswerten"):
        template(paragraphs("Summe {{ 1/n }}")).render({"n": 0})


# pictures and signature lines

def test_a_picture_stands_as_png_and_svg_with_its_alternative_text() -> None:
    made = template(paragraphs("Bild {{ chart }} danach")).render({"chart": PICTURE})
    root = etree.fromstring(part(made).encode())
    [properties] = root.iter("{*}docPr")
    assert properties.get("descr") == PICTURE.alt
    [extent] = root.iter("{*}extent")
    assert (extent.get("cx"), extent.get("cy")) == (str(80 * 36000), str(40 * 36000))
    document = Document(io.BytesIO(made))
    [shape] = document.inline_shapes
    relation = shape._inline.graphic.graphicData.pic.blipFill.blip.embed
    assert document.part.related_parts[relation].blob == PNG
    assert len([name for name in zipfile.ZipFile(io.BytesIO(made)).namelist() if name.endswith(".svg")]) == 1


def test_the_same_picture_twice_is_stored_once_and_numbered_twice() -> None:
    made = template(paragraphs("{%p for c in charts %}", "{{ c }}", "{%p endfor %}")).render({"charts": [PICTURE, PICTURE]})
    media = [name for name in zipfile.ZipFile(io.BytesIO(made)).namelist() if name.endswith(".png")]
    assert media == [f"word/media/{hashlib.sha256(PNG).hexdigest()[:24]}.png"]
    numbers = [node.get("id") for node in etree.fromstring(part(made).encode()).iter("{*}docPr")]
    assert len(numbers) == len(set(numbers)) == 2


def test_a_picture_may_stand_in_a_header() -> None:
    document = Document()
    document.add_paragraph("{{ chart }}")
    document.sections[0].header.paragraphs[0].text = "{{ chart }}"
    made = template(written(document)).render({"chart": PICTURE})
    assert "word/_rels/header1.xml.rels" in zipfile.ZipFile(io.BytesIO(made)).namelist()
    Document(io.BytesIO(made))


def test_a_signature_line_is_a_bookmark_around_a_tab() -> None:
    data = table(("{%tr for s in signatures %}", ""), ("{{ s.line }}", "{{ s.name }}"), ("{%tr endfor %}", ""))
    made = template(data).render({"signatures": [{"line": SignatureLine(name=name, label=name), "name": name} for name in ("stadt", "partner")]})
    root = etree.fromstring(part(made).encode())
    starts = [(node.get(f"{W}name"), node.get(f"{W}id")) for node in root.iter(f"{W}bookmarkStart")]
    assert [name for name, _ in starts] == ["signature_stadt", "signature_partner"]
    assert len({number for _, number in starts}) == 2
    assert all(node.getnext().find(f"{W}tab") is not None for node in root.iter(f"{W}bookmarkStart"))


def test_a_signature_line_twice_is_refused() -> None:
    with pytest.raises(DoubleSignature):
        template(paragraphs("{{ line }} {{ line }}")).render({"line": SignatureLine(name="stadt", label="Stadt")})


# properties and bytes

def test_properties_say_title_author_date_and_provenance() -> None:
    made = template(paragraphs("x")).render({}, title="Memorandum & mehr", author="Büro", date=dt.date(2017, 5, 4), provenance=PROVENANCE)
    properties = Document(io.BytesIO(made)).core_properties
    assert (properties.title, properties.author, properties.language) == ("Memorandum & mehr", "Büro", "de-DE")
    assert properties.created == properties.modified == dt.datetime(2017, 5, 4, tzinfo=dt.UTC)
    custom = etree.fromstring(part(made, "docProps/custom.xml").encode())
    assert {node.get("name"): node[0].text for node in custom} == {
        "gremium:key": "memorandum/P-001", "gremium:revision": "3", "gremium:fingerprint": "ab" * 32, "gremium:template": "cd" * 32,
        "gremium:tool": "gremium 0.1.0"}


_ELSEWHERE = """
import hashlib, pickle, sys, datetime as dt
sys.path.insert(0, {root!r})
from pipeline.word.template import Template
from pipeline.word.text import BadCharacter, NotText
template, context, provenance = pickle.load(open({file!r}, "rb"))
print(hashlib.sha256(template.render(context, title="x", date=dt.date(2017, 5, 4), provenance=provenance)).hexdigest())
"""


def test_bytes_are_the_same_in_any_process(tmp_path: Path) -> None:
    opened = template(paragraphs("{{ a }} {{ chart }}", "{% for k in m %}{{ k }}{% endfor %}"))
    context = {"a": NASTY, "chart": PICTURE, "m": {"x": 1, "y": 2}}
    file = tmp_path / "template.pickle"
    file.write_bytes(pickle.dumps((opened, context, PROVENANCE)))
    here = hashlib.sha256(opened.render(context, title="x", date=dt.date(2017, 5, 4), provenance=PROVENANCE)).hexdigest()
    script = _ELSEWHERE.format(root=str(Path.cwd()), file=str(file))
    for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/New_York")):
        there = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True,
                               env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone})
        assert there.stdout.strip() == here


def test_one_template_serves_many_threads() -> None:
    opened = template(paragraphs("{{ n }} {{ chart }}"))
    alone = [opened.render({"n": n, "chart": PICTURE}) for n in range(40)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda n: opened.render({"n": n, "chart": PICTURE}), range(40))) == alone


def test_parts_without_tags_are_copied_as_they_are(tmp_path: Path) -> None:
    path = saved(tmp_path, paragraphs("{{ x }}"))
    made = Template.open(path).render({"x": "y"})
    for name in ("word/styles.xml", "word/theme/theme1.xml", "word/settings.xml", "word/_rels/document.xml.rels"):
        assert part(made, name) == part(path.read_bytes(), name)


def test_a_table_of_two_thousand_rows_costs_twice_one_of_a_thousand() -> None:
    opened = template(table(("{%tr for r in rows %}", ""), ("{{ r.a }}", "{{ r.b }}"), ("{%tr endfor %}", "")))

    def seconds(count: int) -> float:
        rows = [{"a": f"Zeile {n}", "b": n} for n in range(count)]
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            made = opened.render({"rows": rows})
            best = min(best, time.perf_counter() - start)
        assert part(made).count("<w:tr>") == count
        return best

    assert seconds(2000) < 3.5 * seconds(1000)


# other readers

def audited(path: Path) -> set[str]:
    return {error.description for error in OpenXmlValidator().validate(path).errors}


@pytest.mark.slow
def test_a_schema_checker_finds_nothing_the_template_did_not_have(tmp_path: Path) -> None:
    data = with_every_part()
    data = changed(data, "word/document.xml", lambda xml: xml.replace(
        "<w:sectPr", "<w:p><w:r><w:t>{{ chart }}{{ value }}{{ line }} Text</w:t></w:r></w:p><w:sectPr", 1))
    before = audited(saved(tmp_path, data))
    made = template(data).render({"value": f"{NASTY}\nzwei\tdrei", "chart": PICTURE, "line": SignatureLine(name="stadt", label="x")},
                                 title="x", author="y", date=dt.date(2017, 5, 4), provenance=PROVENANCE)
    assert audited(saved(tmp_path, made, "fertig.docx")) <= before


@pytest.mark.slow
def test_libreoffice_reads_every_value(tmp_path: Path) -> None:
    data = paragraphs("Von {{ value }}", "{%p for p in projects %}", "{{ loop.index }}: {{ p }}", "{%p endfor %}", "{{ chart }}", "{{ line }}")
    made = template(data).render({"value": NASTY, "projects": ["Wärme", "Licht & Luft"], "chart": PICTURE,
                                  "line": SignatureLine(name="stadt", label="x")}, provenance=PROVENANCE)
    saved(tmp_path, made, "fertig.docx")
    subprocess.run(["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to", "txt:Text (encoded):UTF8",
                    "--outdir", str(tmp_path), str(tmp_path / "fertig.docx")], check=True, capture_output=True, timeout=120)
    text = (tmp_path / "fertig.txt").read_text("utf-8-sig").split("\n")
    assert text[:3] == [f"Von {NASTY}", "1: Wärme", "2: Licht & Luft"]
