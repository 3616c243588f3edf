"""Forgetting a person: what was made for them goes, what may still leave stays, and the ledger keeps hashes alone."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import AddressHeader
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

from pipeline.alliance import Alliance
from pipeline.build.plan import Plan, State
from pipeline.errors import SendingError
from pipeline.ledger import Ledger, MessageRow, personal
from pipeline.mail.address import usable
from pipeline.mail.outbox import OUTBOX, alone
from pipeline.workspace import Workspace

_SHORTEST = 3        # letters of a surname that is looked for alone


class StillThere(SendingError):
    """A person is to be erased whom the tables still hold."""

    exit_code = 3

    def __init__(self, person: str) -> None:
        super().__init__(f"{person} steht ohne den Vermerk „gelöscht“ in den Tabellen; beim nächsten Erstellen wäre alles wieder da",
                         hint="In der Zeile der Person unter „Kontakt“ „gelöscht“ eintragen, speichern und den Befehl wiederholen.")


class NobodyThere(SendingError):
    """There is no trace of a person."""

    exit_code = 2

    def __init__(self, person: str) -> None:
        super().__init__(f"von {person} gibt es weder eine Zeile noch ein Papier noch eine Nachricht",
                         hint="Die Nummer prüfen; sie steht in den Tabellen partners und persons.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """Where a person is still to be found."""

    person: str
    files: tuple[Path, ...]            # of papers nothing asks for any more, and of frozen messages: go
    papers: tuple[str, ...]            # keys of papers that name them and are still asked for: to be built anew
    open: tuple[Path, ...]             # files a person has to decide about: print batches, signed and returned papers, copies of the ledger
    messages: tuple[str, ...]          # ids of their messages
    waiting: int                       # how many of those had not left yet
    addresses: frozenset[str]          # hashes of the addresses nothing may go to again
    words: tuple[str, ...]             # what they are known by; never shown, never kept


def traces(workspace: Workspace, plan: Plan, alliance: Alliance, ledger: Ledger, person: str) -> Traces:
    """Everything of a person that was built, frozen or noted; only reads. Raises StillThere, NobodyThere."""
    if person in alliance.person or (person in alliance.partner and person not in alliance.erased):
        raise StillThere(person)
    own = alliance.erased[person].email if person in alliance.erased else ""
    messages = [row for row in ledger.messages() if _theirs(row.key, person) or _went_to(workspace, row, own)]
    mails = [workspace.root / row.path for row in messages if row.path.startswith(f"outputs/{OUTBOX}/")]
    names, addresses = _known_as(alliance, person, mails)
    mentions = _mentions(_words(names, addresses))
    rows = ledger.documents()
    theirs = [entry.key for entry in plan.entries if entry.state is State.ORPHANED and entry.row is not None
              and (_theirs(entry.key, person) or mentions(" ".join(entry.row.inputs.values())))]
    others = [key for key, row in rows.items() if key not in theirs and mentions(" ".join(row.inputs.values()))]
    built = [workspace.root / path for key in theirs for path in (rows[key].docx, rows[key].pdf)]
    found = Traces(
        person=person, files=tuple(path for path in dict.fromkeys((*built, *mails)) if path.is_file()), papers=tuple(others),
        open=tuple(_left_open(workspace, ledger, person, messages)), messages=tuple(row.id for row in messages),
        waiting=sum(row.state in ("frozen", "deferred", "claimed") for row in messages),
        addresses=frozenset(personal(form) for address in addresses for form in (address, usable(address)) if form)
        | {row.address_sha256 for row in ledger.entries() if row.person == person and row.address_sha256},
        words=_words(names, addresses))
    if person not in alliance.erased and not (found.files or found.papers or found.messages):
        raise NobodyThere(person)
    return found


def erase(workspace: Workspace, ledger: Ledger, found: Traces, now: dt.datetime) -> int:
    """Takes a person out: how many rows of the ledger were changed. Raises AlreadySending, LedgerError.

    First nothing can leave any more, then the files go, then the ledger forgets: whoever is interrupted calls it again.
    """
    with alone(workspace):
        ledger.silence(sorted(found.addresses), found.person, now)
        for path in found.files:
            path.unlink(missing_ok=True)
        mentions = _mentions(found.words)

        def hide(key: str, inputs: Mapping[str, str]) -> Mapping[str, str]:
            whole = _theirs(key, found.person) and key.count("/") > 1      # a letter to this person, not the partner's own paper
            return {path: _hashed(value) if not path.startswith("@") and (whole or mentions(value)) else value for path, value in inputs.items()}

        return ledger.forget(found.person, hide, lambda words: _hashed(words) if mentions(words) else words, found.messages, now)


def _hashed(text: str) -> str:
    return text if text.startswith("sha256:") else f"sha256:{personal(text)}"


def _theirs(key: str, person: str) -> bool:
    """A letter to one person: invitation/M-003/P-017."""
    return key.count("/") > 1 and key.rpartition("/")[2] == person


def _went_to(workspace: Workspace, row: MessageRow, email: str) -> bool:
    """A message about the partner's own paper, which this person got for it."""
    path = workspace.root / row.path
    if not email or row.key.count("/") > 1 or not row.path.startswith(f"outputs/{OUTBOX}/") or not path.is_file():
        return False
    return bool({address for _, address in _to(path)} & {email, usable(email)})


def _known_as(alliance: Alliance, person: str, mails: Sequence[Path]) -> tuple[set[str], set[str]]:
    """Names and addresses, by the row that is marked, and by the messages that were frozen."""
    names: set[str] = set()
    addresses: set[str] = set()
    row = alliance.erased.get(person)
    if row is not None:
        names |= {f"{row.first_name} {row.last_name}".strip(), row.last_name, row.phone}
        addresses.add(row.email)
    for path in mails:
        for name, address in _to(path):
            names.add(re.sub(r"^(?:Frau|Herr) ", "", name))
            addresses.add(address)
    return names - {""}, addresses - {""}


def _to(path: Path) -> Iterator[tuple[str, str]]:
    try:
        head = path.read_bytes().partition(b"\r\n\r\n")[0]
    except OSError:
        return
    found = BytesHeaderParser(policy=default).parsebytes(head)["to"]
    if isinstance(found, AddressHeader):
        yield from ((one.display_name, one.addr_spec) for one in found.addresses)


def _words(names: set[str], addresses: set[str]) -> tuple[str, ...]:
    return tuple(sorted({text.casefold() for text in names | addresses if len(text) >= _SHORTEST}))


def _mentions(words: Sequence[str]) -> Callable[[str], bool]:
    """Whether a text names somebody known by these words; as whole words, so that Muster is not found in Musterstadt."""
    if not words:
        return lambda text: False
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words))
    return lambda text: bool(pattern.search(text.casefold()))


def _left_open(workspace: Workspace, ledger: Ledger, person: str, messages: Sequence[MessageRow]) -> Iterator[Path]:
    """What no machine should decide: papers others stand in as well, and papers that may have to be kept."""
    outputs = workspace.outputs
    found = [workspace.root / row.path for row in messages if row.path.startswith("outputs/letters/")]
    found += [path.with_suffix(".csv") for path in found]
    for rows in (ledger.returns(), ledger.signatures()):
        found += [workspace.root / row.path for key, kept in rows.items() if key.rpartition("/")[2] == person for row in kept]
    found += sorted(outputs.glob("ledger.v*.sqlite"))
    yield from (path for path in dict.fromkeys(found) if path.is_file())
