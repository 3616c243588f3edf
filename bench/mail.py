"""How fast messages are composed, frozen and handed over, journal included, beside plain smtplib loops; on this machine alone.

    python -m bench.mail [MESSAGES]        (default: 10000)

Two servers: Postfix with STARTTLS and a password, as offices have it, for which the bounds hold; and Postfix's smtp-sink without
encryption, which does nothing at all, so that what is seen there is the price of the journal.
The sides take turns (A B C A B C …) on slices of the same messages; the table shows medians of messages a second.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import smtplib
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from statistics import median

import pikepdf

from bench.measure import Result, Values, missed, processor, resident, turns
from pipeline.ledger import DocumentRow, Ledger
from pipeline.mail.dispatch import Dispatch, Run, Tally
from pipeline.mail.outbox import freeze
from pipeline.mail.pace import queued
from pipeline.mail.sheet import Desk, Due, Mailing, plan
from pipeline.mail.smtp import Server, Smtp
from pipeline.pdf.provenance import Description, packet, read
from pipeline.records import Provenance
from pipeline.workspace import Workspace, place
from tests import makers
from tests.mail.conftest import draft, recipient
from tests.mail.servers import office, sink

ROUNDS = 4
NOW = dt.datetime(2017, 5, 4, 10, tzinfo=dt.UTC)
COMPOSE = 3.0          # milliseconds a message, at most
ANEW, PUSH = 3.0, 1.5  # at least so many times the loop that connects anew; at most so many times slower than the one that only pushes
PEERS = 200            # messages a peer sends in one turn: its speed does not depend on how many


def letters(folder: Path, number: int) -> Mailing:
    """A workspace with that many released letters of 40 kB, each for one recipient."""
    workspace = Workspace(folder, makers.settings())
    (folder / "templates").symlink_to(Path(__file__).parent.parent / "templates")
    drafts, released = [], {}
    noise = Random(1).randbytes(38_000)
    for index in range(number):
        person = makers.person(f"P-{index:05}", last_name=f"Muster{index}", email=f"p{index}@haus{index % 500}.example")
        paper = draft(recipient(person))
        pdf = letter(paper.key, noise)
        path = workspace.outputs / "invitation" / f"{paper.stem}.pdf"
        place(path, pdf)
        drafts.append(paper)
        released[paper.key] = DocumentRow(key=paper.key, kind="invitation", subject=paper.stem, docx="", pdf=workspace.relative(path), revision=1,
                                          fingerprint="0", inputs={}, docx_sha256="", pdf_sha256=hashlib.sha256(pdf).hexdigest(), seconds=0.1,
                                          built_by="Büro", built_at="")
    return Mailing(workspace=workspace, kind="invitation", drafts=drafts, meetings={"M-002": makers.meeting()}, released=released, provenance=read)


def letter(key: str, noise: bytes) -> bytes:
    """A PDF that says whose it is."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.pages[0].obj["/Noise"] = pdf.make_stream(noise)
        origin = Provenance(key=key, revision=1, fingerprint="0" * 64, template="0" * 64, tool="bench")
        pdf.Root["/Metadata"] = pdf.make_stream(packet(Description(title="Einladung"), origin), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML)
        with tempfile.SpooledTemporaryFile() as file:
            pdf.save(file, compress_streams=False)
            file.seek(0)
            return file.read()


def connected(server: Server) -> smtplib.SMTP:
    smtp = smtplib.SMTP(server.host, server.port)
    if server.tls == "starttls":
        smtp.starttls(context=server.context)
        smtp.ehlo()
        token = base64.b64encode(f"\0{server.user}\0{server.secret}".encode()).decode()
        smtp.docmd("AUTH", f"PLAIN {token}")
    return smtp


def anew(server: Server, messages: Sequence[bytes]) -> None:
    """The plain loop: a connection for each message."""
    for data in messages:
        with connected(server) as smtp:
            smtp.sendmail("allianz@stadt.example", ["mia@haus.example"], data)


def push(server: Server, messages: Sequence[bytes]) -> None:
    """Prepared bytes over one connection, and nothing else; each segment at once, or TCP's own waiting would be what is measured."""
    with connected(server) as smtp:
        assert smtp.sock is not None
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for data in messages:
            smtp.sendmail("allianz@stadt.example", ["mia@haus.example"], data)


