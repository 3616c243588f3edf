"""Keys in a PKCS#11 token: SoftHSM2 of the distribution stands for the card."""

from __future__ import annotations

import datetime as dt
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from pipeline.signing.passphrases import WrongPassphrase
from pipeline.signing.tokens import BadTokenUri, KeyLost, TokenBusy, TokenFault, Tokens, Uri

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
NOW = dt.datetime(2017, 6, 8, 9, 30, tzinfo=dt.UTC)
PIN = "4711"
PAPER = "memorandum/P-001"
INITIATORS = [{"key": "stadt", "name": "Stadt Dortmund", "signatories": [{"function": "Oberbürgermeister"}]},
              {"key": "firma", "name": "Netz GmbH", "signatories": [{"function": "Geschäftsführung"}]}]

pytestmark = pytest.mark.skipif(not Path(MODULE).exists(), reason="softhsm2 is not installed")


def uri(name: str, token: str = "Haus") -> str:
    return f"pkcs11:token={token};object={name}?module-path={MODULE}"


def store(folder: Path, name: str, number: str, key: Any, holder: str) -> None:
    """Puts a key and its certificate into the token, as an office's IT would."""
    about = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, holder)])
    certificate = (x509.CertificateBuilder().subject_name(about).issuer_name(about).public_key(key.public_key()).serial_number(int(number, 16))
                   .not_valid_before(NOW - dt.timedelta(days=9)).not_valid_after(NOW + dt.timedelta(days=9)).sign(key, hashes.SHA256()))
    pem = folder / f"{name}.key"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    subprocess.run(["softhsm2-util", "--import", str(pem), "--token", "Haus", "--label", name, "--id", number, "--pin", PIN], check=True,
                   capture_output=True)
    pem.unlink()
    with pkcs11.lib(MODULE).get_token(token_label="Haus").open(user_pin=PIN, rw=True) as session:
        session.create_object({
            pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
            pkcs11.Attribute.TOKEN: True, pkcs11.Attribute.LABEL: name, pkcs11.Attribute.ID: bytes.fromhex(number),
            pkcs11.Attribute.SUBJECT: about.public_bytes(), pkcs11.Attribute.VALUE: certificate.public_bytes(Encoding.DER)})


@pytest.fixture(scope="module", autouse=True)
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A token named Haus with an RSA key "stadt" and an elliptic one "firma"."""
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n", "utf-8")
    patch = pytest.MonkeyPatch()
    patch.setenv("SOFTHSM2_CONF", str(configuration))
    subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "Haus", "--pin", PIN, "--so-pin", "0815"], check=True, capture_output=True)
    store(folder, "stadt", "01", rsa.generate_private_key(public_exponent=65537, key_size=2048), "Stadt Dortmund")
    store(folder, "firma", "02", ec.generate_private_key(ec.SECP256R1()), "Netz GmbH")
    yield folder
    patch.undo()


@pytest.fixture
def there(office: Callable[..., Any]) -> Any:
    made = office(initiators=INITIATORS, signing={"keys": {name: uri(name) for name in ("stadt", "firma")}})
    made.released()
    return made


def test_two_keys_of_one_token_sign_with_one_pin_entry(there: Any) -> None:
    asked: list[str] = []

    def pin(owner: str) -> str:
        asked.append(owner)
        return PIN
    assert there.sign(passphrase=pin).signed == ((PAPER, "stadt"), (PAPER, "firma"))
    assert asked == ["stadt"]
    said = subprocess.run(["pdfsig", str(there.signed_file())], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature is Valid.") == 2


def test_a_wrong_pin_is_tried_once_and_nothing_is_written(there: Any) -> None:
    asked: list[str] = []

    def pin(owner: str) -> str:
        asked.append(owner)
        return "0000"
    with pytest.raises(WrongPassphrase):
        there.sign(passphrase=pin)
    assert (asked, there.signed_file().exists()) == (["stadt"], False)


def test_a_token_pulled_out_leaves_each_paper_whole_and_the_rest_for_later(there: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    there.released("memorandum/P-002")
    opened: list[Tokens] = []
    real = Tokens.key

    def remembers(self: Tokens, *arguments: Any) -> Any:
        opened.append(self)
        return real(self, *arguments)
    monkeypatch.setattr(Tokens, "key", remembers)
    done = there.sign(passphrase=lambda owner: PIN, progress=lambda through, of: opened[0].close())
    assert {key for key, _ in done.signed} == {"memorandum/P-001"}
    [held] = done.refused
    assert held.key == "memorandum/P-002"
    assert held.reason.startswith("der Schlüssel von „stadt“ ist während des Laufs verschwunden")
    assert not there.signed_file("memorandum/P-002").exists()
    assert len(there.sign(passphrase=lambda owner: PIN).signed) == 2


def test_a_token_has_one_user_at_a_time(there: Any) -> None:
    with Tokens() as tokens:
        tokens.key(uri("stadt"), "stadt", lambda owner: PIN)
        with pytest.raises(TokenBusy):
            there.sign(passphrase=lambda owner: PIN)


@pytest.mark.parametrize(("named", "reason"), [
    (uri("stadt", "Anderes"), "es ist kein Token dieses Namens da"),
    (uri("kammer"), "der Schlüssel ist nicht darauf"),
    ("pkcs11:token=Haus?module-path=/nirgends.so", "der Treiber /nirgends.so fehlt"),
])
def test_what_is_not_there_is_named(named: str, reason: str) -> None:
    with Tokens() as tokens, pytest.raises(TokenFault, match=reason):
        tokens.key(named, "stadt", lambda owner: PIN)


def test_a_pin_in_the_settings_is_refused() -> None:
    with pytest.raises(BadTokenUri, match="eine PIN gehört nicht in die Einstellungen"):
        Uri.parse(uri("stadt") + "&pin-value=4711", "stadt")


def test_a_uri_may_hold_spaces_and_umlauts() -> None:
    assert Uri.parse("pkcs11:token=Haus%20am%20Markt;id=%01;object=K%C3%A4mmerei?module-path=/x.so", "stadt") == Uri(
        module="/x.so", token="Haus am Markt", label="Kämmerei", id=b"\x01")


def test_a_key_that_is_lost_says_so() -> None:
    assert str(KeyLost("stadt", "herausgezogen")) == "der Schlüssel von „stadt“ ist während des Laufs verschwunden (herausgezogen)"
