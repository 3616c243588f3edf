"""What a paper costs in counts that no machine changes: statements of the ledger, syncs, bytes, parses, layouts, instructions.

    python -m bench.counts [--write]        prints them beside bench/counts.json; --write keeps them as what is allowed from now on

Each count is the difference of two runs, one with more papers, by the papers more: what is done once does not show. Instructions are
callgrind's, of one room's own function once it is warm; valgrind has to be installed. `tests/test_counts.py` fails where a count grows, so that
a change that makes every paper dearer is a decision somebody makes with `--write`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import gc
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
KEPT = Path(__file__).parent / "counts.json"
FEW, MORE = 6, 12                   # papers of each kind in the two runs
STEPS: tuple[tuple[str, ...], ...] = (("build", "memorandum", "--jobs", "1"), ("build", "invitation", "--jobs", "1"),
                                      ("approve", "memorandum", "invitation", "--by", "Bench"), ("sign", "memorandum", "--jobs", "1"),
                                      ("send", "invitation", "--really", "--yes", "all"))
# Bytes and instructions change a little with every library.
ROOM_TO_GROW = {"bytes": 1.1, "instructions": 1.15}
SLACK = {"statements": 2.0, "syncs": 0.5}       # papers that end in the same moment share a transaction


def counted(seen: Counter[str]) -> None:
    """Puts a counter around what is counted; the process is used for nothing else."""
    import sqlite3

    import pikepdf
    from lxml import etree

    from pipeline import workspace

    def around(owner: Any, name: str, what: str, size: Callable[..., int] = lambda *_, **__: 1) -> None:
        real = getattr(owner, name)

        def counting(*given: Any, **named: Any) -> Any:
            seen[what] += size(*given, **named)
            return real(*given, **named)
        setattr(owner, name, counting)

    class Connection(sqlite3.Connection):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self.set_trace_callback(lambda statement: seen.update(["statements"]))
    connect = sqlite3.connect
    sqlite3.connect = lambda *given, **named: connect(*given, **{"factory": Connection} | named)  # type: ignore[assignment,misc]
    around(os, "fsync", "syncs")
    around(etree, "fromstring", "XML parses")
    around(pikepdf.Pdf, "open", "PDF parses")
    place = workspace.place

    def placed(path: Path, data: bytes, *rest: Any, **named: Any) -> Any:
        seen["bytes"] += len(data)
        seen["files"] += 1
        return place(path, data, *rest, **named)
    workspace.place = placed
    import weasyprint.document
    around(weasyprint.document, "layout_document", "layouts")


def run(folder: Path, words: tuple[str, ...]) -> Counter[str]:
    """The counts of one command, in a process of its own."""
    code = ("import sys, json; from collections import Counter; from bench.counts import counted; seen = Counter(); counted(seen); "
            "from pipeline.cli.main import main; main.main(args=sys.argv[1:], prog_name='gremium', standalone_mode=False); "
            "print('\\n' + json.dumps(seen))")
    done = subprocess.run([sys.executable, "-c", code, "-C", str(folder), "-q", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(words)}: {done.stdout[-1000:]}{done.stderr[-2000:]}")
    return Counter(json.loads(done.stdout.strip().splitlines()[-1]))


def commands() -> dict[str, dict[str, float]]:
    """What each step of the main job does for one paper more."""
    from bench.whole import office
    with tempfile.TemporaryDirectory() as name:
        runs = [[run(office(Path(name) / str(papers), papers) if not number else Path(name) / str(papers), words)
                 for number, words in enumerate(STEPS)] for papers in (FEW, MORE)]
    return {" ".join(word for word in words[:2] if not word.startswith("-")):
            {what: round((runs[1][number][what] - runs[0][number][what]) / (MORE - FEW), 2) for what in sorted(runs[1][number])}
            for number, words in enumerate(STEPS)}


def work(room: str, times: int) -> None:
    """One room's own function, so many times: what callgrind watches, and it alone; what is loaded and kept was so before."""
    do = WORK[room](Path(os.environ["GREMIUM_BENCH"]))
    for number in range(times):
        do(number)
    gc.collect()
    _counting("on")
    for number in range(times):
        do(number)
    _counting("off")


def _counting(state: str) -> None:
    subprocess.run(["callgrind_control", "-i", state, str(os.getpid())], check=True, capture_output=True)


def _word(folder: Path) -> Callable[[int], object]:
    from pipeline.cli.desk import Desk
    from pipeline.word.template import Template
    drafts = [draft for draft in Desk(folder=folder, date=None, quiet=True).drafts if draft.kind == "memorandum"]
    template = Template.open(ROOT / "templates" / "memorandum.docx")
    return lambda number: template.render(drafts[number % len(drafts)].context)


