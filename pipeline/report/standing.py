"""Whether a page is still up to date: it names the ledger's last event in its head. Cheap, because every command asks."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from pipeline.ledger import Ledger

MARK = '<meta name="gremium-ledger" content="'
HEAD = 1024         # bytes of the page in which it stands


def mark(ledger: Ledger) -> str:
    """A short text that changes with every event of the ledger; "" while there is none."""
    last = ledger.events(limit=4)      # an event can be word for word the last one, four in a row cannot
    return hashlib.sha256(json.dumps(last, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:32] if last else ""


def current(path: Path, mark: str) -> bool:
    """The page there was made after the ledger's last event; reads its head alone."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD).decode("utf-8", "replace")
    except OSError:
        return False
    return f'{MARK}{mark}"' in head
