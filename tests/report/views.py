"""Views of a small alliance by default; a test changes only what its story is about."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipeline.ledger import MESSAGE_STATES, MessageRow, SignatureRow
from pipeline.next import Step
from pipeline.papers.kinds import KINDS
from pipeline.report.page import page
from pipeline.report.view import Facts, View
from pipeline.status import DocumentStatus, Status
from tests import makers


def document(key: str = "memorandum/P-001", state: str = "fresh", **changes: Any) -> DocumentStatus:
    kind = key.partition("/")[0]
    values: dict[str, Any] = {
        "key": key, "kind": kind, "subject": "Zusammenarbeit in der Allianz", "state": state, "docx": f"outputs/{kind}/a.docx",
        "pdf": f"outputs/{kind}/a.pdf", "signed": None, "revision": 1, "sha256": "0"}
    return DocumentStatus(**values | changes)


def message(key: str = "invitation/M-002/P-001", state: str = "sent", **changes: Any) -> MessageRow:
    values: dict[str, Any] = {"id": f"{key}@x", "key": key, "kind": "invitation", "pdf_sha256": "0", "path": "p", "sha256": "s", "state": state,
                              "attempts": 1, "reply": "250 ok", "changed_at": "2017-05-04T08:00:00Z"}
    return MessageRow(**values | changes)


def signature(day: dt.date, key: str = "memorandum/P-001", **changes: Any) -> SignatureRow:
    values: dict[str, Any] = {"key": key, "revision": 1, "field": "stadt", "signer": "CN", "path": "p", "base_sha256": "0", "sha256": "1",
                              "signed_at": f"{day}T08:00:00Z"}
    return SignatureRow(**values | changes)


def step(rule: str = "build", **changes: Any) -> Step:
    values: dict[str, Any] = {"rule": rule, "count": 1, "what": "Papiere erstellen", "command": "gremium build", "keys": ("memorandum/P-002",)}
    return Step(**values | changes)


DOCUMENTS = (
    document("memorandum/P-001", "signed 1/3", signed="outputs/signed/memorandum/a.pdf"),
    document("memorandum/P-002", "stale", subject="Zusammenarbeit – Brücke", reasons=("partner.name: „Brug“ → „Brücke“",)),
    document("invitation/M-002/P-001", "approved", subject="Einladung: Erstes Treffen"),
    document("briefing/2017-06", "missing", docx=None, pdf=None, revision=None),
)


def alliance(**changes: Any) -> Any:
    values: dict[str, Any] = {
        "partners": (makers.partner(), makers.partner("P-002", name="Brücke & Töchter AG", short="Brücke")),
        "persons": (makers.person(),),
        "projects": tuple(makers.project(f"J-00{n}", title=title, topic=topic) for n, (title, topic) in enumerate(
            (("Wärme aus dem Kanal", "energie"), ("Licht nach Bedarf", "energie"), ("Rad und Bahn", "wege")), 1)),
        "topics": (makers.topic(), makers.topic("wege", name="Wege", order=2, colour="#1B66A4")),
    }
    return makers.alliance(**values | changes)


def view(documents: Sequence[DocumentStatus] = DOCUMENTS, messages: Sequence[MessageRow] = (message(),), **changes: Any) -> View:
    counted = Counter(row.state for row in messages)
    values: dict[str, Any] = {
        "alliance": alliance(), "kinds": KINDS,
        "status": Status(documents=tuple(documents), messages={state: counted[state] for state in MESSAGE_STATES}),
        "facts": Facts(messages=messages, signatures={"memorandum/P-001": [signature(dt.date(2017, 5, 4))]}, latest="2017-05-04T08:00:00Z", mark="m"),
        "steps": (step(),),
    }
    return View(**values | changes)


def made(*args: Any, **changes: Any) -> bytes:
    return page(view(*args, **changes))


def many(count: int) -> list[DocumentStatus]:
    """Papers as a large office has them: every seventh stale with three reasons."""
    return [document(f"memorandum/P-{n:05}", "stale" if n % 7 == 0 else "approved", subject=f"Memorandum {n}",
                     reasons=tuple(f"feld{i}: alt → neu" for i in range(3)) if n % 7 == 0 else ()) for n in range(count)]
