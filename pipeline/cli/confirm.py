"""`gremium confirm`: somebody has looked at what came back, and answers for it – or puts aside what says nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import rich_click as click

from pipeline.cli.desk import Desk
from pipeline.errors import SigningError, VerificationError, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.conclusion import Course
    from pipeline.ledger import DocumentRow, Ledger, ReturnRow

HERE = ZoneInfo("Europe/Berlin")
QUESTIONS = {"document": "Dokument", "integrity": "Unversehrtheit", "change": "Änderungen", "signatory": "Unterzeichnende"}


class NothingToConfirm(VerificationError):
    """Nothing of a paper waits for somebody to look at it."""

    def __init__(self, key: str, rows: Sequence[ReturnRow]) -> None:
        last = rows[-1] if rows else None
        reason = "davon ist nichts zurückgekommen" if last is None else \
            f"beiseitegelegt von {last.confirmed_by}" if last.dismissed else \
            f"schon bestätigt von {last.confirmed_by}" if last.confirmed_by else \
            "schon angenommen" if last.state == "accepted" else last.sentence
        super().__init__(f"{key} ist nicht zu bestätigen: {reason}", hint="„gremium receive“ nimmt Rückläufe an; „gremium register“ zeigt alle.")


class AlreadyConcluded(VerificationError):
    """Nobody's signature is missing any more."""

    def __init__(self, key: str, concluded_at: str) -> None:
        day = dt.datetime.fromisoformat(concluded_at).astimezone(HERE)
        super().__init__(f"{key} ist schon abgeschlossen, seit dem {day:%d.%m.%Y}; eine Gegenzeichnung auf Papier fehlt nicht",
                         hint="„gremium register“ schreibt die Bescheinigung; weitere Rückläufe ohne --countersigned bestätigen.")


class NothingToDismiss(VerificationError):
    """No file that came back under this name waits for somebody to put it aside."""

    def __init__(self, asked: str, rows: Sequence[ReturnRow]) -> None:
        last = rows[-1] if rows else None
        reason = "unter diesem Namen ist nichts zurückgekommen" if last is None else \
            f"schon beiseitegelegt von {last.confirmed_by}" if last.dismissed else last.sentence
        super().__init__(f"{asked} ist nicht beiseitezulegen: {reason}",
                         hint="Beiseitegelegt wird, was ungeklärt ist, genannt mit seiner Datei unter outputs/returned; „gremium next“ nennt sie.")


class OtherRevision(VerificationError):
    """What came back is not of the present revision."""

    def __init__(self, key: str, came: int, present: int) -> None:
        super().__init__(f"{key}: zurückgekommen ist Fassung {came}, es gilt Fassung {present}",
                         hint="Die geltende Fassung ausgeben und unterzeichnen lassen.")


class OriginalLost(VerificationError):
    """What is to be confirmed is not what came back."""

    def __init__(self, path: str) -> None:
        super().__init__(f"der Rücklauf fehlt oder wurde seit der Annahme verändert: {path}", hint="Aus der Sicherung zurückspielen.")


class NoName(SigningError):
    """A confirmation needs somebody who answers for it."""

    def __init__(self) -> None:
        super().__init__("eine Bestätigung braucht einen Namen", hint="Mit --by NAME angeben, wer das Original angesehen hat.")


class NotAsked(WorkspaceError):
    """Nobody sits there who could say yes."""

    def __init__(self) -> None:
        super().__init__("nicht bestätigt: es war niemand zu fragen", hint="Das Original ansehen und mit --yes wiederholen.")


@click.command("confirm")
@click.argument("keys", nargs=-1, required=True, metavar="SCHLÜSSEL...")
@click.option("--by", required=True, metavar="NAME", help="Wer das Original angesehen hat und dafür einsteht.")
@click.option("--countersigned", is_flag=True, help="Auch die Unterschriften der Initiatoren stehen auf dem Papier.")
@click.option("--dismiss", is_flag=True,
              help="Statt zu bestätigen: Ungeklärtes beiseitelegen; genannt wird die Datei in outputs/returned oder der Anfang ihres Namens.")
@click.option("--yes", is_flag=True, help="Nicht fragen; das Original ist schon angesehen.")
@click.option("--json", "as_json", is_flag=True, help="Ergebnis als JSON auf die Standardausgabe.")
@click.pass_obj
def command(desk: Desk, keys: tuple[str, ...], by: str, countersigned: bool, dismiss: bool, yes: bool, as_json: bool) -> None:
    """Bestätigt zurückgekommene Memoranden, die ein Mensch ansehen muss: Papier, oder Unterschriften, für die niemand bürgt.

    Gezeigt wird vorher, was vorliegt, was daran auffiel und wo das Original liegt. Was zurückgewiesen wurde, lässt sich nicht
    bestätigen. Ein leeres oder fremdes Blatt legt --dismiss beiseite: Das Original bleibt, „gremium next“ nennt es nicht mehr.

    Beispiele: gremium confirm memorandum/P-018 --by "K. Muster" · gremium confirm --dismiss 3f0c55d1a2b4e697 --by "K. Muster"
    """
    if dismiss and countersigned:
        raise click.UsageError("Entweder --countersigned oder --dismiss angeben.")
    name = " ".join(by.split())
    if not name:
        raise NoName
    done = {"dismissed": _dismissed(desk, keys, name, yes=yes)} if dismiss else \
        {"confirmed": _confirmed(desk, keys, name, countersigned=countersigned, yes=yes)}
    if as_json:
        desk.give(done)


