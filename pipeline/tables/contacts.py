"""Ways to reach somebody: e-mail, phone, postcode."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from pipeline.findings import Severity
from pipeline.tables.clean import Remark, repair
from pipeline.tables.readings import Cell, Reading, noted, refused
from pipeline.wording import HOME

# Right beyond doubt; all others go to email-validator, which knows the standards and takes its time.
_SURE_MAIL = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
_PHONE = re.compile(r"\+?[0-9 ()/.–-]*[0-9](?:[ ,]*(?:App\.?|Durchwahl|DW|-) ?[0-9]+)?")
_DIGITS = re.compile(r"[0-9](?:[^0-9]*[0-9]){2}")      # three of them make the shortest number
_COUNTRY_CODES = {
    "D": "", "DE": "", "A": "Österreich", "AT": "Österreich", "CH": "Schweiz", "NL": "Niederlande", "B": "Belgien", "BE": "Belgien",
    "F": "Frankreich", "FR": "Frankreich", "L": "Luxemburg", "LU": "Luxemburg", "PL": "Polen", "DK": "Dänemark",
}


def email(cell: Cell) -> Reading:
    """An e-mail address; names beside it go, of several the first is taken and the others are told of."""
    text = cell.text
    if len(text) <= 100 and _SURE_MAIL.fullmatch(text):
        return Reading(text)
    several = [part for part in re.split(r"[;,\s]+", text) if "@" in part]
    if len(several) > 1:
        first = email(Cell(several[0].strip("<>"), cell.spec))
        return Reading(first.value, (*first.remarks, Remark(
            "email", f"In der Zelle stehen {len(several)} Adressen; genommen wird „{several[0]}“",
            "Eine Adresse stehen lassen; weitere Personen in die Tabelle der Personen eintragen.", Severity.WARNING)))
    bare = re.sub("^mailto:", "", text, flags=re.IGNORECASE)
    try:
        checked = validate_email(bare, check_deliverability=False, allow_display_name=True, globally_deliverable=False)
    except EmailNotValidError:
        return refused("email", f"„{text}“ ist keine E-Mail-Adresse", "Als name@firma.de schreiben, ohne Zusätze.")
    if "." not in checked.domain:
        return refused("email", f"„{text}“ endet nicht auf eine Domain", "Als name@firma.de schreiben.")
    if checked.normalized != text:
        return noted(checked.normalized, text, checked.normalized, "Nur die E-Mail-Adresse übernommen")
    return Reading(text)


def phone(cell: Cell) -> Reading:
    """A phone number, kept as it is written."""
    if cell.number and cell.text.isdigit() and not cell.text.startswith("0"):
        return Reading(cell.text, (Remark("phone", f"Der Telefonnummer {cell.text} fehlt vermutlich die führende Null",
                                          "Die Nummer als Text eintragen: +49 231 50-12345.", Severity.WARNING),))
    if not _PHONE.fullmatch(cell.text) or not _DIGITS.search(cell.text):
        return Reading(cell.text, (Remark("phone", f"„{cell.text}“ ist keine Telefonnummer",
                                          "Als +49 231 50-12345 schreiben.", Severity.WARNING),))
    return Reading(cell.text)


def german(country: str) -> bool:
    """The country, as a table gives it, is Germany."""
    return country.strip().casefold() in HOME


def postcode(cell: Cell) -> Reading:
    """A postcode of the row's country; a German one has five digits."""
    text = cell.text
    prefix = re.match(r"([A-Z]{1,2})[ –-]+(?=[0-9])", text)
    if prefix and prefix[1] in _COUNTRY_CODES:
        text = text[prefix.end():]
        home = german(cell.country) and not _COUNTRY_CODES[prefix[1]]
        if not home and german(cell.country):
            return refused("postcode", f"Die PLZ „{cell.text}“ ist nicht deutsch, das Land aber leer",
                            f"In die Spalte Land „{_COUNTRY_CODES[prefix[1]]}“ eintragen und hier nur die Ziffern.")
        reading = postcode(Cell(text, cell.spec, cell.number, cell.country))
        return Reading(reading.value, (repair(cell.text, text, "Länderkennzeichen entfernt"), *reading.remarks))
    if not german(cell.country):
        return Reading(text) if re.fullmatch(r"[A-Za-z0-9 -]{2,10}", text) else refused(
            "postcode", f"„{text}“ ist keine Postleitzahl", "Nur die Postleitzahl eintragen.")
    joined = text.replace(" ", "")
    if re.fullmatch(r"[0-9]{4}", joined) and cell.number and joined >= "1000":
        return noted(f"0{joined}", text, f"0{joined}", "Die führende Null der PLZ war verloren")
    if not re.fullmatch(r"[0-9]{5}", joined):
        return refused("postcode", f"„{text}“ ist keine deutsche Postleitzahl",
                        "Fünf Ziffern eintragen, die Zelle als Text formatiert; für das Ausland die Spalte Land ausfüllen.")
    return Reading(joined) if joined == text else noted(joined, text, joined, "Leerzeichen in der PLZ entfernt")
