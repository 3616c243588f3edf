"""S/MIME: the office's signature on a message, which mail programs check by themselves (RFC 8551, multipart/signed)."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from pipeline.errors import SigningError
from pipeline.signing import files, suitable
from pipeline.signing.key import Key
from pipeline.signing.passphrases import Passphrase
from pipeline.signing.private import Software
from pipeline.workspace import Workspace

OWNER = "mail"      # of the key: its passphrase is GREMIUM_PASSPHRASE_MAIL


class OtherAddress(SigningError):
    """The certificate is for another address than the one messages come from."""

    def __init__(self, address: str) -> None:
        super().__init__(f"das Zertifikat für E-Mails (mail.smime) gilt nicht für {address}",
                         hint="Jedes Mailprogramm würde warnen. Ein Zertifikat für die Adresse der Geschäftsstelle eintragen.")


def signer(workspace: Workspace, *, now: dt.datetime, passphrase: Passphrase) -> Callable[[bytes], bytes] | None:
    """Signs the bodies of messages with the office's key; None where the settings name none. Raises SigningError."""
    path = workspace.settings.mail.smime
    if not path:
        return None
    key = files.opened(workspace.root, path, OWNER, passphrase)
    suitable.check(key, now)
    if workspace.settings.office.email.casefold() not in _addresses(key.certificate):
        raise OtherAddress(workspace.settings.office.email)
    return lambda body: _signed(key, body)


def _addresses(certificate: x509.Certificate) -> set[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {address.casefold() for address in names.get_values_for_type(x509.RFC822Name)}


def _signed(key: Key, body: bytes) -> bytes:
    """The body and its signature, side by side: programs that know nothing of signatures show the body as ever."""
    assert isinstance(key.private, Software)       # opened from a file
    builder = PKCS7SignatureBuilder().set_data(body).add_signer(key.certificate, key.private.key, SHA256())
    for certificate in key.chain:
        builder = builder.add_certificate(certificate)
    signature = builder.sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
    boundary = f"=_{hashlib.sha256(body).hexdigest()[:24]}_s".encode()
    encoded = base64.encodebytes(signature).replace(b"\n", b"\r\n")
    return b"\r\n".join((
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature";', b' micalg=sha-256; boundary="' + boundary + b'"', b"",
        b"--" + boundary, body, b"--" + boundary,
        b'Content-Type: application/pkcs7-signature; name="smime.p7s"', b"Content-Transfer-Encoding: base64",
        b'Content-Disposition: attachment; filename="smime.p7s"', b"", encoded + b"--" + boundary + b"--", b""))
