"""Whether a key may sign: in its time, for its purpose, and for the person it is used for."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pipeline.errors import SigningError
from pipeline.settings import Initiator, Signatory
from pipeline.signing.key import Key
from pipeline.signing.turn import Turn

SMALLEST_RSA = 2048    # bits; BSI TR-02102-1 asks for 3000 and more in new certificates

# Purposes a certificate may name and still sign papers; one that names none may sign anything.
PURPOSES = frozenset({
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"),         # document signing, RFC 9336
    x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),    # document signing, Microsoft
    x509.ObjectIdentifier("1.2.840.113583.1.1.5"),       # authentic documents, Adobe
})

# Words that belong to a person's address and not to the name a certificate must bear.
TITLES = frozenset(("herr", "frau", "dr", "prof", "professor", "professorin", "dipl", "ing", "med", "jur", "rer", "pol", "nat", "phil", "h", "c",
                    "mag", "ma", "msc", "bsc", "mba"))

Extension = TypeVar("Extension", bound=x509.ExtensionType)


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


class WrongPerson(SigningError):
    """The certificate is somebody else's."""

    def __init__(self, owner: str, holder: str, expected: str) -> None:
        super().__init__(f"das Zertifikat lautet auf „{holder}“, für „{owner}“ unterzeichnet {expected}",
                         hint="In inputs/alliance.toml den Zeichnenden berichtigen, oder unter [signing.subjects] den Namen im Zertifikat.")


class OtherCertificate(SigningError):
    """The certificate is none of those the settings pin."""

    def __init__(self, owner: str, sha256: str) -> None:
        super().__init__(f"das Zertifikat von „{owner}“ ist keines, dessen Fingerabdruck in den Einstellungen steht",
                         hint=f"Ist es das richtige, unter [release.fingerprints] ergänzen: {sha256}")


def check(key: Key, now: dt.datetime) -> None:
    """Whether a key may sign at all at `now`. Raises SigningError."""
    certificate = key.certificate
    if now > certificate.not_valid_after_utc:
        raise KeyExpired(key.owner, certificate.not_valid_after_utc)
    if now < certificate.not_valid_before_utc:
        raise KeyNotYetValid(key.owner, certificate.not_valid_before_utc)
    public = key.private.public
    if certificate.public_key() != public:
        raise KeyUnsuitable(key.owner, "Schlüssel und Zertifikat gehören nicht zusammen")
    if isinstance(public, RSAPublicKey) and public.key_size < SMALLEST_RSA:
        raise KeyUnsuitable(key.owner, f"der RSA-Schlüssel ist mit {public.key_size} Bit zu kurz")
    usage = _extension(certificate, x509.KeyUsage)
    if usage is not None and not (usage.content_commitment or usage.digital_signature):
        raise KeyUnsuitable(key.owner, "seine Schlüsselverwendung schließt Signaturen aus")
    constraints = _extension(certificate, x509.BasicConstraints)
    if constraints is not None and constraints.ca:
        raise KeyUnsuitable(key.owner, "es ist das Zertifikat einer Zertifizierungsstelle")
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if purposes is not None and PURPOSES.isdisjoint(purposes):
        raise KeyUnsuitable(key.owner, "es ist für einen anderen Zweck ausgestellt")


def belongs(key: Key, turn: Turn, subject: str = "") -> None:
    """Whether a key is that of whom the turn is; `subject` is the certificate's name where the settings say it.

    A person's certificate bears the signatory's name, a seal's the organisation's; for a signatory not yet named the
    organisation must stand in it. Raises WrongPerson.
    """
    if key.demo or turn.signatory is None:
        return
    if subject:
        if key.holder.strip() != subject.strip():
            raise WrongPerson(key.owner, key.holder, subject)
    elif not _bears(key.certificate, turn.initiator, turn.signatory):
        raise WrongPerson(key.owner, key.holder, _expected(turn.initiator, turn.signatory))


def bears_name(key: Key, name: str) -> None:
    """Whether a certificate is the named person's. Raises WrongPerson."""
    if not bears(key.certificate, name):
        raise WrongPerson(key.owner, key.holder, name)


def is_pinned(key: Key, pins: Collection[str]) -> None:
    """Whether a certificate is one of the pinned ones, where there are any. Raises OtherCertificate."""
    found = fingerprint(key.certificate)
    if pins and found not in pins:
        raise OtherCertificate(key.owner, found)


def fingerprint(certificate: x509.Certificate) -> str:
    """The SHA-256 of a certificate, as other programs show it, in small letters."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def bears(certificate: x509.Certificate, name: str) -> bool:
    """Whether a certificate bears a person's name; titles and the order of its words say nothing."""
    return bool(words(name)) and words(name) <= person(certificate)


def _bears(certificate: x509.Certificate, initiator: Initiator, each: Signatory) -> bool:
    if each.name and not each.seal:
        return bears(certificate, each.name)
    return organisation(certificate, (initiator.name, initiator.short))


def organisation(certificate: x509.Certificate, names: Iterable[str]) -> bool:
    """Whether a certificate names one of these organisations as its holder or as whom its holder belongs to."""
    kinds = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    said = [words(text) for kind in kinds for text in texts(certificate, kind)]
    return any(words(name) in said for name in names if words(name))


def _expected(initiator: Initiator, each: Signatory) -> str:
    return initiator.name if each.seal or not each.name else each.name


def person(certificate: x509.Certificate) -> frozenset[str]:
    """The words of the name a certificate bears."""
    kinds = (NameOID.COMMON_NAME, NameOID.GIVEN_NAME, NameOID.SURNAME)
    return frozenset().union(*(words(text) for kind in kinds for text in texts(certificate, kind)))


def texts(certificate: x509.Certificate, kind: x509.ObjectIdentifier) -> list[str]:
    """What a certificate's subject says under one heading."""
    return [str(attribute.value) for attribute in certificate.subject.get_attributes_for_oid(kind)]


def words(text: str) -> frozenset[str]:
    """The words of a name, without titles, however its letters are composed."""
    return frozenset(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())) - TITLES


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
