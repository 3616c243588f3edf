from __future__ import annotations

import datetime as dt
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pipeline.errors import SigningError
from pipeline.signing.files import KeyMissing, KeyUnreadable, KeyUnsupported
from pipeline.signing.passphrases import NoPassphrase, WrongPassphrase, passphrases, variable
from pipeline.signing.suitable import KeyExpired, KeyNotYetValid, KeyUnsuitable, WrongPerson
from pipeline.signing.verify import verify

NOW = dt.datetime(2017, 6, 8, tzinfo=dt.UTC)
YEAR = dt.timedelta(days=365)
WORD = "geheim"


def key_file(path: Path, *, since: dt.datetime = NOW - YEAR, until: dt.datetime = NOW + YEAR, usage: bool = True,
             purpose: x509.ObjectIdentifier | None = None) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stadt Dortmund")])
    bits = dict.fromkeys(("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only",
                          "decipher_only"), False)
    builder = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key()).serial_number(7)
               .not_valid_before(since).not_valid_after(until)
               .add_extension(x509.KeyUsage(**bits | {"digital_signature": usage, "content_commitment": usage, "key_encipherment": True}), True))
    if purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    certificate = builder.sign(private, hashes.SHA256())
    path.write_bytes(pkcs12.serialize_key_and_certificates(b"k", private, certificate, None, BestAvailableEncryption(WORD.encode())))


def refused(office: Callable[..., object], tmp_path: Path, passphrase: Callable[[str], str | None] = lambda owner: WORD) -> SigningError:
    """The error with which the key stadt.p12 is refused; nothing may have been written by then."""
    there = office(signing={"keys": {"stadt": "stadt.p12"}})
    there.released()
    before = there.files()
    with pytest.raises(SigningError) as caught:
        there.sign("stadt", passphrase=passphrase)
    assert there.files() == before
    assert there.ledger.signatures() == {}
    return caught.value


def test_a_wrong_passphrase_leaves_no_file(office: Callable[..., object], tmp_path: Path) -> None:
    key_file(tmp_path / "stadt.p12")
    assert isinstance(refused(office, tmp_path, lambda owner: "falsch"), WrongPassphrase)


def test_a_missing_passphrase_names_the_variable_to_set(office: Callable[..., object], tmp_path: Path) -> None:
    key_file(tmp_path / "stadt.p12")
    error = refused(office, tmp_path, lambda owner: None)
    assert isinstance(error, NoPassphrase)
    assert "GREMIUM_PASSPHRASE_STADT" in error.hint


def test_an_expired_certificate_is_refused_with_its_date(office: Callable[..., object], tmp_path: Path) -> None:
    key_file(tmp_path / "stadt.p12", since=NOW - 3 * YEAR, until=dt.datetime(2017, 6, 7, tzinfo=dt.UTC))
    error = refused(office, tmp_path)
    assert isinstance(error, KeyExpired)
    assert str(error) == "das Zertifikat von „stadt“ ist am 07.06.2017 abgelaufen"


def test_a_certificate_of_the_future_is_refused(office: Callable[..., object], tmp_path: Path) -> None:
    key_file(tmp_path / "stadt.p12", since=NOW + YEAR, until=NOW + 2 * YEAR)
    assert isinstance(refused(office, tmp_path), KeyNotYetValid)


def test_a_certificate_for_encryption_does_not_sign(office: Callable[..., object], tmp_path: Path) -> None:
    key_file(tmp_path / "stadt.p12", usage=False)
    assert isinstance(refused(office, tmp_path), KeyUnsuitable)


def test_a_certificate_of_a_web_server_does_not_sign(office: Callable[..., object], tmp_path: Path) -> None:
    key_file(tmp_path / "stadt.p12", purpose=ExtendedKeyUsageOID.SERVER_AUTH)
    assert isinstance(refused(office, tmp_path), KeyUnsuitable)


@pytest.mark.parametrize("content", [b"", b"kein Schl\xc3\xbcssel", b"0\x82\x01\x00" + bytes(100), b"%PDF-1.7"])
def test_a_file_that_is_no_key_is_told_from_a_wrong_passphrase(office: Callable[..., object], tmp_path: Path, content: bytes) -> None:
    (tmp_path / "stadt.p12").write_bytes(content)
    assert isinstance(refused(office, tmp_path), KeyUnreadable)


