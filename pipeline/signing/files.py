"""Keys in files: PKCS#12, or certificate and key as PEM."""

from __future__ import annotations

from pathlib import Path

from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12

from pipeline.errors import SigningError
from pipeline.settings import KeyPair
from pipeline.signing.key import Key
from pipeline.signing.passphrases import Passphrase, WrongPassphrase, said
from pipeline.signing.private import Software

PEM = b"-----BEGIN "


class KeyMissing(SigningError):
    """The file of a key is not there."""

    def __init__(self, owner: str, path: str) -> None:
        super().__init__(f"die Schlüsseldatei für „{owner}“ fehlt: {path}",
                         hint="Ist der Datenträger eingelegt? Der Pfad gilt ab dem Arbeitsordner.")


class KeyUnreadable(SigningError):
    """A file is no key."""

    def __init__(self, owner: str, path: str, reason: str = "weder PKCS#12 noch PEM") -> None:
        super().__init__(f"der Schlüssel für „{owner}“ ist nicht lesbar ({path}: {reason})",
                         hint="Gebraucht wird eine .p12- oder .pfx-Datei mit Schlüssel und Zertifikat, oder beides als PEM.")


class KeyUnsupported(SigningError):
    """A key of a kind that is not used here, or too short."""

    def __init__(self, owner: str, reason: str) -> None:
        super().__init__(f"der Schlüssel von „{owner}“ ist zum Unterzeichnen nicht geeignet: {reason}", hint="Gebraucht wird RSA oder ECDSA.")


def opened(root: Path, source: str | KeyPair, owner: str, passphrase: Passphrase) -> Key:
    """The key in a file, or in a pair of files; paths count from `root`. Raises SigningError."""
    if isinstance(source, KeyPair):
        return _of_pem(_read(root, source.certificate, owner), _read(root, source.key, owner), owner, source.key, passphrase)
    data = _read(root, source, owner)
    if PEM in data:
        return _of_pem(data, data, owner, source, passphrase)
    return of_bundle(unlocked(data, owner, source, passphrase), owner, source)


def unlocked(data: bytes, owner: str, name: str, passphrase: Passphrase) -> pkcs12.PKCS12KeyAndCertificates:
    """The content of a PKCS#12 file; the passphrase is asked for only when the file wants one. Raises SigningError."""
    try:
        asn1_pkcs12.Pfx.load(data)["auth_safe"]["content"]    # tells a wrong file from a wrong passphrase
    except (ValueError, TypeError, KeyError) as error:
        raise KeyUnreadable(owner, name) from error
    try:
        return pkcs12.load_pkcs12(data, None)
    except ValueError:
        word = said(owner, passphrase)
    try:
        return pkcs12.load_pkcs12(data, word.encode())
    except ValueError as error:
        raise WrongPassphrase(owner) from error


def of_bundle(bundle: pkcs12.PKCS12KeyAndCertificates, owner: str, name: str, *, demo: bool = False) -> Key:
    """The key in an opened PKCS#12 file. Raises SigningError when something is missing in it."""
    if bundle.key is None or bundle.cert is None:
        raise KeyUnreadable(owner, name, "Schlüssel oder Zertifikat fehlt darin")
    chain = tuple(extra.certificate for extra in bundle.additional_certs)
    return Key(owner=owner, private=_software(bundle.key, owner), certificate=bundle.cert.certificate, chain=chain, demo=demo)


def _of_pem(certificates: bytes, key: bytes, owner: str, name: str, passphrase: Passphrase) -> Key:
    try:
        found = x509.load_pem_x509_certificates(certificates)
    except ValueError as error:
        raise KeyUnreadable(owner, name, "das Zertifikat fehlt") from error
    private = _software(_private(key, owner, name, passphrase), owner)
    own = [certificate for certificate in found if certificate.public_key() == private.public]
    if not own:
        raise KeyUnsupported(owner, "Schlüssel und Zertifikat gehören nicht zusammen")
    return Key(owner=owner, private=private, certificate=own[0], chain=tuple(certificate for certificate in found if certificate != own[0]))


def _private(data: bytes, owner: str, name: str, passphrase: Passphrase) -> object:
    try:
        return load_pem_private_key(data, None)
    except TypeError:        # it wants a passphrase
        word = said(owner, passphrase)
    except ValueError as error:
        raise KeyUnreadable(owner, name, "der Schlüssel fehlt oder ist beschädigt") from error
    try:
        return load_pem_private_key(data, word.encode())
    except ValueError as error:
        raise WrongPassphrase(owner) from error


def _software(key: object, owner: str) -> Software:
    if not isinstance(key, (RSAPrivateKey, EllipticCurvePrivateKey)):
        raise KeyUnsupported(owner, "nur RSA- und ECDSA-Schlüssel werden unterstützt")
    return Software(key)


def _read(root: Path, name: str, owner: str) -> bytes:
    try:
        return (root / Path(name).expanduser()).read_bytes()
    except FileNotFoundError as error:
        raise KeyMissing(owner, name) from error
    except OSError as error:
        raise KeyUnreadable(owner, name, error.strerror or "Lesefehler") from error
