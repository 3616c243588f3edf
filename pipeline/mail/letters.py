"""The print batch: the letters of those no e-mail can reach, in one PDF ready for the printer, in the same journal."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline import wording
from pipeline.ledger import DocumentRow, Ledger, MessageRow
from pipeline.mail.address import domain, office_address
from pipeline.mail.guard import WrongRecipient
from pipeline.mail.message import identify
from pipeline.mail.outbox import alone, recover
from pipeline.mail.sheet import Mailing, Note, plan
from pipeline.papers.draft import Draft, Recipient
from pipeline.pdf.bind import Bound
from pipeline.release import built_pdf
from pipeline.workspace import place

FOLDER = "letters"
_HEADINGS = ("Nr.", "Schreiben", "Empfänger", "Anschrift", "Seiten", "Blatt")


Bind = Callable[[Sequence[bytes]], Bound]      # each letter begins on a front page


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What was put ready for the printer."""

    printed: tuple[Note, ...] = ()
    already: tuple[Note, ...] = ()       # printed in an earlier batch
    impossible: tuple[Note, ...] = ()    # no postal address either
    held: tuple[Note, ...] = ()          # not released
    sheets: int = 0                      # of paper, printed on both sides
    pdf: str = ""                        # paths from the workspace; "" when there was nothing to print
    listing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    draft: Draft
    row: DocumentRow
    recipient: Recipient
    pdf: bytes


def letters(mailing: Mailing, ledger: Ledger, bind: Bind, *, now: dt.datetime) -> Batch:
    """Puts the letters for those without usable e-mail, and for those whose server refused, into one PDF with a covering list.

    Sorted by country and postcode, as the post wants them. Raises SendingError, SigningError; then nothing is noted.
    """
    with alone(mailing.workspace):
        recover(ledger, now)
        found = plan(mailing, ledger)
        refused = {note.key for note in found.failed}
        wanted = {note.key for note in found.paper} | refused
        batch = sorted((_letter(mailing, draft) for draft in mailing.drafts if draft.key in wanted and _postable(draft)), key=_order)
        lost = tuple(Note(key=draft.key, reason="weder E-Mail noch Postanschrift")
                     for draft in mailing.drafts if draft.key in refused and not _postable(draft))
        done = _printed(mailing, ledger, batch, bind, now) if batch else Batch()
    printed_before = {row.key for row in ledger.messages() if row.state == "printed"} - {note.key for note in done.printed}
    return Batch(printed=done.printed, already=tuple(note for note in found.already if note.key in printed_before),
                 impossible=(*found.impossible, *lost), held=found.held, sheets=done.sheets, pdf=done.pdf, listing=done.listing)


def _letter(mailing: Mailing, draft: Draft) -> _Letter:
    row, recipient = mailing.released[draft.key], draft.recipient
    assert recipient is not None      # the plan lists nobody without one
    pdf = built_pdf(mailing.workspace, row)
    made = mailing.provenance(pdf)
    if made is None or made.key != draft.key:
        raise WrongRecipient(draft.key, "die PDF-Datei gehört nicht zu diesem Empfänger")
    return _Letter(draft=draft, row=row, recipient=recipient, pdf=pdf)


def _postable(draft: Draft) -> bool:
    return draft.recipient is not None and draft.recipient.postable


def _order(letter: _Letter) -> tuple[str, str, tuple[str, str], str]:
    """Home first, then by country, postcode and name."""
    last = letter.recipient.address[-1] if letter.recipient.address else ""
    abroad = last if last.isupper() and not any(map(str.isdigit, last)) else ""
    return abroad, letter.recipient.postcode, wording.sort_key(letter.recipient.organisation), letter.draft.key


def _printed(mailing: Mailing, ledger: Ledger, batch: Sequence[_Letter], bind: Bind, now: dt.datetime) -> Batch:
    """Writes PDF and list, then notes each letter."""
    workspace = mailing.workspace
    bound = bind([letter.pdf for letter in batch])
    digest = hashlib.sha256("\n".join(letter.row.pdf_sha256 for letter in batch).encode()).hexdigest()
    path = workspace.outputs / FOLDER / f"{mailing.kind}-{digest[:8]}.pdf"
    listing = path.with_suffix(".csv")
    sheets = [(pages + 1) // 2 for pages in bound.pages]
    place(path, bound.pdf)
    place(listing, _listing(batch, bound.pages, sheets))
    office = domain(office_address(workspace.settings.office.email))
    rows = [MessageRow(id=identify(letter.draft, letter.row.pdf_sha256, "paper", office), key=letter.draft.key, kind=letter.draft.kind,
                       pdf_sha256=letter.row.pdf_sha256, path=workspace.relative(path), sha256=hashlib.sha256(bound.pdf).hexdigest(),
                       state="frozen", attempts=0, reply="", changed_at="") for letter in batch]
    ledger.frozen(rows, now)
    for row in rows:
        ledger.settle(row.id, "printed", now, reply=f"Druckstapel {path.name}")
    return Batch(printed=tuple(Note(key=row.key) for row in rows), sheets=sum(sheets), pdf=workspace.relative(path),
                 listing=workspace.relative(listing))


def _listing(batch: Sequence[_Letter], pages: Sequence[int], sheets: Sequence[int]) -> bytes:
    """The covering list, as spreadsheets open it in German offices."""
    out = io.StringIO(newline="")
    table = csv.writer(out, delimiter=";")
    table.writerow(_HEADINGS)
    for number, letter in enumerate(batch, 1):
        address = ", ".join(letter.recipient.address)
        table.writerow((number, letter.draft.key, _plain(letter.recipient.name), _plain(address), pages[number - 1], sheets[number - 1]))
    table.writerow(("", "Summe", "", "", sum(pages), sum(sheets)))
    return out.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
