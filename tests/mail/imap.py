"""A real Dovecot on this machine alone: in the clear, with STARTTLS and with TLS, over one Maildir that the test fills."""

from __future__ import annotations

import shutil
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.mail.imap import Account
from tests.mail import servers

USER, PASSWORD = "buero", servers.PASSWORD
_DOVECOT = """
base_dir = {folder}/dovecot
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.pem
disable_plaintext_auth = no
auth_mechanisms = plain login
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/mail
}}
mail_location = maildir:{folder}/mail/all
service imap-login {{
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {secure}
    ssl = yes
  }}
}}
"""


@dataclass(frozen=True)
class Imap:
    """Where the server listens, and where its mails lie."""

    folder: Path
    plain: int
    secure: int

    def account(self, tls: str = "none", **changes: object) -> Account:
        port = self.secure if tls == "implicit" else self.plain
        values: dict[str, object] = {"host": "127.0.0.1", "port": port, "tls": tls, "user": USER, "secret": PASSWORD,
                                     "context": ssl.create_default_context(cafile=str(self.folder / "server.pem"))}
        return Account(**values | changes)  # type: ignore[arg-type]

    @property
    def url(self) -> str:
        return f"imap://{USER}@127.0.0.1:{self.plain}/INBOX?tls=none"

    def put(self, name: str, data: bytes) -> None:
        """Lays a mail into the mailbox, as a server that delivers would."""
        beside = self.folder / name
        beside.write_bytes(data)
        servers._run("install", "-o", "65534", "-m", "0644", str(beside), f"{self.folder}/mail/all/new/{name}")

    def flags(self, folder: str = "") -> list[str]:
        """What the server keeps of each mail in a folder: the flags at the end of its file's name; "" for one nobody has touched."""
        place = self.folder / "mail" / "all" / (f".{folder}" if folder else "")
        found = servers.subprocess.run([*servers._root(), "find", str(place), "-maxdepth", "2", "-type", "f", "-path", "*/[cn][ue][rw]/*"],
                                       capture_output=True, text=True, check=False)
        return sorted(name.rpartition(":2,")[2] if ":2," in name else "" for name in found.stdout.split())


@contextmanager
def dovecot() -> Iterator[Imap]:
    """The server, running."""
    folder = Path(tempfile.mkdtemp(prefix="gremium-imap-"))
    folder.chmod(0o755)
    try:
        servers.certificate(folder)
        found = Imap(folder, servers.free_port(), servers.free_port())
        (folder / "dovecot.conf").write_text(_DOVECOT.format(folder=folder, plain=found.plain, secure=found.secure, password=PASSWORD))
        servers._run("mkdir", "-p", *(f"{folder}/mail/all/{name}" for name in ("cur", "new", "tmp")))
        servers._run("chown", "-R", "65534", f"{folder}/mail")
        with servers._running(folder, "dovecot", "-F", "-c", f"{folder}/dovecot.conf"):
            servers._listening(found.plain, found.secure)
            yield found
    finally:
        servers._run("rm", "-rf", str(folder))
        shutil.rmtree(folder, ignore_errors=True)
