"""The columns of every table: their names, the other names they go by, and what they mean.

Headings are compared without regard to case, spaces, hyphens, dots and umlaut spelling. The first alias is the heading
the shipped tables use, and what documentation and empty tables print.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the text of a cell is read."""

    KEY = "key"            # the row's own key
    REF = "ref"            # key of a row in another table
    REFS = "refs"          # several of them
    TEXT = "text"
    LINES = "lines"        # several texts: by line, or by semicolon
    CHOICE = "choice"
    DATE = "date"
    TIME = "time"
    YESNO = "yesno"
    NUMBER = "number"      # a decimal; euro or posts
    INTEGER = "integer"
    EMAIL = "email"
    PHONE = "phone"
    POSTCODE = "postcode"
    COLOUR = "colour"


@dataclass(frozen=True, slots=True)
class Spec:
    """One column."""

    field: str
    kind: Kind
    aliases: tuple[str, ...]
    meaning: str                  # German, for people who fill the table in
    required: bool = False        # the column must be there and no cell of it blank
    refers: str = ""              # for references: the table
    choices: tuple[str, ...] = ()
    lines: bool = False           # line breaks belong to the text

    @property
    def heading(self) -> str:
        """The heading the shipped tables use."""
        return self.aliases[0]


_PARTNER_STATUS = ("Teilnahme", "Interessensbekundung", "ausgeschieden")
_GENDERS = ("Frau", "Herr", "divers")

_CONTACTABLE = Spec("contact", Kind.CHOICE, ("Kontakt", "Kontakt erlaubt", "contact allowed"),
                    "ob die Person angeschrieben werden darf: ja oder leer; nein bei Widerspruch; gelöscht, wenn sie in keinem Papier mehr steht",
                    choices=("ja", "nein", "gelöscht"))

_CONTACT = (
    Spec("gender", Kind.CHOICE, ("Anrede", "Geschlecht", "gender"), "Frau, Herr, divers; leer, wenn nicht bekannt", choices=_GENDERS),
    Spec("title", Kind.TEXT, ("Titel", "Akad. Titel", "Grad", "academic title"), "akademische Grade, wie sie geführt werden: Prof. Dr."),
    Spec("first_name", Kind.TEXT, ("Vorname", "first name"), "Vorname"),
    Spec("last_name", Kind.TEXT, ("Nachname", "Name", "Familienname", "Ansprechpartner Name", "Kontakt Name", "last name"),
         "Nachname mit Adelspartikel: von der Heide"),
    Spec("function", Kind.TEXT, ("Funktion", "Position", "function"), "Funktion in der Organisation"),
)

PARTNERS = (
    Spec("key", Kind.KEY, ("Partner-Nr.", "Nr.", "Kennung", "partner no", "key", "id"), "eindeutige Nummer: P-017", required=True),
    Spec("name", Kind.TEXT, ("Organisation", "Firma", "Partner", "Name der Organisation", "Organisation Name", "organisation", "organization"),
         "Name, wie er im Register steht", required=True),
    Spec("short", Kind.TEXT, ("Kurzname", "Kurzbezeichnung", "short name"), "Name für Listen und Dateinamen"),
    Spec("department", Kind.TEXT, ("Abteilung", "Zusatz", "department"), "zweite Zeile der Anschrift"),
    Spec("sector", Kind.TEXT, ("Bereich", "Sektor", "Branche", "sector"), "Wirtschaft, Wissenschaft, Verwaltung, Zivilgesellschaft"),
    Spec("street", Kind.TEXT, ("Straße", "Straße und Hausnummer", "Anschrift", "street"), "Straße und Hausnummer, oder Postfach"),
    Spec("postcode", Kind.POSTCODE, ("PLZ", "Postleitzahl", "postcode", "zip"), "Postleitzahl als Text, mit führenden Nullen"),
    Spec("city", Kind.TEXT, ("Ort", "Stadt", "city", "town"), "Ort"),
    Spec("country", Kind.TEXT, ("Land", "Staat", "country"), "leer für Deutschland, sonst auf Deutsch: Niederlande"),
    *_CONTACT,
    Spec("email", Kind.EMAIL, ("E-Mail", "Mail", "E-Mail-Adresse", "email"), "Adresse des Ansprechpartners; leer bekommt Papier"),
    Spec("phone", Kind.PHONE, ("Telefon", "Tel.", "Rufnummer", "phone"), "Telefon des Ansprechpartners: +49 231 50-12345"),
    Spec("signs", Kind.YESNO, ("Zeichnet", "Unterzeichnet", "signs"), "ja, wenn der Ansprechpartner das Memorandum zeichnet"),
    Spec("status", Kind.CHOICE, ("Status", "Stand"), "wie weit der Partner ist; nur „Interessensbekundung“ erhält ein Memorandum",
         required=True, choices=_PARTNER_STATUS),
    Spec("topics", Kind.REFS, ("Themen", "Topthemen", "Thema", "topics"),
         "Kürzel der Topthemen, durch Semikolon getrennt", refers="topics", lines=True),
    Spec("attended", Kind.REFS, ("Teilnahme an", "Anwesend", "attended"),
         "Nummern der Treffen, an denen der Partner teilgenommen hat", refers="meetings", lines=True),
    _CONTACTABLE,
)

