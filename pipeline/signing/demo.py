"""The demonstration authority: keys for trying things out, which say in every place that they prove nothing.

Made on first use in outputs/demo-keys/, readable by their owner alone, and used again afterwards.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pipeline.errors import SigningError
from pipeline.settings import Initiator
from pipeline.signing.files import of_bundle, unlocked
from pipeline.signing.key import Key, common_name
from pipeline.signing.private import Software
from pipeline.workspace import Workspace, place

ORGANISATION = "DEMONSTRATION – keine gültige Signatur"
AUTHORITY = "DEMO Zertifizierungsstelle"
AUTHORITY_CERTIFICATE = "authority.pem"
SINCE = dt.datetime(2017, 1, 1, tzinfo=dt.UTC)       # papers of the first months of 2017 can be signed with them
UNTIL = dt.datetime(2037, 12, 31, tzinfo=dt.UTC)
BITS = 3072
LONGEST_NAME = 64                                    # bytes; ub-common-name of RFC 5280, as OpenSSL counts


class DemoDamaged(SigningError):
    """The demonstration keys cannot be used."""

    def __init__(self, folder: str) -> None:
        super().__init__(f"die Demonstrationsschlüssel in {folder} sind beschädigt", hint="Den Ordner löschen; er wird neu angelegt.")


def is_demo(name: x509.Name) -> bool:
    """Whether a certificate calls itself a demonstration."""
    return any(attribute.value == ORGANISATION for attribute in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME))


def key(workspace: Workspace, initiator: Initiator, field: str = "") -> Key:
    """The demonstration key for an initiator's first signature field, or another, made when there is none yet. Raises SigningError."""
    owner = field or initiator.key
    path = _folder(workspace) / f"{owner}.p12"
    if path.exists():
        known = _read(path, owner)
        if known.holder == _called(initiator):
            return known
    authority = _authority(workspace)
    private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    certificate = _certificate(_name(_called(initiator)), private, authority.certificate.subject, _raw(authority), leaf=True)
    bundle = pkcs12.serialize_key_and_certificates(owner.encode(), private, certificate, [authority.certificate], NoEncryption())
    _keep(path, bundle)
    return Key(owner=owner, private=Software(private), certificate=certificate, chain=(authority.certificate,), demo=True)


def authority_files(workspace: Workspace) -> Sequence[Path]:
    """The authority's certificate, to give to whoever wants to check; none before the first key was made."""
    path = _folder(workspace) / AUTHORITY_CERTIFICATE
    return [path] if path.is_file() else []


def _authority(workspace: Workspace) -> Key:
    path = _folder(workspace) / "authority.p12"
    if not path.exists():
        private = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
        certificate = _certificate(_name(AUTHORITY), private, _name(AUTHORITY), private, leaf=False)
        _keep(path.with_name(AUTHORITY_CERTIFICATE), certificate.public_bytes(Encoding.PEM))
        _keep(path, pkcs12.serialize_key_and_certificates(b"authority", private, certificate, None, NoEncryption()))
    return _read(path, "authority")


def _certificate(subject: x509.Name, private: rsa.RSAPrivateKey, issuer: x509.Name, signs: rsa.RSAPrivateKey, *, leaf: bool) -> x509.Certificate:
    usage = x509.KeyUsage(digital_signature=leaf, content_commitment=leaf, key_encipherment=False, data_encipherment=False,
                          key_agreement=False, key_cert_sign=not leaf, crl_sign=not leaf, encipher_only=False, decipher_only=False)
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(private.public_key())
               .serial_number(x509.random_serial_number()).not_valid_before(SINCE).not_valid_after(UNTIL)
               .add_extension(x509.BasicConstraints(ca=not leaf, path_length=None if leaf else 0), critical=True)
               .add_extension(usage, critical=True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signs.public_key()), critical=False))
    if leaf:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(signs, hashes.SHA256())


def _raw(authority: Key) -> rsa.RSAPrivateKey:
    if not (isinstance(authority.private, Software) and isinstance(authority.private.key, rsa.RSAPrivateKey)):
        raise DemoDamaged("demo-keys")
    return authority.private.key


def _name(called: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
                      x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
                      x509.NameAttribute(NameOID.COMMON_NAME, called)])


def _called(initiator: Initiator) -> str:
    return f"DEMO {initiator.name}".encode()[:LONGEST_NAME].decode(errors="ignore").rstrip()


def _read(path: Path, owner: str) -> Key:
    try:
        found = of_bundle(unlocked(path.read_bytes(), owner, path.name, lambda _: None), owner, path.name, demo=True)
    except (SigningError, OSError) as error:
        raise DemoDamaged(path.parent.name) from error
    if not is_demo(found.certificate.subject) or not common_name(found.certificate.subject):
        raise DemoDamaged(path.parent.name)
    return found


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)    # closed to others before the first key lies in it
    place(path, data)
    path.chmod(0o600)


def _folder(workspace: Workspace) -> Path:
    return workspace.outputs / "demo-keys"
