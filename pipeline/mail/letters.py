"""The print batch: the letters of those no e-mail reaches, in one PDF ready for the printer, in the same journal; and what became of it."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline import wording
from pipeline.errors import SendingError
from pipeline.ledger import ConsignmentRow, DocumentRow, Ledger, MessageRow
from pipeline.mail import postal
from pipeline.mail.address import domain, office_address
from pipeline.mail.guard import WrongRecipient
from pipeline.mail.mailing import Mailing, Note, Purpose, Sheet
from pipeline.mail.message import identify
from pipeline.mail.outbox import alone, recover
from pipeline.mail.sheet import plan
from pipeline.papers.draft import Draft, Recipient
from pipeline.pdf.bind import Bound
from pipeline.release import built_pdf
from pipeline.workspace import place

FOLDER = "letters"
SOFT = "soft"                              # the inbox's word for a message that did not arrive, though its address is good
_ON_PAPER = ("printed", "posted")
_HEADINGS = ("Nr.", "Schreiben", "Empfänger", "Anschrift", "Seiten", "Blatt", "Anschrift prüfen")


class NothingPrinted(SendingError):
    """There is no letter that could be taken to the post."""

    def __init__(self, kind: str, stack: str) -> None:
        super().__init__(f"von „{stack}“ ist kein Brief gedruckt und noch nicht zur Post gegeben" if stack
                         else f"kein Brief der Art „{kind}“ ist gedruckt und noch nicht zur Post gegeben",
                         hint="„gremium letters ART“ stellt den Druckstapel zusammen; was zur Post gegeben ist, wird nicht noch einmal vermerkt.")


class OtherNumberOfLetters(SendingError):
    """The number confirmed is not the number of letters."""

    def __init__(self, confirmed: int, number: int) -> None:
        super().__init__(f"bestätigt wurden {confirmed} Briefe, gedruckt sind {number}",
                         hint="Die Zahl steht auf dem Begleitblatt; es wurde nichts vermerkt.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One letter of a batch, as the covering sheet lists it."""

    key: str
    name: str
    address: tuple[str, ...]
    pages: int
    sheets: int
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What was put ready for the printer; every recipient stands in exactly one of the lists down to `impossible`."""

    printed: tuple[Note, ...] = ()       # now
    already: tuple[Note, ...] = ()       # in an earlier batch, taken to the post or not
    sent: tuple[Note, ...] = ()          # reached by e-mail
    waiting: tuple[Note, ...] = ()       # an e-mail is due, or its fate is unknown
    held: tuple[Note, ...] = ()          # not released, or not to be written to
    impossible: tuple[Note, ...] = ()    # neither e-mail nor postal address
    soft: tuple[Note, ...] = ()          # of those sent: reported as not delivered, though the address is good
    overtaken: tuple[Note, ...] = ()     # printed, not yet taken to the post, and to be taken out of their batch
    lines: tuple[Line, ...] = ()         # of the letters printed now, in their order
    pdf: str = ""                        # paths from the workspace; "" when there was nothing to print
    listing: str = ""
    cover: str = ""

    @property
    def sheets(self) -> int:
        """Sheets of paper, printed on both sides."""
        return sum(line.sheets for line in self.lines)

    @property
    def number(self) -> int:
        """All recipients there are."""
        return sum(map(len, (self.printed, self.already, self.sent, self.waiting, self.held, self.impossible)))


Bind = Callable[[Sequence[bytes]], Bound]      # each letter begins on a front page
Cover = Callable[[Batch, dt.datetime], bytes]  # the covering sheet, as PDF


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What goes into a batch beside what has to."""

    soft: bool = False     # those whose message was reported as not delivered, though the address is good
    again: bool = False    # those printed before and not yet taken to the post


@dataclass(frozen=True, slots=True, kw_only=True)
class Printer:
    """How a batch becomes paper."""

    bind: Bind
    cover: Cover


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    draft: Draft
    row: DocumentRow
    recipient: Recipient
    pdf: bytes


def letters(mailing: Mailing, ledger: Ledger, printer: Printer | None, *, now: dt.datetime, choice: Choice = Choice()) -> Batch:
    """Puts the letters for those without usable e-mail, and for those whose server refused, into one PDF with a covering sheet and a list.

    Sorted by country and postcode, as the post wants them. Without a printer it only tells what would be printed, and writes nothing.
    Raises SendingError, SigningError; then nothing is noted.
    """
    if printer is None:
        return _sorted(mailing, ledger, choice)[0]
    with alone(mailing.workspace):
        recover(ledger, now)
        found, wanted = _sorted(mailing, ledger, choice)
        batch = sorted((_letter(mailing, draft) for draft in wanted), key=_order)
        return _printed(mailing, ledger, batch, found, printer, now) if batch else found


