"""Keys: whose they are, and whether they may sign today.

A key is refused before anything is written. Passphrases come from the environment or a prompt; none is ever kept,
logged or passed on a command line.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pipeline.errors import SigningError
from pipeline.workspace import Initiator, Workspace

ENVIRONMENT = "GREMIUM_PASSPHRASE_"
SMALLEST_RSA = 2048    # bits; BSI TR-02102-1 asks for 3000 and more in new certificates

# Purposes a certificate may name and still sign papers; one that names none may sign anything.
PURPOSES = frozenset({
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),         # document signing, RFC 9336
    x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),    # document signing, Microsoft
    x509.ObjectIdentifier("1.2.840.113583.1.1.5"),       # authentic documents, Adobe
})

Extension = TypeVar("Extension", bound=x509.ExtensionType)
Passphrase: TypeAlias = Callable[[str], str | None]
"""Asked for an initiator's key, gives its passphrase, or None when nobody is there to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A private key that was opened once, with its certificate."""

    owner: str                                # key of the initiator it signs for
    private: RSAPrivateKey | EllipticCurvePrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()  # intermediate and root certificates
    demo: bool = False

    @property
    def holder(self) -> str:
        """Whose certificate it is, as the certificate says: "DEMO Stadt Dortmund"."""
        return common_name(self.certificate.subject)


class KeyNotConfigured(SigningError):
    """The settings name no key for an initiator."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"kein Schlüssel für „{owner}“",
                         hint=f'In inputs/alliance.toml unter [signing.keys] eintragen: {owner} = "DATEI.p12".')


class KeyMissing(SigningError):
    """The file of a key is not there."""

    def __init__(self, owner: str, path: str) -> None:
        super().__init__(f"die Schlüsseldatei für „{owner}“ fehlt: {path}",
                         hint="Ist der Datenträger eingelegt? Der Pfad gilt ab dem Arbeitsordner.")


class KeyUnreadable(SigningError):
    """A file is no PKCS#12 key."""

    def __init__(self, owner: str, path: str, reason: str = "keine PKCS#12-Datei") -> None:
        super().__init__(f"der Schlüssel für „{owner}“ ist nicht lesbar ({path}: {reason})",
                         hint="Gebraucht wird eine .p12- oder .pfx-Datei mit Schlüssel und Zertifikat.")


class NoPassphrase(SigningError):
    """Nobody said the passphrase."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"für den Schlüssel von „{owner}“ fehlt die Passphrase",
                         hint=f"Auf Nachfrage eingeben oder als Umgebungsvariable {variable(owner)} bereitstellen.")


class WrongPassphrase(SigningError):
    """The passphrase does not open the key."""

    def __init__(self, owner: str) -> None:
        super().__init__(f"die Passphrase öffnet den Schlüssel von „{owner}“ nicht",
                         hint="Es wurde nichts unterzeichnet; bitte erneut versuchen.")


class KeyExpired(SigningError):
    """The certificate's time is over."""

    def __init__(self, owner: str, until: dt.datetime) -> None:
        super().__init__(f"das Zertifikat von „{owner}“ ist am {until:%d.%m.%Y} abgelaufen", hint="Ein neues Zertifikat eintragen.")


class KeyNotYetValid(SigningError):
    """The certificate's time has not come."""

    def __init__(self, owner: str, since: dt.datetime) -> None:
        super().__init__(f"das Zertifikat von „{owner}“ gilt erst ab {since:%d.%m.%Y}", hint="Geht die Uhr dieses Rechners richtig?")


class KeyUnsuitable(SigningError):
    """The certificate or key is not made for signing papers."""

    def __init__(self, owner: str, reason: str) -> None:
        super().__init__(f"das Zertifikat von „{owner}“ ist zum Unterzeichnen nicht bestimmt: {reason}",
                         hint="Gebraucht wird ein Signaturzertifikat (Verwendung „Nichtabstreitbarkeit“ oder „digitale Signatur“).")


def variable(owner: str) -> str:
    """The environment variable that may hold a passphrase: GREMIUM_PASSPHRASE_STADT."""
    return ENVIRONMENT + owner.upper().replace("-", "_")


def passphrases(environment: Mapping[str, str] = os.environ, prompt: Passphrase | None = None) -> Passphrase:
    """Passphrases from the environment first, else from `prompt`, which gets the initiator's key."""
    def ask(owner: str) -> str | None:
        given = environment.get(variable(owner))
        return given if given is not None or prompt is None else prompt(owner)
    return ask


def available(workspace: Workspace, owner: str) -> bool:
    """Whether this workspace has, or may make, a key for an initiator."""
    settings = workspace.settings.signing
    return owner in settings.keys or settings.demo


