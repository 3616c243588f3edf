"""A small workspace with real templates, and a command that builds it, for tests that need another process."""

import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx

from pipeline.build.plan import Plan, plan
from pipeline.build.run import Result, run
from pipeline.ledger import Ledger
from pipeline.papers.draft import Draft
from pipeline.workspace import Workspace
from tests import makers
from tests.build.drafts import draft

NOW = dt.datetime(2017, 5, 4, 10, tzinfo=dt.UTC)


def template(path: Path, *paragraphs: str) -> None:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    path.parent.mkdir(parents=True, exist_ok=True)
    document.save(str(path))


def office(root: Path) -> Workspace:
    """The folder, with one template and a style sheet."""
    template(root / "templates/memorandum.docx", "Memorandum", "Telefon {{ person.phone }}", "{% for project in projects %}{{ project.title }} "
             "{% endfor %}")
    (root / "templates/style.css").write_text("", "utf-8")
    return Workspace(root, makers.settings())


def drafts(number: int = 3, *, phone: str = "+49 231 1") -> list[Draft]:
    """Memoranda of so many partners; the first has this phone."""
    def context(place: int) -> dict[str, Any]:
        return {"person": {"phone": phone if place == 1 else f"+49 231 {place}00"}, "projects": [{"title": f"Projekt {place}"}]}
    return [draft(f"memorandum/P-{place:03}", context=context(place), signatures=()) for place in range(1, number + 1)]


def build(workspace: Workspace, papers: Sequence[Draft], **options: Any) -> Result:
    """One build with everyday options."""
    values: dict[str, Any] = {"jobs": 1, "keep_going": False, "progress": lambda done, total, trouble="": None, "now": lambda: NOW, "by": "test"}
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        made = plan(workspace, papers, options.pop("blocked", {}), ledger)
        return run(workspace, made, ledger, **values | options)


def look(workspace: Workspace, papers: Sequence[Draft]) -> Plan:
    """What a build would do."""
    with Ledger(workspace.outputs / "ledger.sqlite", read_only=True) as ledger:
        return plan(workspace, papers, {}, ledger)


def files(workspace: Workspace) -> dict[str, bytes]:
    """Every built file."""
    return {path.name: path.read_bytes() for path in sorted((workspace.outputs / "memorandum").iterdir())}


def main() -> None:
    """Builds so many papers with so many processes, and says how far it came."""
    root, number, jobs = sys.argv[1:]

    def progress(done: int, total: int, trouble: str = "") -> None:
        print(f"{done} of {total}", flush=True)

    result = build(Workspace(Path(root), makers.settings()), drafts(int(number)), jobs=int(jobs), progress=progress)
    print(f"built {len(result.built)}, left {len(result.left)}, interrupted {result.interrupted}"
          + (f", halted {result.halt.error}" if result.halt else ""), flush=True)
    sys.exit(result.exit_code)


if __name__ == "__main__":
    main()
