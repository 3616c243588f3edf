"""Handing messages to a mail server, one after the other over one connection (RFC 5321; DSN by RFC 3461, pipelining by RFC 2920)."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from base64 import b64encode
from dataclasses import dataclass, field

from pipeline.mail.post import Deferred, Go, InDoubt, Outgoing, Receipt, Refused, Scope, Unreachable

TIMEOUT = 60.0      # seconds a server may take for one reply
_DETAIL = re.compile(r"[245]\.(\d{1,3})\.\d{1,3}\b")

# The subject of an enhanced status code (RFC 3463, 3) tells who has to wait: the mail system, the network or the protocol
# concern a whole domain; address, mailbox and policy (greylisting, RFC 6647) one recipient.
_SCOPES = {"3": Scope.DOMAIN, "4": Scope.DOMAIN, "5": Scope.DOMAIN}

Reply = tuple[int, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server and how to speak to it."""

    host: str
    port: int
    tls: str                # starttls, implicit, or none on this machine
    user: str = ""
    secret: str = field(default="", repr=False)
    auth: str = "password"  # or xoauth2, with an access token as the secret
    most: int = 0           # messages over one connection; 0 is as many as it takes
    timeout: float = TIMEOUT
    context: ssl.SSLContext | None = None    # None: the system's certificates, always checked

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Smtp:
    """A mail server, over one connection for as long as it keeps it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._smtp: smtplib.SMTP | None = None
        self._carried = 0       # messages over this connection

    def open(self) -> None:
        """Connects, encrypts, logs in. Raises Unreachable."""
        if self._smtp is not None:
            return
        server = self.server
        try:
            self._smtp = _connected(server)
            self._carried = 0
            assert self._smtp.sock is not None
            self._smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)      # the final dot goes at once, not after an acknowledgement
            _log_in(self._smtp, server)
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise Unreachable(str(server), f"Zertifikat nicht vertrauenswürdig ({error.verify_message})") from error
        except smtplib.SMTPAuthenticationError as error:
            self.close()
            raise Unreachable(str(server), f"Anmeldung abgelehnt ({_worded(error.smtp_code, error.smtp_error)})") from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Unreachable(str(server), _reason(error)) from error

    def deliver(self, message: Outgoing, go: Go) -> Receipt:
        """Hands over one message, all but its final dot before `go`. Raises Refused, Deferred, InDoubt or Unreachable."""
        if self.server.most and self._carried >= self.server.most:
            self.close()
        try:
            smtp = self._begun(message)
            smtp.send(_with_dots_doubled(message.data))
        except (smtplib.SMTPException, OSError) as error:
            self.close()       # without its final dot no server may take a message (RFC 5321, 4.1.1.4)
            raise Deferred(f"Verbindung verloren ({_reason(error)})", scope=Scope.SERVER) from error
        try:
            go()
        except BaseException:
            self.close(politely=False)
            raise
        return self._ended(smtp, message)

    def _begun(self, message: Outgoing) -> smtplib.SMTP:
        """Announces the message; a connection that the server has closed in the meantime is replaced once."""
        try:
            smtp, answers = self._announced(message)
        except smtplib.SMTPServerDisconnected:
            answers = [(421, b"")]
        if len(answers) == 1 and answers[0][0] == 421:
            self.close()
            smtp, answers = self._announced(message)
        for answer, wanted, scope in zip(answers, (2, 2, 3), (Scope.SERVER, None, Scope.SERVER), strict=False):
            self._accepted(answer, wanted=wanted, scope=scope)
        return smtp

    def _announced(self, message: Outgoing) -> tuple[smtplib.SMTP, list[Reply]]:
        """The server's replies to MAIL, RCPT and DATA, up to the first that is not what it should be."""
        self.open()
        smtp = self._smtp
        assert smtp is not None
        commands = [f"MAIL FROM:<{message.sender}>{_sender_options(smtp, message)}",
                    f"RCPT TO:<{message.recipient}>{_recipient_options(smtp, message)}", "DATA"]
        together = smtp.has_extn("pipelining")
        if together:
            smtp.send("".join(f"{command}\r\n" for command in commands).encode())
        answers: list[Reply] = []
        for command, wanted in zip(commands, (2, 2, 3), strict=True):
            if not together:
                smtp.send(f"{command}\r\n".encode())
            try:
                answers.append(smtp.getreply())
            except smtplib.SMTPServerDisconnected as error:
                if not answers:
                    raise
                self.close()
                raise Deferred(f"Verbindung verloren ({error})", scope=Scope.SERVER) from error
            if answers[-1][0] // 100 != wanted:
                if together:
                    self._hear_out(answers[-1][0], len(commands) - len(answers))
                break
        return smtp, answers

    def _hear_out(self, code: int, number: int) -> None:
        """Takes the replies to what was sent ahead; where one is not a refusal too, only a new connection is safe."""
        assert self._smtp is not None
        while number and 400 <= code < 600 and code != 421:
            code, number = self._smtp.getreply()[0], number - 1
        if not 400 <= code < 600:
            self.close(politely=False)

    def _ended(self, smtp: smtplib.SMTP, message: Outgoing) -> Receipt:
        """Sends the final dot; from here until the reply, only the server knows."""
        try:
            smtp.send(b".\r\n" if message.data.endswith(b"\r\n") else b"\r\n.\r\n")
            code, reply = smtp.getreply()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise InDoubt(_reason(error)) from error
        if not 200 <= code < 600 or 300 <= code < 400:
            self.close()
            raise InDoubt(f"unverständliche Antwort „{_worded(code, reply)}“")
        self._carried += 1
        self._accepted((code, reply))
        return Receipt(_worded(code, reply))

    def _accepted(self, answer: Reply, *, wanted: int = 2, scope: Scope | None = None) -> None:
        """Raises what a reply other than the wanted one means; the connection starts afresh."""
        code, reply = answer
        if code // 100 == wanted:
            return
        self._reset(code)
        words = _worded(code, reply)
        if 500 <= code < 600:
            raise Refused(words)
        raise Deferred(words, scope=scope or _scope(code, words))

    def _reset(self, code: int) -> None:
        if self._smtp is None:
            return
        try:
            if code == 421 or not 400 <= code < 600 or self._smtp.rset()[0] != 250:
                self.close()
        except (smtplib.SMTPException, OSError):
            self.close()

    def close(self, *, politely: bool = True) -> None:
        """Says goodbye; a server that is gone already is no matter."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            if politely and smtp.sock is not None:
                smtp.quit()
        except (smtplib.SMTPException, OSError):
            pass      # the goodbye is a courtesy (RFC 5321, 4.1.1.10); every message has its own reply
        finally:
            smtp.close()


def _with_dots_doubled(data: bytes) -> bytes:
    """A line that begins with a dot begins with two on the way (RFC 5321, 4.5.2)."""
    doubled = data.replace(b"\n.", b"\n..")
    return b"." + doubled if data.startswith(b".") else doubled


def _connected(server: Server) -> smtplib.SMTP:
    if server.tls == "none":
        return smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    context = server.context or ssl.create_default_context()
    if server.tls == "implicit":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
    smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    try:
        smtp.starttls(context=context)      # raises when the server offers none: nothing is ever sent in the clear
    except BaseException:
        smtp.close()
        raise
    return smtp


def _log_in(smtp: smtplib.SMTP, server: Server) -> None:
    """Logs in as the settings say; smtplib's own way cannot send a password with umlauts."""
    smtp.ehlo_or_helo_if_needed()
    if not server.user:
        return
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if server.auth == "xoauth2":       # a challenge tells why a token is refused; an empty line ends it
        _dialogue(smtp, "XOAUTH2", f"user={server.user}\x01auth=Bearer {server.secret}\x01\x01", "")
    elif "PLAIN" in offered:
        _dialogue(smtp, "PLAIN", f"\0{server.user}\0{server.secret}")
    elif "LOGIN" in offered:
        _dialogue(smtp, "LOGIN", server.user, server.secret)
    else:
        smtp.login(server.user, server.secret)


