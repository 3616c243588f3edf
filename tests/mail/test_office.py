"""Against the servers that offices have: Postfix and Dovecot of the distribution, and Postfix's own server of faults."""

import email
import email.policy
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.mail.imap import Account, opened
from pipeline.mail.post import Deferred, InDoubt, Outgoing, Receipt, Refused, Unreachable
from pipeline.mail.server import Around
from pipeline.mail.smtp import Server, Smtp
from tests import makers
from tests.mail.conftest import House, at_once, recipient
from tests.mail.servers import USER, Office, office, sink, token

REFUSED = "{ weg@haus.example = 550 5.1.1 unbekannt }, { spaeter@haus.example = 450 4.7.1 noch nicht }"


@pytest.fixture(scope="module")
def running() -> Iterator[Office]:
    with office(refused=REFUSED) as found:
        yield found


@pytest.fixture
def servers(running: Office) -> Office:
    running.clear()
    return running


def outgoing(**changes: object) -> Outgoing:
    values: dict[str, object] = {"id": "1@stadt.example", "name": "x.eml", "sender": "allianz@stadt.example", "recipient": "mia@haus.example",
                                 "data": b"From: allianz@stadt.example\r\nTo: mia@haus.example\r\nSubject: x\r\n\r\n.\r\n..Punkte\r\n"}
    return Outgoing(**values | changes)  # type: ignore[arg-type]


def deliver(server: Server, message: Outgoing) -> Receipt:
    post = Smtp(server)
    try:
        return post.deliver(message, at_once)
    finally:
        post.close()


def test_invitations_reach_the_mailbox_encrypted_logged_in_and_byte_for_byte(house: House, servers: Office):
    assert house.send(Smtp(servers.submission)).complete
    frozen = {path.read_bytes() for path in (house.workspace.outputs / "outbox").rglob("*.eml")}
    arrived = servers.arrived(3)
    assert len(arrived) == 3
    originals = [email.message_from_bytes(data, policy=email.policy.default) for data in frozen]
    assert {str(message["Message-ID"]) for message in arrived} == {str(message["Message-ID"]) for message in originals}
    for message in arrived:
        [original] = [found for found in originals if found["Message-ID"] == message["Message-ID"]]
        assert [part.get_content() for part in message.walk() if not part.is_multipart()] == [
            part.get_content() for part in original.walk() if not part.is_multipart()]
        assert (str(message["Subject"]), str(message["To"])) == (str(original["Subject"]), str(original["To"]))


def test_lines_of_dots_arrive_as_they_were(servers: Office):
    deliver(servers.relay, outgoing())
    [message] = servers.arrived(1)
    assert message.get_content().replace("\r\n", "\n") == ".\n..Punkte\n"


def test_one_refused_and_one_greylisted_recipient_leave_the_others_and_the_connection_alone(house: House, servers: Office):
    house.add(recipient(makers.person("P-004", last_name="Weg", email="weg@haus.example")),
              recipient(makers.person("P-005", last_name="Später", email="spaeter@haus.example")),
              recipient(makers.person("P-006", last_name="Danach", email="danach@haus.example")))
    house.send(Smtp(servers.relay))
    assert house.states == {"P-001": "sent", "P-002": "sent", "P-003": "sent", "P-004": "failed", "P-005": "deferred", "P-006": "sent"}
    assert len(servers.arrived(4)) == 4


def test_an_address_with_an_umlaut_before_the_at_arrives(house: House, servers: Office):
    house.add(recipient(makers.person("P-004", last_name="Öffner", email="jörg@haus.example")))
    assert house.send(Smtp(servers.submission)).complete
    assert "jörg@haus.example" in {message["To"].addresses[0].addr_spec for message in servers.arrived(4)}


def test_a_letter_over_the_servers_size_is_refused_and_says_so(servers: Office):
    with pytest.raises(Refused, match=r"zu groß \(292 KiB, erlaubt sind 195 KiB\)"):
        deliver(servers.relay, outgoing(data=b"x" * 300_000))


def test_a_wrong_password_and_a_certificate_nobody_vouches_for_end_the_run(servers: Office):
    with pytest.raises(Unreachable, match="Anmeldung abgelehnt"):
        Smtp(replace(servers.submission, secret="falsch")).open()
    with pytest.raises(Unreachable, match="Zertifikat nicht vertrauenswürdig"):
        Smtp(replace(servers.submission, context=ssl.create_default_context())).open()
    with pytest.raises(Unreachable, match="Zertifikat nicht vertrauenswürdig"):
        Smtp(replace(servers.submission, host="localhost")).open()      # the certificate is for another name


def test_an_access_token_logs_in_to_send_and_to_read(house: House, servers: Office):
    submission = replace(servers.submission, auth="xoauth2", secret=token(USER))
    assert house.send(Smtp(submission)).complete
    servers.arrived(3)
    account = Account(host="127.0.0.1", port=servers.imap, tls="none", user=USER, secret=token(USER), auth="xoauth2")
    with opened(account, Around(house.workspace.root, {})) as box:
        assert len(box) == 3


@pytest.mark.parametrize("wrong", [token(USER, seconds=-60), token("andere@haus.example"), token(USER, secret=b"gestohlen"), "kein Token"])
def test_a_token_that_is_over_anothers_or_forged_ends_the_run(servers: Office, wrong: str):
    with pytest.raises(Unreachable, match="Anmeldung abgelehnt"):
        Smtp(replace(servers.submission, auth="xoauth2", secret=wrong)).open()


def test_several_connections_deliver_each_message_once(house: House, servers: Office):
    house.add(*(recipient(makers.person(f"P-{number:03}", last_name=f"Muster{number}", email=f"p{number}@haus.example"))
                for number in range(10, 40)))
    assert house.send(*(Smtp(servers.relay) for _ in range(4))).complete
    ids = [str(message["Message-ID"]) for message in servers.arrived(33)]
    assert len(ids) == len(set(ids)) == 33


@pytest.mark.parametrize(("options", "error"), [
    (("-q", "."), InDoubt), (("-q", "data"), Deferred), (("-q", "rcpt"), Deferred), (("-r", "rcpt"), Deferred), (("-f", "rcpt"), Refused),
    (("-r", "."), Deferred), (("-f", "."), Refused), (("-r", "mail"), Deferred), (("-f", "mail"), Refused), (("-f", "data"), Refused),
    (("-q", "ehlo", "-q", "helo"), Unreachable), (("-q", "connect"), Unreachable), (("-f", "connect"), Unreachable),
])
@pytest.mark.parametrize("pipelining", [(), ("-p",)])
def test_a_second_referee_that_misbehaves_gets_the_same_verdict(options: tuple[str, ...], error: type[Exception], pipelining: tuple[str, ...]):
    with sink(*options, *pipelining) as server, pytest.raises(error):
        deliver(server, outgoing())


def test_a_connection_cut_after_the_final_dot_is_never_tried_again(house: House, tmp_path: Path):
    with sink("-q", ".") as server:
        first = house.send(Smtp(server), pauses=(1, 1))
        again = house.send(Smtp(server), pauses=(1, 1))
    assert set(house.states.values()) == {"unknown"}
    assert (len(first.unknown), len(again.unknown), again.sent) == (3, 3, ())
