"""A draft: everything one paper needs to be made, already worded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from pipeline.records import Picture, SignatureLine

Value: TypeAlias = "bool | int | str | Picture | SignatureLine | Sequence[Value] | Mapping[str, Value] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """To whom a paper goes, for the envelope and the mail."""

    key: str                # key of the person, or of the partner when no person is known
    partner: str            # key of the partner
    name: str               # "Frau Dr. Mia Muster", or the organisation's name
    organisation: str
    email: str = ""         # "" gets paper
    salutation: str         # "Sehr geehrte Frau Dr. Muster"
    address: tuple[str, ...]   # lines of the address zone
    postcode: str = ""      # for sorting the print batch
    postable: bool = True   # its address is enough for a letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number a paper prints, and the rows it was counted from."""

    path: str                 # where it stands in the context: "survey.projects"
    text: str                 # as printed: "88 Projekte"
    meaning: str              # "gezählte Projekte"
    keys: tuple[str, ...] = ()    # of the rows, or of the papers
    source: str = ""          # the setting it stands in, for figures that nothing counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One paper before it is made. Plain and picklable: it goes to another process as it is."""

    key: str                           # "memorandum/P-017"
    kind: str                          # "memorandum"
    subject: str                       # what it is about, in a line: the document's title
    template: str                      # file name in templates/: "memorandum.docx"
    stem: str                          # file name without ending, ASCII: "memorandum-P-017-brueckner-soehne"
    date: dt.date                      # the date it carries
    context: Mapping[str, Value] = field(repr=False)
    signatures: tuple[SignatureLine, ...] = ()   # in the order of signing
    recipient: Recipient | None = None
    meeting: str = ""                  # key of the meeting it invites to
    public: bool = False               # may be shown to everybody
    records: tuple[str, ...] = ()      # keys of the records it rests on; a finding on one of them holds it back
    figures: tuple[Figure, ...] = ()   # the numbers it prints, each with the rows behind it
    author: str = ""                   # the office, for the document's properties
