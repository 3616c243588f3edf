"""A tagged paper with signature fields, as the PDF room makes it."""

from __future__ import annotations

import datetime as dt
import gc
import io
import warnings

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from pipeline.pdf.render import to_pdf
from pipeline.records import Provenance, SignatureLine

NAMES = ("stadt", "kammer", "firma", "partner")
PAPER = "memorandum/P-001"


def word() -> bytes:
    """A Word file with a signature line for each party."""
    document = docx.Document()
    document.core_properties.title = "Memorandum"
    document.core_properties.language = "de-DE"
    document.add_heading("Memorandum", 1)
    for number, name in enumerate(NAMES):
        for _ in range(4):
            document.add_paragraph()
        line = document.add_paragraph()
        for tag, attributes in (("bookmarkStart", {"id": str(number), "name": f"signature_{name}"}), ("bookmarkEnd", {"id": str(number)})):
            mark = OxmlElement(f"w:{tag}")
            for attribute, value in attributes.items():
                mark.set(qn(f"w:{attribute}"), value)
            line._p.append(mark)
        line.add_run("____________________")
    packed = io.BytesIO()
    document.save(packed)
    return packed.getvalue()


def tagged_paper() -> bytes:
    made = Provenance(key=PAPER, revision=1, fingerprint="f" * 64, template="t" * 64, tool="gremium 0.1.0")
    lines = [SignatureLine(name=name, label=f"Unterschrift {name}") for name in NAMES]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)    # WeasyPrint leaves its colour profile open
        pdf = to_pdf(word(), signatures=lines, provenance=made, date=dt.date(2017, 5, 4))
        gc.collect()
    return pdf
