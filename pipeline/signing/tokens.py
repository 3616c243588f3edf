"""Keys in tokens and smart cards (PKCS#11): the key never leaves the device, the PIN is tried once.

A key there is named as RFC 7512 has it: pkcs11:token=Stadt;object=unterschrift?module-path=/usr/lib/softhsm/libsofthsm2.so
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from cryptography import x509

from pipeline.alone import alone
from pipeline.errors import SigningError
from pipeline.signing.key import Key, path_of
from pipeline.signing.passphrases import Passphrase, WrongPassphrase, said
from pipeline.signing.private import PublicKey

SCHEME = "pkcs11:"
KNOWN = frozenset({"token", "object", "id", "serial", "type", "module-path"})


class BadTokenUri(SigningError):
    """The settings do not name a token's key."""

    def __init__(self, owner: str, reason: str) -> None:
        super().__init__(f"der Schlüssel für „{owner}“ ist nicht richtig bezeichnet: {reason}",
                         hint="Beispiel: pkcs11:token=Stadt;object=unterschrift?module-path=/usr/lib/softhsm/libsofthsm2.so")


class TokenFault(SigningError):
    """A token cannot be used."""

    def __init__(self, owner: str, reason: str) -> None:
        super().__init__(f"der Token von „{owner}“ ist nicht nutzbar: {reason}",
                         hint="Steckt die Karte im Leser, und läuft der Treiber? Danach denselben Befehl wiederholen.")


