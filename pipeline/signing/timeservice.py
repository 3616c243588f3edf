"""The time-stamp service (RFC 3161): asked over HTTP, several times when need be, and believed only where it is trusted."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from asn1crypto import cms, tsp
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError

from pipeline.errors import SigningError
from pipeline.signing.passphrases import Passphrase, said

FIRST_PAUSE = 0.5    # seconds before the second attempt; each further one is twice as long
PATIENCE = 15.0      # seconds to wait for one answer
APART = dt.timedelta(minutes=5)    # how far our clock may be from the service's
DIGEST = "sha256"
OWNER = "zeitstempel"    # whose password is asked for when the address names a user


class NoTimeService(SigningError):
    """A level that needs a time-stamp service, and none is named."""

    def __init__(self, level: str) -> None:
        super().__init__(f"für die Signaturstufe {level} ist kein Zeitstempeldienst eingerichtet",
                         hint='In inputs/alliance.toml unter [signing] timestamp = "https://…" eintragen, oder level = "B-B".')


class BadTimeService(SigningError):
    """The address of the service cannot be used."""

    def __init__(self, url: str) -> None:
        super().__init__(f"„{url}“ ist keine Adresse eines Zeitstempeldienstes", hint="Gebraucht wird http://… oder https://…, ohne Kennwort darin.")


class TimeServiceDown(SigningError):
    """The service did not answer, however often it was asked."""

    def __init__(self, host: str, attempts: int, reason: str) -> None:
        super().__init__(f"der Zeitstempeldienst {host} antwortet nicht ({attempts} Versuche, zuletzt: {reason})",
                         hint="Später denselben Befehl wiederholen; eine niedrigere Stufe wird von selbst nie gesetzt.")


class TimeServiceRefused(SigningError):
    """The service answered with something that is no time stamp for us."""

    def __init__(self, host: str, reason: str) -> None:
        super().__init__(f"der Zeitstempeldienst {host} gibt keinen brauchbaren Zeitstempel ({reason})",
                         hint="Beim Betreiber nachfragen; unterzeichnet wurde nicht.")


class ClockWrong(SigningError):
    """Our clock is not the service's."""

    def __init__(self, ours: dt.datetime, theirs: dt.datetime) -> None:
        super().__init__(f"die Uhr dieses Rechners zeigt {ours:%d.%m.%Y %H:%M} UTC, die des Zeitstempeldienstes {theirs:%d.%m.%Y %H:%M} UTC",
                         hint="Die Uhr stellen; unterzeichnet wurde nicht.")


class TimeService(TimeStamper):
    """One time-stamp service, for one run."""

    def __init__(self, url: str, *, attempts: int, now: dt.datetime, passphrase: Passphrase) -> None:
        """Takes the address apart; nothing is asked yet. Raises BadTimeService."""
        super().__init__()  # type: ignore[no-untyped-call]  # pyHanko annotates in parts
        parts = urllib.parse.urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.password:
            raise BadTimeService(url)
        self.host = parts.hostname
        self._url = urllib.parse.urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        self._headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        if parts.username:
            word = f"{urllib.parse.unquote(parts.username)}:{said(OWNER, passphrase)}"
            self._headers["Authorization"] = "Basic " + base64.b64encode(word.encode()).decode()
        self._attempts = attempts
        self._now = now
        self._began = time.monotonic()

    def reserve(self) -> int:
        """Asks for a first stamp; gives the bytes to keep free for one. Raises SigningError."""
        token: Any = asyncio.run(self.async_dummy_response(DIGEST))
        return len(token.dump()) * 3 // 2

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A stamp for a digest, checked to be for it and of this hour. Raises SigningError."""
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            info = token["content"]["encap_content_info"]["content"].parsed
            stamped, at = info["message_imprint"]["hashed_message"].native, info["gen_time"].native
        except (TimestampRequestError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise TimeServiceRefused(self.host, str(error) or "unlesbare Antwort") from error
        if stamped != message_digest:
            raise TimeServiceRefused(self.host, "der Stempel gilt einem anderen Dokument")
        ours = self._now + dt.timedelta(seconds=time.monotonic() - self._began)
        if abs(at - ours) > APART:
            raise ClockWrong(ours, at)
        return token

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The service's answer, asked for as often as the settings allow. Raises TimeServiceDown."""
        for attempt in range(1, self._attempts + 1):
            try:
                return tsp.TimeStampResp.load(self._post(req.dump()))
            except urllib.error.HTTPError as error:
                reason = f"HTTP {error.code}"
                if error.code < 500 and error.code != 429:
                    raise TimeServiceRefused(self.host, reason) from error
            except (urllib.error.URLError, OSError) as error:
                reason = str(getattr(error, "reason", "") or error or type(error).__name__)
            if attempt < self._attempts:
                time.sleep(FIRST_PAUSE * 2 ** (attempt - 1))
        raise TimeServiceDown(self.host, self._attempts, reason)

    def _post(self, body: bytes) -> bytes:
        request = urllib.request.Request(self._url, data=body, headers=self._headers)  # http and https alone, see __init__
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return bytes(answer.read(1 << 20))
