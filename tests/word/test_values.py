"""Values that programs make: rich text, listings, pictures, whole documents, exchanged files, filters of one's own."""

from __future__ import annotations

import io
import pickle
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docxtpl
import pytest
from docx import Document
from docx.shared import Mm
from lxml import etree
from markupsafe import Markup
from openxml_audit import OpenXmlValidator

from pipeline.errors import DocumentError, TemplateError
from pipeline.papers.kinds import KINDS, sample
from pipeline.word import package
from pipeline.word.graft import NotGrafted
from pipeline.word.rendering import Rendering, ValueLost
from pipeline.word.replacing import NothingToReplace, OtherFormat
from pipeline.word.tags import BadSpan, BadTag
from pipeline.word.template import Template
from pipeline.word.text import BadCharacter, BadValue, NotText
from pipeline.word.values import RP, InlineImage, Listing, R, RichText, RichTextParagraph, Subdoc
from tests.word.documents import JPG, PNG, W, added, canonical, changed, lines, paragraphs, part, saved, table, template, unzipped, written, zipped

R_NS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
LOOKS: tuple[dict[str, Any], ...] = (
    {}, {"bold": True}, {"italic": True}, {"bold": True, "italic": True, "rtl": True}, {"underline": True}, {"underline": "wave"},
    {"underline": "gewellt"}, {"strike": True}, {"color": "#ff00ff"}, {"color": "B45309"}, {"highlight": "#ffff00"}, {"size": 60},
    {"subscript": True}, {"superscript": True}, {"font": "Liberation Serif"}, {"font": "eastAsia:Liberation Mono"}, {"style": "Strong"},
    {"lang": "en-GB"}, {"bold": True, "color": "ff0000", "size": 14, "font": "Liberation Sans", "underline": "double", "lang": "de-DE"},
)


def piecewise(rich: type) -> Any:
    value = rich("Anfang & <Ende> ")
    for number, look in enumerate(LOOKS):
        value.add(f"Stück {number}", **look)
    value.add("\neine Zeile\n\n<tiefer>")
    value.add(rich(" und ein fremdes", italic=True))
    return value


def runs(data: bytes) -> list[tuple[str, list[bytes]]]:
    """Text and properties of each run that has any; the properties sorted, as docxtpl writes them in an order of its own."""
    found = []
    for run in etree.fromstring(part(data).encode()).iter(f"{W}r"):
        text = "".join({f"{W}t": node.text or "", f"{W}br": "\n", f"{W}tab": "\t"}.get(str(node.tag), "") for node in run.iter())
        properties = run.find(f"{W}rPr")
        found.append((text, sorted(etree.tostring(node, method="c14n") for node in properties) if properties is not None else []))
    return [(text, properties) for text, properties in found if text]


def by_docxtpl(data: bytes, make: Callable[[docxtpl.DocxTemplate], dict[str, object]]) -> bytes:
    document = docxtpl.DocxTemplate(io.BytesIO(data))
    document.render(make(document), autoescape=True)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def relations(data: bytes, name: str = "word/_rels/document.xml.rels") -> dict[str, str]:
    return {node.get("Id", ""): node.get("Target", "") for node in etree.fromstring(part(data, name).encode())}


def audited(folder: Path, data: bytes) -> set[str]:
    return {error.description for error in OpenXmlValidator().validate(saved(folder, data, "geprueft.docx")).errors}


# rich text

def test_rich_text_has_docxtpls_words_and_looks() -> None:
    data = paragraphs("vor {{r x }} nach")
    ours, theirs = template(data).render({"x": piecewise(RichText)}), by_docxtpl(data, lambda _: {"x": piecewise(docxtpl.RichText)})
    shade = (b' w:val="clear"', b"")      # docxtpl leaves out what the schema asks for
    plain = [(text, [look.replace(*shade) for look in found]) for text, found in runs(ours)]
    assert plain == runs(theirs)
    assert lines(ours) == lines(theirs)


@pytest.mark.slow
def test_rich_text_adds_no_schema_error(tmp_path: Path) -> None:
    data = paragraphs("vor {{r x }} nach", "mitten {{ x }} drin")
    assert audited(tmp_path, template(data).render({"x": piecewise(R)})) <= audited(tmp_path, data)


