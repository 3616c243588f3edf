"""The shipped templates in words that fit any alliance, association or committee."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

# What the templates of the first alliance say of itself → what anybody may say. A key stands in the text of one run.
WORDS: Mapping[str, str] = {
    "Allianzpartnern": "Partnern",
    "Allianz": "Vereinigung",
    # a name of any gender: „im Namen der Vereinigung Sportverein …“
    "der {{ alliance.name }}": "der Vereinigung {{ alliance.name }}",
    "zur {{ alliance.name }}": "zur Vereinigung {{ alliance.name }}",
    "Die {{ alliance.name }}": "Die Vereinigung {{ alliance.name }}",
    "daran, Vorhaben der Smart City in {{ alliance.city }} gemeinsam": "daran, Vorhaben in {{ alliance.city }} gemeinsam",
    "durch die die Stadt {{ alliance.city }} im Sinne von § 64 der Gemeindeordnung für das Land Nordrhein-Westfalen (GO NRW) verpflichtet":
        "durch die eine Gemeinde im Sinne ihrer Gemeindeordnung verpflichtet",
    "insbesondere des Rates der Stadt {{ alliance.city }}, ": "",
    "im Sinne von § 64 der Gemeindeordnung für das Land Nordrhein-Westfalen (GO NRW)": "im Sinne der Gemeindeordnung",
    "ein von den Partnern getragenes Smart City Management Office": "ein von den Partnern getragenes Projektbüro",
    "Smart City Management Office": "Projektbüro",
}


def neutral(docx: bytes) -> bytes:
    """A template with neutral words in its body, headers and footers; everything else is as it was, byte for byte."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.infolist():
            data = source.read(member)
            if member.filename.startswith("word/") and member.filename.endswith(".xml"):
                data = worded(data.decode("utf-8")).encode("utf-8")
            target.writestr(member, data)
    return made.getvalue()


def worded(text: str) -> str:
    """The text with neutral words, longest first, so that a sentence goes before its words; blanks may be ones that do not break."""
    for said in sorted(WORDS, key=len, reverse=True):
        text = re.sub(re.escape(said).replace("\\ ", "[ \u00a0]"), WORDS[said], text)
    return text
