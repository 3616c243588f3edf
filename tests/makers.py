"""Valid records by default; a test changes only what its story is about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pipeline.alliance import Alliance
from pipeline.records import (
    Address,
    Body,
    BodyKind,
    Gender,
    Meeting,
    Membership,
    Origin,
    Partner,
    PartnerStatus,
    Person,
    Project,
    ProjectStatus,
    Topic,
)
from pipeline.settings import Settings

DATE = dt.date(2017, 5, 4)


def origin(file: str = "partners.xlsx", row: int = 2) -> Origin:
    return Origin(file=file, sheet="Tabelle1", row=row, columns={})


def partner(key: str = "P-001", **changes: Any) -> Partner:
    values: dict[str, Any] = {
        "key": key, "name": "Brückner & Söhne GmbH", "short": "Brückner & Söhne", "sector": "Wirtschaft",
        "address": Address(street="Hafenstraße 12", postcode="44147", city="Dortmund"),
        "email": "kontakt@brueckner.example", "phone": "+49 231 5550-100",
        "status": PartnerStatus.INTEREST, "topics": ("energie",), "attended": ("M-001",), "origin": origin(),
    }
    return Partner(**values | changes)


def person(key: str = "P-001", **changes: Any) -> Person:
    values: dict[str, Any] = {
        "key": key, "partner": key[:5], "gender": Gender.FEMALE, "title": "Dr.", "first_name": "Mia", "last_name": "Muster",
        "function": "Geschäftsführerin", "email": "mia.muster@brueckner.example", "phone": "+49 231 5550-101",
        "signs": True, "origin": origin(),
    }
    return Person(**values | changes)


def topic(key: str = "energie", **changes: Any) -> Topic:
    values: dict[str, Any] = {"key": key, "name": "Energie", "order": 1, "colour": "#B45309", "origin": origin("topics.csv")}
    return Topic(**values | changes)


def project(key: str = "J-001", **changes: Any) -> Project:
    values: dict[str, Any] = {
        "key": key, "title": "Wärme aus dem Kanal", "topic": "energie", "status": ProjectStatus.RUNNING, "place": "Dortmund",
        "local": True, "transferable": False, "carrier": "Brückner & Söhne GmbH", "partners": ("P-001",),
        "summary": "Abwasserwärme heizt ein Quartier.", "origin": origin("projects.xlsx"),
    }
    return Project(**values | changes)


def body(key: str = "B-01", **changes: Any) -> Body:
    values: dict[str, Any] = {
        "key": key, "name": "Expertenteam Energie", "kind": BodyKind.EXPERT_TEAM, "topic": "energie", "contact": "P-001",
        "origin": origin("bodies.xlsx"),
    }
    return Body(**values | changes)


def membership(body: str = "B-01", partner: str = "P-001", **changes: Any) -> Membership:
    values: dict[str, Any] = {"body": body, "partner": partner, "role": "Mitglied", "origin": origin("memberships.xlsx")}
    return Membership(**values | changes)


def meeting(key: str = "M-002", **changes: Any) -> Meeting:
    values: dict[str, Any] = {
        "key": key, "body": "B-01", "title": "Erstes Treffen des Expertenteams Energie", "date": dt.date(2017, 6, 20),
        "start": dt.time(14), "end": dt.time(16), "place": "Rathaus, Saal Hanse", "address": "Friedensplatz 1, 44135 Dortmund",
        "agenda": ("Begrüßung", "Arbeitsweise", "Nächste Schritte"), "reply_by": dt.date(2017, 6, 9), "origin": origin("meetings.xlsx"),
    }
    return Meeting(**values | changes)


def settings(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "alliance": {"name": "Allianz Musterstadt", "city": "Dortmund", "date": DATE, "first_meeting": "M-001",
                     "founding": {"date": dt.date(2016, 12, 9), "place": "Kammer", "organisations": 120}},
        "office": {"name": "Geschäftsstelle der Allianz Musterstadt", "street": "Friedensplatz 1", "postcode": "44135", "city": "Dortmund",
                   "phone": "+49 231 5550-0", "email": "allianz@stadt.example"},
        "initiators": [{"key": "stadt", "name": "Stadt Dortmund", "signatories": [{"function": "Oberbürgermeister"}]},
                       {"key": "kammer", "name": "Kammer zu Dortmund", "signatories": [{"function": "Hauptgeschäftsführung"}]}],
        "council": {"body": "Rat der Stadt Dortmund", "session": dt.date(2017, 6, 1), "subject": "Allianz Musterstadt",
                    "route": [{"body": "Hauptausschuss", "date": dt.date(2017, 5, 18), "competence": "Empfehlung"},
                              {"body": "Rat der Stadt", "date": dt.date(2017, 6, 1), "competence": "Beschluss"}]},
    }
    return Settings.model_validate(values | changes)


def alliance(**changes: Any) -> Alliance:
    values: dict[str, Any] = {
        "settings": settings(), "partners": (partner(),), "persons": (person(),), "projects": (project(),), "topics": (topic(),),
        "bodies": (body(),), "memberships": (membership(),),
        "meetings": (meeting("M-001", body="", date=dt.date(2017, 3, 2), title="Erstes Allianztreffen", reply_by=None), meeting()),
    }
    return Alliance(**values | changes)