def test_rich_text_in_a_plain_tag_stands_between_runs() -> None:
    made = template(paragraphs("vor {{ x }} nach")).render({"x": RichText("mitten", bold=True)})
    assert runs(made) == [("vor ", []), ("mitten", [runs(made)[1][1][0]]), (" nach", [])]
    assert b"<w:b " in runs(made)[1][1][0]


def test_paragraphs_and_pages_in_rich_text_are_docxtpls() -> None:
    data = changed(paragraphs("{{r x }}"), "word/document.xml", lambda xml: xml.replace("<w:p>", '<w:p><w:pPr><w:jc w:val="center"/></w:pPr>', 1))
    text = "eins\nzwei\adrei\fvier"
    ours = template(data).render({"x": R(text, color="ff00ff")})
    theirs = by_docxtpl(data, lambda _: {"x": docxtpl.R(text, color="ff00ff")})
    assert canonical(ours) == canonical(theirs)
    assert lines(ours) == ["eins\nzwei", "drei", "\n", "vier"]


def test_rich_paragraphs_have_docxtpls_words_and_styles() -> None:
    data = paragraphs("vor", "{{p x }}", "nach")

    def made(plural: type, rich: type) -> Any:
        value = plural("erster", parastyle="Heading1")
        value.add(rich("fett", bold=True), parastyle="ListBullet")
        value.add("schlicht")
        return value
    ours = template(data).render({"x": made(RichTextParagraph, RichText)})
    theirs = by_docxtpl(data, lambda _: {"x": made(docxtpl.RichTextParagraph, docxtpl.RichText)})
    assert canonical(ours) == canonical(theirs)


def test_a_paragraph_stands_where_a_paragraph_can() -> None:
    with pytest.raises(NotText, match="ein ganzer Absatz"):
        template(paragraphs("vor {{ x }}")).render({"x": RP("a")})


@pytest.mark.parametrize(("look", "words"), [
    ({"color": "rot"}, "keine Farbe"), ({"highlight": '"/><w:b'}, "keine Farbe"), ({"url": "javascript:alert(1)"}, "keine Adresse"),
    ({"url": "file:///etc/passwd"}, "keine Adresse"), ({"font": "klingonisch:Arial"}, "keine Schriftart"),
])
def test_looks_word_has_no_word_for_are_refused(look: dict[str, Any], words: str) -> None:
    with pytest.raises(BadValue, match=words):
        template(paragraphs("{{r x }}")).render({"x": R("a", **look)})


def test_looks_nobody_knows_are_refused_at_once() -> None:
    with pytest.raises(TypeError, match="blinking"):
        R("a", blinking=True)


def test_markup_in_a_looks_fields_is_text() -> None:
    made = template(paragraphs("{{r x }}")).render({"x": R("a", style='x"/><w:b w:val="', font="<b>")})
    [style] = etree.fromstring(part(made).encode()).iter(f"{W}rStyle")
    assert style.get(f"{W}val") == 'x"/><w:b w:val="'


def test_links_lead_where_they_say_in_text_and_header() -> None:
    document = Document()
    document.add_paragraph("siehe {{r x }} und {{r y }} und {{r x }}")
    document.sections[0].header.paragraphs[0].text = "{{r x }}"
    made = template(written(document)).render({"x": R("hier & da", url="https://stadt.example/a?b=1&c=2"), "y": R("dort", url="mailto:a@b.example")})
    for name, rels in (("word/document.xml", "word/_rels/document.xml.rels"), ("word/header1.xml", "word/_rels/header1.xml.rels")):
        links = list(etree.fromstring(part(made, name).encode()).iter(f"{W}hyperlink"))
        assert [relations(made, rels)[str(link.get(f"{R_NS}id"))] for link in links][:1] == ["https://stadt.example/a?b=1&c=2"]
    assert "siehe hier & da und dort und hier & da" in lines(made)
    Document(io.BytesIO(made))


# listings

