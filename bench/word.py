"""What a merged Word document costs: the shipped memorandum for 500 partners, beside the peers.

    python -m bench.word --install           (once: docxtemplater and easy-template-x by npm, into bench/work)
    python -m bench.word [--documents 100000]

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
import resource
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import jinja2
from docx import Document
from lxml import etree

from bench import dialect
from pipeline.cli.desk import Desk
from pipeline.records import SignatureLine
from pipeline.word import package
from pipeline.word.template import Template

ROOT = Path(__file__).parent.parent
WORK = ROOT / "bench" / "work"
MEMORANDUM = ROOT / "templates" / "memorandum.docx"
PACKAGES = {"docxtemplater": "3.71.0", "pizzip": "3.3.0", "easy-template-x": "7.2.8"}
PARTNERS, ROUNDS, SLICE = 500, 7, 50      # documents in all, turns of each way, documents in a turn of a slow one
DOCXTPL, PEERS, FLOOR, ROWS, SECONDS = 30.0, 5.0, 3.0, 10_000, 1.0     # the goals of issue 4
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


class Node:
    """A peer in a Node process of its own, warm, asked for one turn after the other."""

    def __init__(self, name: str, template: Path, data: Path) -> None:
        self._process = subprocess.Popen(["node", str(ROOT / "bench" / "word_peers.cjs"), name, str(template), str(data)], cwd=WORK,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, first: int, count: int, file: str = "") -> float:
        """Milliseconds a document of one turn; with a file, its first document is written there."""
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


def installed() -> list[str]:
    """The Node peers that are there; says which are not."""
    peers = [name for name in PACKAGES if name != "pizzip"]
    there = [name for name in peers if shutil.which("node") and (WORK / "node_modules" / name).is_dir()]
    for name in peers:
        if name not in there:
            print(f"{name}: not installed, left out (python -m bench.word --install)")
    return there


def install() -> None:
    """The Node peers in their exact versions, without a lock file: it would name a registry."""
    WORK.mkdir(parents=True, exist_ok=True)
    (WORK / "package.json").write_text(json.dumps({"private": True, "dependencies": PACKAGES}))
    subprocess.run(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=WORK, check=True)


def turn(merge: Merge, first: int, count: int) -> float:
    """Milliseconds a document."""
    gc.collect()
    start = time.process_time()
    for number in range(first, first + count):
        merge(number % PARTNERS)
    return (time.process_time() - start) / count * 1000


def memoranda() -> None:
    """The memorandum by every way, in turns."""
    given = contexts()
    merges = {"gremium": (ours(given), PARTNERS), "floor": (floor(given), PARTNERS)}
    if importlib.util.find_spec("docxtpl"):
        merges["docxtpl"] = (by_docxtpl(given), SLICE)
    nodes = _nodes([without_lines(context) for context in given])
    _same_text({name: merge for name, (merge, _) in merges.items()}, nodes)
    measured: dict[str, list[float]] = {name: [] for name in (*merges, *nodes)}
    for round_ in range(ROUNDS):
        for name, (merge, count) in merges.items():
            measured[name].append(turn(merge, round_ * SLICE, count))
        for name, node in nodes.items():
            measured[name].append(node.ask(round_ * SLICE, SLICE))
    for node in nodes.values():
        node.close()
    _report({name: median(times) for name, times in measured.items()})


def _nodes(plain: list[dict[str, Any]]) -> dict[str, Node]:
    names = installed()
    if not names:
        return {}
    template, data = dialect.translated(MEMORANDUM.read_bytes(), plain)
    (WORK / "memorandum.docx").write_bytes(template)
    (WORK / "contexts.json").write_text(json.dumps(data))
    nodes = {name: Node(name, WORK / "memorandum.docx", WORK / "contexts.json") for name in names}
    for node in nodes.values():
        node.ask(0, 100)          # warm
    return nodes


def _same_text(merges: Mapping[str, Merge], nodes: Mapping[str, Node]) -> None:
    for number in (0, 17, PARTNERS - 1):
        expected = text_of(merges["gremium"](number))
        for name, merge in merges.items():
            _compare(name, expected, text_of(merge(number)))
        for name, node in nodes.items():
            file = WORK / f"{name}.docx"
            node.ask(number, 1, str(file))
            _compare(name, expected, text_of(file.read_bytes()))
    print(f"same text by {', '.join((*merges, *nodes))}")


def _compare(name: str, expected: str, found: str) -> None:
    if found != expected:
        at = next((place for place, (one, other) in enumerate(zip(expected, found, strict=False)) if one != other), 0)
        sys.exit(f"{name} says something else: … {found[max(0, at - 40):at + 60]} … instead of … {expected[max(0, at - 40):at + 60]} …")


def _report(times: Mapping[str, float]) -> None:
    mine = times["gremium"]
    print(f"\n{'one memorandum':18} {'ms':>8}  {'ratio':>7}")
    for name, milliseconds in sorted(times.items(), key=lambda pair: pair[1]):
        print(f"{name:18} {milliseconds:8.2f}  {milliseconds / mine:7.2f}")
    _judge("docxtpl / gremium", times["docxtpl"] / mine if "docxtpl" in times else None, DOCXTPL, least=True)
    fastest = min((times[name] for name in PACKAGES if name in times), default=None)
    _judge("fastest Node peer / gremium", fastest / mine if fastest else None, PEERS, least=True)
    _judge("gremium / floor", mine / times["floor"], FLOOR, least=False)


def _judge(what: str, found: float | None, goal: float, *, least: bool) -> None:
    if found is None:
        print(f"{what}: not measured")
        return
    reached = found >= goal if least else found <= goal
    print(f"{what}: {found:.2f} (goal: {'at least' if least else 'at most'} {goal:g}) – {'reached' if reached else 'MISSED'}")


def long_tables() -> None:
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
    print(f"\n{'rows of 6 cells':18} {'s':>8}  {'µs a row':>8}")
    seconds = {}
    for count in (ROWS // 4, ROWS // 2, ROWS, ROWS * 2):
        rows = [{name: f"Zelle {number} {name} & mehr" for name in columns} for number in range(count)]
        seconds[count] = median(turn(lambda _, rows=rows: template.render({"rows": rows}), 0, 1) for _ in range(3)) / 1000  # type: ignore[misc]
        print(f"{count:18,} {seconds[count]:8.3f}  {seconds[count] / count * 1e6:8.1f}")
    _judge(f"{ROWS:,} rows, seconds", seconds[ROWS], SECONDS, least=False)


def many(documents: int) -> None:
    """The memory of one process that makes one document after the other."""
    given = contexts()
    merge = ours(given)
    print(f"\n{'documents':>18} {'MB resident':>12}")
    for done in range(documents + 1):
        merge(done % PARTNERS)
        if done and done % max(1, documents // 10) == 0:
            print(f"{done:18,} {_resident():12.1f}", flush=True)
    print(f"peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.1f} MB")


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description="What a merged Word document costs.")
    parser.add_argument("--install", action="store_true", help="install the Node peers into bench/work and end")
    parser.add_argument("--documents", type=int, default=10_000, help="documents of the memory run")
    options = parser.parse_args()
    if options.install:
        install()
        return
    memoranda()
    long_tables()
    many(options.documents)


if __name__ == "__main__":
    main()
