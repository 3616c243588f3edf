"""What every program here shares: one measured figure beside those of others, turns, medians, memory, and the machine it was on."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import TypeVar

ROOT = Path(__file__).parent.parent
WORK = ROOT / "bench" / "work"         # what is installed for the peers alone; no part of the repository
T = TypeVar("T")
Values = tuple[float, ...]             # one for each turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One figure: what was measured, ours and the peers' values in the order of the turns, and whether what was promised holds."""

    program: str
    what: str
    ours: Values
    unit: str                                               # "ms", "s", "MB", "/s" …
    peers: Mapping[str, Values] = field(default_factory=dict)
    bound: str = ""                                         # what was promised, in words
    kept: bool | None = None                                # None: nothing was promised
    note: str = ""                                          # what a peer cannot do, what the figure leaves out

    @property
    def mine(self) -> float:
        """Our median."""
        return median(self.ours)

    def ratio(self, peer: str) -> float:
        """How many times ours the peer's median is."""
        return median(self.peers[peer]) / self.mine if self.mine else float("inf")

    def __str__(self) -> str:
        beside = "".join(f"; {name} {told(values)} ({self.ratio(name):.2f} ×)" for name, values in self.peers.items())
        judged = "" if self.kept is None else f" – {self.bound}: {'kept' if self.kept else 'MISSED'}"
        return f"{self.what}: {told(self.ours)} {self.unit}{beside}{judged}{f' [{self.note}]' if self.note else ''}"


def told(values: Values) -> str:
    """The median, with the smallest and the largest value where there are several."""
    return f"{short(median(values))} ({short(min(values))}–{short(max(values))})" if len(values) > 1 else short(values[0])


def short(value: float) -> str:
    """Three digits that mean something."""
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}" if size >= 0.1 else f"{value:.4f}".rstrip("0")


def turns(ways: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, tuple[T, ...]]:
    """Every way in its turn, A B A B, so that what the machine does meanwhile falls on all of them alike."""
    taken: dict[str, list[T]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            taken[name].append(way())
    return {name: tuple(values) for name, values in taken.items()}


def compared(program: str, what: str, taken: Mapping[str, Values], unit: str, **rest: object) -> Result:
    """A figure whose first way is ours."""
    (_, ours), *peers = taken.items()
    return Result(program=program, what=what, ours=ours, peers=dict(peers), unit=unit, **rest)  # type: ignore[arg-type]  # bound, kept, note


def processor(work: Callable[[], object]) -> float:
    """Seconds of processor time of some work in this process: what else runs on the machine is not in it."""
    start = time.process_time()
    work()
    return time.process_time() - start


@dataclass(frozen=True, slots=True)
class Spent:
    """What a command cost."""

    cpu: float          # seconds of all its processes
    wall: float         # seconds


def spent(*command: object) -> Spent:
    """What a command costs that has to succeed."""
    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime
    before, start = used(), time.perf_counter()
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command[:6]))} …: {done.stdout[-1000:]}{done.stderr[-2000:]}")
    return Spent(used() - before, time.perf_counter() - start)


def resident() -> float:
    """Megabytes this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def peak() -> float:
    """The most megabytes this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def missed(results: Iterable[Result]) -> int:
    """Prints figures as they come, one line each; 1 where a promise is not kept."""
    broken = False
    for result in results:
        print(result, flush=True)
        broken |= result.kept is False
    return int(broken)


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    info = _pairs("/proc/cpuinfo") | _pairs("/proc/meminfo")
    return {"processor": info.get("model name", platform.processor() or platform.machine()), "cores": str(len(os.sched_getaffinity(0))),
            "memory": f"{int(info['MemTotal'].split()[0]) / 2**20:.0f} GB" if "MemTotal" in info else "unknown",
            "kernel": f"{platform.system()} {platform.release()}", "load": f"{os.getloadavg()[0]:.1f}"}


def _pairs(path: str) -> dict[str, str]:
    file = Path(path)
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}


PACKAGES = ("gremium", "docxtpl", "weasyprint", "pyhanko", "typst", "python-calamine", "lxml", "pikepdf")
COMMANDS: Mapping[str, Sequence[str]] = {
    "LibreOffice": ("soffice", "--version"), "Node": ("node", "--version"), "Postfix": ("postconf", "-dh", "mail_version"),
    "valgrind": ("valgrind", "--version"), "Chromium": ("chromium", "--version")}


def versions() -> dict[str, str]:
    """What was compared, each in its version; what is missing is told as missing."""
    return {"Python": platform.python_version()} | {name: _installed(name) for name in PACKAGES} | {
        name: _said(command) for name, command in COMMANDS.items()}


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _said(command: Sequence[str]) -> str:
    if shutil.which(command[0]) is None:
        return "missing"
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    words: Iterator[str] = (word for word in done.stdout.split() if any(sign.isdigit() for sign in word))
    return next(words, "unknown").removeprefix("valgrind-")
