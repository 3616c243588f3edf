"""What every command finds on its desk: the workspace, the tables read once, the papers drafted, the ledger, the clock."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import os
import sys
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.progress import patience
from pipeline.cli.tongue import plain, said
from pipeline.errors import GremiumError, LedgerError

if TYPE_CHECKING:
    from pipeline.alliance import Alliance
    from pipeline.build.plan import Plan
    from pipeline.findings import Checked
    from pipeline.ledger import DocumentRow, Ledger
    from pipeline.papers.draft import Draft
    from pipeline.workspace import Workspace


class UnknownKey(GremiumError):
    """There is no such paper."""

    exit_code = 2

    def __init__(self, key: str, near: Sequence[str]) -> None:
        super().__init__(f"es gibt kein Papier „{key}“",
                         hint=f"Meinten Sie {', '.join(near)}?" if near else "„gremium status“ nennt alle.")


class LedgerLost(LedgerError):
    """What cannot be made again lies there, and the ledger that knows of it is gone or emptied."""

    def __init__(self, outputs: Path, *, there: bool) -> None:
        super().__init__(f"{outputs} enthält Unterschriebenes oder Versandtes, aber das Verzeichnis ledger.sqlite {'ist leer' if there else 'fehlt'}",
                         hint="Die Sicherung von ledger.sqlite zurückspielen; ohne sie ginge alles ein zweites Mal hinaus. "
                              "Für einen neuen Anfang outputs/ beiseitelegen.")


@dataclass
class Desk:
    """One run of one command."""

    folder: Path
    date: dt.date | None
    quiet: bool
    asked: set[str] = field(default_factory=set)     # kinds named by whoever gave the command

    @cached_property
    def workspace(self) -> Workspace:
        """The folder, with its settings."""
        from pipeline.workspace import Workspace
        return Workspace.open(self.folder, date=self.date)

    @cached_property
    def checked(self) -> Checked[Alliance]:
        """The tables with what the ledger keeps of the council's business, what was found in them, and what of it does not fit together."""
        from pipeline.council.contradictions import contradictions
        from pipeline.council.memory import recalled
        from pipeline.findings import Checked
        from pipeline.tables.load import load
        with patience("Die Tabellen werden gelesen", quiet=self.quiet):
            read = load(self.workspace)
        with self.ledger(read_only=True) as ledger:
            alliance = recalled(read.value, ledger)
        return Checked(alliance, (*read.findings, *contradictions(alliance)))

    @property
    def alliance(self) -> Alliance:
        """The records, and the questions papers ask of them."""
        return self.checked.value

    @cached_property
    def drafts(self) -> tuple[Draft, ...]:
        """Every paper of every kind; of those made on request, what was asked for or built once."""
        from pipeline.papers.kinds import KINDS, drafts
        with self.ledger(read_only=True) as ledger:
            built = ledger.documents()
        usual = {kind.name for kind in KINDS.values() if not kind.on_request} | self.asked
        wanted = [kind for kind in KINDS if kind in usual or any(row.kind == kind for row in built.values())]
        alliance = self.alliance
        with patience("Die Papiere werden zusammengestellt", quiet=self.quiet):
            return tuple(draft for draft in drafts(alliance, wanted) if draft.kind in usual or draft.key in built)

    @property
    def ledger_path(self) -> Path:
        """Where the ledger lies."""
        return self.workspace.outputs / "ledger.sqlite"

    def ledger(self, *, read_only: bool = False) -> Ledger:
        """The ledger, opened; a context manager. Raises LedgerLost, LedgerError."""
        from pipeline.ledger import Ledger, begun
        outputs = self.workspace.outputs
        if not begun(self.ledger_path) and (any(outputs.glob("signed/*/*.pdf")) or any(outputs.glob("outbox/**/*.eml"))):
            raise LedgerLost(outputs, there=self.ledger_path.exists())
        return Ledger(self.ledger_path, read_only=read_only)

    def plan(self, ledger: Ledger) -> Plan:
        """What is stale, and why."""
        from pipeline.build.plan import plan
        drafts, blocked = self.drafts, self.checked.blocked
        with patience("Papiere und Verzeichnis werden verglichen", quiet=self.quiet):
            return plan(self.workspace, drafts, blocked, ledger)

    def kinds(self, names: Collection[str]) -> frozenset[str]:
        """The kinds named on the command line with their annexes, or all. Raises UnknownKind."""
        from pipeline.papers.kinds import KINDS, UnknownKind
        self.asked.update(names)
        for name in names:
            if name not in KINDS:
                raise UnknownKind(name)
        return frozenset(kind.name for kind in KINDS.values() if not names or kind.name in names or kind.annex_of in names)

    def known(self, key: str) -> str:
        """The key, when there is such a paper. Raises UnknownKey with what was perhaps meant."""
        from pipeline.papers.kinds import KINDS
        self.asked.update({key.partition("/")[0]} & KINDS.keys())
        keys = [draft.key for draft in self.drafts]
        if key not in keys:
            from pipeline.build.gate import complete
            complete(self.checked.findings, keep_going=False)     # its row may be among those that could not be read
            raise UnknownKey(key, get_close_matches(key, keys, n=3))
        return key

    def rows(self, plan: Plan, kinds: Collection[str], keys: Collection[str] = ()) -> list[DocumentRow]:
        """The papers of these kinds that stand as built, by the ledger; what is stale, blocked or orphaned is left out."""
        from pipeline.build.plan import State
        return [entry.row for entry in plan.only(kinds=kinds, keys=keys).of(State.FRESH) if entry.row]

    @staticmethod
    def now() -> dt.datetime:
        """The clock, read here and nowhere else."""
        return dt.datetime.now(dt.UTC)

    @staticmethod
    def user() -> str:
        """Who sits here, as the machine knows them; the environment, which anybody can set, is asked only where it has no list of users."""
        if sys.platform != "win32":
            import pwd
            with suppress(KeyError):     # a container whose user stands in no list
                return pwd.getpwuid(os.getuid()).pw_name
        try:
            return getpass.getuser()
        except (OSError, KeyError, ImportError):     # no name in the environment, and on Windows no list of users either
            return "unbekannt"

    def say(self, line: str = "") -> None:
        """A line for people, beside what a program may read."""
        if not self.quiet:
            click.echo(line, err=True)

    @staticmethod
    def give(document: object) -> None:
        """One JSON document for a program."""
        click.echo(json.dumps(said(document), ensure_ascii=False, indent=2), file=plain(sys.stdout))
