"""Small workspaces with the tables a story needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.findings import Finding
from pipeline.tables.forms import table
from pipeline.tables.load import load
from pipeline.workspace import Workspace
from tests.makers import settings

TOPIC = {"key": "energie", "name": "Energie", "order": 1, "colour": "#B45309"}
PARTNER = {
    "key": "P-001", "name": "Brückner & Söhne GmbH", "street": "Hafenstraße 12", "postcode": "44147", "city": "Dortmund", "gender": "Frau",
    "first_name": "Mia", "last_name": "Muster", "email": "mia@brueckner.example", "signs": "ja", "status": "Interessensbekundung",
    "topics": "energie",
}


def office(folder: Path, *, changes: dict[str, Any] | None = None, **tables: list[dict[str, object]]) -> Workspace:
    """A workspace with a topic, a partner and whatever the story brings."""
    (folder / "inputs").mkdir(exist_ok=True)
    rows = {"topics": [TOPIC], "partners": [PARTNER], "meetings": [{
        "key": "M-001", "title": "Erstes Allianztreffen", "date": "02.03.2017", "start": "14:00", "place": "Rathaus"}]} | tables
    for name, content in rows.items():
        (folder / "inputs" / f"{name}.xlsx").write_bytes(table(name, content))
    return Workspace(folder, settings(**(changes or {})))


def csv(workspace: Workspace, name: str, text: str, *, charset: str = "utf-8") -> Workspace:
    """Puts a text file in the place of a table."""
    (workspace.inputs / f"{name}.xlsx").unlink(missing_ok=True)
    (workspace.inputs / f"{name}.csv").write_bytes(text.encode(charset))
    return workspace


def findings(workspace: Workspace, rule: str = "") -> list[Finding]:
    """What is found in a workspace, by all rules or by one."""
    return [finding for finding in load(workspace).findings if rule in ("", finding.rule)]
