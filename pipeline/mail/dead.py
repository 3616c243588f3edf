"""Addresses that reach nobody any more, by what the inbox was told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipeline.ledger import EntryRow, InboxRow
from pipeline.ledger.attendance import GONE

HARD = "hard"      # the inbox's word for a message that came back because its address is not good


def dead(entries: Sequence[EntryRow], read: Iterable[InboxRow]) -> Mapping[str, EntryRow]:
    """By hash of an address the last message to it, where that one came back: an invitation, a change, a reminder, a cancellation.

    What went there before may have arrived. A message that leaves for the address again opens it again.
    """
    returned = {mail.message for mail in read if mail.sort == HARD}
    last = {row.address_sha256: row for row in entries if row.address_sha256 and row.state in (*GONE, "failed")}
    return {address: row for address, row in last.items() if row.state == "failed" and row.message in returned}
