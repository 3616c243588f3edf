"""Independent judges of a PDF: none of them is ours."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import page
import pikepdf

from pipeline.pdf.conformance import problems


def faults(pdf: bytes, tmp_path: Path) -> list[str]:
    """What our own check, page-validation (PDF/A-3a, PDF/UA-1), qpdf and poppler find wrong."""
    found = list(problems(pdf))
    for profile in ("3a", "ua1"):
        found += [f"{profile} {failure.rule_id}: {failure.message}" for failure in page.validate_pdf_bytes(pdf, profile=profile).failures]
    path = tmp_path / "judged.pdf"
    path.write_bytes(pdf)
    check = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
    found += check.stderr.splitlines() if check.returncode else []
    fonts = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    return found + [f"not embedded: {line}" for line in fonts if line.split()[-5] != "yes"]


def spoken(pdf: bytes, tmp_path: Path, *options: str) -> str:
    """The text in its order, as poppler reads it."""
    path = tmp_path / "read.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, text=True, check=True).stdout


def words(pdf: bytes, tmp_path: Path) -> list[tuple[int, str, float, float, float, float]]:
    """Each word with its page and its box in millimetres from the sheet's upper left corner."""
    found = []
    for number, sheet in enumerate(spoken(pdf, tmp_path, "-bbox").split("<page ")[1:], start=1):
        for box in re.finditer(r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>', sheet):
            left, top, right, bottom = (float(box[place]) * 25.4 / 72 for place in (1, 2, 3, 4))
            found.append((number, box[5], left, top, right, bottom))
    return found


def tags(pdf: bytes) -> list[str]:
    """The names of all tags in reading order."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        found: list[str] = []

        def walk(node: object) -> None:
            if isinstance(node, pikepdf.Dictionary):
                if "/S" in node and node.get("/Type") == "/StructElem":
                    found.append(str(node["/S"])[1:])
                kids = node.get("/K", pikepdf.Array())
                for kid in (kids if isinstance(kids, pikepdf.Array) else [kids]):
                    walk(kid)
        walk(document.Root.StructTreeRoot)
        return found
