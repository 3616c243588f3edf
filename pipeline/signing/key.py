"""A key that was opened, and what its certificate says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from pipeline.signing.private import Private


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A private key that was opened once, with its certificate."""

    owner: str                                # key of the initiator it signs for, or the approver's name
    private: Private = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()  # intermediate and root certificates
    demo: bool = False

    @property
    def holder(self) -> str:
        """Whose certificate it is, as the certificate says: "DEMO Stadt Dortmund"."""
        return common_name(self.certificate.subject)


    def __reduce__(self) -> tuple[object, ...]:
        """The key as another process of ours gets it, through a pipe; a token's key has no way there."""
        certificates = [certificate.public_bytes(Encoding.DER) for certificate in (self.certificate, *self.chain)]
        return _again, (self.owner, self.private, certificates, self.demo)


def _again(owner: str, private: Private, certificates: Sequence[bytes], demo: bool) -> Key:
    certificate, *chain = (x509.load_der_x509_certificate(data) for data in certificates)
    return Key(owner=owner, private=private, certificate=certificate, chain=tuple(chain), demo=demo)


def common_name(name: x509.Name) -> str:
    """The name a certificate goes by; its organisation where it has none of its own."""
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(kind):
            return str(attribute.value)
    return name.rfc4514_string()


def path_of(certificate: x509.Certificate, others: Sequence[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """The issuers of a certificate among `others`, from the nearest to the root; what does not belong is left out."""
    found: list[x509.Certificate] = []
    while certificate.issuer != certificate.subject:
        above = next((other for other in others if other.subject == certificate.issuer and other not in found), None)
        if above is None:
            break
        found.append(above)
        certificate = above
    return tuple(found)
