"""Handing over: to a folder, to a server, and to a server that misbehaves."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.mail.post import Deferred, Folder, InDoubt, Outgoing, Post, Refused, Scope, Unreachable, Withheld
from pipeline.mail.routes import BadUrl, opened, route
from pipeline.mail.server import Around
from pipeline.mail.smtp import Server, Smtp
from pipeline.settings import MailSettings
from tests.mail.conftest import Mailbox, at_once, served


def outgoing(data: bytes = b"Subject: x\r\n\r\n.Punkt\r\n..\r\nEnde\r\n") -> Outgoing:
    return Outgoing(id="1@stadt.example", name="M-002/brief.eml", sender="allianz@stadt.example", recipient="mia@haus.example", data=data)


@contextmanager
def open_post(post: Smtp) -> Iterator[Smtp]:
    with opened([post]):
        yield post


def post_for(url: str, around: Around, **settings: Any) -> Post:
    [post, *_] = route(MailSettings(url=url, **settings), around).posts
    return post


class Scripted:
    """A server that says its lines, one a command, and hangs up when they are used up; a deaf one reads nothing of a message."""

    def __init__(self, *lines: bytes, hold: bool = False, deaf: bool = False) -> None:
        self.lines, self.hold, self.deaf = lines, hold, deaf
        self.heard: list[bytes] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @property
    def server(self) -> Server:
        return Server(host="127.0.0.1", port=self.socket.getsockname()[1], tls="none", timeout=0.5)

    def _serve(self) -> None:
        connection, _ = self.socket.accept()
        with connection, connection.makefile("rb") as commands:
            for line in self.lines:
                connection.sendall(line + b"\r\n")
                if line.startswith(b"354") and self.deaf:
                    break
                if line.startswith(b"354"):
                    while (heard := commands.readline()) not in (b".\r\n", b""):
                        self.heard.append(heard)
                else:
                    self.heard.append(commands.readline())
            if self.hold:
                self.done.wait(5)

    def close(self) -> None:
        self.done.set()
        self.socket.close()
        self.thread.join(5)


@pytest.fixture
def script() -> Iterator[Any]:
    made: list[Scripted] = []

    def start(*lines: bytes, hold: bool = False, deaf: bool = False) -> Scripted:
        made.append(Scripted(*lines, hold=hold, deaf=deaf))
        return made[-1]
    yield start
    for server in made:
        server.close()


def test_lines_that_begin_with_a_dot_arrive_as_they_were(mailbox: Mailbox, post: Smtp):
    with opened([post]):
        assert post.deliver(outgoing(), at_once).reply == "250 2.0.0 angenommen"
    assert mailbox.got == [("mia@haus.example", outgoing().data)]


def test_a_message_larger_than_the_server_takes_is_refused_before_it_is_sent(mailbox: Mailbox):
    with served(mailbox, data_size_limit=10240) as server, open_post(Smtp(server)) as post:
        with pytest.raises(Refused, match=r"zu groß \(19 KiB, erlaubt sind 10 KiB\)"):
            post.deliver(outgoing(b"x" * 20000), at_once)
        post.deliver(outgoing(), at_once)
    assert len(mailbox.got) == 1


@pytest.mark.parametrize(("lines", "error"), [
    ((b"220 da", b"250 hallo"), Unreachable),                                        # gone before the message
    ((b"220 da", b"250 hallo", b"250 gut"), Deferred),                               # gone after MAIL
    ((b"220 da", b"250 hallo", b"250 gut", b"250 gut"), Deferred),                   # gone after RCPT
    ((b"220 da", b"250 hallo", b"250 gut", b"250 gut", b"354 los"), InDoubt),        # gone after the final dot
    ((b"220 da", b"250 hallo", b"250 gut", b"250 gut", b"354 los", b"Unsinn"), InDoubt),
    ((b"220 da", b"250 hallo", b"250 gut", b"250 gut", b"354 los", b"25"), InDoubt),
    ((b"220 da", b"250 hallo", b"250 gut", b"250 gut", b"354 los", b"250-halb"), InDoubt),
    ((b"220 da", b"250 hallo", b"250 gut", b"250 gut", b"250 wie"), Deferred),       # no go-ahead
    ((b"220 da", b"250 hallo", b"553 nicht von hier"), Refused),
    ((b"554 zu",), Unreachable),
])
def test_a_connection_lost_at_each_step_means_what_it_must(script: Any, lines: tuple[bytes, ...], error: type[Exception]):
    post = Smtp(script(*lines).server)
    with pytest.raises(error), opened([post]):
        post.deliver(outgoing(), at_once)


def test_a_server_that_never_answers_after_the_final_dot_leaves_the_message_in_doubt(script: Any):
    post = Smtp(script(b"220 da", b"250 hallo", b"250 gut", b"250 gut", b"354 los", hold=True).server)
    with pytest.raises(InDoubt), opened([post]):
        post.deliver(outgoing(), at_once)


UP_TO_DATA = (b"220 da", b"250 hallo", b"250 gut", b"250 gut", b"354 los")


@pytest.mark.parametrize(("steps", "error"), [(0, Unreachable), (1, Unreachable), (2, Unreachable), (3, Deferred), (4, Deferred), (5, InDoubt)])
def test_a_server_that_stalls_is_left_alone_after_a_while(script: Any, steps: int, error: type[Exception]):
    post = Smtp(replace(script(*UP_TO_DATA[:steps], hold=True).server, timeout=0.2))
    with pytest.raises(error), opened([post]):
        post.deliver(outgoing(), at_once)


@pytest.mark.parametrize("hold", [False, True])
def test_a_line_that_breaks_or_stalls_within_the_message_delivers_nothing(script: Any, hold: bool):
    post = Smtp(script(*UP_TO_DATA, hold=hold, deaf=True).server)
    with pytest.raises(Deferred) as caught, opened([post]):
        post.deliver(outgoing(b"Subject: x\r\n\r\n" + b"x" * 78 * 300_000), at_once)
    assert caught.value.scope is Scope.SERVER


@pytest.mark.parametrize("garbled", [b"Unsinn", b"\xff\xfe\x00\x80", b"25", b"999 Fantasie", b"x" * 10_000])
@pytest.mark.parametrize(("steps", "errors"), [
    (0, (Unreachable,)), (1, (Unreachable, Deferred)), (2, (Unreachable, Deferred)), (3, (Deferred,)), (4, (Deferred,)), (5, (InDoubt,)),
])
def test_a_garbled_reply_is_never_taken_for_a_yes(script: Any, garbled: bytes, steps: int, errors: tuple[type[Exception], ...]):
    server = script(*UP_TO_DATA[:steps], garbled)
    post = Smtp(replace(server.server, timeout=0.2))
    with pytest.raises(errors), opened([post]):
        post.deliver(outgoing(), at_once)
    assert steps == 5 or b"Subject" not in b"".join(server.heard)


def test_a_message_withheld_at_the_last_moment_is_not_delivered_and_the_next_one_is(mailbox: Mailbox, post: Smtp):
    def withheld() -> None:
        raise Withheld
    with open_post(post):
        with pytest.raises(Withheld):
            post.deliver(outgoing(), withheld)
        post.deliver(replace(outgoing(), recipient="kim@haus.example"), at_once)
    assert (mailbox.recipients, mailbox.connections) == (["kim@haus.example"], 2)


def test_delivery_reports_are_asked_for_where_the_server_can(script: Any):
    server = script(b"220 da", b"250-hallo\r\n250 DSN", b"250 gut", b"250 gut", b"354 los", b"250 da")
    with open_post(Smtp(server.server)) as post:
        post.deliver(replace(outgoing(), recipient="a+b@haus.example"), at_once)
    assert server.heard[1] == b"MAIL FROM:<allianz@stadt.example> RET=HDRS ENVID=1@stadt.example\r\n"
    assert server.heard[2] == b"RCPT TO:<a+b@haus.example> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a+2Bb@haus.example\r\n"


PIPELINING = b"250-hallo\r\n250-DSN\r\n250 PIPELINING"


def test_commands_go_together_where_the_server_can_and_a_refused_recipient_keeps_the_connection(script: Any):
    server = script(b"220 da", PIPELINING, b"250 gut", b"550 5.1.1 unbekannt", b"503 erst RCPT", b"250 neu",
                    b"250 gut", b"250 gut", b"354 los", b"250 da")
    with open_post(Smtp(server.server)) as post:
        with pytest.raises(Refused, match=r"550 5\.1\.1 unbekannt"):
            post.deliver(outgoing(), at_once)
        assert post.deliver(outgoing(), at_once).reply == "250 da"


@pytest.mark.parametrize("lines", [
    (b"220 da", PIPELINING, b"250 gut", b"550 unbekannt", b"354 los"),      # DATA granted although nobody is to get it
    (b"220 da", PIPELINING, b"250 gut", b"550 unbekannt", b"Unsinn"),
])
def test_where_a_server_answers_unlike_any_other_the_connection_is_given_up(script: Any, lines: tuple[bytes, ...]):
    server = script(*lines)
    with open_post(Smtp(server.server)) as post, pytest.raises(Refused):
        post.deliver(outgoing(), at_once)
    assert b"Subject" not in b"".join(server.heard)


@pytest.mark.parametrize(("reply", "scope"), [
    (b"450 4.7.1 greylisted", Scope.RECIPIENT), (b"452 4.2.2 voll", Scope.RECIPIENT), (b"450 kommt wieder", Scope.RECIPIENT),
    (b"451 4.4.1 nicht erreichbar", Scope.DOMAIN), (b"452 4.3.1 kein Platz", Scope.DOMAIN), (b"421 zu viele", Scope.DOMAIN),
])
def test_what_a_server_says_tells_who_has_to_wait(script: Any, reply: bytes, scope: Scope):
    server = script(b"220 da", b"250 hallo", b"250 gut", reply, b"250 neu")
    with open_post(Smtp(server.server)) as post, pytest.raises(Deferred) as caught:
        post.deliver(outgoing(), at_once)
    assert caught.value.scope is scope


def test_a_sender_put_off_and_a_lost_connection_make_all_wait(script: Any):
    for lines in ((b"220 da", b"250 hallo", b"451 Absender zu schnell", b"250 neu"), (b"220 da", b"250 hallo", b"250 gut")):
        with open_post(Smtp(script(*lines).server)) as post, pytest.raises(Deferred) as caught:
            post.deliver(outgoing(), at_once)
        assert caught.value.scope is Scope.SERVER


def test_an_address_with_an_umlaut_goes_only_to_a_server_that_takes_it(script: Any, mailbox: Mailbox):
    message = replace(outgoing(), recipient="jörg@haus.example")
    server = script(b"220 da", b"250-hallo\r\n250-8BITMIME\r\n250-DSN\r\n250 SMTPUTF8", b"250 gut", b"250 gut", b"354 los", b"250 da")
    with open_post(Smtp(server.server)) as post:
        post.deliver(message, at_once)
    assert server.heard[1].endswith(b" BODY=8BITMIME SMTPUTF8\r\n")
    assert server.heard[2] == "RCPT TO:<jörg@haus.example> NOTIFY=FAILURE,DELAY ORCPT=utf-8;j\\x{F6}rg@haus.example\r\n".encode()
    with served(mailbox, enable_SMTPUTF8=False) as plain, open_post(Smtp(plain)) as post, pytest.raises(Refused, match="Umlaut vor dem @"):
        post.deliver(message, at_once)
    assert mailbox.got == []


def test_no_more_messages_go_over_one_connection_than_are_set(mailbox: Mailbox):
    with served(mailbox) as server, open_post(Smtp(replace(server, most=2))) as post:
        for _ in range(5):
            post.deliver(outgoing(), at_once)
    assert (len(mailbox.got), mailbox.connections) == (5, 3)


def test_a_server_that_ends_a_connection_after_some_messages_gets_the_rest_over_new_ones(mailbox: Mailbox, post: Smtp):
    mailbox.patience = 2
    with open_post(post):
        for _ in range(5):
            post.deliver(outgoing(), at_once)
    assert (len(mailbox.got), mailbox.connections) == (5, 3)


def test_a_connection_the_server_closed_in_between_is_opened_anew(mailbox: Mailbox, post: Smtp):
    with opened([post]):
        post.deliver(outgoing(), at_once)
        assert post._smtp is not None
        assert post._smtp.sock is not None
        post._smtp.sock.shutdown(socket.SHUT_RDWR)
        post.deliver(outgoing(), at_once)
    assert (len(mailbox.got), mailbox.connections) == (2, 2)


# encryption and login


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issued(tmp_path_factory.mktemp("tls"))


def issued(folder: Path, *, days: int = 1) -> Path:
    """A key and a certificate for this machine, signed by itself, good for so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    built = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
             .not_valid_before(now - dt.timedelta(days=9)).not_valid_after(now + dt.timedelta(days=days))
             .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
             .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
    path = folder / "server.pem"
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
                     + built.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def guarded(mailbox: Mailbox, certificate: Path) -> Iterator[Server]:
    """A server with STARTTLS that wants a password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=isinstance(data, LoginPassword) and (data.login, data.password) == (b"office", b"geheim"), handled=False)
    with served(mailbox, tls_context=context, require_starttls=True, authenticator=check, auth_required=True) as server:
        yield replace(server, tls="starttls", user="office", secret="geheim", context=ssl.create_default_context(cafile=str(certificate)))


def test_with_starttls_and_the_right_password_a_message_goes_out(guarded: Server, mailbox: Mailbox):
    with open_post(Smtp(guarded)) as post:
        post.deliver(outgoing(), at_once)
    assert len(mailbox.got) == 1


def test_an_untrusted_certificate_a_wrong_password_or_no_encryption_end_the_way(guarded: Server, mailbox: Mailbox):
    with pytest.raises(Unreachable, match="Zertifikat nicht vertrauenswürdig"):
        Smtp(replace(guarded, context=None)).open()
    with pytest.raises(Unreachable, match="Anmeldung abgelehnt"):
        Smtp(replace(guarded, secret="falsch")).open()
    with served(mailbox) as plain, pytest.raises(Unreachable, match="keine Verschlüsselung"):
        Smtp(replace(plain, tls="starttls")).open()
    assert "geheim" not in repr(guarded)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_that_is_over_ends_the_way_before_the_password(mailbox: Mailbox, tmp_path: Path, tls: str):
    over = issued(tmp_path, days=-1)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(over)
    with served(mailbox, tls_context=context) as server, socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_shake, args=(door, context), daemon=True).start()
        port = server.port if tls == "starttls" else door.getsockname()[1]
        with pytest.raises(Unreachable, match=r"Zertifikat nicht vertrauenswürdig \(certificate has expired\)"):
            Smtp(replace(server, port=port, tls=tls, user="office", secret="geheim", context=ssl.create_default_context(cafile=str(over)))).open()


def _shake(door: socket.socket, context: ssl.SSLContext) -> None:
    with suppress(OSError), context.wrap_socket(door.accept()[0], server_side=True):
        pass


@pytest.mark.parametrize("lines", [
    (b"220 da", b"250 STARTTLS"), (b"220 da", b"250 STARTTLS", b"220 los"), (b"220 da", b"250 STARTTLS", b"454 jetzt nicht"),
    (b"220 da", b"250 STARTTLS", b"220 los\r\n250 untergeschoben"),
])
def test_a_server_that_fails_at_encryption_is_never_spoken_to_in_the_clear(script: Any, lines: tuple[bytes, ...]):
    server = script(*lines)
    with pytest.raises(Unreachable):
        Smtp(replace(server.server, tls="starttls", user="office", secret="geheim")).open()
    server.close()
    assert b"AUTH" not in b"".join(server.heard)


def test_a_server_that_hangs_up_at_the_password_ends_the_way(script: Any):
    with pytest.raises(Unreachable):
        Smtp(replace(script(b"220 da", b"250 AUTH PLAIN").server, user="office", secret="geheim")).open()


def test_a_password_with_umlauts_logs_in(mailbox: Mailbox, guarded: Server):
    with pytest.raises(Unreachable, match="Anmeldung abgelehnt"):
        Smtp(replace(guarded, secret="Größe")).open()


@pytest.mark.parametrize(("offered", "secret", "lines", "heard"), [
    (b"250 AUTH PLAIN LOGIN", "Größe", (b"235 gut",), [b"AUTH PLAIN AGJ1ZXJvAEdyw7bDn2U=\r\n"]),
    (b"250 AUTH LOGIN", "Größe", (b"334 VXNlcm5hbWU6", b"334 UGFzc3dvcmQ6", b"235 gut"),
     [b"AUTH LOGIN YnVlcm8=\r\n", b"R3LDtsOfZQ==\r\n"]),
])
def test_each_way_to_log_in_is_spoken_as_servers_want_it(script: Any, offered: bytes, secret: str, lines: tuple[bytes, ...], heard: list[bytes]):
    more = lines[1:] if len(lines) > 1 else lines
    server = script(b"220 da", b"250-hallo\r\n" + offered, *more)
    Smtp(replace(server.server, user="buero", secret=secret)).open()
    server.close()
    assert server.heard[1:1 + len(heard)] == heard


def test_a_token_that_is_refused_ends_the_way_with_the_servers_words(script: Any):
    server = script(b"220 da", b"250-hallo\r\n250 AUTH XOAUTH2", b"334 eyJzdGF0dXMiOiI0MDAifQ==", b"535 5.7.8 abgelaufen")
    with pytest.raises(Unreachable, match=r"Anmeldung abgelehnt \(535 5\.7\.8 abgelaufen\)"):
        Smtp(replace(server.server, user="buero@haus.example", secret="ya29.x", auth="xoauth2")).open()
    assert server.heard[1:3] == [b"AUTH XOAUTH2 dXNlcj1idWVyb0BoYXVzLmV4YW1wbGUBYXV0aD1CZWFyZXIgeWEyOS54AQE=\r\n", b"\r\n"]


def test_nobody_listening_is_said_in_one_line():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unreachable, match=f"Mailserver 127.0.0.1:{port}: "):
        Smtp(Server(host="127.0.0.1", port=port, tls="none")).open()


# the folder, and the URL that chooses


def test_a_folder_takes_each_message_as_a_file(tmp_path: Path):
    post = post_for("folder:outputs/outbox", Around(tmp_path, {}))
    assert isinstance(post, Folder)
    with opened([post]):
        post.deliver(outgoing(), at_once)
        post.deliver(outgoing(), at_once)
    assert (tmp_path / "outputs/outbox/M-002/brief.eml").read_bytes() == outgoing().data


def test_a_folder_that_cannot_be_written_puts_the_message_off(tmp_path: Path):
    (tmp_path / "M-002").write_text("eine Datei, kein Ordner")
    with pytest.raises(Deferred):
        Folder(tmp_path).deliver(outgoing(), at_once)


@pytest.mark.parametrize(("url", "server"), [
    ("smtp://post.example", Server(host="post.example", port=587, tls="starttls")),
    ("smtp://post.example?tls=implicit", Server(host="post.example", port=465, tls="implicit")),
    ("smtp://b%C3%BCro%40stadt.example@post.example:2525", Server(host="post.example", port=2525, tls="starttls", user="büro@stadt.example",
                                                                 secret="geheim")),
    ("smtp://127.0.0.1:2525?tls=none", Server(host="127.0.0.1", port=2525, tls="none")),
    ("smtp://[::1]?tls=none", Server(host="::1", port=25, tls="none")),
])
def test_the_url_says_which_server_and_how(url: str, server: Server):
    post = post_for(url, Around(Path(), {"GREMIUM_SMTP_PASSWORD": "geheim"}))
    assert isinstance(post, Smtp)
    assert post.server == server


def test_the_settings_say_how_many_connections_and_how_patient():
    settings = MailSettings(url="smtp://post.example", connections=3, per_connection=50, pauses=(10, 20))
    found = route(settings, Around(Path(), {}))
    assert (len({id(post) for post in found.posts}), found.pauses) == (3, (10, 20))
    assert all(isinstance(post, Smtp) and post.server.most == 50 for post in found.posts)
    assert route(MailSettings(url="folder:x"), Around(Path(), {})).pauses == ()


def test_a_token_has_a_name_of_its_own_and_the_machines_store_comes_before_a_question():
    around = Around(Path(), {"GREMIUM_SMTP_TOKEN": "ya29", "GREMIUM_SMTP_PASSWORD": "geheim"})
    post = post_for("smtp://ich@post.example?auth=xoauth2", around)
    assert isinstance(post, Smtp)
    assert (post.server.auth, post.server.secret) == ("xoauth2", "ya29")
    kept = post_for("smtp://ich@post.example", Around(Path(), {}, keyring={"ich@post.example": "verwahrt"}.get, ask=lambda whose: "erfragt"))
    assert isinstance(kept, Smtp)
    assert kept.server.secret == "verwahrt"


def test_the_password_is_asked_for_where_the_environment_has_none():
    post = post_for("smtp://ich@post.example", Around(Path(), {}, ask=lambda whose: f"Passwort von {whose}"))
    assert isinstance(post, Smtp)
    assert post.server.secret == "Passwort von ich@post.example"


@pytest.mark.parametrize(("url", "reason"), [
    ("smtp://post.example?tls=none", "ohne Verschlüsselung nur an diesen Rechner"), ("smtp://ich:geheim@post.example", "ein Passwort gehört nicht"),
    ("smtp://post.example:99999", "Portnummer"), ("smtp://post.example?tsl=none", "„tsl“ ist nicht bekannt"), ("smtp://", "Name des Servers"),
    ("http://post.example", "weder folder noch smtp"), ("folder:", "fehlt der Ordner"),
    ("smtp://post.example?tls=vielleicht", "tls=vielleicht"), ("outputs", "„outputs“ ist weder"), ("smtp://[::1", "ist keine Adresse"),
])
def test_a_url_that_says_nothing_useful_is_refused_in_a_sentence(url: str, reason: str):
    with pytest.raises(BadUrl, match=reason):
        post_for(url, Around(Path(), {}))
