"""What a Word file shows in LibreOffice, our page shows at the same place: each feature in a file of its own, side by side."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from pipeline.pdf.render import to_pdf
from tests.pdf.judge import words
from tests.pdf.word_files import A4, NS, item, list_of, p, row, table, word

OFFICE = shutil.which("soffice")
pytestmark = [pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed"), pytest.mark.slow]

WIDE = '<w:pgSz w:w="16838" w:h="11906" w:orient="landscape"/><w:pgMar w:top="1417" w:right="1134" w:bottom="1417" w:left="1417"/>'
BREAK = '<w:p><w:r><w:br w:type="page"/></w:r></w:p>'
LISTS = (list_of(0, ("decimal", "%1."), ("lowerLetter", "%2)")) + list_of(1, ("decimal", "§ %1"), ("decimal", "(%2)"))
         + '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>'
         '<w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>')
TEXT = "Die Partner der Allianz verfolgen gemeinsam das Ziel, die Stadt lebenswert zu halten. "
NOTE = ('<w:p><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> Fußnotentext</w:t></w:r>'
        "</w:p>")
NOTES = f'<w:footnotes {NS}><w:footnote w:id="1">{NOTE}</w:footnote></w:footnotes>'.encode()
MARK = '<w:bookmarkStart w:id="1" w:name="ziel"/><w:r><w:t>{}</w:t></w:r><w:bookmarkEnd w:id="1"/>'


def run(said: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{said}</w:t></w:r>'


def par(*runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{''.join(runs)}</w:p>"


def field(code: str, shown: str) -> str:
    marks = [f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end")]
    return f"{marks[0]}<w:r><w:instrText> {code} </w:instrText></w:r>{marks[1]}{run(shown)}{marks[2]}"


FEATURES: Mapping[str, dict[str, Any]] = {
    "characters": {"body": par(run("fett ", "<w:b/>"), run("kursiv ", "<w:i/>"), run("unter ", '<w:u w:val="single"/>'),
                               run("klein ", "<w:smallCaps/>"), run("gross ", "<w:caps/>"), run("Text"),
                               run("hoch", '<w:vertAlign w:val="superscript"/>'), run(" Ende"))},
    "alignment": {"body": "".join(p("Zeile hier", properties=f'<w:jc w:val="{side}"/>') for side in ("left", "center", "right"))
                  + p(TEXT * 3, properties='<w:jc w:val="both"/>')},
    "indents": {"body": p(TEXT * 2, properties='<w:ind w:left="720" w:right="720" w:firstLine="360"/>')
                + p(TEXT * 2, properties='<w:ind w:left="720" w:hanging="360"/>')},
    "spacing": {"body": p("Eins", properties='<w:spacing w:before="240" w:after="480"/>')
                + p("Zwei", properties='<w:spacing w:line="480" w:lineRule="auto"/>')
                + p("Drei", properties='<w:spacing w:line="500" w:lineRule="exact"/>') + p("Vier")},
    "lists": {"body": item("Erstens", 1) + item("Darunter", 1, 1) + item("Daneben", 1, 1) + item("Zweitens", 1) + p("Dazwischen")
              + item("Drittens", 1) + item("Neu", 3) + item("Zweck", 2) + item("Absatz", 2, 1), "numbering": LISTS},
    "table": {"body": p("Davor") + table(row("Kopf", "Stand", properties="<w:tblHeader/>"), row("Wärme", "geplant"),
                                         row('<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>' + p("verbunden"))) + p("Danach")},
    "long table": {"body": table(row("Kopf", "Stand", properties="<w:tblHeader/>"), *(row(f"Reihe{number}", "Wort") for number in range(70)))},
    "rows that stay whole": {"body": "".join(p(f"Zeile{number}") for number in range(34)) + table(
        row("oben", "rechts", properties="<w:cantSplit/>"), row("<w:tcPr/>" + "".join(p(f"Teil{number}") for number in range(6)), "b",
                                                                properties="<w:cantSplit/>"))},
    "tabs": {"body": par(run("Links"), "<w:r><w:tab/></w:r>", run("Mitte"), "<w:r><w:tab/></w:r>", run("Rechts"), properties=(
        '<w:tabs><w:tab w:val="center" w:pos="4500"/><w:tab w:val="right" w:leader="dot" w:pos="9000"/></w:tabs>'))},
    "contents": {"body": par(run("Zweck"), "<w:r><w:tab/></w:r>", field("PAGEREF ziel \\h", "2"), properties=(
        '<w:tabs><w:tab w:val="right" w:leader="dot" w:pos="9000"/></w:tabs>')) + BREAK + par(MARK.format("Zweck"))},
    "headers": {"body": p("eins") + BREAK + p("zwei") + BREAK + p("drei"), "settings": "<w:evenAndOddHeaders/>",
                "headers": {"header1.xml": p("Erste"), "header2.xml": p("Gerade"), "header3.xml": p("Ungerade"),
                            "footer1.xml": par(run("Seite "), field("PAGE", "1"), run(" von "), field("NUMPAGES", "3"))},
                "section": ('<w:headerReference w:type="first" r:id="header1"/><w:headerReference w:type="even" r:id="header2"/>'
                            '<w:headerReference w:type="default" r:id="header3"/><w:footerReference w:type="default" r:id="footer1"/>'
                            '<w:footerReference w:type="even" r:id="footer1"/><w:footerReference w:type="first" r:id="footer1"/>' + A4
                            + "<w:titlePg/>")},
    "landscape": {"body": p("hoch") + f"<w:p><w:pPr><w:sectPr>{A4}</w:sectPr></w:pPr></w:p>" + p("quer", properties='<w:jc w:val="right"/>'),
                  "section": WIDE},
    "footnote": {"body": par(run("Satz"), '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="1"/></w:r>',
                             run(" geht weiter")),
                 "related": {"rIdF": ("footnotes", "footnotes.xml")}, "parts": {"word/footnotes.xml": NOTES}},
    "cross-reference": {"body": par(MARK.format("Kapitel")) + par(run("siehe "), field("REF ziel \\h", "Kapitel"), run(" auf Seite "),
                                                                  field("PAGEREF ziel", "1"))},
    "symbols": {"body": par('<w:r><w:sym w:font="Symbol" w:char="F0B7"/></w:r>', run(" Punkt "), '<w:r><w:noBreakHyphen/></w:r>', run(" Strich"))},
    "page breaks": {"body": p("a") + p("b", properties="<w:pageBreakBefore/>") + p("c") + BREAK + p("d")},
    "kept with next": {"body": "".join(p(f"Zeile{number}") for number in range(36)) + p("Titel", style="Heading1") + p(TEXT * 6)},
    "borders": {"body": p("Kasten", properties='<w:pBdr><w:top w:val="single" w:sz="8" w:space="4"/>'
                              '<w:bottom w:val="single" w:sz="8" w:space="4"/></w:pBdr>') + p("Danach")},
    "columns": {"body": "".join(p(f"Spaltenzeile {number}") for number in range(12)) + f'<w:p><w:pPr><w:sectPr>{A4}<w:cols w:num="2" w:space="720"/>'
                '</w:sectPr></w:pPr></w:p>' + p("Danach"), "section": '<w:type w:val="continuous"/>' + A4},
    "frame": {"body": p("Anschrift", properties='<w:framePr w:w="3000" w:vAnchor="page" w:hAnchor="page" w:x="5000" w:y="6000"/>') + p("Text")},
}
WITHIN = {"columns": 8.0, "footnote": 4.0, "kept with next": 3.0, "long table": 8.0, "rows that stay whole": 6.0}      # millimetres down; 2 else
ASIDE = {"characters": 3.0, "tabs": 12.0, "contents": 3.0}      # across; 1 else


@cache
def by_office() -> dict[str, bytes]:
    """LibreOffice's PDFs of all features, made in one run."""
    folder = Path(mkdtemp())
    names = {feature: folder / f"{number}.docx" for number, feature in enumerate(FEATURES)}
    for feature, path in names.items():
        path.write_bytes(word(**FEATURES[feature]))
    subprocess.run([str(OFFICE), f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
                    "--outdir", str(folder), *map(str, names.values())], check=True, capture_output=True, timeout=240)
    found = {feature: path.with_suffix(".pdf").read_bytes() for feature, path in names.items()}
    shutil.rmtree(folder)
    return found


