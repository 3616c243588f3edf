"""`gremium new`: a workspace to start from."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import rich_click as click

import pipeline
from pipeline.cli.desk import Desk
from pipeline.errors import WorkspaceError

HERE = ZoneInfo("Europe/Berlin")


class FolderInUse(WorkspaceError):
    """The folder for a new workspace holds something already."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} ist nicht leer", hint="Einen neuen oder leeren Ordner nennen; vorhandene Dateien werden nie überschrieben.")


class NothingShipped(WorkspaceError):
    """The installation lacks the templates it should have brought."""

    def __init__(self) -> None:
        super().__init__("die mitgelieferten Vorlagen wurden nicht gefunden", hint="gremium neu installieren.")


class NothingKnown(WorkspaceError):
    """Nobody sits there to be asked, and what must be known was not given."""

    def __init__(self, missing: str) -> None:
        super().__init__(f"zum Anlegen fehlt {missing}",
                         hint="An einem Terminal wird danach gefragt; sonst --name, --city, --email und --initiator angeben, "
                              "oder --example für das Beispiel.")


def shipped() -> Path:
    """Where the templates and the example came to lie: the checkout, or the installation's share folder."""
    for folder in (Path(pipeline.__file__).parent.parent, Path(sysconfig.get_path("data")) / "share" / "gremium"):
        if (folder / "templates").is_dir() and (folder / "inputs" / "alliance.toml").is_file():
            return folder
    raise NothingShipped


@click.command("new")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="ORDNER")
@click.option("--example", is_flag=True, help="Statt leerer Tabellen das ganze Beispiel, zum Ausprobieren.")
@click.option("--name", metavar="NAME", help="Name der Allianz, des Vereins oder des Gremiums.")
@click.option("--city", metavar="ORT", help="Ort, an dem sie wirkt und die Geschäftsstelle sitzt.")
@click.option("--street", default="", metavar="STRASSE", help="Straße und Hausnummer der Geschäftsstelle.")
@click.option("--postcode", default="", metavar="PLZ", help="Postleitzahl der Geschäftsstelle.")
@click.option("--email", metavar="ADRESSE", help="E-Mail-Adresse der Geschäftsstelle.")
@click.option("--phone", default="", metavar="NUMMER", help="Telefon der Geschäftsstelle.")
@click.option("--initiator", "initiators", multiple=True, metavar="NAME",
              help="Wer das Memorandum auf der Seite der Allianz zeichnet; mehrfach möglich.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, folder: Path, example: bool, name: str | None, city: str | None, street: str, postcode: str, email: str | None, phone: str,
            initiators: tuple[str, ...], as_json: bool) -> None:
    """Legt einen Arbeitsordner an: erläuterte Einstellungen, leere Tabellen mit Auswahllisten, Vorlagen, mit denen sich sofort bauen lässt.

    Am Terminal wird nach Namen, Anschrift und Initiatoren gefragt; alles lässt sich später in inputs/alliance.toml ändern.

    Beispiele: gremium new vereinigung · gremium new probe --example
    · gremium new verein --name "Energieforum Kiel" --city Kiel --email post@forum.example --initiator "Stadt Kiel"
    """
    from pipeline.workspace import place
    if folder.exists() and any(folder.iterdir()):
        raise FolderInUse(folder)
    if example:
        made = _example(shipped())
    else:
        from pipeline.starter.files import Beginning, workspace_files
        asked = _asked({"name": name, "city": city, "street": street, "postcode": postcode, "email": email, "phone": phone})
        today = desk.date or desk.now().astimezone(HERE).date()
        made = workspace_files(Beginning(**asked, initiators=initiators or _initiators(), date=today), shipped())
    files: list[str] = []
    for path, data in made:
        place(folder / path, data)
        files.append(path)
    (folder / "outputs").mkdir(exist_ok=True)
    if as_json:
        desk.give({"folder": str(folder), "files": files})
    desk.say(f"Angelegt: {folder}")
    if example:
        desk.say(f"Als Nächstes: gremium -C {folder} check, dann: gremium -C {folder} build")
    else:
        desk.say(f"Als Nächstes: die Tabellen in {folder / 'inputs'} ausfüllen, dann: gremium -C {folder} check")


def _example(source: Path) -> Iterator[tuple[str, bytes]]:
    for part in ("inputs", "templates"):
        for path in sorted((source / part).rglob("*")):
            if path.is_file() and not path.name.startswith((".", "~$")):
                yield path.relative_to(source).as_posix(), path.read_bytes()


# What is asked for: the option, the question, and whether it must be known.
QUESTIONS = (
    ("name", "Name der Allianz, des Vereins oder des Gremiums", True),
    ("city", "Ort der Geschäftsstelle", True),
    ("street", "Straße und Hausnummer der Geschäftsstelle", False),
    ("postcode", "Postleitzahl der Geschäftsstelle", False),
    ("email", "E-Mail-Adresse der Geschäftsstelle", True),
    ("phone", "Telefon der Geschäftsstelle", False),
)


def _asked(given: dict[str, str | None]) -> dict[str, str]:
    """What was given, and what whoever sits here answers."""
    there = sys.stdin.isatty() and any(not given[name] for name, _, needed in QUESTIONS if needed)
    answers: dict[str, str] = {}
    for name, question, needed in QUESTIONS:
        answer = (given[name] or "").strip()
        if not answer and there:
            answer = str(click.prompt(question, default=None if needed else "", show_default=False, err=True)).strip()
        if needed and not answer:
            raise NothingKnown(question)
        answers[name] = answer
    return answers


def _initiators() -> tuple[str, ...]:
    if not sys.stdin.isatty():
        raise NothingKnown("mindestens ein Initiator")
    names: list[str] = []
    while answer := str(click.prompt(f"{len(names) + 1}. Initiator (leer: keine weiteren)", default="", show_default=False, err=True)).strip():
        names.append(answer)
    if not names:
        raise NothingKnown("mindestens ein Initiator")
    return tuple(names)
