"""What the rows of the tables mean, and the few things besides text that a paper may hold.

Frozen, without I/O. Every record that came from a table knows its row (`origin`), so that whoever
doubts a figure can be sent to the cell.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands: as far down as it is known."""

    file: str                    # name of the file, as the office sees it: "partners.xlsx"
    sheet: str | None = None     # None for files without sheets
    row: int | None = None       # as the sheet counts: the first line is 1
    column: str | None = None    # the heading as the sheet shows it: "PLZ"
    cell: str | None = None      # as the sheet names it: "F17"

    def __str__(self) -> str:
        parts = (
            self.file,
            f"Blatt „{self.sheet}“" if self.sheet else None,
            f"Zelle {self.cell}" if self.cell else f"Zeile {self.row}" if self.row else None,
            f"({self.column})" if self.column else None,
        )
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of one sheet: its heading and its letter."""

    heading: str
    letter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The row a record came from."""

    file: str
    sheet: str | None
    row: int
    columns: Mapping[str, Column] = field(repr=False, compare=False)   # field name → column; shared by all rows of a sheet

    def cell(self, name: str) -> Place:
        """The place of one field; the row alone when the table has no such column."""
        column = self.columns.get(name)
        if column is None:
            return Place(file=self.file, sheet=self.sheet, row=self.row)
        return Place(file=self.file, sheet=self.sheet, row=self.row, column=column.heading, cell=f"{column.letter}{self.row}")


class Gender(StrEnum):
    """How a person is addressed; unknown is None, and never guessed from a first name."""

    FEMALE = "female"
    MALE = "male"
    DIVERSE = "diverse"


class PartnerStatus(StrEnum):
    """How far a partner has come; the value is the word of the tables."""

    PARTICIPANT = "Teilnahme"                   # has come to a meeting, nothing more
    INTEREST = "Interessensbekundung"           # has declared interest: gets a memorandum
    LEFT = "ausgeschieden"                      # keeps its row, gets nothing


class ProjectStatus(StrEnum):
    """Where a project stands; the value is the word of the tables."""

    RUNNING = "laufend"
    PLANNED = "geplant"
    DONE = "abgeschlossen"


class MeetingStatus(StrEnum):
    """Whether a meeting is held; the value is the word of the tables."""

    ON = "findet statt"
    CANCELLED = "abgesagt"


class Contact(StrEnum):
    """Whether a person may be written to; the value is the word of the tables."""

    YES = "ja"
    NO = "nein"               # objects: stays in the lists, gets nothing
    ERASED = "gelöscht"       # gets nothing and stands in no paper made from now on


class BodyKind(StrEnum):
    """What sort of body it is; the value is the word of the tables."""

    EXPERT_TEAM = "Expertenteam"
    CONSORTIUM = "Konsortium"
    STEERING = "Lenkungsgremium"


