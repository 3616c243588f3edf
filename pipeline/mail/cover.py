"""The covering sheet of a print batch: what lies in the stack, how many sheets, what to look at, and the lines to sign off on."""

from __future__ import annotations

import datetime as dt
from xml.etree.ElementTree import Element, SubElement
from zoneinfo import ZoneInfo

from pipeline import wording
from pipeline.mail import postal
from pipeline.mail.letters import Batch, Line
from pipeline.pdf.render import draw
from pipeline.settings import Settings

_BERLIN = ZoneInfo("Europe/Berlin")
_CSS = """
@page { size: A4; margin: 20mm 20mm 18mm 25mm;
        @bottom-right { content: "Seite " counter(page) " von " counter(pages); font: 8pt "Liberation Sans", "DejaVu Sans" } }
html { font-family: "Liberation Sans", "DejaVu Sans"; font-size: 10pt; line-height: 1.35 }
body { margin: 0 }
h1 { font-size: 16pt; font-weight: bold; margin: 0 0 1mm }
p { margin: 0 0 2mm }
.office { margin-bottom: 7mm }
table { border-collapse: collapse; width: 100%; margin-bottom: 6mm }
.figures td { padding: 0.6mm 3mm 0.6mm 0; vertical-align: top }
.figures td:first-child { width: 48mm }
.figures .large { font-size: 13pt; font-weight: bold }
.letters { font-size: 9pt; table-layout: fixed }
.letters .nr { width: 9mm; text-align: right }
.letters .key { width: 46mm; white-space: nowrap }
.letters .sheets { width: 12mm; text-align: right }
.letters th { font-weight: bold; text-align: left; border-bottom: 0.8pt solid #000; padding: 0.8mm 2mm 0.8mm 0 }
.letters td { border-bottom: 0.3pt solid #888; padding: 0.8mm 2mm 0.8mm 0; vertical-align: top }
.letters tr { break-inside: avoid }
.doubt { font-style: italic }
.signed { table-layout: fixed }
.signed td { padding: 7mm 4mm 0 0; font-size: 8.5pt }
.signed span { display: block; border-top: 0.5pt solid #000; padding-top: 1mm }
"""


def cover(batch: Batch, settings: Settings, title: str, *, now: dt.datetime) -> bytes:
    """The covering sheet as PDF, to be printed and laid on the stack; `title` names the kind of paper."""
    html = Element("html", {"lang": "de"})
    SubElement(SubElement(html, "head"), "title").text = f"Begleitblatt zum Druckstapel: {title}"
    body = SubElement(html, "body")
    SubElement(body, "h1").text = f"Begleitblatt zum Druckstapel: {title}"
    SubElement(body, "p", {"class": "office"}).text = f"{settings.office.name} · {settings.alliance.name}"
    _figures(body, batch, now)
    _signed(body)
    _letters(body, batch.lines)
    return draw(html, _CSS)


def _figures(body: Element, batch: Batch, now: dt.datetime) -> None:
    table = SubElement(body, "table", {"class": "figures"})
    doubtful = sum(bool(line.doubts) for line in batch.lines)
    rows = (
        ("Briefe", wording.number(len(batch.lines)), "large"),
        ("Blatt, beidseitig bedruckt", wording.number(batch.sheets), "large"),
        ("Briefe ins Ausland", wording.number(_abroad(batch.lines)), ""),
        ("Seiten", wording.number(sum(line.pages for line in batch.lines)), ""),
        ("Zusammengestellt am", wording.date(now.astimezone(_BERLIN).date()), ""),
        ("Druckdatei", batch.pdf, ""),
        ("Anschriften zu prüfen", wording.number(doubtful) if doubtful else "keine", ""),
        ("Empfänger insgesamt", _sum(batch), ""),
    )
    for label, value, look in rows:
        row = SubElement(table, "tr")
        SubElement(row, "td").text = label
        SubElement(row, "td", {"class": look} if look else {}).text = value


def _sum(batch: Batch) -> str:
    """All recipients, and where each of them stands."""
    parts = ((len(batch.printed), "in diesem Stapel"), (len(batch.already), "schon früher gedruckt"), (len(batch.sent), "per E-Mail erreicht"),
             (len(batch.waiting), "E-Mail noch offen"), (len(batch.held), "zurückgehalten"), (len(batch.impossible), "weder E-Mail noch Anschrift"))
    return f"{wording.number(batch.number)}: {wording.listing(f'{wording.number(number)} {words}' for number, words in parts if number)}"


def _signed(body: Element) -> None:
    row = SubElement(SubElement(body, "table", {"class": "signed"}), "tr")
    for words in ("gedruckt am, von", "kuvertiert am, von", "zur Post gegeben am, von"):
        SubElement(SubElement(row, "td"), "span").text = words


def _letters(body: Element, lines: tuple[Line, ...]) -> None:
    table = SubElement(body, "table", {"class": "letters"})
    head = SubElement(SubElement(table, "thead"), "tr")
    for words, look in (("Nr.", "nr"), ("Anschrift", "address"), ("Schreiben", "key"), ("Blatt", "sheets")):
        SubElement(head, "th", {"class": look}).text = words
    rows = SubElement(table, "tbody")
    for number, line in enumerate(lines, 1):
        row = SubElement(rows, "tr")
        SubElement(row, "td", {"class": "nr"}).text = str(number)
        address = SubElement(row, "td")
        address.text = ", ".join(line.address) or line.name
        for doubt in line.doubts:
            SubElement(address, "div", {"class": "doubt"}).text = f"prüfen: {doubt}"
        SubElement(row, "td", {"class": "key"}).text = line.key
        SubElement(row, "td", {"class": "sheets"}).text = str(line.sheets)


def _abroad(lines: tuple[Line, ...]) -> int:
    """How many of the letters go to another country, which needs other postage."""
    return sum(bool(postal.country(line.address)) for line in lines)