def gremium(mailing: Mailing, ledger: Ledger, server: Server, due: Sequence[Due], connections: int) -> None:
    """Frozen messages, each checked against its hash, claimed, handed over and settled on disk."""
    posts = [Smtp(server) for _ in range(connections)]
    run = Run(ledger=ledger, posts=posts, clock=lambda: dt.datetime.now(dt.UTC), timer=time.monotonic, sleep=time.sleep)
    tally: Tally = {}
    Dispatch(mailing.workspace, run, queued(((entry.id, entry.draft.key, entry.address) for entry in due), ()), tally).go()
    for post in posts:
        post.close()
    assert len(tally.get("sent", ())) == len(due), {place: len(notes) for place, notes in tally.items()}


def rate(number: int, work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return number / (time.perf_counter() - start)


def slices(due: Sequence[Due], number: int) -> Iterator[Sequence[Due]]:
    size = len(due) // number
    return (due[start * size:(start + 1) * size] for start in range(number))


def measures(number: int = 10_000, *, quick: bool = False) -> Iterator[Result]:
    """Composing, freezing and handing over."""
    number = number // 10 if quick else number
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gremium-bench-")))
        mailing = letters(folder, number)
        ledger = stack.enter_context(Ledger(folder / "outputs" / "ledger.sqlite"))
        due = plan(mailing, ledger).due
        yield from composing(mailing, due, ledger)
        ready = [path.read_bytes() for path in sorted((folder / "outputs" / "outbox").rglob("*.eml"))[:PEERS]]
        submission = stack.enter_context(office(transport="discard")).submission
        nothing = stack.enter_context(sink())
        parts = slices(due, 2 * 2 * ROUNDS)
        for name, server in (("Postfix with STARTTLS and password", submission), ("smtp-sink without encryption", nothing)):
            before = resident()
            taken = turns({
                "gremium": lambda server=server: _handed(mailing, ledger, server, next(parts), 1),        # type: ignore[misc]
                "4 connections": lambda server=server: _handed(mailing, ledger, server, next(parts), 4),  # type: ignore[misc]
                "smtplib, anew each": lambda server=server: rate(len(ready), lambda: anew(server, ready)),      # type: ignore[misc]
                "smtplib, bytes alone": lambda server=server: rate(len(ready), lambda: push(server, ready)),    # type: ignore[misc]
            }, ROUNDS)
            yield judged(name, taken, bound=server is submission, more=resident() - before)


def _handed(mailing: Mailing, ledger: Ledger, server: Server, part: Sequence[Due], connections: int) -> float:
    return rate(len(part), lambda: gremium(mailing, ledger, server, part, connections))


def judged(name: str, taken: Mapping[str, Values], *, bound: bool, more: float) -> Result:
    """The figure of one server, and what was promised of it."""
    one, four, plain, bare = (median(values) for values in taken.values())
    return Result(program="mail", what=f"messages a second into {name}, by the clock", ours=taken["gremium"],
                  peers={way: values for way, values in taken.items() if way != "gremium"}, unit="/s",
                  bound=f"at least {ANEW:g} times the loop that connects anew; at least 1/{PUSH:g} of the loop that pushes bytes" if bound else "",
                  kept=max(one, four) >= ANEW * plain and one * PUSH >= bare if bound else None,
                  note=f"the loops journal nothing and check nothing; memory +{more:.0f} MB")


def composing(mailing: Mailing, due: tuple[Due, ...], ledger: Ledger) -> Iterator[Result]:
    """Writing messages, and freezing them all with their checks."""
    desk, some = Desk(mailing), due[:1000]
    desk.message(due[0], NOW).as_bytes()
    composed = 1000 / len(some) * processor(lambda: [desk.message(entry, NOW).as_bytes() for entry in some])
    yield Result(program="mail", what="composing one message with letter and calendar entry, processor", ours=(composed,), unit="ms",
                 bound=f"at most {COMPOSE:g} ms", kept=composed <= COMPOSE)
    before = resident()
    frozen = 1000 / len(due) * processor(lambda: freeze(mailing, due, ledger, NOW))
    yield Result(program="mail", what=f"freezing one of {len(due):,} messages: composed, checked, on disk, noted; processor", unit="ms",
                 ours=(frozen,), note=f"memory {before:.0f} MB before, {resident():.0f} MB after")


if __name__ == "__main__":
    sys.exit(missed(measures(*[int(count) for count in sys.argv[1:]])))
