"""A small made-up alliance in which every field has a value: what `gremium fields` shows and templates are tried on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache

from pipeline.alliance import Alliance
from pipeline.records import (
    Address,
    Body,
    BodyKind,
    Decision,
    Gender,
    Meeting,
    Membership,
    Origin,
    Outcome,
    Partner,
    PartnerStatus,
    Person,
    Progress,
    Project,
    ProjectStatus,
    Submission,
    Topic,
)
from pipeline.settings import Settings

_ORIGIN = Origin(file="Muster", sheet=None, row=1, columns={})

_SETTINGS = {
    "alliance": {
        "name": "Allianz Musterstadt", "motto": "Gemeinsam voran", "city": "Musterstadt", "date": dt.date(2017, 5, 4),
        "first_meeting": "M-001",
        "founding": {"date": dt.date(2016, 12, 9), "place": "Kammer zu Musterstadt", "organisations": 120},
        "purpose": ("Vorhaben gemeinsam entwickeln", "Erfahrungen austauschen"),
    },
    "office": {
        "name": "Geschäftsstelle der Allianz Musterstadt", "carried_by": ("Stadt Musterstadt", "Kammer zu Musterstadt"),
        "street": "Marktplatz 1", "postcode": "01234", "city": "Musterstadt", "phone": "+49 1234 50-100",
        "email": "geschaeftsstelle@allianz.example", "web": "www.allianz.example", "contact": "Jo Beispiel",
        "contact_function": "Projektleitung",
    },
    "initiators": (
        {"key": "stadt", "name": "Stadt Musterstadt", "street": "Marktplatz 1", "postcode": "01234", "city": "Musterstadt",
         "signatories": ({"function": "Oberbürgermeisterin", "name": "Mia Muster"},)},
    ),
    "council": {
        "body": "Rat der Stadt Musterstadt", "session": dt.date(2017, 6, 1), "reference": "01234-17", "division": "Dezernat 1",
        "responsible": "Jo Beispiel", "phone": "+49 1234 50-101", "urgency": "fristgerecht", "subject": "Allianz Musterstadt",
        "subject_detail": "Sachstand und Pilotvorhaben",
        "route": ({"body": "Hauptausschuss", "date": dt.date(2017, 5, 18), "competence": "Empfehlung"},
                  {"body": "Rat der Stadt Musterstadt", "date": dt.date(2017, 6, 1), "competence": "Beschluss"}),
        "infrastructure": ("Straßenbeleuchtung", "Parkplätze"), "climate": "Die Auswirkungen werden je Pilotvorhaben dargestellt.",
        "next_steps": ("Einladung der Expertenteams",),
        "financing": ({"name": "Umlage", "carried_by": "Partner", "advantages": "planbar", "drawbacks": "Verwaltungsaufwand",
                       "open": "Höhe der Beiträge"},),
    },
    "signing": {"demo": True},
}


@cache
def sample_alliance() -> Alliance:
    """The made-up alliance."""
    return Alliance(
        settings=Settings.model_validate(_SETTINGS),
        partners=(
            Partner(key="P-001", name="Muster & Söhne GmbH", short="Muster & Söhne", department="Forschung", sector="Wirtschaft",
                    address=Address(street="Hafenstraße 12", postcode="01234", city="Musterstadt"), email="kontakt@muster.example",
                    phone="+49 1234 555-100", status=PartnerStatus.INTEREST, topics=("energie",), attended=("M-001",), origin=_ORIGIN),
            Partner(key="P-002", name="Hochschule Musterstadt", short="Hochschule Musterstadt", sector="Wissenschaft",
                    address=Address(street="Campus 1", postcode="01235", city="Musterstadt"), email="kontakt@hochschule.example",
                    status=PartnerStatus.PARTICIPANT, attended=("M-001",), origin=_ORIGIN),
        ),
        persons=(
            Person(key="P-001", partner="P-001", gender=Gender.FEMALE, title="Dr.", first_name="Mia", last_name="Muster",
                   function="Geschäftsführerin", email="mia.muster@muster.example", phone="+49 1234 555-101", signs=True, origin=_ORIGIN),
        ),
        projects=(
            Project(key="J-001", title="Wärme aus dem Kanal", topic="energie", status=ProjectStatus.PLANNED, place="Musterstadt",
                    local=True, transferable=False, carrier="Muster & Söhne GmbH", partners=("P-001",), body="B-02",
                    summary="Abwasserwärme heizt ein Quartier.", seeks="Wohnungsunternehmen", pilot=True, infrastructure="Kanalnetz",
                    aim="Ein Quartier heizt mit Abwasser.", funding="Landesmittel beantragt", duration="18 Monate",
                    success=("zwei Drittel der Jahreswärme",), risks=("Einbau verzögert sich",), privacy="Keine personenbezogenen Daten.",
                    cost=Decimal(120000), own_funds=Decimal(30000), staff=Decimal("0.5"), origin=_ORIGIN),
            Project(key="J-002", title="Licht nach Bedarf", topic="energie", status=ProjectStatus.RUNNING, place="Nachbarstadt",
                    local=False, transferable=True, carrier="Nachbarstadt",
                    summary="Leuchten dimmen, wenn niemand unterwegs ist.", origin=_ORIGIN),
            Project(key="J-003", title="Parken mit Anzeige", topic="energie", status=ProjectStatus.RUNNING, place="Musterstadt",
                    local=True, transferable=False, carrier="Stadt Musterstadt", partners=("P-002",), body="B-02", pilot=True,
                    infrastructure="Parkplätze", origin=_ORIGIN),
        ),
        topics=(Topic(key="energie", name="Energie", order=1, colour="#B45309", summary="Erzeugen, verteilen, sparen.", origin=_ORIGIN),),
        bodies=(
            Body(key="B-01", name="Expertenteam Energie", kind=BodyKind.EXPERT_TEAM, topic="energie", contact="P-001",
                 task="Erörtert und qualifiziert Projekte.", origin=_ORIGIN),
            Body(key="B-02", name="Konsortium Wärme", kind=BodyKind.CONSORTIUM, topic="energie", task="Führt Projekte zusammen.",
                 origin=_ORIGIN),
            Body(key="B-03", name="Beirat", kind=BodyKind.STEERING, task="Begleitet den Prozess.", origin=_ORIGIN),
        ),
        memberships=(Membership(body="B-01", partner="P-001", person="P-001", role="Leitung", origin=_ORIGIN),
                     Membership(body="B-02", partner="P-002", role="Leitung", origin=_ORIGIN),
                     Membership(body="B-03", partner="P-001", role="Mitglied", origin=_ORIGIN)),
        meetings=(
            Meeting(key="M-001", title="Erstes Allianztreffen", date=dt.date(2017, 3, 2), start=dt.time(14), place="Rathaus",
                    origin=_ORIGIN),
            Meeting(key="M-002", body="B-01", title="Erstes Treffen des Expertenteams Energie", date=dt.date(2017, 6, 20),
                    start=dt.time(14), end=dt.time(16), place="Rathaus, Saal 1", address="Marktplatz 1, 01234 Musterstadt",
                    agenda=("Begrüßung", "Nächste Schritte"), reply_by=dt.date(2017, 6, 9), origin=_ORIGIN),
        ),
        progress=Progress(day=dt.date(2017, 5, 2), prepared=("memorandum/P-001",), sent=("memorandum/P-001",), begun=("memorandum/P-001",)),
        former=Submission(session=dt.date(2017, 3, 30), date=dt.date(2017, 3, 1), partners=("P-002",),
                          projects={"J-002": "geplant", "J-003": "geplant"}, pilots=("J-003",)),
        decisions=(Decision(session=dt.date(2017, 3, 30), body="Rat der Stadt Musterstadt", outcome=Outcome.AMENDED, ayes=50, noes=20,
                            abstentions=1, amendments=("Die Erprobung wird auf ein Jahr befristet.",), pilots={"J-003": Outcome.AMENDED}),),
    )
