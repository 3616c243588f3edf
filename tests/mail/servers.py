"""A real Postfix with a real Dovecot, on this machine alone, with every file in a folder of their own."""

from __future__ import annotations

import base64
import datetime as dt
import email
import email.policy
import hmac
import imaplib
import ipaddress
import json
import os
import select
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pipeline.mail.smtp import Server

PATH = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
USER, PASSWORD = "buero@haus.example", "Größe&Co"
MASTER = "/usr/lib/postfix/sbin/master"
_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = post.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all/
virtual_mailbox_base = {folder}/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_transport = {transport}
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.pem
smtpd_tls_loglevel = 1
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_error_sleep_time = 0
in_flow_delay = 0
smtpd_hard_error_limit = 1000
smtpd_recipient_restrictions = check_recipient_access inline:{{ {refused} }}, permit
message_size_limit = 200000
"""
_SERVICES = """
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
postlog unix-dgram n - n - 1 postlogd
"""
_QUEUES = ("incoming", "active", "deferred", "defer", "bounce", "corrupt", "hold", "trace", "private", "public")
_DOVECOT = """
base_dir = {folder}/dovecot
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/mail
}}
mail_location = maildir:{folder}/mail/all
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service auth {{
  unix_listener {folder}/queue/private/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
"""


_OAUTH2 = """
introspection_mode = local
username_attribute = sub
local_validation_key_dict = fs:posix:prefix={folder}/keys/
"""
_TOKENS = b"what the server and the giver of tokens share"


def token(user: str, *, seconds: int = 600, secret: bytes = _TOKENS) -> str:
    """An access token for so many seconds, as a giver of tokens issues it (RFC 7519) and Dovecot proves it by itself."""
    now = int(time.time())
    claims = {"sub": user, "iat": now - 3600, "nbf": now - 3600, "exp": now + seconds}
    head, body = (_url64(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "HS256"}, claims))
    return f"{head}.{body}.{_url64(hmac.digest(secret, f'{head}.{body}'.encode(), 'sha256'))}"


def _url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass(frozen=True)
class Office:
    """Where the servers listen, and what they got."""

    folder: Path
    submission: Server     # STARTTLS and a password, as an office's server wants
    relay: Server          # without either, for this machine
    imap: int

    def arrived(self, wanted: int = 0) -> list[EmailMessage]:
        """All messages in the mailbox, read over IMAP, as soon as there are so many."""
        for _ in range(200):
            with imaplib.IMAP4("127.0.0.1", self.imap) as box:
                box.authenticate("PLAIN", lambda _: f"\0office\0{PASSWORD}".encode())
                box.select(readonly=True)
                number = int(box.response("EXISTS")[1][0] or 0)
                if number >= wanted:
                    return [_fetched(box, one) for one in range(1, number + 1)]
            time.sleep(0.05)
        raise AssertionError(f"only {number} of {wanted} messages came; see {self.folder}/postfix.log")

    def clear(self) -> None:
        """Empties the mailbox."""
        shutil.rmtree(self.folder / "mail" / "all", ignore_errors=True)


def _fetched(box: imaplib.IMAP4, number: int) -> EmailMessage:
    _, [found, *_] = box.fetch(str(number), "(BODY.PEEK[])")
    assert isinstance(found, tuple)
    message = email.message_from_string(found[1].decode(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certificate(folder: Path) -> Path:
    """A key and a certificate for this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "post.example")])
    now = dt.datetime.now(dt.UTC)
    built = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
             .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
             .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
             .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256()))
    path = folder / "server.pem"
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
                     + built.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def office(*, transport: str = "virtual", refused: str = "") -> Iterator[Office]:
    """Postfix and Dovecot, running; `refused` are entries of an access map, `transport` says where mail ends up."""
    folder = Path(tempfile.mkdtemp(prefix="gremium-post-"))       # a short path that Postfix's own user may walk through
    folder.chmod(0o755)
    try:
        found = _configured(folder, transport, refused)
        with _running(folder, "dovecot", "-F", "-c", f"{folder}/dovecot.conf"), _running(folder, MASTER, "-c", str(folder), "-d"):
            _listening(found.submission.port, found.relay.port, found.imap)
            yield found
    finally:
        _run("rm", "-rf", str(folder))


