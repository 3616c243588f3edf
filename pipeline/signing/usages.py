"""Where in a PDF each object is used, revision by revision: what pyHanko's comparison of revisions rests on.

pyHanko walks the whole file once for each revision, copies every object on the way and spells every path out. Here an object
that several revisions share is taken apart once, and paths are spelt out for the few objects a comparison asks about. The
answers are the same, which the tests hold against pyHanko's own. And the walk is bounded: a hundred objects that all point
at each other have more paths than there are atoms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, Reference
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath

NEVER = 1 << 30
PATHS = 200_000          # of one revision; a memorandum has two thousand

Number = tuple[int, int]                    # of an object: number and generation
Path = tuple[str | int, ...]                # keys and places, from the trailer
Links = tuple[tuple[Path, Number], ...]     # what an object points at, and by which way within itself

_TAGS: Path = ("/Root", "/StructTreeRoot", "/K")


class TooEntangled(PdfReadError):
    """More paths lead through a file than anybody can follow."""

    def __init__(self) -> None:
        super().__init__("objects point at each other in too many ways")


@dataclass(slots=True)
class Shared:
    """What the revisions of one file have in common."""

    links: dict[Number, Links] = field(default_factory=dict)             # of objects as they are in the newest revision
    changed: dict[Number, int | None] = field(default_factory=dict)      # the last revision that wrote an object; None: it is nowhere
    tags: dict[Number, tuple[int, frozenset[Number]]] = field(default_factory=dict)      # by the root of their tree: since when they are as they are


class Revision(HistoricalResolver):
    """A file as it was after one of its revisions."""

    def __init__(self, reader: Any, revision: int, shared: Shared) -> None:
        """`shared` is the same for all revisions of the reader's file."""
        super().__init__(reader, revision)
        self.shared = shared
        self._links: dict[Number, Links] = {}
        self._paths: dict[Number, list[Path]] | None = None

    def _load_reverse_xref_cache(self) -> None:
        if self._paths is None:
            self._paths = _Walk(self).paths()

    def _get_usages_of_ref(self, ref: Reference) -> set[RawPdfPath]:
        self._load_reverse_xref_cache()
        assert self._paths is not None
        return {RawPdfPath(*path) for path in self._paths.get((ref.idnum, ref.generation), ())}

    def raw(self, number: Number) -> Any:
        """An object of this revision; what it points at belongs to no revision yet."""
        return self._found(number)[0]

    def since(self, number: Number) -> int:
        """The revision that wrote an object last, after this one perhaps; one that never comes for an object that is nowhere."""
        changed = self.shared.changed.get(number)
        return NEVER if changed is None else changed

    def links(self, number: Number) -> Links:
        """What an object of this revision points at."""
        if number not in self._links:
            self._links[number] = self._taken_apart(number)
        return self._links[number]

    def _taken_apart(self, number: Number) -> Links:
        found, newest = self._found(number)
        if not newest:
            return tuple(_links(found, ()))
        if number not in self.shared.links:
            self.shared.links[number] = tuple(_links(found, ()))
        return self.shared.links[number]

    def _found(self, number: Number) -> tuple[Any, bool]:
        """An object, and whether it still is what it was in this revision (as HistoricalResolver.get_object finds it)."""
        reference, changes = Reference(*number, self.reader), self.shared.changed
        if number not in changes:
            try:
                changes[number] = self.reader.xrefs.get_last_change(reference)
            except KeyError:
                changes[number] = None
        changed = changes[number]
        newest = changed is not None and changed <= self.revision
        found = self.reader.get_object(reference, None if newest else self.revision)  # type: ignore[no-untyped-call]  # annotated in parts
        return found, newest