def test_a_listing_keeps_the_format_that_stands_there() -> None:
    text = "die Liste\nmit\tTab und <>&\aneuer Absatz\fneue Seite"
    for tag in ("vor {{ x }} nach", "{{ x }}"):
        data = paragraphs(tag)
        data = changed(data, "word/document.xml", lambda xml: xml.replace(
            "<w:p><w:r>", '<w:p><w:pPr><w:pStyle w:val="Quote"/></w:pPr><w:r><w:rPr><w:b/></w:rPr>', 1))
        ours, theirs = template(data).render({"x": Listing(text)}), by_docxtpl(data, lambda _: {"x": docxtpl.Listing(text)})
        assert lines(ours) == lines(theirs)
        assert [node.getparent().getparent().find(f"{W}r/{W}t").text for node in etree.fromstring(part(ours).encode()).iter(f"{W}pStyle")] == \
               [node.getparent().getparent().find(f"{W}r/{W}t").text for node in etree.fromstring(part(theirs).encode()).iter(f"{W}pStyle")]


def test_a_plain_value_breaks_no_paragraph() -> None:
    for mark in "\a\f":
        with pytest.raises(BadCharacter):
            template(paragraphs("{{ x }}")).render({"x": f"a{mark}b"})


def test_a_listing_inside_a_link_cannot_split_the_paragraph() -> None:
    data = changed(paragraphs("{{ x }}"), "word/document.xml", lambda xml: xml.replace(
        "<w:r><w:t>", '<w:hyperlink w:anchor="a"><w:r><w:t>').replace("</w:r></w:p>", "</w:r></w:hyperlink></w:p>"))
    assert lines(template(data).render({"x": Listing("a\nb")})) == ["a\nb"]
    with pytest.raises(BadCharacter):
        template(data).render({"x": Listing("a\ab")})


# pictures

def test_an_inline_image_has_docxtpls_size_and_link() -> None:
    data = paragraphs("Bild {{ x }} danach")
    for width, height in ((None, None), (Mm(20), None), (None, Mm(10)), (Mm(30), Mm(40))):
        ours = template(data).render({"x": InlineImage(data=PNG, width=width, height=height, anchor="https://a.example/", alt="Wappen")})
        theirs = by_docxtpl(data, lambda tpl, size=(width, height): {  # type: ignore[misc]  # the size of this turn
            "x": docxtpl.InlineImage(tpl, io.BytesIO(PNG), width=size[0], height=size[1], anchor="https://a.example/")})
        sizes = [[(node.get("cx"), node.get("cy")) for node in etree.fromstring(part(made).encode()).iter("{*}extent")] for made in (ours, theirs)]
        assert sizes[0] == sizes[1]
        for made in (ours, theirs):
            [link, _] = etree.fromstring(part(made).encode()).iter("{*}hlinkClick")
            assert relations(made)[str(link.get(f"{R_NS}id"))] == "https://a.example/"
            [blip] = etree.fromstring(part(made).encode()).iter("{*}blip")
            document = Document(io.BytesIO(made))
            assert document.part.related_parts[str(blip.get(f"{R_NS}embed"))].blob == PNG


@pytest.mark.slow
def test_pictures_of_every_kind_are_announced(tmp_path: Path) -> None:
    data = paragraphs("{{ x }} {{ y }}")
    made = template(data).render({"x": InlineImage(data=JPG), "y": InlineImage(data=PNG)})
    types = part(made, "[Content_Types].xml")
    assert 'Extension="jpg"' in types or 'Extension="jpeg"' in types
    assert audited(tmp_path, made) <= audited(tmp_path, data)


def test_what_is_no_picture_is_refused() -> None:
    for data in (b"", b"Hallo", b"\x89PNG\r\n\x1a\n", b"<svg/>"):
        with pytest.raises(BadValue, match="keine Bilddatei"):
            template(paragraphs("{{ x }}")).render({"x": InlineImage(data=data)})


def test_a_picture_in_an_attribute_is_refused() -> None:
    data = changed(paragraphs("x"), "word/document.xml", lambda xml: xml.replace(
        "<w:p>", '<w:p><w:pPr><w:pStyle w:val="{{ x }}"/></w:pPr>', 1))
    for value in (InlineImage(data=PNG), R("a"), Subdoc(paragraphs("x"))):
        with pytest.raises(NotText):
            template(data).render({"x": value})


