"""The last strokes before a PDF is written: tags, metadata, attachments, signature fields; one pass, nothing parsed twice."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pydyf

from pipeline.pdf import fields, mark, provenance
from pipeline.pdf.sealing import seal
from pipeline.pdf.structure import Tree
from pipeline.records import Provenance, SignatureLine

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True, slots=True)
class _Attached:
    name: str
    kind: str               # media type
    relationship: str       # to the document (ISO 32000-2, table 43)
    text: str
    content: bytes


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
    scale: float = 1.0          # how much larger than laid out
    padding: int = 0            # empty objects at the end, to turn out other bytes

    @property
    def marked(self) -> Provenance | None:
        """What the mark on each page says; papers nobody signs bear none."""
        return self.origin if self.signatures else None

    def __call__(self, document: Any, pdf: Any) -> None:
        """Called by WeasyPrint with the pages and the PDF that is about to be written."""
        tree = Tree.of(pdf)
        waiting = tree.mend()
        fields.add(pdf, document, tree, waiting, self.signatures, self.scale)
        for item in pdf.objects:
            if isinstance(item, pydyf.Stream) and item.extra.get("Subtype") == "/Image":
                item.extra["Interpolate"] = "false"         # ISO 19005-3, 6.2.8
        if self.marked:
            mark.draw(pdf, self.marked)
        self._describe(document, pdf)
        self._attach(pdf)
        for _ in range(self.padding):
            pdf.add_object(pydyf.Dictionary())
        seal(pdf)

    def _describe(self, document: Any, pdf: Any) -> None:
        said = provenance.Description(
            title=self.title, author=self.author, subject=document.metadata.description or "", language=self.language,
            producer=str(pdf.info["Producer"].string), date=self.date)
        packet = provenance.packet(said, self.origin)
        metadata = pydyf.Stream([packet], pydyf.Dictionary({"Type": "/Metadata", "Subtype": "/XML"}), compress=False)
        metadata.number = int(pdf.catalog["Metadata"].split()[0])
        pdf.objects[metadata.number] = metadata
        if self.origin:
            pdf.info["Creator"] = pydyf.String(self.origin.tool)
        if self.date:
            pdf.info["CreationDate"] = pdf.info["ModDate"] = pydyf.String(f"D:{self.date:%Y%m%d}000000Z")

    def _attach(self, pdf: Any) -> None:
        stem = self.origin.key.replace("/", "-") if self.origin else "dokument"
        files = [_Attached(f"{stem}.docx", _WORD, "Source", "Die Word-Datei, aus der dieses PDF gemacht ist", self.docx)]
        if self.data is not None:
            files.append(_Attached("data.json", "application/json", "Data", "Die Angaben, die in dieses Dokument eingegangen sind", self.data))
        names, references = pydyf.Array(), pydyf.Array()
        for file in sorted(files, key=lambda item: item.name):      # a name tree is sorted (ISO 32000-1, 7.9.6)
            reference = self._file(pdf, file)
            names.extend((pydyf.String(file.name), reference))
            references.append(reference)
        tree = pydyf.Dictionary({"Names": names})
        pdf.add_object(tree)
        pdf.catalog.setdefault("Names", pydyf.Dictionary())["EmbeddedFiles"] = tree.reference
        pdf.catalog["AF"] = references

    def _file(self, pdf: Any, file: _Attached) -> bytes:
        checksum = hashlib.md5(file.content, usedforsecurity=False).hexdigest()
        parameters = pydyf.Dictionary({"Size": len(file.content), "CheckSum": f"<{checksum}>"})
        if self.date:
            parameters["ModDate"] = pydyf.String(f"D:{self.date:%Y%m%d}000000Z")
        packed = file.content.startswith(b"PK")      # a Word file is packed already
        stream = pydyf.Stream([file.content], pydyf.Dictionary({
            "Type": "/EmbeddedFile", "Subtype": pydyf.name(file.kind), "Params": parameters}), compress=not packed)
        pdf.add_object(stream)
        specification = pydyf.Dictionary({
            "Type": "/Filespec", "F": pydyf.String(file.name), "UF": pydyf.String(file.name), "Desc": pydyf.String(file.text),
            "AFRelationship": f"/{file.relationship}", "EF": pydyf.Dictionary({"F": stream.reference, "UF": stream.reference})})
        pdf.add_object(specification)
        reference: bytes = specification.reference
        return reference
