"""Private keys, wherever they live: whoever signs asks for a signature, never for the key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key

PublicKey: TypeAlias = RSAPublicKey | EllipticCurvePublicKey


class Private(Protocol):
    """A private key that can be used, but not looked at."""

    @property
    def public(self) -> PublicKey:
        """Its public half."""

    def sign(self, data: bytes, digest: str) -> bytes:
        """The bare signature of `data`, PKCS#1 v1.5 or ECDSA; `digest` as "sha256". Raises SigningError."""


@dataclass(frozen=True, slots=True)
class Software:
    """A key from a file, held open in memory."""

    key: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False)

    @property
    def public(self) -> PublicKey:
        """Its public half."""
        return self.key.public_key()

    def sign(self, data: bytes, digest: str) -> bytes:
        """The bare signature of `data`."""
        algorithm = getattr(hashes, digest.upper())()
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(data, PKCS1v15(), algorithm)
        return self.key.sign(data, ECDSA(algorithm))

    def __reduce__(self) -> tuple[object, ...]:
        """The key as another process of ours gets it, through a pipe."""
        return _again, (self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),)


def longest(public: PublicKey) -> int:
    """The most bytes a signature of this key takes."""
    length = (public.key_size + 7) // 8
    return length if isinstance(public, RSAPublicKey) else 2 * length + 16


def _again(data: bytes) -> Software:
    key = load_der_private_key(data, None, unsafe_skip_rsa_key_validation=True)    # it was checked when its file was opened
    assert isinstance(key, (RSAPrivateKey, EllipticCurvePrivateKey))
    return Software(key)