def posted(mailing: Mailing, ledger: Ledger, *, now: dt.datetime, confirmed: int | None = None, stack: str = "") -> tuple[Note, ...]:
    """Notes that printed letters were taken to the post: all of this kind, or those of one batch.

    `confirmed` is the number somebody has agreed to, None agrees to any. Raises NothingPrinted, OtherNumberOfLetters.
    """
    with alone(mailing.workspace):
        rows = printed(ledger, mailing.kind, stack)
        if not rows:
            raise NothingPrinted(mailing.kind, stack)
        if confirmed is not None and confirmed != len(rows):
            raise OtherNumberOfLetters(confirmed, len(rows))
        ledger.step([(row.id, "posted", row.reply) for row in rows], (), now)
    return tuple(Note(key=row.key, reason=row.reply) for row in rows)


def printed(ledger: Ledger, kind: str, stack: str = "") -> tuple[MessageRow, ...]:
    """The letters of a kind, or of one batch, that are printed and not yet taken to the post."""
    return tuple(row for row in ledger.messages() if row.kind == kind and row.state == "printed" and (not stack or _stack(row) == stack))


def _stack(row: MessageRow) -> str:
    """The name of the batch a letter was printed in."""
    return row.reply.removeprefix("Druckstapel ").removesuffix(".pdf")


def _sorted(mailing: Mailing, ledger: Ledger, choice: Choice) -> tuple[Batch, list[Draft]]:
    """Every recipient in a list, and those among them who get a letter now."""
    found, rows = plan(mailing, ledger), ledger.messages()
    on_paper = {row.key: row for row in rows if row.state in _ON_PAPER and _present(mailing, row)}
    soft = _undelivered(mailing, ledger, rows)
    lists: dict[str, list[Note]] = {}
    wanted: list[Draft] = []
    taken_out: list[Note] = []
    places = _places(found)
    for draft in mailing.drafts:
        where, reason = places[draft.key]
        earlier = on_paper.get(draft.key)
        if earlier is not None and where == "held":
            if earlier.state == "printed":
                taken_out.append(Note(key=draft.key, reason=f"{earlier.reply}: {reason}"))
        elif earlier is not None:
            where = "printed" if choice.again and earlier.state == "printed" else "already"
        elif where in ("failed", "paper") or (draft.key in soft and choice.soft):
            where = "printed" if draft.recipient is not None and draft.recipient.postable else "impossible"
            reason = reason if where == "printed" else "weder nutzbare E-Mail noch Postanschrift"
        if where == "printed":
            wanted.append(draft)
        lists.setdefault(where, []).append(Note(key=draft.key, reason=reason))

    def noted(where: str) -> tuple[Note, ...]:
        return tuple(lists.get(where, ()))
    return Batch(printed=noted("printed"), already=noted("already"), sent=noted("sent"), waiting=noted("waiting"), held=noted("held"),
                 impossible=noted("impossible"), overtaken=tuple(taken_out),
                 soft=tuple(Note(key=key, reason=reason) for key, reason in soft.items())), wanted


def _places(found: Sheet) -> Mapping[str, tuple[str, str]]:
    """By key of a paper the list of the mailing it stands in."""
    places = {due.draft.key: ("waiting", "noch zu senden") for due in found.due if due.purpose is Purpose.LETTER}
    for where, notes in (("sent", found.already), ("waiting", found.unknown), ("failed", found.failed), ("paper", found.paper),
                         ("held", found.held), ("impossible", found.impossible)):
        places |= {note.key: (where, note.reason) for note in notes}
    return places


def _present(mailing: Mailing, row: MessageRow) -> bool:
    return row.key in mailing.released and mailing.released[row.key].pdf_sha256 == row.pdf_sha256


def _undelivered(mailing: Mailing, ledger: Ledger, rows: Sequence[MessageRow]) -> dict[str, str]:
    """By key the papers whose message was sent, and then reported as not delivered for a reason that passes."""
    told = {mail.message: mail.code for mail in ledger.inbox() if mail.sort == SOFT}
    return {row.key: f"Code {told[row.id]}" if told[row.id] else "ohne Code" for row in rows
            if row.id in told and row.state == "sent" and _present(mailing, row)}