# other documents

def guest() -> bytes:
    document = Document()
    document.add_heading("Überschrift des Gastes", 1)
    document.add_paragraph("Text {{ 7*7 }} & <mehr>")
    document.add_paragraph("eins", style="List Number")
    document.add_paragraph("zwei", style="List Number")
    document.styles.add_style("Nur beim Gast", 1).base_style = document.styles["Quote"]
    document.add_paragraph("eigen", style="Nur beim Gast")
    document.add_picture(io.BytesIO(PNG))
    grid = document.add_table(1, 2)
    grid.cell(0, 0).text = "Zelle"
    document.add_paragraph("Schluss")
    return written(document)


@pytest.mark.slow
def test_a_document_is_put_in_with_styles_lists_and_pictures(tmp_path: Path) -> None:
    data = paragraphs("vor", "{{p x }}", "dazwischen", "{{p x }}", "nach")
    made = template(data).render({"x": Subdoc(guest())})
    shown = lines(made)
    assert shown[:6] == ["vor", "Überschrift des Gastes", "Text {{ 7*7 }} & <mehr>", "eins", "zwei", "eigen"]
    assert shown.count("Schluss") == 2
    read = Document(io.BytesIO(made))
    assert {paragraph.style.name for paragraph in read.paragraphs if paragraph.text == "eigen"} == {"Nur beim Gast"}
    assert {paragraph.style.name for paragraph in read.paragraphs if paragraph.text == "eins"} == {"List Number"}
    assert len({node.get("id") for node in etree.fromstring(part(made).encode()).iter("{*}docPr")}) == 2
    for shape in read.inline_shapes:
        assert read.part.related_parts[shape._inline.graphic.graphicData.pic.blipFill.blip.embed].blob == PNG
    assert audited(tmp_path, made) <= audited(tmp_path, data) | audited(tmp_path, guest())


def numbered() -> bytes:
    """Two paragraphs in a list that no style gives them."""
    document = Document()
    for text in ("eins", "zwei"):
        paragraph = document.add_paragraph(text)
        paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = 3
    return written(document)


def test_a_documents_own_lists_begin_anew_each_time() -> None:
    made = template(paragraphs("{{p x }}", "{{p x }}")).render({"x": Subdoc(numbered())})
    numbers = [node.get(f"{W}val") for node in etree.fromstring(part(made).encode()).iter(f"{W}numId")]
    assert numbers[0] == numbers[1] != numbers[2] == numbers[3]
    lists = etree.fromstring(part(made, "word/numbering.xml").encode())
    assert set(numbers) <= {node.get(f"{W}numId") for node in lists.iter(f"{W}num")}
    assert len({node.get(f"{W}val") for node in lists.iter(f"{W}nsid")}) == len(list(lists.iter(f"{W}nsid")))


def test_a_template_without_lists_gets_some() -> None:
    members = unzipped(paragraphs("{{p x }}"))
    members.pop("word/numbering.xml")
    for name in ("[Content_Types].xml", "word/_rels/document.xml.rels"):
        members[name] = re.sub(rb"<(Override|Relationship)[^>]*numbering[^>]*/>", b"", members[name])
    made = template(zipped(members)).render({"x": Subdoc(numbered())})
    assert "word/numbering.xml" in part(made, "[Content_Types].xml")
    assert "/word/numbering.xml" in relations(made).values()
    assert Document(io.BytesIO(made)).part.numbering_part is not None


def test_a_documents_bookmarks_are_numbered_anew_and_named_once() -> None:
    marked = changed(paragraphs("Ziel"), "word/document.xml", lambda xml: xml.replace(
        "<w:p>", '<w:p><w:bookmarkStart w:id="1" w:name="ziel"/><w:bookmarkEnd w:id="1"/>', 1))
    made = template(paragraphs("{{p x }}", "{{p x }}")).render({"x": Subdoc(marked)})
    marks = [node.get(f"{W}name") for node in etree.fromstring(part(made).encode()).iter(f"{W}bookmarkStart")]
    assert marks == ["ziel"]