def shown(pdf: bytes, folder: Path) -> list[tuple[int, str, float, float]]:
    """Words with page, left edge and foot in millimetres; without leaders and the signs of picture fonts, whose codes differ."""
    found = []
    for number, text, left, _, right, bottom in words(pdf, folder):
        pieces = [piece for piece in re.split(r"[.\uf0b7\u2022\u2011-]+", text.upper()) if piece]
        if len(pieces) == 1:
            found.append((number, pieces[0], left, bottom))
        elif pieces:               # a leader binds the words around it into one: only the outer ones have a place of their own
            found += [(number, pieces[0], left, bottom), (number, pieces[-1], right - 2.0 * len(pieces[-1]), bottom)]
    return sorted(found)


@pytest.mark.parametrize("feature", FEATURES)
def test_a_page_says_and_shows_what_libreoffice_shows(feature: str, tmp_path: Path):
    ours, theirs = shown(to_pdf(word(**FEATURES[feature])), tmp_path), shown(by_office()[feature], tmp_path)
    assert [(number, text) for number, text, *_ in ours] == [(number, text) for number, text, *_ in theirs]
    for one, other in zip(ours, theirs, strict=True):
        assert one[2] == pytest.approx(other[2], abs=ASIDE.get(feature, 1.0)), (one, other)
        assert one[3] == pytest.approx(other[3], abs=WITHIN.get(feature, 2.0)), (one, other)