def _letter(mailing: Mailing, draft: Draft) -> _Letter:
    row, recipient = mailing.released[draft.key], draft.recipient
    assert recipient is not None      # the plan lists nobody without one
    pdf = built_pdf(mailing.workspace, row)
    made = mailing.provenance(pdf)
    if made is None or made.key != draft.key:
        raise WrongRecipient(draft.key, "die PDF-Datei gehört nicht zu diesem Empfänger")
    return _Letter(draft=draft, row=row, recipient=recipient, pdf=pdf)


def _order(letter: _Letter) -> tuple[str, str, tuple[str, str], str]:
    """Home first, then by country, postcode and name."""
    return (postal.country(letter.recipient.address), letter.recipient.postcode, wording.sort_key(letter.recipient.organisation), letter.draft.key)


def _printed(mailing: Mailing, ledger: Ledger, batch: Sequence[_Letter], found: Batch, printer: Printer,  # noqa: PLR0913, PLR0917  # one run's all
             now: dt.datetime) -> Batch:
    """Writes PDF, covering sheet and list, then notes each letter."""
    workspace = mailing.workspace
    bound = printer.bind([letter.pdf for letter in batch])
    digest = hashlib.sha256("\n".join(letter.row.pdf_sha256 for letter in batch).encode()).hexdigest()
    path = workspace.outputs / FOLDER / f"{mailing.kind}-{digest[:8]}.pdf"
    listing, cover = path.with_suffix(".csv"), path.with_name(f"{path.stem}-begleitblatt.pdf")
    lines = tuple(_line(letter, pages) for letter, pages in zip(batch, bound.pages, strict=True))
    office = domain(office_address(workspace.settings.office.email))
    rows = [MessageRow(id=identify(letter.draft, letter.row.pdf_sha256, "paper", office, *_marks(mailing, letter)), key=letter.draft.key,
                       kind=letter.draft.kind, pdf_sha256=letter.row.pdf_sha256, path=workspace.relative(path),
                       sha256=hashlib.sha256(bound.pdf).hexdigest(), state="frozen", attempts=0, reply="", changed_at="") for letter in batch]
    overtaken = tuple(_overtaken(ledger, rows))
    done = replace(found, lines=lines, overtaken=(*found.overtaken, *(Note(key=row.key, reason=f"{row.reply}: ältere Fassung") for row in overtaken)),
                   pdf=workspace.relative(path), listing=workspace.relative(listing), cover=workspace.relative(cover))
    sheet = printer.cover(done, now)
    place(path, bound.pdf)
    place(listing, _listing(lines))
    place(cover, sheet)
    ledger.consign(ConsignmentRow(message=row.id, purpose="issue", issue=replace(mailing.papers[row.key].issue, way="post"))
                   for row in rows if row.key in mailing.papers)
    ledger.frozen(rows, now)
    ledger.step([*((row.id, "printed", f"Druckstapel {path.name}") for row in rows),
                 *((row.id, "withdrawn", "durch eine neuere Fassung ersetzt") for row in overtaken)], (), now)
    return done


def _marks(mailing: Mailing, letter: _Letter) -> tuple[str, ...]:
    paper = mailing.papers.get(letter.draft.key)
    return paper.marks if paper else ()


def _overtaken(ledger: Ledger, rows: Sequence[MessageRow]) -> Iterator[MessageRow]:
    """Older revisions of these letters that are printed and not yet taken to the post."""
    fresh = {row.key: row.id for row in rows}
    return (row for row in ledger.messages() if row.state == "printed" and row.key in fresh and fresh[row.key] != row.id)


def _line(letter: _Letter, pages: int) -> Line:
    who = letter.recipient
    return Line(key=letter.draft.key, name=who.name, address=who.address, pages=pages, sheets=(pages + 1) // 2,
                doubts=postal.doubts(who.address, who.postcode))


def _listing(lines: Sequence[Line]) -> bytes:
    """The covering list, as spreadsheets open it in German offices."""
    out = io.StringIO(newline="")
    table = csv.writer(out, delimiter=";")
    table.writerow(_HEADINGS)
    for number, line in enumerate(lines, 1):
        table.writerow((number, line.key, _plain(line.name), _plain(", ".join(line.address)), line.pages, line.sheets, ", ".join(line.doubts)))
    table.writerow(("", "Summe", "", "", sum(line.pages for line in lines), sum(line.sheets for line in lines), ""))
    return out.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