def _pdf(folder: Path) -> Callable[[int], object]:
    from pipeline.pdf.render import to_pdf
    from pipeline.pdf.style import Style
    style = Style.open(ROOT / "templates" / "style.css")
    sources = [path.read_bytes() for path in sorted((folder / "outputs" / "invitation").rglob("*.docx"))]
    return lambda number: to_pdf(sources[number % len(sources)], style=style)


def _sign(folder: Path) -> Callable[[int], object]:
    from pipeline.pdf.stamp import signature_page
    from pipeline.signing import demo
    from pipeline.signing.pen import Pen, Stroke, write
    from pipeline.workspace import Workspace
    workspace = Workspace.open(folder)
    initiator = workspace.settings.initiators[0]
    pen = Pen(demo.key(workspace, initiator))
    picture = functools.cache(lambda width, height: signature_page(("Bench",), width, height))
    stroke = Stroke(field=initiator.key, name=initiator.name, reason="Bench", at=dt.datetime(2027, 1, 1, tzinfo=dt.UTC), picture=picture)
    sources = [path.read_bytes() for path in sorted((folder / "outputs" / "memorandum").glob("*.pdf"))]
    return lambda number: write(sources[number % len(sources)], pen, stroke)


def _mail(folder: Path) -> Callable[[int], object]:
    from bench.mail import NOW, letters
    from pipeline.ledger import Ledger
    from pipeline.mail.sheet import Desk, plan
    mailing = letters(Path(tempfile.mkdtemp(dir=folder)), 12)
    with Ledger(mailing.workspace.outputs / "ledger.sqlite") as ledger:
        due = plan(mailing, ledger).due
    desk = Desk(mailing)
    return lambda number: desk.message(due[number % len(due)], NOW).as_bytes()


def _guard(folder: Path, recipients: int) -> Callable[[int], object]:
    """The look for other people's names and addresses, in one message to one of so many."""
    from pipeline.mail.guard import Crowd
    from tests import makers
    from tests.mail.conftest import recipient
    people = [recipient(makers.person(f"P-{number:05}", last_name=f"Muster{number}", email=f"p{number}@haus{number % 500}.example"))
              for number in range(recipients)]
    crowd, own = Crowd(people), people[0]
    text = f"{own.salutation},\n\n" + "wir laden Sie zum ersten Treffen ein; antworten Sie bitte an allianz@stadt.example.\n" * 20
    return lambda _: list(crowd.strangers(text, own, "allianz@stadt.example", own.email))


WORK: dict[str, Callable[[Path], Callable[[int], object]]] = {"word": _word, "pdf": _pdf, "sign": _sign, "mail": _mail,
                                                           "guard, one of 10": functools.partial(_guard, recipients=10),
                                                           "guard, one of 20,000": functools.partial(_guard, recipients=20_000)}


def instructions(folder: Path, room: str, papers: int = 4) -> int:
    """Instructions of one paper in one room, by callgrind, which lies in wait until all is loaded: so it takes seconds and not minutes."""
    command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=/dev/null",
               sys.executable, "-m", "bench.counts", "--work", room, str(papers)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False,
                          env=os.environ | {"PYTHONHASHSEED": "0", "GREMIUM_BENCH": str(folder)})
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or found is None:
        sys.exit(f"{room}: {done.stderr[-2000:]}")
    return round(int(found[1]) / papers)


def rooms(names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Instructions of one paper in each of these rooms, in a workspace of their own; two rooms share the two cores."""
    from bench.whole import office
    with tempfile.TemporaryDirectory() as name:
        folder = office(Path(name) / "office", 4)
        for words in STEPS[:4]:         # with the demonstration's keys, which the first signature makes
            run(folder, words)
        with ThreadPoolExecutor(2) as pool:
            counts = pool.map(lambda room: instructions(folder, room), names)
            return {room: {"instructions": count} for room, count in zip(names, counts, strict=True)}


def worse(found: Mapping[str, Mapping[str, float]], kept: Mapping[str, Mapping[str, float]]) -> list[str]:
    """What grew beyond what is kept, one line each."""
    return [f"{step}: {what} {count:,} instead of {kept[step].get(what, 0):,}"
            for step, counts in found.items() for what, count in counts.items()
            if count > kept[step].get(what, 0) * ROOM_TO_GROW.get(what, 1) + SLACK.get(what, 0)]


def main() -> int:
    """Prints what is counted; 1 where something grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--work", nargs=2)
    asked = parser.parse_args()
    if asked.work:
        work(asked.work[0], int(asked.work[1]))
        return 0
    found = commands() | (rooms(list(WORK)) if shutil.which("valgrind") else {})
    print(json.dumps(found, indent=1, ensure_ascii=False))
    if asked.write:
        KEPT.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
        return 0
    grown = worse(found, json.loads(KEPT.read_text("utf-8")))
    print("\n".join(grown) or "nothing grew")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
