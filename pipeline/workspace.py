"""The folder an office works in: where things lie in it, how its settings are read, how a file gets there whole."""

from __future__ import annotations

import datetime as dt
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from pipeline.errors import WorkspaceError
from pipeline.settings import Settings

SETTINGS = "inputs/alliance.toml"


class NoWorkspace(WorkspaceError):
    """The folder has no settings file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} ist kein Arbeitsordner: {SETTINGS} fehlt",
                         hint="Mit -C ORDNER einen anderen wählen oder mit „gremium new ORDNER“ einen anlegen.")


class BadSettings(WorkspaceError):
    """The settings file is not what it should be."""

    def __init__(self, problems: list[str]) -> None:
        shown = "; ".join(problems[:5]) + (f" und {len(problems) - 5} weitere" if len(problems) > 5 else "")
        super().__init__(f"{SETTINGS}: {shown}", hint="Die Datei in einem Texteditor öffnen und berichtigen.")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The folder with inputs/, templates/ and outputs/."""

    root: Path
    settings: Settings

    @classmethod
    def open(cls, root: Path, *, date: dt.date | None = None) -> Workspace:
        """The workspace in `root`; `date` replaces the date its papers carry. Raises WorkspaceError."""
        path = root / SETTINGS
        if not path.is_file():
            raise NoWorkspace(root)
        try:
            settings = Settings.model_validate(tomllib.loads(path.read_text("utf-8")))
        except tomllib.TOMLDecodeError as error:
            raise BadSettings([f"keine gültige TOML-Datei ({error})"]) from error
        except UnicodeDecodeError as error:
            raise BadSettings(["nicht in UTF-8 gespeichert"]) from error
        except ValidationError as error:
            raise BadSettings([_worded(problem) for problem in error.errors()]) from error
        if date is not None:
            settings = settings.model_copy(update={"alliance": settings.alliance.model_copy(update={"date": date})})
        return cls(root, settings)

    @property
    def inputs(self) -> Path:
        """Tables and settings; never written by a build."""
        return self.root / "inputs"

    @property
    def templates(self) -> Path:
        """Word templates, style sheet, letterhead, mail texts."""
        return self.root / "templates"

    @property
    def outputs(self) -> Path:
        """Everything a run makes."""
        return self.root / "outputs"

    def relative(self, path: Path) -> str:
        """A path as the ledger keeps it: from the workspace, with forward slashes."""
        return path.resolve().relative_to(self.root.resolve()).as_posix()


def place(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all: beside its place, to disk, then renamed. Its folder is made when missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


_WORDS = {
    "missing": "fehlt",
    "extra_forbidden": "ist nicht bekannt",
    "date_from_datetime_parsing": "ist kein Datum (JJJJ-MM-TT)",
    "date_parsing": "ist kein Datum (JJJJ-MM-TT)",
    "string_type": "muss ein Text in Anführungszeichen sein",
    "int_type": "muss eine ganze Zahl sein",
    "bool_type": "muss true oder false sein",
    "tuple_type": "muss eine Liste sein",
    "greater_than_equal": "ist zu klein",
    "less_than_equal": "ist zu groß",
}


def _worded(problem: object) -> str:
    assert isinstance(problem, dict)
    where = ".".join(str(part + 1) if isinstance(part, int) else str(part) for part in problem["loc"])
    kind = str(problem["type"])
    if kind in ("enum", "literal_error"):
        return f"„{where}“ muss einer dieser Werte sein: {problem['ctx']['expected']}"
    if kind == "value_error":
        return f"„{where}“: {problem['ctx']['error']}"
    return f"„{where}“ {_WORDS.get(kind, problem['msg'])}"