class _Walk:
    """One way through a revision, from its trailer to everything that can be reached (after pyHanko's HistoricalResolver)."""

    def __init__(self, revision: Revision) -> None:
        self._revision = revision
        self._read: set[Number] = set()
        self._pages = dict(self._page_tree())
        self._tags = self._tag_tree()
        self._found: dict[Number, list[Path]] = defaultdict(list)
        self._above: set[Number] = set()
        self._steps = 0

    def paths(self) -> dict[Number, list[Path]]:
        """Of each object all paths that lead to it."""
        self._follow(tuple(_links(self._revision.trailer_view, ())), (), tagged=False)
        return self._found

    def _follow(self, links: Links, so_far: Path, *, tagged: bool) -> None:
        for way, number in links:
            path = so_far + way
            among = tagged or path[:3] == _TAGS
            if among and "/P" in (way if tagged else path[3:]):      # the tag above
                continue
            if number in self._above:
                continue
            self._steps += 1
            if self._steps > PATHS:
                raise TooEntangled
            self._found[number].append(path)
            links_there = self._revision.links(number)
            # a page is entered by its place in the page tree alone, a tag by its place in the tag tree
            if self._pages.get(number, path) != path or (number in self._tags and not among):
                continue
            self._above.add(number)
            self._follow(links_there, path, tagged=among)
            self._above.discard(number)

    def _page_tree(self) -> Iterator[tuple[Number, Path]]:
        pages, path = self._root().raw_get("/Pages"), ("/Root", "/Pages")
        met: set[Number] = set()
        if isinstance(pages, IndirectObject):
            met.add(_number(pages))
            yield _number(pages), path
        yield from self._kids(self._resolved(pages), path, met)

    def _kids(self, pages: Any, path: Path, met: set[Number]) -> Iterator[tuple[Number, Path]]:
        for place, kid in enumerate(self._resolved(pages.raw_get("/Kids"))):
            here = (*path, "/Kids", place)
            if isinstance(kid, IndirectObject):
                if _number(kid) in met:
                    raise PdfReadError("a page is in the page tree twice")
                met.add(_number(kid))
                yield _number(kid), here
            page = self._resolved(kid)
            if isinstance(page, DictionaryObject) and "/Type" in page and self._resolved(page.raw_get("/Type")) == "/Pages":
                yield from self._kids(page, here, met)

    def _tag_tree(self) -> frozenset[Number]:
        """All tags; where no revision has touched them since, they are those of any other revision as well."""
        catalog, met, shared = self._root(), set[Number](), self._revision.shared.tags
        if "/StructTreeRoot" not in catalog:
            return frozenset()
        root = catalog.raw_get("/StructTreeRoot")
        start = _number(root) if isinstance(root, IndirectObject) else None
        if start in shared and shared[start][0] <= self._revision.revision:
            return shared[start][1]
        self._read.clear()
        self._collect(self._resolved(root), met)
        tags = frozenset(met)
        latest = max(map(self._revision.since, self._read), default=NEVER)
        if start is not None and latest <= self._revision.revision:
            shared[start] = latest, tags
        return tags

    def _collect(self, tag: Any, met: set[Number]) -> None:
        if not isinstance(tag, DictionaryObject) or "/K" not in tag:
            return
        below = self._resolved(tag.raw_get("/K"))
        # a single tag need not stand in an array
        for each in below if isinstance(below, ArrayObject) else (tag.raw_get("/K"),):
            child = self._resolved(each)
            if not isinstance(child, DictionaryObject) or ("/Type" in child and self._resolved(child.raw_get("/Type")) != "/StructElem"):
                continue
            if isinstance(each, IndirectObject):
                if _number(each) in met:
                    raise PdfReadError("a tag is in the tag tree twice")
                met.add(_number(each))
            self._collect(child, met)

    def _root(self) -> Any:
        return self._resolved(self._revision.trailer_view.raw_get("/Root"))

    def _resolved(self, value: Any) -> Any:
        for _ in range(9):
            if not isinstance(value, IndirectObject):
                return value
            self._read.add(_number(value))
            value = self._revision.raw(_number(value))
        raise TooEntangled


def _links(value: Any, way: Path) -> Iterator[tuple[Path, Number]]:
    """What a value points at; what it holds directly belongs to it."""
    if isinstance(value, IndirectObject):      # also where an object is nothing but a reference to another, which pyHanko does not follow
        yield way, _number(value)
    elif isinstance(value, DictionaryObject):
        for key, below in value.items():
            if isinstance(below, (IndirectObject, DictionaryObject, ArrayObject)) and key != "/Parent":
                yield from _links(below, (*way, key))
    elif isinstance(value, ArrayObject):
        for place, below in enumerate(value):
            if isinstance(below, (IndirectObject, DictionaryObject, ArrayObject)):
                yield from _links(below, (*way, place))


def _number(reference: Any) -> Number:
    return reference.idnum, reference.generation