class Competence(StrEnum):
    """What a stage of the route may do with a council paper; exactly one stage decides."""

    BRINGS_IN = "Einbringung"
    RECOMMENDS = "Empfehlung"
    DECIDES = "Beschluss"
    TAKES_NOTE = "Kenntnisnahme"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address; whose it is stands in the record that has it."""

    street: str = ""
    postcode: str = ""      # text: leading zeros are part of it
    city: str = ""
    country: str = ""       # German name ("Niederlande"); "" is Germany

    @property
    def complete(self) -> bool:
        """Enough to put a letter into the post."""
        return bool(self.city and self.postcode)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """One organisation: a row of `partners`."""

    key: str                          # "P-017"
    name: str                         # as registered: "Brückner & Söhne GmbH"
    short: str                        # for lists and file names; the name where the table gives none
    department: str = ""              # second line of the address
    sector: str = ""                  # Wirtschaft, Wissenschaft, Verwaltung, Zivilgesellschaft …
    address: Address
    email: str = ""
    phone: str = ""
    status: PartnerStatus
    topics: tuple[str, ...] = ()      # keys of topics it wants to work on
    attended: tuple[str, ...] = ()    # keys of meetings it was present at
    extra: Mapping[str, str] = field(default_factory=dict)    # columns the tool does not know, as they stand
    origin: Origin = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One contact of a partner: a row of `persons`, or the contact columns of the partner's own row."""

    key: str                          # "P-017" for the partner's first contact, "P-017-2" for the second
    partner: str                      # key of the partner
    gender: Gender | None = None      # None: not known
    title: str = ""                   # academic degrees as written: "Prof. Dr."
    first_name: str = ""
    last_name: str = ""               # with its particle: "von der Heide"
    function: str = ""                # "Geschäftsführerin"
    email: str = ""
    phone: str = ""
    signs: bool = False               # signs the memorandum for the partner
    contact: Contact = Contact.YES
    origin: Origin = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic (Topthema): a row of `topics`."""

    key: str                # "energie"
    name: str
    order: int              # place in lists; from 1
    colour: str             # "#1B6CA8"; never the only carrier of a meaning
    summary: str = ""
    origin: Origin = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project of the survey: a row of `projects`."""

    key: str                          # "J-042"
    title: str
    topic: str                        # key of its topic
    status: ProjectStatus
    place: str                        # municipality in which it is carried out or planned
    local: bool                       # carried out in or planned for the alliance's own city
    transferable: bool                # can be carried over from elsewhere
    carrier: str                      # who carries it, as shown; need not be a partner
    partners: tuple[str, ...] = ()    # keys of partners who take part
    body: str = ""                    # key of the consortium that made it its own
    summary: str = ""
    seeks: str = ""                   # what partners it looks for; "" when it looks for none
    pilot: bool = False               # proposed to the council as a pilot
    infrastructure: str = ""          # municipal infrastructure the pilot asks for
    cost: Decimal | None = None       # euro, whole duration; None: not stated, which is not zero
    own_funds: Decimal | None = None  # euro of it asked from the city's budget; None: not stated
    staff: Decimal | None = None      # full-time posts asked from the city; None: not stated
    aim: str = ""                     # what the pilot is to achieve
    funding: str = ""                 # programmes and third parties' money; "": still open
    duration: str = ""                # "18 Monate"; "": still open
    success: tuple[str, ...] = ()     # what its success is measured by
    risks: tuple[str, ...] = ()
    privacy: str = ""                 # whether and how personal data are processed; "": not yet looked into
    extra: Mapping[str, str] = field(default_factory=dict)
    origin: Origin = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A group that meets: a row of `bodies`."""

    key: str                # "B-01"
    name: str
    kind: BodyKind
    topic: str = ""         # key of its topic; "" for bodies across topics
    contact: str = ""       # key of the person others may turn to; "" leaves it to the office
    task: str = ""
    origin: Origin = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """One seat in one body: a row of `memberships`."""

    body: str
    partner: str
    person: str = ""        # key of the person who sits there; "" is the partner's first contact
    role: str = ""          # Leitung, Stellvertretung, Mitglied
    origin: Origin = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One meeting: a row of `meetings`. Times are those of the clock on the wall in Europe/Berlin."""

    key: str                          # "M-003"
    body: str = ""                    # key of the body that meets; "" is the whole alliance
    title: str
    date: dt.date
    start: dt.time
    end: dt.time | None = None
    place: str = ""                   # "Rathaus, Saal Westfalia"
    address: str = ""                 # "Friedensplatz 1, 44135 Dortmund"
    agenda: tuple[str, ...] = ()
    reply_by: dt.date | None = None
    status: MeetingStatus = MeetingStatus.ON
    origin: Origin = field(compare=False)

    @property
    def cancelled(self) -> bool:
        """It was to be held, and will not be."""
        return self.status is MeetingStatus.CANCELLED


# What has been done so far, as the ledger keeps it ---------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the memoranda had come on one day; each figure is a list of the papers behind it."""

    day: dt.date                      # the day it was counted; a paper prints it beside the figures
    prepared: tuple[str, ...] = ()    # keys: memorandum/P-017
    sent: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    begun: tuple[str, ...] = ()       # signed by one party at least
    signed: tuple[str, ...] = ()      # signed by all


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was put before the council once; keys alone, so that a later paper can say what has changed."""

    session: dt.date
    date: dt.date                     # the paper's own
    partners: tuple[str, ...] = ()
    interested: tuple[str, ...] = ()
    projects: Mapping[str, str] = field(default_factory=dict)    # key → status, as the table's word
    pilots: tuple[str, ...] = ()
    progress: Progress | None = None


class Outcome(StrEnum):
    """What the council made of a proposal; the value is the word of the papers."""

    ADOPTED = "beschlossen"
    AMENDED = "geändert beschlossen"
    POSTPONED = "vertagt"
    REJECTED = "abgelehnt"

    @property
    def mandates(self) -> bool:
        """The administration is asked to qualify and test."""
        return self in (Outcome.ADOPTED, Outcome.AMENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the council decided on one submission."""

    session: dt.date
    body: str                         # who decided
    outcome: Outcome
    ayes: int | None = None           # votes; None: not recorded
    noes: int | None = None
    abstentions: int | None = None
    amendments: tuple[str, ...] = ()  # wording, one entry an amendment
    pilots: Mapping[str, Outcome] = field(default_factory=dict)  # project → its own outcome


# What a paper may hold besides text, numbers, truths, lists and mappings -------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture in a paper: sharp in Word and in the PDF, and described for those who cannot see it."""

    name: str                  # unique in its paper, ASCII: "projects-by-topic"
    png: bytes = field(repr=False)
    svg: bytes | None = field(default=None, repr=False)   # the same picture as vectors, taken by the PDF and by newer Word
    alt: str                   # says what the picture shows, figures included
    width: float               # millimetres
    height: float              # millimetres


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """The line somebody signs on. Word marks it with the bookmark `signature_<name>`; the PDF puts a field there."""

    name: str       # ASCII, unique in its paper: "stadt", "partner"; also the field's name
    label: str      # read aloud for the field: "Unterschrift für die Stadt Dortmund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """From what a paper was made; written into its Word file and its PDF."""

    key: str
    revision: int           # 1 for the first; a number the build passes in
    fingerprint: str        # sha-256 of everything the paper is made from, hexadecimal
    template: str           # sha-256 of the template's bytes
    tool: str               # "gremium 0.1.0"