@pytest.mark.parametrize(("xml", "what"), [
    ('<w:r><w:footnoteReference w:id="1"/></w:r>', "eine Fußnote"), ('<w:ins w:id="1" w:author="a"/>', "eine nachverfolgte Änderung"),
    ('<w:altChunk/>', "einen eingebetteten Textteil"),
])
def test_what_a_document_cannot_bring_along_is_named(xml: str, what: str) -> None:
    data = changed(paragraphs("x"), "word/document.xml", lambda old: old.replace("<w:p>", f"<w:p>{xml}", 1))
    with pytest.raises(NotGrafted, match=f"„anlage.docx“ enthält {what}"):
        template(paragraphs("{{p x }}")).render({"x": Subdoc(data, "anlage.docx")})


def test_a_hostile_document_is_refused_like_a_template() -> None:
    with pytest.raises(TemplateError, match="kein Word-Dokument"):
        Subdoc(b"Hallo")


def test_a_document_stands_where_paragraphs_can() -> None:
    with pytest.raises(NotText, match="ein ganzes Dokument"):
        template(paragraphs("vor {{ x }}")).render({"x": Subdoc(guest())})


# exchanged files

def with_picture(name: str = "dummy.png", alt: str = "Platzhalter") -> bytes:
    document = Document()
    document.add_paragraph("{{ x }}")
    document.add_picture(io.BytesIO(PNG))
    return changed(written(document), "word/document.xml", lambda xml: re.sub(
        r'<pic:cNvPr id="\d+" name="[^"]*"', f'<pic:cNvPr id="0" name="{name}" descr="{alt}"', xml))


OTHER = PNG[:-12] + b"\0" * 4 + PNG[-12:]


@pytest.mark.parametrize("name", ["dummy.png", "Platzhalter"])
def test_a_picture_is_exchanged_by_its_name_as_docxtpl_does(name: str) -> None:
    opened = template(with_picture())
    theirs = docxtpl.DocxTemplate(io.BytesIO(with_picture()))
    theirs.replace_pic(name, io.BytesIO(OTHER))
    theirs.render({"x": "y"})
    buffer = io.BytesIO()
    theirs.save(buffer)
    exchanged = opened.replace_pic(name, OTHER).render({"x": "y"})
    for made, expected in ((exchanged, OTHER), (buffer.getvalue(), OTHER), (opened.render({"x": "y"}), PNG)):
        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            assert [archive.read(name) for name in archive.namelist() if "media" in name] == [expected]
    assert pickle.loads(pickle.dumps(opened.replace_pic(name, OTHER))).render({"x": "y"}) == exchanged


def test_media_and_embedded_files_are_exchanged_by_content_or_name() -> None:
    data = with_picture()
    members = unzipped(data)
    old, new = paragraphs("alt"), paragraphs("neu")
    members["word/embeddings/tabelle.docx"] = old
    members["[Content_Types].xml"] = members["[Content_Types].xml"].replace(b"</Types>", b'<Default Extension="docx" ContentType="a/b"/></Types>')
    opened = template(zipped(members))
    for other in (opened.replace_embedded(old, new), opened.replace_zipname("word/embeddings/tabelle.docx", new)):
        made = other.replace_media(PNG, OTHER).render({"x": "y"})
        with zipfile.ZipFile(io.BytesIO(made)) as archive:
            assert archive.read("word/embeddings/tabelle.docx") == new
            assert archive.read("word/media/image1.png") == OTHER


def test_what_is_not_there_or_of_another_format_is_not_exchanged() -> None:
    opened = template(with_picture())
    for exchange in (lambda: opened.replace_pic("nichts", OTHER), lambda: opened.replace_media(b"nichts", OTHER),
                     lambda: opened.replace_embedded(PNG, OTHER), lambda: opened.replace_zipname("word/document.xml", b"<x/>")):
        with pytest.raises(NothingToReplace):
            exchange()
    with pytest.raises(OtherFormat):
        opened.replace_pic("dummy.png", JPG)


# filters

def euro(value: float) -> str:
    return f"{value:,.2f} €".replace(",", "\0").replace(".", ",").replace("\0", ".")


