"""The block at the end of a message: organisation, function, address and phone, as far as they can be told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 16      # lines of a block; what comes later is small print


class Sure(StrEnum):
    """How sure a field is."""

    CERTAIN = "sicher"
    LIKELY = "vermutlich"


@dataclass(frozen=True, slots=True)
class Guess:
    """What a field probably is, and where it was found."""

    text: str
    sure: Sure
    origin: str


_GREETING = re.compile(r"(?:mit (?:freundlichen|besten|herzlichen|vielen) gr(?:ü|ue)(?:ß|ss)en"
                       r"|(?:freundliche|viele|beste|herzliche|liebe|schöne) gr(?:ü|ue)(?:ß|ss)e"
                       r"|mfg|hochachtungsvoll|(?:best|kind) regards|yours sincerely)\b.*", re.IGNORECASE)
_SPLIT = re.compile(r" *[|•·] *| {3,}|, (?=(?:D-)?[0-9]{5} )| [–-] (?=(?:D-)?[0-9]{5} )")
_LEGAL = re.compile(r"\b(?:g?GmbH|AG|KG|KGaA|OHG|GbR|UG|SE|eG|e\. ?V\.|e\. ?K\.|AöR|mbB|Ltd\.?|Inc\.?|B\. ?V\.)(?:\b|$|(?= ))")
_HOUSE = re.compile(r"\b(?:universität|hochschule|fachhochschule|institut|akademie|kammer|stiftung|verband|verein|genossenschaft|stadtwerke|"
                    r"klinikum|gemeinde|ministerium|bezirksregierung|agentur|zentrum)\b|\bstadt [A-ZÄÖÜ]", re.IGNORECASE)
_STREET = re.compile(r"[A-ZÄÖÜ0-9][\w .'’-]*?(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|ufer|damm|markt|hof|wall|graben|chaussee|park|kai) ?"
                     r"[0-9]+ ?[a-z]?(?: ?[-–/] ?[0-9]+ ?[a-z]?)?|(?:Am|An|Auf|Im|In|Zum|Zur) [\w .'’-]+ [0-9]+ ?[a-z]?|Postfach [0-9 ]+",
                     re.IGNORECASE)
_PLACE = re.compile(r"(?:D[- ]{1,3})?(?P<postcode>[0-9]{5}) (?P<city>[A-ZÄÖÜ][\w .()/-]+)")
_PHONE = re.compile(r"(?P<label>(?:tel(?:efon)?|fon|phone|t|f|fax|telefax|mobil|mobile|m|handy)\b[.:]*)? *[:.]? *"
                    r"(?P<number>\+?[0-9(][0-9 ()/.–-]{5,}[0-9])",
                    re.IGNORECASE)
_FUNCTION = re.compile(r"\b(?:geschäftsführ|vorstand|vorsitz|leit(?:er|ung|erin)|direktor|referent|manager|beauftragt|prokurist|professor|dezernent|"
                       r"inhaber|präsident|sprecher|koordinator|head of|ceo|cto)", re.IGNORECASE)
_TITLE = re.compile(r"(?:(?:Prof|Dr|Dipl|Mag|Ing|h\. ?c|med|jur|rer|nat|phil|M\. ?A|B\. ?A|M\. ?Sc|B\. ?Sc)\b[.-]*"
                    r"(?:Ing\.?|Inf\.?|Kfm\.?|Phys\.?)? ?)+")
_PARTICLE = re.compile(r"(?:von|van|zu|vom|zum|de|der|den|di|af|ten)", re.IGNORECASE)
_SEX = {"frau": "Frau", "herr": "Herr", "herrn": "Herr"}


def name_parts(text: str, sure: Sure, origin: str) -> Mapping[str, Guess]:
    """Title, first and last name of "Prof. Dr. Mia von der Heide" or "Heide, Mia"; nothing when it is no person's name."""
    text = re.sub(r"\(.*?\)|\[.*?\]|[\"']", " ", text)
    text = " ".join(text.split("@")[0].split()) if "@" not in text else ""
    if not text or _LEGAL.search(text) or _HOUSE.search(text) or re.search(r"[0-9/|]", text):
        return {}
    found: dict[str, str] = {}
    first, _, rest = text.partition(" ")
    if first.casefold() in _SEX:
        found["gender"], text = _SEX[first.casefold()], rest
    if "," in text:
        last, _, given = text.partition(",")
        text = f"{given.strip()} {last.strip()}".strip()
    title = _TITLE.match(text)
    if title:
        found["title"], text = title[0].strip(), text[title.end():].strip()
    words = text.split()
    if not 2 <= len(words) <= 6 or not (words[0][:1] + words[-1][:1]).isupper() or re.search("[!?:;]", text):
        return {}
    start = next((at for at, word in enumerate(words[1:], start=1) if _PARTICLE.fullmatch(word)), len(words) - 1)
    found |= {"first_name": " ".join(words[:start]), "last_name": " ".join(words[start:])}
    return {field: Guess(value, sure, origin) for field, value in found.items()}


def signature(text: str, origin: str) -> Mapping[str, Guess]:
    """The fields of the partner table that the block at the end of a message gives."""
    found: dict[str, Guess] = {}
    block, closed = _block(text.split("\n"))
    pieces = [piece for line in block for piece in _SPLIT.split(line[:300]) if piece.strip()]
    for number, piece in enumerate(pieces):
        for field, value, sure in _told(piece.strip(" ,;"), number):
            found.setdefault(field, Guess(value, sure, origin))
    for piece in pieces[:2] if closed else ():
        names = name_parts(piece, Sure.LIKELY, origin)
        if "first_name" in names and "function" not in dict.fromkeys(field for field, _, _ in _told(piece, 0)):
            return {**names, **found}
    return found


def _block(lines: Sequence[str]) -> tuple[list[str], bool]:
    """The lines after the sign of a signature or a closing, and True; without either the last ones."""
    for at, line in enumerate(lines):
        if line.rstrip() in ("--", "-- ") or _GREETING.fullmatch(line.strip()):
            block = [line.strip() for line in lines[at + 1:] if line.strip() and line.strip() != "--"]
            if block:
                return block[:LONGEST], True
    return [line.strip() for line in lines if line.strip()][-8:], False


def _told(piece: str, number: int) -> Iterator[tuple[str, str, Sure]]:
    """What one piece of a line is, if it is anything."""
    place = _PLACE.search(piece)
    if place:
        yield "postcode", place["postcode"], Sure.CERTAIN
        yield "city", place["city"].strip(), Sure.CERTAIN
    street = _STREET.match(piece)
    if street:
        yield "street", street[0].strip(), Sure.CERTAIN if place or street.end() == len(piece) else Sure.LIKELY
        return
    phone = _PHONE.search(piece)
    if phone and not place:
        label = (phone["label"] or "").casefold().strip(".: ")
        if label not in ("f", "fax", "telefax", "mobil", "mobile", "m", "handy"):
            yield "phone", phone["number"].strip(), Sure.CERTAIN if label else Sure.LIKELY
        return
    if "@" in piece or "www." in piece or "http" in piece or len(piece) > 90:
        return
    if _LEGAL.search(piece):
        yield "name", piece, Sure.CERTAIN
    elif _FUNCTION.search(piece) and number > 0:
        yield "function", piece, Sure.LIKELY
    elif _HOUSE.search(piece):
        yield "name", piece, Sure.LIKELY
