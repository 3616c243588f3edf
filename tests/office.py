"""An office at work: whole small workspaces, and the command as its people start it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent
Gremium = Callable[..., "subprocess.CompletedProcess[str]"]

MAIN_JOB = (
    ("check",), ("build",), ("approve", "--by", "Prüfung"), ("sign", "memorandum"), ("send", "invitation", "--really", "--yes", "all"),
    ("council",), ("report",),
)


def small(folder: Path) -> Path:
    """A whole workspace with four partners, in `folder`."""
    shutil.copytree(ROOT / "tests" / "workspaces" / "small", folder / "inputs")
    shutil.copytree(ROOT / "templates", folder / "templates")
    return folder


def gremium(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Runs the command in a folder, as a user would; gives exit code, output and messages."""
    return subprocess.run([sys.executable, "-m", "pipeline", "-C", str(folder), *words], input=stdin, capture_output=True,
                          text=True, check=False, timeout=240)


def living(session: int) -> list[int]:
    """Processes that live in a session; what nobody has reaped yet does not count."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, leader = status.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(leader) == session and state != "Z":
            found.append(int(status.parent.name))
    return found