def _configured(folder: Path, transport: str, refused: str) -> Office:
    pem = certificate(folder)
    queues = [f"{folder}/queue/{name}" for name in _QUEUES]
    _run("mkdir", "-p", *queues, f"{folder}/queue/pid", f"{folder}/data", f"{folder}/mail")
    _run("chown", "postfix", *queues, f"{folder}/data")
    _run("chmod", "0700", *queues)
    _run("chown", "65534", f"{folder}/mail")
    submission, relay, imap = free_port(), free_port(), free_port()
    (folder / "main.cf").write_text(_MAIN.format(folder=folder, transport=transport, refused=refused or "niemand@nirgends.example=OK"))
    (folder / "master.cf").write_text(
        f"127.0.0.1:{submission} inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n  -o smtpd_sasl_auth_enable=yes\n"
        "  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n  -o { smtpd_sender_restrictions = permit_sasl_authenticated, reject }\n"
        f"127.0.0.1:{relay} inet n - n - - smtpd\n{_SERVICES.lstrip()}")
    (folder / "dovecot.conf").write_text(_DOVECOT.format(folder=folder, port=imap, password=PASSWORD))
    (folder / "oauth2.conf").write_text(_OAUTH2.format(folder=folder))
    key = folder / "keys" / "default" / "HS256" / "default"
    key.parent.mkdir(parents=True)
    key.write_bytes(base64.b64encode(_TOKENS))
    trusted = ssl.create_default_context(cafile=str(pem))
    return Office(folder, Server(host="127.0.0.1", port=submission, tls="starttls", user=USER, secret=PASSWORD, context=trusted, timeout=20),
                  Server(host="127.0.0.1", port=relay, tls="none", timeout=20), imap)


@contextmanager
def sink(*options: str) -> Iterator[Server]:
    """Postfix's own test server, which misbehaves as told."""
    port = free_port()
    root = ("-u", "postfix") if os.getuid() == 0 else ()
    with subprocess.Popen(["smtp-sink", *root, *options, f"127.0.0.1:{port}", "100"], env=PATH, stdout=subprocess.DEVNULL) as process:
        try:
            _listening(port)
            yield Server(host="127.0.0.1", port=port, tls="none", timeout=5)
        finally:
            process.kill()


@contextmanager
def cutting(server: Server) -> Iterator[Server]:
    """A line to another server that breaks each time that server has taken a message, before the sender hears of it."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_cut, args=(door, server), daemon=True).start()
        yield replace(server, port=door.getsockname()[1])
        door.shutdown(socket.SHUT_RDWR)


def _cut(door: socket.socket, server: Server) -> None:
    while True:
        try:
            sender = door.accept()[0]
        except OSError:
            return      # the story is over
        with sender, socket.create_connection((server.host, server.port)) as taker:
            heard = b""
            while not heard.endswith(b"\r\n.\r\n"):
                for ready in select.select([sender, taker], [], [])[0]:
                    data = ready.recv(65536)
                    if ready is sender:
                        heard = (heard + data)[-5:]
                    (taker if ready is sender else sender).sendall(data)
            taker.recv(65536)


def _listening(*ports: int) -> None:
    for port in ports:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            raise AssertionError(f"nobody listens at {port}")


@contextmanager
def _running(folder: Path, *command: str) -> Iterator[None]:
    """A server in the foreground; it ends with the test, whatever becomes of that."""
    with (folder / "said.log").open("ab") as said, subprocess.Popen([*_root(), *command], env=PATH, stdin=subprocess.DEVNULL, stdout=said,
                                                                    stderr=said) as process:
        try:
            yield
        finally:
            if _root():
                _run("kill", str(process.pid))      # it belongs to root, and we do not
            else:
                process.terminate()
            process.wait(20)


def _run(*command: str) -> None:
    subprocess.run([*_root(), *command], env=PATH, check=True, timeout=20)


def _root() -> Sequence[str]:
    return () if os.getuid() == 0 else ("sudo", "-n")
