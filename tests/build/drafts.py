"""A valid draft by default; a test changes only what its story is about."""

from typing import Any

from pipeline.papers.draft import Draft
from pipeline.records import SignatureLine
from tests import makers

CONTEXT = {"person": {"phone": "+49 231 1", "signs": True}, "projects": [{"title": "Kanal"}, {"title": "Hafen"}]}


def draft(key: str = "memorandum/P-001", **changes: Any) -> Draft:
    kind, _, subject = key.partition("/")
    values: dict[str, Any] = {
        "key": key, "kind": kind, "subject": "Memorandum", "template": "memorandum.docx", "stem": key.replace("/", "-"),
        "date": makers.DATE, "context": CONTEXT, "signatures": (SignatureLine(name="stadt", label="Unterschrift Stadt"),),
        "records": (subject,), "author": "Geschäftsstelle",
    }
    return Draft(**values | changes)