def _confirmed(desk: Desk, keys: Sequence[str], name: str, *, countersigned: bool, yes: bool) -> list[dict[str, object]]:
    from pipeline.conclusion import note_countersigned
    from pipeline.signing.returns import confirm
    confirmed: list[dict[str, object]] = []
    with desk.ledger() as ledger:
        wanted = [(desk.known(key), *_waiting(desk, ledger, key, countersigned=countersigned)) for key in dict.fromkeys(keys)]
        for key, document, rows in wanted:
            _show(key, rows)
            if not yes and not _agreed(f"{name} hat das Original angesehen und bestätigt es?"):
                desk.say(f"Nicht bestätigt: {key}.")
                continue
            now = desk.now()
            for row in rows:
                confirm(desk.workspace, ledger, row, name, now)
            if countersigned:
                note_countersigned(ledger, document, name, now)
            state = _state(desk, ledger, key)
            confirmed.append({"key": key, "by": name, "returns": [row.path for row in rows], "state": state[0]})
            desk.say(f"Bestätigt von {name}: {key}. {state[1]}")
    return confirmed


def _dismissed(desk: Desk, files: Sequence[str], name: str, *, yes: bool) -> list[dict[str, object]]:
    dismissed: list[dict[str, object]] = []
    with desk.ledger() as ledger:
        for rows in [_unclear(ledger, asked) for asked in dict.fromkeys(files)]:
            path = rows[0].path
            for row in rows:
                _show(row.key or row.name, [row])
            if not yes and not _agreed(f"{name} hat das Original angesehen und legt es beiseite?"):
                desk.say(f"Nicht beiseitegelegt: {path}.")
                continue
            for row in rows:
                ledger.dismiss(row, name, desk.now())
            dismissed.append({"file": path, "sha256": rows[0].sha256, "by": name})
            desk.say(f"Beiseitegelegt von {name}: {path}. Die Datei bleibt dort liegen.")
    return dismissed


def _unclear(ledger: Ledger, asked: str) -> list[ReturnRow]:
    """What a file says that waits to be put aside; the file by its name under outputs/returned, or by its hash. Raises VerificationError."""
    from pipeline.next import HASHED
    meant = [row for rows in ledger.returns().values() for row in rows
             if PurePosixPath(row.path).name == Path(asked).name or (len(asked) >= HASHED and row.sha256.startswith(asked.lower()))]
    waiting = [row for row in meant if row.state == "unclear" and not row.dismissed]
    if not waiting:
        raise NothingToDismiss(asked, meant)
    return waiting


def _waiting(desk: Desk, ledger: Ledger, key: str, *, countersigned: bool) -> tuple[DocumentRow, list[ReturnRow]]:
    """What is to be confirmed, all of it as it came. Raises VerificationError."""
    came, document = ledger.returns().get(key, []), ledger.documents().get(key)
    rows = [row for row in came if row.state == "to-confirm"]
    if countersigned and not rows:      # the paper was confirmed before the initiators signed it
        rows = [row for row in came if row.confirmed_by and row.state == "accepted"][-1:]
    if not rows or document is None:
        raise NothingToConfirm(key, came)
    other = next((row for row in rows if row.revision != document.revision), None)
    if other is not None:
        raise OtherRevision(key, other.revision, document.revision)
    if countersigned and (course := _course(desk, ledger, key)).state == "concluded":
        raise AlreadyConcluded(key, course.concluded_at)
    for row in rows:
        path = desk.workspace.root / row.path
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256:
            raise OriginalLost(row.path)
    return document, rows


def _show(key: str, rows: Sequence[ReturnRow]) -> None:
    for row in rows:
        day = f"{dt.datetime.fromisoformat(row.received_at).astimezone(HERE):%d.%m.%Y}"
        click.echo(f"{key}, Fassung {row.revision}, eingegangen am {day}" if row.revision else f"{key}, eingegangen am {day}", err=True)
        for name, word in QUESTIONS.items():
            click.echo(f"  {word:16} {row.answers[name]['indication']:14} {row.answers[name]['sentence']}", err=True)
        click.echo(f"  Original         {row.path}", err=True)


def _agreed(question: str) -> bool:
    if not sys.stdin.isatty():
        raise NotAsked
    return click.confirm(question, default=False, err=True)


def _course(desk: Desk, ledger: Ledger, key: str) -> Course:
    from pipeline.conclusion import courses
    return next(each for each in courses(desk.workspace.settings, ledger, {}) if each.row.key == key)


def _state(desk: Desk, ledger: Ledger, key: str) -> tuple[str, str]:
    """Where the paper stands now, as a word and as a sentence."""
    course = _course(desk, ledger, key)
    if course.state == "concluded":
        return course.state, "Das Memorandum ist abgeschlossen; „gremium register“ schreibt die Bescheinigung."
    names = ", ".join(initiator.name for initiator in course.waiting)
    if not names:
        return course.state, ""
    if course.on_paper:
        return course.state, (f"Es fehlt noch die Unterschrift von {names}: auf dem Papier zeichnen lassen, dann "
                              f"„gremium confirm {key} --by NAME --countersigned“.")
    return course.state, f"Es fehlt noch die Unterschrift von {names}: „gremium sign memorandum“."