def test_a_missing_key_file_is_named(office: Callable[..., object], tmp_path: Path) -> None:
    error = refused(office, tmp_path)
    assert isinstance(error, KeyMissing)
    assert "stadt.p12" in str(error)


def test_a_key_of_elliptic_curves_signs_as_well(office: Callable[..., object], tmp_path: Path) -> None:
    key_file(tmp_path / "stadt.p12")
    there = office(signing={"keys": {"stadt": "stadt.p12"}})
    there.released()
    assert there.sign("stadt", passphrase=lambda owner: WORD).signed == (("memorandum/P-001", "stadt"),)


def test_passphrases_come_from_the_environment_before_anybody_is_asked() -> None:
    ask = passphrases({"GREMIUM_PASSPHRASE_L_E_D": "aus der Umgebung"}, prompt=lambda owner: f"gefragt für {owner}")
    assert (ask("l-e-d"), ask("stadt")) == ("aus der Umgebung", "gefragt für stadt")


def test_demonstration_keys_are_closed_to_others_and_say_what_they_are(demo_keys: Path) -> None:
    assert stat.S_IMODE(demo_keys.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in demo_keys.iterdir()} == {0o600}
    authority = x509.load_pem_x509_certificate((demo_keys / "authority.pem").read_bytes())
    assert "DEMONSTRATION – keine gültige Signatur" in authority.subject.rfc4514_string()


def test_demonstration_keys_are_made_once(office: Callable[..., object], demo_keys: Path) -> None:
    there = office()
    there.released()
    there.sign()
    assert {path.name: path.read_bytes() for path in demo_keys.iterdir()} == {
        path.name: path.read_bytes() for path in (there.workspace.outputs / "demo-keys").iterdir()}


def test_damaged_demonstration_keys_are_reported_not_replaced(office: Callable[..., object]) -> None:
    there = office()
    there.released()
    (there.workspace.outputs / "demo-keys" / "stadt.p12").write_bytes(b"")
    with pytest.raises(SigningError, match="Demonstrationsschlüssel in demo-keys sind beschädigt"):
        there.sign()


