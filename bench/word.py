"""What a merged Word document costs: the shipped memorandum for 500 partners, beside the peers.

    python -m bench.word --install           (once: the peers, by npm and pip, into bench/work)
    python -m bench.word [--quick] [--documents 10000]

Every way merges the same contexts in memory, one document after the other in one process, in turns A B A B; a way that
is not installed is left out by name. Figures are processor time, so that a busy machine does not blur them (of a Node
process all its threads). Before anything is measured, the texts of all ways are compared. The floor renders
the prepared source with plain Jinja, deflates the changed parts and writes the package: no proof, no properties.
"""

from __future__ import annotations

import argparse
import copy
import gc
import importlib.util
import io
import json
import re
import shutil
import subprocess
import sys
import time
import venv
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import jinja2
from docx import Document
from lxml import etree

from bench import dialect
from bench.measure import ROOT, WORK, Result, Values, missed, peak, resident, turns
from pipeline.cli.desk import Desk
from pipeline.records import SignatureLine
from pipeline.word import package
from pipeline.word.template import Template

MEMORANDUM = ROOT / "templates" / "memorandum.docx"
PACKAGES = {"docxtemplater": "3.71.0", "pizzip": "3.3.0", "easy-template-x": "7.2.8", "docx-templates": "4.15.0", "carbone": "3.8.2"}
MAILMERGE = "docx-mailmerge2==1.0.3"
TONGUES = {"docxtemplater": dialect.SECTIONS, "easy-template-x": dialect.SECTIONS, "docx-templates": dialect.COMMANDS, "carbone": dialect.EXAMPLES}
LACKS = ("no peer proves that every value arrived or writes into the properties whose paper it is; the peers in Node are given conditions "
         "worked out beforehand; docx-mailmerge2 knows neither conditions nor repeated paragraphs: its template has the shape of one partner's "
         "paper; carbone's licence is not an open one")
PARTNERS, ROUNDS, SLICE = 500, 7, 50      # documents in all, turns of each way, documents in a turn of a slow one
DOCXTPL, PEERS, FLOOR, ROWS, SECONDS, MEMORY = 30.0, 5.0, 3.0, 10_000, 1.0, 1.2     # the goals of issue 4
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

Merge = Callable[[int], bytes]


def contexts() -> list[dict[str, Any]]:
    """Five hundred partners' contexts: those of the example, each under a name of its own."""
    desk = Desk(folder=ROOT, date=None, quiet=True)
    found = [dict(draft.context) for draft in desk.drafts if draft.kind == "memorandum"]
    made = []
    for number in range(PARTNERS):
        context = copy.deepcopy(found[number % len(found)])
        context["partner"] = {**context["partner"], "name": f"{context['partner']['name']} & Co. {number}"}
        made.append(context)
    return made


def without_lines(value: Any) -> Any:
    """The same context for those who have no signature lines."""
    if isinstance(value, SignatureLine):
        return ""
    if isinstance(value, Mapping):
        return {key: without_lines(item) for key, item in value.items()}
    return [without_lines(item) for item in value] if isinstance(value, list | tuple) else value


def ours(given: list[dict[str, Any]]) -> Merge:
    """This engine, with the proof that every value arrived."""
    template = Template.open(MEMORANDUM)
    return lambda number: template.render(given[number])


def floor(given: list[dict[str, Any]]) -> Merge:
    """Plain Jinja on the prepared source, deflate, zip."""
    opened = package.read(MEMORANDUM)
    environment = jinja2.Environment(autoescape=True)
    programs = {program.part: environment.from_string(program.source.text) for program in Template.load(opened).programs}
    members = {name: package.pack(name, data, level=9) for name, data in opened.parts.items()}
    plain = [without_lines(context) for context in given]

    def merge(number: int) -> bytes:
        made = {name: package.pack(name, program.render(plain[number]).encode()) for name, program in programs.items()}
        return package.write((members | made).values())
    return merge


def by_docxtpl(given: list[dict[str, Any]]) -> Merge:
    """docxtpl, one template rendered again and again, as its example of many documents does."""
    from docxtpl import DocxTemplate
    template = DocxTemplate(str(MEMORANDUM))
    plain = [without_lines(context) for context in given]

    def merge(number: int) -> bytes:
        template.render(plain[number], autoescape=True)
        buffer = io.BytesIO()
        template.save(buffer)
        return buffer.getvalue()
    return merge


