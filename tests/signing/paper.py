"""Memoranda given out, and the paper that comes back of them."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from pipeline.ledger import Ledger
from pipeline.signing.arrival import Received, Return
from pipeline.signing.returns import house_of
from pipeline.signing.stacks import sort
from pipeline.workspace import Workspace
from tests.office import gremium, small
from tests.scanner import Scanner, Write, handwriting, printed, stack, with_writing

NOW = dt.datetime(2031, 6, 8, 9, 30, tzinfo=dt.UTC)
FIRST, SECOND, THIRD = "memorandum/P-001", "memorandum/P-002", "memorandum/P-003"
SIGNED_AT = (3, handwriting(125, 257))      # page and hand: where the partner signs in the memoranda of the small workspace
DEVICES = [Scanner(angle=1.2), Scanner(angle=-1.5, seed=3), Scanner(angle=180.8, seed=5), Scanner(angle=0.3, blur=0.8, seed=7)]
STEPS = (("build", "memorandum"), ("approve", "memorandum", "--by", "Prüfung"), ("sign", "memorandum"), ("issue", "memorandum", "--by", "post"))


def given_out(folder: Path) -> Path:
    """A workspace whose three memoranda are released, signed by the initiators and given out."""
    small(folder)
    for words in STEPS:
        done = gremium(folder, *words)
        assert done.returncode == 0, (words, done.stderr)
    return folder


def sheets(folder: Path, key: str, *, signed: bool = True, writes: Mapping[int, Sequence[Write]] | None = None) -> list[Image.Image]:
    """A memorandum on paper; what is written on which page comes on top of the partner's signature."""
    [pdf] = (folder / "outputs" / "memorandum").glob(key.replace("/", "-") + "*.pdf")
    hands = {number: list(hand) for number, hand in (writes or {}).items()}
    if signed:
        hands.setdefault(SIGNED_AT[0], []).append(SIGNED_AT[1])
    return [with_writing(sheet, hands.get(number, ())) for number, sheet in enumerate(printed(pdf.read_bytes()), 1)]


def scan(pages: Sequence[Image.Image]) -> bytes:
    """A stack of sheets as the scanner's PDF, each a little off in its own way."""
    return stack([DEVICES[number % len(DEVICES)].scan(page) for number, page in enumerate(pages)])


def picture(page: Image.Image, kind: str = "PNG") -> bytes:
    """One sheet as an image file."""
    file = io.BytesIO()
    DEVICES[0].scan(page).save(file, kind)
    return file.getvalue()


def judged(folder: Path, *files: bytes, jobs: int = 1) -> list[Return]:
    """What is said of scanned files."""
    workspace = Workspace.open(folder)
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        house = house_of(workspace, ledger, NOW)
    received = [Received(f"scan-{number}.pdf", data, "scan") for number, data in enumerate(files, 1)]
    return list(sort(received, house, lambda done, total: None, jobs=jobs))
