import os
import subprocess
import sys

from pipeline.papers.charts import WIDTH, Bars, stacked, undrawn

BARS = Bars(name="bars", title="Balken", segments=("laufend", "geplant"),
            rows=(("Energie & Wärme $x$", (3, 0)), ("Hafen " * 20, (1, 12))))
_SCRIPT = """
import hashlib
from pipeline.papers.charts import Bars, stacked
picture = stacked(Bars(name="bars", title="Balken", segments=("laufend", "geplant"), rows=(("Energie", (3, 0)), ("Hafen", (1, 12)))))
print(hashlib.sha256(picture.png + picture.svg).hexdigest())
"""


def test_the_alternative_text_says_every_figure() -> None:
    assert stacked(Bars(name="bars", title="Balken", segments=("laufend", "geplant"), rows=(("Energie", (3, 0)),))).alt == (
        "Balken. Energie: 3 laufend und 0 geplant.")


def test_a_chart_is_a_png_and_an_svg_with_its_letters_as_outlines() -> None:
    picture = stacked(BARS)

    assert picture.png.startswith(b"\x89PNG")
    assert b"<text" not in (picture.svg or b"<text")
    assert picture.width == WIDTH


def test_the_same_figures_give_the_same_bytes_in_any_process_and_on_any_day() -> None:
    worlds = ({"PYTHONHASHSEED": "1", "TZ": "UTC"}, {"PYTHONHASHSEED": "2", "TZ": "Pacific/Auckland"})
    made = {subprocess.run([sys.executable, "-c", _SCRIPT], check=True, capture_output=True, env=os.environ | world).stdout for world in worlds}

    assert len(made) == 1


def test_many_topics_still_fit_on_a_page() -> None:
    assert stacked(Bars(name="bars", title="Balken", segments=("laufend",), rows=tuple((f"Topthema {n}", (n,)) for n in range(60)))).height <= 210


def test_charts_nobody_will_see_are_blank_and_keep_their_size_and_words() -> None:
    bars = Bars(name="projects", title="Projekte", segments=("laufend",), rows=(("Energie", (3,)),))
    with undrawn():
        blank = stacked(bars)
    drawn = stacked(bars)
    assert (blank.alt, blank.width, blank.height) == (drawn.alt, drawn.width, drawn.height)
    assert len(blank.png) < 100 < len(drawn.png)
    assert blank.png.startswith(b"\x89PNG")
