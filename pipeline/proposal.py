"""The sheet of what is up for release: how many, to whom, what is different since the last release, and what is unusual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.alliance import Alliance
from pipeline.build.inputs import reasons
from pipeline.ledger import ApprovalRow, DocumentRow
from pipeline.papers.draft import Draft
from pipeline.release import standing
from pipeline.settings import ReleaseSettings

SHOWN = 8      # differences named for one paper before the rest is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One paper up for release."""

    key: str
    subject: str
    to: str                                 # who gets it, in a line; "" for papers without recipient
    pdf: str                                # path from the workspace
    docx: str
    stands: str                             # how it stands with those who release it
    changes: tuple[str, ...] | None         # since the last released revision; None when none was released before
    unusual: tuple[str, ...] = ()           # why it is worth a look


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """All that is up for release."""

    items: tuple[Item, ...]

    @property
    def kinds(self) -> Mapping[str, int]:
        """How many of each kind."""
        return Counter(item.key.partition("/")[0] for item in self.items)

    @property
    def recipients(self) -> int:
        """How many papers go to somebody in particular."""
        return len({item.to for item in self.items if item.to})

    @property
    def samples(self) -> tuple[Item, ...]:
        """Three to look at: the first, the last and one in the middle."""
        picked = dict.fromkeys((0, len(self.items) // 2, len(self.items) - 1)) if self.items else {}
        return tuple(self.items[place] for place in picked)

    @property
    def unusual(self) -> tuple[Item, ...]:
        """All that are worth a look."""
        return tuple(item for item in self.items if item.unusual)

    @property
    def changed(self) -> tuple[Item, ...]:
        """Papers of which an older revision was released."""
        return tuple(item for item in self.items if item.changes)

    def as_json(self) -> dict[str, object]:
        """The sheet as `approve --show --json` gives it."""
        return {
            "count": len(self.items), "kinds": dict(self.kinds), "recipients": self.recipients, "samples": [item.key for item in self.samples],
            "documents": [{"key": item.key, "subject": item.subject, "to": item.to, "pdf": item.pdf, "docx": item.docx, "stands": item.stands,
                           "changes": None if item.changes is None else list(item.changes), "unusual": list(item.unusual)}
                          for item in self.items],
        }


def proposal(alliance: Alliance, papers: Sequence[tuple[Draft, DocumentRow]], given: Mapping[str, Sequence[ApprovalRow]],
             rules: ReleaseSettings) -> Proposal:
    """The sheet for these papers, in their order; only looks."""
    names = [_to(alliance, draft) for draft, _ in papers]
    # a paper that is signed prints the partner, whoever there it is sent to
    printed = [draft.recipient.organisation if draft.recipient and draft.signatures else name for (draft, _), name in zip(papers, names, strict=True)]
    longest = max(map(len, printed), default=0)
    items = []
    for (draft, row), name, shown in zip(papers, names, printed, strict=True):
        decisions = given.get(row.key, ())
        odd = (*(["längster Name"] if shown and len(shown) == longest else []), *_unusual(alliance, draft))
        items.append(Item(key=row.key, subject=draft.subject, to=name, pdf=row.pdf, docx=row.docx, unusual=odd,
                          stands=str(standing(row, decisions, rules)), changes=_changes(row, decisions)))
    return Proposal(items=tuple(items))


def _to(alliance: Alliance, draft: Draft) -> str:
    if draft.recipient is not None:
        who = draft.recipient
        return who.organisation if who.name == who.organisation else f"{who.name}, {who.organisation}"
    partner = alliance.partner.get(draft.key.rpartition("/")[2])
    return partner.name if partner else ""


def _unusual(alliance: Alliance, draft: Draft) -> Iterator[str]:
    partner = alliance.partner.get(draft.recipient.partner if draft.recipient else draft.key.rpartition("/")[2])
    if partner is None:
        return
    if not alliance.contacts(partner.key):
        yield "keine Ansprechperson"
    if partner.address.country:
        yield f"Anschrift im Ausland ({partner.address.country})"
    if not partner.address.complete:
        yield "Anschrift unvollständig"
    if draft.recipient is not None and not draft.recipient.email:
        yield "keine E-Mail-Adresse"
    if draft.signatures and alliance.signatory(partner.key) is None:
        yield "niemand zum Zeichnen benannt"


def _changes(row: DocumentRow, decisions: Sequence[ApprovalRow]) -> tuple[str, ...] | None:
    released = [given for given in decisions if given.released and given.inputs]
    if not released:
        return None
    found = [str(reason) for reason in reasons(released[-1].inputs, row.inputs)]
    return (*found[:SHOWN], f"und {len(found) - SHOWN} weitere") if len(found) > SHOWN else tuple(found)
