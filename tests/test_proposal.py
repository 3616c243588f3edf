from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from pipeline.alliance import Alliance
from pipeline.ledger import DocumentRow
from pipeline.papers.draft import Draft
from pipeline.papers.kinds import drafts
from pipeline.proposal import Proposal, proposal
from pipeline.records import Address
from pipeline.release import Approver, decision
from pipeline.settings import ReleaseSettings
from tests import makers

NOW = dt.datetime(2017, 6, 1, tzinfo=dt.UTC)


def row(draft: Draft, **changes: Any) -> DocumentRow:
    values: dict[str, Any] = {
        "key": draft.key, "kind": draft.kind, "subject": draft.stem, "docx": f"{draft.stem}.docx", "pdf": f"{draft.stem}.pdf", "revision": 1,
        "fingerprint": "f", "inputs": {"partner.name": "Alt GmbH", "date": "4. Mai 2017"}, "docx_sha256": "d", "pdf_sha256": "p", "seconds": 0.1,
        "built_by": "muster", "built_at": "2017-06-01T08:00:00Z"}
    return DocumentRow(**values | changes)


def sheet(alliance: Alliance, **given: Any) -> Proposal:
    return proposal(alliance, [(draft, row(draft)) for draft in drafts(alliance, ["memorandum"])], given.get("given", {}), ReleaseSettings())


def partners(number: int) -> tuple[Any, ...]:
    return tuple(makers.partner(f"P-{place:03}", name=f"Partner {place}", short=f"P{place}") for place in range(1, number + 1))


def test_the_sheet_counts_papers_and_recipients_and_shows_three() -> None:
    seen = sheet(makers.alliance(partners=partners(7), persons=()))
    assert (len(seen.items), seen.recipients, dict(seen.kinds)) == (7, 7, {"memorandum": 7})
    assert [item.key[-3:] for item in seen.samples] == ["001", "004", "007"]


def test_what_is_unusual_is_all_named() -> None:
    abroad = makers.partner("P-002", name="Nederlandse Waterwerken en Netwerken", address=Address(street="Weg 1", postcode="1011", city="Amsterdam",
                                                                                              country="Niederlande"))
    seen = sheet(makers.alliance(partners=(makers.partner(), abroad)))
    assert {item.key[-5:]: item.unusual for item in seen.items} == {
        "P-001": (), "P-002": ("längster Name", "keine Ansprechperson", "Anschrift im Ausland (Niederlande)", "niemand zum Zeichnen benannt")}
    assert [item.key[-5:] for item in seen.unusual] == ["P-002"]


def test_differences_are_those_to_the_last_released_revision() -> None:
    alliance = makers.alliance()
    [draft] = drafts(alliance, ["memorandum"])
    before = decision(row(draft), Approver(name="Leitung"), NOW)
    now = row(draft, revision=2, pdf_sha256="q", inputs={"partner.name": "Neu GmbH", "date": "4. Mai 2017"})
    [item] = proposal(alliance, [(draft, now)], {draft.key: [before]}, ReleaseSettings()).items
    assert (item.changes, item.stands) == (("partner.name: Alt GmbH → Neu GmbH",), "freigegeben wurde Revision 1, vorliegend ist Revision 2")
    [first] = sheet(alliance).items
    assert first.changes is None
    [same] = proposal(alliance, [(draft, replace(now, inputs=before.inputs))], {draft.key: [before]}, ReleaseSettings()).items
    assert same.changes == ()


def test_nothing_up_for_release_is_an_empty_sheet() -> None:
    assert proposal(makers.alliance(), [], {}, ReleaseSettings()).as_json() == {
        "count": 0, "kinds": {}, "recipients": 0, "samples": [], "documents": []}
