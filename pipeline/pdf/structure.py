"""The tag tree that WeasyPrint drew up, mended: labels of lists, artifacts of headers and footers, places of signature fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pydyf

_KEEPS_EMPTY = (b"/TD", b"/TH", b"/TR", b"/Figure", b"/Form", b"/Document", b"/Caption")


class _Null(pydyf.Object):  # type: ignore[misc]  # pydyf has no types
    """An object that is no more; its number stays taken."""

    data = b"null"


@dataclass(frozen=True, slots=True)
class Tree:
    """The tag tree of a PDF that is about to be written."""

    pdf: Any                    # pydyf.PDF
    root: Any                   # the StructTreeRoot
    parents: Any                # the parent tree: page by page which tag each piece of content belongs to

    @classmethod
    def of(cls, pdf: Any) -> Tree:
        """The tree of a tagged PDF."""
        root = _resolved(pdf, pdf.catalog["StructTreeRoot"])
        return cls(pdf, root, _resolved(pdf, root["ParentTree"]))

    def mend(self) -> list[Any]:
        """Puts the tree right; returns the empty elements that wait for a signature field, in reading order."""
        self._make_artifacts()
        waiting = []
        for element in list(self._walk(self._document)):
            kind = _name(element)
            if kind == "/Caption" and not element["K"]:
                waiting.append(element)
            elif kind == "/Caption":
                self._label(element)
            elif kind == "/TR":
                self._scope(element)
        self._prune(self._document)
        return waiting

    def _scope(self, row: Any) -> None:
        """Says of a row's headings whether they head their column, or, as in forms, the row they open."""
        cells = list(self._kids(row))
        opens = [_name(cell) for cell in cells][:2] == ["/TH", "/TD"]
        for cell in cells:
            if _name(cell) == "/TH":
                cell["A"]["Scope"] = "/Row" if opens else "/Column"

    def field(self, element: Any, annotation: Any, page: bytes) -> None:
        """Makes an element the tag of a form field."""
        reference = pydyf.Dictionary({"Type": "/OBJR", "Obj": annotation.reference, "Pg": page})
        self.pdf.add_object(reference)
        element["S"], element["K"] = "/Form", pydyf.Array([reference.reference])
        numbers = self.parents["Nums"]
        key = max((number for number in numbers[::2]), default=-1) + 1
        numbers.extend((key, element.reference))
        annotation["StructParent"] = key

    @property
    def _document(self) -> Any:
        return _resolved(self.pdf, self.root["K"][0])

    def _kids(self, element: Any) -> Iterator[Any]:
        for kid in element["K"]:
            if isinstance(kid, bytes):
                found = _resolved(self.pdf, kid)
                if isinstance(found, dict) and found.get("Type") == "/StructElem":
                    yield found

    def _walk(self, element: Any) -> Iterator[Any]:
        yield element
        for kid in self._kids(element):
            yield from self._walk(kid)

    def _label(self, caption: Any) -> None:
        """A list's label is drawn in its body; its tag belongs before it."""
        body = _resolved(self.pdf, caption["P"])
        if _name(body) != "/LBody":
            caption["S"] = "/Span"
            return
        item = _resolved(self.pdf, body["P"])
        body["K"].remove(caption.reference)
        item["K"].insert(0, caption.reference)
        caption["S"], caption["P"] = "/Lbl", item.reference

    def _make_artifacts(self) -> None:
        """What is tagged but hangs in no tree – headers, footers – becomes an artifact of the page."""
        alive = {id(element) for element in self._walk(self._document)}
        dead: list[Any] = [item for item in self.pdf.objects
                           if isinstance(item, dict) and item.get("Type") == "/StructElem" and id(item) not in alive]
        if not dead:
            return
        gone: dict[bytes, set[int]] = {}
        for element in dead:
            gone.setdefault(element["Pg"], set()).update(kid for kid in element["K"] if isinstance(kid, int))
            self.pdf.objects[element.number] = _null(element.number)
        numbers = self.parents["Nums"]
        for page, marks in gone.items():
            dictionary = _resolved(self.pdf, page)
            _unmark(_resolved(self.pdf, dictionary["Contents"]), marks)
            row = numbers[numbers[::2].index(dictionary["StructParents"]) * 2 + 1]
            for mark in marks:
                row[mark] = "null"

    def _prune(self, element: Any) -> bool:
        """Removes tags without content; True where the element itself has none."""
        for kid in list(self._kids(element)):
            if self._prune(kid):
                element["K"].remove(kid.reference)
                self.pdf.objects[kid.number] = _null(kid.number)
        return not element["K"] and _name(element).encode() not in _KEEPS_EMPTY


def _null(number: int) -> _Null:
    item = _Null()
    item.number = number
    return item


def _name(element: Any) -> str:
    return str(element["S"])


def _resolved(pdf: Any, reference: Any) -> Any:
    return pdf.objects[int(reference.split()[0])]


def _unmark(stream: Any, marks: set[int]) -> None:
    content = stream.stream
    for place, operator in enumerate(content):
        if operator == b"BDC" and isinstance(content[place - 1], dict) and content[place - 1].get("MCID") in marks:
            content[place - 2] = "/Artifact"
            content[place - 1] = pydyf.Dictionary({"Type": "/Pagination"})
