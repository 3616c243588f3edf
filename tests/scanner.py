"""A printer, a pen and an office scanner: what becomes of a page between going out and coming back."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

DPI = 150
PRINT = 300         # dots an inch of the printer
PEN = 45            # grey of ink
FONT = "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf"
Write = Callable[[Image.Image], None]      # writes on a printed sheet, in dots of the printer


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """What one device does to a sheet."""

    angle: float = 0.0          # degrees; 180 is upside down
    stretch: float = 1.003      # the feed pulls the sheet a little longer
    wave: float = 1.5           # dots by which the feed goes uneven
    blur: float = 0.6
    noise: float = 6.0          # of 255
    white: int = 243            # how light paper comes out
    black: int = 22
    quality: int = 70           # of the JPEG
    shade: int = 10             # how much darker one edge of the glass is
    shift: tuple[float, float] = (4.0, -3.0)
    seed: int = 1
    dpi: int = DPI

    def scan(self, sheet: Image.Image) -> Image.Image:
        """The sheet, printed at `PRINT` dots an inch, as a grey picture."""
        scale = PRINT / self.dpi
        width, height = round(sheet.width / scale), round(sheet.height / scale)
        soft = sheet.filter(ImageFilter.GaussianBlur(self.blur * scale))
        steps = 24
        mesh = []
        for number in range(steps):
            top, bottom = height * number // steps, height * (number + 1) // steps
            mesh.append(((0, top, width, bottom), tuple(
                part for x, y in ((0, top), (0, bottom), (width, bottom), (width, top)) for part in self._from(x, y, scale))))
        flat = soft.transform((width, height), Image.Transform.MESH, mesh, Image.Resampling.BILINEAR, fillcolor=255)
        quarters = round(self.angle / 90)
        turned = flat.rotate(90 * quarters, expand=True).rotate(self.angle - 90 * quarters, resample=Image.Resampling.BICUBIC, fillcolor=255)
        toned = turned.point([round(self.black + (self.white - self.black) * value / 255) for value in range(256)])
        shaded = ImageChops.subtract(toned, Image.linear_gradient("L").resize(toned.size).point(lambda value: value * self.shade / 255))
        return self._squeezed(self._noisy(shaded))

    def _from(self, x: float, y: float, scale: float) -> tuple[float, float]:
        wave = self.wave * math.sin(y / 190 + self.seed)
        return (x - self.shift[0] + 0.4 * wave) * scale, (y / self.stretch - self.shift[1] + wave) * scale

    def _noisy(self, picture: Image.Image) -> Image.Image:
        chance = random.Random(self.seed)
        tile = Image.frombytes("L", (256, 256), bytes(min(255, max(0, round(chance.gauss(128, self.noise)))) for _ in range(256 * 256)))
        grain = Image.new("L", picture.size)
        for left in range(0, picture.width, 256):
            for top in range(0, picture.height, 256):
                grain.paste(tile.rotate(90 * chance.randrange(4)), (left, top))
        return ImageChops.add(picture, grain, offset=-128)

    def _squeezed(self, picture: Image.Image) -> Image.Image:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=self.quality, dpi=(self.dpi, self.dpi))
        return Image.open(file)


def printed(pdf: bytes) -> list[Image.Image]:
    """The pages as a laser printer puts them on paper: dots, black or none."""
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    return [page.render(scale=PRINT / 72, grayscale=True, may_draw_forms=True).to_pil().convert("1").convert("L") for page in document]


def handwriting(left: float, top: float, width: float = 40.0, height: float = 9.0, seed: int = 3) -> Write:
    """A scribble like a signature, in millimetres from the sheet's upper left corner."""
    def write(sheet: Image.Image) -> None:
        chance, dot = random.Random(seed), PRINT / 25.4
        waves = [(chance.uniform(0.3, 1), chance.uniform(2, 14), chance.uniform(0, 6)) for _ in range(4)]
        most = sum(size for size, _, _ in waves)
        line = []
        for step in range(200):
            part = step / 199
            rise = sum(size * math.sin(often * part * 6 + begin) for size, often, begin in waves) / most
            line.append(((left + width * part + 1.5 * math.sin(30 * part)) * dot, (top + height * (0.5 + 0.5 * rise)) * dot))
        ImageDraw.Draw(sheet).line(line, fill=PEN, width=5, joint="curve")
    return write


def words(text: str, left: float, top: float, size: float = 10.0) -> Write:
    """Machine-written text, its upper left corner in millimetres, its size in points."""
    def write(sheet: Image.Image) -> None:
        dot = PRINT / 25.4
        ImageDraw.Draw(sheet).text((left * dot, top * dot), text, fill=0, font=ImageFont.truetype(FONT, round(size * PRINT / 72)))
    return write


def covered(left: float, top: float, width: float, height: float) -> Write:
    """Correction fluid."""
    def write(sheet: Image.Image) -> None:
        dot = PRINT / 25.4
        ImageDraw.Draw(sheet).rectangle((left * dot, top * dot, (left + width) * dot, (top + height) * dot), fill=255)
    return write


def with_writing(sheet: Image.Image, writes: Iterable[Write]) -> Image.Image:
    """A copy of the sheet that somebody wrote on."""
    copy = sheet.copy()
    for write in writes:
        write(copy)
    return copy


def stack(pages: Sequence[Image.Image]) -> bytes:
    """Scanned pages as the PDF an office scanner writes."""
    file = io.BytesIO()
    first, *rest = [page.convert("L") for page in pages]
    first.save(file, "PDF", save_all=True, append_images=rest, resolution=DPI, quality=75)
    return file.getvalue()
