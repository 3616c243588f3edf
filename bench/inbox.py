"""How fast an inbox is read and judged, ledger included, and how much memory that takes; on this machine alone.

    python -m bench.inbox [MAILS]        (default: 10000)

A Maildir of bounces, calendar replies, auto-replies, answers with scans, joining mails and ordinary post, in the mixture of a week after
a mailing: half of it is none of our business, every tenth mail carries a picture of 300 kB. Memory is told after a tenth and at the end:
flat means that the second is hardly more.
"""

from __future__ import annotations

import base64
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from bench.measure import Result, missed, peak, resident
from pipeline.ledger import EntryRow, Ledger, MessageRow, personal
from pipeline.mail.inbox import Hands, Outcome, read
from pipeline.mail.server import Around
from pipeline.mail.sources import opened
from pipeline.mail.verdicts import House
from tests import makers

NOW = dt.datetime(2017, 5, 5, 10, tzinfo=dt.UTC)
SAMPLES = Path(__file__).parent.parent / "tests" / "mail" / "samples"
SAMPLE_ID = b"4f1c2a9be07d35c8a6b1f0e2d3c49587@stadt.example"
MOST = 60.0         # seconds for 10,000 mails, of computing: what else runs on the machine is not ours
GROWTH = 40.0       # megabytes more at the end than after a tenth
UID = "M-002-token@stadt.example"


def sent(ledger: Ledger, number: int) -> list[str]:
    """That many invitations, sent; their Message-IDs."""
    ids = [f"{index:032x}@stadt.example" for index in range(number)]
    rows = [MessageRow(id=name, key=f"invitation/M-002/P-{index:05}", kind="invitation", pdf_sha256="0", path="", sha256="", state="frozen",
                       attempts=0, reply="", changed_at="") for index, name in enumerate(ids)]
    ledger.enter(EntryRow(message=row.id, key=row.key, meeting="M-002", person=row.key[-7:], uid=UID, sequence=0, method="REQUEST",
                          start="2017-06-20T14:00", said={}, sha256="", name_sha256="", address_sha256=personal(f"p{index}@haus.example"))
                 for index, row in enumerate(rows))
    ledger.frozen(rows, NOW)
    ledger.step([(name, "sent", "250") for name in ids], (), NOW)
    return ids


def mails(number: int, ids: list[str]) -> Iterator[bytes]:
    """The week after a mailing."""
    random = Random(1)
    samples = [path.read_bytes() for path in sorted(SAMPLES.rglob("*.eml"))]
    scan = base64.encodebytes(random.randbytes(300_000)).decode()
    words = "Guten Tag,\n\n" + "wir danken für die Zusendung und melden uns in den nächsten Tagen. " * 40
    for index in range(number):
        about = ids[index % len(ids)]
        head = f"From: Person {index} <p{index % len(ids)}@haus.example>\nTo: allianz@stadt.example\nMessage-ID: <{index}@haus.example>\n"
        if index % 10 == 0:
            yield (f"{head}Subject: Unterlagen\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n{words}\n--b\n"
                   f"Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n{scan}\n--b--\n").encode()
        elif index % 10 < 4:
            yield b"X-Nummer: %d\n" % index + random.choice(samples).replace(SAMPLE_ID, about.encode()) + b"\n%d\n" % index
        elif index % 10 == 4:
            yield (f"{head}Subject: Zusage\nContent-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
                   f"PRODID:x\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:{UID}\r\nSEQUENCE:0\r\n"
                   f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:p{index % len(ids)}@haus.example\r\nEND:VEVENT\r\n"
                   "END:VCALENDAR\r\n").encode()
        else:
            subject = "Ich bin Allianz-Partner" if index % 50 == 5 else "Rundbrief der Woche"
            yield (f"{head}Subject: {subject}\nContent-Type: multipart/alternative; boundary=b\n\n--b\n"
                   f"Content-Type: text/plain; charset=utf-8\n\n{words}\n"
                   f"--b\nContent-Type: text/html; charset=utf-8\n\n<p>{words}</p>\n--b--\n").encode()


def measures(number: int = 10_000, *, quick: bool = False) -> Iterator[Result]:
    """Reading the inbox once, and once more."""
    number = number // 10 if quick else number
    with tempfile.TemporaryDirectory(prefix="gremium-bench-") as name, Ledger(Path(name) / "ledger.sqlite") as ledger:
        new = Path(name) / "Maildir" / "new"
        new.mkdir(parents=True)
        size = sum((new / f"{index:06}.host").write_bytes(data) for index, data in enumerate(mails(number, sent(ledger, max(number // 5, 1)))))
        marks: list[float] = []

        def watch(done: int, total: int) -> None:
            if done in (max(total // 10, 1), total):
                marks.append(resident())
        hands = Hands(receive=lambda parts: "", join=lambda found: None, progress=watch)

        def once() -> tuple[Outcome, float, float]:
            start, used = time.perf_counter(), time.process_time()
            with opened(str(new.parent), Path(), Around(Path(), {})) as box:
                outcome = read(box, House.of(makers.settings(), ledger, NOW), ledger, hands)
            return outcome, time.perf_counter() - start, time.process_time() - used
        outcome, wall, cpu = once()
        early, late, most = *marks[:2], peak()
        again, _, idle = once()
        assert again.known == number, again.counts
    sorts = ", ".join(f"{sort} {count}" for sort, count in outcome.counts.most_common())
    yield Result(program="inbox", what=f"reading, judging and noting {number:,} mails, {size / 1e6:.0f} MB, processor", ours=(cpu,), unit="s",
                 bound=f"at most {MOST * number / 10_000:g} s", kept=cpu <= MOST * number / 10_000, note=f"{wall:.1f} s by the clock; {sorts}")
    yield Result(program="inbox", what=f"memory more at the end ({late:.0f} MB, peak {most:.0f} MB) than after a tenth ({early:.0f} MB)",
                 ours=(late - early,), unit="MB", bound=f"at most {GROWTH:g} MB", kept=late - early <= GROWTH)
    yield Result(program="inbox", what=f"once more, all {number:,} read already, processor", ours=(idle,), unit="s")


if __name__ == "__main__":
    sys.exit(missed(measures(*[int(count) for count in sys.argv[1:]])))
