"""What `inputs/alliance.toml` may say: each of its tables, field by field, with what holds where it says nothing."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from pipeline.records import Competence

PARTNER = "partner"      # the partner's own signature field in every memorandum


class Section(BaseModel):
    """One table of the settings; a name it does not know is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _ascii_name(value: str) -> str:
    if not (value.isascii() and value.replace("-", "").isalnum() and value == value.lower()):
        raise ValueError("nur kleine Buchstaben a–z, Ziffern und Bindestriche")
    return value


Name = Annotated[str, AfterValidator(_ascii_name)]


def _hours(value: str) -> str:
    try:
        begin, end = (dt.time.fromisoformat(part) for part in value.split("-")) if value else (None, None)
    except ValueError:
        raise ValueError("ein Zeitraum wie 08:00-18:00 wird gebraucht") from None
    if value and begin == end:
        raise ValueError("Beginn und Ende sind gleich")
    return value


Hours = Annotated[str, AfterValidator(_hours)]


class Founding(Section):
    """The founding conference, as a fact to print."""

    date: dt.date
    place: str
    organisations: int


class AllianceFacts(Section):
    """Who the alliance is, and the date its papers carry."""

    name: str
    motto: str = ""
    city: str                                # what counts as "here" in the project table
    date: dt.date                            # of the papers; never the clock's
    founding: Founding | None = None
    first_meeting: str = ""                  # key of the meeting whose attendance the papers count
    counted: tuple[str, str] = ("Allianzpartner", "Allianzpartnern")    # what one, and what several of the partners are called, in the dative
    purpose: tuple[str, ...] = ()


class Office(Section):
    """The office that writes the papers and the letters."""

    name: str
    carried_by: tuple[str, ...] = ()
    street: str
    postcode: str
    city: str
    phone: str = ""
    email: str
    web: str = ""
    contact: str = ""                        # the person who signs letters; "" leaves the line open
    contact_function: str = ""


class Signatory(Section):
    """Somebody who signs for an initiator."""

    function: str                            # "Oberbürgermeister"
    name: str = ""                           # "" is not known: a line to fill in
    seal: bool = False                       # the organisation's electronic seal, not a person's signature


class Initiator(Section):
    """One party that stands on the alliance's side of every memorandum."""

    key: Name
    name: str
    short: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    signatories: tuple[Signatory, ...] = ()  # none: the power to sign is unproven, an open point
    countersigns: bool = False               # signs when the partner has signed, not before

    @property
    def fields(self) -> tuple[str, ...]:
        """Its signature fields, one a signatory in their order: stadt, stadt-2, stadt-3; one for an initiator whose signatories are not proven."""
        return (self.key, *(f"{self.key}-{number}" for number in range(2, len(self.signatories) + 1)))


class Stage(Section):
    """One stage of the council paper's route."""

    body: str
    date: dt.date
    weekday: str = ""                        # when given, it must fit the date
    competence: Competence


class FinancingModel(Section):
    """One way to finance the management office, as a row to compare."""

    name: str
    carried_by: str
    advantages: str
    drawbacks: str
    open: str = ""                           # what has to be settled first


class CouncilSettings(Section):
    """What the council paper says that no table counts."""

    body: str                                # "Rat der Stadt Dortmund"
    session: dt.date
    reference: str = ""                      # Drucksache number; "" is a blank to fill in
    division: str = ""                       # Fachbereich / Dezernat
    responsible: str = ""
    phone: str = ""
    urgency: str = ""
    subject: str
    subject_detail: str = ""                 # the line "hier: …"
    route: tuple[Stage, ...] = ()
    infrastructure: tuple[str, ...] = ()     # municipal infrastructure whose use for tests is asked for
    climate: str = ""
    next_steps: tuple[str, ...] = ()
    financing: tuple[FinancingModel, ...] = ()
    closed: tuple[str, ...] = ()             # kinds of annexes that are not public: "annex-pilots"; the one with people never is
    oparl_base: str = "https://oparl.example/"


class MailSettings(Section):
    """How messages leave the house."""

    url: str = "folder:outputs/outbox"       # or smtp://user@host:587?tls=starttls
    sender_name: str = ""
    reply_to: str = ""
    only: tuple[str, ...] = ()               # when given, nothing leaves for an address or domain not listed
    connections: int = Field(default=1, ge=1, le=20)     # at a time
    per_connection: int = Field(default=0, ge=0)         # messages over one connection; 0 is as many as the server takes
    per_minute: int = Field(default=0, ge=0)             # messages; 0 is as many as the server takes
    per_hour: int = Field(default=0, ge=0)
    window: Hours = ""                                   # "08:00-18:00": messages leave only then, on clocks in Berlin
    pauses: tuple[Annotated[int, Field(ge=1)], ...] = (60, 300, 900)   # seconds before each further try of what a server put off
    smime: str = ""                                      # PKCS#12 file of the office; "" signs no message
    remind_after: int = Field(default=7, ge=1)           # days after invitation or last reminder, before somebody is reminded of an answer


