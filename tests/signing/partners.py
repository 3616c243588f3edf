"""A house that gave out memoranda, its partners, and the keys that sign them: some to be believed, some not."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from pipeline.ledger import DocumentRow, IssueRow, Ledger
from pipeline.pdf.provenance import Description, packet
from pipeline.records import Provenance
from pipeline.signing.due import signature, signed_path
from pipeline.signing.key import Key
from pipeline.signing.pen import Pen, Stroke, write
from pipeline.signing.private import Software
from pipeline.workspace import Workspace, place
from tests import makers

NOW = dt.datetime(2017, 6, 8, 9, 30, tzinfo=dt.UTC)
SIGNED = NOW - dt.timedelta(days=1)          # when partners signed
YEAR = dt.timedelta(days=365)
PARTNER = "Netz & Söhne GmbH"
OTHER = "Hafen AG"
INITIATORS = [
    {"key": "stadt", "name": "Stadt Dortmund", "signatories": [{"function": "Oberbürgermeister"}]},
    {"key": "kammer", "name": "Kammer zu Dortmund", "signatories": [{"function": "Präsident"}], "countersigns": True},
]
FIELDS = ("stadt", "partner", "kammer")


# keys


@cache
def _private(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(common: str, organisation: str = "") -> x509.Name:
    said = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    return x509.Name([*said, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)] if organisation else said)


@cache
def root(name: str = "Prüfwurzel") -> x509.Certificate:
    """A certification authority; the first is in inputs/trust/."""
    return (x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(name)).public_key(_private(name).public_key())
            .serial_number(1).not_valid_before(NOW - 9 * YEAR).not_valid_after(NOW + 20 * YEAR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(x509.KeyUsage(**_usage("key_cert_sign", "crl_sign")), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(_private(name).public_key()), critical=False)
            .sign(_private(name), hashes.SHA256()))


@cache
def key(common: str = "Mia Muster", organisation: str = PARTNER, *, issuer: str = "Prüfwurzel", since: dt.datetime = NOW - YEAR,
        until: dt.datetime = NOW + YEAR, usage: tuple[str, ...] = ("digital_signature", "content_commitment"), serial: int = 0) -> Key:
    """Somebody's key; with no `issuer` its certificate confirms itself."""
    private = _private(f"{common} {organisation} {serial}")
    subject = _name(common, organisation)
    above = root(issuer) if issuer else None
    asked = x509.DistributionPoint([x509.UniformResourceIdentifier("http://crl.invalid/")], None, None, None)
    certificate = (x509.CertificateBuilder().subject_name(subject).issuer_name(above.subject if above else subject)
                   .public_key(private.public_key()).serial_number(serial or x509.random_serial_number())
                   .not_valid_before(since).not_valid_after(until)
                   .add_extension(x509.KeyUsage(**_usage(*usage)), critical=True)
                   .add_extension(x509.CRLDistributionPoints([asked]), critical=False)
                   .sign(_private(issuer) if issuer else private, hashes.SHA256()))
    return Key(owner=common, private=Software(private), certificate=certificate)


def certified(public: rsa.RSAPublicKey) -> x509.Certificate:
    """The authority's certificate for another key of the partner's signatory."""
    return (x509.CertificateBuilder().subject_name(_name("Mia Muster", PARTNER)).issuer_name(root().subject).public_key(public).serial_number(99)
            .not_valid_before(NOW - YEAR).not_valid_after(NOW + YEAR)
            .add_extension(x509.KeyUsage(**_usage("digital_signature", "content_commitment")), critical=True)
            .sign(_private("Prüfwurzel"), hashes.SHA256()))


def revocations(serial: int, since: dt.datetime) -> bytes:
    """The authority's list, which takes one certificate back."""
    revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build()
    return (x509.CertificateRevocationListBuilder().issuer_name(root().subject).last_update(since).next_update(NOW + YEAR)
            .add_revoked_certificate(revoked).sign(_private("Prüfwurzel"), hashes.SHA256()).public_bytes(Encoding.DER))


def _usage(*allowed: str) -> dict[str, bool]:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
             "encipher_only", "decipher_only")
    return {name: name in allowed for name in names}


# papers


