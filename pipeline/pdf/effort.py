"""What drawing a PDF would cost, reckoned before it is drawn: a few bytes can ask for more strokes than a year has seconds."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pikepdf

from pipeline.errors import VerificationError
from pipeline.pdf.active import bound

STROKES = 5_000_000          # of one page: a dense map has some hundred thousand
_NOTHING = pikepdf.Dictionary()
_DEPTH = 40                  # forms within forms
_SHEET = 600 * 850           # square points of a sheet
_DRAWN = re.compile(rb"/([^\s/<>\[\]()]+)\s+Do\b")
_TILED = re.compile(rb"/([^\s/<>\[\]()]+)\s+scn?\b", re.IGNORECASE)


class TooMuchToDraw(VerificationError):
    """A page that would take for ever."""

    def __init__(self, number: int) -> None:
        super().__init__(f"Seite {number} verlangt mehr Zeichenarbeit als jedes Papier und wird nicht gezeichnet",
                         hint="Solche Dateien sind beschädigt oder auf Schaden angelegt; sich das Papier neu schicken lassen.")


def bearable(pdf: bytes) -> None:
    """Raises TooMuchToDraw for a PDF with a page nobody should draw; what cannot be read is left to whoever draws it."""
    bound()
    try:
        with pikepdf.open(io.BytesIO(pdf)) as document:
            known: dict[tuple[int, int], int] = {}
            for number, page in enumerate(document.pages, 1):
                if sum(_cost(stream, page.obj.get("/Resources"), known, 0) for stream in _streams(page.obj)) > STROKES:
                    raise TooMuchToDraw(number)
    except (pikepdf.PdfError, pikepdf.PasswordError, ValueError, TypeError, KeyError, AttributeError):
        return


def _streams(page: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """What draws on a page: its contents, and the looks of what lies on it."""
    contents = page.get("/Contents")
    yield from contents if isinstance(contents, pikepdf.Array) else [contents] if contents is not None else []
    for annotation in page.get("/Annots", ()):
        look = annotation.get("/AP", _NOTHING).get("/N")
        if isinstance(look, pikepdf.Stream):
            yield look
        elif isinstance(look, pikepdf.Dictionary):
            yield from (each for each in look.as_dict().values() if isinstance(each, pikepdf.Stream))


def _cost(stream: pikepdf.Object, above: pikepdf.Object | None, known: dict[tuple[int, int], int], depth: int) -> int:
    """Strokes of one content stream with all it draws; `above` are the resources it has where it names none of its own."""
    if depth > _DEPTH or not isinstance(stream, pikepdf.Stream):
        return STROKES + 1 if depth > _DEPTH else 0
    place = stream.objgen
    if place in known:
        return known[place]
    known[place] = STROKES + 1          # met again while it is reckoned: it draws itself
    data = stream.read_bytes()
    cost = data.count(b"\n") + data.count(b" ") // 4
    resources = stream.get("/Resources", above)
    if resources is not None:
        for name in _DRAWN.findall(data):
            drawn = resources.get("/XObject", _NOTHING).get(f"/{name.decode('latin-1')}")
            if drawn is not None and drawn.get("/Subtype") == "/Form":
                cost += _cost(drawn, resources, known, depth + 1)
        for name in _TILED.findall(data):
            tile = resources.get("/Pattern", _NOTHING).get(f"/{name.decode('latin-1')}")
            if isinstance(tile, pikepdf.Stream):
                step = abs(float(tile.get("/XStep", 1)) * float(tile.get("/YStep", 1)))
                cost += (1 + _cost(tile, resources, known, depth + 1)) * int(_SHEET / max(step, 0.01))
            if cost > STROKES:
                break
    known[place] = min(cost, STROKES + 1)
    return known[place]
