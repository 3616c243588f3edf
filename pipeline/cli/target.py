"""Where a command may put a file that somebody names: never over what the office or a build has made."""

from __future__ import annotations

from pathlib import Path

from pipeline.cli.desk import Desk
from pipeline.errors import WorkspaceError


class BadTarget(WorkspaceError):
    """The place for a file is taken, or of another kind."""

    def __init__(self, path: Path, reason: str, hint: str) -> None:
        super().__init__(f"{path}: {reason}; nichts wurde geschrieben", hint=hint)


def target(desk: Desk, path: Path, suffix: str) -> Path:
    """The path, when a file may be put there. Raises BadTarget."""
    if path.suffix.lower() != suffix:
        raise BadTarget(path, f"die Datei muss auf {suffix} enden", f"Etwa {path.with_suffix(suffix).name} nennen.")
    if not path.resolve().parent.is_dir():
        raise BadTarget(path, "den Ordner gibt es nicht", "Den Ordner anlegen oder einen anderen nennen.")
    kept = path.resolve()
    root = desk.folder.resolve()
    for name in ("inputs", "templates"):
        if kept.is_relative_to(root / name):
            raise BadTarget(path, f"unter {name}/ liegen nur die eigenen Dateien der Geschäftsstelle", "Einen anderen Ordner nennen.")
    if kept.parent.is_relative_to(root / "outputs") and kept.parent != root / "outputs":
        raise BadTarget(path, "dort liegt nur, was gebaut, unterschrieben oder versandt wurde", "Einen anderen Ordner nennen.")
    return path