class Peer:
    """A peer in a process of its own, warm, asked for one turn after the other."""

    def __init__(self, command: Sequence[object], numbers: Sequence[int]) -> None:
        self.numbers = numbers          # the contexts it was given, by their place among all
        self._process = subprocess.Popen([str(word) for word in command], cwd=WORK, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask(0, 100)                # warm

    def ask(self, first: int, count: int, file: str = "") -> float:
        """Milliseconds a document of one turn; with a file, its last document is written there."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([first, count, file]) + "\n")
        self._process.stdin.flush()
        return float(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


def text_of(data: bytes) -> str:
    """The words of a document's text; white space apart."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    return re.sub(r"\s+", "", "".join(node.text or "" for node in root.iter(f"{_W}t")))


def install() -> None:
    """The peers in their exact versions, without a lock file: it would name a registry. What cannot be had is told, and left out."""
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "package.json").write_text(json.dumps({"private": True, "dependencies": PACKAGES}))
    npm = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"]
    if shutil.which("npm") is None or subprocess.run(npm, cwd=WORK, check=False).returncode:
        print("npm: the peers in Node could not be installed, they are left out")
    if not _mailmerge().exists():
        venv.create(WORK / "venv", with_pip=True)
    if subprocess.run([_mailmerge(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", MAILMERGE], check=False).returncode:
        print("pip: docx-mailmerge2 could not be installed, it is left out")


def _mailmerge() -> Path:
    """The Python of docx-mailmerge2's own environment."""
    return WORK / "venv" / "bin" / "python"


def peers(plain: list[dict[str, Any]]) -> dict[str, Peer]:
    """The peers that are there, each with the template in its dialect; says which are not."""
    made: dict[str, Peer] = {}
    for name, tongue in TONGUES.items():
        if shutil.which("node") and (WORK / "node_modules" / name).is_dir():
            template, data = dialect.translated(MEMORANDUM.read_bytes(), plain, tongue)
            made[name] = Peer(("node", ROOT / "bench" / "word_peers.cjs", name, *_laid(name, template, data)), range(len(plain)))
        else:
            print(f"{name}: not installed, left out (python -m bench.word --install)")
    if _mailmerge().exists():
        template, fields = dialect.merge_fields(Template.open(MEMORANDUM), plain)
        laid = _laid("docx-mailmerge2", template, list(fields.values()))
        made["docx-mailmerge2"] = Peer((_mailmerge(), ROOT / "bench" / "word_mailmerge.py", *laid), list(fields))
    else:
        print("docx-mailmerge2: not installed, left out (python -m bench.word --install)")
    return made


def _laid(name: str, template: bytes, data: object) -> tuple[Path, Path]:
    paths = WORK / f"memorandum.{name}.docx", WORK / f"contexts.{name}.json"
    paths[0].write_bytes(template)
    paths[1].write_text(json.dumps(data))
    return paths


def turn(merge: Merge, first: int, count: int) -> float:
    """Milliseconds a document."""
    gc.collect()
    start = time.process_time()
    for number in range(first, first + count):
        merge(number % PARTNERS)
    return (time.process_time() - start) / count * 1000


def memoranda(rounds: int) -> Iterator[Result]:
    """The memorandum by every way, in turns."""
    given = contexts()
    merges = {"gremium": (ours(given), PARTNERS), "floor": (floor(given), PARTNERS)}
    if importlib.util.find_spec("docxtpl"):
        merges["docxtpl"] = (by_docxtpl(given), SLICE)
    others = peers([without_lines(context) for context in given])
    _same_text({name: merge for name, (merge, _) in merges.items()}, others)
    ways = {name: lambda merge=merge, count=count: turn(merge, 0, count) for name, (merge, count) in merges.items()}
    ways |= {name: lambda other=other: other.ask(0, SLICE) for name, other in others.items()}    # type: ignore[misc]
    taken = turns(ways, rounds)
    for other in others.values():
        other.close()
    yield from judged(taken)


def judged(taken: dict[str, Values]) -> Iterator[Result]:
    """The figure of one memorandum, and what was promised of it."""
    mine = median(taken["gremium"])
    rest = {name: values for name, values in taken.items() if name != "gremium"}
    fastest = min((median(taken[name]) for name in TONGUES if name in taken), default=None)
    reached = [mine * DOCXTPL <= median(taken["docxtpl"])] if "docxtpl" in taken else []
    reached += [mine * PEERS <= fastest] if fastest else []
    yield Result(program="word", what="one memorandum, merged in memory, processor", ours=taken["gremium"], peers=rest, unit="ms",
                 bound=f"docxtpl at least {DOCXTPL:g} times, the fastest peer in Node at least {PEERS:g} times, the floor at least a third",
                 kept=all(reached) and mine <= FLOOR * median(taken["floor"]), note=LACKS)


def _same_text(merges: Mapping[str, Merge], others: Mapping[str, Peer]) -> None:
    for name, merge in merges.items():
        for number in (0, 17, PARTNERS - 1):
            _compare(name, text_of(merges["gremium"](number)), text_of(merge(number)))
    for name, other in others.items():
        for place in (0, len(other.numbers) // 2, len(other.numbers) - 1):
            file = WORK / f"{name}.docx"
            other.ask(place, 1, str(file))
            _compare(name, text_of(merges["gremium"](other.numbers[place])), text_of(file.read_bytes()))
    print(f"same text by {', '.join((*merges, *others))}")


def _compare(name: str, expected: str, found: str) -> None:
    if found != expected:
        at = next((place for place, (one, other) in enumerate(zip(expected, found, strict=False)) if one != other), 0)
        sys.exit(f"{name} says something else: … {found[max(0, at - 40):at + 60]} … instead of … {expected[max(0, at - 40):at + 60]} …")


def long_tables() -> Iterator[Result]:
    """Tables of a growing number of rows in one document."""
    columns = "abcdef"
    document = Document()
    grid = document.add_table(3, len(columns))
    for row, texts in zip(grid.rows, (("{%tr for r in rows %}",), [f"{{{{ r.{name} }}}}" for name in columns], ("{%tr endfor %}",)), strict=True):
        for cell, text in zip(row.cells, texts, strict=False):
            cell.text = text
    buffer = io.BytesIO()
    document.save(buffer)
    template = Template.load(package.unpack("rows.docx", buffer.getvalue()))
    for count in (ROWS // 4, ROWS, ROWS * 2):
        rows = [{name: f"Zelle {number} {name} & mehr" for name in columns} for number in range(count)]
        took = tuple(turn(lambda _, rows=rows: template.render({"rows": rows}), 0, 1) / 1000 for _ in range(3))  # type: ignore[misc]
        yield Result(program="word", what=f"one document with a table of {count:,} rows of 6 cells, processor", ours=took, unit="s",
                     bound=f"at most {SECONDS:g} s for {ROWS:,}", kept=median(took) <= SECONDS if count == ROWS else None)


def many(documents: int) -> Iterator[Result]:
    """The memory of one process that makes one document after the other."""
    merge = ours(contexts())
    held = {}
    for done in range(1, documents + 1):
        merge(done % PARTNERS)
        if done in (documents // 10, documents):
            held[done] = resident()
    early, late = held.values()
    yield Result(program="word", what=f"memory of one process after {documents:,} memoranda (after a tenth: {early:.0f} MB; peak: {peak():.0f} MB)",
                 ours=(late,), unit="MB", bound=f"at most {MEMORY:g} times that after a tenth", kept=late <= MEMORY * early)


def measures(*, quick: bool = False, documents: int = 10_000) -> Iterator[Result]:
    """All figures of this room."""
    yield from memoranda(3 if quick else ROUNDS)
    yield from long_tables()
    yield from many(documents // 10 if quick else documents)


def main() -> int:
    """Prints the figures; 1 where something promised is missed."""
    parser = argparse.ArgumentParser(description="What a merged Word document costs.")
    parser.add_argument("--install", action="store_true", help="install the peers into bench/work and end")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--documents", type=int, default=10_000, help="documents of the memory run")
    options = parser.parse_args()
    if options.install:
        install()
        return 0
    return missed(measures(quick=options.quick, documents=options.documents))


if __name__ == "__main__":
    sys.exit(main())