PERSONS = (
    Spec("partner", Kind.REF, ("Partner-Nr.", "Partner", "partner"), "Nummer des Partners", required=True, refers="partners"),
    Spec("key", Kind.KEY, ("Personen-Nr.", "Person", "person no", "key"),
         "eindeutige Nummer; die der Partnerzeile ist die des Partners, die nächste P-017-2", required=True),
    *_CONTACT,
    Spec("email", Kind.EMAIL, ("E-Mail", "Mail", "E-Mail-Adresse", "email"), "dienstliche Adresse; leer bekommt Papier"),
    Spec("phone", Kind.PHONE, ("Telefon", "Tel.", "Rufnummer", "phone"), "dienstliche Nummer"),
    Spec("signs", Kind.YESNO, ("Zeichnet", "Unterzeichnet", "signs"), "ja, wenn diese Person das Memorandum zeichnet"),
    _CONTACTABLE,
)

TOPICS = (
    Spec("key", Kind.KEY, ("Kürzel", "Thema-Nr.", "key"), "eindeutiges Kürzel: energie", required=True),
    Spec("name", Kind.TEXT, ("Topthema", "Thema", "Bezeichnung", "name"), "Name des Topthemas", required=True),
    Spec("order", Kind.INTEGER, ("Reihenfolge", "Folge", "order"), "Platz in Listen", required=True),
    Spec("colour", Kind.COLOUR, ("Farbe", "colour", "color"), "Farbe in Schaubildern: #1B6CA8", required=True),
    Spec("summary", Kind.TEXT, ("Beschreibung", "Kurzbeschreibung", "summary"), "ein Satz", lines=True),
)

PROJECTS = (
    Spec("key", Kind.KEY, ("Projekt-Nr.", "Nr.", "project no", "key"), "eindeutige Nummer: J-042", required=True),
    Spec("title", Kind.TEXT, ("Projekt", "Titel", "Projekttitel", "title"), "Titel", required=True),
    Spec("topic", Kind.REF, ("Topthema", "Thema", "topic"), "Kürzel des Topthemas", required=True, refers="topics"),
    Spec("status", Kind.CHOICE, ("Status", "Stand"), "laufend, geplant oder abgeschlossen", required=True,
         choices=("laufend", "geplant", "abgeschlossen")),
    Spec("place", Kind.TEXT, ("Ort", "Durchführungsort", "place"), "Kommune, in der es läuft oder geplant ist", required=True),
    Spec("transferable", Kind.YESNO, ("Übertragbar", "transferable"), "ja, wenn es sich von anderswo übertragen lässt"),
    Spec("carrier", Kind.TEXT, ("Träger", "Projektträger", "Organisation", "carrier"),
         "wer es trägt; muss kein Partner sein", required=True),
    Spec("partners", Kind.REFS, ("Partner-Nrn.", "Partner", "Beteiligte", "partners"),
         "Nummern beteiligter Partner", refers="partners", lines=True),
    Spec("body", Kind.REF, ("Konsortium", "Gremium", "body"), "Nummer des Konsortiums", refers="bodies"),
    Spec("summary", Kind.TEXT, ("Kurzbeschreibung", "Beschreibung", "summary"), "zwei Sätze", lines=True),
    Spec("seeks", Kind.TEXT, ("sucht Partner", "Gesuchte Partner", "seeks"), "was gesucht wird; leer, wenn nichts", lines=True),
    Spec("pilot", Kind.YESNO, ("Pilot", "Pilotvorschlag", "pilot"), "ja, wenn es dem Rat als Pilot vorgeschlagen wird"),
    Spec("infrastructure", Kind.TEXT, ("Infrastruktur", "Städtische Infrastruktur", "infrastructure"),
         "städtische Infrastruktur, die der Pilot braucht", lines=True),
    Spec("cost", Kind.NUMBER, ("Kosten (Euro)", "Kosten", "Gesamtkosten", "cost"), "Gesamtkosten in Euro; leer heißt nicht beziffert"),
    Spec("own_funds", Kind.NUMBER, ("Städtischer Anteil (Euro)", "Eigenmittel", "own funds"),
         "davon aus dem Haushalt der Stadt; leer heißt nicht beziffert"),
    Spec("staff", Kind.NUMBER, ("Stellen der Stadt", "Stellenanteile", "staff"),
         "vollzeitverrechnete Stellen der Stadt; leer heißt nicht beziffert"),
    Spec("aim", Kind.TEXT, ("Ziel", "Projektziel", "aim"),
         "was der Pilot erreichen soll; ein Satz", lines=True),
    Spec("funding", Kind.TEXT, ("Förderung", "Fördermittel", "funding"),
         "Förderprogramme und andere Mittel Dritter; leer heißt noch offen", lines=True),
    Spec("duration", Kind.TEXT, ("Laufzeit", "Dauer", "duration"),
         "Dauer der Erprobung: 18 Monate; leer heißt noch offen"),
    Spec("success", Kind.LINES, ("Erfolgskriterien", "Erfolg", "success criteria"),
         "woran sich der Erfolg messen lässt, ein Punkt je Zeile in der Zelle", lines=True),
    Spec("risks", Kind.LINES, ("Risiken", "Risiko", "risks"),
         "was den Pilot gefährden kann, ein Punkt je Zeile in der Zelle", lines=True),
    Spec("privacy", Kind.TEXT, ("Datenschutz", "Personenbezogene Daten", "data protection"),
         "ob und wie personenbezogene Daten verarbeitet werden; leer heißt noch nicht geprüft", lines=True),
)

