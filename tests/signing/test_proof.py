from __future__ import annotations

import datetime as dt
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from pipeline.issue import issue
from pipeline.ledger import ApprovalRow
from pipeline.release import Approver, approve, decision, standing, statement
from pipeline.signing.keys import KeyOfApproverMissing, trusted
from pipeline.signing.proof import Proofs, judged, prover
from pipeline.signing.suitable import OtherCertificate, WrongPerson
from pipeline.signing.tokens import Tokens
from pipeline.signing.verdict import Indication
from tests import makers
from tests.signing.conftest import INITIATORS

NOW = dt.datetime(2017, 6, 8, 9, 30, tzinfo=dt.UTC)
RELEASE = {"keys": {"Eva Muster": "eva.pem"}}


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def certified(private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, holder: str, issuer: str) -> bytes:
    """A certificate that names `issuer` and is signed with the holder's own key, PEM."""
    return (x509.CertificateBuilder().subject_name(named(holder)).issuer_name(named(issuer)).public_key(private.public_key()).serial_number(7)
            .not_valid_before(NOW - dt.timedelta(days=9)).not_valid_after(NOW + dt.timedelta(days=9))
            .sign(private, hashes.SHA256()).public_bytes(Encoding.PEM))


def key_of(folder: Path, holder: str, issuer: str = "") -> bytes:
    """Key and certificate in eva.pem; gives the certificate, PEM."""
    private = ec.generate_private_key(ec.SECP256R1())
    pem = certified(private, holder, issuer or holder)
    (folder / "eva.pem").write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem)
    return pem


def forged(there: Any, by: str) -> ApprovalRow:
    """A release in the ledger under some name, signed with Eva Muster's key."""
    row = there.build()
    given = decision(row, Approver(name=by), NOW)
    proof = who(there).proof
    assert proof is not None
    given = replace(given, proof=proof(statement(given)))
    there.ledger.approve([given], NOW)
    return given


def who(there: Any, name: str = "Eva Muster") -> Approver:
    with Tokens() as tokens:
        return Approver(name=name, proof=prover(there.workspace, name, now=NOW, passphrase=lambda owner: None, tokens=tokens))


@pytest.fixture
def there(office: Callable[..., Any], tmp_path: Path) -> Any:
    certificate = key_of(tmp_path, "Muster, Eva")
    (tmp_path / "inputs" / "trust").mkdir(parents=True)
    (tmp_path / "inputs" / "trust" / "eva.crt").write_bytes(certificate)
    return office(release=RELEASE)


def test_a_release_signed_by_its_giver_can_be_proven_later(there: Any) -> None:
    row = there.build()
    approve(there.workspace, there.ledger, [row], who(there), NOW)
    [given] = there.ledger.approvals()[row.key]
    answer = judged(given, trusted(there.workspace))
    assert (answer.indication, answer.sentence) == (
        Indication.PASSED, "Revision 1 freigegeben von Eva Muster, nachgewiesen durch den Schlüssel „Muster, Eva“")
    assert judged(given, ()).indication is Indication.INDETERMINATE


def test_a_ledger_changed_by_hand_is_found_out(there: Any) -> None:
    row = there.build()
    approve(there.workspace, there.ledger, [row], who(there), NOW)
    [given] = there.ledger.approvals()[row.key]
    forgeries: tuple[dict[str, Any], ...] = ({"revision": 2}, {"pdf_sha256": "0" * 64}, {"reason": "doch nicht"}, {"proof": b"0\x00"})
    for forgery in forgeries:
        assert judged(replace(given, **forgery), trusted(there.workspace)).indication is Indication.FAILED


def test_nothing_is_signed_on_a_release_somebody_put_into_the_ledger(there: Any) -> None:
    row = there.build()
    approve(there.workspace, there.ledger, [row], who(there), NOW)
    [given] = there.ledger.approvals()[row.key]
    there.ledger.approve([replace(given, approved_by="Leitung")], NOW)
    assert "der Nachweis passt nicht zum Verzeichnis" in there.sign().refused[0].reason
    assert not there.signed_file().exists()


def test_who_has_a_key_and_does_not_use_it_has_not_released(there: Any) -> None:
    row = there.build()
    approve(there.workspace, there.ledger, [row], Approver(name="Eva Muster"), NOW)
    rules = there.workspace.settings.release
    assert not standing(row, there.ledger.approvals()[row.key], rules).approved
    approve(there.workspace, there.ledger, [row], who(there), NOW)
    assert standing(row, there.ledger.approvals()[row.key], rules).approved


def test_who_has_no_key_releases_without_proof(there: Any) -> None:
    assert who(there, "Vorstand").proof is None


def test_somebody_elses_key_is_refused(there: Any, tmp_path: Path) -> None:
    key_of(tmp_path, "Egon Beispiel")
    with pytest.raises(WrongPerson):
        who(there)


