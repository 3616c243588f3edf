"""A workspace with released invitations, and a mail server on this machine that takes orders from the test."""

import datetime as dt
import hashlib
import shutil
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from pipeline import wording
from pipeline.ledger import DocumentRow, Ledger
from pipeline.mail.dispatch import Run
from pipeline.mail.send import Outcome, send
from pipeline.mail.sheet import Mailing
from pipeline.mail.smtp import Server, Smtp
from pipeline.papers.draft import Draft, Recipient
from pipeline.records import Person, Provenance
from pipeline.settings import MailSettings
from pipeline.workspace import Workspace
from tests import makers

NOW = dt.datetime(2017, 5, 4, 10, 0, tzinfo=dt.UTC)
TEMPLATES = Path(__file__).parents[2] / "templates" / "mail"


def provenance(pdf: bytes) -> Provenance | None:
    """Reads the note that `built` writes into its letters."""
    key = pdf.partition(b"key=")[2].decode()
    return Provenance(key=key, revision=1, fingerprint="0" * 64, template="0" * 64, tool="test") if key else None


def recipient(person: Person, **changes: Any) -> Recipient:
    partner = makers.partner(person.partner)
    values: dict[str, Any] = {
        "key": person.key, "partner": person.partner, "name": wording.formal_name(person), "organisation": partner.name,
        "email": person.email, "salutation": wording.salutation(person), "address": wording.address_lines(partner, person), "postcode": "44147",
    }
    return Recipient(**values | changes)


def draft(whom: Recipient, meeting: str = "M-002") -> Draft:
    return Draft(key=f"invitation/{meeting}/{whom.key}", kind="invitation", subject="Einladung", template="invitation.docx",
                 stem=f"invitation-{meeting}-{whom.key}", date=makers.DATE, context={}, recipient=whom, meeting=meeting)


PEOPLE = (
    makers.person("P-001"),
    makers.person("P-002", last_name="Übelacker", email="ue@haus.example"),
    makers.person("P-003", first_name="Kim", last_name="Adler", gender=None, title="", email="kim@straße.example"),
)


def at_once() -> None:
    """Nothing is waited for: what leaves needs no note in these stories."""


class Time:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.naps: list[float] = []

    def passed(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.naps.append(seconds)
        self.now += seconds


@dataclass
class House:
    """One office's workspace, with all its invitations built and released."""

    workspace: Workspace
    ledger: Ledger
    drafts: list[Draft] = field(default_factory=list)
    released: dict[str, DocumentRow] = field(default_factory=dict)
    time: Time = field(default_factory=Time)

    def built(self, paper: Draft, text: str = "Einladung") -> None:
        """Puts a released letter on the shelf."""
        pdf = f"%PDF-1.7 {text} key={paper.key}".encode()
        path = self.workspace.outputs / "invitation" / f"{paper.stem}.pdf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pdf)
        self.released[paper.key] = DocumentRow(
            key=paper.key, kind="invitation", subject=paper.stem, docx="", pdf=self.workspace.relative(path), revision=1, fingerprint="0",
            inputs={}, docx_sha256="", pdf_sha256=hashlib.sha256(pdf).hexdigest(), seconds=0.1, built_by="Büro", built_at="")

    def add(self, *people: Recipient) -> None:
        for whom in people:
            paper = draft(whom)
            self.drafts.append(paper)
            self.built(paper)

    def settings(self, **mail: Any) -> None:
        changed = self.workspace.settings.model_copy(update={"mail": MailSettings(**mail)})
        self.workspace = Workspace(self.workspace.root, changed)

    def mailing(self, **changes: Any) -> Mailing:
        values: dict[str, Any] = {"workspace": self.workspace, "kind": "invitation", "drafts": self.drafts, "released": self.released,
                                  "meetings": {"M-002": makers.meeting()}, "provenance": provenance}
        return Mailing(**values | changes)

    def run(self, *posts: Any, **changes: Any) -> Run:
        values: dict[str, Any] = {"ledger": self.ledger, "posts": posts, "clock": lambda: NOW, "timer": self.time.passed, "sleep": self.time.sleep}
        return Run(**values | changes)

    def send(self, *posts: Any, confirmed: int | None = None, pauses: Sequence[int] = (), **changes: Any) -> Outcome:
        return send(self.mailing(**changes), self.run(*posts, pauses=pauses), confirmed=confirmed)

    @property
    def states(self) -> dict[str, str]:
        return {row.key.rpartition("/")[2]: row.state for row in self.ledger.messages()}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    shutil.copytree(TEMPLATES, tmp_path / "templates" / "mail")
    workspace = Workspace(tmp_path, makers.settings())
    with Ledger(workspace.outputs / "ledger.sqlite") as ledger:
        made = House(workspace, ledger)
        made.add(*(recipient(person) for person in PEOPLE))
        yield made


class Mailbox:
    """What the server got, and how it is told to answer: a reply, or something to do to the connection."""

    def __init__(self) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.senders: list[str] = []
        self.answer: Callable[[int], str] = lambda number: "250 2.0.0 angenommen"
        self.refuse: dict[str, str] = {}
        self.drop_after: int | None = None      # the connection is cut after the final dot of this message, counted from 1
        self.connections = 0
        self.patience: int | None = None        # messages the server takes over one connection

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        session.taken = getattr(session, "taken", 0) + 1
        if self.patience is not None and session.taken > self.patience:
            return "421 4.3.2 genug für diese Verbindung"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append((envelope.rcpt_tos[0], envelope.original_content))
        self.senders.append(envelope.mail_from)
        if self.drop_after == len(self.got):
            server.transport.abort()
            return "250 niemals gehört"
        return self.answer(len(self.got))

    @property
    def recipients(self) -> list[str]:
        return [address for address, _ in self.got]


@contextmanager
def served(mailbox: Mailbox, **options: Any) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield Server(host="127.0.0.1", port=port, tls="none", timeout=5)
    finally:
        controller.stop()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def post(mailbox: Mailbox) -> Iterator[Smtp]:
    with served(mailbox) as server:
        yield Smtp(server)