BODIES = (
    Spec("key", Kind.KEY, ("Gremium-Nr.", "Nr.", "body no", "key"), "eindeutige Nummer: B-01", required=True),
    Spec("name", Kind.TEXT, ("Gremium", "Bezeichnung", "Name", "name"), "Name des Gremiums", required=True),
    Spec("kind", Kind.CHOICE, ("Art", "Gremienart", "kind"), "Expertenteam, Konsortium oder Lenkungsgremium", required=True,
         choices=("Expertenteam", "Konsortium", "Lenkungsgremium")),
    Spec("topic", Kind.REF, ("Topthema", "Thema", "topic"), "Kürzel des Topthemas; leer, wenn themenübergreifend", refers="topics"),
    Spec("contact", Kind.REF, ("Ansprechperson", "Kontakt", "contact"),
         "Nummer der Person, an die sich Interessierte wenden", refers="persons"),
    Spec("task", Kind.TEXT, ("Aufgabe", "Auftrag", "task"), "ein Satz", lines=True),
)

MEMBERSHIPS = (
    Spec("body", Kind.REF, ("Gremium-Nr.", "Gremium", "body"), "Nummer des Gremiums", required=True, refers="bodies"),
    Spec("partner", Kind.REF, ("Partner-Nr.", "Partner", "partner"), "Nummer des Partners", required=True, refers="partners"),
    Spec("person", Kind.REF, ("Personen-Nr.", "Person", "person"), "wer dort sitzt; leer ist der erste Ansprechpartner", refers="persons"),
    Spec("role", Kind.TEXT, ("Rolle", "Funktion", "role"), "Leitung, Stellvertretung, Mitglied"),
)

MEETINGS = (
    Spec("key", Kind.KEY, ("Treffen-Nr.", "Sitzung-Nr.", "Nr.", "meeting no", "key"), "eindeutige Nummer: M-003", required=True),
    Spec("body", Kind.REF, ("Gremium-Nr.", "Gremium", "body"), "Nummer des Gremiums; leer ist die ganze Allianz", refers="bodies"),
    Spec("title", Kind.TEXT, ("Titel", "Bezeichnung", "Treffen", "title"), "Name des Treffens", required=True),
    Spec("date", Kind.DATE, ("Datum", "Tag", "date"), "Tag", required=True),
    Spec("start", Kind.TIME, ("Beginn", "Uhrzeit", "start"), "Uhrzeit des Beginns", required=True),
    Spec("end", Kind.TIME, ("Ende", "end"), "Uhrzeit des Endes"),
    Spec("place", Kind.TEXT, ("Ort", "Raum", "place"), "Haus und Raum", required=True),
    Spec("address", Kind.TEXT, ("Anschrift", "Adresse", "address"), "Straße, PLZ und Ort"),
    Spec("agenda", Kind.LINES, ("Tagesordnung", "agenda"), "ein Punkt je Zeile in der Zelle", lines=True),
    Spec("reply_by", Kind.DATE, ("Rückmeldung bis", "Antwort bis", "reply by"), "letzter Tag für Antworten"),
    Spec("status", Kind.CHOICE, ("Status", "Stand", "state"), "findet statt (oder leer) oder abgesagt; wer eingeladen war, erhält dann eine Absage",
         choices=("findet statt", "abgesagt")),
)

TABLES: Mapping[str, tuple[Spec, ...]] = {
    "partners": PARTNERS,
    "persons": PERSONS,
    "topics": TOPICS,
    "projects": PROJECTS,
    "bodies": BODIES,
    "memberships": MEMBERSHIPS,
    "meetings": MEETINGS,
}

# What a table is called where people read it: sheet names, findings.
TITLES: Mapping[str, str] = {
    "partners": "Partner",
    "persons": "Personen",
    "topics": "Topthemen",
    "projects": "Projekte",
    "bodies": "Gremien",
    "memberships": "Mitgliedschaften",
    "meetings": "Treffen",
}

# File names an office may use for a table, without ending; the first is the one the shipped example uses.
FILES: Mapping[str, tuple[str, ...]] = {
    "partners": ("partners", "partner"),
    "persons": ("persons", "personen", "kontakte"),
    "topics": ("topics", "themen", "topthemen"),
    "projects": ("projects", "projekte"),
    "bodies": ("bodies", "gremien"),
    "memberships": ("memberships", "mitglieder", "mitgliedschaften"),
    "meetings": ("meetings", "treffen", "sitzungen"),
}

OPTIONAL = frozenset({"persons", "memberships", "projects", "bodies", "meetings"})
