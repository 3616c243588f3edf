"""Which font files stand behind a name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.pdf.fonts import families, typefaces
from pipeline.pdf.style import Style
from tests.pdf.word_files import p, word


def test_a_family_is_known_by_the_files_that_draw_it():
    found = typefaces(["Liberation Sans", "Liberation Serif"])
    assert {"Liberation Sans", "Liberation Serif", "DejaVu Sans"} <= set(found)
    assert len(found["Liberation Sans"]) == 64
    assert found["Liberation Sans"] != found["Liberation Serif"]


def test_a_twin_and_a_substitute_are_known_as_what_is_drawn():
    assert typefaces(["Arial"])["Arial"] == typefaces(["Liberation Sans"])["Liberation Sans"]
    assert typefaces(["Keine solche, Schrift"])["Keine solche, Schrift"]


@pytest.mark.parametrize("family", ["Liberation Sans", "Liberation Mono", "Keine solche"])
def test_fontconfig_s_own_program_finds_the_same(family):
    from pipeline.pdf.fonts import _matched
    said = [subprocess.run(["fc-match", "-f", "%{file}", f"{family}{face}"], capture_output=True, text=True, check=True).stdout
            for face in ("", ":bold", ":italic", ":bold:italic")]
    assert list(_matched(family)) == said
    assert all(Path(file).is_file() for file in said)


def test_a_style_sheet_names_its_families():
    style = Style.of("p { font-family: \"Liberation Serif\", 'DejaVu Sans' } td { font-family: Courier }")
    assert families(style) == {"Liberation Serif", "DejaVu Sans", "Courier"}


def test_a_machine_without_any_font_says_so(tmp_path: Path):
    (tmp_path / "fonts.conf").write_text(f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>", "utf-8")
    (tmp_path / "brief.docx").write_bytes(word(p("Text")))
    call = [sys.executable, "-m", "pipeline", "-C", str(tmp_path), "convert", str(tmp_path / "brief.docx")]
    run = subprocess.run(call, capture_output=True, text=True, check=False,
                         env=os.environ | {"FONTCONFIG_FILE": str(tmp_path / "fonts.conf")}, cwd=Path(__file__).parents[2])
    assert run.returncode == 5
    assert "keine Schrift installiert" in run.stderr
    assert "fonts-liberation" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "brief.pdf").exists()