def marked(value: str) -> Markup:
    return Markup(f"<w:b/>{value}")


def test_an_offices_own_filters_work_in_every_part_and_process() -> None:
    document = Document()
    document.add_paragraph("{{ cost|euro }} {{ costs|map('euro')|join(' und ') }}")
    document.sections[0].header.paragraphs[0].text = "{{ cost|euro }}"
    opened = Template.load(package.unpack("x.docx", written(document)), filters={"euro": euro})
    for one in (opened, pickle.loads(pickle.dumps(opened))):
        made = one.render({"cost": 1234.5, "costs": [1, 2.5]})
        assert lines(made) == ["1.234,50 € 1,00 € und 2,50 €"]
        assert lines(made, "word/header1.xml")[0] == "1.234,50 €"
    with pytest.raises(BadTag, match="den Filter „euro“ gibt es in Vorlagen nicht"):
        template(written(document))


def test_a_filter_cannot_write_xml() -> None:
    opened = Template.load(package.unpack("x.docx", paragraphs("{{ x|marked }}")), filters={"marked": marked})
    assert lines(opened.render({"x": "a & b"})) == ["<w:b/>a & b"]


def test_a_value_that_calls_itself_xml_is_refused() -> None:
    for context in ({"x": Markup("<w:b/>")}, {"x": {"y": ["a", (Markup("a"),)]}}):
        with pytest.raises(BadValue, match="Werte sind immer Text"):
            template(paragraphs("{{ x|upper }}")).render(context)


def test_a_template_has_no_business_inside_a_value() -> None:
    for text, value in (("{{ x.add('y') }}", R("a")), ("{{ x.pieces }}", R("a")), ("{{ x.package }}", Subdoc(paragraphs("a")))):
        with pytest.raises(TemplateError):
            template(paragraphs(text)).render({"x": value})


def test_a_span_that_is_no_number_is_told() -> None:
    with pytest.raises(BadSpan):
        template(table(("{% colspan n %}a", "b"))).render({"n": "zwei"})


def test_a_value_lost_in_an_attribute_is_noticed() -> None:
    [program] = template(table(("{% cellbg fill %}a", "b"))).programs
    rendering = Rendering(document="d")
    xml = program.run({"fill": "E2EFDA"}, rendering)
    rendering.prove("word/document.xml", xml.encode())
    with pytest.raises(ValueLost, match="E2EFDA"):
        rendering.prove("word/document.xml", xml.replace("E2EFDA", "").encode())


def test_a_title_with_a_character_no_file_can_carry_is_refused() -> None:
    with pytest.raises(DocumentError, match="„Titel“ enthält ein Zeichen"):
        template(paragraphs("x")).render({}, title="a\0b")


# parts

def test_text_boxes_comments_and_diagrams_are_merged_too() -> None:
    box = ('<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent><w:p><w:r><w:t>Kasten {{ x }}</w:t>'
           "</w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p><w:sectPr")
    document = Document()
    document.add_comment(document.add_paragraph("Text").runs, text="Anmerkung {{ x }}", author="a")
    data = changed(written(document), "word/document.xml", lambda xml: xml.replace("<w:sectPr", box, 1))
    diagram = ('<dgm:dataModel xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
               ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><dgm:ptLst><dgm:pt modelId="1"><dgm:t><a:p><a:r><a:t>Feld {{ x }}'
               "</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>")
    data = added(data, "word/diagrams/data1.xml", "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
                 "http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData", diagram)
    made = template(data).render({"x": "<Müller & Söhne>"})
    assert "Kasten <Müller & Söhne>" in lines(made)
    assert lines(made, "word/comments.xml") == ["Anmerkung <Müller & Söhne>"]
    assert "Feld &lt;Müller &amp; Söhne&gt;" in part(made, "word/diagrams/data1.xml")


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_no_shipped_template_gets_a_schema_error_by_merging(tmp_path: Path, kind: str) -> None:
    path = Path(__file__).parents[2] / "templates" / KINDS[kind].template
    before = {error.description for error in OpenXmlValidator().validate(path).errors}
    assert audited(tmp_path, Template.open(path).render(sample(kind))) <= before
