"""The office's mailbox on a real Dovecot: looked at without leaving a trace, and moved only when told."""

import datetime as dt
import smtplib
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.ledger import Ledger
from pipeline.mail.imap import Account, BadMailbox, MailboxUnreachable, account, opened
from pipeline.mail.inbox import Hands, Outcome, read
from pipeline.mail.server import Around
from pipeline.mail.smtp import Smtp
from pipeline.mail.verdicts import House
from tests import makers
from tests.mail.conftest import House as Office
from tests.mail.imap import PASSWORD, USER, Imap, dovecot
from tests.mail.servers import cutting, office
from tests.office import gremium, small

NOW = dt.datetime(2017, 5, 5, tzinfo=dt.UTC)
SAMPLES = Path(__file__).parent / "samples"
AROUND = Around(Path(), {})
KNOWN = ", ".join(f"{{ {address} = all/ }}" for address in ("mia.muster@brueckner.example", "kim@xn--strae-oqa.example", "allianz@stadt.example"))
UNKNOWN = f"virtual\nsmtpd_reject_unlisted_recipient = no\nvirtual_mailbox_maps = inline:{{ {KNOWN} }}"     # the third is found out late


@pytest.fixture(scope="module")
def server() -> Iterator[Imap]:
    with dovecot() as found:
        for name in ("hard/postfix-user-unknown", "auto-reply/abwesenheitsnotiz", "none/person-answers", "receipt/mdn-displayed"):
            found.put(name.rpartition("/")[2], (SAMPLES / f"{name}.eml").read_bytes())
        yield found


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as found:
        yield found


def run(box: Any, ledger: Ledger) -> Outcome:
    house = House.of(makers.settings(), ledger, NOW)
    return read(box, house, ledger, Hands(receive=lambda parts: "", join=lambda found: None))


@pytest.mark.parametrize("tls", ["none", "starttls", "implicit"])
def test_a_mailbox_is_read_over_each_kind_of_connection_and_stays_unread(server: Imap, ledger: Ledger, tls: str):
    with opened(server.account(tls), AROUND) as box:
        outcome = run(box, ledger)
    assert dict(outcome.counts) == {"stray": 1, "auto-reply": 1, "rest": 1, "receipt": 1}
    assert not [flag for flag in server.flags() if "S" in flag]


def test_what_was_read_is_known_by_its_place_and_not_fetched_again(server: Imap, ledger: Ledger, monkeypatch: pytest.MonkeyPatch):
    with opened(server.account(), AROUND) as box:
        run(box, ledger)
    assert {row.place.rpartition("=")[0] for row in ledger.inbox()} == {ledger.inbox()[0].place.rpartition("=")[0]}
    monkeypatch.setattr("pipeline.mail.imap.Mailbox._whole", lambda *_: pytest.fail("fetched again"))
    with opened(server.account(), AROUND) as box:
        outcome = run(box, ledger)
    assert (outcome.known, len(outcome.done)) == (4, 2)


def test_done_mails_are_moved_into_a_folder_and_those_for_people_stay(ledger: Ledger):
    with dovecot() as own:
        for name in ("hard/postfix-user-unknown", "auto-reply/abwesenheitsnotiz", "receipt/mdn-displayed"):
            own.put(name.rpartition("/")[2], (SAMPLES / f"{name}.eml").read_bytes())
        with opened(own.account(), AROUND) as box:
            outcome = run(box, ledger)
            box.move(outcome.done, "Gelesenes von Gremium")
        with opened(own.account(), AROUND) as box:
            assert len(box) == 1
        with opened(own.account(folder="Gelesenes von Gremium"), AROUND) as box:
            assert len(box) == 2


def test_a_server_without_move_is_left_as_it_is(server: Imap, monkeypatch: pytest.MonkeyPatch):
    with opened(server.account(), AROUND) as box:
        monkeypatch.setattr(box._box.client, "capability", lambda: ("OK", [b"IMAP4rev1 UIDPLUS"]))
        with pytest.raises(MailboxUnreachable, match="kann Nachrichten nicht verschieben"):
            box.move(["1"], "Weg")
        assert len(box) == 4


@pytest.mark.parametrize(("changes", "said"), [
    ({"secret": "falsch"}, "Anmeldung abgelehnt"), ({"folder": "Fehlt"}, "den Ordner gibt es nicht"), ({"port": 1}, "Connection refused"),
])
def test_no_way_in_is_said_in_a_line(server: Imap, changes: dict[str, Any], said: str):
    with pytest.raises(MailboxUnreachable, match=said), opened(server.account(**changes), AROUND):
        pass


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_nobody_vouches_for_ends_before_the_password(server: Imap, tls: str):
    with pytest.raises(MailboxUnreachable, match="Zertifikat nicht vertrauenswürdig"), \
            opened(server.account(tls, context=ssl.create_default_context()), AROUND):
        pass


