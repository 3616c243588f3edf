"""Handing messages to a mail server, one after the other over one connection (RFC 5321, DSN by RFC 3461)."""

from __future__ import annotations

import re
import smtplib
import ssl
from dataclasses import dataclass, field

from pipeline.mail.post import Deferred, InDoubt, Outgoing, Receipt, Refused, Unreachable

TIMEOUT = 60.0      # seconds a server may take for one reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A mail server and how to speak to it."""

    host: str
    port: int
    tls: str                # starttls, implicit, or none on this machine
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = TIMEOUT
    context: ssl.SSLContext | None = None    # None: the system's certificates, always checked

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Smtp:
    """A mail server, over one connection for as long as it keeps it."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._smtp: smtplib.SMTP | None = None

    def open(self) -> None:
        """Connects, encrypts, logs in. Raises Unreachable."""
        if self._smtp is not None:
            return
        server = self.server
        try:
            self._smtp = self._connected()
            if server.user:
                self._smtp.login(server.user, server.password)
            else:
                self._smtp.ehlo_or_helo_if_needed()
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise Unreachable(str(server), f"Zertifikat nicht vertrauenswürdig ({error.verify_message})") from error
        except smtplib.SMTPAuthenticationError as error:
            self.close()
            raise Unreachable(str(server), f"Anmeldung abgelehnt ({_worded(error.smtp_code, error.smtp_error)})") from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Unreachable(str(server), _reason(error)) from error

    def _connected(self) -> smtplib.SMTP:
        server = self.server
        context = server.context or ssl.create_default_context()
        if server.tls == "implicit":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=context)
        smtp = smtplib.SMTP(server.host, server.port, timeout=server.timeout)
        if server.tls == "starttls":
            try:
                smtp.starttls(context=context)      # raises when the server offers none: nothing is ever sent in the clear
            except BaseException:
                smtp.close()
                raise
        return smtp

    def deliver(self, message: Outgoing) -> Receipt:
        """Hands over one message. Raises Refused, Deferred, InDoubt or Unreachable."""
        try:
            smtp = self._begun(message)
            self._accepted(smtp.rcpt(message.recipient, self._recipient_options(smtp, message)))
            self._accepted(smtp.docmd("DATA"), wanted=3)
            smtp.send(re.sub(rb"(?m)^\.", b"..", message.data))    # RFC 5321, 4.5.2
        except (smtplib.SMTPException, OSError) as error:
            self.close()       # without its final dot no server may take a message (RFC 5321, 4.1.1.4)
            raise Deferred(f"Verbindung verloren ({_reason(error)})") from error
        return self._ended(smtp, message)

    def _begun(self, message: Outgoing) -> smtplib.SMTP:
        """Announces the message; a connection that the server has closed in the meantime is replaced once."""
        try:
            smtp, answer = self._announced(message)
        except smtplib.SMTPServerDisconnected:
            answer = 421, b""
        if answer[0] == 421:
            self.close()
            smtp, answer = self._announced(message)
        self._accepted(answer)
        return smtp

    def _announced(self, message: Outgoing) -> tuple[smtplib.SMTP, tuple[int, bytes]]:
        self.open()
        assert self._smtp is not None
        return self._smtp, self._smtp.mail(message.sender, self._sender_options(self._smtp, message))

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
        self._accepted((code, reply))
        return Receipt(_worded(code, reply))

    def _accepted(self, answer: tuple[int, bytes], *, wanted: int = 2) -> None:
        """Raises what a reply other than the wanted one means; the connection starts afresh."""
        code, reply = answer
        if code // 100 == wanted:
            return
        self._reset(code)
        raise (Refused if 500 <= code < 600 else Deferred)(_worded(code, reply))

    def _reset(self, code: int) -> None:
        assert self._smtp is not None
        try:
            if code == 421 or not 400 <= code < 600 or self._smtp.rset()[0] != 250:
                self.close()
        except (smtplib.SMTPException, OSError):
            self.close()

    def _sender_options(self, smtp: smtplib.SMTP, message: Outgoing) -> list[str]:
        limit = smtp.esmtp_features.get("size", "")
        if limit.isdigit() and 0 < int(limit) < len(message.data):
            raise Refused(f"zu groß ({len(message.data) // 1024} KiB, erlaubt sind {int(limit) // 1024} KiB)")
        size = [f"SIZE={len(message.data)}"] if smtp.has_extn("size") else []
        return size + ([f"RET=HDRS ENVID={_xtext(message.id)}"] if smtp.has_extn("dsn") else [])

    def _recipient_options(self, smtp: smtplib.SMTP, message: Outgoing) -> list[str]:
        return [f"NOTIFY=FAILURE,DELAY ORCPT=rfc822;{_xtext(message.recipient)}"] if smtp.has_extn("dsn") else []

    def close(self) -> None:
        """Says goodbye; a server that is gone already is no matter."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            if smtp.sock is not None:
                smtp.quit()
        except (smtplib.SMTPException, OSError):
            pass      # the goodbye is a courtesy (RFC 5321, 4.1.1.10); every message has its own reply
        finally:
            smtp.close()


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
    """As DSN parameters are written (RFC 3461, 4)."""
    return "".join(letter if "!" <= letter <= "~" and letter not in "+=" else f"+{ord(letter):02X}" for letter in text)