@cache
def paper(number: str, revision: int = 1, amount: str = "10.000") -> bytes:
    """A memorandum of two pages with an annex attached, and a field for each who signs."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica))
    for text in (f"Memorandum {number}, Fassung {revision}", f"Der Beitrag betraegt {amount} Euro."):
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = pdf.make_stream(f"BT /F1 24 Tf 72 600 Td ({text}) Tj ET".encode())
    pdf.attachments["anlage.csv"] = b"Projekt;Betrag\nHafen;10.000\n"
    made = Provenance(key=f"memorandum/{number}", revision=revision, fingerprint="f" * 64, template="t" * 64, tool="gremium 1")
    metadata = pdf.make_stream(packet(Description(title="Memorandum"), made))
    metadata.Type, metadata.Subtype = pikepdf.Name.Metadata, pikepdf.Name.XML
    pdf.Root.Metadata = metadata
    plain = BytesIO()
    pdf.save(plain, deterministic_id=True)
    writer = IncrementalPdfFileWriter(plain)
    for place_, name in enumerate(FIELDS):
        append_signature_field(writer, SigFieldSpec(name, on_page=1, box=(70, 400 - 90 * place_, 270, 460 - 90 * place_)))
    ready = BytesIO()
    writer.write(ready)
    built = BytesIO()
    pikepdf.open(ready).save(built, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return built.getvalue()


@cache
def _picture(width: float, height: float) -> bytes:
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(width * 72 / 25.4, height * 72 / 25.4))
    page.Contents = pdf.make_stream(b"0 0 1 RG 2 w 5 5 m 60 30 l S")
    out = BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def signed(pdf: bytes, who: Key | None = None, field: str = "partner", at: dt.datetime = SIGNED) -> bytes:
    """The PDF with a signature in one of its fields."""
    return write(pdf, Pen(who or key()), Stroke(field=field, name="", reason="", at=at, picture=_picture))


# the house


@dataclass
class There:
    """A workspace with its ledger, and what it gave out."""

    workspace: Workspace
    ledger: Ledger
    issued: dict[tuple[str, int], bytes] = field(default_factory=dict)

    def build(self, number: str, revision: int = 1, partner: str = PARTNER) -> DocumentRow:
        """Builds a memorandum."""
        pdf = paper(number, revision)
        sha256 = hashlib.sha256(pdf).hexdigest()
        name = f"outputs/memorandum/memorandum-{number}.pdf"
        place(self.workspace.root / name, pdf)
        place(self.workspace.root / name.replace(".pdf", ".docx"), b"Word")
        row = DocumentRow(
            key=f"memorandum/{number}", kind="memorandum", subject=number, docx=name.replace(".pdf", ".docx"), pdf=name, revision=revision,
            fingerprint="f" * 64,
            docx_sha256=hashlib.sha256(b"Word").hexdigest(), pdf_sha256=sha256, seconds=0.1, built_by="muster", built_at="2017-06-01T08:00:00Z",
            inputs={"partner.name": partner, "parties.1.name": "Stadt Dortmund", "parties.2.name": partner,
                    "parties.2.signatories.1.name": "Frau Dr. Mia Muster"})
        self.ledger.built([row], NOW)
        return row

    def sign(self, row: DocumentRow, initiator: str) -> bytes:
        """Puts an initiator's signature on a memorandum."""
        path = self.workspace.root / signed_path(row)
        begun = any(made.base_sha256 == row.pdf_sha256 for made in self.ledger.signatures().get(row.key, ()))
        before = (path if begun else self.workspace.root / row.pdf).read_bytes()
        after = signed(before, key("Stadt Dortmund", "Stadt Dortmund"), initiator, NOW - dt.timedelta(days=3))
        place(path, after)
        self.ledger.signed(signature(row, initiator, "Stadt Dortmund", hashlib.sha256(after).hexdigest(), NOW), NOW)
        return after

    def give_out(self, row: DocumentRow, data: bytes, path: str) -> None:
        """Notes that a memorandum left the house."""
        self.ledger.issue([IssueRow(key=row.key, revision=row.revision, base_sha256=row.pdf_sha256, sha256=hashlib.sha256(data).hexdigest(),
                                    path=path, way="post", issued_at="2017-06-05T08:00:00Z")], NOW)
        self.issued[row.subject, row.revision] = data

    def issue(self, number: str, revision: int = 1, partner: str = PARTNER) -> bytes:
        """A memorandum built, signed by the city, given out."""
        row = self.build(number, revision, partner)
        data = self.sign(row, "stadt")
        self.give_out(row, data, signed_path(row))
        return data


def house(folder: Path, ledger: Ledger, **signing: Any) -> There:
    """A workspace that trusts one authority, asks nobody over the network, and has given nothing out."""
    place(folder / "inputs" / "trust" / "wurzel.pem", root().public_bytes(Encoding.PEM))
    settings = makers.settings(initiators=INITIATORS, signing={"revocation": "off", **signing})
    return There(Workspace(folder, settings), ledger)
