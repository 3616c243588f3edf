"""A PDF tells where it comes from."""

import pytest

from pipeline.pdf.provenance import Description, NoPDF, found, packet, read
from pipeline.pdf.render import to_pdf
from pipeline.records import Provenance
from tests.pdf.word_files import p, word

ORIGIN = Provenance(key="invitation/M-003/P-017", revision=12, fingerprint="ab" * 32, template="cd" * 32, tool="gremium 0.1.0")


def test_what_was_written_is_read_again():
    assert read(to_pdf(word(p("Text")), provenance=ORIGIN)) == ORIGIN


def test_a_pdf_that_says_nothing_says_nothing():
    assert read(to_pdf(word(p("Text")))) is None


def test_signs_that_mean_something_in_xml_survive():
    packed = packet(Description(title="A & B <C>", author="D & E"), ORIGIN)
    assert found(packed) == ORIGIN
    assert b"A &amp; B &lt;C&gt;" in packed


@pytest.mark.parametrize("broken", [b"", b"<a>", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'])
def test_a_broken_packet_says_nothing(broken: bytes):
    assert found(broken) is None


def test_what_is_no_pdf_is_refused():
    with pytest.raises(NoPDF) as refusal:
        read(b"Guten Tag")
    assert refusal.value.exit_code == 8
