"""Several finished PDFs bound into one, for the printer or for a reader who wants one file.

What is bound is for paper and screens: each part's own tags, attachments and form fields stay with the part, so the whole is
neither PDF/A nor PDF/UA. The single papers are.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import pikepdf

from pipeline.errors import DocumentError


class Unbindable(DocumentError):
    """A part is no PDF that can be read."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"die {number}. Datei lässt sich nicht einbinden: {reason}", hint="Das Papier neu erstellen und erneut versuchen.")


@dataclass(frozen=True, slots=True)
class Bound:
    """Several papers in one PDF."""

    pdf: bytes
    pages: tuple[int, ...]     # of each paper, without blank pages


def bind(parts: Sequence[bytes], *, title: str, bookmarks: Sequence[str] = (), labels: Sequence[str] = (),
         duplex: bool = False) -> Bound:
    """One PDF of all parts, in their order, the same bytes for the same parts.

    `bookmarks` names each part in the reader's outline; `labels` begins the page numbers a reader shows, anew for each part
    ("A1-" makes A1-1, A1-2 …); with `duplex` each part begins on a front page when printed on both
    sides, and printers are told so. Raises Unbindable.
    """
    whole = pikepdf.new()
    counts: list[int] = []
    starts: list[int] = []
    for number, data in enumerate(parts, 1):
        starts.append(len(whole.pages))
        counts.append(_append(whole, data, number))
        if duplex and counts[-1] % 2 and number < len(parts):
            box = [float(edge) for edge in whole.pages[-1].mediabox]
            whole.add_blank_page(page_size=(box[2] - box[0], box[3] - box[1]))
    _describe(whole, title, duplex)
    _number(whole, labels, starts)
    with whole.open_outline() as outline:
        outline.root.extend(pikepdf.OutlineItem(name, page) for name, page in zip(bookmarks, starts, strict=False))
    file = io.BytesIO()
    whole.save(file, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return Bound(file.getvalue(), tuple(counts))


def _append(whole: pikepdf.Pdf, data: bytes, number: int) -> int:
    """Adds one part's pages; how many they are."""
    try:
        with pikepdf.open(io.BytesIO(data)) as part:
            for page in part.pages:
                for name in ("/StructParents", "/Tabs"):       # point into the part's own tree of tags
                    if name in page.obj:
                        del page.obj[name]
                if "/Annots" in page.obj:                      # links and fields point into the part as well
                    del page.obj["/Annots"]
            whole.pages.extend(part.pages)
            return len(part.pages)
    except (pikepdf.PdfError, pikepdf.PasswordError) as error:
        raise Unbindable(number, str(error)) from error


def _number(whole: pikepdf.Pdf, labels: Sequence[str], starts: Sequence[int]) -> None:
    """Page labels (ISO 32000-1, 12.4.2): decimal, anew in each part."""
    if labels:
        numbers = pikepdf.Array()
        for prefix, start in zip(labels, starts, strict=False):
            numbers.append(start)
            numbers.append(pikepdf.Dictionary(S=pikepdf.Name("/D"), P=pikepdf.String(prefix)) if prefix
                           else pikepdf.Dictionary(S=pikepdf.Name("/D")))
        whole.Root["/PageLabels"] = pikepdf.Dictionary(Nums=numbers)


def _describe(whole: pikepdf.Pdf, title: str, duplex: bool) -> None:
    whole.docinfo["/Title"] = title
    whole.Root["/Lang"] = pikepdf.String("de-DE")
    preferences = pikepdf.Dictionary(DisplayDocTitle=True)
    if duplex:
        preferences["/Duplex"] = pikepdf.Name("/DuplexFlipLongEdge")
    whole.Root["/ViewerPreferences"] = preferences
