"""What a line must not part: "§ 3", "Dr. Muster", "e. V.", "2. März 2017", "44135 Dortmund". The Word file keeps its plain spaces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from pipeline.pdf.html.metrics import width

NO_BREAK = "\N{NO-BREAK SPACE}"
SHARE = 0.4         # of the line: what is longer may part, for torn apart anywhere would be worse
_MONTHS = "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
_FIRMS = r"(?:g?GmbH|AG|KG|UG|SE|OHG|GbR|eG|PartGmbB|AöR|e\. ?V\.)(?: & Co\. (?:KGaA|KG|OHG))?"
_TIES = re.compile("|".join((
    r"§§? \d+\w?(?: (?:Abs\.|Absatz|Satz|Nr\.) \d+)*",
    r"\b(?:Abs|Art|Nr|Nrn|Ziff|Bd|Tel|Drs|Kap)\. [\dA-Z]\S*",
    r"\b(?:Absatz|Artikel|Satz|Ziffer|Anlage|Seite|Kapitel|Abschnitt|Tabelle|Abbildung|Raum) \d+\w?\b",
    rf"\b\d{{1,2}}\. (?:{_MONTHS})(?: \d{{4}})?",
    rf"\b(?:{_MONTHS}) \d{{4}}\b",
    r"\d (?:€|EUR|Euro|%|Prozent|Uhr|km|m|cm|mm|m²|km²|ha|kg|t|h|kWh|MWh|GWh|kW|MW|GW|°C|Mio\.|Mrd\.)(?: (?:€|EUR|Euro))?(?!\w)",
    r"\+\d{1,3}(?: \d[\d-]*)+",
    r"\b\d{5} [A-ZÄÖÜ][\wäöüß-]+",
    r"(?:(?:Prof|Dr|Dipl)\.(?:-Ing\.| med\.| h\. ?c\.)? )+[A-ZÄÖÜ][\w-]*\.?",
    r"\b(?:z\. B|d\. h|u\. a|o\. g|s\. o|i\. d\. R|i\. V|i\. A|h\. c|a\. D|M\. A|B\. A|M\. Sc|B\. Sc|N\. N)\.",
    r"\b[A-ZÄÖÜ]\. [A-ZÄÖÜ][\wäöüß-]+",
    rf"(?:\S{{2,18}} )?{_FIRMS}(?![\w.])",
    r"\S{1,18} [–·](?= )",
)))


def tie(block: Element, size: float, room: float) -> None:
    """Puts no-break spaces into a paragraph's text, set at `size` points in lines of `room` points."""
    pieces = list(_pieces(block))
    whole = "".join(text for _, _, text in pieces)
    if " " not in whole:
        return
    tied = _TIES.sub(lambda found: found[0].replace(" ", NO_BREAK) if width(found[0], size) < SHARE * room else found[0], whole)
    if tied == whole:
        return
    place = 0
    for element, where, text in pieces:
        setattr(element, where, tied[place:place + len(text)])
        place += len(text)


def _pieces(element: Element) -> Iterator[tuple[Element, str, str]]:
    """All text of a paragraph in order: whose it is, and whether it stands inside or behind."""
    if element.text:
        yield element, "text", element.text
    for child in element:
        yield from _pieces(child)
        if child.tail:
            yield child, "tail", child.tail
