"""A signature in one of our fields breaks neither standard."""

import datetime as dt
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID

from pipeline.pdf.render import to_pdf
from pipeline.pdf.stamp import signature_page
from pipeline.records import SignatureLine
from pipeline.signing.keys import Key
from pipeline.signing.pen import Pen, Stroke, write
from pipeline.signing.private import Software
from tests.pdf.judge import faults, spoken
from tests.pdf.word_files import p, word

NOW = dt.datetime(2017, 6, 8, 12, tzinfo=dt.UTC)


@lru_cache(maxsize=1)
def key() -> Key:
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "DEMO Stadt Dortmund")])
    usage = x509.KeyUsage(digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False, key_agreement=False,
                          key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key()).serial_number(17)
                   .not_valid_before(NOW - dt.timedelta(days=1)).not_valid_after(NOW + dt.timedelta(days=365))
                   .add_extension(usage, critical=True).sign(private, SHA256()))
    return Key(owner="stadt", private=Software(private), certificate=certificate, demo=True)


def test_a_signed_paper_keeps_both_standards(tmp_path: Path):
    line = '<w:p><w:bookmarkStart w:id="7" w:name="signature_stadt"/><w:bookmarkEnd w:id="7"/><w:r><w:t>______</w:t></w:r></w:p>'
    pdf = to_pdf(word(p("Memorandum", style="Heading1") + p("Text") + p() + p() + line),
                 signatures=[SignatureLine(name="stadt", label="Unterschrift für die Stadt Dortmund")])
    lines = ("Elektronisch signiert · DEMONSTRATION", "Stadt Dortmund", "08.06.2017")
    signed = write(pdf, Pen(key()), Stroke(field="stadt", name="Stadt Dortmund", reason="Demonstration", at=NOW,
                                           picture=lambda width, height: signature_page(lines, width, height)))
    assert signed.startswith(pdf)
    assert faults(signed, tmp_path) == []
    assert "DEMONSTRATION" in spoken(signed, tmp_path)
