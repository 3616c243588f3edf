"""The loops an office writes with docxtpl, pyHanko and smtplib after their own examples; `bench.whole` times each as a process.

    python -m bench.naive tables FILE | word WORK TEMPLATES | sign WORK KEY… | send WORK PORT
"""

from __future__ import annotations

import pickle
import smtplib
import sys
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

Given = dict[str, list[tuple[str, dict[str, object], str]]]


def given(work: Path) -> Given:
    """The contexts that were laid ready."""
    found: Given = pickle.loads((work / "contexts.pickle").read_bytes())
    return found


def tables(file: str) -> None:
    """Reads a table as most scripts do."""
    import pandas
    pandas.read_csv(file, sep=";", dtype=str).fillna("").to_dict("records")


def word(work: str, templates: str) -> None:
    """One template opened, rendered and saved for each paper."""
    from docxtpl import DocxTemplate
    for kind, papers in given(Path(work)).items():
        for stem, context, _ in papers:
            template = DocxTemplate(str(Path(templates) / f"{kind}.docx"))
            template.render(context, autoescape=True)
            template.save(str(Path(work) / "word" / f"{stem}.docx"))


def sign(work: str, *keys: str) -> None:
    """One signature after the other, each over a file opened anew."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers
    loaded = {Path(key).stem: signers.SimpleSigner.load_pkcs12(key) for key in keys}
    for stem, _, _ in given(Path(work))["memorandum"]:
        source = Path(work) / "pdf" / f"{stem}.pdf"
        for name, signer in loaded.items():
            target = Path(work) / "signed" / f"{stem}.{name}.pdf"
            with source.open("rb") as read, target.open("wb") as write:
                signers.sign_pdf(IncrementalPdfFileWriter(read), signers.PdfSignatureMetadata(field_name=name, md_algorithm="sha256"),
                                 signer=signer, output=write)
            source = target


def send(work: str, port: str) -> None:
    """A message with letter and calendar entry, a connection each."""
    from icalendar import Calendar, Event
    zone = ZoneInfo("Europe/Berlin")
    for number, (stem, _, address) in enumerate(given(Path(work))["invitation"]):
        event = Event(uid=f"{number}@allianz.example", summary="Erstes Treffen", dtstart=datetime(2017, 6, 20, 14, tzinfo=zone),
                      dtend=datetime(2017, 6, 20, 16, tzinfo=zone), dtstamp=datetime(2017, 5, 4, tzinfo=zone))
        calendar = Calendar(prodid="-//office//script//DE", version="2.0", method="REQUEST")
        calendar.add_component(event)
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "geschaeftsstelle@allianz.example", address, "Einladung zum ersten Treffen"
        message.set_content("Guten Tag,\n\ndie Einladung liegt bei.\n")
        message.add_attachment((Path(work) / "pdf" / f"{stem}.pdf").read_bytes(), maintype="application", subtype="pdf", filename=f"{stem}.pdf")
        message.add_attachment(calendar.to_ical(), maintype="text", subtype="calendar", filename="termin.ics")
        with smtplib.SMTP("127.0.0.1", int(port)) as server:
            server.send_message(message)


STEPS: dict[str, Callable[..., None]] = {"tables": tables, "word": word, "sign": sign, "send": send}

if __name__ == "__main__":
    STEPS[sys.argv[1]](*sys.argv[2:])
