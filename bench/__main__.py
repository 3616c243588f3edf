"""Everything that is promised of speed, measured side by side with what people use today.

    python -m bench [NAME …] [--quick] [--everything]        (= make bench; default: all programs)

Installs the peers where they are missing, runs the programs one after the other, and writes `bench/results.json` and the tables in
`docs/benchmarks.md`. Programs that were not asked for keep the figures they had, each with the day, machine and load it was measured under.
"""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import json
import subprocess
import sys
from statistics import median
from typing import Any

from bench.measure import ROOT, WORK, Result, machine, told, versions

PROGRAMS = {
    "tables": "Reading and checking tables", "word": "Merging Word documents", "pdf": "From Word to PDF/A-3a and PDF/UA-1",
    "build": "What a build adds", "signing": "Signing", "returns": "Verifying and receiving", "scans": "Receiving scans",
    "mail": "Mailing", "inbox": "The inbox", "report": "The status page", "whole": "The whole job", "growth": "Growth and floors",
}
RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: written by python -m bench -->", "<!-- end of figures -->"


def measured(name: str, *, quick: bool, everything: bool = False) -> dict[str, Any]:
    """One program's figures, in a process of its own: memory and what was imported are no other's."""
    code = ("import json, sys; from dataclasses import asdict; from importlib import import_module\n"
            "for result in import_module(f'bench.{sys.argv[1]}').measures(**json.loads(sys.argv[2])):\n"
            "    print(result, file=sys.stderr, flush=True); print('RESULT ' + json.dumps(asdict(result)), flush=True)")
    before = machine()["load"]
    asked = {"quick": quick} | ({"everything": True} if everything and name == "growth" else {})
    done = subprocess.run([sys.executable, "-c", code, name, json.dumps(asked)], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    found = [json.loads(line.removeprefix("RESULT ")) for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    return {"day": dt.datetime.now(dt.UTC).date().isoformat(), "quick": quick, "load": [before, machine()["load"]], "results": found,
            "failed": done.returncode != 0}


def read(values: dict[str, Any]) -> Result:
    """A figure as it was kept."""
    return Result(**values | {"ours": tuple(values["ours"]), "peers": {name: tuple(each) for name, each in values["peers"].items()}})


def table(name: str, run: dict[str, Any]) -> str:
    """One program's table; what was promised and what a peer cannot do stand in the row."""
    lines = [f"### {PROGRAMS[name]}", "", f"`python -m bench.{name}`, {run['day']}, load {run['load'][0]} before and {run['load'][1]} after"
             + (", short run" if run["quick"] else "") + (", broken off" if run["failed"] else "") + ".", "",
             "| measured | gremium | beside | promised | |", "|---|---|---|---|---|"]
    for result in map(read, run["results"]):
        beside = "<br>".join(f"{peer} {told(values)}: **{result.ratio(peer):.2f} ×**" for peer, values in result.peers.items())
        promised = result.bound + ("" if result.kept is None else ": kept" if result.kept else ": **missed**")
        lines.append("| " + " | ".join(part.replace("|", "\\|") for part in (
            result.what, f"{told(result.ours)} {result.unit}", beside, promised, result.note)) + " |")
    return "\n".join(lines)


def written(kept: dict[str, Any]) -> None:
    """The figures as data, and between their marks on the page."""
    RESULTS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
    head = (f"Machine: {', '.join(f'{name} {value}' for name, value in kept['machine'].items() if name != 'load')}. "
            f"Versions: {', '.join(f'{name} {value}' for name, value in kept['versions'].items())}.")
    tables = [table(name, kept["programs"][name]) for name in PROGRAMS if name in kept["programs"]]
    text = PAGE.read_text("utf-8")
    before, after = text[:text.index(BEGIN)], text[text.index(END):]
    PAGE.write_text(before + "\n\n".join([BEGIN, head, *tables]) + "\n\n" + after, "utf-8")


def peers() -> dict[str, str]:
    """The versions of those that live in bench/work."""
    from bench.word import MAILMERGE, PACKAGES
    there = {name: version for name, version in PACKAGES.items() if (WORK / "node_modules" / name).is_dir()}
    return there | dict([MAILMERGE.split("==")])


def main() -> int:
    """Runs what was asked for; 1 where a promise is missed or a program failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PROGRAMS))
    parser.add_argument("--quick", action="store_true", help="smaller runs: for a look, not for the record")
    parser.add_argument("--everything", action="store_true", help="growth: make and sign 100,000 papers as well, which takes three hours")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(PROGRAMS):
        parser.error(f"no program {', '.join(sorted(unknown))}; there are {', '.join(PROGRAMS)}")
    names = asked.names or list(PROGRAMS)
    if "word" in names:
        importlib.import_module("bench.word").install()
    kept: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"programs": {}}
    kept |= {"machine": machine(), "versions": versions() | peers()}
    for name in names:
        print(f"\n\033[1mbench.{name}\033[0m", flush=True)
        kept["programs"][name] = measured(name, quick=asked.quick, everything=asked.everything)
        written(kept)
    runs = [kept["programs"][name] for name in names]
    missed = [result for run in runs for result in map(read, run["results"]) if result.kept is False]
    print("\n" + "\n".join(f"MISSED  {result.program}: {result.what}: {result.bound} ({median(result.ours):g} {result.unit})" for result in missed))
    return int(bool(missed) or any(run["failed"] for run in runs))


if __name__ == "__main__":
    sys.exit(main())
