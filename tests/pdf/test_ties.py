"""What a line does not part, and where a word is divided."""

import pyphen
import pytest

from pipeline.pdf import hyphenation
from tests.pdf.word_files import elements, p, read


def tied(said: str) -> str:
    [paragraph] = elements(read(p(said)), "p")
    return "".join(paragraph.itertext()).replace("\u00a0", "~")


@pytest.mark.parametrize(("said", "together"), [
    ("nach § 64 Abs. 1 der Ordnung", "nach §~64~Abs.~1 der Ordnung"),
    ("am 2. März 2017 um 14:00 Uhr", "am 2.~März~2017 um 14:00~Uhr"),
    ("Frau Prof. Dr. Mia Muster kommt", "Frau Prof.~Dr.~Mia Muster kommt"),
    ("von der Müller &amp; Söhne GmbH &amp; Co. KG gebaut", "von der Müller & Söhne~GmbH~&~Co.~KG gebaut"),
    ("der Musterverein e. V. in Lünen", "der Musterverein~e.~V. in Lünen"),
    ("in 44135 Dortmund unter +49 231 5550-0", "in 44135~Dortmund unter +49~231~5550-0"),
    ("kostet 3,5 Mio. Euro, also 12 % mehr", "kostet 3,5~Mio.~Euro, also 12~% mehr"),
    ("mit Zielen – z. B. Wärme – für alle", "mit Zielen~– z.~B. Wärme~– für alle"),
    ("Die Partner arbeiten zusammen.", "Die Partner arbeiten zusammen."),
])
def test_what_belongs_together_stays_on_one_line(said: str, together: str):
    assert tied(said) == together


def test_what_belongs_together_stays_so_across_bold_words():
    body = '<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>§</w:t></w:r><w:r><w:t xml:space="preserve"> 3 gilt</w:t></w:r></w:p>'
    [paragraph] = elements(read(body), "p")
    assert "".join(paragraph.itertext()) == "§\u00a03 gilt"


def test_in_a_narrow_column_long_names_may_part():
    name = "Wirtschaftsbetriebe GmbH &amp; Co. KG"
    cell = f'<w:tbl><w:tblGrid><w:gridCol w:w="2000"/></w:tblGrid><w:tr><w:tc>{p(name)}</w:tc></w:tr></w:tbl>'
    [paragraph] = elements(read(cell), "p")
    assert "".join(paragraph.itertext()) == "Wirtschaftsbetriebe GmbH & Co. KG"


@pytest.mark.parametrize(("said", "divided"), [
    ("Infrastrukturen", "Infra-struk-turen"),
    ("Ladeinfrastruktur", "Ladeinfra-struktur"),
    ("Zusammenarbeit", "Zusam-men-ar-beit"),
    ("Landstrom", "Land-strom"),
    ("Hafenumfeld", "Hafen-um-feld"),
    ("Fahrradstraßen", "Fahr-rad-straßen"),
])
def test_words_are_divided_by_their_parts(said: str, divided: str):
    hyphenation.careful()
    path = pyphen.LANGUAGES["de_DE"]
    dictionary = pyphen.Pyphen(filename=path, left=4, right=4, cache=False)
    assert dictionary.inserted(said) == divided


def test_other_languages_keep_their_dictionary():
    hyphenation.careful()
    assert pyphen.Pyphen(lang="en_US", cache=False).inserted("infrastructure") == "in-fra-struc-ture"
