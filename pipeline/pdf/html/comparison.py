"""The last look: Word file and page must say the same, word for word, in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from lxml import etree

from pipeline.pdf.html.names import MC, WPS, attribute, w
from pipeline.pdf.html.refusals import DifferentText
from pipeline.pdf.html.styles import Styles
from pipeline.pdf.html.symbols import readable

_REPLACED = {"PAGE", "NUMPAGES", "SECTIONPAGES", "PAGEREF"}      # fields the page works out itself
_UNSEEN = frozenset({w("del"), w("moveFrom"), w("pPr"), w("instrText"), f"{{{MC}}}Fallback"})
_MADE = frozenset({"_label", "_page-number", "_page-count", "_page-reference", "_leader"})      # on the page, but not in Word's text
_SIGNS = {w("noBreakHyphen"): "\u2011", w("softHyphen"): "\u00ad"}


def check(story: etree._Element, element: Element, styles: Styles) -> None:
    """Compares the text of one story – body, header, note, text box – with the element it became.

    Stories inside it are passed over: each is compared by itself. Raises DifferentText at the first difference.
    """
    word = "".join("".join(_word(story, _Fields(), styles)).split())
    page = "".join("".join(_inside(element)).split())
    if word != page:
        at = next((number for number, (one, other) in enumerate(zip(word, page, strict=False)) if one != other), min(len(word), len(page)))
        raise DifferentText(word[max(0, at - 15):at + 25], page[max(0, at - 15):at + 25])


class _Fields:
    """Which fields are open, and whether what stands there is shown."""

    def __init__(self) -> None:
        self._open: list[list[str]] = []

    def mark(self, kind: str | None) -> None:
        if kind == "begin":
            self._open.append(["code", ""])
        elif kind == "separate" and self._open:
            self._open[-1][0] = "result"
        elif kind == "end" and self._open:
            self._open.pop()

    def code(self, text: str) -> None:
        if self._open:
            self._open[-1][1] += text

    @property
    def shown(self) -> bool:
        return all(state == "result" and (code.split() or [""])[0].upper() not in _REPLACED for state, code in self._open)


def _word(element: etree._Element, fields: _Fields, styles: Styles) -> Iterator[str]:
    for item in element:
        tag = item.tag
        if tag == w("fldChar"):
            fields.mark(item.get(w("fldCharType")))
        elif tag == w("instrText"):
            fields.code(item.text or "")
        elif tag == w("fldSimple"):
            if (item.get(w("instr"), "").split() or [""])[0].upper() not in _REPLACED:
                yield from _word(item, fields, styles)
        elif tag == w("t"):
            if fields.shown:
                yield item.text or ""
        elif tag in _SIGNS:
            if fields.shown:
                yield _SIGNS[tag]
        elif tag == w("sym"):
            if fields.shown:
                yield readable(chr(int(item.get(w("char"), "20"), 16)), item.get(w("font"), "")) or ""
        elif tag not in _UNSEEN and not _hidden(item, styles):
            yield from _word(item, fields, styles)


def _hidden(item: etree._Element, styles: Styles) -> bool:
    if item.tag != w("r"):
        return item.tag == f"{{{WPS}}}txbx"      # a text box stands beside its paragraph, so out of order
    vanish = item.find(f"{w('rPr')}/{w('vanish')}")
    if vanish is not None:
        return attribute(vanish) not in ("0", "false")
    style = item.find(f"{w('rPr')}/{w('rStyle')}")
    found = styles.get(attribute(style), "character") if style is not None else None
    return bool(found and found.run.get("vanish"))


def _page(element: Element) -> Iterator[str]:
    kind = set((element.get("class") or "").split())
    if kind & {"_running", "_text-box", "_footnote"} or kind & _MADE:
        return
    yield from _inside(element)


def _inside(element: Element) -> Iterator[str]:
    yield element.text or ""
    for item in element:
        yield from _page(item)
        yield item.tail or ""
