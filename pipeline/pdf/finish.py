"""The last strokes before a PDF is written: tags, metadata, attachments, signature fields; one pass, nothing parsed twice."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pydyf

from pipeline.pdf import fields, provenance
from pipeline.pdf.structure import Tree
from pipeline.records import Provenance, SignatureLine

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """What a page gets besides its look."""

    docx: bytes
    data: bytes | None
    signatures: Sequence[SignatureLine]
    origin: Provenance | None
    date: dt.date | None
    language: str
    title: str
    author: str

    def __call__(self, document: Any, pdf: Any) -> None:
        """Called by WeasyPrint with the pages and the PDF that is about to be written."""
        tree = Tree.of(pdf)
        waiting = tree.mend()
        fields.add(pdf, document, tree, waiting, self.signatures)
        for item in pdf.objects:
            if isinstance(item, pydyf.Stream) and item.extra.get("Subtype") == "/Image":
                item.extra["Interpolate"] = "false"         # ISO 19005-3, 6.2.8
        self._describe(document, pdf)
        self._attach(pdf)

    def _describe(self, document: Any, pdf: Any) -> None:
        producer = str(_plain(pdf.info["Producer"]))
        packet = provenance.packet(title=self.title, author=self.author, subject=document.metadata.description or "", language=self.language,
                                   producer=producer, date=self.date, provenance=self.origin)
        metadata = pydyf.Stream([packet], pydyf.Dictionary({"Type": "/Metadata", "Subtype": "/XML"}), compress=False)
        metadata.number = int(pdf.catalog["Metadata"].split()[0])
        pdf.objects[metadata.number] = metadata
        if self.origin:
            pdf.info["Creator"] = pydyf.String(self.origin.tool)
        if self.date:
            pdf.info["CreationDate"] = pdf.info["ModDate"] = pydyf.String(f"D:{self.date:%Y%m%d}000000Z")

    def _attach(self, pdf: Any) -> None:
        stem = self.origin.key.replace("/", "-") if self.origin else "dokument"
        files = [(f"{stem}.docx", _WORD, "Source", "Die Word-Datei, aus der dieses PDF gemacht ist", self.docx)]
        if self.data is not None:
            files.append(("data.json", "application/json", "Data", "Die Angaben, die in dieses Dokument eingegangen sind", self.data))
        names, references = pydyf.Array(), pydyf.Array()
        for name, kind, relationship, text, content in sorted(files):
            reference = self._file(pdf, name, kind, relationship, text, content)
            names.extend((pydyf.String(name), reference))
            references.append(reference)
        tree = pydyf.Dictionary({"Names": names})
        pdf.add_object(tree)
        pdf.catalog.setdefault("Names", pydyf.Dictionary())["EmbeddedFiles"] = tree.reference
        pdf.catalog["AF"] = references

    def _file(self, pdf: Any, name: str, kind: str, relationship: str, text: str, content: bytes) -> bytes:
        parameters = pydyf.Dictionary({"Size": len(content), "CheckSum": f"<{hashlib.md5(content, usedforsecurity=False).hexdigest()}>"})
        if self.date:
            parameters["ModDate"] = pydyf.String(f"D:{self.date:%Y%m%d}000000Z")
        packed = content.startswith(b"PK")      # a Word file is packed already
        stream = pydyf.Stream([content], pydyf.Dictionary({
            "Type": "/EmbeddedFile", "Subtype": pydyf.name(kind), "Params": parameters}), compress=not packed)
        pdf.add_object(stream)
        specification = pydyf.Dictionary({
            "Type": "/Filespec", "F": pydyf.String(name), "UF": pydyf.String(name), "Desc": pydyf.String(text),
            "AFRelationship": f"/{relationship}", "EF": pydyf.Dictionary({"F": stream.reference, "UF": stream.reference})})
        pdf.add_object(specification)
        reference: bytes = specification.reference
        return reference


def _plain(string: Any) -> str:
    return str(string.string)
