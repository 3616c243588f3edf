"""`gremium new`: a workspace to start from."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import rich_click as click

import pipeline
from pipeline.cli.desk import Desk
from pipeline.errors import WorkspaceError


class FolderInUse(WorkspaceError):
    """The folder for a new workspace holds something already."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} ist nicht leer", hint="Einen neuen oder leeren Ordner nennen; vorhandene Dateien werden nie überschrieben.")


class NothingShipped(WorkspaceError):
    """The installation lacks the templates it should have brought."""

    def __init__(self) -> None:
        super().__init__("die mitgelieferten Vorlagen wurden nicht gefunden", hint="gremium neu installieren.")


def shipped() -> Path:
    """Where the templates and the example came to lie: the checkout, or the installation's share folder."""
    for folder in (Path(pipeline.__file__).parent.parent, Path(sysconfig.get_path("data")) / "share" / "gremium"):
        if (folder / "templates").is_dir() and (folder / "inputs" / "alliance.toml").is_file():
            return folder
    raise NothingShipped


@click.command("new")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="ORDNER")
@click.pass_obj
def command(desk: Desk, folder: Path) -> None:
    """Legt einen Arbeitsordner an: Vorlagen, Beispieltabellen und erläuterte Einstellungen, mit denen sich sofort bauen lässt.

    Die Beispielzeilen werden durch die eigenen ersetzt. Beispiel: gremium new meine-allianz
    """
    from pipeline.workspace import place
    if folder.exists() and any(folder.iterdir()):
        raise FolderInUse(folder)
    source = shipped()
    for part in ("inputs", "templates"):
        for path in sorted((source / part).rglob("*")):
            if path.is_file() and not path.name.startswith((".", "~$")):
                place(folder / part / path.relative_to(source / part), path.read_bytes())
    (folder / "outputs").mkdir(exist_ok=True)
    desk.say(f"Angelegt: {folder}\nWeiter mit: gremium -C {folder} check")