@pytest.mark.parametrize(("url", "said"), [
    ("imap://buero@post.example/INBOX?tls=none", "ohne Verschlüsselung nur an diesen Rechner selbst"),
    ("imap://buero:geheim@post.example/INBOX", "ein Passwort gehört nicht in die Adresse"),
    ("imap://post.example/INBOX", "der Name vor dem @ fehlt"), ("imap://buero@/INBOX", "der Name des Servers fehlt"),
    ("imap://buero@post.example?tls=vielleicht", "tls=vielleicht ist nicht bekannt"), ("imap://buero@post.example:x", "Portnummer"),
    ("imap://buero@post.example?farbe=rot", "„farbe“ ist nicht bekannt"), ("imap://buero@post.example?auth=x", "auth=x ist nicht bekannt"),
])
def test_an_address_that_will_not_do_says_why(url: str, said: str):
    with pytest.raises(BadMailbox, match=said):
        account(url, AROUND)


def test_the_password_comes_from_the_environment_then_the_keyring_then_whoever_sits_there():
    url = "imap://buero%40stadt.example@post.example/Eingang%20Allianz?tls=starttls"
    ways = {"environ": Around(Path(), {"GREMIUM_IMAP_PASSWORD": "eins"}, lambda whose: "zwei", lambda whose: "drei"),
            "keyring": Around(Path(), {}, lambda whose: "zwei", lambda whose: "drei"), "prompt": Around(Path(), {}, None, lambda whose: "drei")}
    assert [account(url, way).secret for way in ways.values()] == ["eins", "zwei", "drei"]
    found = account(url, ways["environ"])
    assert (found.user, found.folder, found.port, "eins" in repr(found)) == ("buero@stadt.example", "Eingang Allianz", 143, False)
    assert account("imap://a@b.example?auth=xoauth2", Around(Path(), {"GREMIUM_IMAP_TOKEN": "t"})).port == 993


def test_a_password_with_umlauts_opens_the_mailbox(server: Imap):
    assert not PASSWORD.isascii()
    with opened(server.url, Around(Path(), {"GREMIUM_IMAP_PASSWORD": PASSWORD})) as box:
        assert len(box) == 4


@pytest.mark.slow
def test_a_real_servers_bounce_ends_the_message_it_is_about(house: Office):
    with office(transport=UNKNOWN) as servers:
        assert house.send(Smtp(servers.relay)).complete
        servers.arrived(3)          # two letters, and the bounce of the third
        account = Account(host="127.0.0.1", port=servers.imap, tls="none", user="office", secret=PASSWORD)
        with opened(account, AROUND) as box:
            outcome = run(box, house.ledger)
    assert (outcome.counts["hard"], outcome.counts["own"], outcome.settled) == (1, 2, {"invitation/M-002/P-002": "failed"})
    assert house.states == {"P-001": "sent", "P-002": "failed", "P-003": "sent"}


@pytest.mark.slow
def test_after_a_line_cut_behind_the_final_dot_a_bounce_and_an_answer_settle_what_is_unknown(house: Office):
    with office(transport=UNKNOWN) as servers:
        with cutting(servers.relay) as line:
            assert len(house.send(Smtp(line)).unknown) == 3
        servers.arrived(3)          # taken all the same: two letters, and the bounce of the third
        [first, *_] = house.ledger.messages()
        answer = (f"From: Mia Muster <mia.muster@brueckner.example>\r\nTo: allianz@stadt.example\r\nSubject: AW: Einladung\r\n"
                  f"Message-ID: <1@brueckner.example>\r\nIn-Reply-To: <{first.id}>\r\n\r\nIch komme gern.\r\n").encode()
        with smtplib.SMTP("127.0.0.1", servers.relay.port) as smtp:
            smtp.sendmail("mia.muster@brueckner.example", ["allianz@stadt.example"], answer)
        servers.arrived(4)
        account = Account(host="127.0.0.1", port=servers.imap, tls="none", user="office", secret=PASSWORD)
        with opened(account, AROUND) as box:
            run(box, house.ledger)
        assert house.states == {"P-001": "sent", "P-002": "failed", "P-003": "unknown"}
        again = house.send(Smtp(servers.relay))
        assert ([*again.sent], [note.key[-5:] for note in again.unknown]) == ([], ["P-003"])
        assert len(servers.arrived(4)) == 4


@pytest.mark.slow
def test_the_command_reads_a_mailbox_moves_what_is_done_and_takes_joining_mails_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GREMIUM_IMAP_PASSWORD", PASSWORD)
    folder = small(tmp_path)
    with dovecot() as own:
        own.put("auto.eml", (SAMPLES / "auto-reply" / "elternzeit.eml").read_bytes())
        own.put("neu.eml", b"From: Lea Neu <lea@neu.example>\nSubject: Ich bin Allianz-Partner\nMessage-ID: <1@neu.example>\n\nNeu GmbH\n")
        own.put("frage.eml", b"From: Kim <kim@haus.example>\nSubject: Frage\nMessage-ID: <2@haus.example>\n\nWann?\n")
        taken = gremium(folder, "intake", own.url)
        assert (taken.returncode, "Vorgeschlagen: Neu GmbH" in taken.stderr) == (0, True), taken.stderr
        asked = gremium(folder, "inbox", "--move", own.url)
        assert (asked.returncode, "--yes 2" in asked.stderr, USER in asked.stdout) == (2, True, False), asked.stderr
        moved = gremium(folder, "inbox", "--move", "--yes", "2", own.url)
        assert (moved.returncode, "3 waren schon gelesen" in moved.stdout) == (0, True), moved.stderr
        with opened(own.account(), AROUND) as box:
            assert len(box) == 1
        with opened(own.account(folder="Gremium"), AROUND) as box:
            assert len(box) == 2
