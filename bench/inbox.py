"""How fast an inbox is read and judged, ledger included, and how much memory that takes; on this machine alone.

    python -m bench.inbox [MAILS]        (default: 10000)

A Maildir of bounces, calendar replies, auto-replies, answers with scans, joining mails and ordinary post, in the mixture of a week after
a mailing: half of it is none of our business, every tenth mail carries a picture of 300 kB. Memory is told after a tenth and at the end:
flat means that the second is hardly more.
"""

from __future__ import annotations

import base64
import datetime as dt
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from pipeline.ledger import EntryRow, Ledger, MessageRow, personal
from pipeline.mail.inbox import Hands, read
from pipeline.mail.routes import Around
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


def resident() -> float:
    """Megabytes of this process in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def main(number: int) -> int:
    """Prints what was measured; 1 when a bound is broken."""
    with tempfile.TemporaryDirectory(prefix="gremium-bench-") as name, Ledger(Path(name) / "ledger.sqlite") as ledger:
        new = Path(name) / "Maildir" / "new"
        new.mkdir(parents=True)
        size = 0
        for index, data in enumerate(mails(number, sent(ledger, max(number // 5, 1)))):
            size += (new / f"{index:06}.host").write_bytes(data)
        marks: list[float] = []

        def watch(done: int, total: int) -> None:
            if done in (max(total // 10, 1), total):
                marks.append(resident())
        house = House.of(makers.settings(), ledger, NOW)
        hands = Hands(receive=lambda parts: "", join=lambda found: None, progress=watch)
        start, used = time.perf_counter(), time.process_time()
        with opened(str(new.parent), Path(), Around(Path(), {})) as box:
            outcome = read(box, house, ledger, hands)
        seconds, cpu = time.perf_counter() - start, time.process_time() - used
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
        with opened(str(new.parent), Path(), Around(Path(), {})) as box:
            start = time.perf_counter()
            again = read(box, House.of(makers.settings(), ledger, NOW), ledger, hands)
        print(f"{number} Nachrichten, {size / 1e6:.0f} MB: gelesen, beurteilt und vermerkt in {seconds:.1f} s, Rechenzeit {cpu:.1f} s"
              f" ({1000 * cpu / number:.2f} ms je Nachricht); höchstens {MOST * number / 10_000:.1f} s Rechenzeit")
        print(f"Speicher nach einem Zehntel {marks[0]:.0f} MB, am Ende {marks[1]:.0f} MB (Spitze {peak:.0f} MB); höchstens {GROWTH:.0f} MB mehr")
        print(f"Noch einmal, alles schon gelesen: {time.perf_counter() - start:.1f} s")
        print(", ".join(f"{sort} {count}" for sort, count in outcome.counts.most_common()))
        assert again.known == number, again.counts
        return int(cpu > MOST * number / 10_000 or marks[1] - marks[0] > GROWTH)


if __name__ == "__main__":
    sys.exit(main(*[int(count) for count in sys.argv[1:]] or [10_000]))
