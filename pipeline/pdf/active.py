"""What in a PDF acts by itself: scripts, forms that redraw pages, programs started, media. A paper of ours holds none of it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from functools import cache

import pikepdf
import pikepdf.settings

ACTIONS: Mapping[str, str] = {
    "/JavaScript": "JavaScript", "/Launch": "ein Befehl, der ein Programm startet", "/SubmitForm": "ein Befehl, der Eingaben verschickt",
    "/ImportData": "ein Befehl, der Daten einliest", "/Rendition": "ein eingebetteter Film oder Ton", "/Movie": "ein eingebetteter Film oder Ton",
    "/Sound": "ein eingebetteter Film oder Ton", "/RichMediaExecute": "eingebettete Medien",
    "/SetOCGState": "ein Befehl, der Teile ein- und ausblendet",
    "/Hide": "ein Befehl, der Teile ein- und ausblendet",
}
ANNOTATIONS: Mapping[str, str] = {
    "/RichMedia": "eingebettete Medien", "/Screen": "ein eingebetteter Film oder Ton", "/Movie": "ein eingebetteter Film oder Ton",
    "/3D": "eingebettete Medien",
}
KEYS: Mapping[str, str] = {"/JS": "JavaScript", "/XFA": "ein XFA-Formular", "/AA": "Befehle, die beim Blättern oder Ausfüllen laufen"}

_NAMED = re.compile(rb"(?:%s)(?![^\s/<>\[\](){}%%])" % b"|".join(sorted({name.encode() for name in (*ACTIONS, *ANNOTATIONS, *KEYS)})))

MEMORY = 64_000_000          # bytes one packed stream may need unpacked; a memorandum's largest, its colour profile, has 3,000


@cache
def bound() -> None:
    """Lets no PDF of this process unpack to more than a paper needs, once and for all: files from outside may be bombs."""
    pikepdf.settings.set_qpdf_limits(flate_max_memory=MEMORY, png_max_memory=MEMORY, run_length_max_memory=MEMORY, tiff_max_memory=MEMORY,
                                     dct_max_memory=4 * MEMORY)


def active(pdf: bytes) -> tuple[str, ...]:
    """What acts by itself, in German, each once. Raises pikepdf's errors for what is no PDF."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return tuple(dict.fromkeys(_found(document)))


def _found(document: pikepdf.Pdf) -> Iterator[str]:
    if not any(isinstance(each, pikepdf.Object) and _NAMED.search(_written(each)) for each in document.objects):
        return      # as in every paper of ours; a name may stand in an object of its own, so one is enough to look into all
    for each in document.objects:
        yield from _in(each, 0)


def _written(each: pikepdf.Object) -> bytes:
    """One object as qpdf writes it: names without escapes they do not need, so that those above can be found as they stand."""
    return each.stream_dict.unparse() if isinstance(each, pikepdf.Stream) else each.unparse(resolved=True)


def _in(each: pikepdf.Object, depth: int) -> Iterator[str]:
    """In one object and what stands in it directly; what it points at comes by itself."""
    if depth > 20:
        return
    if isinstance(each, pikepdf.Array):
        for item in each:
            if isinstance(item, (pikepdf.Array, pikepdf.Dictionary)) and not item.is_indirect:
                yield from _in(item, depth + 1)
    elif isinstance(each, (pikepdf.Dictionary, pikepdf.Stream)):
        yield from (KEYS[key] for key in KEYS if key in each)
        kind, sort = each.get("/S"), each.get("/Subtype")
        if isinstance(kind, pikepdf.Name) and str(kind) in ACTIONS:
            yield ACTIONS[str(kind)]
        if isinstance(sort, pikepdf.Name) and str(sort) in ANNOTATIONS and "/Rect" in each:
            yield ANNOTATIONS[str(sort)]
        for item in (each.stream_dict if isinstance(each, pikepdf.Stream) else each).as_dict().values():
            if isinstance(item, (pikepdf.Array, pikepdf.Dictionary)) and not item.is_indirect:
                yield from _in(item, depth + 1)