def _dialogue(smtp: smtplib.SMTP, way: str, first: str, *more: str) -> None:
    answers = [b64encode(answer.encode()).decode() for answer in (first, *more)]
    code, reply = smtp.docmd("AUTH", f"{way} {answers[0]}")
    for answer in answers[1:]:
        if code == 334:
            code, reply = smtp.docmd(answer)
    if code not in (235, 503):      # 503: already logged in
        raise smtplib.SMTPAuthenticationError(code, reply)


def _sender_options(smtp: smtplib.SMTP, message: Outgoing) -> str:
    limit = smtp.esmtp_features.get("size", "")
    if limit.isdigit() and 0 < int(limit) < len(message.data):
        raise Refused(f"zu groß ({len(message.data) // 1024} KiB, erlaubt sind {int(limit) // 1024} KiB)")
    if message.recipient.isascii():
        wide = ""
    elif smtp.has_extn("smtputf8") and smtp.has_extn("8bitmime"):
        wide = " BODY=8BITMIME SMTPUTF8"
    else:
        raise Refused("er nimmt keine Adressen mit Umlaut vor dem @ (SMTPUTF8)")
    size = f" SIZE={len(message.data)}" if smtp.has_extn("size") else ""
    return f"{size}{f' RET=HDRS ENVID={_xtext(message.id)}' if smtp.has_extn('dsn') else ''}{wide}"


def _recipient_options(smtp: smtplib.SMTP, message: Outgoing) -> str:
    if not smtp.has_extn("dsn"):
        return ""
    kind = "rfc822" if message.recipient.isascii() else "utf-8"       # RFC 6533, 3
    return f" NOTIFY=FAILURE,DELAY ORCPT={kind};{_xtext(message.recipient)}"


def _scope(code: int, words: str) -> Scope:
    found = _DETAIL.search(words)
    if found:
        return _SCOPES.get(found[1], Scope.RECIPIENT)
    return Scope.DOMAIN if code == 421 else Scope.RECIPIENT


def _worded(code: int, reply: bytes | str) -> str:
    text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return " ".join(f"{code} {text}".split())


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "er bietet keine Verschlüsselung oder Anmeldung an"
    if isinstance(error, smtplib.SMTPResponseException):
        return _worded(error.smtp_code, error.smtp_error)
    if isinstance(error, TimeoutError):
        return "keine Antwort in der gesetzten Zeit"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _xtext(text: str) -> str:
    """As DSN parameters are written (RFC 3461, 4; RFC 6533, 3 for letters outside ASCII)."""
    return "".join(letter if "!" <= letter <= "~" and letter not in "+=" else f"+{ord(letter):02X}" if letter.isascii() else f"\\x{{{ord(letter):X}}}"
                   for letter in text)
