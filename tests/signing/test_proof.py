from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from pipeline.release import Approver, approve, standing
from pipeline.signing.keys import trusted
from pipeline.signing.proof import judged, prover
from pipeline.signing.suitable import WrongPerson
from pipeline.signing.tokens import Tokens
from pipeline.signing.verdict import Indication

NOW = dt.datetime(2017, 6, 8, 9, 30, tzinfo=dt.UTC)
RELEASE = {"keys": {"Eva Muster": "eva.pem"}}


def key_of(folder: Path, holder: str) -> bytes:
    """Key and certificate in eva.pem; gives the certificate, PEM."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, holder)])
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key()).serial_number(7)
                   .not_valid_before(NOW - dt.timedelta(days=9)).not_valid_after(NOW + dt.timedelta(days=9)).sign(private, hashes.SHA256()))
    pem = certificate.public_bytes(Encoding.PEM)
    (folder / "eva.pem").write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + pem)
    return pem


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
