"""The plain text of a paper, for those who search a council information system."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"    # says again what stands beside it
PRINTED = {f"{WORD}tab": "\t", f"{WORD}br": "\n", f"{WORD}cr": "\n", f"{WORD}noBreakHyphen": "\u2011"}


def text_of(docx: bytes) -> str:
    """What the body of a Word file says, a line for each paragraph; only for files of our own making."""
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        root = ElementTree.fromstring(package.read("word/document.xml"))
    lines = ("".join(_words(paragraph)).strip() for paragraph in root.iter(f"{WORD}p"))
    return "\n".join(line for line in lines if line)


def _words(element: ElementTree.Element) -> Iterator[str]:
    for child in element:
        if child.tag == f"{WORD}t":
            yield child.text or ""
        elif child.tag in PRINTED:
            yield PRINTED[child.tag]
        elif child.tag not in (FALLBACK, f"{WORD}p"):     # a paragraph within a text box has its own line
            yield from _words(child)