def load(workspace: Workspace, initiator: Initiator, *, now: dt.datetime, passphrase: Passphrase) -> Key:
    """Opens an initiator's key and checks that it may sign at `now`. Raises SigningError."""
    named = workspace.settings.signing.keys.get(initiator.key)
    if named is not None:
        key = _open(workspace.root / Path(named).expanduser(), initiator.key, named, passphrase)
    elif workspace.settings.signing.demo:
        from pipeline.signing import demo
        key = demo.key(workspace, initiator)
    else:
        raise KeyNotConfigured(initiator.key)
    _check(key, now)
    return key


def trusted(workspace: Workspace) -> tuple[x509.Certificate, ...]:
    """Issuers this workspace trusts: the certificates in inputs/trust/, and its own demonstration authority.

    Raises SigningError when a file there is no certificate.
    """
    from pipeline.signing import demo
    found: list[x509.Certificate] = []
    own = sorted(path for path in (workspace.inputs / "trust").glob("*") if path.suffix in (".pem", ".crt", ".cer"))
    for path in (*own, *demo.authority_files(workspace)):
        try:
            data = path.read_bytes()
            found += x509.load_pem_x509_certificates(data) if b"-----BEGIN" in data else [x509.load_der_x509_certificate(data)]
        except ValueError as error:
            raise KeyUnreadable("inputs/trust", path.name, "kein Zertifikat") from error
    return tuple(found)


def common_name(name: x509.Name) -> str:
    """The name a certificate goes by; its organisation where it has none of its own."""
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(kind):
            return str(attribute.value)
    return name.rfc4514_string()


def unlocked(data: bytes, owner: str, name: str, passphrase: Passphrase) -> pkcs12.PKCS12KeyAndCertificates:
    """The content of a PKCS#12 file; the passphrase is asked for only when the file wants one. Raises SigningError."""
    try:
        asn1_pkcs12.Pfx.load(data)["auth_safe"]["content"]    # tells a wrong file from a wrong passphrase
    except (ValueError, TypeError, KeyError) as error:
        raise KeyUnreadable(owner, name) from error
    try:
        return pkcs12.load_pkcs12(data, None)
    except ValueError:
        word = passphrase(owner)
    if word is None:
        raise NoPassphrase(owner)
    try:
        return pkcs12.load_pkcs12(data, word.encode())
    except ValueError as error:
        raise WrongPassphrase(owner) from error


def of_bundle(bundle: pkcs12.PKCS12KeyAndCertificates, owner: str, name: str, *, demo: bool = False) -> Key:
    """The key in an opened PKCS#12 file. Raises SigningError when something is missing in it."""
    if bundle.key is None or bundle.cert is None:
        raise KeyUnreadable(owner, name, "Schlüssel oder Zertifikat fehlt darin")
    if not isinstance(bundle.key, (RSAPrivateKey, EllipticCurvePrivateKey)):
        raise KeyUnsuitable(owner, "nur RSA- und ECDSA-Schlüssel werden unterstützt")
    if isinstance(bundle.key, RSAPrivateKey) and bundle.key.key_size < SMALLEST_RSA:
        raise KeyUnsuitable(owner, f"der RSA-Schlüssel ist mit {bundle.key.key_size} Bit zu kurz")
    chain = tuple(extra.certificate for extra in bundle.additional_certs)
    return Key(owner=owner, private=bundle.key, certificate=bundle.cert.certificate, chain=chain, demo=demo)


def _open(path: Path, owner: str, named: str, passphrase: Passphrase) -> Key:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise KeyMissing(owner, named) from error
    except OSError as error:
        raise KeyUnreadable(owner, named, error.strerror or "Lesefehler") from error
    return of_bundle(unlocked(data, owner, named, passphrase), owner, named)


def _check(key: Key, now: dt.datetime) -> None:
    certificate = key.certificate
    if now > certificate.not_valid_after_utc:
        raise KeyExpired(key.owner, certificate.not_valid_after_utc)
    if now < certificate.not_valid_before_utc:
        raise KeyNotYetValid(key.owner, certificate.not_valid_before_utc)
    if certificate.public_key() != key.private.public_key():
        raise KeyUnsuitable(key.owner, "Schlüssel und Zertifikat gehören nicht zusammen")
    usage = _extension(certificate, x509.KeyUsage)
    if usage is not None and not (usage.content_commitment or usage.digital_signature):
        raise KeyUnsuitable(key.owner, "seine Schlüsselverwendung schließt Signaturen aus")
    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise KeyUnsuitable(key.owner, "es ist das Zertifikat einer Zertifizierungsstelle")
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if purposes is not None and PURPOSES.isdisjoint(purposes):
        raise KeyUnsuitable(key.owner, "es ist für einen anderen Zweck ausgestellt")


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
