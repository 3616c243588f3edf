"""The office's signature on a message, judged by OpenSSL."""

import datetime as dt
import email
import email.policy
import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID

from pipeline.mail.post import Folder
from pipeline.signing.files import KeyMissing
from pipeline.signing.smime import OtherAddress, signer
from tests.mail.conftest import NOW, House


def bundle(folder: Path, address: str) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Geschäftsstelle")])
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key()).serial_number(1)
                   .not_valid_before(NOW - dt.timedelta(days=1)).not_valid_after(NOW + dt.timedelta(days=20_000))
                   .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
                   .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).sign(private, hashes.SHA256()))
    (folder / "buero.p12").write_bytes(pkcs12.serialize_key_and_certificates(b"k", private, certificate, None, BestAvailableEncryption(b"wort")))
    (folder / "buero.pem").write_bytes(certificate.public_bytes(Encoding.PEM))


def test_a_signed_message_is_found_genuine_by_another_program_and_a_changed_one_is_not(house: House):
    bundle(house.workspace.root, "allianz@stadt.example")
    house.settings(smime="buero.p12")
    sign = signer(house.workspace, now=NOW, passphrase=lambda owner: "wort")
    assert house.send(Folder(house.workspace.outputs / "outbox"), sign=sign).complete
    [path, *_] = sorted((house.workspace.outputs / "outbox").rglob("*.eml"))
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert message.get_content_type() == "multipart/signed"
    assert [part.get_content_type() for part in message.walk()][1:3] == ["multipart/mixed", "multipart/alternative"]
    check = ["openssl", "cms", "-verify", "-in", str(path), "-CAfile", str(house.workspace.root / "buero.pem"),
             "-partial_chain", "-purpose", "any", "-out", "/dev/null"]
    good = subprocess.run(check, capture_output=True, text=True, check=False)
    assert good.returncode == 0, good.stderr
    path.write_bytes(path.read_bytes().replace(b"Rathaus", b"Bathaus"))
    assert subprocess.run(check, capture_output=True, check=False).returncode != 0


def test_a_certificate_for_another_address_or_a_missing_file_is_refused(house: House):
    bundle(house.workspace.root, "jemand@anders.example")
    house.settings(smime="buero.p12")
    with pytest.raises(OtherAddress, match=r"gilt nicht für allianz@stadt\.example"):
        signer(house.workspace, now=NOW, passphrase=lambda owner: "wort")
    house.settings(smime="fehlt.p12")
    with pytest.raises(KeyMissing):
        signer(house.workspace, now=NOW, passphrase=lambda owner: "wort")
    house.settings()
    assert signer(house.workspace, now=NOW, passphrase=lambda owner: "wort") is None
