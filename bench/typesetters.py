"""The same paper for other typesetters: the page that Word's file became, said to Typst and to plain WeasyPrint.

Both get what our way reads out of the Word file: headings, paragraphs, lists, tables and running lines, nothing measured or worked out
for them beforehand. Neither reads Word files, knows form fields to sign in, or attaches data of its own.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, tostring

from pipeline.pdf.html.convert import Markup
from pipeline.pdf.style import BASE

STANDARDS = ["a-3a", "ua-1"]
_HEADING = re.compile(r"h([1-6])")
_RUNNING = {"header": "_header", "footer": "_footer"}


def words_of(pdf: Path) -> set[str]:
    """The words poppler reads in a PDF, those divided at line ends joined; digits are words."""
    said = subprocess.run(["pdftotext", "-raw", str(pdf), "-"], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"\w{3,}", re.sub(r"[-\u00ad\u2010]\n", "", said)))


def same_words(one: Path, other: Path) -> None:
    """Says which words stand in one PDF alone; at most one in a hundred may, for those that line ends divide differently."""
    mine, theirs = words_of(one), words_of(other)
    for here, there, path in ((mine, theirs, one), (theirs, mine, other)):
        alone = sorted(here - there)
        assert len(alone) <= len(here) // 100, (path.name, alone[:20])


def weasyprint_source(markup: Markup, house: str) -> str:
    """One HTML file as somebody would write it for WeasyPrint."""
    sheets = "".join(f"<style>{css}</style>" for css in (BASE, markup.styles, house, markup.direct) if css)
    return tostring(markup.root, encoding="unicode", method="html").replace("</head>", sheets + "</head>", 1)


def typst_source(markup: Markup) -> str:
    """The paper in Typst's language, in the house's font and size."""
    body = markup.root[1]
    running = {place: [element for element in body.iter("div") if sign in element.get("class", "")] for place, sign in _RUNNING.items()}
    lines = [f'#set document(title: "{markup.title}", author: "{markup.author}")',
             f'#set text(font: "Liberation Sans", lang: "{markup.language[:2]}", size: 10.5pt, hyphenate: true)',
             '#set page(paper: "a4", margin: (left: 25mm, right: 20mm, top: 40mm, bottom: 35mm)']
    for place, (first, *rest) in running.items():
        later = rest[0] if rest else first
        lines.append(f", {place}: context {{ if counter(page).get().first() == 1 [{''.join(_blocks(first))}] else [{''.join(_blocks(later))}] }}")
    beside = {part for parts in running.values() for part in parts}
    return "\n".join([*lines, ")", *(line for section in body for element in section if element not in beside for line in _block(element))])


def _blocks(parent: Element) -> Iterator[str]:
    for element in parent:
        yield from _block(element)


def _block(element: Element) -> Iterator[str]:
    if found := _HEADING.fullmatch(element.tag):
        yield f"#heading(level: {found[1]})[{_inline(element)}]\n"
    elif element.tag in ("ol", "ul"):
        yield from _list(element)
    elif element.tag == "table":
        yield from _table(element)
    elif element.tag in ("div", "section"):
        yield from _blocks(element)
    elif "_blank" not in element.get("class", ""):
        yield f"{_inline(element)}\n\n"


def _list(element: Element) -> Iterator[str]:
    """A list whose numbers are those Word counted."""
    items = [(_label(item), _inline(item)) for item in element]
    labels = ", ".join(f"[{label}]" for label, _ in items)
    yield f"#enum(numbering: n => ({labels},).at(n - 1), {', '.join(f'[{text}]' for _, text in items)})\n"


def _label(item: Element) -> str:
    label = item.find("figcaption")
    return _said(label.text) if label is not None else "–"


def _table(element: Element) -> Iterator[str]:
    def cells(row: Element) -> str:
        return ", ".join(f"table.cell(colspan: {cell.get('colspan', '1')}, rowspan: {cell.get('rowspan', '1')})[{''.join(_blocks(cell))}]"
                         for cell in row)
    head = [row for part in element.iter("thead") for row in part]
    body = [row for part in element.iter("tbody") for row in part]
    columns = len(list(element.iter("col")))
    parts = ([f"table.header({', '.join(map(cells, head))})"] if head else []) + [cells(row) for row in body]
    yield f"#table(columns: {columns}, stroke: 0.5pt + gray, {', '.join(parts)})\n"


_COUNTED = {"_page-number": "#counter(page).display()", "_page-count": "#context counter(page).final().first()"}


def _inline(element: Element) -> str:
    text = _said(element.text)
    for part in element:
        sign = part.get("class", "")
        if part.tag == "br":
            text += "\\ "
        elif part.tag != "figcaption" and sign in _COUNTED:
            text += _COUNTED[sign]
        elif part.tag != "figcaption":
            inner = _inline(part)
            text += f"#strong[{inner}]" if sign == "strong" else f"#h(1fr){inner}" if "_tabbed" in sign else inner
        text += _said(part.tail)
    return text


def _said(text: str | None) -> str:
    return re.sub(r"([\\#$*_`<>@=\-+/~\"';\[\]])", r"\\\1", text or "")


def compiled(source: str, standards: list[str]) -> bytes:
    """Typst's PDF. Raises ImportError where it is not installed."""
    import typst
    made: Any = typst.compile(source.encode(), pdf_standards=standards)
    return bytes(made)