def pem_pair(folder: Path, holder: str, *, organisation: str = "", passphrase: bytes | None = None) -> None:
    """Certificate and key as two PEM files."""
    private = ec.generate_private_key(ec.SECP256R1())
    about = [x509.NameAttribute(NameOID.COMMON_NAME, holder)]
    if organisation:
        about.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    name = x509.Name(about)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key()).serial_number(7)
                   .not_valid_before(NOW - YEAR).not_valid_after(NOW + YEAR).sign(private, hashes.SHA256()))
    locked = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    (folder / "stadt.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "stadt.key").write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked))


PAIR = {"keys": {"stadt": {"certificate": "stadt.crt", "key": "stadt.key"}}}
NAMED = [{"key": "stadt", "name": "Stadt Dortmund", "short": "Stadt", "signatories": [{"function": "Oberbürgermeister", "name": "Dr. Eva Muster"}]}]


def signs(office: Callable[..., object], passphrase: Callable[[str], str | None] = lambda owner: None, **changes: object) -> bool:
    there = office(**{"signing": PAIR} | changes)
    there.released()
    return bool(there.sign("stadt", passphrase=passphrase).signed)


def test_a_pair_of_pem_files_signs_with_or_without_passphrase(office: Callable[..., object], tmp_path: Path) -> None:
    pem_pair(tmp_path, "Stadt Dortmund", passphrase=WORD.encode())
    with pytest.raises(WrongPassphrase):
        signs(office, lambda owner: "falsch")
    assert signs(office, lambda owner: WORD)


def test_one_pem_file_may_hold_both(office: Callable[..., object], tmp_path: Path) -> None:
    pem_pair(tmp_path, "Stadt Dortmund")
    (tmp_path / "stadt.pem").write_bytes((tmp_path / "stadt.key").read_bytes() + (tmp_path / "stadt.crt").read_bytes())
    assert signs(office, signing={"keys": {"stadt": "stadt.pem"}})


def test_a_pem_key_of_another_certificate_is_refused(office: Callable[..., object], tmp_path: Path) -> None:
    pem_pair(tmp_path, "Stadt Dortmund")
    other = (tmp_path / "stadt.key").read_bytes()
    pem_pair(tmp_path, "Stadt Dortmund")
    (tmp_path / "stadt.key").write_bytes(other)
    with pytest.raises(KeyUnsupported, match="Schlüssel und Zertifikat gehören nicht zusammen"):
        signs(office)


@pytest.mark.parametrize(("holder", "organisation", "fits"), [
    ("Eva Muster", "", True), ("MUSTER, Eva", "Anderswo", True), ("Dr. Eva Maria Muster", "", True), ("Egon Muster", "Stadt Dortmund", False),
])
def test_a_persons_certificate_bears_the_signatorys_name(office: Callable[..., object], tmp_path: Path, holder: str, organisation: str,
                                                         fits: bool) -> None:
    pem_pair(tmp_path, holder, organisation=organisation)
    if fits:
        assert signs(office, initiators=NAMED)
        return
    with pytest.raises(WrongPerson, match=r"das Zertifikat lautet auf „Egon Muster“, für „stadt“ unterzeichnet Dr[.] Eva Muster"):
        signs(office, initiators=NAMED)


def test_a_seal_bears_the_organisations_name_and_says_that_it_is_one(office: Callable[..., object], tmp_path: Path) -> None:
    sealed = [{"key": "stadt", "name": "Stadt Dortmund", "signatories": [{"function": "Siegelstelle", "name": "Eva Muster", "seal": True}]}]
    pem_pair(tmp_path, "Eva Muster")
    with pytest.raises(WrongPerson):
        signs(office, initiators=sealed)
    pem_pair(tmp_path, "Siegel 3", organisation="Stadt Dortmund")
    there = office(initiators=sealed, signing=PAIR)
    there.released()
    there.sign()
    [found] = verify(there.signed_file().read_bytes(), now=NOW).signatures
    assert found.signer == "Siegel 3"
    assert b"Siegel f" in there.signed_file().read_bytes()


def test_a_signatory_not_yet_named_signs_with_a_certificate_of_the_organisation(office: Callable[..., object], tmp_path: Path) -> None:
    pem_pair(tmp_path, "Eva Muster")
    with pytest.raises(WrongPerson):
        signs(office)
    pem_pair(tmp_path, "Eva Muster", organisation="Stadt Dortmund")
    assert signs(office)


def test_the_settings_may_say_what_name_the_certificate_bears(office: Callable[..., object], tmp_path: Path) -> None:
    pem_pair(tmp_path, "OB-Signatur 4:PN")
    assert signs(office, initiators=NAMED, signing=PAIR | {"subjects": {"stadt": "OB-Signatur 4:PN"}})


def test_the_keyring_is_asked_between_environment_and_prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    monkeypatch.setattr(keyring, "get_password", lambda service, owner: {"stadt": "aus dem Bund"}.get(owner))
    ask = passphrases({"GREMIUM_PASSPHRASE_KAMMER": "aus der Umgebung"}, prompt=lambda owner: "gefragt", keyring=True)
    assert [ask(owner) for owner in ("kammer", "stadt", "firma")] == ["aus der Umgebung", "aus dem Bund", "gefragt"]


def test_the_variable_of_an_approver_is_plain_letters() -> None:
    assert variable("Leitung der Geschäftsstelle") == "GREMIUM_PASSPHRASE_LEITUNG_DER_GESCHAEFTSSTELLE"


def test_no_passphrase_is_left_anywhere(office: Callable[..., object], tmp_path: Path) -> None:
    pem_pair(tmp_path, "Stadt Dortmund", passphrase=WORD.encode())
    assert signs(office, lambda owner: WORD)
    left = [path for path in (tmp_path / "outputs").rglob("*") if path.is_file() and WORD.encode() in path.read_bytes()]
    assert left == []
