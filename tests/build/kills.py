"""Builds killed at random moments, each in a fork of one warm process; after each one everything is looked at."""

import io
import os
import random
import signal
import sys
import time
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.build.inputs import sha256_of
from pipeline.build.plan import State, plan
from pipeline.ledger import Ledger
from pipeline.papers.draft import Draft
from pipeline.workspace import Workspace
from tests import makers
from tests.build.office import build, drafts

PAPERS = 12


def sound(workspace: Workspace, papers: Sequence[Draft]) -> None:
    """Every file is whole; what counts as fresh lies there in the bytes the ledger knows; the log has no gap."""
    for path in (workspace.outputs / "memorandum").glob("[!.]*"):
        data = path.read_bytes()
        if path.suffix == ".docx":
            assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None, path
        else:
            assert data.startswith(b"%PDF"), path
            assert data.rstrip().endswith(b"%%EOF"), path
    with Ledger(workspace.outputs / "ledger.sqlite", read_only=True) as ledger:
        for entry in plan(workspace, papers, {}, ledger).of(State.FRESH):
            assert entry.row
            assert sha256_of(workspace.root / entry.row.docx) == entry.row.docx_sha256, entry.key
            assert sha256_of(workspace.root / entry.row.pdf) == entry.row.pdf_sha256, entry.key
        link = ""
        for event in ledger.log():
            assert event.follows(link), event
            link = event.chain


def main() -> None:
    """Goes on until so many builds were killed at work; says how many had ended before, which is more on a busy machine."""
    workspace, wanted = Workspace(Path(sys.argv[1]), makers.settings()), int(sys.argv[2])
    chance = random.Random(6)
    build(workspace, drafts(1))     # loads what a build needs
    began = time.monotonic()
    build(workspace, drafts(PAPERS, phone="warm"))
    length = time.monotonic() - began
    killed = rounds = 0
    while killed < wanted and rounds < 10 * wanted:
        number, rounds = rounds, rounds + 1
        papers = [replace(paper, author=f"Geschäftsstelle {number // 3}") for paper in drafts(PAPERS)]      # all stale every third time
        child = os.fork()
        if not child:
            build(workspace, papers)
            os._exit(0)
        time.sleep(chance.random() * length)
        os.kill(child, signal.SIGKILL)
        if os.WIFSIGNALED(os.waitpid(child, 0)[1]):
            killed += 1
        else:
            length *= 0.9       # the machine is quicker than when that was measured
        sound(workspace, papers)
    print(f"killed {killed} finished {rounds - killed}")


if __name__ == "__main__":
    main()
