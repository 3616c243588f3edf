"""Our own look at each PDF finds what would break first."""

import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest

from pipeline.pdf.conformance import problems
from pipeline.pdf.render import to_pdf
from tests.pdf.word_files import p, picture, png, word


def paper() -> bytes:
    return to_pdf(word(p("Titel", style="Heading1") + picture(), related={"rIdP": ("image", "media/punkt.png")},
                       parts={"word/media/punkt.png": png()}))


def spoiled(change: Callable[[Any], object], **options: Any) -> bytes:
    with pikepdf.open(io.BytesIO(paper())) as document:
        change(document)
        target = io.BytesIO()
        document.save(target, **options)
    return target.getvalue()


def without(key: str) -> Callable[[Any], object]:
    def change(document: Any) -> None:
        del document.Root[key]
    return change


def untitled(document: Any) -> None:
    del document.trailer.Info["/Title"]


def undescribed(document: Any) -> None:
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/S") == "/Figure":
            del item["/Alt"]


def unembedded(document: Any) -> None:
    for item in document.objects:
        if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
            for key in ("/FontFile2", "/FontFile3"):
                if key in item:
                    del item[key]


@pytest.mark.parametrize(("change", "said"), [
    (without("/Lang"), "die Sprache ist nicht angegeben"),
    (without("/StructTreeRoot"), "die Gliederung (Tags) fehlt"),
    (without("/OutputIntents"), "die Farben sind nicht festgelegt (Output Intent fehlt)"),
    (without("/Metadata"), "die Metadaten fehlen oder sind gepackt"),
    (without("/ViewerPreferences"), "der Titel wird nicht in der Titelzeile gezeigt"),
    (untitled, "der Titel fehlt"),
    (undescribed, "ein Bild hat keinen Alternativtext"),
    (unembedded, "die Schrift Liberation-Sans-Bold ist nicht eingebettet"),
])
def test_each_fault_is_named(change: Callable[[Any], object], said: str):
    assert said in problems(spoiled(change))


def test_a_sound_paper_has_none():
    assert problems(paper()) == ()


def test_encrypted_and_broken_files_are_named():
    assert problems(b"nichts") == ("das PDF lässt sich nicht lesen",)
    locked = spoiled(lambda document: None, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert problems(locked) == ("das PDF ist verschlüsselt",)
