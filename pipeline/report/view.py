"""What the page is made from: the tables, where everything stands, what the ledger says, and what was found."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import quote

from pipeline.alliance import Alliance
from pipeline.findings import Finding
from pipeline.ledger import Ledger, MessageRow, SignatureRow
from pipeline.next import Step
from pipeline.papers.kinds import Kind
from pipeline.report.discretion import Discretion
from pipeline.report.standing import mark
from pipeline.status import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the page takes from the ledger beside the status."""

    messages: Sequence[MessageRow] = ()
    signatures: Mapping[str, Sequence[SignatureRow]] = field(default_factory=dict)
    answers: Mapping[str, Counter[str]] = field(default_factory=dict)    # meeting → answer → how many gave it
    latest: str = ""               # when the ledger last noted something, UTC; "" for never
    mark: str = ""                 # changes with every event: whether a page is still up to date

    @classmethod
    def of(cls, ledger: Ledger, answers: Mapping[str, Counter[str]]) -> Facts:
        """Reads them; which answers count, `mail.attendance` says."""
        return cls(messages=ledger.messages(), signatures=ledger.signatures(), answers=answers,
                   latest=next((at for at, *_ in ledger.events(limit=1)), ""), mark=mark(ledger))


@dataclass(frozen=True, kw_only=True)
class View:
    """What the page shows, and where it lies."""

    alliance: Alliance
    status: Status
    kinds: Mapping[str, Kind]
    findings: Sequence[Finding] = ()
    facts: Facts = Facts()
    steps: Sequence[Step] = ()     # what is to be done now, in the order of the work
    root: str = ".."               # the way from the page to the workspace, for its links

    @cached_property
    def discretion(self) -> Discretion:
        """What the settings let the page say of people."""
        return Discretion(self.alliance, persons=self.alliance.settings.report.persons)

    def link(self, path: str | None) -> str:
        """The way from the page to a file of the workspace; "" for none."""
        return quote(posixpath.normpath(f"{self.root}/{path}")) if path else ""

    def title(self, kind: str) -> str:
        """What a kind is called."""
        return self.kinds[kind].title if kind in self.kinds else kind

    def organisation(self, key: str) -> str:
        """Whose paper it is, by the last part of its key; "" where that is no partner's or person's."""
        last = key.rpartition("/")[2]
        person = self.alliance.person.get(last)
        partner = self.alliance.partner.get(last) or (self.alliance.partner.get(person.partner) if person else None)
        return partner.name if partner else ""