def test_a_release_in_another_name_than_its_keys_is_refuted_and_nothing_is_done_on_it(there: Any) -> None:
    given = forged(there, "Stadt Dortmund")
    answer = judged(given, trusted(there.workspace))
    assert (answer.indication, answer.sentence) == (
        Indication.FAILED,
        "Revision 1 freigegeben von Stadt Dortmund: der Nachweis ist von jemand anderem, der Schlüssel lautet auf „Muster, Eva“")
    assert there.sign().refused[0].reason == answer.sentence
    rows = list(there.ledger.documents().values())
    done = issue(there.workspace, there.ledger, rows, "hand", NOW, unsigned=True)
    assert (done.issued, done.held) == ((), ((given.key, f"{given.key} wird nicht ausgegeben: {answer.sentence}"),))


@pytest.mark.parametrize("spelled", ["Dr. Eva Muster", "MUSTER,  Eva", "Eva\u00a0Muster"])
def test_a_key_bears_its_givers_name_whatever_the_spelling(there: Any, spelled: str) -> None:
    assert judged(forged(there, spelled), trusted(there.workspace)).indication is Indication.PASSED


@pytest.mark.parametrize("nobody", ["Dr.", "–"])
def test_a_name_without_a_name_in_it_is_nobodys_key(there: Any, nobody: str) -> None:
    assert judged(forged(there, nobody), trusted(there.workspace)).indication is Indication.FAILED


def test_a_broken_proof_lets_nothing_out(there: Any) -> None:
    row = there.build()
    approve(there.workspace, there.ledger, [row], who(there), NOW)
    with sqlite3.connect(there.workspace.outputs / "ledger.sqlite") as db:
        db.execute("UPDATE approvals SET proof = x'00'")
    db.close()
    done = issue(there.workspace, there.ledger, [row], "hand", NOW, unsigned=True)
    assert done.issued == () and "der Nachweis ist beschädigt" in done.held[0][1]
    assert "der Nachweis ist beschädigt" in there.sign().refused[0].reason


def test_a_certificate_that_only_claims_a_trusted_issuer_is_refuted(there: Any, tmp_path: Path) -> None:
    key_of(tmp_path, "Eva Muster", issuer="Prüfstelle")
    row = there.build()
    approve(there.workspace, there.ledger, [row], who(there), NOW)
    issuer = certified(rsa.generate_private_key(65537, 2048), "Prüfstelle", "Prüfstelle")     # RSA, where the certificate bears an ECDSA signature
    (tmp_path / "inputs" / "trust" / "stelle.crt").write_bytes(issuer)
    [given] = there.ledger.approvals()[row.key]
    assert judged(given, trusted(there.workspace)).indication is Indication.FAILED
    assert "der Nachweis ist beschädigt" in there.sign().refused[0].reason


def test_a_proof_of_unknown_origin_is_judged_without_a_word_in_the_log(there: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "inputs" / "trust" / "eva.crt").unlink()
    row = there.build()
    approve(there.workspace, there.ledger, [row], who(there), NOW)
    with caplog.at_level(logging.INFO):
        assert there.sign().refused == ()
    assert [record for record in caplog.records if record.name.startswith("pyhanko")] == []


def pinned(there: Any, name: str, *fingerprints: str) -> None:
    there.workspace = replace(there.workspace, settings=makers.settings(
        initiators=INITIATORS, signing={"demo": True}, release=RELEASE | {"fingerprints": {name: list(fingerprints)}}))


def test_a_certificate_anybody_can_make_in_the_same_name_proves_nothing_where_the_settings_pin_one(there: Any, tmp_path: Path) -> None:
    own = x509.load_pem_x509_certificate((tmp_path / "inputs" / "trust" / "eva.crt").read_bytes()).fingerprint(hashes.SHA256()).hex()
    pinned(there, "eva  muster", own.upper())
    row = there.build()
    approve(there.workspace, there.ledger, [row], who(there), NOW)
    [given] = there.ledger.approvals()[row.key]
    assert Proofs(there.workspace).judged(given).indication is Indication.PASSED
    pinned(there, "Eva Muster", "0" * 64)
    assert there.sign().refused[0].reason == (
        "Revision 1 freigegeben von Eva Muster: der Fingerabdruck des Schlüssels „Muster, Eva“ steht nicht in den Einstellungen")
    with pytest.raises(OtherCertificate) as caught:
        who(there)
    assert own in caught.value.hint


def test_who_is_pinned_and_has_no_key_here_does_not_release_without_one(there: Any) -> None:
    pinned(there, "Vorstand", "0" * 64)
    with pytest.raises(KeyOfApproverMissing):
        who(there, "Vorstand")
    row = there.build()
    approve(there.workspace, there.ledger, [row], Approver(name="Vorstand"), NOW)
    assert not standing(row, there.ledger.approvals()[row.key], there.workspace.settings.release).approved