class TokenBusy(SigningError):
    """Another run uses the token."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"ein anderer Lauf benutzt den Token von „{owner}“", hint="Warten, bis er fertig ist, und noch einmal versuchen.")


class KeyLost(SigningError):
    """A key that was open is gone."""

    def __init__(self, owner: str, reason: str) -> None:
        super().__init__(f"der Schlüssel von „{owner}“ ist während des Laufs verschwunden ({reason})",
                         hint="Karte wieder einstecken und denselben Befehl wiederholen; er macht weiter, wo er aufhörte.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Uri:
    """Which key in which token."""

    module: str
    token: str = ""
    serial: bytes = b""
    label: str = ""
    id: bytes = b""

    @classmethod
    def parse(cls, text: str, owner: str) -> Uri:
        """Reads a URI of RFC 7512, as far as it names a key. Raises BadTokenUri."""
        path, _, query = text.removeprefix(SCHEME).partition("?")
        try:
            said = {name: unquote_to_bytes(value) for name, value in (part.split("=", 1) for part in (*path.split(";"), *query.split("&")) if part)}
        except ValueError as error:
            raise BadTokenUri(owner, "jede Angabe braucht ein Gleichheitszeichen") from error
        if said.keys() & {"pin-value", "pin-source"}:
            raise BadTokenUri(owner, "eine PIN gehört nicht in die Einstellungen")
        unknown = sorted(said.keys() - KNOWN)
        if unknown:
            raise BadTokenUri(owner, f"„{unknown[0]}“ ist nicht bekannt")
        if "module-path" not in said:
            raise BadTokenUri(owner, "der Treiber fehlt (module-path)")
        return cls(module=said["module-path"].decode(), token=said.get("token", b"").decode(), serial=said.get("serial", b""),
                   label=said.get("object", b"").decode(), id=said.get("id", b""))


@dataclass(slots=True)
class Tokens:
    """The tokens of one run, each opened once, whatever the number of keys in it."""

    _sessions: dict[tuple[str, str, bytes], Any] = field(default_factory=dict)
    _reserved: ExitStack = field(default_factory=ExitStack)

    def key(self, text: str, owner: str, passphrase: Passphrase) -> Key:
        """A key in a token; the PIN is asked for when its token is first opened. Raises SigningError."""
        uri = Uri.parse(text, owner)
        with _fence(lambda reason: TokenFault(owner, reason), owner):
            session = self._session(uri, owner, passphrase)
            private = _private(session, uri, owner)
            certificates = _certificates(session)
            found = [certificate for certificate, about in certificates if _belongs(certificate, about, private)]
        if not found:
            raise TokenFault(owner, "zum Schlüssel liegt kein Zertifikat darauf")
        public = found[0].public_key()
        chain = path_of(found[0], [certificate for certificate, _ in certificates])
        return Key(owner=owner, private=InToken(owner, private, public), certificate=found[0], chain=chain)  # type: ignore[arg-type]  # checked later

    def close(self) -> None:
        """Ends all sessions; the tokens forget the PIN."""
        import pkcs11
        for session in self._sessions.values():
            try:
                session.close()
            except pkcs11.PKCS11Error:      # pulled out: closed already
                continue
        self._sessions.clear()
        self._reserved.close()

    def __enter__(self) -> Tokens:
        return self

    def __exit__(self, *_: object) -> None:
        if self._sessions:
            self.close()
        self._reserved.close()      # one whose session did not open

    def _session(self, uri: Uri, owner: str, passphrase: Passphrase) -> Any:
        at = (uri.module, uri.token, uri.serial)
        if at not in self._sessions:
            token = _token(uri, owner)
            self._reserve(at, owner)
            self._sessions[at] = token.open(user_pin=said(owner, passphrase))
        return self._sessions[at]

    def _reserve(self, at: tuple[str, str, bytes], owner: str) -> None:
        """A token has one user at a time: many cannot do more, and a second PIN entry may lock it."""
        path = Path(tempfile.gettempdir()) / f"gremium-token-{hashlib.sha256(repr(at).encode()).hexdigest()[:16]}.lock"
        self._reserved.enter_context(alone(path, lambda: TokenBusy(owner)))


@dataclass(frozen=True, slots=True)
class InToken:
    """A key in a token, usable while its session lasts."""

    owner: str
    handle: Any = field(repr=False)
    public: PublicKey

    def sign(self, data: bytes, digest: str) -> bytes:
        """The bare signature of `data`. Raises KeyLost."""
        from pkcs11 import KeyType, Mechanism
        from pkcs11.util.ec import encode_ecdsa_signature
        with _fence(lambda reason: KeyLost(self.owner, reason), self.owner):
            if self.handle.key_type == KeyType.RSA:
                return bytes(self.handle.sign(data, mechanism=getattr(Mechanism, f"{digest.upper()}_RSA_PKCS")))
            raw = self.handle.sign(hashlib.new(digest, data).digest(), mechanism=Mechanism.ECDSA)    # few tokens hash for ECDSA
            return bytes(encode_ecdsa_signature(raw))


@contextmanager
def _fence(otherwise: Callable[[str], SigningError], owner: str) -> Iterator[None]:
    try:
        import pkcs11
    except ImportError as error:
        raise TokenFault(owner, "das Python-Paket „python-pkcs11“ fehlt") from error
    try:
        yield
    except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLenRange, pkcs11.exceptions.PinInvalid) as error:
        raise WrongPassphrase(owner) from error
    except pkcs11.PKCS11Error as error:
        raise otherwise(REASONS.get(type(error).__name__, f"technisch: {error or type(error).__name__}")) from error


REASONS: Mapping[str, str] = {
    "PinLocked": "die PIN ist gesperrt", "PinExpired": "die PIN ist abgelaufen", "TokenNotPresent": "keine Karte eingelegt",
    "NoSuchToken": "es ist kein Token dieses Namens da", "NoSuchKey": "der Schlüssel ist nicht darauf", "DeviceRemoved": "herausgezogen",
    "MultipleObjectsReturned": "mehrere Schlüssel passen", "MultipleTokensReturned": "mehrere Token passen",
    "SessionHandleInvalid": "die Verbindung ist abgebrochen", "SessionClosed": "die Verbindung ist abgebrochen",
    "ObjectHandleInvalid": "der Schlüssel ist nicht mehr darauf", "KeyHandleInvalid": "der Schlüssel ist nicht mehr darauf",
}


def _token(uri: Uri, owner: str) -> Any:
    import pkcs11
    if not Path(uri.module).is_file():
        raise TokenFault(owner, f"der Treiber {uri.module} fehlt")
    wanted = {name: value for name, value in (("token_label", uri.token), ("token_serial", uri.serial)) if value}
    return pkcs11.lib(uri.module).get_token(**wanted)


def _private(session: Any, uri: Uri, owner: str) -> Any:
    from pkcs11 import KeyType, ObjectClass
    wanted = {name: value for name, value in (("label", uri.label), ("id", uri.id)) if value}
    key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, **wanted)
    if key.key_type not in (KeyType.RSA, KeyType.EC):
        raise TokenFault(owner, "nur RSA- und ECDSA-Schlüssel werden unterstützt")
    return key


def _certificates(session: Any) -> list[tuple[x509.Certificate, bytes]]:
    """All certificates in the token, each with its id."""
    from pkcs11 import Attribute, ObjectClass
    found = session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
    return [(x509.load_der_x509_certificate(one[Attribute.VALUE]), one[Attribute.ID]) for one in found]


def _belongs(certificate: x509.Certificate, about: bytes, private: Any) -> bool:
    """Whether a certificate is a key's: by the modulus, or by the id where the token tells nothing of the public half."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from pkcs11 import Attribute, KeyType
    public = certificate.public_key()
    if private.key_type != KeyType.RSA:
        return bool(about == private.id and not isinstance(public, RSAPublicKey))
    return isinstance(public, RSAPublicKey) and public.public_numbers().n == int.from_bytes(private[Attribute.MODULUS])