class InboxSettings(Section):
    """Where mails come in."""

    source: str = ""                         # imap://user@host/INBOX?tls=implicit, or a folder, an mbox, a Maildir
    moved_to: str = "Gremium"                # folder of the mailbox into which --move puts what nobody has to look at


class KeyPair(Section):
    """A certificate and its private key in two PEM files; the certificate's file may hold the intermediate ones as well."""

    certificate: str
    key: str


KeySource = str | KeyPair    # "FILE.p12", "FILE.pem" with both, a pair of files, or "pkcs11:token=…;object=…?module-path=…" (RFC 7512)


Sha256 = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{64}$")]


class TrustedList(Section):
    """An EU trusted list, and which bytes it must be."""

    path: str
    sha256: Sha256


class SigningSettings(Section):
    """How memoranda are signed."""

    keys: dict[str, KeySource] = Field(default_factory=dict)   # by signature field: stadt, stadt-2; passphrases by prompt, environment or keyring
    subjects: dict[str, str] = Field(default_factory=dict)     # by signature field: the name on the certificate, where it is another
    keyring: bool = False                                      # look for passphrases in the keyring of who sits here
    demo: bool = False                                         # make demonstration keys on first use, visibly marked
    level: Literal["B-B", "B-T", "B-LT", "B-LTA"] = "B-B"
    parallel: bool = False                                     # initiators sign in any order
    timestamp: str = ""                                        # address of the time-stamp service (RFC 3161)
    attempts: int = Field(default=4, ge=1, le=10)              # to reach it, with growing pauses
    revocation: Literal["off", "reachable", "required"] = "reachable"     # of a certificate, before it signs
    trusted_lists: tuple[str | TrustedList, ...] = ()          # EU trusted lists (XML, copies on disk): their issuers are believed as well


class ReleaseSettings(Section):
    """Who may release what."""

    approvers: dict[str, tuple[str, ...]] = Field(default_factory=dict)   # kind → names; a kind not named may be released by anybody
    needed: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)    # kind → how many must release; one where it is not named
    four_eyes: bool = False                                               # whoever built does not release
    keys: dict[str, KeySource] = Field(default_factory=dict)              # name → key with which that person signs a release
    fingerprints: dict[str, tuple[Sha256, ...]] = Field(default_factory=dict)    # name → of their certificates, earlier ones too; no other proves
    remind_after: tuple[Annotated[int, Field(ge=1)], ...] = (14, 28)      # days after giving out
    return_within: int = Field(default=21, ge=1)                          # days until a paper given out is asked back


class LayoutSettings(Section):
    """Where a sheet differs from the house's usual look."""

    letterhead: str = ""                     # line in the head of letters; "" is the alliance's name
    fold_marks: bool = True
    envelope: Literal["DL", "C6/5", "C5", "C4"] = "DL"                    # of letters, with a window: how they are folded

    @property
    def folded_twice(self) -> bool:
        """Two fold marks are wanted: a C5 is folded at the hole mark, a C4 not at all."""
        return self.fold_marks and self.envelope in {"DL", "C6/5"}


class ReportSettings(Section):
    """What the status page shows, and when it is written."""

    persons: bool = False                                                 # names, addresses and telephone numbers of people on the page
    renew: Literal["existing", "always", "never"] = "existing"            # by commands that changed something: where there is a page already


class TableSettings(Section):
    """What the tables need said about them."""

    aliases: dict[str, dict[str, str]] = Field(default_factory=dict)      # table → heading → field


def _initiator_keys(initiators: tuple[Initiator, ...]) -> tuple[Initiator, ...]:
    keys = [initiator.key for initiator in initiators]
    if PARTNER in keys:
        raise ValueError(f"das Kürzel „{PARTNER}“ ist der Unterschrift des Partners vorbehalten")
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise ValueError(f"das Kürzel „{twice}“ steht bei mehr als einem Initiator")
    fields = [field for initiator in initiators for field in initiator.fields]
    shared = next((field for field in fields if fields.count(field) > 1), None)
    if shared is not None:
        raise ValueError(f"das Kürzel „{shared}“ benennt schon das Unterschriftsfeld eines anderen Initiators, für den mehrere zeichnen")
    return initiators


class Settings(Section):
    """`inputs/alliance.toml`."""

    alliance: AllianceFacts
    office: Office
    initiators: Annotated[tuple[Initiator, ...], AfterValidator(_initiator_keys)] = ()
    council: CouncilSettings | None = None
    mail: MailSettings = MailSettings()
    inbox: InboxSettings = InboxSettings()
    signing: SigningSettings = SigningSettings()
    release: ReleaseSettings = ReleaseSettings()
    layout: LayoutSettings = LayoutSettings()
    report: ReportSettings = ReportSettings()
    tables: TableSettings = TableSettings()
