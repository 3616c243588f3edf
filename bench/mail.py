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
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from statistics import median

import pikepdf

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


def rate(number: int, work: Callable[[], None], clock: Callable[[], float] = time.perf_counter) -> float:
    start = clock()
    work()
    return number / (clock() - start)


def resident() -> float:
    """Megabytes of this process in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def slices(due: Sequence[Due], number: int) -> Iterator[Sequence[Due]]:
    size = len(due) // number
    return (due[start * size:(start + 1) * size] for start in range(number))


def main(number: int) -> int:
    """Prints the tables; 1 when a bound is broken."""
    broken = False
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gremium-bench-")))
        mailing = letters(folder, number)
        ledger = stack.enter_context(Ledger(folder / "outputs" / "ledger.sqlite"))
        due = plan(mailing, ledger).due
        desk = Desk(mailing)
        desk.message(due[0], NOW).as_bytes()
        composed = 1000 / rate(min(number, 1000), lambda: [desk.message(entry, NOW).as_bytes() for entry in due[:1000]] and None, time.process_time)
        before = resident()
        frozen = 1000 / rate(number, lambda: freeze(mailing, due, ledger, NOW))
        print(f"Verfassen {composed:.2f} ms Rechenzeit je Nachricht (höchstens {COMPOSE:.0f}); mit Prüfung einfrieren {frozen:.2f} ms;"
              f" Speicher {before:.0f} → {resident():.0f} MB")
        broken |= composed > COMPOSE
        ready = [path.read_bytes() for path in sorted((folder / "outputs" / "outbox").rglob("*.eml"))[:PEERS]]
        submission = stack.enter_context(office(transport="discard")).submission
        nothing = stack.enter_context(sink())
        parts = slices(due, 2 * 2 * ROUNDS)
        print(f"{'Nachrichten je Sekunde':34} {'je neu':>8} {'nur Bytes':>10} {'gremium':>8} {'mit 4':>8} {'zu je neu':>10} {'zu Bytes':>9}"
              f" {'mit 4':>7}")
        for name, server in (("Postfix, STARTTLS und Anmeldung", submission), ("smtp-sink, unverschlüsselt", nothing)):
            sides: tuple[list[float], ...] = ([], [], [], [])
            before = resident()
            for _ in range(ROUNDS):
                sides[0].append(rate(len(ready), lambda server=server: anew(server, ready)))
                sides[1].append(rate(len(ready), lambda server=server: push(server, ready)))
                for side, connections in ((2, 1), (3, 4)):
                    part = next(parts)
                    sides[side].append(rate(len(part), lambda server=server, part=part, connections=connections:
                                            gremium(mailing, ledger, server, part, connections)))
            a, b, c, d = map(median, sides)
            print(f"{name:34} {a:8.0f} {b:10.0f} {c:8.0f} {d:8.0f} {c / a:9.1f}× {b / c:8.2f}× {d / a:6.1f}×"
                  f"   Speicher +{resident() - before:.0f} MB", flush=True)
            broken |= server is submission and (max(c, d) / a < ANEW or b / c > PUSH)
    return int(broken)


if __name__ == "__main__":
    sys.exit(main(*[int(count) for count in sys.argv[1:]] or [10_000]))
